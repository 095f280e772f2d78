"""Doing things as they would have been done, on a day of the past, by someone of the staff.

The records pass through the same methods as any other: their clock says that day, and the history
that the database writes is dated accordingly afterwards.
"""

import datetime
from contextlib import contextmanager
from unittest.mock import patch

import pghistory
import pgtrigger
from django.apps import apps
from django.db import connection
from django.utils import timezone
from pghistory.models import Context


class Past:
    """The days before today, and what was done on them."""

    def __init__(self):
        self.now = timezone.now()
        self.today = timezone.localdate()
        self.moments = {}

    def day(self, text):
        """The day that a file tells: so many days ago ("33", "-2" is to come), or "m9", the 9th of
        last month; None if it tells nothing."""
        if not text:
            return None
        if text.startswith("m"):
            last_month = self.today.replace(day=1) - datetime.timedelta(days=1)
            return last_month.replace(day=int(text[1:]))
        return self.today - datetime.timedelta(days=int(text))

    def working_day(self, text):
        """The same, brought back to the Friday before when it is on a weekend."""
        day = self.day(text)
        if day < self.today - datetime.timedelta(days=7) and day.weekday() > 4:
            day -= datetime.timedelta(days=day.weekday() - 4)
        return day

    def moment(self, day, minute=10 * 60):
        """So many minutes after that day's local midnight; never later than a moment ago."""
        start = datetime.datetime.combine(day, datetime.time(minute // 60, minute % 60))
        latest = self.now - datetime.timedelta(minutes=15)
        return min(start.replace(tzinfo=timezone.get_current_timezone()), latest)

    @contextmanager
    def on(self, when, by=None):
        """What is done within is done at that moment, by that user.

        Only within the transaction and the process of a command: the clock is everyone's.
        """
        told = {} if by is None else {"user": by.pk}
        with (
            pghistory.context(**told) as context,
            patch.object(timezone, "now", return_value=when),
        ):
            self.moments[context.id] = when
            yield

    def date_history(self):
        """Give the history of all that was done its moments."""
        keys, moments = list(self.moments), list(self.moments.values())
        tables = {
            events._meta.db_table: ("pgh_context_id", ["pgh_created_at"])
            for model in apps.get_models()
            for events in getattr(model, "pgh_event_models", {}).values()
        }
        tables[Context._meta.db_table] = ("id", ["created_at", "updated_at"])
        # History is append-only, but for whoever makes it up.
        with pgtrigger.ignore(), connection.cursor() as cursor:
            for table, (key, columns) in tables.items():
                moved = ", ".join(f"{column} = done.at" for column in columns)
                cursor.execute(
                    f"UPDATE {table} SET {moved}"
                    " FROM unnest(%s::uuid[], %s::timestamptz[]) AS done (context, at)"
                    f" WHERE {table}.{key} = done.context",
                    [keys, moments],
                )
