"""The calendar: what it lists, under which days, how it is narrowed, what it costs."""

import datetime
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from members import moments
from members.calendar_filters import EventFilter
from members.directory.caching import directory_version
from members.models import Event, EventDate
from tests.factories import (
    AllianceFactory,
    CampaignFactory,
    EditionFactory,
    EventFactory,
    OrganizationFactory,
)

pytestmark = pytest.mark.django_db

PAGE = "/en/calendar/"
DAY = datetime.timedelta(days=1)


def today():
    return timezone.localdate()


def text_of(response):
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def page(client, query="", language="en", **headers):
    address = PAGE if language == "en" else "/calendrier/"
    return text_of(client.get(address + query, headers=headers))


def titles(html):
    """The titles of the cards, in order."""
    return re.findall(r'<h4 class="card-name">(?:<span.*?</span> )?<a [^>]*>(.*?)</a>', html)


def found(**asked):
    """The titles of what the filterset finds, in order."""
    filterset = EventFilter(asked, version=directory_version())
    assert not filterset.ignored
    return [row["event__title_fr"] for row in filterset.qs.for_cards()]


def dated(event, first, last=None, hour=19, **facts):
    """A date of the event from a local day, at that hour for two hours, or to another day."""
    starts = datetime.datetime.combine(first, datetime.time(hour), event.tz)
    ends = (
        datetime.datetime.combine(last, datetime.time(hour), event.tz)
        if last
        else starts + datetime.timedelta(hours=2)
    )
    return EventDate.objects.create(event=event, starts_at=starts, ends_at=ends, **facts)


def whole_days(event, first, last):
    """A date of whole days."""
    starts = datetime.datetime.combine(first, datetime.time(), event.tz)
    ends = datetime.datetime.combine(last + DAY, datetime.time(), event.tz)
    return EventDate.objects.create(event=event, starts_at=starts, ends_at=ends)


# The list


def test_dates_come_day_after_day(client):
    EventFactory(title_fr="Après", days=9)
    EventFactory(title_fr="Avant", days=2)
    html = page(client)
    assert titles(html) == ["Avant", "Après"]
    day = today() + 2 * DAY
    assert f'<time datetime="{day.isoformat()}">' in html
    assert "From 19:00 to 21:00" in html
    assert "2 dates found" in html


def test_what_is_not_public_or_over_is_not_listed(client):
    EventFactory(title_fr="Cachée", published_at=None)
    EventFactory(title_fr="Passée", days=-1)
    EventFactory(title_fr="De ce jour", days=0)
    assert titles(page(client)) == ["De ce jour"]


def test_past_dates_are_kept_the_latest_first(client):
    EventFactory(title_fr="Ancienne", days=-30)
    EventFactory(title_fr="Récente", days=-3)
    EventFactory(title_fr="À venir", days=3)
    assert titles(page(client, "?when=past")) == ["Récente", "Ancienne"]


def test_each_date_of_an_event_is_listed(client):
    event = EventFactory(title_fr="Ciné-club", dates=False)
    for week in (1, 2, 3):
        dated(event, today() + 7 * week * DAY)
    assert titles(page(client)) == ["Ciné-club"] * 3


def test_long_exhibition_is_listed_once(client):
    event = EventFactory(title_fr="Exposition", dates=False, all_day=True)
    whole_days(event, today() - 10 * DAY, today() + 30 * DAY)
    EventFactory(title_fr="Soirée", days=1)
    html = page(client)
    assert titles(html) == ["Exposition", "Soirée"]
    assert html.index("Under way") < html.index("Exposition")
    last = today() + 30 * DAY
    assert f"Until {last:%A, %B} {last.day}" in html
    # On any day that it lasts, it is there, once.
    day = (today() + 5 * DAY).isoformat()
    assert titles(page(client, f"?from={day}&to={day}")) == ["Exposition"]


def test_cancelled_and_postponed_are_said_in_words(client):
    EventFactory(title_fr="Annulée", status="cancelled")
    EventFactory(title_fr="Reportée", status="postponed")
    event = EventFactory(title_fr="Série", dates=False)
    dated(event, today() + DAY, is_cancelled=True)
    html = page(client)
    assert html.count('<span class="event-state">Cancelled</span>') == 2
    assert html.count('<span class="event-state">Postponed</span>') == 1


