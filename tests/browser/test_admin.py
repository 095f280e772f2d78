"""The staff's site in a browser: whole journeys under the strict policy, wide and narrow."""

import pytest
from django.urls import reverse

from members.models import AllianceMembership, Dossier, Organization, User
from tests.browser.axe import COLOURS, too_wide, violations
from tests.browser.conftest import come_in
from tests.conftest import load_reference
from tests.factories import (
    AllianceFactory,
    InteractionFactory,
    OrganizationFactory,
    PersonFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = [
    "/admin/",
    "/admin/members/organization/",
    "/admin/members/organization/?membership=all&q=eau",
    "/admin/members/organization/add/",
    "/admin/members/organization/{pk}/change/",
    "/admin/members/organization/{pk}/history/",
    "/admin/members/organization/{pk}/delete/",
    "/admin/members/organization/import/",
    "/admin/members/organization/export/",
    "/admin/members/membership/",
    "/admin/members/person/",
    "/admin/members/person/{person}/change/",
    "/admin/members/person/{person}/history/",
    "/admin/members/alliance/",
    "/admin/members/alliance/{alliance}/change/",
    "/admin/members/dossier/",
    "/admin/members/dossier/{dossier}/change/",
    "/admin/members/document/",
    "/admin/members/governmentinteraction/hours/",
    "/admin/members/governmentinteraction/reports/",
    "/admin/recherche/?q=eau",
    "/admin/members/theme/",
    "/admin/members/country/",
    "/admin/regions/region/",
    "/admin/regions/municipality/",
    "/admin/members/user/add/",
    "/admin/members/accountevent/",
]


@pytest.fixture
def eau_vive():
    load_reference()
    return OrganizationFactory(
        name_fr="Eau vive (fictif)", town="Montréal", countries=["HT"], phone="+15145550123"
    )


@pytest.fixture
def office(page, live_server, faults):
    """A page of who answers for the site."""
    user = User.objects.create_superuser("marie@example.org", first_name="Marie")
    come_in(page, live_server, user)
    return page


@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_is_usable(office, live_server, faults, eau_vive, width):
    office.set_viewport_size({"width": width, "height": 800})
    person = PersonFactory(at=eau_vive, kinds=["direction"], email="direction@eau.example")
    alliance = AllianceFactory()
    AllianceMembership.objects.create(alliance=alliance, organization=eau_vive, liaison=person)
    dossier = Dossier.objects.create(name="Ombudsman (fictif)")
    InteractionFactory(about=[eau_vive], people=[person], dossier=dossier)
    keys = {"person": person.pk, "alliance": alliance.pk, "dossier": dossier.pk}
    for path in PAGES:
        faults.clear()
        office.emulate_media(color_scheme="light")
        office.goto(live_server.url + path.format(pk=eau_vive.pk, **keys))
        assert faults == [], path
        # A menu covers what is under it, as menus do.
        office.evaluate(
            "document.querySelectorAll('details:not(.list-menu)').forEach(d => { d.open = true; })"
        )
        overflow = too_wide(office)
        assert overflow <= 0, path
        assert violations(office, faults) == [], path
        if width == 1280:
            office.emulate_media(color_scheme="dark")
            assert violations(office, faults, COLOURS) == [], f"{path}, dark"


def test_save_bar_is_one_row_on_a_phone(office, live_server, eau_vive):
    office.set_viewport_size({"width": 390, "height": 800})
    change = reverse("admin:members_organization_change", args=[eau_vive.pk])
    office.goto(live_server.url + change)
    tops = office.evaluate(
        "[...document.querySelectorAll('.submit-row > *')]"
        ".map(e => e.getBoundingClientRect()).filter(r => r.height)"
        ".map(r => Math.round(r.top + r.height / 2))"
    )
    assert len(tops) >= 3
    assert max(tops) - min(tops) <= 2


def test_find_change_and_read_the_history(office, live_server, faults, eau_vive):
    office.goto(f"{live_server.url}/admin/members/organization/")
    office.locator("#searchbar").fill("eau haiti")
    office.locator("#changelist-search [type=submit]").click()
    office.get_by_role("link", name="Eau vive (fictif)").click()
    office.locator("details:has(#id_acronym) > summary").click()
    office.locator("#id_acronym").fill("EV")
    office.locator("[name=_continue]").click()
    office.wait_for_selector(".messagelist .success")
    assert Organization.objects.get().acronym == "EV"
    office.locator("a.historylink").click()
    office.wait_for_selector(".moments")
    first = office.locator(".moments > li").first
    assert "EV" in first.locator("ins").all_inner_texts()
    assert "Marie" in first.inner_text()
    assert faults == []


def test_a_town_is_found_while_typing(office, live_server, faults, eau_vive):
    office.goto(f"{live_server.url}/admin/members/organization/add/")
    office.locator("details:has(#id_municipality) > summary").click()
    office.locator("#id_municipality + .select2").click()
    office.keyboard.type("trois riv")
    found = office.locator(".select2-results__option", has_text="Trois-Rivières")
    found.wait_for()
    assert violations(office, faults) == []
    found.click()
    assert office.locator("#id_municipality option:checked").inner_text() == "Trois-Rivières"
    assert faults == []


def test_a_file_is_previewed_then_imported(office, live_server, faults, eau_vive):
    office.goto(f"{live_server.url}/admin/members/organization/import/")
    office.locator("#id_file").set_input_files(
        {
            "name": "liste.csv",
            "mimeType": "text/csv",
            "buffer": "nom;sigle\nEau vive (fictif);EVI\n".encode("cp1252"),
        }
    )
    office.locator(".submit-row [type=submit]").click()
    office.wait_for_selector(".summary")
    assert office.locator(".preview ins").inner_text() == "EVI"
    assert violations(office, faults) == []
    office.locator("[name=confirm]").click()
    office.wait_for_selector(".messagelist .success")
    assert Organization.objects.get().acronym == "EVI"
    assert faults == []
