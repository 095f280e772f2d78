"""The calendars that programs follow, read by two that are not ours."""

import datetime
import re
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import icalendar
import pytest
import vobject
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from members import ical
from members.models import Alliance, Event, EventDate
from tests.factories import CampaignFactory, EditionFactory, EventFactory, OrganizationFactory
from tests.members.published import body

pytestmark = pytest.mark.django_db

FEED = "/en/calendar.ics"
DAY = datetime.timedelta(days=1)
TORONTO, ISLANDS = ZoneInfo("America/Toronto"), ZoneInfo("America/Halifax")


def raw(client, address=FEED):
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    return body(response)


def read(client, address=FEED):
    """The calendar at that address, as icalendar understands it."""
    return icalendar.Calendar.from_ical(raw(client, address))


def events(client, address=FEED):
    return read(client, address).walk("VEVENT")


def only(client, address=FEED):
    (event,) = events(client, address)
    return event


def at(*moment, zone=TORONTO, fold=0):
    return datetime.datetime(*moment, tzinfo=zone, fold=fold)


def held(starts, ends=None, **facts):
    """An event with one date, of which nothing is said that is not."""
    cancelled = facts.pop("date_cancelled", False)
    event = EventFactory(dates=False, **facts)
    EventDate.objects.create(event=event, starts_at=starts, ends_at=ends, is_cancelled=cancelled)
    return event


# What a calendar says


def test_calendar_says_what_it_is_and_how_to_follow_it(client):
    calendar = read(client, "/en/calendar.ics?region=05")
    assert calendar["PRODID"] == "-//AQOCI//Calendar//FR"
    assert calendar["VERSION"] == "2.0"
    assert calendar["CALSCALE"] == "GREGORIAN"
    assert calendar["NAME"] == calendar["X-WR-CALNAME"] == "AQOCI – Calendar – Estrie"
    assert calendar["URL"] == "http://testserver/en/calendar/?region=05"
    assert calendar["SOURCE"] == "http://testserver/en/calendar.ics?region=05"
    assert calendar["REFRESH-INTERVAL"].dt == datetime.timedelta(hours=6)
    assert calendar["X-PUBLISHED-TTL"] == "PT6H"


def test_event_says_all_that_a_calendar_needs(client):
    organization = OrganizationFactory(name_fr="Puits, et cetera")
    event = EventFactory(
        title_fr="L’eau; ici, là",
        text_fr="Un **mot**.\n\n- un [lien](https://exemple.example/a)",
        venue="Salle \\ bleue",
        address="12, rue X",
        town="Rimouski",
        themes=["sante"],
        by=[organization],
        online_url="https://exemple.example/ici",
        registration_url="https://exemple.example/inscription",
        is_free=False,
        cost_fr="10 $",
    )
    event.refresh_from_db()
    date = event.dates.get()
    read_back = only(client)
    assert read_back["UID"] == f"{date.uid}@testserver"
    assert read_back["SUMMARY"] == "L’eau; ici, là"
    assert read_back["STATUS"] == "CONFIRMED"
    assert read_back["SEQUENCE"] == event.sequence == 1
    second = datetime.timedelta(seconds=1)
    assert abs(read_back["LAST-MODIFIED"].dt - event.updated_at) < second
    assert read_back["DTSTAMP"].dt == read_back["LAST-MODIFIED"].dt
    assert read_back["DTSTART"].dt == date.starts_at
    assert read_back["DTSTART"].params["TZID"] == "America/Toronto"
    assert read_back["DTEND"].dt == date.ends_at
    assert read_back["LOCATION"] == "Salle \\ bleue, 12, rue X, Rimouski (Québec)"
    assert read_back["GEO"].latitude == pytest.approx(48.45, abs=0.1)
    assert read_back["GEO"].longitude == pytest.approx(-68.52, abs=0.1)
    assert read_back["URL"] == f"http://testserver/en/calendar/{event.slug}/"
    assert read_back["CATEGORIES"].cats == ["Health"]
    assert str(read_back["CONFERENCE"]) == "https://exemple.example/ici"
    description = str(read_back["DESCRIPTION"])
    assert description.startswith("Un mot.\n\n- un lien (https://exemple.example/a)\n\n")
    for said in (
        "Organized by: Puits, et cetera",
        "Cost: 10 $",
        "Online: https://exemple.example/ici",
        "Registration: https://exemple.example/inscription",
        f"More: http://testserver/en/calendar/{event.slug}/",
    ):
        assert said in description.split("\n")


def test_each_date_is_an_event_with_a_name_for_ever(client, settings):
    settings.SITE_URL = "https://membres.example.org:8443"
    event = EventFactory(dates=False)
    for day in (3, 10):
        EventDate.objects.create(event=event, starts_at=timezone.now() + day * DAY)
    before = {str(read_back["UID"]) for read_back in events(client)}
    assert before == {f"{date.uid}@membres.example.org" for date in event.dates.all()}
    event.title_fr, event.slug = "Autre", "autre"
    event.save()
    after = events(client)
    assert {str(read_back["UID"]) for read_back in after} == before
    assert {read_back["SEQUENCE"] for read_back in after} == {3}


