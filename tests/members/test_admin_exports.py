"""Any list as a file: which rows, which columns, for whom, and what is written of it."""

import csv
import datetime
from io import BytesIO, StringIO

import openpyxl
import pytest
import vobject
from django.apps import apps
from django.contrib import admin
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from members.columns import PEOPLE, SHEETS, cells, text
from members.models import (
    AllianceMembership,
    Dossier,
    ExportRecord,
    FollowUp,
    Membership,
    Tag,
)
from members.permissions import Role
from regions.folding import fold
from tests.factories import (
    AllianceFactory,
    InteractionFactory,
    OrganizationFactory,
    PersonFactory,
    PositionFactory,
    make_user,
)

ORGANIZATIONS = "/admin/members/organization/export/"
PEOPLE_EXPORT = "/admin/members/person/export/"
WHY = "Invitation à l’assemblée"


@pytest.fixture
def office(client, db):
    client.force_login(make_user(Role.DIRECTION, email="marie@example.org"))
    return client


@pytest.fixture
def ana(db):
    at = OrganizationFactory(name_fr="Eau vive (fictif)")
    return PersonFactory(
        first_name="Ana",
        last_name="Fictive",
        at=at,
        title="Directrice",
        kinds=["direction"],
        email="ana@eauvive.example",
        notes="=cmd()",
        personal_email="ana@maison.example",
    )


def people_at_work(count):
    for _ in range(count):
        PersonFactory(at=OrganizationFactory(), title="Agente")


def keys(label, personal=False):
    return [c.key for c in SHEETS[label].columns if personal or not c.personal]


def export(client, address, format="standard", label=None, **more):
    label = label or "members." + address.split("/")[3]
    data = {"format": format, "columns": keys(label), "reason": WHY} | more
    return client.post(address, {name: value for name, value in data.items() if value})


def content(answer):
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def rows(answer):
    return list(csv.DictReader(StringIO(content(answer).decode())))


# Which rows


def test_export_follows_the_filters_of_the_list(office):
    OrganizationFactory(name_fr="Membre (fictif)")
    OrganizationFactory(name_fr="Ancienne (fictif)", outside=True)
    assert office.get(ORGANIZATIONS).context["count"] == 1
    assert office.get(ORGANIZATIONS, {"membership": "all"}).context["count"] == 2
    exported = rows(export(office, ORGANIZATIONS + "?membership=others"))
    assert [row["name_fr"] for row in exported] == ["Ancienne (fictif)"]


def test_export_has_all_pages_of_the_list(office):
    OrganizationFactory.create_batch(64)
    answer = export(office, ORGANIZATIONS + "?p=2")
    assert len(rows(answer)) == 64


def test_ticked_rows_are_exported_alone(office):
    first, _second = OrganizationFactory.create_batch(2)
    answer = office.post(
        "/admin/members/organization/",
        {"action": "export_selected", "_selected_action": [first.pk], "select_across": "0"},
    )
    assert answer.url == f"{ORGANIZATIONS}?chosen={first.pk}"
    assert office.get(answer.url).context["count"] == 1
    exported = rows(export(office, answer.url))
    assert [row["slug"] for row in exported] == [first.slug]


def test_selecting_all_64_exports_them_with_their_filters(office):
    chosen = OrganizationFactory.create_batch(64)
    OrganizationFactory(outside=True)
    answer = office.post(
        "/admin/members/organization/?membership=unconfirmed",
        {"action": "export_selected", "_selected_action": [chosen[0].pk], "select_across": "1"},
    )
    assert answer.url == f"{ORGANIZATIONS}?membership=unconfirmed"
    Membership.objects.update(confirmed=False)
    assert len(rows(export(office, answer.url))) == 64


@pytest.mark.parametrize("query", ["rien__du__tout=1", "chosen=a,b"])
def test_filters_that_cannot_be_read_let_nothing_out(office, ana, query):
    answer = export(office, f"{PEOPLE_EXPORT}?{query}")
    if answer.status_code == 302:
        assert answer.url == "/admin/members/person/"
        assert not ExportRecord.objects.exists()
    else:
        assert rows(answer) == []


# In which form


def test_french_csv_is_for_excel_and_standard_csv_for_programs(office, ana):
    french = content(export(office, PEOPLE_EXPORT, "csv")).decode()
    assert french.startswith("\ufeff")
    assert ";prénom;nom de famille;" in french.splitlines()[0]
    standard = content(export(office, PEOPLE_EXPORT, "standard")).decode()
    assert standard.startswith("person,first_name,")


def test_workbook_has_days_and_numbers_as_such(office, ana):
    answer = export(office, PEOPLE_EXPORT, "xlsx")
    sheet = openpyxl.load_workbook(BytesIO(content(answer))).active
    _headings, row = list(sheet.values)
    found = dict(zip(keys("members.person"), row, strict=True))
    assert found["person"] == ana.pk
    assert found["started_on"].date() == datetime.date(2020, 1, 1)
    assert found["roles"] == "direction"


