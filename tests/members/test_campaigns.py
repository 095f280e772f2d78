"""Campaigns in public: their list, one and its editions, and the edition that leads the home."""

import datetime
import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override

from members import campaign_words
from members.campaigns import load_campaigns
from members.directory import campaigns
from members.models import CampaignEdition, EditionLink, Programme
from members.permissions import Role
from tests.factories import (
    CampaignFactory,
    EditionFactory,
    EventFactory,
    OrganizationFactory,
    StatementFactory,
    make_user,
)

pytestmark = pytest.mark.django_db

LIST = "/en/campaigns/"
DAY = datetime.date


def text_of(response):
    assert response.status_code == 200, response.status_code
    return re.sub(r"\s+", " ", response.content.decode())


def section(html, title):
    """The part of the page under the heading that has this id; empty if there is none."""
    start = html.find(f'id="{title}"')
    return html[start : html.index("</section>", start)] if start >= 0 else ""


def structured(response):
    """The JSON-LD of a page."""
    found = re.findall(
        r'<script type="application/ld\+json">(.*?)</script>', response.content.decode(), re.S
    )
    return [json.loads(text) for text in found]


def now_on(**fields):
    """An edition that is on today, whatever the day of the year."""
    today = timezone.localdate()
    days = {"starts_on": today, "ends_on": today}
    return EditionFactory(**days | {"year": today.year} | fields)


@pytest.fixture
def campaign():
    return CampaignFactory(name_fr="Douze jours (fictive)", name_en="Twelve days (fictional)")


# The list


def test_campaigns_stand_by_programme_with_their_latest_edition(client, campaign):
    campaign.programme = Programme.objects.create(name_fr="Droits", name_en="Rights")
    campaign.save()
    for year in (2019, 2021):
        EditionFactory(campaign=campaign, year=year, theme_fr=f"Agir en {year}")
    EditionFactory(campaign=campaign, year=2022, theme_fr="En préparation", is_published=False)
    CampaignFactory(name_fr="Sans programme (fictive)")
    html = text_of(client.get(LIST))
    assert html.index("Rights") < html.index("Twelve days (fictional)") < html.index("Agir en 2021")
    assert html.index("Other campaigns") < html.index("Sans programme (fictive)")
    assert "2 editions known since 2019" in html
    assert "No edition is known yet." in html
    assert "Agir en 2019" not in html
    assert "En préparation" not in html


def test_list_is_in_the_navigation(client):
    html = text_of(client.get(LIST))
    assert f'<a href="{LIST}" aria-current="true">Campaigns</a>' in html
    assert "There is no campaign here yet." in html
    assert f'<a href="{LIST}">Campaigns</a>' in text_of(client.get("/en/"))


# One campaign


def test_editions_are_a_timeline_of_themes(client, campaign):
    EditionFactory(campaign=campaign, year=2019, theme_fr="Agir", theme_en="Act")
    EditionFactory(campaign=campaign, year=2021, starts_on=DAY(2021, 11, 25))
    html = text_of(client.get(f"{LIST}{campaign.slug}/"))
    assert html.index(">2021<") < html.index(">2019<")
    assert "Act" in html
    assert "Theme not known" in html
    assert "From November 25, 2021; last day not known" in html
    assert "Dates not known" in html


def test_real_editions_say_what_is_not_known(client):
    load_campaigns()
    html = text_of(client.get(f"{LIST}sdi/"))
    assert "Until February 13, 2016; first day not known" in html
    assert "From February 1 to 7, 2015" in html
    edition = text_of(client.get(f"{LIST}sdi/2014/"))
    assert "Theme not known" in edition
    assert "Dates not known" in edition
    assert "ledevoir.com" in edition


def test_text_is_safe_markdown(client, campaign):
    campaign.text_en = "Every **year**.\n\n<script>alert(1)</script>"
    campaign.save()
    html = client.get(f"{LIST}{campaign.slug}/").content.decode()
    assert "<strong>year</strong>" in html
    assert "<script>alert" not in html


def test_unknown_campaign_is_a_404(client, campaign):
    for address in ("nulle-part/", "nulle-part/2020/", f"{campaign.slug}/1999/"):
        assert client.get(LIST + address).status_code == 404


