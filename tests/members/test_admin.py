"""The staff's site: what each may open, what the lists show, and what one save does."""

import datetime

import pytest
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from aqoci.admin import SECTIONS
from members.models import (
    Country,
    FollowUp,
    FormerSlug,
    Interaction,
    Membership,
    Organization,
    OtherName,
    Tag,
    Theme,
    User,
)
from members.permissions import Role
from regions.models import Municipality, Region
from tests.factories import InteractionFactory, make_user

LIST = "/admin/members/organization/"


@pytest.fixture
def staff(db):
    return make_user(Role.DIRECTION, email="marie@example.org")


@pytest.fixture
def superuser(db):
    return User.objects.create_superuser("chef@example.org")


@pytest.fixture
def office(client, staff):
    """The staff's site as someone of the staff sees it."""
    client.force_login(staff)
    return client


@pytest.fixture
def montreal(db):
    region, _ = Region.objects.get_or_create(
        code="06",
        defaults={
            "name_fr": "Montréal",
            "slug": "montreal",
            "main_town": "Montréal",
            "latitude": "45.50",
            "longitude": "-73.57",
        },
    )
    return Municipality.objects.get_or_create(name="Montréal", region=region)[0]


@pytest.fixture
def make(montreal):
    """Makes an organization by its name; `membership` are the fields of one, None for none."""

    def make(name, membership=(), **fields):
        organization = Organization.objects.create(name_fr=name, municipality=montreal, **fields)
        if membership is not None:
            values = {"confirmed": True, **dict(membership)}
            Membership.objects.create(organization=organization, **values)
        return organization

    return make


def names(response):
    """The organizations of a list, in order."""
    return [organization.name_fr for organization in response.context["cl"].result_list]


def address(organization, page):
    return reverse(f"admin:members_organization_{page}", args=[organization.pk])


def form_of(client, organization):
    """What the organization's page would send if nothing were changed on it."""
    page = client.get(address(organization, "change"))
    forms = [page.context["adminform"].form]
    for inline in page.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    data = {}
    for form in forms:
        for bound in form:
            value = bound.value()
            if isinstance(value, list):
                data[bound.html_name] = [getattr(item, "pk", item) for item in value]
            elif value is True:
                data[bound.html_name] = "on"
            elif value is not None and value is not False:  # 0 is a value
                data[bound.html_name] = str(value)
    return data


# Who


def test_representative_does_not_enter(client, db):
    client.force_login(User.objects.create_user("membre@example.org"))
    assert client.get(LIST).status_code == 302


def test_staff_see_our_models_only(office, db):
    """Those of the sections, in their order; rows of others' pages have no list of their own."""
    sections = office.get("/admin/").context["app_list"]
    shown = [model["object_name"] for section in sections for model in section["models"]]
    ours = [label.split(".")[1] for _, content in SECTIONS for label, _ in content]
    assert {"Organization", "Membership", "Person", "Interaction", "Region", "User"} <= set(shown)
    assert shown == [name for name in ours if name in shown]


def test_only_the_direction_looks_after_accounts(client, office, staff):
    client.force_login(make_user(Role.PERMANENCE))
    assert client.get("/admin/members/user/").status_code == 403
    client.force_login(staff)
    assert client.get("/admin/members/user/").status_code == 200


def test_no_model_of_a_library_is_registered():
    assert {model._meta.app_label for model in admin.site._registry} == {"members", "regions"}


# How to make a record of each model that has none after `make`.
RECORDS = {
    FollowUp: lambda: FollowUp.objects.create(what="Rappeler"),
    Interaction: InteractionFactory,
    Tag: lambda: Tag.objects.create(name="à rappeler"),
}


@pytest.mark.parametrize("model", list(admin.site._registry), ids=lambda model: model.__name__)
def test_every_list_and_form_opens(client, superuser, make, model):
    make("Eau vive").themes.add(Theme.objects.get_or_create(slug="eau", name_fr="Eau")[0])
    Country.objects.get_or_create(code="HT", defaults={"name_fr": "Haïti"})
    client.force_login(superuser)
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    if not model.objects.exists() and model in RECORDS:
        RECORDS[model]()
    pages = [
        reverse(f"{name}_changelist"),
        reverse(f"{name}_changelist") + "?q=l'eau",
        *(
            reverse(f"{name}_{page}", args=[record.pk])
            for record in model.objects.all()[:1]
            for page in ("change", "history")
        ),
    ]
    if admin.site._registry[model].has_add_permission(client.get("/admin/").wsgi_request):
        pages.append(reverse(f"{name}_add"))
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200, page
        html = answer.content.decode()
        assert " style=" not in html, page
        assert "<style" not in html, page
        assert " onclick=" not in html, page
        assert "<script>" not in html, page


@pytest.mark.parametrize("model", [Country, Region])
def test_official_lists_are_neither_added_to_nor_taken_from(rf, superuser, model):
    request = rf.get("/")
    request.user = superuser
    page = admin.site._registry[model]
    assert not page.has_add_permission(request)
    assert not page.has_delete_permission(request)


