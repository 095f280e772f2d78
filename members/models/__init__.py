from members.models.accounts import User
from members.models.directory import DirectoryChange, DirectoryEntry, DirectoryWord
from members.models.memberships import Membership
from members.models.organizations import FormerSlug, Identifier, Organization, OtherName
from members.models.vocabulary import Country, Theme

__all__ = [
    "Country",
    "DirectoryChange",
    "DirectoryEntry",
    "DirectoryWord",
    "FormerSlug",
    "Identifier",
    "Membership",
    "Organization",
    "OtherName",
    "Theme",
    "User",
]
