"""Themes and countries as pages: who works on it or there, from where, and with what else."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.models import Theme
from tests.factories import AllianceFactory, OrganizationFactory

pytestmark = pytest.mark.django_db

HAITI = "/en/countries/ht/"
HEALTH = "/en/themes/sante/"


def text_of(response):
    assert response.status_code == 200, response.status_code
    return re.sub(r"\s+", " ", response.content.decode())


def section(html, title):
    """The part of the page under the heading that has this id; empty if there is none."""
    start = html.find(f'id="{title}"')
    return html[start : html.index("</section>", start)] if start >= 0 else ""


@pytest.fixture
def network():
    OrganizationFactory(
        name_fr="Aube (fictif)", town="Montréal", themes=["sante", "enfance"], countries=["HT"]
    )
    OrganizationFactory(
        name_fr="Brume (fictif)", town="Montréal", themes=["sante"], countries=["HT", "ML"]
    )
    OrganizationFactory(
        name_fr="Crue (fictif)", town="Sherbrooke", themes=["enfance"], countries=["ML"]
    )
    OrganizationFactory(
        name_fr="Partie (fictif)", town="Alma", themes=["sante"], countries=["HT"], lapsed=True
    )


# Themes


def test_a_theme_says_who_works_on_it_from_where_and_in_which_countries(client, network):
    html = text_of(client.get(HEALTH))
    assert "2 members work on this theme." in html
    who = section(html, "who-title")
    assert "Aube (fictif)" in who
    assert "Brume (fictif)" in who
    assert "Crue" not in html
    assert "Partie" not in html
    countries = section(html, "countries-title")
    assert countries.index("Haiti") < countries.index("Mali")
    assert 'href="/en/organizations/?theme=sante&amp;country=HT"' in countries
    assert "Montréal" in section(html, "from-title")
    assert "Estrie" not in section(html, "from-title")


def test_a_theme_leads_to_the_directory_and_its_files(client, network):
    html = text_of(client.get(HEALTH))
    for address in (
        "organizations/?",
        "organizations.csv?",
        "organizations.json?",
        "organizations.geojson?",
        "organizations.atom?",
    ):
        assert f'href="/en/{address}theme=sante"' in html
        assert client.get(f"/en/{address}theme=sante").status_code == 200


def test_the_mosaic_counts_those_of_the_topic_and_leads_to_them(client, network):
    for address, query in ((HEALTH, "theme=sante"), (HAITI, "country=HT")):
        html = text_of(client.get(address))
        assert f'href="/en/organizations/?{query}&amp;region=06" aria-label="Montréal' in html
        assert 'href="/en/regions/estrie/" aria-label="Estrie, 0 members"' in html
    assert "Montréal, 2 members" in text_of(client.get("/en/regions/"))


def test_a_theme_says_its_goals_and_its_alliances(client, network):
    for name, status in (("Front (fictif)", "ended"), ("Coalition santé (fictive)", "active")):
        alliance = AllianceFactory(name_fr=name, status=status)
        alliance.themes.set(Theme.objects.filter(slug="sante"))
    html = text_of(client.get(HEALTH))
    assert "3 – Good health and well-being" in section(html, "goals-title")
    assert "Coalition santé (fictive)" in section(html, "alliances-title")
    assert "Front" not in html


def test_a_theme_that_nobody_works_on_says_so(client):
    html = text_of(client.get(HEALTH))
    assert "No member says that it works on this theme." in html
    assert "/en/themes/" in html
    assert "<figure" not in html


# Countries


def test_a_country_says_who_works_there_and_on_which_themes(client, network):
    html = text_of(client.get(HAITI))
    assert "<h1>Haiti</h1>" in html
    assert "2 members work in this country." in html
    assert "Aube (fictif)" in section(html, "who-title")
    assert "Partie" not in html
    themes = section(html, "themes-title")
    assert themes.index("Health") < themes.index("Child")
    assert 'href="/en/organizations/?country=HT&amp;theme=sante"' in themes


def test_a_country_where_nobody_works_says_so_and_offers_what_to_do(client, network):
    html = text_of(client.get("/en/countries/is/"))
    assert "No member says that it works in this country." in html
    for way in ("/en/countries/", "?q=Iceland", "Ask the AQOCI", "/en/my-organization/"):
        assert way in html


def test_a_code_in_capitals_leads_to_the_page_for_ever(client):
    answer = client.get("/en/countries/HT/")
    assert (answer.status_code, answer["Location"]) == (301, HAITI)


@pytest.mark.parametrize(
    "address", ["/en/countries/zz/", "/en/countries/haiti/", "/en/themes/nulle-part/"]
)
def test_unknown_topics_are_a_404(client, address):
    assert client.get(address).status_code == 404


def test_a_country_shows_the_alliances_that_bear_its_name(client, network):
    AllianceFactory(name_fr="Concertation pour Haïti (fictive)")
    AllianceFactory(name_fr="Front pour Haïti (fictif)", status="ended")
    AllianceFactory(name_fr="Nigeriane (fictive)", name_en="Nigerian (fictional)")
    assert "Concertation pour Haïti" in section(text_of(client.get(HAITI)), "alliances-title")
    assert "Front" not in text_of(client.get(HAITI))
    assert "alliances-title" not in text_of(client.get("/en/countries/ne/"))


# Their lists


def test_lists_count_members_and_leave_no_country_out(client, network):
    html = text_of(client.get("/en/countries/"))
    assert "The members work in 2 countries." in html
    assert html.index("/en/countries/ht/") < html.index("/en/countries/ml/")
    assert html.index("/en/countries/ml/") < html.index("/en/countries/is/")
    themes = text_of(client.get("/en/themes/"))
    assert re.search(r'/en/themes/sante/">[^<]*</a> <span class="count">2 members', themes)


def test_pages_lead_to_topics(client, network):
    organization = text_of(client.get("/en/organizations/aube-fictif/"))
    assert f'href="{HAITI}"' in organization
    assert f'href="{HEALTH}"' in organization
    home = text_of(client.get("/en/"))
    assert f'href="{HEALTH}"' in home
    assert 'href="/en/countries/"' in home


@pytest.mark.parametrize("number", [2, 20])
def test_queries_do_not_grow_with_rows(client, number):
    for n in range(number):
        OrganizationFactory(town="Montréal", themes=["sante", "enfance"], countries=["HT", "ML"])
        alliance = AllianceFactory(name_fr=f"Pour Haïti {n}")
        alliance.themes.set(Theme.objects.filter(slug="sante"))
    addresses = {"/en/themes/": 1, HEALTH: 6, "/en/countries/": 1, HAITI: 5, "/en/countries/is/": 5}
    text_of(client.get("/en/"))
    for address, most in addresses.items():
        with CaptureQueriesContext(connection) as captured:
            text_of(client.get(address))
        assert len(captured) <= most, (address, [query["sql"][:120] for query in captured])
