"""Dossiers and government relations in the staff's site."""

import csv
import datetime
import io
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from members.display import duration
from members.models import Dossier, ExportRecord, FollowUp, GovernmentInteraction
from members.permissions import Role
from tests.factories import (
    AllianceFactory,
    InteractionFactory,
    OrganizationFactory,
    PersonFactory,
    make_user,
)

LIST = "/admin/members/dossier/"


@pytest.fixture
def staff(db):
    return make_user(Role.PERMANENCE, email="equipe@example.org", first_name="Ève")


@pytest.fixture
def office(client, staff):
    client.force_login(staff)
    return client


@pytest.fixture
def make(db):
    def make(name="Ombudsman (fictif)", exchanges=0, **fields):
        dossier = Dossier.objects.create(name=name, **fields)
        institution = OrganizationFactory(kind="institution", outside=True)
        for number in range(exchanges):
            person = PersonFactory(at=institution, title=f"Titre {number}")
            exchange = InteractionFactory(
                dossier=dossier, about=[institution], people=[person], minutes=30
            )
            FollowUp.objects.create(what=f"Suite {number}", interaction=exchange)
            GovernmentInteraction.objects.create(interaction=exchange, prep_minutes=15)
        return dossier

    return make


def page(dossier):
    return reverse("admin:members_dossier_change", args=[dossier.pk])


def queries(client, address):
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


def test_list_shows_current_dossiers_and_counts_the_others(office, staff, make):
    make("Actif (fictif)", status="active", lead=staff)
    make("Fermé (fictif)", status="closed")

    def names(**query):
        return [one.name for one in office.get(LIST, query).context["cl"].result_list]

    assert names() == ["Actif (fictif)"]
    assert names(status="closed") == ["Fermé (fictif)"]
    assert len(names(status="all")) == 2
    assert names(status="all", lead="nobody") == ["Fermé (fictif)"]
    assert names(lead="me") == ["Actif (fictif)"]


def test_list_says_the_last_exchange_and_what_is_late(office, make):
    dossier = make(exchanges=2)
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    FollowUp.objects.create(what="Relancer", dossier=dossier, due_on=yesterday)
    done = FollowUp.objects.create(what="Fait", dossier=dossier)
    done.finish(by=None)
    (row,) = office.get(LIST).context["cl"].result_list
    assert row.open_follow_ups == 3
    assert row.has_late
    assert timezone.localdate(row.exchanged_at) == timezone.localdate()


def test_list_finds_without_accents(office, make):
    make("Éthique des entreprises (fictif)")
    make("Autre (fictif)")
    found = office.get(LIST, {"q": "ethique"}).context["cl"].result_list
    assert [one.name for one in found] == ["Éthique des entreprises (fictif)"]


def test_list_asks_as_many_queries_for_two_rows_as_for_twenty(office, make):
    for number in range(2):
        make(f"Dossier {number} (fictif)", exchanges=1)
    office.get(LIST)
    few = queries(office, LIST)
    for number in range(2, 20):
        make(f"Dossier {number} (fictif)", exchanges=1)
    assert queries(office, LIST) == few
    assert few <= 15


def test_page_asks_as_many_queries_for_one_exchange_as_for_ten(office, make):
    few, many = make("Peu (fictif)", exchanges=1), make("Beaucoup (fictif)", exchanges=10)
    for dossier in (few, many):
        dossier.alliances.add(AllianceFactory())
        dossier.institutions.add(OrganizationFactory(kind="institution", outside=True))
    office.get(page(few))
    assert queries(office, page(many)) == queries(office, page(few)) <= 15


def test_page_says_what_matters_at_a_glance(office, staff, make):
    dossier = make(exchanges=1, aim="Créer une instance indépendante.", lead=staff)
    exchange = dossier.interactions.get()
    exchange.staff.add(staff)
    html = office.get(page(dossier)).content.decode()
    assert "Créer une instance indépendante." in html
    assert "Titre 0" in html
    assert "Suite 0" in html
    assert duration(45) in html  # half an hour there, a quarter to prepare
    assert f"?dossier={dossier.pk}&amp;government=1" in html
    assert " style=" not in html