def test_time_of_the_islands_is_said_to_be_theirs(client):
    EventFactory(zone="America/Halifax", town="Les Îles-de-la-Madeleine")
    assert "From 19:00 to 21:00 (Îles-de-la-Madeleine time)" in page(client)


def test_whole_day_on_the_islands_is_not_the_day_before(client):
    event = EventFactory(title_fr="Fête", dates=False, all_day=True, zone="America/Halifax")
    day = today() + 3 * DAY
    whole_days(event, day, day)
    before = (day - DAY).isoformat()
    assert titles(page(client, f"?from={before}&to={before}")) == []
    assert titles(page(client, f"?from={day.isoformat()}&to={day.isoformat()}")) == ["Fête"]


def test_what_ended_at_midnight_is_over(client):
    event = EventFactory(dates=False, all_day=True)
    whole_days(event, today() - DAY, today() - DAY)
    assert titles(page(client)) == []
    assert len(titles(page(client, "?when=past"))) == 1


def test_without_an_end_it_is_there_all_that_day(client):
    event = EventFactory(title_fr="Sans fin", dates=False)
    midnight = datetime.datetime.combine(today(), datetime.time(), event.tz)
    EventDate.objects.create(event=event, starts_at=midnight)
    assert titles(page(client)) == ["Sans fin"]
    assert titles(page(client, "?when=past")) == []


def test_organizers_are_named_whether_or_not_they_are_still_members(client):
    EventFactory(
        by=[OrganizationFactory(name_fr="Une"), OrganizationFactory(name_fr="Autre", lapsed=True)]
    )
    html = page(client)
    assert ">Une</span>" in html
    assert ">Autre</span>" in html


def test_pages_of_a_long_list(client):
    event = EventFactory(title_fr="Tous les jours", dates=False)
    for number in range(1, 36):
        dated(event, today() + number * DAY)
    first, second = page(client), page(client, "?page=2")
    assert (len(titles(first)), len(titles(second))) == (30, 5)
    assert "from 1 to 30" in first
    assert "page=2" in first


# What narrows it


@pytest.fixture
def several():
    estrie = OrganizationFactory(name_fr="Estrienne")
    edition = EditionFactory(
        campaign=CampaignFactory(name_fr="Douze jours", slug="12-jours"), year=2026
    )
    EventFactory(
        title_fr="L’eau d’ici", town="Sherbrooke", themes=["sante"], by=[estrie], edition=edition
    )
    EventFactory(title_fr="Femmes à Rimouski", town="Rimouski", themes=["enfance"], days=8)
    EventFactory(title_fr="Webinaire", online_url="https://exemple.example/", days=9)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?region=05", ["L’eau d’ici"]),
        ("?region=05&region=01", ["L’eau d’ici", "Femmes à Rimouski"]),
        ("?theme=enfance", ["Femmes à Rimouski"]),
        ("?edition=12-jours-2026", ["L’eau d’ici"]),
        ("?organization=estrienne", ["L’eau d’ici"]),
        ("?place=online", ["Webinaire"]),
        ("?place=here", ["L’eau d’ici", "Femmes à Rimouski"]),
        ("?q=leau", []),
        ("?q=l%27eau", ["L’eau d’ici"]),
        ("?q=RIMOUSKI+femmes", ["Femmes à Rimouski"]),
        ("?q=bas-saint-laurent", ["Femmes à Rimouski"]),
        ("?q=%25", ["L’eau d’ici", "Femmes à Rimouski", "Webinaire"]),
        ("?region=05&theme=enfance", []),
    ],
)
def test_each_filter_narrows(client, several, query, expected):
    assert titles(page(client, query)) == expected


def test_counts_stand_beside_choices(client, several):
    html = page(client, "?region=05")
    choices = dict(
        re.findall(r'value="(\d\d)"[^>]*><span class="choice-name">.*?choice-count">(\d+)<', html)
    )
    # What each region would give, whatever is chosen now.
    assert choices == {"05": "1", "01": "1"}


def test_period_in_a_word(several):
    monday = today() + (7 - today().weekday()) % 7 * DAY
    event = EventFactory(title_fr="Lundi", dates=False)
    dated(event, monday + 7 * DAY)
    first, last = moments.meant("next-week", today())
    expected = "Lundi" if first <= monday + 7 * DAY <= last else None
    assert ("Lundi" in found(when="next-week")) == bool(expected)
    assert found(when="today") == []