# The days in words


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "words"),
    [
        (DAY(2026, 11, 25), DAY(2026, 12, 6), "From November 25 to December 6, 2026"),
        (DAY(2021, 11, 1), DAY(2021, 11, 30), "From November 1 to 30, 2021"),
        (DAY(2021, 11, 5), DAY(2021, 11, 5), "On November 5, 2021"),
        (DAY(2009, 11, 4), None, "From November 4, 2009; last day not known"),
        (None, DAY(2016, 2, 13), "Until February 13, 2016; first day not known"),
        (None, None, "Dates not known"),
    ],
)
def test_days_are_said_or_said_to_be_unknown(starts_on, ends_on, words):
    with override("en"):
        assert campaign_words.days(CampaignEdition(starts_on=starts_on, ends_on=ends_on)) == words


@pytest.mark.parametrize(
    ("today", "words"),
    [
        (DAY(2026, 10, 10), ""),
        (DAY(2026, 10, 11), "In 45 days"),
        (DAY(2026, 11, 20), "In 5 days"),
        (DAY(2026, 11, 24), "Tomorrow"),
        (DAY(2026, 11, 25), "Now on"),
        (DAY(2026, 12, 5), "Now on"),
        (DAY(2026, 12, 6), "Last day"),
        (DAY(2026, 12, 7), ""),
    ],
)
def test_edition_is_counted_down_then_on(today, words):
    edition = CampaignEdition(year=2026, starts_on=DAY(2026, 11, 25), ends_on=DAY(2026, 12, 6))
    with override("en"):
        assert campaign_words.countdown(edition, today) == words


# One edition


def test_edition_says_its_theme_days_text_and_links(client, campaign):
    edition = now_on(
        campaign=campaign,
        theme_fr="Agir",
        theme_en="Act",
        text_en="For *all*.",
        source_url="https://example.org/source",
    )
    for kind, label in (("share", "Trousse"), ("download", "Affiche"), ("page", "Dossier")):
        EditionLink.objects.create(
            edition=edition, kind=kind, label_fr=label, url=f"https://example.org/{kind}"
        )
    html = text_of(client.get(f"{LIST}{campaign.slug}/{edition.year}/"))
    assert "<h1>Act</h1>" in html
    assert f"Twelve days (fictional), {edition.year}" in html
    assert "Last day" in html
    assert "<em>all</em>" in html
    for address in ("share", "download", "page", "source"):
        assert f'href="https://example.org/{address}"' in html
    # In French only, and said to be.
    assert 'lang="fr-CA">Affiche</a>' in html


def test_edition_leads_to_those_around_it(client, campaign):
    for year in (2017, 2019, 2020, 2021):
        EditionFactory(campaign=campaign, year=year, is_published=year != 2020)
    EditionFactory(year=2018)
    html = text_of(client.get(f"{LIST}{campaign.slug}/2019/"))
    assert f'href="{LIST}{campaign.slug}/2017/" rel="prev"' in html
    assert f'href="{LIST}{campaign.slug}/2021/" rel="next"' in html
    first = text_of(client.get(f"{LIST}{campaign.slug}/2017/"))
    assert 'rel="prev"' not in first


def test_members_that_take_part_are_cards_with_their_region(client, campaign):
    edition = EditionFactory(campaign=campaign, year=2020)
    edition.organizations.set(
        [
            OrganizationFactory(name_fr="Aube (fictif)", town="Sherbrooke"),
            OrganizationFactory(name_fr="Brume (fictif)", town="Montréal"),
            OrganizationFactory(name_fr="Partie (fictif)", town="Alma", lapsed=True),
        ]
    )
    html = text_of(client.get(f"{LIST}{campaign.slug}/2020/"))
    part = section(html, "taking-part-title")
    assert "2 members, in 2 regions" in part
    assert "Aube (fictif)" in part
    assert "Estrie" in part
    assert "Partie" not in html


def test_public_statements_of_the_edition_are_listed(client, campaign):
    edition = EditionFactory(campaign=campaign, year=2020)
    StatementFactory(title_fr="Pour la paix (fictif)", edition=edition)
    StatementFactory(title_fr="Brouillon (fictif)", edition=edition, is_published=False)
    StatementFactory(title_fr="Autre (fictif)")
    html = text_of(client.get(f"{LIST}{campaign.slug}/2020/"))
    assert "Pour la paix (fictif)" in section(html, "statements-title")
    assert "Brouillon" not in html
    assert "Autre (fictif)" not in html


