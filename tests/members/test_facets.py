import datetime
import json

import pytest
from django.http import QueryDict
from django.utils import timezone

from members.directory.caching import directory_version
from members.filters import OrganizationFilter
from members.models import Organization
from tests.factories import AllianceFactory, OrganizationFactory

pytestmark = pytest.mark.django_db


def directory(query=""):
    return OrganizationFilter(QueryDict(query), version=directory_version())


@pytest.fixture
def four():
    """Four members: two regions, two themes, two countries."""
    OrganizationFactory(name_fr="A", town="Montréal", themes=["sante"], countries=["HT"])
    OrganizationFactory(name_fr="B", town="Montréal", themes=["sante", "enfance"], countries=["ML"])
    OrganizationFactory(name_fr="C", town="Sherbrooke", themes=["enfance"], countries=["HT", "ML"])
    OrganizationFactory(name_fr="D", town="Sherbrooke")
    OrganizationFactory(name_fr="Partie", town="Alma", themes=["sante"], lapsed=True)


def named(counts, group, words):
    return {words.by_key[group][key].value: n for key, n in counts.by[group].items()}


@pytest.mark.parametrize(
    ("query", "total", "regions", "themes", "countries"),
    [
        ("", 4, {"06": 2, "05": 2}, {"sante": 2, "enfance": 2}, {"HT": 2, "ML": 2}),
        # A choice narrows the other groups, not its own.
        ("region=06", 2, {"06": 2, "05": 2}, {"sante": 2, "enfance": 1}, {"HT": 1, "ML": 1}),
        (
            "region=06&region=05",
            4,
            {"06": 2, "05": 2},
            {"sante": 2, "enfance": 2},
            {"HT": 2, "ML": 2},
        ),
        (
            "theme=enfance&country=HT",
            1,
            {"05": 1},
            {"sante": 1, "enfance": 1},
            {"HT": 1, "ML": 2},
        ),
        ("q=sante&region=05", 0, {"06": 2}, {}, {}),
    ],
)
def test_each_group_is_counted_under_the_others(four, query, total, regions, themes, countries):
    filterset = directory(query)
    counts, words = filterset.counts, filterset.vocabulary
    assert counts.total == total == filterset.qs.count()
    assert named(counts, "region", words) == regions
    assert named(counts, "theme", words) == themes
    assert named(counts, "country", words) == countries


def test_counts_say_what_each_choice_gives(four):
    base = directory("theme=sante&country=ML")
    for group in ("region", "country"):
        for key, number in base.counts.by[group].items():
            value = base.vocabulary.by_key[group][key].value
            query = f"theme=sante&{group}={value}" + ("&country=ML" if group == "region" else "")
            assert directory(query).counts.total == number


def test_one_query_counts_everything(four, django_assert_num_queries):
    filterset = directory("q=sante&region=06")
    with django_assert_num_queries(1):
        assert filterset.counts.total == 2


def test_close_spellings_are_counted_as_such(four):
    counts = directory("q=snate").counts
    assert (counts.approximate, counts.total) == (True, 2)


def test_choices_that_give_nothing_do_not_make_a_text_approximate(four):
    counts = directory("q=sante&region=08").counts
    assert (counts.approximate, counts.found, counts.total) == (False, 2, 0)


# Alliances, whose participations have days


@pytest.fixture
def allied(four):
    """A and C take part in « cef »; B left it yesterday; D takes part in one that has ended."""
    a, b, c, d = (Organization.objects.get(name_fr=name) for name in "ABCD")
    water = AllianceFactory(
        name_fr="Coalition de l’eau (fictive)", name_en="Water (fictional)", acronym="CEF"
    )
    AllianceFactory(name_fr="Personne (fictive)", acronym="PF")
    gone = AllianceFactory(name_fr="Front (fictif)", acronym="FF", status="ended")
    today = timezone.localdate()
    water.memberships.create(organization=a)
    water.memberships.create(
        organization=b, since_year=2001, ended_on=today - datetime.timedelta(days=1)
    )
    water.memberships.create(organization=c, started_on=today, ended_on=today)
    gone.memberships.create(organization=d)
    return water


