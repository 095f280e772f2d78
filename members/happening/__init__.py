"""Events that members post: their fields, what is sent, what staff decide."""

from members.happening.changes import (
    Choice,
    Sent,
    decide,
    put_back,
    refuse,
    send,
    unused_pictures,
    write,
)
from members.happening.fields import (
    FIELDS,
    FREE,
    PARTS,
    REVIEWED,
    EventLexicon,
    blank,
    labels,
    ordered,
    read,
)

__all__ = [
    "FIELDS",
    "FREE",
    "PARTS",
    "REVIEWED",
    "Choice",
    "EventLexicon",
    "Sent",
    "blank",
    "decide",
    "labels",
    "ordered",
    "put_back",
    "read",
    "refuse",
    "send",
    "unused_pictures",
    "write",
]
