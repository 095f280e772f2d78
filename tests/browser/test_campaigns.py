"""The staff prepare next year's edition, and a visitor finds what happens near, in a browser."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from members.models import CampaignEdition, EditionLink
from members.permissions import Role
from tests.browser.axe import too_wide, violations
from tests.browser.conftest import come_in
from tests.conftest import load_reference
from tests.factories import (
    CampaignFactory,
    EditionFactory,
    EventFactory,
    OrganizationFactory,
    make_user,
)
from tests.members.test_logos import picture

pytestmark = pytest.mark.django_db(transaction=True)

SCREENS = {"desktop": (1280, 900), "phone": (375, 1500)}


@pytest.fixture
def edition():
    """This year's, on today, with a kit, a poster and a member that takes part."""
    load_reference()
    today = timezone.localdate()
    edition = EditionFactory(
        campaign=CampaignFactory(name_fr="Douze jours (fictive)"),
        year=today.year,
        theme_fr="Agir",
        text_fr="Une campagne **inventée**.",
        starts_on=today,
        ends_on=today,
    )
    for kind, label in (("share", "Trousse"), ("download", "Affiche de l’an dernier")):
        EditionLink.objects.create(
            edition=edition, kind=kind, label_fr=label, url=f"https://douze.example/{kind}"
        )
    edition.organizations.add(OrganizationFactory(name_fr="Aube (fictif)", town="Sherbrooke"))
    return edition


@pytest.mark.parametrize("screen", SCREENS)
def test_next_year_s_edition_is_prepared_from_this_one_s_copy(
    page, live_server, faults, edition, tmp_path, screen
):
    """Copied, its theme and picture given, looked at, then published: all by its own page."""
    width, height = SCREENS[screen]
    page.set_viewport_size({"width": width, "height": height})
    user = make_user(Role.COMMUNICATIONS, email="marie@example.org", first_name="Marie")
    come_in(page, live_server, user, "/admin/members/campaignedition/")
    assert violations(page, faults) == []
    page.get_by_role("link", name=re.compile("Douze jours")).first.click()
    next_year = edition.year + 1
    assert violations(page, faults) == []
    assert too_wide(page) <= 0
    page.locator("button[formaction$='/next/']").click()
    page.wait_for_selector(".messagelist .success")
    copy = CampaignEdition.objects.get(year=next_year)
    assert page.url.endswith(f"/{copy.pk}/change/")
    # What was there is there, but for what was of that year.
    assert page.locator("#id_year").input_value() == str(next_year)
    assert page.locator("#id_starts_on").input_value().startswith(str(next_year))
    assert page.locator("#id_links-0-label_fr").input_value() == "Trousse"
    assert page.locator("#id_theme_fr").input_value() == ""
    page.locator("#id_theme_fr").fill("Agir encore")
    image = tmp_path / "foule.png"
    image.write_bytes(picture((1000, 500)))
    page.locator("#id_picture_file").set_input_files(image)
    page.locator("input[name=_continue]").click()
    # It is not kept without its words.
    page.wait_for_selector(".field-picture_alt_fr .errorlist, .errors .errorlist")
    assert violations(page, faults) == []
    assert page.locator("#id_theme_fr").input_value() == "Agir encore"
    page.locator("#id_picture_alt_fr").fill("Une foule dans la rue")
    page.locator("#id_picture_file").set_input_files(image)
    page.locator("input[name=_continue]").click()
    page.wait_for_selector(".messagelist .success")
    # Seen as it will be, by the staff alone.
    page.locator(".viewsitelink").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Agir encore")
    expect(page.get_by_role("note")).to_be_visible()
    expect(page.get_by_role("img", name="Une foule dans la rue")).to_be_visible()
    page.wait_for_load_state()
    assert page.locator(".edition-picture img").evaluate("image => image.naturalWidth") > 0
    page.go_back()
    page.locator("button[formaction$='/publish/']").click()
    page.wait_for_selector(".messagelist .success")
    assert page.locator("button[formaction$='/publish/']").count() == 0
    copy.refresh_from_db()
    assert copy.is_published
    assert faults == []


def test_visitor_goes_from_the_home_page_to_what_happens_near(page, live_server, faults, edition):
    EventFactory(edition=edition, title_fr="Marche (fictive)", town="Sherbrooke", days=1)
    EventFactory(edition=edition, title_fr="Film (fictif)", town="Montréal", days=1)
    page.goto(live_server.url + "/")
    page.locator(".leading a").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Agir")
    page.locator(".programme-regions").get_by_role("link", name="Estrie").click()
    expect(page.get_by_role("link", name="Marche (fictive)")).to_be_visible()
    expect(page.get_by_role("link", name="Film (fictif)")).to_have_count(0)
    # The same by the keyboard, on the map.
    page.locator(".programme-map a[href*='region=06']").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Film (fictif)")).to_be_visible()
    assert violations(page, faults) == []


def test_edition_is_read_without_scripts(browser, live_server, edition):
    EventFactory(edition=edition, title_fr="Film (fictif)", town="Montréal", days=1)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(live_server.url + edition.get_absolute_url())
    page.locator(".programme-regions a").first.click()
    expect(page.get_by_role("link", name="Film (fictif)")).to_be_visible()
    context.close()
