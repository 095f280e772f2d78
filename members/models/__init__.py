from members.models.accounts import User
from members.models.directory import DirectoryChange, DirectoryEntry, DirectoryWord
from members.models.identity import FormerSlug, Identifier, OtherName
from members.models.links import (
    OrganizationActiveRegion,
    OrganizationCountry,
    OrganizationTheme,
)
from members.models.memberships import Membership
from members.models.organizations import Organization
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
    "OrganizationActiveRegion",
    "OrganizationCountry",
    "OrganizationTheme",
    "OtherName",
    "Theme",
    "User",
]
