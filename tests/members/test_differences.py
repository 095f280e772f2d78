"""Two texts compared word by word: nothing of either is lost, and it stays readable and quick."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members import differences
from members.differences import ADDED, REMOVED, SAME

WORDS = st.lists(st.sampled_from(["de", "l’", "eau", "paix", "droits", "et", ".", ",", "\n"]))
TEXTS = st.one_of(st.text(), WORDS.map(" ".join))


def side(pieces, *kinds):
    return "".join(text for what, text in pieces if what in kinds)


@given(TEXTS, TEXTS)
def test_difference_gives_both_texts_back(old, new):
    pieces = differences.words(old, new)
    assert side(pieces, SAME, REMOVED) == old
    assert side(pieces, SAME, ADDED) == new
    assert all(text for _what, text in pieces)


@given(TEXTS)
def test_text_that_stays_shows_no_change(text):
    assert {what for what, _text in differences.words(text, text)} <= {SAME}


def test_one_word_that_changes_is_all_that_shows():
    assert differences.words("L’eau pour tous.", "L’eau pour toutes et tous.") == [
        (SAME, "L’eau pour"),
        (ADDED, " toutes et"),
        (SAME, " tous."),
    ]


def test_article_is_a_word_of_its_own():
    assert differences.words("Gestion de l’eau", "Gestion de l’air") == [
        (SAME, "Gestion de l’"),
        (REMOVED, "eau"),
        (ADDED, "air"),
    ]


def test_crumbs_between_two_changes_are_read_with_them():
    assert differences.words("femmes et paix", "filles et droits") == [
        (REMOVED, "femmes et paix"),
        (ADDED, "filles et droits"),
    ]


def test_list_says_what_came_and_went():
    assert differences.items(["Haïti", "Mali"], ["Haïti", "Sénégal"]) == [
        (SAME, "Haïti"),
        (ADDED, "Sénégal"),
        (REMOVED, "Mali"),
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("eau " * 1000, "air eau " * 500),
        ("a b c d e f g h " * 250, "h g f e d c b a " * 250),
        (" ".join(map(str, range(900))), " ".join(map(str, range(900, 0, -1)))),
        ("x" * 4000, "y" * 4000),
        (". " * 2000, ", " * 2000),
    ],
)
def test_longest_texts_are_compared_in_a_moment(old, new):
    start = time.perf_counter()
    pieces = differences.words(old, new)
    assert time.perf_counter() - start < 1
    assert side(pieces, SAME, REMOVED) == old
