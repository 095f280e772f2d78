"""How many organizations each choice would give, in one query.

Within a group, choices add up (this region or that one); between groups they narrow. So each
group is counted under the other groups' choices: beside « Estrie » stands what choosing Estrie
would give, whatever regions are chosen now.
"""

from dataclasses import dataclass, field

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, Q, Value


@dataclass(frozen=True)
class Group:
    """A column of `DirectoryEntry` to choose from; `many` when an entry has several values."""

    column: str
    many: bool

    def condition(self, values):
        """The entries that have one of `values`."""
        if self.many:
            return Q(**{f"{self.column}__overlap": list(values)})
        return Q(**{f"{self.column}__in": list(values)})


GROUPS = {
    "region": Group("region_id", many=False),
    "theme": Group("themes", many=True),
    "country": Group("countries", many=True),
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


def count(entries, chosen):
    """The `Counts` of `entries` (a `DirectoryEntry` queryset) under `chosen` ({group: values}).

    A value that nothing would give is absent. One query, whatever the number of rows.
    """
    flags = {
        f"in_{name}": ExpressionWrapper(group.condition(chosen[name]), BooleanField())
        if chosen.get(name)
        else Value(True)
        for name, group in GROUPS.items()
    }
    hits = (
        entries.order_by()
        .annotate(**flags)
        .values(*(group.column for group in GROUPS.values()), *flags)
    )
    try:
        sql, params = hits.query.sql_with_params()
    except EmptyResultSet:  # Django knows, without asking, that there are none
        return Counts()
    parts = [
        "SELECT 'found', NULL::text, count(*) FROM hit",
        f"SELECT 'total', NULL, count(*) FROM hit WHERE {' AND '.join(flags)}",
    ]
    for name, group in GROUPS.items():
        others = " AND ".join(flag for flag in flags if flag != f"in_{name}")
        value = "value" if group.many else group.column
        source = f"hit, unnest({group.column}) AS value" if group.many else "hit"
        parts.append(
            f"SELECT '{name}', {value}::text, count(*) FROM {source} "
            f"WHERE {others} AND {value} IS NOT NULL GROUP BY {value}"
        )
    counts = Counts()
    with connection.cursor() as cursor:
        cursor.execute(f"WITH hit AS MATERIALIZED ({sql}) " + " UNION ALL ".join(parts), params)
        for name, value, number in cursor:
            if name in counts.by:
                counts.by[name][value] = number
            else:
                setattr(counts, name, number)
    return counts
