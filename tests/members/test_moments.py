"""Dates and times in words, as Québec says them."""

import datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from members import moments

TORONTO, ISLANDS = ZoneInfo("America/Toronto"), ZoneInfo("America/Halifax")
NBSP = "\N{NO-BREAK SPACE}"


def at(*moment, zone=TORONTO, fold=0):
    return datetime.datetime(*moment, tzinfo=zone, fold=fold)


def day(*parts):
    return datetime.date(*parts)


IN_WORDS = [
    (
        {"starts": at(2026, 11, 25, 19), "ends": at(2026, 11, 25, 21)},
        "le mercredi 25 novembre 2026, de 19 h à 21 h",
        "Wednesday, November 25, 2026, from 19:00 to 21:00",
    ),
    (
        {"starts": at(2026, 5, 1, 9, 5)},
        "le vendredi 1er mai 2026, à 9 h 05",
        "Friday, May 1, 2026, at 09:05",
    ),
    (
        {"starts": at(2028, 2, 29), "ends": at(2028, 3, 1), "all_day": True},
        "le mardi 29 février 2028, toute la journée",
        "Tuesday, February 29, 2028, all day",
    ),
    (
        {"starts": at(2026, 11, 25), "ends": at(2026, 11, 28), "all_day": True},
        "du mercredi 25 au vendredi 27 novembre 2026",
        "from Wednesday, November 25 to Friday, November 27, 2026",
    ),
    (
        {"starts": at(2026, 11, 25), "ends": at(2026, 12, 7), "all_day": True},
        "du mercredi 25 novembre au dimanche 6 décembre 2026",
        "from Wednesday, November 25 to Sunday, December 6, 2026",
    ),
    (
        {"starts": at(2026, 12, 31, 10), "ends": at(2027, 1, 2, 17)},
        "du jeudi 31 décembre 2026, 10 h, au samedi 2 janvier 2027, 17 h",
        "from Thursday, December 31, 2026, 10:00, to Saturday, January 2, 2027, 17:00",
    ),
    (
        {"starts": at(2026, 11, 27, 21), "ends": at(2026, 11, 28, 2)},
        "le vendredi 27 novembre 2026, de 21 h à 2 h le lendemain",
        "Friday, November 27, 2026, from 21:00 to 02:00 the next day",
    ),
    (
        {"starts": at(2026, 11, 27, 19), "ends": at(2026, 11, 28)},
        "le vendredi 27 novembre 2026, de 19 h à 0 h",
        "Friday, November 27, 2026, from 19:00 to 00:00",
    ),
    (
        {
            "starts": at(2026, 11, 25, 19, zone=ISLANDS),
            "ends": at(2026, 11, 25, 21, zone=ISLANDS),
            "zone": "America/Halifax",
        },
        "le mercredi 25 novembre 2026, de 19 h à 21 h (heure des Îles-de-la-Madeleine)",
        "Wednesday, November 25, 2026, from 19:00 to 21:00 (Îles-de-la-Madeleine time)",
    ),
    # The hour that comes twice is said which of the two it is; the one that is skipped is nobody's.
    (
        {"starts": at(2026, 11, 1, 0), "ends": at(2026, 11, 1, 1, 30, fold=1)},
        "le dimanche 1er novembre 2026, de 0 h à 1 h 30 (heure normale)",
        "Sunday, November 1, 2026, from 00:00 to 01:30 (standard time)",
    ),
    (
        {"starts": at(2026, 3, 8, 1), "ends": at(2026, 3, 8, 4)},
        "le dimanche 8 mars 2026, de 1 h à 4 h",
        "Sunday, March 8, 2026, from 01:00 to 04:00",
    ),
]


@pytest.mark.parametrize(("when", "french", "english"), IN_WORDS)
def test_when_something_is_held(when, french, english):
    with override("fr"):
        assert moments.in_words(**when).replace(NBSP, " ") == french
    with override("en"):
        assert moments.in_words(**when) == english