def test_chips_take_each_choice_away(client, several):
    html = page(client, "?region=05&theme=sante&q=eau")
    assert 'href="/en/calendar/?q=eau&amp;theme=sante"' in html
    assert 'href="/en/calendar/?q=eau&amp;region=05"' in html
    assert 'href="/en/calendar/?region=05&amp;theme=sante"' in html


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?region=99", "Region “99”"),
        ("?theme=rien", "Theme “rien”"),
        ("?edition=12-jours-1900", "Campaign “12-jours-1900”"),
        ("?organization=personne", "Organization “personne”"),
        ("?when=jamais", "When “jamais”"),
        ("?place=lune", "Place “lune”"),
        ("?from=2026-02-30", "From “2026-02-30”"),
        ("?to=29+f%C3%A9vrier", "Until “29 février”"),
        ("?from=1812-06-18", "From “1812-06-18”"),
        ("?view=month&month=2026-13", "Month “2026-13”"),
        ("?from=2026-12-02&to=2026-12-01", "Until “2026-12-01”"),
        ("?page=99", "Page “99”"),
        ("?sujet=eau", "sujet “eau”"),
    ],
)
def test_what_is_unknown_is_left_out_and_named(client, several, query, said):
    assert f"{said} is not known here." in page(client, query)


def test_edition_in_preparation_is_not_a_choice(client):
    edition = EditionFactory(year=2026, is_published=False)
    EventFactory(edition=edition)
    html = page(client, f"?edition={edition.campaign.slug}-2026")
    assert "is not known here" in html
    assert "2026, " not in html


def test_empty_list_offers_ways_out(client, several):
    html = page(client, "?region=09&when=today")
    assert "No date has all of this." in html
    assert 'href="/en/calendar/?region=09"' in html
    assert 'href="/en/calendar/?region=09&amp;when=past"' in html


def test_calendar_without_anything_says_so(client):
    html = page(client)
    assert "Nothing is announced for now." in html
    assert "No date found" in html


def test_until_a_past_day_means_what_was_before(client):
    EventFactory(title_fr="Passée", days=-20)
    EventFactory(title_fr="À venir", days=3)
    day = (today() - 10 * DAY).isoformat()
    assert titles(page(client, f"?to={day}")) == ["Passée"]
    day = (today() + 10 * DAY).isoformat()
    assert titles(page(client, f"?to={day}")) == ["À venir"]


def test_htmx_gets_the_results_that_the_page_has(client, several):
    whole, part = page(client, "?region=05"), page(client, "?region=05", **{"HX-Request": "true"})
    assert titles(part) == titles(whole)
    assert "<html" not in part
    answer = client.get(PAGE + "?region=05&when=", headers={"HX-Request": "true"})
    assert answer["HX-Push-Url"] == "/en/calendar/?region=05"


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.dictionaries(
        st.sampled_from(
            "q region theme edition organization place when from to view month page".split()
        ),
        st.text(max_size=30) | st.sampled_from(["month", "2026-02", "2026-02-29", "05", "past"]),
    )
)
def test_any_address_answers(client, asked):
    assert client.get(PAGE, asked).status_code == 200


# A month


def test_month_is_a_table_of_weeks(client):
    event = EventFactory(title_fr="Veillée", dates=False, zone="America/Halifax")
    dated(event, datetime.date(2026, 11, 25))
    html = page(client, "?view=month&month=2026-11")
    assert "<caption>November 2026</caption>" in html
    assert html.count('<th scope="col"') == 7
    assert html.count('<td role="cell"') == 35
    assert "month=2026-10" in html
    assert "month=2026-12" in html
    cell = re.search(r'<td role="cell">(.*?)</td>', html, re.S)[1]
    assert 'aria-label="Wednesday, November 25, 2026"' in cell
    assert "from=2026-11-25&amp;to=2026-11-25" in cell
    assert "19:00" in cell
    assert "Veillée" in cell


def test_month_that_begins_on_sunday_and_february_of_29_days(client):
    EventFactory()
    assert page(client, "?view=month&month=2026-11").count("<td ") == 35
    html = page(client, "?view=month&month=2028-02")
    assert '<p class="month-day">29</p>' in html
    assert '<p class="month-day">30</p>' not in html


