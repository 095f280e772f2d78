"""The calendar as Atom, CSV and JSON."""

import csv
import datetime
import io
import json
from zoneinfo import ZoneInfo

import feedparser
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from members.directory.calendar_exports import FIELDS
from members.models import Event, EventDate
from tests.factories import EventFactory, OrganizationFactory
from tests.members.published import body

pytestmark = pytest.mark.django_db

TORONTO = ZoneInfo("America/Toronto")


def rows_of(client, query=""):
    response = client.get(f"/en/calendar.csv?dialect=standard{query}")
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(body(response).decode(), newline="")))


def feed_of(client, query=""):
    feed = feedparser.parse(body(client.get(f"/en/calendar.atom{query}")))
    assert not feed.bozo
    return feed


def json_of(client, query=""):
    response = client.get(f"/en/calendar.json{query}")
    assert response.status_code == 200
    return json.loads(body(response))


def held(starts, ends=None, **facts):
    event = EventFactory(dates=False, **facts)
    EventDate.objects.create(event=event, starts_at=starts, ends_at=ends)
    return event


# Atom


def test_feed_has_the_last_changed_first_each_event_once(client):
    old = EventFactory(title_fr="Ancienne", days=3)
    EventDate.objects.create(event=old, starts_at=timezone.now() + datetime.timedelta(days=20))
    EventFactory(title_fr="Récente", days=9)
    Event.objects.filter(pk=old.pk).update(
        updated_at=timezone.now() - datetime.timedelta(days=2), published_at="2026-01-01T12:00Z"
    )
    feed = feed_of(client)
    assert [entry.title for entry in feed.entries] == ["Récente", "Ancienne"]
    assert feed.entries[1].link == "http://testserver/en/calendar/ancienne/"
    assert feed.entries[1].id == f"tag:testserver,2026:event/{old.pk}/en"
    assert feed.entries[1].published.startswith("2026-01-01T12:00")


def test_feed_says_what_is_off_and_what_it_does_not_know(client):
    EventFactory(title_fr="Soirée", status="cancelled", text_fr="L’eau & <b>rien</b>\x01\ufffe.")
    feed = feed_of(client, "?region=99")
    assert feed.entries[0].title == "Cancelled: Soirée"
    assert "L’eau" in feed.entries[0].summary
    assert "Region: 99" in feed.feed.subtitle


# CSV and JSON


def test_csv_has_a_date_a_row(client):
    event = held(
        datetime.datetime(2027, 1, 15, 19, tzinfo=TORONTO),
        datetime.datetime(2027, 1, 15, 21, tzinfo=TORONTO),
        title_fr="=1+1",
        town="Rimouski",
        themes=["sante"],
        by=[OrganizationFactory(name_fr="Puits"), OrganizationFactory(name_fr="Source")],
    )
    (row,) = rows_of(client)
    assert list(row) == [field.key for field in FIELDS]
    assert row["uid"] == f"{event.dates.get().uid}@testserver"
    assert row["title_fr"] == "'=1+1"
    assert (row["start"], row["end"]) == ("2027-01-15T19:00:00-05:00", "2027-01-15T21:00:00-05:00")
    assert (row["all_day"], row["is_free"]) == ("0", "1")
    assert (row["municipality"], row["region"], row["themes"]) == ("Rimouski", "01", "sante")
    assert row["organizers"].split(";")[0].strip() == "Puits"


def test_csv_for_excel_speaks_the_language_of_the_page(client):
    EventFactory()
    response = client.get("/en/calendar.csv")
    lines = body(response).decode("utf-8-sig").split("\r\n")
    assert "title in French;title in English" in lines[0]
    assert "calendar-" in response["Content-Disposition"]


def test_csv_refuses_what_it_does_not_know(client):
    response = client.get("/en/calendar.csv?region=99&dialect=x")
    assert response.status_code == 400
    assert "Region: 99" in response.content.decode()
    assert "Dialect: x" in response.content.decode()


def test_json_has_the_same_rows_and_the_counts(client):
    held(
        datetime.datetime(2028, 2, 28, tzinfo=TORONTO),
        datetime.datetime(2028, 3, 1, tzinfo=TORONTO),
        title_fr="Fête",
        all_day=True,
        town="Rimouski",
        themes=["sante"],
        status="postponed",
    )
    data = json_of(client)
    assert data["count"] == 1
    (one,) = data["results"]
    assert set(one) == {field.key for field in FIELDS}
    assert (one["start"], one["end"]) == ("2028-02-28", "2028-02-29")
    assert one["status"] == "postponed"
    assert one["region"] == {"code": "01", "name": "Bas-Saint-Laurent"}
    assert one["themes"] == [{"slug": "sante", "name": "Health"}]
    assert data["facets"]["region"] == [{"code": "01", "name": "Bas-Saint-Laurent", "count": 1}]


def test_files_answer_the_question_of_the_list(client):
    EventFactory(title_fr="Une", town="Rimouski", days=-9)
    EventFactory(title_fr="Autre", town="Sherbrooke")
    assert [row["title_fr"] for row in rows_of(client, "&region=01")] == ["Une"]
    assert [one["title_fr"] for one in json_of(client, "?region=01")["results"]] == ["Une"]
    assert [entry.title for entry in feed_of(client, "?region=01").entries] == ["Une"]
    assert rows_of(client, "&region=01&when=week") == []
    assert json_of(client, "?page=9&region=99")["ignored"] == [
        {"parameter": "Region", "value": "99"},
        {"parameter": "Page", "value": "9"},
    ]


def test_json_has_pages(client):
    event = EventFactory(dates=False)
    for number in range(101):
        EventDate.objects.create(
            event=event, starts_at=timezone.now() + datetime.timedelta(days=number)
        )
    data = json_of(client)
    assert (data["pages"], len(data["results"])) == (2, 100)
    assert data["next"] == "http://testserver/en/calendar.json?page=2"
    assert len(json_of(client, "?page=2")["results"]) == 1


def test_page_of_data_explains_every_field(client):
    html = client.get("/en/data/").content.decode()
    for field in FIELDS:
        assert f"<code>{field.key}</code>" in html


@pytest.mark.parametrize("number", [2, 20])
@pytest.mark.parametrize("address", ["atom", "csv", "json"])
def test_queries_do_not_grow_with_rows(client, number, address):
    organization = OrganizationFactory(name_fr="Puits")
    for _n in range(number):
        EventFactory(town="Magog", themes=["sante"], by=[organization])
    with CaptureQueriesContext(connection) as captured:
        body(client.get(f"/en/calendar.{address}?organization=puits&region=05"))
    assert len(captured) <= 6, [query["sql"][:90] for query in captured]