def test_moment_of_an_exchange_is_a_moment_of_ours(office):
    at = datetime.datetime(2026, 11, 25, 19, 5, tzinfo=datetime.UTC)
    InteractionFactory(subject="Appel", happened_at=at)
    address = "/admin/members/interaction/export/"
    sheet = openpyxl.load_workbook(BytesIO(content(export(office, address, "xlsx")))).active
    assert list(sheet.values)[1][0].isoformat() == "2026-11-25T14:05:00"
    assert rows(export(office, address))[0]["happened_at"] == "2026-11-25 14:05"


def test_no_cell_is_a_formula(office, ana):
    columns = keys("members.person", personal=True)
    exported = rows(export(office, PEOPLE_EXPORT, columns=columns))
    assert exported[0]["notes"] == "'=cmd()"


def test_only_the_chosen_columns_leave(office, ana):
    (row,) = rows(export(office, PEOPLE_EXPORT, columns=["last_name", "email"]))
    assert row == {"last_name": "Fictive", "email": "ana@eauvive.example"}


def test_past_positions_leave_only_when_asked(office, ana):
    PositionFactory(
        person=ana, title="Stagiaire", ended_on=timezone.localdate() - datetime.timedelta(days=9)
    )
    assert [row["title"] for row in rows(export(office, PEOPLE_EXPORT))] == ["Directrice"]
    both = rows(export(office, PEOPLE_EXPORT, past="on"))
    assert sorted(row["title"] for row in both) == ["Directrice", "Stagiaire"]


def test_cards_of_people_are_read_by_another_program(office, ana):
    ana.tags.add(Tag.objects.create(name="Délégation, vote"))
    PositionFactory(person=ana, kinds=["board"], phone="+15145550111", phone_extension="12")
    answer = export(office, PEOPLE_EXPORT, "vcard", columns="")
    text = content(answer).decode()
    assert answer["Content-Type"].startswith("text/vcard")
    assert "maison.example" not in text
    (card,) = vobject.readComponents(text)
    assert card.fn.value == "Ana Fictive"
    assert {"Eau vive (fictif)"} < {name for org in card.contents["org"] for name in org.value}
    assert "tel:+15145550111;ext=12" in {tel.value for tel in card.contents["tel"]}
    assert {mail.value for mail in card.contents["email"]} == {"ana@eauvive.example"}


def test_every_sheet_reads_its_records_in_words(ana):
    """Each sheet reads a full record of its own; no key of a program is left in its cells."""
    organization = ana.positions.get().organization
    alliance = AllianceFactory(name_fr="Coalition (fictive)")
    AllianceMembership.objects.create(alliance=alliance, organization=organization, liaison=ana)
    InteractionFactory(subject="Appel", about=[organization], people=[ana])
    FollowUp.objects.create(what="Rappeler", person=ana, due_on=datetime.date(2026, 12, 1))
    dossier = Dossier.objects.create(name="Ombudsman")
    dossier.alliances.add(alliance)
    expected = {
        "members.organization": ("name_fr", "Eau vive (fictif)"),
        "members.membership": ("status", "en règle"),
        "members.person": ("roles", "direction"),
        "members.alliance": ("members", "Eau vive (fictif)"),
        "members.alliancemembership": ("liaison", "Ana Fictive"),
        "members.interaction": ("people", "Ana Fictive, Directrice"),
        "members.followup": ("due_on", "2026-12-01"),
        "members.dossier": ("alliances", "Coalition (fictive)"),
    }
    assert expected.keys() == SHEETS.keys()
    for label, (column, value) in expected.items():
        sheet = SHEETS[label]
        (record,) = sheet.prefetched(apps.get_model(label).objects.all())
        (row,) = sheet.rows(record)
        assert text(sheet.by_key[column].value(row)) == value, label
        assert len(cells(row, sheet.columns)) == len(sheet.columns)


@pytest.mark.parametrize("label", SHEETS)
def test_every_list_has_its_page_of_export(office, label):
    if apps.get_model(label) in admin.site._registry:
        address = f"/admin/{label.replace('.', '/')}/"
        assert f'href="{address}export/' in office.get(address).content.decode()
        assert office.get(f"{address}export/").status_code == 200


@pytest.mark.parametrize("label", SHEETS)
def test_no_two_columns_answer_to_one_heading(label):
    columns = SHEETS[label].columns
    assert len({column.key for column in columns}) == len(columns)
    headings = [heading for column in columns for heading in column.headings()]
    assert len(headings) == len(set(headings)), sorted(headings)
    assert all(fold(heading) == heading for heading in headings)


