"""The Atom feed and the sitemap, read by programs that are not ours."""

import datetime
import xml.etree.ElementTree as ET

import feedparser
import pytest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from members.directory import feeds
from members.models import Organization, Theme
from tests.factories import AllianceFactory, EventFactory
from tests.members.published import body, publish

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
XHTML = "{http://www.w3.org/1999/xhtml}"


def feed_at(client, address):
    """The feed at that address, as feedparser understands it."""
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = feedparser.parse(response.content)
    assert not feed.bozo
    assert feed.version == "atom10"
    return feed


def changed(name, on, **facts):
    """A member whose profile last changed that day, at noon UTC."""
    organization = publish(name, **facts)
    moment = datetime.datetime(*on, 12, tzinfo=datetime.UTC)
    Organization.objects.filter(pk=organization.pk).update(updated_at=moment)
    return organization


# Atom


def test_feed_has_the_last_changed_first(client):
    changed("Ancienne", (2026, 1, 5))
    changed("Récente", (2026, 3, 9), acronym="R", summary_fr="L’eau & <b>rien</b> d’autre.")
    feed = feed_at(client, "/organismes.atom")
    assert [entry.title for entry in feed.entries] == ["Récente (R)", "Ancienne"]
    entry = feed.entries[0]
    assert entry.link == "http://testserver/organismes/recente/"
    assert parse_datetime(entry.updated) == datetime.datetime(2026, 3, 9, 12, tzinfo=datetime.UTC)
    assert feed.feed.updated == entry.updated
    # Read as HTML, the summary is the very text that was written.
    summary = ET.fromstring(client.get("/organismes.atom").content).find(f".//{ATOM}summary")
    assert summary.attrib["type"] == "html"
    assert summary.text == "L’eau &amp; &lt;b&gt;rien&lt;/b&gt; d’autre."


def test_feed_names_itself_its_page_and_its_language(client):
    publish("Une", countries=["HT"])
    french = feed_at(client, "/organismes.atom?country=HT")
    links = {link.rel: link.href for link in french.feed.links}
    assert links["self"] == "http://testserver/organismes.atom?country=HT"
    assert links["alternate"] == "http://testserver/organismes/?country=HT"
    assert french.feed.language == "fr-CA"
    assert french.feed.author_detail.name == "AQOCI"
    assert feed_at(client, "/en/organizations.atom").feed.language == "en-CA"


def test_names_of_entries_last_for_ever(client, settings):
    settings.SITE_URL = "https://membres.example.org"
    organization = publish("Zone franche")
    (before,) = feed_at(client, "/organismes.atom").entries
    assert before.id == f"tag:membres.example.org,2026:organization/{organization.pk}/fr"
    organization.slug, organization.name_fr = "zone-libre", "Zone libre"
    organization.save()
    (after,) = feed_at(client, "/organismes.atom").entries
    assert after.title == "Zone libre"
    assert after.id == before.id
    # Another language is another text, so another entry.
    assert feed_at(client, "/en/organizations.atom").entries[0].id != before.id


def test_tags_have_no_port(client):
    publish("Une")
    response = client.get("/organismes.atom", headers={"Host": "127.0.0.1:8000"})
    feed = feedparser.parse(response.content)
    assert feed.feed.id == "tag:127.0.0.1,2026:organizations/fr"
    assert feed.entries[0].link == "http://127.0.0.1:8000/organismes/une/"


def test_feed_answers_the_question(client):
    publish("Haïti debout", countries=["HT"])
    publish("Sénégal debout", countries=["SN"])
    feed = feed_at(client, "/organismes.atom?country=SN")
    assert [entry.title for entry in feed.entries] == ["Sénégal debout"]
    assert [e.title for e in feed_at(client, "/organismes.atom?q=haiti").entries] == [
        "Haïti debout"
    ]


def test_feed_says_what_it_does_not_know(client):
    publish("Une")
    feed = feed_at(client, "/en/organizations.atom?region=99")
    assert "Region: 99" in feed.feed.subtitle


