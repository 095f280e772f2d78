"""The public pages: what they show, what they cost, and what they make of any address."""

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from members.models import Membership, Organization
from tests.factories import AllianceFactory, OrganizationFactory

pytestmark = pytest.mark.django_db

LIST = "/organismes/"


def text_of(response):
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def test_home_counts_members_and_regions(client):
    OrganizationFactory(town="Montréal")
    OrganizationFactory(town="Sherbrooke")
    OrganizationFactory(town="Alma", lapsed=True)
    html = text_of(client.get("/"))
    assert "2 organismes dans 2 régions du Québec" in html


def test_list_is_in_the_order_of_names_without_articles(client):
    for name in ("Zébulon", "L’Amie", "École", "Les Bâtisseuses", "cœur"):
        OrganizationFactory(name_fr=name)
    html = text_of(client.get(LIST))
    places = [html.index(f">{name}<") for name in ("L’Amie", "Les Bâtisseuses", "cœur", "École")]
    assert places == sorted(places)


def test_english_falls_back_to_french_and_says_so(client):
    OrganizationFactory(name_fr="Puits", summary_fr="De l’eau.")
    html = text_of(client.get("/en/organizations/"))
    assert 'lang="fr-CA">Puits<' in html


def test_page_says_what_is_unconfirmed_and_where_it_comes_from(client):
    organization = OrganizationFactory(
        name_fr="Puits", source_url="https://example.org/page", as_of=2019
    )
    Membership.objects.update(confirmed=False, source_url="https://example.org/membres")
    html = text_of(client.get(organization.get_absolute_url()))
    assert "Adhésion à confirmer" in html
    assert "https://example.org/page" in html
    assert "(2019)" in html
    assert "https://example.org/membres" in html
    Membership.objects.update(confirmed=True)
    assert "Adhésion à confirmer" not in text_of(client.get(organization.get_absolute_url()))


@pytest.mark.parametrize("situation", [{"outside": True}, {"lapsed": True}, {"suspended": True}])
def test_who_is_not_a_member_has_no_page(client, cast, situation):
    organization = OrganizationFactory(**situation)
    url = organization.get_absolute_url()
    assert client.get(url).status_code == 404
    client.force_login(cast["visitor"])
    assert client.get(url).status_code == 404
    client.force_login(cast["staff"])
    assert client.get(url).status_code == 200


def test_unknown_page_offers_the_search(client):
    response = client.get("/organismes/personne/")
    assert response.status_code == 404
    html = response.content.decode()
    assert 'name="q"' in html
    assert LIST in html


def test_similar_organizations_share_countries_first(client):
    organization = OrganizationFactory(name_fr="Source", themes=["sante"], countries=["HT", "ML"])
    OrganizationFactory(name_fr="Thème seul", themes=["sante"], countries=["PE"])
    OrganizationFactory(name_fr="Un pays", countries=["HT"])
    OrganizationFactory(name_fr="Deux pays", countries=["ML", "HT"])
    OrganizationFactory(name_fr="Partie", countries=["HT", "ML"], lapsed=True)
    similar = organization.similar({"country": {"HT": 3, "ML": 3}, "theme": {}})
    assert [o.name_fr for o in similar] == ["Deux pays", "Un pays"]


# What it costs


@pytest.fixture(params=[2, 20])
def several(request):
    alliance = AllianceFactory(name_fr="Coalition (fictive)", slug="coalition-fictive")
    for n in range(request.param):
        organization = OrganizationFactory(
            name_fr=f"Organisme {n:02} de santé",
            town="Montréal",
            themes=["sante", "enfance"],
            countries=["HT", "ML"],
            other_names=[f"Ancien {n}"],
        )
        alliance.memberships.create(organization=organization)


@pytest.mark.parametrize(
    ("url", "queries"),
    [
        ("/", 4),
        (LIST, 3),
        (f"{LIST}?region=06&theme=sante", 4),
        (f"{LIST}?q=sante&country=HT", 4),
        (f"{LIST}?alliance=coalition-fictive", 4),
        (f"{LIST}?q=snate", 6),
        (f"{LIST}organisme-00-de-sante/", 4),
        ("/regions/", 1),
        ("/regions/montreal/", 4),
        (f"{LIST}suggestions/?q=org", 2),
    ],
)
def test_queries_do_not_grow_with_rows(client, several, url, queries):
    text_of(client.get("/"))  # the words and the whole directory's counts, kept for a version
    with CaptureQueriesContext(connection) as captured:
        text_of(client.get(url))
    assert len(captured) <= queries, [query["sql"][:90] for query in captured]


def test_first_page_of_a_version_reads_the_words_and_the_counts_too(client, several):
    for url, queries in (("/", 8), (LIST, 5), (f"{LIST}organisme-00-de-sante/", 6)):
        OrganizationFactory()
        with CaptureQueriesContext(connection) as captured:
            text_of(client.get(url))
        assert len(captured) <= queries, [query["sql"][:90] for query in captured]


def test_unchanged_page_costs_one_small_query(client, settings, django_assert_num_queries):
    settings.KEEP_PAGES = True
    OrganizationFactory()
    client.get(LIST)
    with django_assert_num_queries(1):
        assert "1 organisme trouvé" in text_of(client.get(LIST))


