"""A board's decision, from its minutes to the public directory, in a browser."""

import pytest

from members.models import MembershipDecision, Organization
from members.permissions import Role
from tests.browser.axe import too_wide, violations
from tests.browser.conftest import come_in
from tests.conftest import load_reference
from tests.factories import InteractionFactory, OrganizationFactory, PersonFactory, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def candidate():
    load_reference()
    organization = OrganizationFactory(
        name_fr="Eau vive (fictif)", acronym="EV", town="Sherbrooke", outside=True
    )
    PersonFactory(at=organization, title="Directrice", kinds=["direction"], email="d@ev.example")
    InteractionFactory(about=[organization], subject="Demande d’adhésion")
    return organization


@pytest.fixture
def office(page, live_server, candidate):
    """A page of someone who records the board's decisions."""
    user = make_user(Role.PERMANENCE, email="marie@example.org", first_name="Marie")
    come_in(page, live_server, user)
    return page


def test_member_is_admitted_with_its_resolution(office, live_server, faults, candidate):
    office.goto(f"{live_server.url}/admin/members/organization/{candidate.pk}/change/")
    office.locator("#memberships > summary").click()
    office.locator("#memberships a[href$='/admit/']").click()
    office.locator("#id_on").fill("2026-01-01")
    office.locator("#id_category").select_option("regular")
    office.locator("#id_body").select_option("board")
    office.locator("#id_decided_on").fill("2025-12-11")
    office.locator("#id_resolution").fill("CA-2025-041")
    assert violations(office, faults) == []
    office.locator(".submit-row [type=submit]").click()
    office.wait_for_selector(".messagelist .success")
    assert "2026" in office.locator(".messagelist .success").inner_text()
    # Sections stay as they were left: this one is open, and tells the decision.
    assert "CA-2025-041" in office.locator("#memberships").inner_text()
    assert office.locator("#memberships .decisions").is_visible()
    decision = MembershipDecision.objects.get()
    assert (decision.kind, decision.resolution) == ("admission", "CA-2025-041")
    assert str(decision.recorded_by) == "Marie"
    # The directory follows at once.
    office.goto(f"{live_server.url}/organismes/")
    office.get_by_role("link", name="Eau vive (fictif)").first.click()
    assert "Eau vive (fictif)" in office.locator("h1").inner_text()
    assert faults == []


def test_overlap_is_told_beside_the_day_and_nothing_is_lost(office, live_server, faults, candidate):
    candidate.memberships.create(started_on="2020-01-01")
    office.goto(f"{live_server.url}/admin/members/organization/{candidate.pk}/admit/")
    office.locator("#id_on").fill("2026-01-01")
    office.locator("#id_note").fill("À l’unanimité.")
    office.locator("#id_body").select_option("assembly")
    office.locator(".submit-row [type=submit]").click()
    office.wait_for_selector(".field-on .errorlist")
    assert office.locator("#id_note").input_value() == "À l’unanimité."
    assert violations(office, faults) == []
    assert faults == []


def test_what_is_missing_opens_its_section_and_takes_one_to_its_field(
    office, live_server, faults, candidate
):
    office.goto(f"{live_server.url}/admin/members/organization/{candidate.pk}/change/")
    office.locator(".missing > summary").click()
    office.locator(".missing a[href='#id_website']").click()
    assert office.locator("#id_website").is_visible()
    assert office.evaluate("document.activeElement.id") == "id_website"
    assert faults == []


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark"), (320, "light")])
def test_page_of_an_organization_is_usable(office, live_server, faults, candidate, width, scheme):
    office.set_viewport_size({"width": width, "height": 800})
    office.emulate_media(color_scheme=scheme)
    office.goto(f"{live_server.url}/admin/members/organization/{candidate.pk}/change/")
    # A call is noted at once: the button is on the first screen.
    assert office.locator(".glance-actions a.button").bounding_box()["y"] < 700
    office.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    assert too_wide(office) <= 0
    assert violations(office, faults) == []


def test_selection_says_first_what_it_will_do(office, live_server, faults, candidate):
    OrganizationFactory(name_fr="Membre (fictif)")
    office.goto(f"{live_server.url}/admin/members/organization/?membership=all")
    office.locator("#action-toggle").check()
    office.locator("[name=action]").select_option("confirm")
    office.locator("button[name=index]").click()
    office.wait_for_selector(".what-is-done")
    assert "Eau vive (fictif)" in office.locator(".names").first.inner_text()
    assert violations(office, faults) == []
    assert Organization.objects.filter(last_confirmed_on__isnull=False).count() == 0
    office.locator("button[value=do]").click()
    office.wait_for_selector(".messagelist .success")
    assert Organization.objects.filter(last_confirmed_on__isnull=True).count() == 0
    assert faults == []