def test_several_days_are_on_each_and_weeks_only_once(client):
    short = EventFactory(title_fr="Colloque", dates=False)
    dated(short, datetime.date(2026, 11, 10), datetime.date(2026, 11, 12), hour=9)
    long = EventFactory(title_fr="Exposition", dates=False, all_day=True)
    whole_days(long, datetime.date(2026, 10, 20), datetime.date(2026, 11, 28))
    html = page(client, "?view=month&month=2026-11")
    assert html.count(">Colloque</a>") == 3
    assert html.count("until Thursday, November 12") == 2
    assert html.count(">Exposition</a>") == 1
    assert "from Tuesday, October 20 to Saturday, November 28, 2026" in html


def test_day_that_is_full_leads_to_the_others(client):
    for number in range(6):
        dated(EventFactory(title_fr=f"N{number}", dates=False), datetime.date(2026, 11, 25))
    html = page(client, "?view=month&month=2026-11")
    assert "2 others" in html
    assert ">N4</a>" not in html


def test_first_and_last_months_of_our_calendar(client):
    EventFactory()
    assert "month=1975-12" not in page(client, "?view=month&month=1976-01")
    assert "month=2101-01" not in page(client, "?view=month&month=2100-12")


def test_empty_month_says_so(client):
    html = page(client, "?view=month&month=2031-01")
    assert "No date has all of this." in html


# Elsewhere


def test_organization_shows_what_it_holds_next(client):
    organization = OrganizationFactory(name_fr="Puits")
    event = EventFactory(title_fr="Ciné-club", dates=False, by=[organization])
    for week in range(5):
        dated(event, today() + (1 + 7 * week) * DAY)
    EventFactory(title_fr="Annulée", by=[organization], status="cancelled")
    EventFactory(title_fr="D’une autre")
    html = text_of(client.get("/en/organizations/puits/"))
    assert html.count(">Ciné-club</a>") == 1
    assert "Annulée" not in html
    assert "D’une autre" not in html
    assert "/en/calendar/?organization=puits" in html


def test_region_and_home_show_what_comes(client):
    EventFactory(title_fr="À Rimouski", town="Rimouski")
    assert ">À Rimouski</a>" in text_of(client.get("/en/regions/bas-saint-laurent/"))
    assert ">À Rimouski</a>" not in text_of(client.get("/en/regions/estrie/"))
    assert ">À Rimouski</a>" in text_of(client.get("/en/"))


def test_themes_countries_and_alliances_show_what_comes(client):
    alliance = AllianceFactory(name_fr="Coalition (fictive)")
    event = EventFactory(title_fr="Veillée", themes=["sante"])
    event.countries.set(["HT"])
    event.alliances.add(alliance)
    EventFactory(title_fr="Autre")
    for address in ("themes/sante", "countries/ht", "alliances/coalition-fictive"):
        html = text_of(client.get(f"/en/{address}/"))
        assert ">Veillée</a>" in html, address
        assert ">Autre</a>" not in html, address
        assert "css/calendar.css" in html, address
    assert ">Coalition (fictive)</span>" in page(client)


def test_nothing_to_come_shows_nothing(client):
    OrganizationFactory(name_fr="Puits")
    for address in ("/en/", "/en/organizations/puits/", "/en/regions/estrie/"):
        assert "event-cards" not in text_of(client.get(address))


# What it costs


@pytest.mark.parametrize("number", [2, 20])
@pytest.mark.parametrize(
    ("query", "queries"),
    [
        ("", 3),
        ("?region=05&theme=sante&q=soiree", 4),
        ("?organization=estrienne&place=here", 5),
        ("?when=past", 4),
        ("?view=month", 4),
    ],
)
def test_queries_do_not_grow_with_rows(client, several, number, query, queries):
    estrienne = Event.objects.get(slug="l-eau-d-ici").organizations.get()
    for n in range(number):
        EventFactory(
            title_fr=f"Soirée {n}", town="Magog", themes=["sante"], by=[estrienne], days=n % 5 - 2
        )
    page(client)  # the words, the editions and the whole calendar's counts, kept for a version
    with CaptureQueriesContext(connection) as captured:
        page(client, query)
    assert len(captured) <= queries, [query["sql"][:90] for query in captured]


def test_first_page_of_a_version_reads_the_words_too(client, several):
    with CaptureQueriesContext(connection) as captured:
        page(client)
    assert len(captured) <= 6
