"""Periods with a first and a last day, both included; an unknown or absent end is open."""

import datetime
from contextlib import contextmanager

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.db.models import Deferrable, F, Func, OuterRef, Q, Subquery
from django.db.models.functions import Least
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

    def check_order(self, message):
        """Raise ValidationError with `message` if it ends before it starts.

        For models with a `no_overlap`, in `clean`: PostgreSQL makes no range of such days, so that
        comparing them with other periods would fail without a word.
        """
        if self.started_on and self.ended_on and self.ended_on < self.started_on:
            raise ValidationError({"ended_on": message})


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
    """The constraint that periods with the same `columns` have no day in common.

    It holds at once; `periods_moving` lets two periods change places.
    """
    return ExclusionConstraint(
        name=name,
        deferrable=Deferrable.IMMEDIATE,
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


@contextmanager
def periods_moving(constraint):
    """A transaction in which periods may overlap for a moment, while they change places.

    `constraint` is the name of the `no_overlap` that waits; it holds again at the end
    (IntegrityError).
    """
    with transaction.atomic(), connection.cursor() as cursor:
        name = connection.ops.quote_name(constraint)
        cursor.execute(f"SET CONSTRAINTS {name} DEFERRED")
        yield
        cursor.execute(f"SET CONSTRAINTS {name} IMMEDIATE")


def beginning(day, zone=None):
    """The moment when a local day begins, whatever the clocks do that day; in Québec time if no
    zone (a tzinfo) is given."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min), zone)


class Dated(models.Model):
    """A record that says when it was added and last changed; who, is in its history."""

    created_at = models.DateTimeField(_("added"), auto_now_add=True)
    updated_at = models.DateTimeField(_("last change"), auto_now=True)

    class Meta:
        abstract = True


class LatelyQuerySet(models.QuerySet):
    """Questions on what was exchanged with each record, and what is to be done about it.

    For models that take part in exchanges (`interactions`) and have `follow_ups`; `taker` is the
    name that ties them, in the exchanges and in the follow-ups alike.
    """

    taker = ""

    def with_last_exchange(self):
        """With `last_exchange_at`, when the last exchange with each began; None without any."""
        exchanges = self.model.interactions.through.objects.filter(**{self.taker: OuterRef("pk")})
        last = exchanges.order_by("-interaction__happened_at")
        return self.annotate(last_exchange_at=Subquery(last.values("interaction__happened_at")[:1]))

    def with_next_follow_up(self):
        """With `next_due_on`, the nearest day of what is to be done about each; None without any.

        It may be past: what is late comes first. A follow-up is about the record if it says so, or
        if it comes from an exchange with it.
        """
        to_do = self.model.follow_ups.rel.related_model.objects.open().filter(due_on__isnull=False)
        exchanges = self.model.interactions.through.objects.filter(**{self.taker: OuterRef("pk")})
        after = exchanges.filter(
            interaction__follow_ups__done_at=None, interaction__follow_ups__due_on__isnull=False
        )
        own = to_do.filter(**{self.taker: OuterRef("pk")}).order_by("due_on")
        return self.annotate(
            next_due_on=Least(
                Subquery(own.values("due_on")[:1]),
                Subquery(
                    after.order_by("interaction__follow_ups__due_on").values(
                        "interaction__follow_ups__due_on"
                    )[:1]
                ),
            )
        )
