"""Joining two records that are one, and parting them again within thirty days.

Everything that points to the removed record follows to the kept one, each relation by its rule
(`following.RULES`); a relation without a rule stops the merge, so that none is forgotten and none
grants anything to anybody. Rows are read and written as the database has them, in JSON: what
`Merge.done` keeps is exact, whatever the models become.
"""

from members.merging.choices import KEPT, MERGED, REMOVED, can_be_merged, fuller, is_personal, units
from members.merging.following import joined_periods, what_follows
from members.merging.joining import merge, undo
from members.merging.tracing import followed, joined_to, merges_into, where_is

__all__ = [
    "KEPT",
    "MERGED",
    "REMOVED",
    "can_be_merged",
    "followed",
    "fuller",
    "is_personal",
    "joined_periods",
    "joined_to",
    "merge",
    "merges_into",
    "undo",
    "units",
    "what_follows",
    "where_is",
]
