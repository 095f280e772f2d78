"""Which fields exist in French and in English, and which models keep their history.

The history is declared here because it must come after the translation: `pghistory.track` copies
the fields it sees, and a class decorator would run before `_fr` and `_en` exist.
"""

import pghistory
from modeltranslation.translator import TranslationOptions, register

from members.models import (
    AccessRequest,
    Alliance,
    AllianceMembership,
    Consent,
    Country,
    Document,
    Dossier,
    FollowUp,
    GovernmentInteraction,
    Identifier,
    Interaction,
    Invitation,
    Membership,
    MembershipDecision,
    Organization,
    OtherName,
    Participation,
    Person,
    Position,
    ProfileProposal,
    ProposedField,
    Representative,
    SavedList,
    SocialLink,
    Tag,
    Theme,
    User,
)


@register(Theme)
class ThemeTranslation(TranslationOptions):
    fields = ["name"]
    required_languages = ["fr"]


@register(Country)
class CountryTranslation(TranslationOptions):
    fields = ["name"]
    required_languages = ["fr"]


@register(Organization)
class OrganizationTranslation(TranslationOptions):
    fields = ["name", "summary", "mission", "volunteering"]
    required_languages = {"fr": ["name"]}


@register(Alliance)
class AllianceTranslation(TranslationOptions):
    fields = ["name", "mandate"]
    required_languages = {"fr": ["name"]}


for model in (
    AccessRequest,
    Alliance,
    AllianceMembership,
    Consent,
    Document,
    Dossier,
    FollowUp,
    GovernmentInteraction,
    Identifier,
    Interaction,
    Membership,
    MembershipDecision,
    Organization,
    OtherName,
    Participation,
    Person,
    Position,
    ProfileProposal,
    ProposedField,
    Representative,
    SavedList,
    SocialLink,
    Tag,
    Theme,
):
    pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())(
        model
    )

# Of an invitation, everything but what proves its link.
pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["token_digest"],
)(Invitation)

# Of an account, what it may do is remembered; never its password, nor each time someone comes in.
pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(
        condition=pghistory.AnyChange("email", "is_active", "is_staff", "is_superuser", "person")
    ),
    exclude=["password", "last_login"],
)(User)