def test_dossier_is_added_and_its_lead_may_be_chosen(office, staff):
    data = {"name": "Budget (fictif)", "status": "active", "lead": staff.pk}
    assert office.post(LIST + "add/", data).status_code == 302
    assert Dossier.objects.get().lead == staff


def test_dossier_that_ends_before_it_starts_is_refused_in_words(office):
    data = {
        "name": "Budget (fictif)",
        "status": "active",
        "started_on": "2026-02-01",
        "ended_on": "2026-01-01",
    }
    answer = office.post(LIST + "add/", data)
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors
    assert not Dossier.objects.exists()


def test_dossiers_are_for_insiders(client, make):
    dossier = make(exchanges=1)
    for role, status in [
        (Role.READING, 200),
        (Role.COMMUNICATIONS, 403),
        (Role.PRIVACY, 403),
    ]:
        client.force_login(make_user(role))
        assert client.get(LIST).status_code == status
        assert client.get(page(dossier)).status_code == status
    client.force_login(make_user(Role.READING, email="autre@example.org"))
    html = client.get(page(dossier)).content.decode()
    assert "/add/" not in html


# Government relations


HOURS = "/admin/members/governmentinteraction/hours/"
REPORTS = "/admin/members/governmentinteraction/reports/"
FILE = "/admin/members/governmentinteraction/file/"
ALL = "/admin/members/governmentinteraction/"


@pytest.fixture
def meet(staff):
    """Makes a reported exchange of an hour with a minister, some days ago at noon."""
    institution = OrganizationFactory(
        name_fr="Ministère fédéral (fictif)", kind="institution", outside=True
    )
    minister = PersonFactory(first_name="Nadia", last_name="Ministre (fictive)")
    position = minister.positions.create(
        organization=institution, title="=Ministre", unit="Cabinet", is_dpoh=True, kinds=[]
    )

    def meet(days=0, *, day=None, minutes=60, **fields):
        day = day or timezone.localdate() - datetime.timedelta(days=days)
        noon = datetime.datetime.combine(
            day, datetime.time(12), tzinfo=timezone.get_default_timezone()
        )
        exchange = InteractionFactory(
            kind="meeting", subject="Budget (fictif)", happened_at=noon, minutes=minutes
        )
        exchange.staff.add(staff)
        exchange.add_person(minister, position=position)
        return GovernmentInteraction.objects.create(interaction=exchange, **fields)

    return meet


@pytest.mark.parametrize(("minutes", "level"), [(60, "below"), (360, "near"), (480, "reached")])
def test_counter_says_in_words_how_far_the_threshold_is(office, meet, minutes, level):
    meet(minutes=minutes)
    answer = office.get(HOURS)
    assert answer.context["now"].minutes == minutes
    assert answer.context["now"].level == level
    assert str(answer.context["now_words"]) in answer.content.decode()


def test_hours_show_what_makes_them_up_and_what_is_not_said(office, meet):
    meet(minutes=None, prep_minutes=20)
    meet(days=40, minutes=300)
    answer = office.get(HOURS)
    assert [one.spent for one in answer.context["exchanges"]] == [20]
    assert answer.context["unknown"] == 1
    assert answer.context["highest"].minutes == 300
    html = answer.content.decode()
    assert " style=" not in html
    assert html.count("<rect") == len(answer.context["weeks"]) >= 52


def test_exchange_with_a_holder_that_says_no_more_is_to_be_completed(office, meet):
    record = meet()
    holder = record.office_holders[0].person
    forgotten = InteractionFactory(subject="Oublié (fictif)", people=[holder])
    InteractionFactory(subject="Sans titulaire (fictif)")
    answer = office.get(HOURS)
    assert answer.context["unrecorded"] == [forgotten]
    address = reverse("admin:members_interaction_change", args=[forgotten.pk])
    assert f'href="{address}?government=1"' in answer.content.decode()