def test_hours_do_not_break_from_their_sign():
    with override("fr"):
        assert moments.clock(at(2026, 11, 25, 19, 30)) == f"19{NBSP}h{NBSP}30"


def test_beside_its_day_hours_are_enough():
    with override("en"):
        evening = moments.on_its_day(at(2026, 11, 25, 19), at(2026, 11, 25, 21))
        assert evening == "from 19:00 to 21:00"
        whole = {"all_day": True, "today": day(2026, 11, 1)}
        assert moments.on_its_day(at(2026, 11, 25), at(2026, 11, 26), **whole) == "all day"
        several = moments.on_its_day(at(2026, 11, 25), at(2026, 12, 7), **whole)
        assert several == "until Sunday, December 6"
        week = moments.on_its_day(at(2026, 12, 28, 9), at(2027, 1, 3, 12), today=day(2026, 11, 1))
        assert week == "at 09:00, until Sunday, January 3, 2027"


def test_last_day_ends_before_midnight():
    assert moments.last_day(at(2026, 11, 25, 19), at(2026, 11, 26)) == day(2026, 11, 25)
    assert moments.last_day(at(2026, 11, 25, 19), at(2026, 11, 26, 1)) == day(2026, 11, 26)
    assert moments.last_day(at(2026, 11, 25, 19)) == day(2026, 11, 25)


@given(
    st.datetimes(datetime.datetime(1976, 1, 2), datetime.datetime(2100, 12, 30)),  # noqa: DTZ001
    st.timedeltas(datetime.timedelta(minutes=1), datetime.timedelta(days=366)) | st.none(),
    st.sampled_from(["America/Toronto", "America/Halifax"]),
    st.booleans(),
)
def test_any_moment_has_words(naive, lasts, zone, all_day):
    tz = ZoneInfo(zone)
    starts = naive.replace(tzinfo=datetime.UTC).astimezone(tz)
    ends = (starts.astimezone(datetime.UTC) + lasts).astimezone(tz) if lasts else None
    for language in ("fr", "en"):
        with override(language):
            assert str(starts.year) in moments.in_words(starts, ends, all_day=all_day, zone=zone)
            assert moments.on_its_day(starts, ends, all_day=all_day, zone=zone)
    assert starts.date() <= moments.last_day(starts, ends)


@pytest.mark.parametrize(
    ("when", "today", "first", "last"),
    [
        # Thursday 26 November 2026
        ("today", (2026, 11, 26), (2026, 11, 26), (2026, 11, 26)),
        ("week", (2026, 11, 26), (2026, 11, 26), (2026, 11, 28)),
        ("next-week", (2026, 11, 26), (2026, 11, 29), (2026, 12, 5)),
        ("weekend", (2026, 11, 26), (2026, 11, 28), (2026, 11, 29)),
        ("month", (2026, 11, 26), (2026, 11, 26), (2026, 11, 30)),
        # A Sunday begins a week, and ends a week-end.
        ("week", (2026, 11, 29), (2026, 11, 29), (2026, 12, 5)),
        ("next-week", (2026, 11, 29), (2026, 12, 6), (2026, 12, 12)),
        ("weekend", (2026, 11, 29), (2026, 11, 29), (2026, 11, 29)),
        ("weekend", (2026, 11, 28), (2026, 11, 28), (2026, 11, 29)),
        ("month", (2028, 2, 29), (2028, 2, 29), (2028, 2, 29)),
        ("month", (2026, 12, 5), (2026, 12, 5), (2026, 12, 31)),
    ],
)
def test_days_that_words_mean(when, today, first, last):
    assert moments.meant(when, day(*today)) == (day(*first), day(*last))


def test_weeks_begin_on_sunday():
    with override("fr"):
        assert [name for name, _short in moments.weekdays()][:2] == ["dimanche", "lundi"]
        assert moments.month(day(2026, 11, 25)) == "novembre 2026"
