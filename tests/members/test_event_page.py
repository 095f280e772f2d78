"""The page of an event: all that it says, to people and to search engines."""

import datetime
import json
import re
from zoneinfo import ZoneInfo

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from members.models import Alliance, Event, EventDate, Picture
from members.models.documents import documents
from tests.factories import CampaignFactory, EditionFactory, EventFactory, OrganizationFactory
from tests.members.published import body

pytestmark = pytest.mark.django_db

TORONTO = ZoneInfo("America/Toronto")


def text_of(client, event, language="en"):
    base = "/en/calendar/" if language == "en" else "/calendrier/"
    response = client.get(f"{base}{event.slug}/")
    assert response.status_code == 200
    return response.content.decode()


def data_of(html):
    """What the page tells search engines."""
    return json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', html)[1])


def held(starts, ends=None, **facts):
    event = EventFactory(dates=False, **facts)
    EventDate.objects.create(event=event, starts_at=starts, ends_at=ends)
    return event


def test_page_says_everything(client):
    edition = EditionFactory(
        campaign=CampaignFactory(name_fr="Douze jours"), year=2026, theme_fr="Agir"
    )
    event = EventFactory(
        title_fr="Café-causerie",
        text_fr="Un **mot** et <b>rien</b> d’autre.",
        venue="Bibliothèque",
        address="12, rue X",
        town="Rimouski",
        by=[
            OrganizationFactory(name_fr="Puits"),
            OrganizationFactory(name_fr="Partie", lapsed=True),
        ],
        themes=["sante"],
        edition=edition,
        audience="schools",
        languages=["fr", "ht"],
        is_free=False,
        cost_fr="10 $",
        is_step_free=True,
        has_sign_language=True,
        access_note_fr="Écrivez-nous.",
        online_url="https://exemple.example/ici",
        registration_url="https://exemple.example/inscription",
    )
    event.countries.set(["HT"])
    event.alliances.add(Alliance.objects.create(name_fr="Coalition (fictive)"))
    html = text_of(client, event)
    for said in (
        'lang="fr-CA">Café-causerie</h1>',
        "<strong>mot</strong>",
        "&lt;b&gt;rien&lt;/b&gt;",
        "Bibliothèque",
        "12, rue X",
        "Rimouski (Québec)",
        '<a href="/en/organizations/puits/"',
        ">Partie</span>",
        "Coalition (fictive)",
        "Douze jours",
        "Agir",
        "Schools",
        "French and Haitian Creole",
        "10 $",
        "Without steps",
        "With sign language",
        "Écrivez-nous.",
        'href="https://exemple.example/ici"',
        'href="https://exemple.example/inscription"',
        'href="/en/calendar/cafe-causerie.ics"',
        'href="/en/regions/bas-saint-laurent/"',
        "?theme=sante",
        "?country=HT",
    ):
        assert said in html, said
    assert "With captions" not in html
    assert 'href="/en/organizations/partie/"' not in html


def test_what_is_not_public_has_no_page(client, cast):
    event = EventFactory(published_at=None)
    for user in (None, cast["visitor"]):
        if user:
            client.force_login(user)
        assert client.get(f"/en/calendar/{event.slug}/").status_code == 404


def test_cancelled_page_says_why_and_offers_no_registration(client):
    event = EventFactory(
        status="cancelled",
        status_note_fr="Par la neige.",
        registration_url="https://exemple.example/inscription",
    )
    html = text_of(client, event)
    assert "This event is cancelled." in html
    assert "Par la neige." in html
    assert "exemple.example/inscription" not in html


def test_one_date_of_several_is_cancelled(client):
    event = EventFactory(days=3)
    EventDate.objects.create(
        event=event, starts_at=timezone.now() + datetime.timedelta(days=10), is_cancelled=True
    )
    html = text_of(client, event)
    assert "All the dates" in html
    assert html.count('<span class="event-state">Cancelled</span>') == 1
    assert "This event is cancelled." not in html
    statuses = [part["eventStatus"] for part in data_of(html)["subEvent"]]
    assert statuses == ["https://schema.org/EventScheduled", "https://schema.org/EventCancelled"]


def test_past_event_keeps_its_page(client):
    event = EventFactory(days=-400, registration_url="https://exemple.example/inscription")
    html = text_of(client, event)
    assert "Over" in html
    assert "exemple.example/inscription" not in html


def test_event_without_a_date_says_so(client):
    html = text_of(client, EventFactory(dates=False))
    assert "Its dates are not known yet." in html
    assert "startDate" not in data_of(html)


def test_other_events_of_the_same_organizers(client):
    organization = OrganizationFactory()
    event = EventFactory(title_fr="Une", by=[organization])
    EventFactory(title_fr="Autre", by=[organization])
    EventFactory(title_fr="Annulée", by=[organization], status="cancelled")
    EventFactory(title_fr="D’ailleurs")
    html = text_of(client, event)
    assert ">Autre</a>" in html
    assert "Annulée" not in html
    assert "D’ailleurs" not in html


# For search engines


