"""Periods with a first and a last day, both included; an unknown or absent end is open."""

import datetime

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# Days that a record may bear: the association was founded in 1976, some members before; a later
# year is a slip of the finger.
FIRST_DAY, LAST_DAY = datetime.date(1900, 1, 1), datetime.date(2100, 12, 31)


class Period(Func):
    """The days from one column to another."""

    function = "daterange"
    output_field = DateRangeField()


class PeriodQuerySet(models.QuerySet):
    def current(self, on=None):
        """Those that run on that day (a date, today if None)."""
        on = on or timezone.localdate()
        return self.filter(is_current(on))

    def past(self, on=None):
        """Those that ended before that day (a date, today if None)."""
        return self.filter(ended_on__lt=on or timezone.localdate())


class HasPeriod(models.Model):
    """Something that has a first and a last day: `started_on` and `ended_on`, local days."""

    started_on = models.DateField(
        _("start"), null=True, blank=True, help_text=_("Leave empty when it is not known.")
    )
    ended_on = models.DateField(
        _("end"), null=True, blank=True, help_text=_("Last day; empty while it goes on.")
    )

    class Meta:
        abstract = True

    def is_current(self, on=None):
        """Whether the period includes that day (a date, today if None)."""
        on = on or timezone.localdate()
        return (self.started_on or datetime.date.min) <= on <= (self.ended_on or datetime.date.max)


def is_current(on, prefix=""):
    """The condition that a period, found through `prefix`, includes that day."""
    return Q(
        Q(**{f"{prefix}started_on__isnull": True}) | Q(**{f"{prefix}started_on__lte": on}),
        Q(**{f"{prefix}ended_on__isnull": True}) | Q(**{f"{prefix}ended_on__gte": on}),
    )


def period_constraints(name, message):
    """What any period must respect: its end follows its start, and its years are plausible.

    `name` begins the names of the constraints, `message` says that the end precedes the start.
    """
    return [
        models.CheckConstraint(
            name=f"{name}_ends_after_it_starts",
            condition=Q(started_on__isnull=True)
            | Q(ended_on__isnull=True)
            | Q(ended_on__gte=F("started_on")),
            violation_error_message=message,
        ),
        models.CheckConstraint(
            name=f"{name}_has_plausible_days",
            condition=(Q(started_on__isnull=True) | Q(started_on__range=(FIRST_DAY, LAST_DAY)))
            & (Q(ended_on__isnull=True) | Q(ended_on__range=(FIRST_DAY, LAST_DAY))),
            violation_error_message=_("A day lies between 1900 and 2100."),
        ),
    ]


def no_overlap(name, message, *columns):
    """The constraint that periods with the same `columns` have no day in common."""
    return ExclusionConstraint(
        name=name,
        expressions=[
            *((column, RangeOperators.EQUAL) for column in columns),
            (
                Period(
                    "started_on",
                    "ended_on",
                    RangeBoundary(inclusive_lower=True, inclusive_upper=True),
                ),
                RangeOperators.OVERLAPS,
            ),
        ],
        violation_error_message=message,
    )


class Dated(models.Model):
    """A record that says when it was added and last changed; who, is in its history."""

    created_at = models.DateTimeField(_("added"), auto_now_add=True)
    updated_at = models.DateTimeField(_("last change"), auto_now=True)

    class Meta:
        abstract = True
