"""Positions and open letters in public: what they show, who signed, and never their dossier."""

import datetime
import json
import re

import feedparser
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from members.models import Dossier, Statement, Theme
from tests.factories import (
    AllianceFactory,
    EditionFactory,
    OrganizationFactory,
    RepresentativeFactory,
    StatementFactory,
    UserFactory,
)
from tests.members.published import body

pytestmark = pytest.mark.django_db

SECRET = "zqdossier"


def address(name, *args, **query):
    """An address of the English site."""
    with override("en"):
        return reverse(f"members:{name}", args=args, query=query or None)


def text_of(response):
    assert response.status_code == 200, response.status_code
    return body(response).decode()


def titles(response):
    return re.findall(r'class="card-name"><a [^>]*>([^<]*)<', text_of(response))


def page_of(statement):
    return address("statement-detail", statement.slug)


def sign(statement, *organizations):
    """Each signs, within days that are open for that moment."""
    user = UserFactory()
    for organization in organizations:
        statement.signatures.create(
            organization=organization, signed_by=user, signed_name="Ana Cachée", signed_title="Zq"
        )


# The list


def test_list_has_the_published_ones_the_latest_first(client):
    today = timezone.localdate()
    StatementFactory(title_fr="Ancienne", issued_on=today - datetime.timedelta(days=30))
    StatementFactory(title_fr="Récente", issued_on=today)
    StatementFactory(title_fr="En préparation", is_published=False)
    assert titles(client.get(address("statement-list"))) == ["Récente", "Ancienne"]


def test_list_is_narrowed_by_each_choice_and_by_words(client):
    water = StatementFactory(
        title_fr="L’eau d’abord", kind="letter", issued_on="2024-03-02", text_fr="Des puits."
    )
    water.themes.set(Theme.objects.filter(slug="eau-assainissement"))
    water.countries.set(["HT"])
    StatementFactory(title_fr="La paix", issued_on="2025-09-21")
    for query in (
        {"kind": "letter"},
        {"theme": "eau-assainissement"},
        {"country": "HT"},
        {"year": "2024"},
        {"q": "EAU"},
        {"q": "puits d'eau"},
        {"q": "-paix"},
    ):
        assert titles(client.get(address("statement-list", **query))) == ["L’eau d’abord"], query
    html = text_of(client.get(address("statement-list", q="eau", year="2025")))
    assert "No position or letter has all of this." in html


def test_choices_say_what_they_would_give(client):
    StatementFactory(kind="letter", issued_on="2024-01-01")
    StatementFactory(kind="letter", issued_on="2025-01-01")
    StatementFactory(issued_on="2025-01-01")
    html = text_of(client.get(address("statement-list", kind="letter")))
    assert ">2025 (1)</option>" in html
    assert ">Position (1)</option>" in html


@pytest.mark.parametrize("year", ["abc", "99", "2024%00", "9" * 40])
def test_unknown_values_are_left_out_and_named(client, year):
    StatementFactory(title_fr="Ici")
    response = client.get(address("statement-list", year=year, page="x", theme="rien"))
    assert titles(response) == ["Ici"]
    assert text_of(response).count("Left out of the address") == 3


def test_list_has_pages(client):
    for number in range(26):
        StatementFactory(title_fr=f"Lettre {number:02}", issued_on=f"2024-01-{number + 1:02}")
    first = client.get(address("statement-list", q="lettre"))
    assert len(titles(first)) == 24
    second = client.get(address("statement-list", q="lettre", page=2))
    assert titles(second) == ["Lettre 01", "Lettre 00"]
    assert 'rel="next" href="/en/statements/?q=lettre&amp;page=2"' in text_of(first)


# One


def test_page_says_the_text_to_whom_and_with_whom(client):
    statement = StatementFactory(
        title_fr="Lettre",
        title_en="Letter",
        text_fr="**Nous** demandons. <script>",
        text_en="We ask **for water**.",
        addressed_to_fr="À la ministre",
        alliance=AllianceFactory(name_fr="Coalition Mers"),
        edition=EditionFactory(campaign__name_fr="Les 12 jours", year=2024),
        source_url="https://exemple.example/source",
    )
    html = text_of(client.get(page_of(statement)))
    assert "We ask <strong>for water</strong>." in html
    assert 'lang="fr-CA">À la ministre' in html
    assert "Coalition Mers" in html
    assert "Les 12 jours, 2024" in html
    assert "exemple.example/source" in html
    with override("fr"):
        french = text_of(client.get(statement.get_absolute_url()))
    assert "&lt;script&gt;" in french