def test_bars_have_their_heights_as_numbers_that_svg_reads(office, meet):
    meet(minutes=100)
    html = office.get(HOURS).content.decode()
    bars = re.findall(r'<rect [^>]*y="([^"]*)"[^>]* height="([^"]*)"', html)
    assert len(bars) >= 52
    for y, height in bars:
        assert float(y) >= 0  # « 20,5 » would not be a number
        assert float(height) >= 0


@pytest.mark.parametrize("address", [HOURS, REPORTS, ALL])
def test_pages_ask_as_many_queries_for_two_exchanges_as_for_twenty(office, meet, address):
    for _number in range(2):
        meet(day=timezone.localdate())
    address = f"{address}?month={timezone.localdate():%Y-%m}" if address == REPORTS else address
    office.get(address)
    few = queries(office, address)
    for _number in range(18):
        meet(day=timezone.localdate())
    assert queries(office, address) == few <= 15


def test_work_list_is_of_a_month_with_the_late_ones_before(office, meet):
    now = meet(day=datetime.date(2024, 5, 31))
    late = meet(day=datetime.date(2024, 4, 2))
    filed = meet(day=datetime.date(2024, 5, 1), report="filed", filed_on=datetime.date(2024, 6, 2))
    meet(day=datetime.date(2024, 5, 3), mode="email")
    answer = office.get(REPORTS, {"month": "2024-05"})
    assert answer.context["to_file"] == [now]
    assert answer.context["late"] == [late]
    assert answer.context["others"] == [filed]
    assert answer.context["deadline"] == datetime.date(2024, 6, 15)


@pytest.mark.parametrize("month", ["", "2024-13", "20225-01", "hier", "2024-05-01"])
def test_month_that_is_none_gives_the_one_to_report_now(office, meet, month):
    assert office.get(REPORTS, {"month": month}).status_code == 200


def test_reports_are_filed_together_each_under_its_number(office, staff, meet):
    records = [meet(day=datetime.date(2024, 5, day)) for day in (2, 3)]
    chosen = [record.pk for record in records]
    page = office.get(f"{REPORTS}filed/", {"chosen": chosen})
    assert page.status_code == 200
    assert GovernmentInteraction.objects.filter(report="filed").count() == 0
    data = {"chosen": chosen, "filed_on": "2024-06-03"}
    numbers = {f"number-{record.pk}": f"10{place}" for place, record in enumerate(records)}
    assert office.post(f"{REPORTS}filed/", data).status_code == 200  # without numbers: nothing
    assert office.post(f"{REPORTS}filed/", data | numbers | {"filed_on": "2024-05-02"}).status_code
    assert GovernmentInteraction.objects.filter(report="filed").count() == 0
    assert office.post(f"{REPORTS}filed/", data | numbers).status_code == 302
    found = GovernmentInteraction.objects.order_by("pk")
    assert [one.report_number for one in found] == ["100", "101"]
    assert {one.report for one in found} == {"filed"}


def test_report_that_is_not_required_asks_why(office, meet):
    record = meet(day=datetime.date(2024, 5, 2))
    address = f"{REPORTS}not-required/"
    assert office.post(address, {"chosen": [record.pk], "reason": " "}).status_code == 200
    answer = office.post(address, {"chosen": [record.pk], "reason": "Rencontre annulée"})
    assert answer.status_code == 302
    record.refresh_from_db()
    assert (record.report, record.report_reason) == ("not_required", "Rencontre annulée")


@pytest.mark.parametrize("chosen", [[], ["x"], ["9" * 30], [0]])
def test_nothing_chosen_is_told(office, meet, chosen):
    answer = office.get(f"{REPORTS}filed/", {"chosen": chosen}, follow=True)
    assert [str(message) for message in answer.context["messages"]]


