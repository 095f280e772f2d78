"""« Tout est exact » from a mail, and what staff see of who has not answered."""

import re

import pytest
from django.core import mail as outbox
from django.utils import timezone
from playwright.sync_api import expect

from members import freshness
from members.models import BouncedAddress, Organization, SentMail, User
from tests.browser.axe import too_wide, violations
from tests.browser.conftest import come_in, watch
from tests.conftest import load_reference
from tests.factories import OrganizationFactory


@pytest.fixture
def asked(live_server, settings):
    """(an organization that was written to, the address in the mail)."""
    load_reference()
    settings.SITE_URL = live_server.url
    organization = OrganizationFactory(
        name_fr="Eau vive (fictif)",
        town="Montréal",
        countries=["HT"],
        mission_fr="Creuser des puits.",
        email="bonjour@eauvive.example",
        last_confirmed_on=timezone.localdate() - 2 * freshness.A_YEAR,
    )
    freshness.remind()
    return organization, re.search(r"http://\S+/confirmer/\S+", outbox.outbox[0].body)[0]


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark")])
def test_one_click_confirms_without_signing_in(page, asked, faults, width, scheme):
    _organization, link = asked
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    page.goto(link)
    expect(page.get_by_text("Creuser des puits.")).to_be_visible()
    assert violations(page, faults) == []
    assert too_wide(page) <= 0
    page.get_by_role("button", name="Tout est exact").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Merci")
    assert violations(page, faults) == []
    assert Organization.objects.get().last_confirmed_on == timezone.localdate()
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("Déjà confirmée")


def test_without_script_too(browser, asked):
    _organization, link = asked
    context = browser.new_context(java_script_enabled=False)
    faults = watch(context)
    page = context.new_page()
    page.goto(link)
    page.get_by_role("button", name="Tout est exact").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Merci")
    assert faults == []
    context.close()


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1280, "light")])
def test_staff_see_it_and_mark_an_address(page, live_server, asked, faults, width, scheme):
    _organization, _link = asked
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    user = User.objects.create_superuser("marie@example.org", first_name="Marie")
    sent = SentMail.objects.get()
    come_in(page, live_server, user, f"/admin/members/sentmail/{sent.pk}/change/")
    for path in ("", "/admin/members/sentmail/", "/admin/members/organization/freshness/"):
        if path:
            page.goto(live_server.url + path)
        assert violations(page, faults) == [], path
        assert too_wide(page) <= 0, path
    page.get_by_role("button", name="Ne fonctionne pas").click()
    expect(page.get_by_role("button", name="Fonctionne de nouveau")).to_be_visible()
    assert BouncedAddress.objects.known() == {"bonjour@eauvive.example"}
    assert violations(page, faults) == []
