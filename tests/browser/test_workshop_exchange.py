"""In and out of the lists, in a browser: import 200 people, save a list, export it, mail it."""

import csv
import io

import pytest

from members.models import ExportRecord, Person, Position, SavedList
from members.permissions import Role
from tests.browser.axe import too_wide, violations
from tests.browser.conftest import come_in
from tests.conftest import load_reference
from tests.factories import OrganizationFactory, PersonFactory, make_user

pytestmark = pytest.mark.django_db(transaction=True)

FAULTS = {
    9: {"organisme": "Eau vivve (fictif)"},
    30: {"organisme": "Inconnu"},
    51: {"courriel": "pas une adresse"},
    72: {"début": "20225-01-01"},
    93: {"début": "2020-01-01", "fin": "2019-01-01"},
    114: {"rôles": "reine"},
    135: {"prénom": "", "nom": ""},
    156: {"téléphone": "12"},
    177: {"langue": "latin"},
}
HEADINGS = "prénom nom langue organisme titre rôles début fin courriel téléphone".split()


def people_file():
    """200 people as people write them: apostrophes of both shapes, capitals, nine faulty lines."""
    file = io.StringIO()
    writer = csv.DictWriter(file, HEADINGS, delimiter=";")
    writer.writeheader()
    for number in range(200):
        row = {
            "prénom": f"Prénom{number}",
            "nom": f"D’Amours{number}" if number % 2 else f"D'Amours{number}",
            "langue": "fr",
            "organisme": "L'Eau vive (fictif)" if number % 3 else "l’eau  VIVE (fictif)",
            "titre": "Agente",
            "rôles": "programmes",
            "début": "2020-01-01",
            "courriel": f"p{number}@eauvive.example",
            "téléphone": "514 555-0111, poste 12",
        }
        writer.writerow(row | FAULTS.get(number, {}))
    return file.getvalue().encode()


@pytest.fixture
def eau_vive():
    load_reference()
    return OrganizationFactory(name_fr="L’Eau vive (fictif)", town="Montréal")


@pytest.fixture
def office(page, live_server, faults, eau_vive):
    """A page of someone of the direction."""
    user = make_user(Role.DIRECTION, email="marie@example.org")
    come_in(page, live_server, user)
    return page


def test_import_200_people_with_nine_faulty_lines(office, live_server, faults):
    office.goto(f"{live_server.url}/admin/members/person/")
    office.locator(".list-menu > summary").click()
    office.locator(".list-menu a[href$='/import/']").click()
    file = {"name": "personnes.csv", "mimeType": "text/csv", "buffer": people_file()}
    office.locator("#id_file").set_input_files(file)
    office.locator(".submit-row [type=submit]").click()
    office.wait_for_selector("#fate-refused")
    assert office.locator(".preview.refused .moments > li").count() == 9
    assert "L’Eau vive (fictif)" in office.locator(".preview.refused").inner_text()
    assert not Person.objects.exists()
    assert violations(office, faults) == []
    office.locator("[name=confirm]").click()
    office.wait_for_selector(".messagelist .success")
    assert Person.objects.count() == Position.objects.count() == 191

    # The same file again makes no double.
    office.goto(f"{live_server.url}/admin/members/person/import/")
    office.locator("#id_file").set_input_files(file)
    office.locator(".submit-row [type=submit]").click()
    office.wait_for_selector("#fate-refused")
    assert office.locator("[name=confirm]").count() == 0
    assert faults == []


def test_save_a_list_and_export_it(office, live_server, faults, eau_vive):
    PersonFactory(last_name="Un", at=eau_vive, kinds=["direction"], email="un@x.example")
    PersonFactory(last_name="Deux", at=eau_vive, kinds=["board"], email="deux@x.example")
    office.goto(f"{live_server.url}/admin/members/person/?role=direction")
    office.locator(".list-menu > summary").click()
    office.locator(".list-menu a[href*='savedlist']").click()
    office.locator("#id_name").fill("Les directions")
    office.locator("#id_is_shared").check()
    office.locator("[name=_save]").click()
    office.wait_for_selector(".messagelist .success")
    assert office.url.endswith("/admin/members/person/?role=direction")
    assert SavedList.objects.get().is_shared

    office.goto(f"{live_server.url}/admin/members/savedlist/")
    row = office.locator("#result_list tbody tr")
    assert row.locator(".field-total").inner_text() == "1"
    assert violations(office, faults) == []
    row.locator("a[href*='/export/']").click()
    office.locator(".submit-row [type=submit]").click()
    office.wait_for_selector(".errornote")
    assert not ExportRecord.objects.exists()
    office.locator("#id_reason").fill("Convocation")
    with office.expect_download() as download:
        office.locator(".submit-row [type=submit]").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert [row["nom de famille"] for row in csv.DictReader(io.StringIO(text), delimiter=";")] == [
        "Un"
    ]
    assert ExportRecord.objects.get().reason == "Convocation"
    assert faults == []


PAGES = [
    "/admin/members/person/export/",
    "/admin/members/person/import/",
    "/admin/members/person/mailing/",
    "/admin/members/organization/mailing/",
    "/admin/members/organization/directory/",
    "/admin/members/savedlist/",
    "/admin/members/savedlist/add/?model=members.person&query=role%3Ddirection",
    "/admin/members/tag/",
    "/admin/members/exportrecord/",
]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "light"), (1280, "dark")])
def test_every_page_is_usable(office, live_server, faults, eau_vive, width, scheme):
    PersonFactory(last_name="Un", at=eau_vive, kinds=["direction"], email="un@x.example")
    office.set_viewport_size({"width": width, "height": 800})
    office.emulate_media(color_scheme=scheme)
    for path in PAGES:
        faults.clear()
        office.goto(live_server.url + path)
        office.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        assert too_wide(office) <= 0, path
        assert violations(office, faults) == [], path
    office.goto(f"{live_server.url}/admin/members/organization/mailing/")
    office.locator("[value=see]").click()
    office.wait_for_selector(".mailing")
    assert too_wide(office) <= 0
    assert violations(office, faults) == []


def test_paper_has_the_directory_alone(office, live_server, eau_vive):
    office.goto(f"{live_server.url}/admin/members/organization/directory/")
    office.emulate_media(media="print")
    assert office.locator("article h3").first.is_visible()
    for hidden in ("#header", ".rooms", ".orders", "div.breadcrumbs"):
        assert not office.locator(hidden).first.is_visible(), hidden
