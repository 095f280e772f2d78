"""A teacher looks for something next week near Rimouski; the calendar on every screen."""

import datetime

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from members import moments
from members.models import EventDate
from tests.browser.axe import COLOURS, too_wide, violations
from tests.conftest import load_reference
from tests.factories import CampaignFactory, EditionFactory, EventFactory, OrganizationFactory

pytestmark = pytest.mark.django_db(transaction=True)

DAY = datetime.timedelta(days=1)


def dated(event, day, hour=13, **facts):
    starts = datetime.datetime.combine(day, datetime.time(hour), event.tz)
    return EventDate.objects.create(
        event=event, starts_at=starts, ends_at=starts + datetime.timedelta(hours=2), **facts
    )


@pytest.fixture
def week(live_server):
    """The first day of next week, when something is held near Rimouski and elsewhere."""
    load_reference()
    today = timezone.localdate()
    sunday, _saturday = moments.meant("next-week", today)
    here = OrganizationFactory(name_fr="Cœur de marée (fictif)", town="Rimouski")
    edition = EditionFactory(
        campaign=CampaignFactory(name_fr="Deux semaines (fictif)"), year=today.year
    )
    wanted = EventFactory(
        title_fr="Ce que la mer nous doit",
        text_fr="Un atelier de **deux heures**.",
        venue="Salle des Embruns (fictive)",
        town="Rimouski",
        audience="schools",
        themes=["sante"],
        edition=edition,
        by=[here],
        dates=False,
        is_step_free=True,
        registration_url="https://exemple.example/inscription",
    )
    dated(wanted, sunday + 3 * DAY)
    dated(EventFactory(title_fr="Plus tard", town="Rimouski", dates=False), sunday + 20 * DAY)
    dated(EventFactory(title_fr="Ailleurs", town="Gatineau", dates=False), sunday + 2 * DAY)
    off = EventFactory(
        title_fr="Souper des Andes",
        town="Montmagny",
        status="cancelled",
        status_note_fr="Par la neige.",
        dates=False,
    )
    dated(off, sunday + 4 * DAY)
    long = EventFactory(title_fr="Exposition", town="Québec", all_day=True, dates=False)
    midnight = datetime.datetime.combine(today - 3 * DAY, datetime.time(), long.tz)
    EventDate.objects.create(event=long, starts_at=midnight, ends_at=midnight + 40 * DAY)
    return sunday


def look_for_it(page, live_server):
    """From the home page to the calendar of next week in the Bas-Saint-Laurent."""
    page.goto(live_server.url + "/")
    page.get_by_role("navigation", name="Principale").get_by_role("link", name="Calendrier").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Calendrier")
    fold = page.locator("#facets-fold > summary")
    if not page.get_by_role("link", name="La semaine prochaine").is_visible():
        fold.click()
    page.get_by_role("link", name="La semaine prochaine").click()
    expect(page.get_by_role("status")).to_contain_text("4 dates")
    if not page.get_by_role("checkbox", name="Bas-Saint-Laurent").is_visible():
        fold.click()
    page.get_by_role("checkbox", name="Bas-Saint-Laurent").check()


