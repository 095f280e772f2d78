"""Positions and letters in the staff's site: opened, signed, exported, and their dossier hidden."""

import csv
import datetime
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from members.models import Dossier, ExportRecord, SentMail, Signature, Statement, Theme
from members.permissions import Role
from tests.factories import (
    AllianceFactory,
    EditionFactory,
    OrganizationFactory,
    RepresentativeFactory,
    StatementFactory,
    UserFactory,
    make_user,
)

pytestmark = pytest.mark.django_db

SECRET = "zqdossier"
LIST = "/admin/members/statement/"


@pytest.fixture(autouse=True)
def site_url(settings):
    settings.SITE_URL = "https://membres.example.org"


@pytest.fixture
def dossier():
    return Dossier.objects.create(name=f"{SECRET} (fictif)", aim=f"{SECRET} but")


@pytest.fixture
def letter(dossier):
    return StatementFactory(title_fr="Lettre (fictive)", dossier=dossier, is_published=False)


@pytest.fixture
def office(client):
    """The site as the permanence sees it, who keep everything."""
    client.force_login(make_user(Role.PERMANENCE, email="equipe@example.org"))
    client.headers = {"accept-language": "en"}
    return client


@pytest.fixture
def publishers(client):
    """The site as communications see it, who know of no dossier."""
    client.force_login(make_user(Role.COMMUNICATIONS, email="comm@example.org"))
    return client


def page(name, record, **query):
    model = type(record)._meta.model_name
    return reverse(f"admin:members_{model}_{name}", args=[record.pk], query=query or None)


def text_of(response):
    assert response.status_code == 200, response.status_code
    content = b"".join(response) if response.streaming else response.content
    return content.decode()


def day(days=0):
    return timezone.localdate() + datetime.timedelta(days=days)


def form_of(client, statement, **changes):
    """What the page of a statement sends when one changes these fields."""
    form = client.get(page("change", statement)).context["adminform"].form
    data = {}
    for name in form.fields:
        value = form[name].value()
        if value is not None and value is not False:
            data[name] = (
                [str(getattr(one, "pk", one)) for one in value]
                if isinstance(value, (list, tuple))
                else getattr(value, "isoformat", lambda value=value: str(value))()
            )
    return data | changes


# What it says


def test_statement_is_written_in_both_languages(office):
    data = {
        "title_fr": "Pour l’eau (fictive)",
        "title_en": "For water (fictional)",
        "text_fr": "Nous demandons.",
        "text_en": "We ask.",
        "kind": "letter",
        "issued_on": day().isoformat(),
        "is_published": "on",
        "themes": [Theme.objects.get(slug="eau-assainissement").pk],
        "countries": ["HT"],
        "alliance": AllianceFactory().pk,
        "edition": EditionFactory().pk,
    }
    response = office.post(f"{LIST}add/", data)
    assert response.status_code == 302, response.context["adminform"].form.errors
    statement = Statement.objects.get()
    assert (statement.text_en, statement.slug) == ("We ask.", "pour-l-eau-fictive")
    assert [country.pk for country in statement.countries.all()] == ["HT"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"title_fr": " "},
        {"issued_on": ""},
        {"text_fr": ""},
        {"url": "javascript:alert(1)"},
        {"source_url": "ftp://exemple.example/"},
    ],
)
def test_what_the_database_would_refuse_is_said(office, letter, wrong):
    data = form_of(office, letter, is_published="on", **wrong)
    response = office.post(page("change", letter), data)
    assert response.status_code == 200
    assert response.context["errors"]
    assert not Statement.objects.get().is_published


def test_address_stays_once_the_public_may_have_shared_it(office, letter):
    assert 'name="slug"' in text_of(office.get(page("change", letter)))
    public = StatementFactory()
    assert 'name="slug"' not in text_of(office.get(page("change", public)))
    # A form that is refused is shown again as it was, whatever it asks.
    again = text_of(office.post(page("change", public), {"slug": "autre"}))
    assert 'name="slug"' not in again
    public.refresh_from_db()
    assert public.slug != "autre"


def test_lists_find_and_filter(office, letter):
    StatementFactory(open=True, title_fr="Publique et ouverte")
    assert "Publique" in text_of(office.get(LIST, {"state": "open"}))
    assert "Lettre (fictive)" not in text_of(office.get(LIST, {"state": "public"}))
    assert "Lettre (fictive)" in text_of(office.get(LIST, {"q": "LÉTTRE"}))


