"""Alliances in public: which there are, who takes part, and what is said of it to programs."""

import datetime
import json
import re

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from members.models import Alliance, AllianceMembership, Membership, Organization, Tag, Theme
from members.network import association_itself, load_alliances
from tests.factories import AllianceFactory, OrganizationFactory, PersonFactory

pytestmark = pytest.mark.django_db

LIST = "/en/alliances/"


def days(number):
    return timezone.localdate() + datetime.timedelta(days=number)


def text_of(response):
    assert response.status_code == 200, response.status_code
    return re.sub(r"\s+", " ", response.content.decode())


def section(html, title):
    """The part of the page under the heading that has this id."""
    start = html.index(f'id="{title}"')
    end = html.find("<section", start)
    return html[start : end if end > 0 else html.index("</main>")]


def part(alliance, organization, **fields):
    return AllianceMembership.objects.create(alliance=alliance, organization=organization, **fields)


@pytest.fixture
def water():
    """A coalition on water, with a mandate in French only."""
    alliance = AllianceFactory(
        name_fr="Coalition de l’eau (fictive)",
        name_en="Water coalition (fictional)",
        acronym="CEF",
        mandate_fr="Que chacune ait de l’eau.",
        founded_year=1999,
        website="https://eau.example/",
        source_url="https://source.example/eau",
    )
    alliance.themes.set(Theme.objects.filter(slug="eau-assainissement"))
    return alliance


# The list


def test_alliances_are_listed_by_kind_with_their_members_counted(client, water):
    part(water, OrganizationFactory())
    part(water, OrganizationFactory(), started_on=days(-9))
    part(water, OrganizationFactory(), ended_on=days(-1))
    part(water, OrganizationFactory(), started_on=days(1))
    part(water, OrganizationFactory(lapsed=True))
    part(water, OrganizationFactory(outside=True))
    AllianceFactory(name_fr="Table (fictive)", kind="committee")
    html = text_of(client.get(LIST))
    assert html.index("Coalitions</h2>") < html.index("Water coalition") < html.index("Committees")
    assert html.index("Committees</h2>") < html.index("Table (fictive)")
    assert "2 members of the network" in html
    assert "2 alliances" in html


def test_ended_alliances_stand_apart_and_keep_their_page(client, water):
    ended = AllianceFactory(name_fr="Front (fictif)", status="ended", ended_year=2010)
    html = text_of(client.get(LIST))
    assert html.index("Water coalition") < html.index('id="ended-title"') < html.index("Front (")
    assert "ended in 2010" in html
    page = text_of(client.get(f"{LIST}{ended.slug}/"))
    assert "This alliance ended in 2010" in page
    assert "?alliance=" not in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=CEF", True),
        ("q=coalition+eau", True),
        ("q=chacune", True),
        ("q=coalitoin", True),
        ("kind=coalition", True),
        ("theme=eau-assainissement", True),
        ("kind=coalition&theme=eau-assainissement&q=eau", True),
        ("kind=network", False),
        ("theme=sante", False),
        ("q=girafe", False),
    ],
)
def test_the_list_answers_words_kind_and_theme(client, water, query, found):
    AllianceFactory(name_fr="Réseau des girafons (fictif)", kind="network")
    html = text_of(client.get(f"{LIST}?{query}"))
    assert ("Water coalition (fictional)" in html) is found
    if not found and "girafe" not in query and "network" not in query:
        assert "No alliance has all of this." in html


def test_the_public_finds_by_public_words_only(client, water):
    """Neither the staff's tags nor the people and organizations that take part find an alliance."""
    liaison = PersonFactory(first_name="Zulma", last_name="Fictive")
    organization = OrganizationFactory(name_fr="Kilimandjaro (fictif)")
    part(water, organization, liaison=liaison)
    water.tags.add(Tag.objects.create(name="xylophone"))
    for word in ("Zulma", "Kilimandjaro", "xylophone"):
        assert "No alliance has all of this." in text_of(client.get(f"{LIST}?q={word}")), word


def test_close_spellings_say_that_they_are(client, water):
    assert "here are the closest spellings" in text_of(client.get(f"{LIST}?q=coalitoin"))
    assert "here are the closest spellings" not in text_of(client.get(f"{LIST}?q=coalition"))


@pytest.mark.parametrize("query", ["kind=club", "theme=<b>", "q=%00", "kind=%00&theme=%FF"])
def test_what_is_not_known_is_left_out_and_the_list_answers(client, water, query):
    html = text_of(client.get(f"{LIST}?{query}"))
    assert "<b>" not in html
    assert "Water coalition" in html
    assert ("Left out of the address" in html) is not query.startswith("q")


def test_a_site_without_alliances_says_so(client):
    assert "No alliance is recorded yet." in text_of(client.get(LIST))


# One alliance


def test_page_says_what_for_since_when_and_where_it_comes_from(client, water):
    html = text_of(client.get(f"{LIST}{water.slug}/"))
    assert 'lang="fr-CA"><p>Que chacune ait de l’eau.</p>' in html
    assert "since 1999" in html
    assert "https://eau.example/" in html
    assert "https://source.example/eau" in html
    assert "/en/themes/eau-assainissement/" in html


