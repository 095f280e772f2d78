"""What an import makes of the rows of a file, whatever they speak of.

A `Plan` holds `Row`s by what becomes of them; each kind of record has its own (`plan.py`,
`people.py`).
"""

import datetime
import json
from dataclasses import dataclass, field

from django.db import connection
from django.utils.translation import gettext as _

from members.columns import Value, text

BATCH = 500


@dataclass(frozen=True)
class Problem:
    """Why a row is refused: the column (None for the whole row), what it says, the reason."""

    column: str | None
    value: str
    reason: str


class Refused(Exception):
    """One cell is refused, for the reason given."""


@dataclass(frozen=True)
class Change:
    """One value of a record, before and after, by its column."""

    column: str
    old: Value
    new: Value

    def __str__(self):
        return f"{self.column}: {text(self.old) or '–'} → {text(self.new)}"


@dataclass(kw_only=True)
class BaseRow:
    """One row of the file and what becomes of it.

    `line` is where it begins in the file, `name` what to call it. `values` are {column key: value}:
    what the row says. `problems` say why it is refused; `remarks` what is worth a look although it
    is not.
    """

    line: int
    name: str
    values: dict = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @property
    def record_id(self):
        """The number of the record that it speaks of, or None for a new one."""
        raise NotImplementedError

    def refuse(self, column, reason):
        self.problems.append(Problem(column, text(self.values.get(column)), reason))

    def forget(self):
        """Keep nothing of what will not be used: nothing changes."""
        self.values = {}


@dataclass
class BasePlan:
    """What an import would do: the rows by what becomes of them, in the order of the file."""

    name: str
    created: list[BaseRow] = field(default_factory=list)
    changed: list[BaseRow] = field(default_factory=list)
    unchanged: list[BaseRow] = field(default_factory=list)
    refused: list[BaseRow] = field(default_factory=list)
    unknown_headings: list[str] = field(default_factory=list)
    version: int | str = 0

    # Whose constraints say, in words, what the database refuses.
    models = ()

    @property
    def rows(self):
        """All rows, in the order of the file."""
        every = [*self.created, *self.changed, *self.unchanged, *self.refused]
        return sorted(every, key=lambda row: row.line)

    def put(self, row):
        """Put the row where it belongs; keep no more of it than will be used."""
        if row.problems:
            self.refused.append(row)
        elif row.record_id is None:
            self.created.append(row)
        elif row.changes:
            self.changed.append(row)
        else:
            self.unchanged.append(row)
            row.forget()

    def current_version(self):
        """The version of what it was made from, as it is now."""
        raise NotImplementedError

    def write(self, progress):
        """Write it to the database, within a transaction; `progress(done, total)` now and then."""
        raise NotImplementedError

    def apply(self, by=None, skip_errors=False, progress=None):
        """Do it, all or nothing; see `members.imports.apply.apply`."""
        from members.imports.apply import apply

        apply(self, by=by, skip_errors=skip_errors, progress=progress)


def plain(value):
    """A text with straight apostrophes and plain spaces."""
    return value.replace("’", "'").replace("\N{NO-BREAK SPACE}", " ").replace("\u202f", " ")


def same(old, new):
    """Whether two values of a column mean the same: the order of a list does not count."""
    if isinstance(new, list):
        return set(old or []) == set(new)
    if isinstance(old, str) and isinstance(new, str):
        return plain(old) == plain(new)
    return old == new


class Checker:
    """Asks the database which rows break the constraints of the table of `model`.

    The conditions are read from the database itself and tried on the rows as JSON, so that no rule
    is written twice and five hundred rows cost one query. `columns` are {column key: field}.
    """

    def __init__(self, model, columns):
        self.columns_of_fields = columns
        self.constraints = {c.name: c for c in model._meta.constraints}
        self.fields = {
            field.name: field
            for field in model._meta.concrete_fields
            if not field.generated and not field.primary_key
        }
        table = connection.ops.quote_name(model._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT conname, pg_get_expr(conbin, conrelid) FROM pg_constraint "
                "WHERE conrelid = %s::regclass AND contype = 'c' ORDER BY conname",
                [table],
            )
            broken = ", ".join(
                f"CASE WHEN NOT ({condition}) THEN '{name}' END" for name, condition in cursor
            )
        # A condition may hold a % of its own.
        broken = broken.replace("%", "%%")
        self.sql = (
            f"SELECT number, array_remove(ARRAY[{broken}], NULL) AS broken "
            f"FROM jsonb_populate_recordset(NULL::{table}, %s) WITH ORDINALITY AS candidate "
            f"({', '.join(self.columns(table))}, number)"
        )

    def columns(self, table):
        """The table's columns in its own order, which the JSON takes."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = %s::regclass "
                "AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
                [table],
            )
            return [name for (name,) in cursor]

    def check(self, candidates):
        """Refuse the rows whose record would break a constraint.

        `candidates` are (row, the record as it would be); only what constraints may read counts.
        """
        if not candidates:
            return
        with connection.cursor() as cursor:
            records = [self.record(record) for _row, record in candidates]
            cursor.execute(self.sql, [json.dumps(records)])
            for number, broken in cursor.fetchall():
                for name in broken:
                    self.refuse(candidates[number - 1][0], name)

    def record(self, record):
        """The record as {column: value}."""
        return {
            field.column: self.plain(getattr(record, field.attname))
            for field in self.fields.values()
        }

    @staticmethod
    def plain(value):
        """A value as JSON has it."""
        if value is None or isinstance(value, int | str | list):
            return value
        return value.isoformat() if isinstance(value, datetime.date) else str(value)

    def refuse(self, row, name):
        """Say which constraint the row breaks, at the first of its columns that the row gives."""
        constraint = self.constraints.get(name)
        concerned = constraint.condition.referenced_base_fields if constraint else set()
        about = [key for key, name in self.columns_of_fields.items() if name in concerned]
        column = next((key for key in about if key in row.values), about[0] if about else None)
        reason = (
            str(constraint.violation_error_message)
            if constraint
            else _("The database refuses this value (%(rule)s).") % {"rule": name}
        )
        row.refuse(column, reason)
