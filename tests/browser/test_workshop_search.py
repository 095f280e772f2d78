"""The staff's one search box, by the keyboard alone, and without script."""

import pytest
from playwright.sync_api import expect

from members.permissions import Role
from tests.browser.axe import too_wide, violations
from tests.browser.conftest import come_in
from tests.conftest import load_reference
from tests.factories import InteractionFactory, OrganizationFactory, PersonFactory, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ana():
    load_reference()
    organization = OrganizationFactory(name_fr="Eau vive (fictif)", town="Montréal")
    ana = PersonFactory(
        first_name="Ana", last_name="Trémblay", at=organization, title="Directrice générale"
    )
    InteractionFactory(subject="Appel sur le climat", about=[organization], people=[ana])
    return ana


def sign_in(page, live_server):
    user = make_user(Role.PERMANENCE, email="marie@example.org")
    come_in(page, live_server, user)


@pytest.fixture
def office(page, live_server, faults, ana):
    """A page of someone of the permanence, signed in."""
    sign_in(page, live_server)
    faults.clear()
    return page


@pytest.fixture
def box(office):
    return office.get_by_role("combobox", name="Chercher partout")


def test_a_slash_a_misspelling_an_arrow_and_enter(office, box, live_server, faults, ana):
    office.goto(f"{live_server.url}/admin/members/theme/")
    office.locator("body").press("/")
    expect(box).to_be_focused()
    expect(box).to_have_value("")
    box.press_sequentially("trembaly")
    option = office.get_by_role("option", name="Ana Trémblay Personne")
    expect(option).to_be_visible()
    expect(option).to_contain_text("Directrice générale, Eau vive (fictif)")
    assert violations(office, faults) == []
    box.press("ArrowDown")
    expect(office.get_by_role("option", selected=True)).to_have_count(1)
    while option.get_attribute("aria-selected") != "true":
        box.press("ArrowDown")
    box.press("Enter")
    office.wait_for_url(f"**/admin/members/person/{ana.pk}/change/")
    assert faults == []


def test_enter_without_a_choice_shows_all_kinds(office, box, faults):
    box.fill("eau vive")
    box.press("Enter")
    office.wait_for_url("**/admin/recherche/?q=eau+vive")
    expect(office.locator("main h2")).to_have_text(["Organismes", "Personnes", "Échanges"])
    expect(box).to_have_value("eau vive")
    assert violations(office, faults) == []
    assert faults == []


def test_escape_closes_then_leaves(office, box):
    office.locator("body").press("/")
    box.press_sequentially("tremblay")
    options = office.get_by_role("option")
    expect(options.first).to_be_visible()
    box.press("Escape")
    expect(options).to_have_count(0)
    expect(box).to_be_focused()
    box.press("Escape")
    expect(box).not_to_be_focused()
    expect(box).to_have_value("tremblay")


def test_a_slash_typed_in_a_field_stays_there(office, box, live_server):
    office.goto(f"{live_server.url}/admin/members/organization/add/")
    name = office.locator("#id_name_fr")
    name.press_sequentially("Nord/Sud")
    expect(name).to_have_value("Nord/Sud")
    expect(box).not_to_be_focused()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (390, "light")])
@pytest.mark.parametrize("text", ["trembaly", "zzyzx vive", ""])
def test_answers_are_usable(office, live_server, faults, width, scheme, text):
    office.set_viewport_size({"width": width, "height": 800})
    office.emulate_media(color_scheme=scheme)
    office.goto(f"{live_server.url}/admin/recherche/?q={text}")
    assert too_wide(office) <= 0
    assert violations(office, faults) == []
    assert faults == []


def test_without_script_the_box_is_a_form(new_context, live_server, ana):
    page = new_context(java_script_enabled=False).new_page()
    sign_in(page, live_server)
    page.get_by_role("searchbox", name="Chercher partout").fill("climat")
    page.get_by_role("searchbox", name="Chercher partout").press("Enter")
    page.get_by_role("link", name="Appel sur le climat").click()
    page.wait_for_url("**/admin/members/interaction/*/change/")