def test_only_the_other_words_of_a_country_are_written(office):
    haiti, _ = Country.objects.update_or_create(code="HT", defaults={"name_fr": "Haïti"})
    office.post("/admin/members/country/HT/change/", {"name_fr": "Autre", "other_names": "Ayiti"})
    haiti.refresh_from_db()
    assert (haiti.name_fr, haiti.other_names) == ("Haïti", "Ayiti")


# The list


def test_list_shows_current_members_and_counts_the_others(office, make):
    make("Actuel")
    make("Suspendu", {"status": "suspended"})
    make("À confirmer", {"confirmed": False})
    make("Ancien", {"ended_on": datetime.date(2020, 1, 1)})
    make("Allié", None)
    answer = office.get(LIST)
    assert names(answer) == ["À confirmer", "Actuel", "Suspendu"]
    choices = list(answer.context["cl"].filter_specs[0].choices(answer.context["cl"]))
    assert [choice["display"].split(" (")[1] for choice in choices] == [
        "3)",
        "1)",
        "1)",
        "2)",
        "5)",
    ]
    assert [choice["selected"] for choice in choices] == [True, False, False, False, False]


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("unconfirmed", ["À confirmer"]),
        ("suspended", ["Suspendu"]),
        ("others", ["Allié", "Ancien"]),
        ("all", ["À confirmer", "Allié", "Ancien", "Suspendu"]),
        ("nonsense", ["À confirmer", "Suspendu"]),
    ],
)
def test_list_by_membership(office, make, choice, expected):
    make("Suspendu", {"status": "suspended"})
    make("À confirmer", {"confirmed": False})
    make("Ancien", {"ended_on": datetime.date(2020, 1, 1)})
    make("Allié", None)
    assert names(office.get(LIST, {"membership": choice})) == expected


def test_list_by_theme_and_region(office, make):
    water, _ = Theme.objects.get_or_create(slug="eau", name_fr="Eau")
    make("Puits").themes.add(water)
    make("Livres")
    assert names(office.get(LIST, {"theme": "eau"})) == ["Puits"]
    assert names(office.get(LIST, {"region": "06"})) == ["Livres", "Puits"]
    assert names(office.get(LIST, {"region": "99"})) == ["Livres", "Puits"]  # not a region: ignored


def test_search_is_the_public_one_and_keeps_its_rank(office, make):
    make("Amis de la Fédération", summary_fr="Une fédération.")
    make("Zone", summary_fr="Membre d’une fédération.")
    make("Fédération", acronym="F")
    found = names(office.get(LIST, {"q": "federation"}))
    assert found[0] == "Fédération"
    assert found[-1] == "Zone"
    assert set(found) == {"Fédération", "Amis de la Fédération", "Zone"}


def test_search_gives_way_to_a_column(office, make):
    for name in ("Fédération", "Amis de la fédération"):
        make(name)
    assert names(office.get(LIST, {"q": "federation", "o": "1"})) == [
        "Amis de la fédération",
        "Fédération",
    ]


@pytest.mark.parametrize("text", ["'", "l'eau & (", "\\", "a" * 5000, "🌊", "-", '"'])
def test_search_takes_any_text(office, make, text):
    make("Eau vive")
    assert office.get(LIST, {"q": text}).status_code == 200


def test_list_asks_as_many_queries_for_two_rows_as_for_twenty(office, make):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert office.get(LIST).status_code == 200
        return len(asked)

    for number in range(2):
        make(f"Organisme {number}")
    office.get(LIST)
    few = queries()
    for number in range(2, 20):
        make(f"Organisme {number}")
    assert queries() == few
    assert few <= 14


def test_autocompletion_finds_without_accents(office, montreal):
    answer = office.get(
        "/admin/autocomplete/",
        {
            "term": "montreal",
            "app_label": "members",
            "model_name": "organization",
            "field_name": "municipality",
        },
    )
    assert [found["text"] for found in answer.json()["results"]] == ["Montréal"]


# One organization's page


def test_page_asks_as_many_queries_whatever_hangs_on_it(office, make):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            assert office.get(address(organization, "change")).status_code == 200
        return len(asked)

    organization = make("Eau vive")
    queries()
    few = queries()
    for number in range(10):
        OtherName.objects.create(organization=organization, name=f"Nom {number}")
        FormerSlug.objects.create(organization=organization, slug=f"adresse-{number}")
    assert queries() <= few


def test_page_links_to_the_public_one(office, make):
    organization = make("Eau vive")
    html = office.get(address(organization, "change")).content.decode()
    assert f'href="{organization.get_absolute_url()}"' in html