def test_page_shows_the_whole_and_its_parts(client, water):
    group = AllianceFactory(name_fr="Puits (fictif)", parent=water, kind="working_group")
    assert group.get_absolute_url().rsplit("/", 2)[1] in text_of(client.get(f"{LIST}{water.slug}/"))
    assert f"{LIST}{water.slug}/" in text_of(client.get(f"{LIST}{group.slug}/"))


def test_coordination_comes_first_and_each_role_is_said(client, water):
    part(water, OrganizationFactory(name_fr="Aube (fictif)", town="Montréal"))
    part(water, OrganizationFactory(name_fr="Brume (fictif)"), role="observer", since_year=2004)
    part(water, OrganizationFactory(name_fr="Zénith (fictif)"), role="coordination")
    html = section(text_of(client.get(f"{LIST}{water.slug}/")), "members-title")
    assert html.index("Zénith") < html.index("Aube") < html.index("Brume")
    assert "coordination</p>" in html
    assert "observer, since 2004</p>" in html
    assert "Montréal" in html
    assert f"?alliance={water.slug}" in html


def test_former_ones_stand_apart_and_those_who_came_back_do_not(client, water):
    left, back = OrganizationFactory(name_fr="Partie"), OrganizationFactory(name_fr="Revenue")
    part(water, left, since_year=2001, ended_on=days(-1))
    part(water, back, started_on=days(-90), ended_on=days(-50))
    part(water, back, started_on=days(-10))
    html = text_of(client.get(f"{LIST}{water.slug}/"))
    former = section(html, "former-title")
    assert "Partie" in former
    assert f"from 2001 to {days(-1).year}" in former
    assert "Revenue" not in former
    assert html.count("Revenue") > 0


def test_those_who_are_not_members_of_the_network_are_listed_plainly(client, water):
    other = OrganizationFactory(name_fr="Alliée (fictif)", outside=True, kind="ally")
    suspended = OrganizationFactory(name_fr="Suspendue (fictif)", suspended=True)
    part(water, other)
    part(water, suspended)
    html = text_of(client.get(f"{LIST}{water.slug}/"))
    assert "No member of the network is known to take part in it today." in html
    others = section(html, "others-title")
    assert "Alliée (fictif)" in others
    assert "Suspendue (fictif)" in others
    assert "/en/organizations/" not in others


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "The AQOCI itself belongs to it."),
        ({"since_year": 1984}, "The AQOCI itself has belonged to it since 1984."),
        (
            {"started_on": datetime.date(1985, 3, 1), "role": "coordination"},
            "The AQOCI itself has coordinated it since 1985.",
        ),
        ({"role": "observer"}, "The AQOCI itself is an observer."),
        (
            {"since_year": 1984, "ended_on": datetime.date(2001, 1, 1)},
            "The AQOCI itself belonged to it from 1984 to 2001.",
        ),
        ({"ended_on": datetime.date(2001, 1, 1)}, "The AQOCI itself belonged to it until 2001."),
    ],
)
def test_the_association_s_own_part_is_said(client, water, fields, said):
    part(water, association_itself(), **fields)
    html = text_of(client.get(f"{LIST}{water.slug}/"))
    assert said in html
    assert "others-title" not in html


def test_the_sources_of_participations_are_shown_once_each(client, water):
    for _each in range(2):
        part(water, OrganizationFactory(), source_url="https://source.example/membres")
    html = text_of(client.get(f"{LIST}{water.slug}/"))
    assert html.count('href="https://source.example/membres"') == 1


def test_an_unknown_alliance_is_a_404(client):
    assert client.get(f"{LIST}personne/").status_code == 404
    assert client.get("/en/alliances/personne.json").status_code == 404


def test_nothing_of_the_liaison_or_of_the_tags_is_public(client, water):
    liaison = PersonFactory(first_name="Zulma", last_name="Fictive")
    part(water, OrganizationFactory(), liaison=liaison)
    water.tags.add(Tag.objects.create(name="xylophone"))
    for address in (f"{LIST}{water.slug}/", f"/en/alliances/{water.slug}.json", LIST):
        html = client.get(address).content.decode()
        assert "Zulma" not in html
        assert "xylophone" not in html


# For programs