def test_cancelled_stays_and_says_so(client):
    event = EventFactory(title_fr="Soirée", status="cancelled", status_note_fr="Par la neige.")
    read_back = only(client)
    assert read_back["STATUS"] == "CANCELLED"
    assert read_back["SUMMARY"] == "Cancelled: Soirée"
    assert str(read_back["DESCRIPTION"]).startswith("Par la neige.")
    sequence = read_back["SEQUENCE"]
    Event.objects.filter(pk=event.pk).update(status="postponed")
    read_back = only(client)
    assert read_back["STATUS"] == "TENTATIVE"
    assert read_back["SUMMARY"] == "Postponed: Soirée"
    assert read_back["SEQUENCE"] == sequence + 1


def test_one_date_that_is_cancelled_leaves_the_others(client):
    event = EventFactory(title_fr="Série", days=3)
    EventDate.objects.create(event=event, starts_at=timezone.now() + 10 * DAY, is_cancelled=True)
    assert [read_back["STATUS"] for read_back in events(client)] == ["CONFIRMED", "CANCELLED"]


def test_whole_days_end_on_the_morning_after(client):
    held(at(2028, 2, 28), at(2028, 3, 1), all_day=True)
    read_back = only(client)
    assert read_back["DTSTART"].dt == datetime.date(2028, 2, 28)
    assert read_back["DTEND"].dt == datetime.date(2028, 3, 1)
    assert read_back["DTSTART"].params["VALUE"] == "DATE"


def test_end_that_is_not_known_is_not_invented(client):
    held(timezone.now() + DAY)
    assert "DTEND" not in only(client)


def test_islands_keep_their_time(client):
    held(at(2027, 7, 1, 19, zone=ISLANDS), zone="America/Halifax")
    calendar = read(client)
    assert [zone["TZID"] for zone in calendar.walk("VTIMEZONE")] == ["America/Halifax"]
    (read_back,) = calendar.walk("VEVENT")
    assert read_back["DTSTART"].params["TZID"] == "America/Halifax"
    assert read_back["DTSTART"].dt == at(2027, 7, 1, 18)
    assert b"DTSTART;TZID=America/Halifax:20270701T190000\r\n" in raw(client)


@pytest.mark.parametrize(
    ("starts", "ends"),
    [
        # Clocks go back at two in the morning, forward at two.
        (at(2026, 11, 1, 0, 30), at(2026, 11, 1, 2, 30)),
        (at(2026, 11, 1, 1, 15), at(2026, 11, 1, 1, 45, fold=1)),
        (at(2026, 11, 1, 1, 15, fold=1), at(2026, 11, 1, 1, 45, fold=1)),
        (at(2026, 3, 8, 1, 30), at(2026, 3, 8, 3, 30)),
        (at(2026, 10, 31, 20), at(2026, 11, 1, 3)),
    ],
)
def test_moments_are_the_same_while_clocks_change(client, starts, ends):
    event = held(starts, ends)
    read_back = only(client, f"/en/calendar/{event.slug}.ics")
    for name, moment in (("DTSTART", starts), ("DTEND", ends)):
        assert read_back[name].dt.astimezone(datetime.UTC) == moment.astimezone(datetime.UTC)


@pytest.mark.parametrize("zone", ical.ZONES)
def test_rules_of_time_zones_are_those_of_the_tz_database(zone):
    """Every day at noon and every hour around the changes, from 1976 to 2040."""
    ours = icalendar.Timezone.from_ical(ical.timezone(zone)).to_tz(lookup_tzid=False)
    theirs = ZoneInfo(zone)
    assert ours != theirs
    for year in range(1976, 2041):
        for month in (1, 3, 4, 5, 7, 10, 11, 12):
            for day in range(1, 29 if month not in (4, 10) else 31):
                moment = datetime.datetime(year, month, day, 12)  # noqa: DTZ001
                expected = moment.replace(tzinfo=theirs).utcoffset()
                assert moment.replace(tzinfo=ours).utcoffset() == expected, moment


# What it holds


def test_feed_keeps_what_was_over_lately(client):
    EventFactory(title_fr="D’hier", days=-1)
    EventFactory(title_fr="Ancienne", days=-400)
    EventFactory(title_fr="À venir", days=400)
    EventFactory(title_fr="Cachée", published_at=None)
    assert [str(e["SUMMARY"]) for e in events(client)] == ["D’hier", "À venir"]


def test_feed_answers_the_question_of_the_list(client):
    organization = OrganizationFactory(name_fr="Puits")
    edition = EditionFactory(
        campaign=CampaignFactory(name_fr="Douze jours", slug="12-jours"), year=2026
    )
    EventFactory(title_fr="Une", town="Rimouski", by=[organization], edition=edition, days=-9)
    EventFactory(title_fr="Autre", town="Sherbrooke")
    for query in ("region=01", "organization=puits", "edition=12-jours-2026", "q=rimouski"):
        assert str(only(client, f"{FEED}?{query}")["SUMMARY"]) == "Une", query
    assert events(client, f"{FEED}?region=01&when=week") == []


