"""Which fields exist in French and in English, and which models keep their history.

The history is declared here because it must come after the translation: `pghistory.track` copies
the fields it sees, and a class decorator would run before `_fr` and `_en` exist.
"""

import pghistory
import pgtrigger
from modeltranslation.translator import TranslationOptions, register

from members.models import (
    AccessRequest,
    AdmissionCriterion,
    AdmissionDecision,
    AdmissionFile,
    AdmissionQuestion,
    Alliance,
    AllianceMembership,
    Campaign,
    CampaignEdition,
    Consent,
    Country,
    Crisis,
    CriterionAnswer,
    Document,
    Dossier,
    EditionLink,
    Event,
    EventDate,
    EventProposal,
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
    Programme,
    ProposedEventField,
    ProposedField,
    Representative,
    SavedList,
    Signature,
    SocialLink,
    Statement,
    Tag,
    Theme,
    User,
    WelcomeItem,
    WelcomeStep,
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


@register(Programme)
class ProgrammeTranslation(TranslationOptions):
    fields = ["name", "summary"]
    required_languages = {"fr": ["name"]}


@register(Campaign)
class CampaignTranslation(TranslationOptions):
    fields = ["name", "text"]
    required_languages = {"fr": ["name"]}


@register(CampaignEdition)
class CampaignEditionTranslation(TranslationOptions):
    fields = ["theme", "text"]


@register(EditionLink)
class EditionLinkTranslation(TranslationOptions):
    fields = ["label"]
    required_languages = ["fr"]


@register(Event)
class EventTranslation(TranslationOptions):
    fields = ["title", "text", "status_note", "cost", "access_note"]
    required_languages = {"fr": ["title"]}


@register(Statement)
class StatementTranslation(TranslationOptions):
    fields = ["title", "text", "addressed_to"]
    required_languages = {"fr": ["title"]}


@register(Crisis)
class CrisisTranslation(TranslationOptions):
    fields = ["title", "text"]
    required_languages = {"fr": ["title", "text"]}


@register(AdmissionCriterion)
class AdmissionCriterionTranslation(TranslationOptions):
    fields = ["text", "help"]
    required_languages = {"fr": ["text"]}


@register(WelcomeStep)
class WelcomeStepTranslation(TranslationOptions):
    fields = ["text"]
    required_languages = ["fr"]


@register(AdmissionFile)
class AdmissionFileTranslation(TranslationOptions):
    fields = ["name", "summary", "mission"]


for model in (
    AccessRequest,
    AdmissionCriterion,
    AdmissionDecision,
    AdmissionQuestion,
    Alliance,
    AllianceMembership,
    Campaign,
    CampaignEdition,
    Consent,
    Crisis,
    CriterionAnswer,
    Document,
    Dossier,
    EditionLink,
    Event,
    EventDate,
    EventProposal,
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
    Programme,
    ProfileProposal,
    ProposedEventField,
    ProposedField,
    Representative,
    SavedList,
    Signature,
    SocialLink,
    Statement,
    Tag,
    Theme,
    WelcomeItem,
    WelcomeStep,
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

# A draft is its author’s alone and is forgotten: nothing of it is remembered.
pghistory.track(
    pghistory.InsertEvent(condition=pgtrigger.Condition("NEW.state <> 'draft'")),
    pghistory.UpdateEvent(
        condition=pgtrigger.Condition("NEW.state <> 'draft' AND OLD.* IS DISTINCT FROM NEW.*")
    ),
    pghistory.DeleteEvent(condition=pgtrigger.Condition("OLD.state <> 'draft'")),
    exclude=["typed", "saved_at", "link_key", "link_until"],
)(AdmissionFile)

# Of an account, what it may do is remembered; never its password, nor each time someone comes in.
pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(
        condition=pghistory.AnyChange("email", "is_active", "is_staff", "is_superuser", "person")
    ),
    exclude=["password", "last_login"],
)(User)