def test_edition_in_preparation_is_not_told(client):
    edition = EditionFactory(campaign__name_fr="Les 12 jours", is_published=False)
    assert "Les 12 jours" not in text_of(client.get(page_of(StatementFactory(edition=edition))))


def test_statement_elsewhere_leads_there(client):
    statement = StatementFactory(text_fr="", url="https://exemple.example/lettre")
    html = text_of(client.get(page_of(statement)))
    assert 'href="https://exemple.example/lettre"' in html


def test_unpublished_is_nowhere(client, cast):
    statement = StatementFactory(title_fr="Zqbrouillon", is_published=False, open=True)
    organization = OrganizationFactory()
    sign(statement, organization)
    for user in (None, cast["visitor"], cast["staff"]):
        if user:
            client.force_login(user)
        assert client.get(page_of(statement)).status_code == 404
        for path in (address("home"), address("statement-list"), address("statement-atom")):
            assert "Zqbrouillon" not in text_of(client.get(path))
        assert "Zqbrouillon" not in text_of(client.get(organization.get_absolute_url()))
        assert statement.slug not in text_of(client.get("/sitemap.xml"))


def test_page_counts_who_signed_and_where_they_are(client):
    statement = StatementFactory()
    sign(
        statement,
        OrganizationFactory(name_fr="Zébulon", town="Montréal"),
        OrganizationFactory(name_fr="École", town="Montréal"),
        OrganizationFactory(name_fr="Amie", town="Sherbrooke"),
        OrganizationFactory(name_fr="Sans lieu"),
    )
    html = text_of(client.get(page_of(statement)))
    assert "4 organizations signed" in html
    assert 'Montréal <span class="count">2</span>' in html
    assert 'aria-label="Montréal, 2 signed"' in html
    assert 'Head office not known <span class="count">1</span>' in html
    places = [html.index(f">{name}<") for name in ("Amie", "École", "Sans lieu", "Zébulon")]
    assert places == sorted(places)
    assert timezone.localdate().isoformat() in html


def test_public_sees_neither_who_signed_for_an_organization_nor_what_was_taken_back(client):
    statement = StatementFactory(open=True)
    left = OrganizationFactory(name_fr="Repartie")
    sign(statement, OrganizationFactory(name_fr="Restée"), left)
    statement.signatures.get(organization=left).take_back(by=UserFactory())
    html = text_of(client.get(page_of(statement)))
    assert "Ana Cachée" not in html
    assert "Zq" not in html
    assert "Repartie" not in html
    assert "1 organization signed" in html


def test_one_that_left_the_network_keeps_its_signature_without_a_link(client):
    statement = StatementFactory()
    sign(statement, former := OrganizationFactory(name_fr="Ancienne membre", lapsed=True))
    html = text_of(client.get(page_of(statement)))
    assert "Ancienne membre" in html
    assert former.get_absolute_url() not in html


def test_signing_again_after_taking_back_counts_once(client):
    statement = StatementFactory(open=True)
    sign(statement, organization := OrganizationFactory(name_fr="Eau vive"))
    statement.signatures.get().take_back(by=UserFactory())
    statement.sign(organization, by=UserFactory())
    assert text_of(client.get(page_of(statement))).count(">Eau vive<") == 1


def test_organization_page_and_home_show_statements(client):
    organization = OrganizationFactory()
    statement = StatementFactory(title_fr="Notre lettre")
    assert titles(client.get(organization.get_absolute_url())) == []
    sign(statement, organization)
    assert titles(client.get(organization.get_absolute_url())) == ["Notre lettre"]
    assert "Notre lettre" in titles(client.get("/"))
    Statement.objects.update(is_published=False)
    assert "statements-title" not in text_of(client.get("/"))


def test_organization_page_has_what_it_signed_in_public_the_latest_first(client):
    organization, other = OrganizationFactory(), OrganizationFactory()
    old = StatementFactory(title_fr="Ancienne", issued_on="2020-01-01")
    new = StatementFactory(title_fr="Nouvelle", issued_on="2024-01-01")
    new.themes.set(Theme.objects.filter(slug="sante"))
    hidden = StatementFactory(title_fr="Cachée", is_published=False)
    left = StatementFactory(title_fr="Reprise", open=True)
    for statement in (old, new, hidden, left):
        sign(statement, organization)
    sign(StatementFactory(title_fr="D’une autre"), other)
    sign(new, other)
    left.signatures.get().take_back(by=UserFactory())
    response = client.get(organization.get_absolute_url())
    assert titles(response) == ["Nouvelle", "Ancienne"]
    html = text_of(response)
    assert "2 organismes ont signé" in html
    assert "Santé" in html