@pytest.mark.parametrize("role", [None, *Role])
def test_edition_in_preparation_is_for_the_staff_alone(client, campaign, role):
    EditionFactory(campaign=campaign, year=2020, theme_fr="Secret", is_published=False)
    address = f"{LIST}{campaign.slug}/2020/"
    if role is None:
        assert client.get(address).status_code == 404
        client.force_login(make_user())
        assert client.get(address).status_code == 404
    else:
        client.force_login(make_user(role))
        assert "only the staff see this page" in text_of(client.get(address))
    assert "Secret" not in text_of(client.get(f"{LIST}{campaign.slug}/"))
    assert "Secret" not in text_of(client.get(LIST))


# What happens


@pytest.fixture
def busy(campaign):
    """An edition on today, with events tomorrow in two regions and yesterday in one."""
    edition = now_on(campaign=campaign)
    aube = OrganizationFactory(name_fr="Aube (fictif)")
    EventFactory(edition=edition, title_fr="Marche (fictive)", town="Sherbrooke", by=[aube], days=1)
    EventFactory(edition=edition, title_fr="Film (fictif)", town="Montréal", days=1)
    EventFactory(edition=edition, title_fr="Veillée (fictive)", town="Montréal", days=-1)
    EventFactory(
        edition=edition, title_fr="Annulé (fictif)", town="Alma", days=1, status="cancelled"
    )
    EventFactory(edition=edition, title_fr="Brouillon (fictif)", published_at=None)
    EventFactory(title_fr="Ailleurs (fictif)", town="Montréal", days=1)
    return edition


def test_events_are_shown_by_region_and_by_day(client, busy):
    html = text_of(client.get(f"{LIST}{busy.campaign.slug}/{busy.year}/"))
    part = section(html, "programme")
    assert 'aria-label="Montréal, 2 events"' in part
    assert 'aria-label="Estrie, 1 event"' in part
    assert re.search(r'href="/en/regions/[^"]*" aria-label="Saguenay', part)
    assert part.index("Marche (fictive)") < part.index("Past events of this edition")
    assert part.index("Past events of this edition") < part.index("Veillée (fictive)")
    assert "Cancelled" in part
    assert "Aube (fictif)" in part
    assert "Brouillon" not in part
    assert "Ailleurs" not in html
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    assert f'<time datetime="{tomorrow}">' in part
    assert f"/en/calendar/?edition={busy.campaign.slug}-{busy.year}" in part


def test_events_of_one_region_can_be_chosen(client, busy):
    page = f"{LIST}{busy.campaign.slug}/{busy.year}/"
    whole = text_of(client.get(page))
    assert f'href="{page}?region=05#programme"' in whole
    html = section(text_of(client.get(f"{page}?region=05")), "programme")
    assert "Marche (fictive)" in html
    assert "Film (fictif)" not in html
    assert "In this region: Estrie" in html
    assert f"edition={busy.campaign.slug}-{busy.year}&amp;region=05" in html
    empty = section(text_of(client.get(f"{page}?region=10")), "programme")
    assert "No event is announced here." in empty
    assert "Film (fictif)" in text_of(client.get(f"{page}?region=zz"))


def test_edition_that_is_over_keeps_its_programme_in_order(client, campaign):
    year = timezone.localdate().year - 1
    edition = EditionFactory(campaign=campaign, year=year)
    for days, title in ((-365, "Seconde (fictive)"), (-366, "Première (fictive)")):
        EventFactory(edition=edition, title_fr=title, days=days)
    html = section(text_of(client.get(f"{LIST}{campaign.slug}/{year}/")), "programme")
    assert html.index("Première (fictive)") < html.index("Seconde (fictive)")
    assert "Past events of this edition" not in html
    assert "when=past" in html
    assert "<svg" not in html


def test_long_programme_leads_to_the_calendar(client, campaign, monkeypatch):
    monkeypatch.setattr(campaigns, "FIRST_DATES", 2)
    edition = now_on(campaign=campaign)
    for days in (3, 1, 2, -1):
        EventFactory(edition=edition, title_fr=f"Jour {days} (fictif)", town="Alma", days=days)
    html = section(text_of(client.get(f"{LIST}{campaign.slug}/{edition.year}/")), "programme")
    assert html.index("Jour 1 (fictif)") < html.index("Jour 2 (fictif)")
    assert "Jour 3 (fictif)" not in html
    assert "1 other date is in the calendar." in html
    assert 'Jean, 4 events"' in html