def test_json_holds_the_alliances_and_who_takes_part(client, water):
    ours = OrganizationFactory(name_fr="Aube (fictif)")
    part(water, ours, since_year=2004, source_url="https://source.example/a")
    part(water, OrganizationFactory(name_fr="Alliée (fictif)", outside=True))
    listed = json.loads(client.get("/en/alliances.json?theme=eau-assainissement").content)
    assert listed["count"] == 1
    assert listed["results"][0]["members_count"] == 1
    assert listed["results"][0]["mandate_en"] is None
    one = client.get(f"/en/alliances/{water.slug}.json")
    assert one["Access-Control-Allow-Origin"] == "*"
    data = json.loads(one.content)
    assert data["name"] == "Water coalition (fictional)"
    assert data["themes"] == [{"slug": "eau-assainissement", "name": "Water and sanitation"}]
    other, mine = sorted(data["participations"], key=lambda p: p["organization"]["url"] or "")
    assert mine["organization"]["url"] == f"http://testserver/en/organizations/{ours.slug}/"
    assert (mine["since_year"], mine["source_url"]) == (2004, "https://source.example/a")
    assert other["organization"] == {
        "name": "Alliée (fictif)",
        "acronym": None,
        "slug": None,
        "url": None,
        "is_member_of_the_network": False,
    }


def test_json_names_what_it_leaves_out(client, water):
    data = json.loads(client.get("/en/alliances.json?kind=club").content)
    assert data["ignored"] == [{"parameter": "Kind", "value": "club"}]


def test_page_says_itself_to_search_engines(client, water):
    group = AllianceFactory(name_fr="Puits (fictif)", parent=water)
    part(water, OrganizationFactory(name_fr="Aube (fictif)"))
    part(water, OrganizationFactory(name_fr="Partie (fictif)"), ended_on=days(-1))
    html = client.get(f"{LIST}{water.slug}/").content.decode()
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    data = json.loads(found[1])
    assert data["@type"] == "Organization"
    assert data["alternateName"] == ["CEF", "Coalition de l’eau (fictive)"]
    assert data["foundingDate"] == "1999"
    assert data["subOrganization"][0]["name"] == group.name_fr
    assert [member["name"] for member in data["member"]] == ["Aube (fictif)"]


# Elsewhere


def test_an_organization_s_page_has_its_alliances(client, water):
    organization = OrganizationFactory(name_fr="Aube (fictif)")
    part(water, organization, role="coordination", started_on=datetime.date(2004, 5, 1))
    gone = AllianceFactory(name_fr="Front (fictif)", status="ended")
    past = AllianceFactory(name_fr="Passée (fictive)")
    part(gone, organization)
    part(past, organization, ended_on=days(-1))
    html = text_of(client.get(f"/en/organizations/{organization.slug}/"))
    alliances = section(html, "alliances-title")
    assert f'href="{LIST}{water.slug}/"' in alliances
    assert "coordination, since 2004" in alliances
    assert "Front" not in alliances
    assert "Passée" not in alliances


def test_a_page_is_made_anew_when_an_alliance_changes(client, water, settings):
    settings.KEEP_PAGES = True
    address = f"{LIST}{water.slug}/"
    text_of(client.get(address))
    part(water, OrganizationFactory(name_fr="Aube (fictif)"))
    assert "Aube (fictif)" in text_of(client.get(address))
    water.themes.set(Theme.objects.filter(slug="sante"))
    assert "/en/themes/sante/" in text_of(client.get(address))
    Alliance.objects.filter(pk=water.pk).update(mandate_en="Wells.")
    assert "Wells." in text_of(client.get(address))


def test_the_real_alliances_all_have_a_page(client):
    call_command("load_reference", verbosity=0)
    load_alliances()
    for alliance in Alliance.objects.all():
        assert alliance.name_fr in text_of(client.get(f"/alliances/{alliance.slug}/"))


@pytest.mark.parametrize("number", [2, 20])
def test_queries_do_not_grow_with_rows(client, water, number):
    part(water, association_itself())
    for n in range(number):
        organization = OrganizationFactory(town="Montréal", themes=["sante"], countries=["HT"])
        part(water, organization)
        other = AllianceFactory(name_fr=f"Coalition {n} de l’eau", parent=water)
        other.themes.set(Theme.objects.filter(slug="sante"))
        part(other, organization)
    addresses = {
        LIST: 2,
        f"{LIST}?q=eau&kind=coalition": 3,
        f"{LIST}?q=coalitoin": 5,
        f"{LIST}{water.slug}/": 6,
        "/en/alliances.json": 2,
        f"/en/alliances/{water.slug}.json": 4,
        f"/en/organizations/{Organization.objects.members()[0].slug}/": 5,
        "/en/organizations/suggestions/?q=cef": 2,
        f"/en/organizations/?alliance={water.slug}": 4,
    }
    text_of(client.get("/en/"))
    for address, most in addresses.items():
        with CaptureQueriesContext(connection) as captured:
            text_of(client.get(address))
        assert len(captured) <= most, (address, [query["sql"][:120] for query in captured])


def test_membership_and_participation_both_count_by_their_days(client, water):
    """Whoever left the network yesterday is not one of its members in the alliance either."""
    organization = OrganizationFactory(name_fr="Aube (fictif)")
    part(water, organization)
    assert "members-title" in text_of(client.get(f"{LIST}{water.slug}/"))
    Membership.objects.update(ended_on=days(-1))
    html = text_of(client.get(f"{LIST}{water.slug}/"))
    assert "members-title" not in html
    assert "Aube (fictif)" in section(html, "others-title")
