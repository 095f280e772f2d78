"""A call and what follows it, logged on a phone from an organization's page, by the keyboard."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from members.models import FollowUp, Interaction
from members.permissions import Role
from tests.browser.axe import too_wide, violations
from tests.browser.conftest import come_in
from tests.conftest import load_reference
from tests.factories import InteractionFactory, OrganizationFactory, PersonFactory, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def eau_vive():
    load_reference()
    organization = OrganizationFactory(name_fr="Eau vive (fictif)", town="Montréal")
    PersonFactory(
        at=organization,
        first_name="Zoé",
        last_name="Fictive",
        title="directrice",
        kinds=["direction"],
    )
    return organization


@pytest.fixture
def marie(eau_vive):
    return make_user(Role.PERMANENCE, email="marie@example.org", first_name="Marie")


@pytest.fixture
def office(page, live_server, marie, faults):
    """A page of Marie, on a phone."""
    page.set_viewport_size({"width": 390, "height": 800})
    come_in(page, live_server, marie)
    return page


def tab_to(page, selector, most=80):
    """Go from field to field with the Tab key until the one that is looked for."""
    for _press in range(most):
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {selector}")


def sound(page, faults):
    """Nothing to complain of: no fault, no sideways scroll, clean for axe, folded parts open."""
    assert faults == []
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    assert too_wide(page) <= 0
    assert violations(page, faults) == []


def test_call_and_its_follow_up_by_the_keyboard(office, live_server, faults, eau_vive, marie):
    home = live_server.url + reverse("admin:members_organization_change", args=[eau_vive.pk])
    office.goto(home)
    office.locator("a[href*='interaction/add/']").first.press("Enter")
    # The subject waits to be typed.
    office.wait_for_selector("#id_subject:focus")
    office.keyboard.type("Renouvellement de l’adhésion")
    tab_to(office, "[name=participants][type=checkbox]")
    office.keyboard.press("Space")
    tab_to(office, "#id_minutes")
    office.keyboard.type("12")
    tab_to(office, "#id_follow_up_what")
    office.keyboard.type("Envoyer le formulaire")
    tab_to(office, "[name=follow_up_due]")
    office.keyboard.press("ArrowUp")  # tomorrow, before « in a week »
    office.locator("#id_follow_up_what").press("Enter")
    office.wait_for_url(home)
    exchange = Interaction.objects.get()
    assert exchange.subject == "Renouvellement de l’adhésion"
    assert (exchange.kind, exchange.minutes, exchange.recorded_by) == ("call", 12, marie)
    assert list(exchange.organizations.all()) == [eau_vive]
    assert exchange.participations.get().title == "directrice"
    follow_up = FollowUp.objects.get()
    assert follow_up.due_on == timezone.localdate() + datetime.timedelta(days=1)
    # It stands on the page one comes back to, and is done from there in one click.
    office.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    assert office.get_by_role("link", name="Renouvellement de l’adhésion").first.is_visible()
    office.locator("button.finish").first.press("Enter")
    office.wait_for_selector(".messagelist .success")
    assert office.url == home
    follow_up.refresh_from_db()
    assert follow_up.done_by == marie


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "light"), (390, "dark")])
def test_pages_of_exchanges_and_follow_ups_are_usable(
    office, live_server, faults, eau_vive, marie, width, scheme
):
    office.set_viewport_size({"width": width, "height": 800})
    office.emulate_media(color_scheme=scheme)
    exchange = InteractionFactory(
        about=[eau_vive], people=[eau_vive.positions.get().person], notes="Ce qui fut dit."
    )
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    follow_up = FollowUp.objects.create(
        what="Rappeler",
        interaction=exchange,
        organization=eau_vive,
        assigned_to=marie,
        due_on=yesterday,
    )
    for path in (
        "/admin/members/interaction/",
        f"/admin/members/interaction/add/?organizations={eau_vive.pk}",
        f"/admin/members/interaction/{exchange.pk}/change/",
        "/admin/members/followup/",
        "/admin/members/followup/add/",
        f"/admin/members/followup/{follow_up.pk}/change/",
    ):
        faults.clear()
        office.goto(live_server.url + path)
        sound(office, faults)