# Opened for signing


def test_opening_writes_and_says_how_many(office, letter):
    RepresentativeFactory(manager=True)
    RepresentativeFactory()
    signing = page("signing", letter)
    assert "2" in text_of(office.get(signing))
    data = {"until": day(5).isoformat(), "tell": "on"}
    html = text_of(office.post(signing, data, follow=True))
    assert SentMail.objects.filter(kind="sign_on").count() == 2
    assert page("close", letter) in html
    office.post(signing, data | {"until": day(9).isoformat()})
    assert Statement.objects.get().signing_until == day(9)
    assert SentMail.objects.count() == 2


def test_past_day_opens_nothing(office, letter):
    response = office.post(page("signing", letter), {"until": day(-1).isoformat(), "tell": "on"})
    assert response.status_code == 200
    assert response.context["form"].errors
    assert Statement.objects.get().signing_from is None
    assert not SentMail.objects.exists()


def test_closing_is_at_once(office, letter):
    letter.open_signing(until=day(5))
    office.post(page("close", letter))
    assert not Statement.objects.get().is_open()


def test_communications_open_and_publish(publishers, letter):
    publishers.post(page("signing", letter), {"until": day(5).isoformat()})
    assert Statement.objects.get().is_open()
    assert not SentMail.objects.exists()


# Signatures


def test_staff_write_down_and_take_back_a_signature(office, letter):
    organization = OrganizationFactory(name_fr="Eau vive (fictif)")
    add = reverse("admin:members_signature_add", query={"statement": letter.pk})
    data = {
        "statement": letter.pk,
        "organization": organization.pk,
        "on": day(-2).isoformat(),
        "signed_name": "Ana Roy",
        "signed_title": "Directrice",
    }
    html = text_of(office.post(add, data, follow=True))
    assert "Eau vive (fictif)" in html
    signature = Signature.objects.get()
    assert timezone.localdate(signature.signed_at) == day(-2)
    assert (signature.signed_by, signature.signed_name) == (None, "Ana Roy")
    again = office.post(add, data)
    assert again.status_code == 200
    assert again.context["form"].errors
    office.post(page("take_back", signature))
    signature.refresh_from_db()
    assert signature.withdrawn_by.email == "equipe@example.org"
    office.post(add, data)
    assert Signature.objects.standing().count() == 1


def test_signature_of_a_day_to_come_is_refused(office, letter):
    data = {
        "statement": letter.pk,
        "organization": OrganizationFactory().pk,
        "on": day(1).isoformat(),
    }
    assert office.post(reverse("admin:members_signature_add"), data).context["form"].errors
    assert not Signature.objects.exists()


@pytest.mark.parametrize("data", [{}, {"statement": "x", "organization": "0", "on": "hier"}])
def test_signature_without_its_facts_is_refused_in_words(office, data):
    assert office.post(reverse("admin:members_signature_add"), data).context["form"].errors


def test_communications_read_signatures_and_write_none(publishers, letter):
    signature = letter.note_signature(OrganizationFactory(), on=day())
    assert page("take_back", signature) not in text_of(publishers.get(page("change", letter)))
    assert publishers.post(page("take_back", signature)).status_code == 403
    assert publishers.get(reverse("admin:members_signature_add")).status_code == 403


# For the press release


@pytest.fixture
def signed(letter):
    for name, town, acronym in (
        ("Zébulon", "Montréal", ""),
        ("École", "Montréal", ""),
        ("Amie", "Sherbrooke", "É"),
    ):
        letter.note_signature(
            OrganizationFactory(name_fr=name, town=town, acronym=acronym),
            on=day(-1),
            name="Ana Cachée",
            title="Directrice cachée",
        )
    letter.note_signature(OrganizationFactory(name_fr="=Sans lieu"), on=day(-1))
    return letter


def test_text_for_the_press_names_organizations_by_region(publishers, signed):
    text = text_of(publishers.get(page("text_export", signed)))
    blocks = [block.split("\n") for block in text.strip().split("\n\n")]
    assert blocks[0][0] == "Lettre (fictive)"
    assert blocks[1] == ["Estrie", "– Amie (É)"]
    assert blocks[2] == ["Montréal", "– École", "– Zébulon"]
    assert blocks[3][1] == "– =Sans lieu"
    assert "cach" not in text.lower()


