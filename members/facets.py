"""How many organizations each choice would give, in one query.

Within a group, choices add up (this region or that one); between groups they narrow. So each
group is counted under the other groups' choices: beside « Estrie » stands what choosing Estrie
would give, whatever regions are chosen now.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet, Value

from members.models import Alliance, AllianceMembership


@dataclass(frozen=True)
class Group:
    """Something to choose by: a column of `DirectoryEntry` that has one value for each."""

    column: str

    @property
    def read(self):
        """The columns of the entry that counting reads."""
        return (self.column,)

    def condition(self, values):
        """The entries that have one of `values`."""
        return Q(**{f"{self.column}__in": list(values)})

    def pairs(self):
        """(FROM, value, parameters): the SQL that has a row for each hit and each of its values."""
        return "hit", self.column, ()


@dataclass(frozen=True)
class Several(Group):
    """A column that is a list of values."""

    def condition(self, values):
        return Q(**{f"{self.column}__overlap": list(values)})

    def pairs(self):
        return f"hit, unnest({self.column}) AS value", "value", ()


@dataclass(frozen=True)
class Elsewhere(Group):
    """A column of other rows, which belong to organizations: few, and true on some days only.

    `rows` gives those that count today, each with its `organization`.
    """

    rows: Callable[[], QuerySet]

    @property
    def read(self):
        return ("organization_id",)

    def condition(self, values):
        having = self.rows().filter(**{f"{self.column}__in": list(values)})
        return Q(pk__in=having.order_by().values("organization"))

    def pairs(self):
        rows = self.rows().order_by().values("organization_id", self.column)
        sql, params = rows.query.sql_with_params()
        source = f"hit JOIN ({sql}) AS part ON part.organization_id = hit.organization_id"
        return source, f"part.{self.column}", params


def participations():
    """Who takes part today in the alliances that go on."""
    return AllianceMembership.objects.current().filter(alliance__in=Alliance.objects.current())


GROUPS = {
    "region": Group("region_id"),
    "theme": Several("themes"),
    "country": Several("countries"),
    "alliance": Elsewhere("alliance_id", participations),
}


@dataclass
class Counts:
    """`found`: entries before any choice; `total`: under all choices; `by`: {group: {value: n}}.

    `approximate` when they count answers to close spellings of the text.
    """

    found: int = 0
    total: int = 0
    approximate: bool = False
    by: dict[str, dict] = field(default_factory=lambda: {group: {} for group in GROUPS})


def count(entries, chosen, groups=GROUPS):
    """The `Counts` of `entries` (a `DirectoryEntry` queryset) under `chosen` ({group: values}).

    A value that nothing would give is absent. One query, whatever the number of rows. Another
    queryset that has the columns of its own `groups` is counted alike.
    """
    flags = {
        f"in_{name}": ExpressionWrapper(group.condition(chosen[name]), BooleanField())
        if chosen.get(name)
        else Value(True)
        for name, group in groups.items()
    }
    hits = (
        entries.order_by()
        .annotate(**flags)
        .values(*dict.fromkeys(name for g in groups.values() for name in g.read), *flags)
    )
    counts = Counts(by={name: {} for name in groups})
    try:
        sql, params = hits.query.sql_with_params()
    except EmptyResultSet:  # Django knows, without asking, that there are none
        return counts
    parts = [
        "SELECT 'found', NULL::text, count(*) FROM hit",
        f"SELECT 'total', NULL, count(*) FROM hit WHERE {' AND '.join(flags)}",
    ]
    for name, group in groups.items():
        others = " AND ".join(flag for flag in flags if flag != f"in_{name}")
        source, value, more = group.pairs()
        params = (*params, *more)
        parts.append(
            f"SELECT '{name}', {value}::text, count(*) FROM {source} "
            f"WHERE {others} AND {value} IS NOT NULL GROUP BY {value}"
        )
    with connection.cursor() as cursor:
        cursor.execute(f"WITH hit AS MATERIALIZED ({sql}) " + " UNION ALL ".join(parts), params)
        for name, value, number in cursor:
            if name in counts.by:
                counts.by[name][value] = number
            else:
                setattr(counts, name, number)
    return counts
