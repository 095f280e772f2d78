from members.models.access import AccessRequest, Invitation, Representative
from members.models.accounts import AccountEvent, User
from members.models.admission_lists import AdmissionCriterion, WelcomeStep
from members.models.admission_steps import (
    AdmissionDecision,
    AdmissionQuestion,
    CriterionAnswer,
    WelcomeItem,
)
from members.models.admissions import AdmissionFile
from members.models.advocacy import Dossier, GovernmentInteraction
from members.models.alliances import Alliance, AllianceMembership
from members.models.campaigns import Campaign, CampaignEdition, EditionLink, Programme
from members.models.directory import DirectoryChange, DirectoryEntry, DirectoryWord
from members.models.documents import Document, NotKept
from members.models.engagement import FollowUp, Interaction, Participation
from members.models.event_proposals import EventProposal, ProposedEventField
from members.models.events import Event, EventDate
from members.models.identity import FormerSlug, Identifier, OtherName, SocialLink
from members.models.labels import SavedList, Tag
from members.models.links import (
    AllianceTag,
    AllianceTheme,
    DossierAlliance,
    DossierInstitution,
    EditionOrganization,
    EventAlliance,
    EventCountry,
    EventOrganization,
    EventTheme,
    InteractionOrganization,
    InteractionStaff,
    OrganizationActiveRegion,
    OrganizationCountry,
    OrganizationTag,
    OrganizationTheme,
    PersonTag,
    StatementCountry,
    StatementTheme,
    UserRole,
)
from members.models.logos import Logo
from members.models.mail import BouncedAddress, SentMail
from members.models.memberships import Membership, MembershipDecision
from members.models.office import (
    AllianceEntry,
    DossierEntry,
    InteractionEntry,
    OfficeWord,
    PersonEntry,
)
from members.models.organizations import Organization
from members.models.oversight import ExportRecord, Merge, NotDouble
from members.models.people import Consent, Person, Position
from members.models.pictures import Picture
from members.models.proposals import (
    ProfileDraft,
    ProfileProposal,
    ProposedField,
    PublishedChange,
)
from members.models.statements import Crisis, Signature, Statement
from members.models.vocabulary import Country, Theme

__all__ = [
    "AccessRequest",
    "AccountEvent",
    "AdmissionCriterion",
    "AdmissionDecision",
    "AdmissionFile",
    "AdmissionQuestion",
    "Alliance",
    "AllianceEntry",
    "AllianceMembership",
    "AllianceTag",
    "AllianceTheme",
    "BouncedAddress",
    "Campaign",
    "CampaignEdition",
    "Consent",
    "Country",
    "Crisis",
    "CriterionAnswer",
    "DirectoryChange",
    "DirectoryEntry",
    "DirectoryWord",
    "Document",
    "Dossier",
    "DossierAlliance",
    "DossierEntry",
    "DossierInstitution",
    "EditionLink",
    "EditionOrganization",
    "Event",
    "EventAlliance",
    "EventCountry",
    "EventDate",
    "EventOrganization",
    "EventProposal",
    "EventTheme",
    "ExportRecord",
    "FollowUp",
    "FormerSlug",
    "GovernmentInteraction",
    "Identifier",
    "Interaction",
    "InteractionEntry",
    "InteractionOrganization",
    "InteractionStaff",
    "Invitation",
    "Logo",
    "Membership",
    "MembershipDecision",
    "Merge",
    "NotDouble",
    "NotKept",
    "OfficeWord",
    "Organization",
    "OrganizationActiveRegion",
    "OrganizationCountry",
    "OrganizationTag",
    "OrganizationTheme",
    "OtherName",
    "Participation",
    "Person",
    "PersonEntry",
    "PersonTag",
    "Picture",
    "Position",
    "ProfileDraft",
    "ProfileProposal",
    "Programme",
    "ProposedEventField",
    "ProposedField",
    "PublishedChange",
    "Representative",
    "SavedList",
    "SentMail",
    "Signature",
    "SocialLink",
    "Statement",
    "StatementCountry",
    "StatementTheme",
    "Tag",
    "Theme",
    "User",
    "UserRole",
    "WelcomeItem",
    "WelcomeStep",
]
