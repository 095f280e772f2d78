import pytest
from django.http import QueryDict

from members.directory.caching import directory_version
from members.filters import OrganizationFilter
from tests.factories import OrganizationFactory

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