def test_structured_data_of_one_date(client):
    event = held(
        datetime.datetime(2027, 1, 15, 19, tzinfo=TORONTO),
        datetime.datetime(2027, 1, 15, 21, tzinfo=TORONTO),
        title_fr="Une",
        text_fr="Un **mot**.",
        venue="Bibliothèque",
        town="Rimouski",
        by=[OrganizationFactory(name_fr="Puits")],
        languages=["fr"],
        registration_url="https://exemple.example/inscription",
    )
    data = data_of(text_of(client, event))
    assert data["@type"] == "Event"
    assert data["@id"] == "http://testserver/calendrier/une/#event"
    assert data["name"] == "Une"
    assert data["description"] == "Un mot."
    assert data["startDate"] == "2027-01-15T19:00:00-05:00"
    assert data["endDate"] == "2027-01-15T21:00:00-05:00"
    assert data["eventStatus"] == "https://schema.org/EventScheduled"
    assert data["eventAttendanceMode"] == "https://schema.org/OfflineEventAttendanceMode"
    assert data["location"]["name"] == "Bibliothèque"
    assert data["location"]["address"]["addressLocality"] == "Rimouski"
    assert data["organizer"] == [
        {
            "@type": "NGO",
            "name": "Puits",
            "url": "http://testserver/en/organizations/puits/",
        }
    ]
    assert data["isAccessibleForFree"] is True
    assert data["offers"]["price"] == "0"
    assert data["offers"]["url"] == "https://exemple.example/inscription"
    assert data["inLanguage"] == ["fr"]


def test_structured_data_of_whole_days_online(client):
    event = held(
        datetime.datetime(2028, 2, 28, tzinfo=TORONTO),
        datetime.datetime(2028, 3, 1, tzinfo=TORONTO),
        all_day=True,
        status="postponed",
        online_url="https://exemple.example/ici",
    )
    data = data_of(text_of(client, event))
    assert (data["startDate"], data["endDate"]) == ("2028-02-28", "2028-02-29")
    assert data["eventStatus"] == "https://schema.org/EventPostponed"
    assert data["eventAttendanceMode"] == "https://schema.org/OnlineEventAttendanceMode"
    assert data["location"] == {"@type": "VirtualLocation", "url": "https://exemple.example/ici"}


def test_no_text_ends_the_structured_data(client):
    event = EventFactory(title_fr="</script><script>alert(1)</script>", text_fr="</script>")
    html = text_of(client, event)
    assert "<script>alert" not in html
    assert data_of(html)["name"] == "</script><script>alert(1)</script>"


def test_share_image_says_what_and_when(client):
    event = held(
        datetime.datetime(2027, 1, 15, 19, tzinfo=TORONTO), title_fr="Une", town="Rimouski"
    )
    html = text_of(client, event)
    address = "/en/share/calendar/une.png"
    assert f'<meta property="og:image" content="http://testserver{address}">' in html
    assert "Une – Friday, January 15, 2027, at 19:00 · Rimouski" in html
    response = client.get(address)
    assert response["Content-Type"] == "image/png"
    assert response.content.startswith(b"\x89PNG")
    Event.objects.update(status="cancelled")
    assert "Une – Cancelled · Rimouski" in text_of(client, event)
    Event.objects.update(published_at=None)
    assert client.get(address).status_code == 404


# Pictures


@pytest.fixture
def picture():
    picture = Picture.objects.create(
        stem="pictures/essai",
        sizes=[384, 768],
        width=768,
        height=400,
        digest="x",
        alt_fr="Un puits",
    )
    for size in picture.sizes:
        documents().save(f"pictures/essai-{size}", ContentFile(b"image"))
    yield picture
    for size in picture.sizes:
        documents().delete(f"pictures/essai-{size}")


def test_picture_is_shown_with_its_words_while_the_event_is_public(client, picture):
    event = EventFactory(picture=picture)
    html = text_of(client, event)
    assert 'alt="Un puits"' in html
    address = f"/en/pictures/{picture.pk}-384.webp"
    assert address in html
    response = client.get(address)
    assert response["Content-Type"] == "image/webp"
    assert body(response) == b"image"
    assert client.get(f"/en/pictures/{picture.pk}-385.webp").status_code == 404
    Event.objects.update(published_at=None)
    assert client.get(address).status_code == 404
    EditionFactory(picture=picture, year=2026)
    assert body(client.get(address)) == b"image"


# What it costs


@pytest.mark.parametrize("number", [2, 20])
def test_queries_do_not_grow_with_rows(client, number):
    organizations = [OrganizationFactory() for _n in range(number)]
    event = EventFactory(by=organizations, town="Magog", themes=["sante"], edition=EditionFactory())
    for n in range(number):
        EventDate.objects.create(event=event, starts_at=timezone.now() + datetime.timedelta(n + 9))
        EventFactory(by=organizations)
    with CaptureQueriesContext(connection) as captured:
        text_of(client, event)
    assert len(captured) <= 6, [query["sql"][:90] for query in captured]
