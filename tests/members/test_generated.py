"""The fictional organizations are the same every time, distinct, and of realistic size."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from tests.generated import (
    LONGEST_MISSION,
    LONGEST_NAME,
    MUNICIPALITIES,
    SHORTEST_MISSION,
    SHORTEST_NAME,
    organizations,
)

DATA = Path(__file__).parents[2] / "members" / "data"
QUESTIONS = Path(__file__).parents[1] / "search_questions.csv"


def _rows(path):
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def many():
    return list(organizations(10_000))


def test_same_seed_gives_the_same_organizations(many):
    assert list(organizations(500)) == many[:500]


def test_other_seed_gives_other_organizations(many):
    other = {organization.name_fr for organization in organizations(500, seed=1)}
    assert len(other & {organization.name_fr for organization in many[:500]}) < 10


def test_order_never_changed_since_the_search_questions_were_written(many):
    """The expected answers rest on these names: a new vocabulary means new questions."""
    assert [many[0].name_fr, many[4_999].name_fr, many[9_999].name_fr] == [
        "690 livres pour Cajamarca – Ferralicour",
        "Le Relais de Gatineau–Saucierrond",
        "Kébrukéna – Regroupement pour l’égalité des genres",
    ]


def test_names_are_distinct_and_of_a_readable_length(many):
    names = [organization.name_fr for organization in many]
    assert len({name.casefold() for name in names}) == len(names)
    assert all(SHORTEST_NAME <= len(name) <= LONGEST_NAME for name in names)


def test_no_name_is_that_of_a_known_organization(many):
    known = {row["name_fr"].casefold() for row in _rows(DATA / "organizations.csv")}
    assert not known & {organization.name_fr.casefold() for organization in many}


def test_texts_have_realistic_lengths(many):
    for organization in many:
        assert SHORTEST_MISSION <= len(organization.mission_fr) <= LONGEST_MISSION
        assert 100 <= len(organization.summary_fr) <= 320
        assert organization.mission_en
        assert organization.summary_en
        assert "{" not in organization.mission_fr + organization.mission_en


def test_places_and_themes_exist(many):
    regions = {row["name"]: row["region_code"] for row in _rows(MUNICIPALITIES)}
    slugs = {row["slug"] for row in _rows(DATA / "themes.csv")}
    for organization in many:
        assert regions[organization.municipality] == organization.region_code
        assert 2 <= len(organization.themes) == len(set(organization.themes)) <= 5
        assert slugs.issuperset(organization.themes)
        assert len(organization.countries) == len(set(organization.countries)) <= 8


def test_montreal_and_haiti_weigh_as_much_as_in_real_life(many):
    in_montreal = sum(organization.region_code == "06" for organization in many)
    assert 0.55 < in_montreal / len(many) < 0.65
    countries = Counter(code for organization in many for code in organization.countries)
    assert countries.most_common(1)[0][0] == "HT"


def test_nobody_real_can_be_reached(many):
    for organization in many:
        assert organization.website.endswith(".example")
        assert organization.email.endswith(".example")
        assert " 555-01" in organization.phone


def test_import_row_has_the_columns_of_the_reference_file(many):
    with (DATA / "organizations.csv").open(encoding="utf-8", newline="") as lines:
        assert list(many[0].import_row()) == next(csv.reader(lines))


def test_search_questions_expect_organizations_that_exist(many):
    """The questions are only fair if each expected name is one that search could return."""
    demonstration = {
        row["name_fr"]
        for name in ("organizations.csv", "fictional_organizations.csv")
        for row in _rows(DATA / name)
        if row["membership"] not in {"former", "none"}
    }
    known = {"demo": demonstration, "generated": {o.name_fr for o in many}}
    questions = _rows(QUESTIONS)
    for question in questions:
        expected = question["expected"].split(";")
        assert known[question["dataset"]].issuperset(expected), question["query"]
        assert 1 <= len(expected) == len(set(expected)) <= 10, question["query"]
    asked = [(question["dataset"], question["query"]) for question in questions]
    assert len(asked) == len(set(asked))
