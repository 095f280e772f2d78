"""What staff see: Django's own admin in the site's dress, one file per theme of `models/`."""

from members.admin import accounts, memberships, organizations, places, vocabulary

__all__ = ["accounts", "memberships", "organizations", "places", "vocabulary"]
