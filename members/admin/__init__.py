"""What staff see: Django's own admin in the site's dress, one file per theme of `models/`."""

from members.admin import (
    accounts,
    advocacy,
    alliances,
    documents,
    doubles,
    engagement,
    follow_ups,
    labels,
    memberships,
    organizations,
    oversight,
    people,
    places,
    positions,
    tags,
    vocabulary,
)

__all__ = [
    "accounts",
    "advocacy",
    "alliances",
    "documents",
    "doubles",
    "engagement",
    "follow_ups",
    "labels",
    "memberships",
    "organizations",
    "oversight",
    "people",
    "places",
    "positions",
    "tags",
    "vocabulary",
]