def test_export_of_people_comes_back_unchanged(office, ana):
    columns = keys("members.person", personal=True)
    for format in ("csv", "standard", "xlsx"):
        sent = content(export(office, PEOPLE_EXPORT, format, columns=columns))
        file = BytesIO(sent)
        file.name = "personnes"
        page = office.post("/admin/members/person/import/", {"file": file})
        assert page.context["fates"] == [], format
        assert len(page.context["plan"].unchanged) == 1


# For whom, and what is written


def test_export_of_people_says_who_what_and_why(office, ana):
    content(export(office, PEOPLE_EXPORT + "?role=direction", "xlsx"))
    record = ExportRecord.objects.get()
    assert str(record.user) == "marie@example.org"
    assert (record.model, record.query) == ("members.person", "role=direction")
    assert (record.format, record.count, record.is_personal) == ("xlsx", 1, False)
    assert record.columns == keys("members.person")
    assert record.reason == WHY


def test_personal_columns_are_written_down(office, ana):
    export(office, PEOPLE_EXPORT, columns=["last_name", "needs"])
    assert ExportRecord.objects.get().is_personal


def test_nothing_about_people_leaves_without_a_reason(office, ana):
    for reason in ("", "   "):
        answer = export(office, PEOPLE_EXPORT, reason=reason)
        assert answer.context["form"].errors["reason"]
    assert not ExportRecord.objects.exists()


def test_reason_is_asked_for_people_only(office, ana):
    assert "reason" not in office.get(ORGANIZATIONS).context["form"].fields
    export(office, ORGANIZATIONS)
    assert not ExportRecord.objects.exists()


def test_personal_columns_are_for_those_who_may(client, ana):
    for role in (Role.PERMANENCE, Role.COMMUNICATIONS):
        client.force_login(make_user(role))
        page = client.get(PEOPLE_EXPORT)
        offered = {key for key, _label in page.context["form"].fields["columns"].choices}
        assert offered == set(keys("members.person"))
        answer = export(client, PEOPLE_EXPORT, columns=["last_name", "personal_email"])
        assert answer.context["form"].errors["columns"]
        assert rows(export(client, PEOPLE_EXPORT))[0]["email"] == "ana@eauvive.example"
    client.force_login(make_user(Role.PRIVACY))
    (row,) = rows(export(client, PEOPLE_EXPORT, columns=["personal_email"]))
    assert row == {"personal_email": "ana@maison.example"}


def test_reader_takes_nothing_away(client, ana):
    client.force_login(make_user(Role.READING))
    for address in (PEOPLE_EXPORT, ORGANIZATIONS, "/admin/members/interaction/export/"):
        assert client.get(address).status_code == 403
        assert client.post(address, {"format": "csv"}).status_code == 403
    page = client.get("/admin/members/person/").content.decode()
    assert "/export/" not in page
    assert "export_selected" not in page


def test_communications_take_no_exchange_away(client, db):
    client.force_login(make_user(Role.COMMUNICATIONS))
    assert client.get("/admin/members/interaction/export/").status_code == 403


def test_what_is_written_is_read_by_those_trusted_and_changed_by_nobody(client, ana):
    client.force_login(make_user(Role.DIRECTION))
    export(client, PEOPLE_EXPORT)
    record = ExportRecord.objects.get()
    for role in (Role.PERMANENCE, Role.COMMUNICATIONS, Role.READING):
        client.force_login(make_user(role))
        assert client.get("/admin/members/exportrecord/").status_code == 403
    client.force_login(make_user(Role.PRIVACY))
    assert WHY in client.get("/admin/members/exportrecord/").content.decode()
    page = client.get(f"/admin/members/exportrecord/{record.pk}/change/")
    assert "prénom" in page.content.decode()
    assert "members.person" not in page.content.decode().split("<main")[-1]
    assert client.get("/admin/members/exportrecord/add/").status_code == 403
    for change in (record.delete, record.save):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


@pytest.mark.parametrize(
    ("make", "address"),
    [
        (people_at_work, PEOPLE_EXPORT),
        (OrganizationFactory.create_batch, ORGANIZATIONS),
        (
            lambda n: [InteractionFactory(people=[PersonFactory()]) for _ in range(n)],
            "/admin/members/interaction/export/",
        ),
    ],
)
def test_export_takes_the_same_queries_for_two_rows_as_for_twenty(office, make, address):
    counts = []
    for number in (2, 18):
        make(number)
        with CaptureQueriesContext(connection) as queries:
            assert content(export(office, address))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 30


def test_sheet_of_people_is_the_only_one_with_personal_columns():
    personal = {label for label, s in SHEETS.items() if any(c.personal for c in s.columns)}
    assert personal == {PEOPLE.model}
