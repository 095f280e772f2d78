"""An event from a member's phone to the public: posted, corrected by the staff, then cancelled."""

import os

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from members import happening
from members.models import Event, EventProposal
from members.permissions import Role
from tests.browser.axe import COLOURS, too_wide, violations
from tests.browser.conftest import come_in
from tests.conftest import load_reference
from tests.factories import (
    EventFactory,
    OrganizationFactory,
    RepresentativeFactory,
    make_user,
)

pytestmark = pytest.mark.django_db(transaction=True)

PHONE, NARROW = {"width": 390, "height": 844}, {"width": 320, "height": 700}
YEAR = timezone.localdate().year + 1


@pytest.fixture(autouse=True)
def site_url(settings):
    """Where the links of mails lead."""
    settings.SITE_URL = "https://annuaire.example"


@pytest.fixture
def organization():
    load_reference()
    return OrganizationFactory(name_fr="Eau vive (fictif)", town="Rimouski")


@pytest.fixture
def ana(organization):
    return RepresentativeFactory(
        organization=organization, user__email="ana@eau.example", user__first_name="Ana"
    ).user


def address(live_server, name, organization, **kwargs):
    """The English address: the French catalogue is proofread elsewhere."""
    with override("en"):
        path = reverse(f"space:{name}", kwargs={"slug": organization.slug} | kwargs)
    return live_server.url + path


