"""Import with preview, from the lists of organizations and of people."""

import os

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from members.admin import exchange
from members.columns import COLUMNS
from members.models import Membership, Organization, Person, User
from members.permissions import Role
from tests.factories import make_user

IMPORT = "/admin/members/organization/import/"
EXPORT = "/admin/members/organization/export/"
LIST = "/admin/members/organization/"


@pytest.fixture(autouse=True)
def waiting_folder(tmp_path, monkeypatch):
    """Files wait in a folder of the test's own."""
    monkeypatch.setattr(exchange.tempfile, "gettempdir", lambda: str(tmp_path))
    return tmp_path / f"organization-imports-{os.getuid()}"


@pytest.fixture
def office(client, db):
    client.force_login(make_user(Role.DIRECTION, email="marie@example.org"))
    return client


@pytest.fixture
def known(db):
    organization = Organization.objects.create(name_fr="Eau vive", acronym="EV")
    Membership.objects.create(organization=organization, confirmed=True)
    return organization


def send(client, text, name="liste.csv"):
    content = text.encode() if isinstance(text, str) else text
    return client.post(IMPORT, {"file": SimpleUploadedFile(name, content)})


def test_preview_writes_nothing_and_tells_each_row(office, known):
    page = send(office, "nom;sigle\nEau vive;EVI\nTerre vive;TV\n;XX\n")
    assert {fate["key"]: fate["count"] for fate in page.context["fates"]} == {
        "refused": 1,
        "created": 1,
        "changed": 1,
    }
    html = page.content.decode()
    assert "<del>EV</del>" in html
    assert "<ins>EVI</ins>" in html
    assert Organization.objects.get().acronym == "EV"


def test_what_was_previewed_is_done_once_agreed(office, known, waiting_folder):
    page = send(office, "nom;sigle\nEau vive;EVI\nTerre vive;TV\n")
    answer = office.post(IMPORT, {"confirm": "1", "token": page.context["token"]})
    assert answer.url == LIST
    known.refresh_from_db()
    assert known.acronym == "EVI"
    assert Organization.objects.filter(name_fr="Terre vive").exists()
    assert not list(waiting_folder.iterdir())
    history = office.get(f"{LIST}{known.pk}/history/").content.decode()
    assert "liste.csv" in history
    assert "marie@example.org" in history


def test_refused_rows_are_left_out_only_when_told_so(office, known):
    page = send(office, "nom;sigle\nEau vive;EVI\n;XX\n")
    office.post(IMPORT, {"confirm": "1", "token": page.context["token"]})
    known.refresh_from_db()
    assert known.acronym == "EV"
    page = send(office, "nom;sigle\nEau vive;EVI\n;XX\n")
    office.post(IMPORT, {"confirm": "1", "skip": "1", "token": page.context["token"]})
    known.refresh_from_db()
    assert known.acronym == "EVI"


def test_directory_that_moved_is_previewed_again(office, known):
    page = send(office, "nom;sigle\nEau vive;EVI\n")
    session = office.session
    session["import"] = session["import"] | {"version": -1}
    session.save()
    again = office.post(IMPORT, {"confirm": "1", "token": page.context["token"]})
    assert again.status_code == 200
    assert again.context["plan"].changed
    known.refresh_from_db()
    assert known.acronym == "EV"


@pytest.mark.parametrize("token", ["", "../../etc/passwd", "nonsense"])
def test_only_the_file_of_this_session_is_imported(office, known, token):
    send(office, "nom;sigle\nEau vive;EVI\n")
    answer = office.post(IMPORT, {"confirm": "1", "token": token})
    assert answer.url == IMPORT
    known.refresh_from_db()
    assert known.acronym == "EV"


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"PK\x03\x04rien", b"a;b\n1;2\n"])
def test_unreadable_file_is_told_beside_the_field(office, content):
    page = send(office, content)
    assert page.status_code == 200
    assert page.context["form"].errors["file"]


def test_long_file_is_shown_in_part_and_counted_whole(office):
    page = send(office, "nom\n" + "".join(f"Organisme {n:04}\n" for n in range(400)))
    (fate,) = page.context["fates"]
    assert (fate["count"], len(fate["rows"]), fate["left_out"]) == (400, 300, 100)


def test_text_of_a_file_is_never_markup(office):
    html = send(office, "nom\n<script>alert(1)</script>\n").content.decode()
    assert "<script>alert" not in html


def test_only_staff_import_and_export(client, db):
    client.force_login(User.objects.create_user("membre@example.org"))
    assert client.get(IMPORT).status_code == 302
    assert client.get(EXPORT).status_code == 302


def test_export_sent_back_changes_nothing(office, known):
    columns = [column.key for column in COLUMNS]
    answer = office.post(EXPORT, {"format": "csv", "columns": columns})
    page = send(office, b"".join(answer.streaming_content))
    assert page.context["fates"] == []
    assert len(page.context["plan"].unchanged) == 1


def test_waiting_files_are_not_trusted_to_a_folder_that_others_may_open():
    token = exchange.keep(b"name_fr")
    assert exchange.kept(token) == b"name_fr"
    exchange.waiting_folder().chmod(0o755)
    with pytest.raises(PermissionError):
        exchange.keep(b"name_fr")


# People

IMPORT_PEOPLE = "/admin/members/person/import/"


def send_people(client, text):
    file = SimpleUploadedFile("personnes.csv", text.encode())
    return client.post(IMPORT_PEOPLE, {"file": file})


def test_people_are_previewed_then_imported(office, known):
    page = send_people(
        office, "prénom;nom;organisme;titre\nAna;Fictive;EV;Agente\nBéa;Suite;XYZ;\n"
    )
    assert {fate["key"]: fate["count"] for fate in page.context["fates"]} == {
        "refused": 1,
        "created": 1,
    }
    assert not Person.objects.exists()
    office.post(IMPORT_PEOPLE, {"confirm": "1", "skip": "1", "token": page.context["token"]})
    person = Person.objects.get()
    assert person.positions.get().organization == known
    history = office.get(f"/admin/members/person/{person.pk}/history/").content.decode()
    assert "personnes.csv" in history
    assert "marie@example.org" in history


def test_file_of_one_list_is_not_imported_by_another(office, known):
    token = send_people(office, "prénom;nom\nAna;Fictive\n").context["token"]
    answer = office.post(IMPORT, {"confirm": "1", "token": token})
    assert answer.url == IMPORT
    assert not Person.objects.exists()


@pytest.mark.parametrize("role", [Role.COMMUNICATIONS, Role.READING, Role.PRIVACY])
def test_people_are_imported_by_those_who_record_positions(client, db, role):
    client.force_login(make_user(role))
    assert client.get(IMPORT_PEOPLE).status_code == 403


def test_personal_columns_are_named_only_to_those_who_may(client, db):
    for role, named in ((Role.DIRECTION, True), (Role.PERMANENCE, False)):
        client.force_login(make_user(role))
        page = client.get(IMPORT_PEOPLE).content.decode()
        assert ("personal_email" in page) is named
        shown = send_people(client, "prénom;nom;personal_email\nAna;Fictive;ana@maison.example\n")
        assert ("ana@maison.example" in shown.content.decode()) is named