def test_csv_for_the_press_is_safe_and_names_nobody(publishers, signed):
    text = text_of(publishers.get(page("csv_export", signed)))
    rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=";"))
    assert len(rows) == 5
    assert rows[1] == ["Amie", "É", "Estrie", day(-1).isoformat()]
    assert rows[4][0] == "'=Sans lieu"
    assert "cach" not in text.lower()
    # Organizations only: nothing about people leaves, so that nothing is to be recorded.
    assert not ExportRecord.objects.exists()


def test_who_only_reads_takes_nothing_away(client, signed):
    client.force_login(make_user(Role.READING, email="lecture@example.org"))
    assert client.get(page("change", signed)).status_code == 200
    assert client.get(page("text_export", signed)).status_code == 403
    assert client.get(page("csv_export", signed)).status_code == 403


# The dossier


def test_dossier_page_has_its_statements(office, letter, dossier):
    assert "Lettre (fictive)" in text_of(office.get(page("change", dossier)))


def test_those_who_know_of_dossiers_choose_it(office, letter, dossier):
    assert SECRET in text_of(office.get(page("change", letter)))
    office.post(page("change", letter), form_of(office, letter, dossier=""))
    assert Statement.objects.get().dossier is None
    assert SECRET in text_of(office.get(page("history", letter)))


def test_communications_learn_nothing_of_the_dossier(publishers, letter, dossier):
    other = Dossier.objects.create(name=f"{SECRET} autre")
    Statement.objects.update(dossier=other)
    Statement.objects.update(dossier=dossier)
    signature = letter.note_signature(OrganizationFactory(), on=day())
    asked = [
        (LIST, {}),
        (LIST, {"q": SECRET}),
        (page("change", letter), {}),
        (page("history", letter), {}),
        (page("delete", letter), {}),
        (page("signing", letter), {}),
        (page("text_export", letter), {}),
        (page("history", signature), {}),
        (page("change", signature), {}),
        ("/admin/members/signature/", {"statement": letter.pk}),
        ("/admin/recherche/", {"q": "zqdossier"}),
        ("/admin/", {}),
    ]
    for path, query in asked:
        response = publishers.get(path, query)
        content = b"".join(response) if response.streaming else response.content
        said = content.decode().replace(f'value="{SECRET}"', "").replace(f"q={SECRET}", "")
        assert f"{SECRET} (" not in said, path
        assert f"{SECRET} autre" not in said, path
    history = text_of(publishers.get(page("history", letter)))
    assert "ossier" not in history.split("<main")[-1]
    for question in ({"dossier": dossier.pk}, {"dossier__isnull": 0}, {"dossier__name": "a"}):
        assert publishers.get(LIST, question).status_code in (302, 400), question


def test_communications_change_a_statement_without_its_dossier(publishers, letter, dossier):
    data = form_of(publishers, letter, title_fr="Lettre (fictive) corrigée")
    assert "dossier" not in data
    other = Dossier.objects.create(name="Autre")
    response = publishers.post(page("change", letter), data | {"dossier": other.pk})
    assert response.status_code == 302
    statement = Statement.objects.get()
    assert statement.title_fr == "Lettre (fictive) corrigée"
    assert statement.dossier == dossier


def test_autocomplete_of_dossiers_is_closed_to_communications(publishers, letter):
    data = {"app_label": "members", "model_name": "statement", "field_name": "dossier", "term": ""}
    assert publishers.get("/admin/autocomplete/", data).status_code == 403


# What it costs


@pytest.mark.parametrize("count", [2, 20])
def test_pages_ask_few_queries(office, dossier, count):
    for _number in range(count):
        letter = StatementFactory(
            open=True, dossier=dossier, alliance=AllianceFactory(), edition=EditionFactory()
        )
        letter.themes.set(Theme.objects.all()[:3])
        letter.countries.set(["HT", "ML"])
    for number in range(count):
        letter.sign(OrganizationFactory(name_fr=f"O{number}", town="Montréal"), by=UserFactory())
    signature = Signature.objects.first()
    for path in (
        LIST,
        page("change", letter),
        page("signing", letter),
        "/admin/members/signature/",
        page("change", signature),
        reverse("admin:members_signature_add", query={"statement": letter.pk}),
        page("text_export", letter),
        page("csv_export", letter),
    ):
        text_of(office.get(path))
        with CaptureQueriesContext(connection) as captured:
            text_of(office.get(path))
        assert len(captured) <= 12, (path, [query["sql"][:150] for query in captured])
