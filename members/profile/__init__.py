"""The profile that the public reads: its fields, what representatives change, what staff decide."""

from members.profile.changes import Choice, Sent, decide, labels, put_back, send, write
from members.profile.fields import FIELDS, FREE, REVIEWED, STEPS, Lexicon, ordered, read

__all__ = [
    "FIELDS",
    "FREE",
    "REVIEWED",
    "STEPS",
    "Choice",
    "Lexicon",
    "Sent",
    "decide",
    "labels",
    "ordered",
    "put_back",
    "read",
    "send",
    "write",
]