def test_changed_page_is_made_anew(client, settings):
    settings.KEEP_PAGES = True
    first = client.get(LIST)
    OrganizationFactory(name_fr="Nouvelle venue")
    second = client.get(LIST, headers={"If-None-Match": first["ETag"]})
    assert "Nouvelle venue" in text_of(second)
    third = client.get(LIST, headers={"If-None-Match": second["ETag"]})
    assert (third.status_code, third.content) == (304, b"")


def test_signed_in_people_get_pages_of_their_own(client, cast, settings):
    settings.KEEP_PAGES = True
    client.get(LIST)
    client.force_login(cast["staff"])
    assert "ETag" not in client.get(LIST)


def test_version_may_be_trusted_for_a_while(client, settings):
    settings.DIRECTORY_VERSION_SECONDS = 60
    settings.KEEP_PAGES = True
    client.get(LIST)
    OrganizationFactory(name_fr="Nouvelle venue")
    assert "Nouvelle venue" not in text_of(client.get(LIST))


def test_kept_pages_tell_results_from_pages(client, settings):
    settings.KEEP_PAGES = True
    page = text_of(client.get(LIST))
    results = text_of(client.get(LIST, headers={"HX-Request": "true"}))
    assert page.startswith("<!doctype html>")
    assert "<html" not in results
    history = client.get(LIST, headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert text_of(history) == page
    assert len(caches["pages"]._cache) == 2


def test_htmx_gets_the_very_results_of_the_page(client):
    OrganizationFactory(name_fr="Puits", town="Montréal")
    url = f"{LIST}?region=06&q=puits"
    response = client.get(url, headers={"HX-Request": "true"})
    results = text_of(response)
    assert response["HX-Push-Url"] == f"{LIST}?q=puits&region=06"
    body = results[results.index("<aside") :]
    assert body in text_of(client.get(url))


# Any address


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("region=99", "99"),
        ("region=06&region=montreal", "montreal"),
        ("theme=%3Cscript%3E", "&lt;script&gt;"),
        ("country=Ha%C3%AFti", "Haïti"),
        ("alliance=c4d", "c4d"),
        ("sort=x", "«\N{NO-BREAK SPACE}x\N{NO-BREAK SPACE}»"),
        ("display=wall", "wall"),
        ("page=-1", "-1"),
        ("page=0", "«\N{NO-BREAK SPACE}0\N{NO-BREAK SPACE}»"),
        ("page=abc", "abc"),
        ("page=1000000000", "1000000000"),
        ("page=99999999999999999999", "99999999999999999999"),
        ("page=%D9%A3", "٣"),
        ("regions=06", "regions"),
    ],
)
def test_unknown_value_is_left_out_and_named(client, query, named):
    OrganizationFactory(name_fr="Puits", town="Montréal")
    html = text_of(client.get(f"{LIST}?{query}"))
    assert "1 organisme trouvé" in html
    assert "Écarté de l’adresse" in html
    assert named in html


@pytest.mark.parametrize(
    "query",
    [
        "q=" + "eau " * 2500,
        "q=%00",
        "q=%FF%FE%80",
        "region=%00",
        "&".join(f"region={n}" for n in range(500)),
        "q=%27%3B+DROP+TABLE+members_organization%3B--",
        "utm_source=infolettre",
        "q=+&region=&theme=&country=&sort=&page=",
    ],
)
def test_hostile_address_still_answers(client, query):
    OrganizationFactory(name_fr="Puits")
    text_of(client.get(f"{LIST}?{query}"))
    assert Organization.objects.count() == 1


def test_no_choice_that_forms_send_is_called_unknown(client):
    OrganizationFactory()
    html = text_of(client.get(f"{LIST}?q=&region=&sort=&display=&page="))
    assert "Écarté de l’adresse" not in html


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["q", "region", "theme", "country", "alliance", "sort", "page", "display", "é"]
            ),
            st.text(max_size=40),
        ),
        max_size=8,
    )
)
def test_any_parameters_answer(client, pairs):
    query = {}
    for name, value in pairs:
        query.setdefault(name, []).append(value)
    assert client.get(LIST, query).status_code == 200


def test_empty_list_offers_ways_out(client):
    OrganizationFactory(name_fr="Puits du Mali", town="Montréal")
    OrganizationFactory(name_fr="Lanterne du Pérou", town="Alma")
    html = text_of(client.get(f"{LIST}?q=puits&region=02"))
    assert "Sans tous les filtres" in html
    html = text_of(client.get(f"{LIST}?q=puits+lanterne"))
    assert "Sans «\N{NO-BREAK SPACE}lanterne\N{NO-BREAK SPACE}»" in html


def test_approximate_results_say_so(client):
    OrganizationFactory(name_fr="Oxfam")
    html = text_of(client.get(f"{LIST}?q=oxfan"))
    assert "1 résultat approchant" in html
    assert "a été compris comme «\N{NO-BREAK SPACE}oxfam\N{NO-BREAK SPACE}»" in html


def test_language_switch_stays_on_the_page(client):
    OrganizationFactory(name_fr="Puits", town="Montréal")
    html = text_of(client.get(f"{LIST}?q=puits&region=06"))
    assert 'href="/en/organizations/?q=puits&amp;region=06"' in html


@pytest.mark.parametrize("name", ["home", "organization-list", "region-list", "data", "about"])
def test_both_languages_have_every_page(client, name):
    for language, lang in (("fr", "fr-CA"), ("en", "en-CA")):
        with override(language):
            html = text_of(client.get(reverse(f"members:{name}")))
        assert f'<html lang="{lang}">' in html