def seen_as(page, name):
    """For whoever looks at the pages: a picture of this one, where `PICTURES` says."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def fits(page):
    wide = too_wide(page)
    assert wide <= 0, f"{page.url} is {wide} px too wide"


def test_event_is_posted_without_script_accepted_and_cancelled(
    browser, live_server, organization, ana
):
    phone = browser.new_context(java_script_enabled=False, viewport=PHONE)
    page = phone.new_page()
    come_in(page, live_server, ana)
    page.goto(address(live_server, "events", organization))
    page.get_by_role("link", name="Post an event").click()
    page.get_by_label("Title in French").fill("Soirée sur l’eau")
    page.get_by_label("Text in French").fill("Un film, puis **un débat**.")
    dates = page.get_by_role("group", name="Date 1")
    dates.get_by_label("Begins on").fill(f"{YEAR}-06-10")
    dates.get_by_label("at", exact=True).first.fill("19:00")
    dates.get_by_label("at", exact=True).last.fill("18:00")
    page.get_by_label("Municipality").select_option(label="Rimouski")
    page.get_by_role("button", name="Send to the staff").click()
    assert "ends before it begins" in page.get_by_role("alert").inner_text()
    fits(page)
    seen_as(page, "refused")
    dates.get_by_label("at", exact=True).last.fill("21:00")
    page.get_by_role("button", name="Add other dates").click()
    other = page.get_by_role("group", name="Date 2")
    other.get_by_label("Begins on").fill(f"{YEAR}-06-17")
    other.get_by_label("at", exact=True).first.fill("19:00")
    page.get_by_role("button", name="See it as it would be").last.click()
    assert page.locator("strong", has_text="un débat").is_visible()
    fits(page)
    seen_as(page, "preview")
    page.get_by_role("button", name="Send to the staff").click()
    page.get_by_text("Waiting for the staff.").wait_for()
    fits(page)
    seen_as(page, "waiting")
    assert not Event.objects.exists()

    office = browser.new_context()
    desk = office.new_page()
    marie = make_user(Role.COMMUNICATIONS, email="marie@example.org", first_name="Marie")
    come_in(desk, live_server, marie, "/admin/members/eventproposal/")
    desk.get_by_role("link", name="Soirée sur l’eau").click()
    title = desk.locator("section[aria-labelledby='title_fr-title']")
    title.locator("input[value='edit']").check()
    title.locator("[name='title_fr']").fill("Soirée film sur l’eau")
    desk.locator("#decision .submit-row input[type='submit']").click()
    desk.wait_for_selector(".messagelist .success")
    office.close()
    event = Event.objects.get()
    assert event.is_public
    assert (event.title_fr, event.dates.count()) == ("Soirée film sur l’eau", 2)
    with override("en"):
        public = live_server.url + event.get_absolute_url()
    page.goto(public)
    assert page.get_by_role("heading", name="Soirée film sur l’eau").is_visible()

    page.goto(address(live_server, "events", organization))
    page.get_by_role("link", name="Cancel or postpone").click()
    page.get_by_label("Cancelled", exact=True).check()
    page.get_by_label("What to know about it, in French").fill("La salle est fermée.")
    seen_as(page, "standing")
    page.get_by_role("button", name="Say it on the public page").click()
    page.get_by_text("says that it is cancelled").wait_for()
    fits(page)
    seen_as(page, "events")
    event.refresh_from_db()
    assert (event.status, event.status_note_fr) == ("cancelled", "La salle est fermée.")
    page.goto(public)
    assert page.get_by_text("This event is cancelled.").is_visible()
    assert page.get_by_text("La salle est fermée.").is_visible()
    phone.close()


@pytest.fixture
def posted(organization, ana):
    """An event that is public with changes that wait, and one that waits."""
    event = EventFactory(by=[organization], posted_for=organization, town="Rimouski")
    values = happening.read(Event.objects.for_values().get(pk=event.pk))
    happening.send(
        organization=organization,
        event=event,
        values=values | {"title_fr": "Soirée film", "text_fr": "Un film.\n\n- Une chanson"},
        start=values,
        by=ana,
    )
    happening.send(
        organization=organization,
        values=happening.blank()
        | {
            "title_fr": "Atelier sur l’accès à l’eau potable",
            "text_fr": "Un **atelier**.",
            "when": {
                "zone": "America/Toronto",
                "all_day": False,
                "dates": [[f"{YEAR}-06-10T19:00", ""], [f"{YEAR}-06-17T19:00", ""]],
            },
            "organizations": [organization.pk],
            "languages": ["fr", "ht"],
        },
        start=happening.blank(),
        by=ana,
    )
    return event


def test_pages_of_the_space_have_no_fault(page, live_server, organization, ana, posted, faults):
    come_in(page, live_server, ana)
    new = EventProposal.objects.get(is_new=True)
    for name, arguments in [
        ("events", {}),
        ("event-new", {}),
        ("event-edit", {"event": posted.pk}),
        ("event-standing", {"event": posted.pk}),
        ("event-proposal", {"proposal": new.pk}),
    ]:
        page.goto(address(live_server, name, organization, **arguments))
        assert violations(page, faults) == [], name
        seen_as(page, f"{name}-wide")
        page.emulate_media(color_scheme="dark")
        assert violations(page, faults, COLOURS) == [], name
        seen_as(page, f"{name}-dark")
        page.set_viewport_size(NARROW)
        fits(page)
        seen_as(page, f"{name}-narrow")
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 1280, "height": 900})


def test_pages_of_the_staff_have_no_fault(page, live_server, organization, ana, posted, faults):
    come_in(page, live_server, make_user(Role.COMMUNICATIONS))
    new, changed = EventProposal.objects.order_by("-is_new")
    for name, path in [
        ("list of proposals", "/admin/members/eventproposal/"),
        ("new", f"/admin/members/eventproposal/{new.pk}/change/"),
        ("changed", f"/admin/members/eventproposal/{changed.pk}/change/"),
        ("preview", f"/admin/members/eventproposal/{new.pk}/apercu/"),
        ("list of events", "/admin/members/event/?when=all"),
        ("event", f"/admin/members/event/{posted.pk}/change/"),
        ("preview of event", f"/admin/members/event/{posted.pk}/apercu/"),
    ]:
        page.goto(live_server.url + path)
        assert violations(page, faults) == [], name
        seen_as(page, f"staff-{name}")
        page.set_viewport_size(NARROW)
        page.emulate_media(color_scheme="dark")
        page.goto(live_server.url + path)
        assert violations(page, faults, COLOURS) == [], name
        fits(page)
        seen_as(page, f"staff-{name}-narrow")
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 1280, "height": 900})