@pytest.mark.parametrize("width", [320, 1280])
def test_teacher_finds_what_is_held_next_week_near_rimouski(page, live_server, week, width):
    page.set_viewport_size({"width": width, "height": 800})
    look_for_it(page, live_server)
    expect(page.get_by_role("status")).to_contain_text("1 date trouvée")
    page.wait_for_url("**/calendrier/?region=01&when=next-week")
    day = moments.in_full(week + 3 * DAY)
    expect(page.get_by_role("heading", level=3, name=day)).to_be_visible()
    page.get_by_role("link", name="Ce que la mer nous doit").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ce que la mer nous doit")
    expect(
        page.get_by_text(f"Le {day}, de 13 h à 15 h".replace(" h", "\N{NO-BREAK SPACE}h"))
    ).to_be_visible()
    expect(page.get_by_text("Sans marche")).to_be_visible()
    expect(page.get_by_text("Écoles")).to_be_visible()
    expect(page.get_by_role("link", name="S’inscrire")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Ajouter à mon agenda").click()
    assert download.value.suggested_filename == "ce-que-la-mer-nous-doit.ics"


def test_same_way_without_script(browser, live_server, week):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    look_for_it(page, live_server)
    page.get_by_role("button", name="Appliquer les filtres").click()
    expect(page.get_by_role("status")).to_contain_text("1 date trouvée")
    expect(page.get_by_role("link", name="Ce que la mer nous doit")).to_be_visible()
    context.close()


def test_days_that_are_chosen_take_the_place_of_a_word(page, live_server, week):
    page.goto(live_server.url + "/calendrier/?when=today")
    page.get_by_label("Du", exact=True).fill((week + 20 * DAY).isoformat())
    page.get_by_label("Du", exact=True).dispatch_event("change")
    expect(page.get_by_role("status")).to_contain_text("2 dates trouvées")
    page.wait_for_url(f"**/calendrier/?from={(week + 20 * DAY).isoformat()}")
    expect(page.get_by_role("heading", name="En cours")).to_be_visible()
    page.get_by_role("link", name="Tout ce qui vient", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("5 dates trouvées")
    page.wait_for_url("**/calendrier/")
    expect(page.get_by_label("Du", exact=True)).to_have_value("")


def test_address_to_subscribe_to_follows_the_filters(page, live_server, week):
    page.goto(live_server.url + "/calendrier/")
    page.get_by_role("checkbox", name="Bas-Saint-Laurent").check()
    address = f"{live_server.url}/calendrier.ics?region=01"
    expect(page.get_by_label("Adresse à donner")).to_have_value(address)
    link = page.locator("#subscribe").get_by_role("link", name="S’abonner")
    expect(link).to_have_attribute("href", address.replace("http:", "webcal:"))


def test_month_goes_to_the_next_and_to_a_day(page, live_server, week):
    page.goto(f"{live_server.url}/calendrier/?view=month&month={week + 3 * DAY:%Y-%m}")
    table = page.get_by_role("table")
    expect(table.get_by_role("columnheader")).to_have_count(7)
    expect(table.get_by_role("link", name="Ce que la mer nous doit")).to_be_visible()
    expect(page.get_by_role("heading", name="Sur plusieurs semaines")).to_be_visible()
    after = moments.month(moments.first_of_next_month(week + 3 * DAY))
    page.get_by_role("link", name=after).click()
    expect(page.locator("caption")).to_have_text(after[0].upper() + after[1:])
    page.go_back()
    table.get_by_role("link", name=moments.in_full(week + 3 * DAY)).click()
    expect(page.get_by_role("heading", level=4, name="Ce que la mer nous doit")).to_be_visible()


@pytest.mark.parametrize("language", ["", "/en"])
def test_everyone_can_use_the_calendar(page, live_server, week, faults, language):
    base = live_server.url + (f"{language}/calendar" if language else "/calendrier")
    paths = {
        "list": "/",
        "month": f"/?view=month&month={week + 3 * DAY:%Y-%m}",
        "nothing": "/?q=girafe&region=99",
        "past": "/?when=past",
        "event": "/ce-que-la-mer-nous-doit/",
        "cancelled": "/souper-des-andes/",
    }
    found = {}
    for name, path in paths.items():
        page.goto(base + path)
        for width in (320, 768, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            assert too_wide(page) <= 0, (name, width)
            page.emulate_media(color_scheme="light")
            found[name, width] = violations(page, faults)
        page.emulate_media(color_scheme="dark")
        found[name, "dark"] = violations(page, faults, COLOURS)
    assert {where: what for where, what in found.items() if what} == {}


def test_paper_has_the_dates_and_nothing_to_click(page, live_server, week):
    page.emulate_media(media="print")
    page.goto(live_server.url + "/calendrier/")
    expect(page.get_by_text("Ce que la mer nous doit")).to_be_visible()
    expect(page.get_by_text("Annulée", exact=True)).to_be_visible()
    for useless in ("#facets-fold", "#subscribe", ".toolbar", ".site-header"):
        expect(page.locator(useless)).to_be_hidden()