def test_file_has_a_row_for_each_office_holder_in_both_languages(office, staff, meet):
    record = meet(
        day=datetime.date(2024, 5, 2), subjects=["policy", "funding"], subject_text="Budget"
    )
    second = PersonFactory(first_name="Jean", last_name="Député (fictif)")
    record.interaction.participations.create(person=second, title="Député", is_dpoh=True)
    period = {"first": "2024-05-01", "last": "2024-05-31"}
    french = office.get(FILE, period | {"language": "fr"}).content.decode("utf-8-sig")
    english = office.get(FILE, period | {"language": "en"}).content.decode()
    rows = list(csv.DictReader(io.StringIO(english)))
    assert [row["Name of the office holder"] for row in rows] == [
        "Nadia Ministre (fictive)",
        "Jean Député (fictif)",
    ]
    assert rows[0]["Title that day"] == "'=Ministre"  # never a formula
    assert rows[0]["Institution"] == "Ministère fédéral (fictif)"
    assert rows[0]["Date"] == "2024-05-02"
    assert rows[0]["Subjects"].startswith("policy or programme, grant")
    assert len(list(csv.reader(io.StringIO(french), delimiter=";"))) == 3
    assert french.splitlines()[0] != english.splitlines()[0]
    assert ExportRecord.objects.filter(user=staff, count=2).count() == 2


@pytest.mark.parametrize(
    "period",
    [
        {},
        {"first": "2024-05-31", "last": "2024-05-01", "language": "fr"},
        {"first": "20225-01-01", "last": "2024-05-01", "language": "fr"},
        {"first": "2024-05-01", "last": "2024-05-31", "language": "de"},
    ],
)
def test_period_that_cannot_be_read_is_told(office, period):
    answer = office.get(FILE, period)
    assert answer.status_code == 400
    assert answer.context["form"].errors


def test_list_of_all_leads_to_the_exchange(office, meet):
    record = meet()
    assert "Budget (fictif)" in office.get(ALL).content.decode()
    answer = office.get(reverse("admin:members_governmentinteraction_change", args=[record.pk]))
    assert answer.url == reverse("admin:members_interaction_change", args=[record.pk])
    for query, count in [("due", 1), ("filed", 0), ("nonsense", 1)]:
        assert len(office.get(ALL, {"report": query}).context["cl"].result_list) == count


@pytest.mark.parametrize(
    ("role", "sees", "decides"),
    [
        (Role.DIRECTION, 200, 200),
        (Role.PERMANENCE, 200, 200),
        (Role.READING, 200, 403),
        (Role.COMMUNICATIONS, 403, 403),
        (Role.PRIVACY, 403, 403),
    ],
)
def test_government_relations_are_for_insiders_and_decided_by_keepers(
    client, meet, role, sees, decides
):
    record = meet()
    client.force_login(make_user(role, email="autre@example.org"))
    period = "?first=2024-01-01&last=2024-12-31&language=fr"
    for address in (HOURS, REPORTS, ALL, FILE + period):
        assert client.get(address).status_code == sees, address
    decision = {"chosen": [record.pk]}
    for name in ("filed", "not-required"):
        assert client.get(f"{REPORTS}{name}/", decision).status_code == decides
    client.post(f"{REPORTS}not-required/", decision | {"reason": "Annulée"})
    record.refresh_from_db()
    assert (record.report == "not_required") is (decides == 200)


def test_nothing_of_it_is_public(client, meet, make):
    """No public page, feed or file says that an institution was met, nor about what."""
    record = meet(subject_text="Sujet secret")
    dossier = make("Dossier secret (fictif)")
    member = OrganizationFactory(name_fr="Eau vive (fictif)")
    record.interaction.organizations.add(member)
    pages = [
        "/",
        "/organismes/",
        "/organismes.json",
        "/organismes.csv",
        "/organismes.atom",
        "/regions/",
        "/sitemap.xml",
        member.get_absolute_url(),
    ]
    for address in pages:
        answer = client.get(address)
        assert answer.status_code == 200, address
        text = b"".join(answer).decode()
        for secret in ("Budget (fictif)", "Sujet secret", "Nadia", dossier.name, "Ministère"):
            assert secret not in text, address


def test_what_can_be_told_of_an_exchange_is_proposed_on_its_page(office):
    town = OrganizationFactory(name_fr="Ville de Rimouski (fictive)", kind="institution")
    exchange = InteractionFactory(kind="video", about=[town])
    html = office.get(reverse("admin:members_interaction_change", args=[exchange.pk])).content
    assert '<option value="municipal" selected>' in html.decode()
    assert '<option value="video" selected>' in html.decode()