def test_feed_says_what_it_does_not_know(client):
    assert "Region: 99" in read(client, f"{FEED}?region=99")["DESCRIPTION"]


def test_one_event_is_a_calendar_too(client):
    event = EventFactory(title_fr="Une", days=-800)
    EventFactory(title_fr="Autre")
    calendar = read(client, f"/en/calendar/{event.slug}.ics")
    assert calendar["NAME"] == "Une"
    assert len(calendar.walk("VEVENT")) == 1
    Event.objects.update(published_at=None)
    assert client.get(f"/en/calendar/{event.slug}.ics").status_code == 404


def test_alliances_hold_events_too(client):
    event = EventFactory()
    event.alliances.add(Alliance.objects.create(name_fr="Coalition (fictive)"))
    assert "Organized by: Coalition (fictive)" in str(only(client)["DESCRIPTION"])


def test_unchanged_feed_is_not_sent_again(client):
    event = EventFactory()
    tag = client.get(FEED)["ETag"]
    assert client.get(FEED, headers={"If-None-Match": tag}).status_code == 304
    EventDate.objects.filter(event=event).update(is_cancelled=True)
    assert client.get(FEED, headers={"If-None-Match": tag}).status_code == 200


# The form


def test_lines_end_and_fold_as_the_standard_asks(client):
    EventFactory(title_fr="É" * 199, text_fr="🌍" * 300)
    text = raw(client)
    assert text.startswith(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert text.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in text.replace(b"\r\n", b"")
    lines = text.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    for line in lines:
        line.decode()  # no character is cut
    read_back = only(client)
    assert read_back["SUMMARY"] == "É" * 199
    assert "🌍" * 300 in read_back["DESCRIPTION"]


def plain(text):
    """A text without the signs that a calendar does not have, its lines as a program reads them."""
    text = re.sub("\r\n|[\r\x0b\x0c\x85\u2028\u2029]", "\n", text)
    return re.sub("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff]", "", text)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=120)


@given(TEXTS, TEXTS)
@example("a;b,c\\n\\;:\"'", "\r\nEND:VEVENT\r\nBEGIN:VEVENT")
@example("\u2028\x85\x0b\x0c\x1c", " \t\u00a0")
@settings(deadline=None, max_examples=150)
def test_any_text_survives_two_parsers(title, note):
    text = (
        ical.beginning(name=title, page="http://x/", source="http://x/", zones=ical.ZONES)
        + ical.event(
            [
                "UID:1@x",
                "DTSTAMP:20261125T000000Z",
                "DTSTART:20261125T000000Z",
                f"SUMMARY:{ical.text(title)}",
                f"DESCRIPTION:{ical.text(note)}",
            ]
        )
        + ical.ENDING
    )
    (one,) = icalendar.Calendar.from_ical(text).walk("VEVENT")
    assert (one["SUMMARY"], one["DESCRIPTION"]) == (plain(title), plain(note))
    other = vobject.readOne(text).vevent
    assert (other.summary.value, other.description.value) == (plain(title), plain(note))


@pytest.mark.parametrize("query", ["\r\nEND:VCALENDAR", "a;b,c", "é🌍\x00"])
def test_no_question_breaks_a_feed(client, query):
    EventFactory()
    for name in ("q", "region", "organization", "x"):
        read(client, f"{FEED}?{urlencode({name: query})}")


@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(title=TEXTS.filter(lambda t: t.strip() and "\x00" not in t), text=TEXTS)
def test_any_event_is_read_by_another_program(client, title, text):
    text = text.replace("\x00", "")
    event = EventFactory(title_fr="Une", venue=text[:100], text_fr=text, status_note_fr=text)
    # As a bad import might have it.
    Event.objects.filter(pk=event.pk).update(title_fr=f"x{title}")
    read_back = only(client, f"/en/calendar/{event.slug}.ics")
    assert str(read_back["SUMMARY"]) == plain(f"x{title}").replace("'", "’")
    assert vobject.readOne(raw(client, f"/en/calendar/{event.slug}.ics").decode()).vevent


# What it costs


@pytest.mark.parametrize("number", [2, 20])
@pytest.mark.parametrize(
    "query", ["", "?region=05&theme=sante&q=soiree&place=here", "?organization=puits"]
)
def test_queries_do_not_grow_with_rows(client, number, query):
    organization = OrganizationFactory(name_fr="Puits")
    for _n in range(number):
        EventFactory(title_fr="Soirée", town="Magog", themes=["sante"], by=[organization])
    with CaptureQueriesContext(connection) as captured:
        assert len(events(client, FEED + query)) == number
    assert len(captured) <= 6, [query["sql"][:90] for query in captured]