def test_edition_without_events_says_so(client, campaign):
    EditionFactory(campaign=campaign, year=2020)
    assert "No event is announced here." in text_of(client.get(f"{LIST}{campaign.slug}/2020/"))


# What search engines read


def test_edition_is_an_event_of_its_series(client, campaign):
    edition = now_on(campaign=campaign, theme_en="Act")
    (data,) = structured(client.get(f"{LIST}{campaign.slug}/{edition.year}/"))
    assert (data["@type"], data["startDate"]) == ("Event", edition.starts_on.isoformat())
    assert data["superEvent"]["@type"] == "EventSeries"
    assert data["superEvent"]["name"] == "Twelve days (fictional)"
    (of_series,) = structured(client.get(f"{LIST}{campaign.slug}/"))
    assert of_series["@id"] == data["superEvent"]["@id"]
    assert [event["url"] for event in of_series["subEvent"]] == [data["url"]]


def test_edition_whose_days_are_not_known_is_no_event(client, campaign):
    EditionFactory(campaign=campaign, year=2020)
    assert structured(client.get(f"{LIST}{campaign.slug}/2020/")) == []


def test_edition_has_an_image_of_its_own_for_social_networks(client, busy):
    page = f"{LIST}{busy.campaign.slug}/{busy.year}/"
    image = f"/en/share/campaigns/{busy.campaign.slug}/{busy.year}.png"
    assert f'property="og:image" content="http://testserver{image}"' in text_of(client.get(page))
    drawn = client.get(image)
    assert drawn.content.startswith(b"\x89PNG")
    CampaignEdition.objects.update(is_published=False)
    assert client.get(image).status_code == 404
    client.force_login(make_user(Role.DIRECTION))
    assert client.get(image).status_code == 404


def test_search_engines_are_led_to_what_is_public(client, campaign):
    for year in (2020, 2021):
        EditionFactory(campaign=campaign, year=year, is_published=year == 2020)
    addresses = client.get("/sitemap.xml").getvalue().decode()
    page = f"http://testserver{LIST}{campaign.slug}/"
    for address in (f"http://testserver{LIST}", page, f"{page}2020/"):
        assert f"<loc>{address}</loc>" in addresses
    assert f"{page}2021/" not in addresses


# The home page


def test_edition_that_is_on_leads_the_home_page(client, campaign):
    edition = now_on(campaign=campaign, theme_en="Act")
    EventFactory(edition=edition, days=1)
    EventFactory(edition=edition, days=2, status="cancelled")
    EventFactory(edition=edition, days=3, published_at=None)
    EventFactory(edition=edition, days=-2)
    EventFactory(days=1)
    html = text_of(client.get("/en/"))
    lead = html[html.index('class="leading"') : html.index("</aside>", html.index("leading"))]
    assert "Twelve days (fictional)" in lead
    assert "Act" in lead
    assert "Last day" in lead
    assert "1 event to come" in lead
    assert f'href="{LIST}{campaign.slug}/{edition.year}/"' in lead
    assert html.index('class="leading"') < html.index("<h1>")


def test_nothing_leads_when_no_edition_is_near(client, campaign):
    today = timezone.localdate()
    now_on(campaign=campaign, is_published=False)
    EditionFactory(campaign=campaign, year=today.year - 1)
    assert "leading" not in client.get("/en/").content.decode()


# Speed


@pytest.mark.parametrize("number", [2, 20])
def test_queries_do_not_grow_with_rows(client, campaign, number):
    edition = now_on(campaign=campaign)
    for n in range(number):
        EditionFactory(campaign=campaign, year=1990 + n)
        EditionFactory(year=2001)
        EditionLink.objects.create(edition=edition, label_fr="Lien", url="https://example.org/")
        member = OrganizationFactory(town="Montréal", themes=["sante"])
        edition.organizations.add(member)
        EventFactory(edition=edition, town="Montréal", days=n, by=[member])
        StatementFactory(edition=edition)
    page = f"{LIST}{campaign.slug}/"
    text_of(client.get("/en/"))
    for address, most in {LIST: 3, page: 3, f"{page}{edition.year}/": 6, "/en/": 4}.items():
        with CaptureQueriesContext(connection) as captured:
            text_of(client.get(address))
        assert len(captured) <= most, (address, [query["sql"][:120] for query in captured])