def test_json_ld_is_an_article_with_its_endorsements(client):
    statement = StatementFactory(title_fr="Lettre", issued_on="2024-03-02")
    statement.countries.set(["HT"])
    sign(statement, OrganizationFactory(), OrganizationFactory())
    html = text_of(client.get(page_of(statement)))
    found = re.search(r'<script type="application/ld\+json"[^>]*>(.*?)</script>', html, re.S)
    data = json.loads(found[1])
    assert data["@type"] == "Article"
    assert data["headline"] == "Lettre"
    assert data["datePublished"] == "2024-03-02"
    assert data["spatialCoverage"][0]["identifier"] == "HT"
    assert data["interactionStatistic"]["userInteractionCount"] == 2


# The feed


def test_feed_has_the_statements_found_whatever_their_characters(client):
    StatementFactory(title_fr="Lettre \x0b& <b>", text_fr="Des **mots** \x01.", kind="letter")
    StatementFactory(title_fr="Position")
    feed = feedparser.parse(body(client.get(address("statement-atom"))))
    assert not feed.bozo, feed.get("bozo_exception")
    assert len(feed.entries) == 2
    letters = feedparser.parse(body(client.get(address("statement-atom", kind="letter"))))
    [entry] = letters.entries
    assert "<strong>mots</strong>" in entry.summary
    assert entry.id.startswith("tag:")


def test_empty_feed_stands(client):
    feed = feedparser.parse(body(client.get(address("statement-atom"))))
    assert not feed.bozo
    assert feed.entries == []


def test_sitemap_has_the_published_ones(client):
    statement = StatementFactory()
    sitemap = text_of(client.get("/sitemap.xml"))
    assert page_of(statement) in sitemap
    assert address("statement-list") in sitemap


# The dossier


def test_dossier_is_never_told(client):
    """Nor whether there is one: with and without it, every page says the same."""
    organization = OrganizationFactory(town="Montréal")
    ana = RepresentativeFactory(organization=organization).user
    statement = StatementFactory(open=True, title_fr="Lettre", slug="lettre")
    statement.countries.set(["HT"])
    sign(statement, organization)

    def everything():
        pages = {}
        with override("en"):
            for name in ("home", "statement-list", "statement-atom", "organization-list", "about"):
                pages[name] = address(name)
            for search in ("q", "kind", "theme", "dossier", "dossier__name"):
                pages[search] = address("statement-list", **{search: SECRET})
            pages["page"] = page_of(statement)
            pages["organization"] = organization.get_absolute_url()
            pages["json"] = address("organization-detail-json", organization.slug)
        pages["sitemap"] = "/sitemap.xml"
        said = {name: text_of(client.get(path)) for name, path in pages.items()}
        client.force_login(ana)
        with override("en"):
            for name, args in (("state", []), ("statements", []), ("statement", ["lettre"])):
                path = reverse(f"space:{name}", args=[organization.slug, *args])
                said[f"space {name}"] = text_of(client.get(path))
        client.logout()
        return {name: without_what_moves(text) for name, text in said.items()}

    before = everything()
    dossier = Dossier.objects.create(name=f"{SECRET} nom", aim=f"{SECRET} but")
    Statement.objects.update(dossier=dossier)
    after = everything()
    words = [f"{SECRET} nom", f"{SECRET} but"]
    assert [name for name, text in after.items() if any(word in text for word in words)] == []
    assert {name for name in before if before[name] != after[name]} == set()


def without_what_moves(text):
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)
    return re.sub(r"<(lastmod|updated)>[^<]*</\1>", "", text)


# What it costs


@pytest.mark.parametrize("count", [2, 20])
def test_pages_ask_as_little_for_2_rows_as_for_20(client, count):
    themes = Theme.objects.all()[:3]
    organizations = [
        OrganizationFactory(name_fr=f"Organisme {n:02}", town="Montréal") for n in range(count)
    ]
    for number in range(count):
        statement = StatementFactory(
            slug=f"lettre-{number}", alliance=AllianceFactory(), edition=EditionFactory()
        )
        statement.themes.set(themes)
        statement.countries.set(["HT", "ML"])
        sign(statement, *organizations)
    text_of(client.get("/"))  # the words and what the home page keeps for a version
    for path, most in {
        "/": 4,
        address("statement-list"): 3,
        address("statement-list", q="prise", country="HT", kind="position"): 3,
        address("statement-detail", "lettre-0"): 3,
        address("statement-atom"): 3,
        organizations[0].get_absolute_url(): 5,
    }.items():
        with CaptureQueriesContext(connection) as captured:
            text_of(client.get(path))
        assert len(captured) <= most, (path, [query["sql"][:90] for query in captured])