def test_page_saved_as_it_was_leaves_no_trace(office, make):
    organization = make("Eau vive", mission_fr="Des puits.", phone="+15145550123")
    before = organization.updated_at
    answer = office.post(address(organization, "change"), form_of(office, organization))
    assert answer.status_code == 302
    organization.refresh_from_db()
    assert organization.updated_at == before


def test_change_of_a_membership_is_a_change_of_the_organization(office, make):
    organization = make("Eau vive")
    before = organization.updated_at
    data = form_of(office, organization) | {"memberships-0-started_on": "2010-01-01"}
    assert office.post(address(organization, "change"), data).status_code == 302
    organization.refresh_from_db()
    assert organization.updated_at > before
    assert organization.memberships.get().started_on == datetime.date(2010, 1, 1)


def test_one_membership_ends_and_another_begins_in_one_save(office, make):
    organization = make("Eau vive", {"started_on": datetime.date(2010, 1, 1)})
    data = form_of(office, organization) | {
        "memberships-TOTAL_FORMS": "2",
        "memberships-0-ended_on": "2020-12-31",
        "memberships-1-status": "active",
        "memberships-1-started_on": "2021-01-01",
    }
    assert office.post(address(organization, "change"), data).status_code == 302
    assert organization.memberships.count() == 2


def test_memberships_that_overlap_are_refused_in_words(office, make):
    organization = make("Eau vive", {"started_on": datetime.date(2010, 1, 1)})
    data = form_of(office, organization) | {
        "memberships-TOTAL_FORMS": "2",
        "memberships-1-status": "active",
        "memberships-1-started_on": "2021-01-01",
    }
    answer = office.post(address(organization, "change"), data)
    assert answer.status_code == 200
    assert answer.context["inline_admin_formsets"][0].formset.non_form_errors()
    assert organization.memberships.count() == 1


def test_deleted_membership_leaves_its_place_to_another(office, make):
    organization = make("Eau vive", {"started_on": datetime.date(2010, 1, 1)})
    data = form_of(office, organization) | {
        "memberships-TOTAL_FORMS": "2",
        "memberships-0-DELETE": "on",
        "memberships-1-status": "active",
        "memberships-1-started_on": "2009-01-01",
    }
    assert office.post(address(organization, "change"), data).status_code == 302
    assert organization.memberships.get().started_on == datetime.date(2009, 1, 1)


def test_new_organization_with_overlapping_memberships_is_refused(office, montreal):
    data = {
        "name_fr": "Eau vive",
        "kind": "cooperation",
        "memberships-TOTAL_FORMS": "2",
        "memberships-INITIAL_FORMS": "0",
        "memberships-0-status": "active",
        "memberships-0-started_on": "2010-01-01",
        "memberships-1-status": "active",
        "memberships-1-started_on": "2012-01-01",
        "other_names-TOTAL_FORMS": "0",
        "other_names-INITIAL_FORMS": "0",
        "identifiers-TOTAL_FORMS": "0",
        "identifiers-INITIAL_FORMS": "0",
    }
    assert office.post(LIST + "add/", data).status_code == 200
    assert not Organization.objects.exists()
    data["memberships-TOTAL_FORMS"] = "1"
    assert office.post(LIST + "add/", data).status_code == 302
    assert Organization.objects.get().slug == "eau-vive"


def test_extension_typed_with_the_number_goes_to_its_own_field(office, make):
    organization = make("Eau vive")
    data = form_of(office, organization) | {"phone": "514-555-0123 poste 12"}
    assert office.post(address(organization, "change"), data).status_code == 302
    organization.refresh_from_db()
    assert (str(organization.phone), organization.phone_extension) == ("+15145550123", "12")


def test_error_is_told_beside_its_field(office, make):
    organization = make("Eau vive")
    data = form_of(office, organization) | {"postal_code": "12345"}
    answer = office.post(address(organization, "change"), data)
    assert "postal_code" in answer.context["adminform"].form.errors


def test_deletion_names_what_it_takes_along(office, make):
    organization = make("Eau vive")
    organization.themes.add(Theme.objects.get_or_create(slug="eau", name_fr="Eau")[0])
    html = office.get(address(organization, "delete")).content.decode()
    assert "Eau vive" in html
    assert "organization-theme" not in html
    assert "object (" not in html
    assert office.post(address(organization, "delete"), {"post": "yes"}).status_code == 302
    assert not Organization.objects.exists()


def test_account_is_made_with_an_address_alone(client, superuser):
    client.force_login(superuser)
    data = {"email": "Nouvelle@example.org", "language": "en", "is_staff": "on"}
    assert client.post("/admin/members/user/add/", data).status_code == 302
    account = User.objects.get(email__iexact="nouvelle@example.org")
    assert not account.has_usable_password()
    assert account.language == "en"
    address = EmailAddress.objects.get(user=account)
    assert (address.email, address.verified) == ("nouvelle@example.org", True)
    again = data | {"email": "nouvelle@EXAMPLE.org"}
    assert client.post("/admin/members/user/add/", again).status_code == 200