def test_feed_is_never_longer_than_fifty(client):
    for number in range(51):
        changed(f"Numéro {number}", (2026, 1 + number // 28, 1 + number % 28))
    feed = feed_at(client, "/organismes.atom")
    assert len(feed.entries) == 50
    assert feed.entries[0].title == "Numéro 50"
    assert "Numéro 0" not in [entry.title for entry in feed.entries]


def test_empty_feed_is_a_feed_and_does_not_change_all_day(client):
    feed = feed_at(client, "/organismes.atom")
    assert feed.entries == []
    assert parse_datetime(feed.feed.updated).astimezone(
        timezone.get_current_timezone()
    ) == timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)


def test_characters_that_xml_does_not_have_break_nothing(client):
    organization = publish("Une")
    Organization.objects.filter(pk=organization.pk).update(
        name_fr="Une\x01\x0b\ufffe", acronym="\x1f", summary_fr="\uffffdeux\x08 <&>\"'\U0001f30d"
    )
    (entry,) = feed_at(client, "/organismes.atom?q=une").entries
    assert entry.title.startswith("Une")
    root = ET.fromstring(client.get("/organismes.atom").content)
    assert root.find(f".//{ATOM}summary").text.startswith("deux")
    assert "🌍" in root.find(f".//{ATOM}summary").text


def test_a_question_with_characters_that_xml_does_not_have_breaks_nothing(client):
    publish("Une")
    assert feed_at(client, "/organismes.atom?q=%01%0Bune%EF%BF%BF&x%02=%03").entries


# Sitemap


def pages_of(client, address="/sitemap.xml"):
    """{address: its `url` element} of a sitemap."""
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/xml"
    root = ET.fromstring(body(response))
    assert root.tag == f"{SITEMAP}urlset"
    return {url.find(f"{SITEMAP}loc").text: url for url in root}


def test_sitemap_has_every_public_page_in_both_languages(client):
    publish("Zone franche", countries=["HT"])
    publish("Ancien membre", membership=None)
    AllianceFactory(name_fr="Front (fictif)", status="ended")
    EventFactory(title_fr="Veillée", days=-9)
    EventFactory(title_fr="Cachée", published_at=None)
    addresses = set(pages_of(client))
    for path in (
        "/",
        "/en/",
        "/organismes/",
        "/en/organizations/",
        "/donnees/",
        "/en/data/",
        "/en/alliances/front-fictif/",
        "/en/themes/sante/",
        "/en/countries/ht/",
    ):
        assert f"http://testserver{path}" in addresses
    assert "http://testserver/organismes/zone-franche/" in addresses
    assert "http://testserver/en/organizations/zone-franche/" in addresses
    assert "http://testserver/en/regions/estrie/" in addresses
    assert not any("ancien-membre" in address for address in addresses)
    assert not any("/countries/ml/" in address for address in addresses)
    assert "http://testserver/en/calendar/veillee/" in addresses
    assert not any("cachee" in address for address in addresses)
    few = 17 + Theme.objects.count() + len(["front-fictif", "ht"])
    assert len(addresses) == 2 * (2 + few + len(feeds.LISTS) + len(feeds.TEXTS))


def test_every_address_of_the_sitemap_answers(client):
    publish("Zone franche")
    for address in pages_of(client):
        assert client.get(address.removeprefix("http://testserver")).status_code == 200, address


def test_each_page_of_the_sitemap_says_where_its_other_language_is(client):
    publish("Zone franche")
    url = pages_of(client)["http://testserver/en/organizations/zone-franche/"]
    links = {link.get("hreflang"): link.get("href") for link in url.iter(f"{XHTML}link")}
    assert links == {
        "fr-CA": "http://testserver/organismes/zone-franche/",
        "en-CA": "http://testserver/en/organizations/zone-franche/",
        "x-default": "http://testserver/organismes/zone-franche/",
    }


def test_dates_of_the_sitemap_are_true_or_absent(client):
    changed("Zone franche", (2026, 3, 9))
    pages = pages_of(client)
    profile = pages["http://testserver/organismes/zone-franche/"].find(f"{SITEMAP}lastmod").text
    assert parse_datetime(profile) == datetime.datetime(2026, 3, 9, 12, tzinfo=datetime.UTC)
    listed = pages["http://testserver/organismes/"].find(f"{SITEMAP}lastmod").text
    assert timezone.now() - parse_datetime(listed) < datetime.timedelta(minutes=1)
    assert pages["http://testserver/donnees/"].find(f"{SITEMAP}lastmod") is None


def test_a_long_sitemap_is_an_index_of_files_that_leave_nothing_out(client, monkeypatch):
    for number in range(3):
        publish(f"Numéro {number}")
    whole = set(pages_of(client))
    monkeypatch.setattr(feeds, "PAGES_A_FILE", 10)
    root = ET.fromstring(client.get("/sitemap.xml").content)
    assert root.tag == f"{SITEMAP}sitemapindex"
    files = [loc.text for loc in root.iter(f"{SITEMAP}loc")]
    assert files == [
        f"http://testserver/sitemap.xml?part={n + 1}" for n in range(-(-len(whole) // 20))
    ]
    *full, last = [set(pages_of(client, file.removeprefix("http://testserver"))) for file in files]
    assert {len(part) for part in full} == {20}
    parts = [*full, last]
    assert set.union(*parts) == whole


@pytest.mark.parametrize("part", ["0", "2", "-1", "x", "²", "9" * 400])
def test_a_part_of_the_sitemap_that_does_not_exist_is_a_404(client, part):
    assert client.get("/sitemap.xml", {"part": part}).status_code == 404


def test_robots_lead_to_the_sitemap(client):
    text = client.get("/robots.txt").content.decode()
    assert "Sitemap: http://testserver/sitemap.xml" in text
