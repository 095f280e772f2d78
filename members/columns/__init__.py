"""What records look like as rows of files: the one list of columns of each model.

What the site publishes, what staff take away and what an import reads are all these columns.
"""

from members.columns.alliances import ALLIANCES, PARTS
from members.columns.base import (
    Column,
    Sheet,
    Value,
    attribute,
    cells,
    join,
    safe,
    split,
    text,
    unsafe,
)
from members.columns.engagement import DOSSIERS, FOLLOW_UPS, INTERACTIONS
from members.columns.memberships import MEMBERSHIPS
from members.columns.organizations import (
    BY_KEY,
    COLUMNS,
    ORGANIZATIONS,
    PUBLIC,
    current_membership,
    phone_text,
    prefetched,
)
from members.columns.people import PEOPLE, PEOPLE_AND_PAST, PERSON_COLUMNS, PersonRow

# Every list that can be taken away as a file, by the label of its model.
SHEETS = {
    sheet.model: sheet
    for sheet in (
        ORGANIZATIONS,
        MEMBERSHIPS,
        PEOPLE,
        ALLIANCES,
        PARTS,
        INTERACTIONS,
        FOLLOW_UPS,
        DOSSIERS,
    )
}

__all__ = [
    "BY_KEY",
    "COLUMNS",
    "ORGANIZATIONS",
    "PEOPLE",
    "PEOPLE_AND_PAST",
    "PERSON_COLUMNS",
    "PUBLIC",
    "SHEETS",
    "Column",
    "PersonRow",
    "Sheet",
    "Value",
    "attribute",
    "cells",
    "current_membership",
    "join",
    "phone_text",
    "prefetched",
    "safe",
    "split",
    "text",
    "unsafe",
]
