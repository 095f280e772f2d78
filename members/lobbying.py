"""Hours with public office holders, and the reports that they call for.

Since 2026-01-19 an organization registers when its paid employees together give eight hours, in any
four consecutive weeks, to communications that the federal Lobbying Act (R.S.C. 1985, c. 44
(4th Supp.)) names, preparation and appeals to the public included. An oral communication arranged
in advance with a designated public office holder is reported by the fifteenth of the next month.

Hours are minutes here; days are local (America/Toronto), and an exchange belongs whole to the day
on which it began.
"""

import datetime
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Q
from django.utils import timezone

from members.models import GovernmentInteraction, Interaction
from members.models.advocacy import deadline
from members.models.periods import beginning

# Four consecutive weeks, the threshold, and when to be told that it comes near.
DAYS = 28
THRESHOLD = 8 * 60
NEAR = 6 * 60

# The days of the month when one is reminded of the reports to file.
REMINDERS = (5, 10, 14)


class Level(StrEnum):
    """How far the hours of four weeks are from the threshold."""

    BELOW = "below"
    NEAR = "near"
    REACHED = "reached"


def level(minutes):
    if minutes >= THRESHOLD:
        return Level.REACHED
    return Level.NEAR if minutes >= NEAR else Level.BELOW


@dataclass(frozen=True)
class Window:
    """Four weeks, from their first to their last day, with the minutes of all our employees."""

    last: datetime.date
    minutes: int

    @property
    def first(self):
        return self.last - datetime.timedelta(days=DAYS - 1)

    @property
    def level(self):
        return level(self.minutes)

    @property
    def left(self):
        """Minutes before the threshold; 0 once it is reached."""
        return max(0, THRESHOLD - self.minutes)


class Hours:
    """The minutes of each day from `first` to `last`, and of any four weeks that end there."""

    def __init__(self, first, last):
        self.first, self.last = first, last
        self.by_day = Counter()
        rows = (
            GovernmentInteraction.objects.watched()
            .between(first - datetime.timedelta(days=DAYS - 1), last)
            .with_time()
            .values_list("interaction__happened_at", "spent")
        )
        for happened_at, spent in rows:
            self.by_day[timezone.localdate(happened_at)] += spent

    def between(self, first, last):
        """The minutes of the days from `first` to `last`."""
        days = (last - first).days + 1
        return sum(self.by_day[first + datetime.timedelta(days=n)] for n in range(days))

    def window(self, last):
        """The four weeks that end on that day."""
        return Window(last, self.between(last - datetime.timedelta(days=DAYS - 1), last))

    def highest(self):
        """The four weeks with the most minutes that end from `first` to `last`; the latest such."""
        days = (self.last - self.first).days + 1
        windows = (self.window(self.first + datetime.timedelta(days=n)) for n in range(days))
        return max(windows, key=lambda window: (window.minutes, window.last))


def window(on=None):
    """The four weeks that end on that day (today if None)."""
    on = on or timezone.localdate()
    return Hours(on, on).window(on)


def exchanges_of(window):
    """What makes up the hours of four weeks, the last first: with `employees` and `spent`."""
    return (
        GovernmentInteraction.objects.watched()
        .between(window.first, window.last)
        .with_time()
        .with_people()
        .order_by("-interaction__happened_at", "-pk")
    )


def unrecorded(first, last):
    """Exchanges of these days with a public office holder of which nothing else is recorded: their
    hours count nowhere until it is. The last first."""
    return (
        Interaction.objects.with_office_holders()
        .filter(
            government=None,
            happened_at__gte=beginning(first),
            happened_at__lt=beginning(last + datetime.timedelta(days=1)),
        )
        .recent()
    )


@dataclass(frozen=True)
class Week:
    """A week, from Sunday to Saturday: its own minutes, and the four weeks that end with it."""

    first: datetime.date
    last: datetime.date
    minutes: int
    window: Window


def weeks(hours):
    """The weeks of `hours`, the first first; the last one ends on the last day."""
    sunday = hours.first - datetime.timedelta(days=(hours.first.weekday() + 1) % 7)
    found = []
    while sunday <= hours.last:
        last = min(sunday + datetime.timedelta(days=6), hours.last)
        first = max(sunday, hours.first)
        found.append(Week(first, last, hours.between(first, last), hours.window(last)))
        sunday += datetime.timedelta(days=7)
    return found


# Reports


class Reminder(StrEnum):
    """How pressing the reports of a month are."""

    NONE = "none"  # nothing to file
    EARLY = "early"  # before the 5th of the month after
    FIRST = "first"  # from the 5th
    SECOND = "second"  # from the 10th
    LAST = "last"  # the 14th and the 15th
    LATE = "late"  # after the 15th, or of an earlier month


@dataclass(frozen=True)
class DueReports:
    """The reports to file: of `month` (its first day), by `deadline`; `late` are of months whose
    deadline has passed."""

    month: datetime.date
    deadline: datetime.date
    count: int
    late: int
    level: Reminder


def due_reports(on=None):
    """What remains to be filed, seen on that day (today if None): `DueReports`, in one query.

    Up to the fifteenth it is about the month before; then about the one that runs, whose deadline
    is the next month's fifteenth.
    """
    on = on or timezone.localdate()
    this_month = on.replace(day=1)
    last_month = (this_month - datetime.timedelta(days=1)).replace(day=1)
    month = last_month if on.day <= 15 else this_month
    days = [
        timezone.localdate(moment)
        for moment in GovernmentInteraction.objects.to_report().values_list(
            "interaction__happened_at", flat=True
        )
    ]
    count = sum(day.replace(day=1) == month for day in days)
    late = sum(deadline(day) < on for day in days)
    return DueReports(
        month, deadline(month), count, late, reminder(on, deadline(month), count, late)
    )


def reminder(on, deadline, count, late):
    """How pressing it is, on that day, to file `count` reports by `deadline` and `late` others."""
    if late:
        return Reminder.LATE
    if not count:
        return Reminder.NONE
    if (on.year, on.month) != (deadline.year, deadline.month) or on.day < REMINDERS[0]:
        return Reminder.EARLY
    if on.day < REMINDERS[1]:
        return Reminder.FIRST
    return Reminder.SECOND if on.day < REMINDERS[2] else Reminder.LAST


def reports_of(first, last):
    """What the reports of these days are about, whatever became of them, the first first."""
    report = GovernmentInteraction.Report
    needed = GovernmentInteraction.objects.reportable().values("pk")
    return (
        GovernmentInteraction.objects.between(first, last)
        .filter(Q(pk__in=needed) | Q(report__in=[report.TO_FILE, report.FILED]))
        .with_time()
        .with_people()
        .by_day()
    )