@pytest.mark.parametrize(
    ("query", "total", "regions", "alliances"),
    [
        ("", 4, {"06": 2, "05": 2}, {"cef": 2}),
        ("alliance=cef", 2, {"06": 1, "05": 1}, {"cef": 2}),
        ("alliance=cef&region=06", 1, {"06": 1, "05": 1}, {"cef": 1}),
        ("alliance=pf", 0, {}, {"cef": 2}),
        ("alliance=pf&alliance=cef", 2, {"06": 1, "05": 1}, {"cef": 2}),
        ("alliance=cef&q=sante", 1, {"06": 1}, {"cef": 1}),
        # One that has ended is not a choice.
        ("alliance=ff", 4, {"06": 2, "05": 2}, {"cef": 2}),
    ],
)
def test_an_alliance_is_a_choice_for_as_long_as_one_takes_part(
    allied, query, total, regions, alliances
):
    filterset = directory(query)
    counts, words = filterset.counts, filterset.vocabulary
    assert counts.total == total == filterset.qs.count() == len(filterset.page(0, 24))
    assert named(counts, "region", words) == regions
    assert named(counts, "alliance", words) == alliances


def test_one_query_counts_alliances_too(allied, django_assert_num_queries):
    filterset = directory("q=sante&alliance=cef")
    with django_assert_num_queries(1):
        assert filterset.counts.total == 1


def test_alliance_is_offered_chosen_and_removable(client, allied):
    html = client.get("/en/organizations/?alliance=cef&alliance=pf").content.decode()
    assert 'name="alliance" value="cef" checked' in html
    assert 'name="alliance" value="pf" checked' in html
    assert 'href="/en/organizations/?alliance=pf"' in html
    assert "Water (fictional)" in html
    plain = client.get("/en/organizations/").content.decode()
    assert 'value="cef"' in plain
    assert 'value="pf"' not in plain
    assert 'value="ff"' not in plain


def test_an_alliance_that_has_ended_is_left_out_and_named(client, allied):
    html = client.get("/en/organizations/?alliance=ff").content.decode()
    assert "Left out of the address: Alliance “ff”" in html


@pytest.mark.parametrize("suffix", ["csv", "json", "geojson", "atom"])
def test_files_answer_for_an_alliance_too(client, allied, suffix):
    answer = client.get(f"/en/organizations.{suffix}?alliance=cef")
    text = (answer.getvalue() if answer.streaming else answer.content).decode()
    for name, slug in (("A", "a"), ("C", "c")):
        assert f"/en/organizations/{slug}/" in text, name
    for slug in ("b", "d"):
        assert f"/en/organizations/{slug}/" not in text
    if suffix == "json":
        assert json.loads(text)["facets"]["alliance"] == [
            {"slug": "cef", "name": "Water (fictional)", "count": 2}
        ]


def test_typing_an_acronym_offers_the_alliance(client, allied):
    html = client.get("/en/organizations/suggestions/?q=cef").content.decode()
    assert 'data-href="/en/organizations/?alliance=cef"' in html
    assert "CEF · Alliance · 2" in html
    for unwanted in ("ff", "pf"):  # ended; without members
        assert (
            "alliance="
            not in client.get(f"/en/organizations/suggestions/?q={unwanted}").content.decode()
        )


def test_the_most_numerous_choices_of_a_long_group_show_first(client):
    """Whatever their names: among many that have one, the one that has two is not left behind."""
    one, two = OrganizationFactory(), OrganizationFactory()
    for n in range(20):
        alliance = AllianceFactory(name_fr=f"Coalition {n:02} (fictive)")
        alliance.memberships.create(organization=one)
    last = AllianceFactory(name_fr="Zénith (fictif)", acronym="ZF")
    for organization in (one, two):
        last.memberships.create(organization=organization)
    html = client.get("/en/organizations/").content.decode()
    assert html.index('value="zf"') < html.index('id="more-alliance"')
