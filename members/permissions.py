"""Who may do and see what: the roles, the one table of what each may do, and the named rules.

Which organizations a user may know of is `OrganizationQuerySet.visible_to`, so that what one may
not know of is a 404.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.apps import apps
from django.conf import settings


class Role(StrEnum):
    """The roles of the staff, by the names of their groups.

    A migration makes the groups; what each may do is written below and nowhere else. One person
    may have several.
    """

    DIRECTION = "direction"
    PERMANENCE = "permanence"
    COMMUNICATIONS = "communications"
    READING = "lecture"
    PRIVACY = "confidentialité"


NOBODY = frozenset()
ALL = frozenset(Role)
DIRECTION = frozenset({Role.DIRECTION})
KEEPERS = frozenset({Role.DIRECTION, Role.PERMANENCE})
PUBLISHERS = KEEPERS | {Role.COMMUNICATIONS}
# Who reads exchanges, follow-up and advocacy, which are nobody else's business.
INSIDERS = KEEPERS | {Role.READING}
# Who reads and exports what is personal: home numbers, needs, consents, logs.
TRUSTED = frozenset({Role.DIRECTION, Role.PRIVACY})


@dataclass(frozen=True)
class Rule:
    """The roles that may view, add, change and delete the records of one model."""

    view: frozenset = NOBODY
    add: frozenset = NOBODY
    change: frozenset = NOBODY
    delete: frozenset = NOBODY


# What is not here is nobody's. Deleting is rare: things end or are archived.
RULES = {
    "members.organization": Rule(ALL, KEEPERS, PUBLISHERS, DIRECTION),
    "members.othername": Rule(ALL, PUBLISHERS, PUBLISHERS, PUBLISHERS),
    "members.identifier": Rule(ALL, PUBLISHERS, PUBLISHERS, PUBLISHERS),
    "members.sociallink": Rule(ALL, PUBLISHERS, PUBLISHERS, PUBLISHERS),
    # Sent by representatives; decided, seen and put back by who keeps public profiles.
    "members.profileproposal": Rule(view=ALL, change=PUBLISHERS),
    "members.proposedfield": Rule(view=ALL, change=PUBLISHERS),
    "members.publishedchange": Rule(view=ALL, change=PUBLISHERS),
    "members.eventproposal": Rule(view=ALL, change=PUBLISHERS),
    "members.proposedeventfield": Rule(view=ALL, change=PUBLISHERS),
    "members.membership": Rule(ALL, KEEPERS, KEEPERS, DIRECTION),
    "members.membershipdecision": Rule(ALL, KEEPERS, KEEPERS, NOBODY),
    "members.person": Rule(ALL, KEEPERS | TRUSTED, KEEPERS | TRUSTED, DIRECTION),
    "members.position": Rule(ALL, KEEPERS, KEEPERS, DIRECTION),
    "members.consent": Rule(TRUSTED, TRUSTED, NOBODY, NOBODY),
    "members.alliance": Rule(ALL, KEEPERS, KEEPERS, DIRECTION),
    "members.alliancemembership": Rule(ALL, KEEPERS, KEEPERS, DIRECTION),
    # What the public is told of: kept by whoever keeps the public pages.
    "members.programme": Rule(ALL, PUBLISHERS, PUBLISHERS, DIRECTION),
    "members.campaign": Rule(ALL, PUBLISHERS, PUBLISHERS, DIRECTION),
    "members.campaignedition": Rule(ALL, PUBLISHERS, PUBLISHERS, DIRECTION),
    "members.editionlink": Rule(ALL, PUBLISHERS, PUBLISHERS, PUBLISHERS),
    "members.event": Rule(ALL, PUBLISHERS, PUBLISHERS, DIRECTION),
    "members.eventdate": Rule(ALL, PUBLISHERS, PUBLISHERS, PUBLISHERS),
    "members.crisis": Rule(ALL, PUBLISHERS, PUBLISHERS, DIRECTION),
    # A statement may be of a dossier that is nobody else's business.
    "members.statement": Rule(INSIDERS | PUBLISHERS, KEEPERS, PUBLISHERS, DIRECTION),
    "members.signature": Rule(INSIDERS | PUBLISHERS, KEEPERS, KEEPERS, NOBODY),
    "members.interaction": Rule(INSIDERS, KEEPERS, KEEPERS, DIRECTION),
    "members.participation": Rule(INSIDERS, KEEPERS, KEEPERS, KEEPERS),
    "members.governmentinteraction": Rule(INSIDERS, KEEPERS, KEEPERS, DIRECTION),
    "members.followup": Rule(INSIDERS, KEEPERS, KEEPERS, DIRECTION),
    "members.dossier": Rule(INSIDERS, KEEPERS, KEEPERS, DIRECTION),
    "members.document": Rule(INSIDERS, KEEPERS, KEEPERS, DIRECTION),
    "members.tag": Rule(ALL, KEEPERS, KEEPERS, DIRECTION),
    "members.admissionfile": Rule(view=INSIDERS, change=KEEPERS, delete=DIRECTION),
    "members.criterionanswer": Rule(view=INSIDERS, change=KEEPERS),
    "members.admissionquestion": Rule(INSIDERS, KEEPERS, NOBODY, NOBODY),
    "members.admissiondecision": Rule(INSIDERS, KEEPERS, KEEPERS, NOBODY),
    "members.welcomeitem": Rule(view=INSIDERS, change=KEEPERS),
    "members.admissioncriterion": Rule(ALL, KEEPERS, KEEPERS, DIRECTION),
    "members.welcomestep": Rule(ALL, KEEPERS, KEEPERS, DIRECTION),
    # Its owner's: see `can_change_list`.
    "members.savedlist": Rule(ALL, ALL, ALL, ALL),
    "members.exportrecord": Rule(view=TRUSTED),
    "members.accountevent": Rule(view=TRUSTED),
    "members.merge": Rule(view=KEEPERS | TRUSTED),
    # Written by the site; staff have one leave again, and say which address does not work.
    "members.sentmail": Rule(view=INSIDERS | PUBLISHERS, change=PUBLISHERS),
    "members.theme": Rule(ALL, PUBLISHERS, PUBLISHERS, DIRECTION),
    "members.country": Rule(view=ALL, change=PUBLISHERS),
    "regions.region": Rule(view=ALL),
    "regions.municipality": Rule(ALL, PUBLISHERS, PUBLISHERS, DIRECTION),
    "members.user": Rule(DIRECTION, DIRECTION, DIRECTION, NOBODY),
    # Who has access to an organization's space is said to all the staff and given by those who keep
    # the network; it ends, is revoked or refused, and nothing of it is deleted.
    "members.representative": Rule(ALL, KEEPERS, KEEPERS, NOBODY),
    "members.invitation": Rule(KEEPERS | TRUSTED, KEEPERS, KEEPERS, NOBODY),
    "members.accessrequest": Rule(view=KEEPERS | TRUSTED, change=KEEPERS),
}


# Where the addresses of the demonstration's accounts end.
DEMONSTRATION_DOMAIN = "@demonstration.example"


def roles_of(user):
    """The roles of a user: all for whoever answers for the site, none outside the staff.

    The accounts of a demonstration, which anyone may use, have none anywhere else.
    """
    if not (user.is_active and user.is_staff):
        return NOBODY
    if not settings.DEMONSTRATION and user.email.lower().endswith(DEMONSTRATION_DOMAIN):
        return NOBODY
    return user.roles


def may(user, action, model):
    """Whether `user` may "view", "add", "change" or "delete" records of `model`; no by default."""
    return bool(roles_that_may(action, model) & roles_of(user))


def roles_that_may(action, model):
    """The roles that may "view", "add", "change" or "delete" records of `model`."""
    return getattr(RULES.get(model._meta.label_lower, Rule()), action)


def can_enter(user):
    """Whether the user may come into the staff's site: whoever has any role there."""
    return bool(roles_of(user))


def can_see_personal(user):
    """Whether the user sees the personal fields of people: whoever answers for them.

    Within an enterprise, personal information goes to those whose duties need it (P-39.1, s. 20).
    """
    return bool(TRUSTED & roles_of(user))


def can_export(user, personal=False):
    """Whether the user may take people away in a file; with `personal`, their personal fields."""
    allowed = TRUSTED if personal else PUBLISHERS | TRUSTED
    return bool(allowed & roles_of(user))


def can_keep_network(user):
    """Whether the user may change what the network itself says of an organization: its kind, tags.

    Communications keep the public profile, and nothing else.
    """
    return bool(KEEPERS & roles_of(user))


def can_merge(user):
    """Whether the user may join two records that are one, and undo it."""
    return bool(KEEPERS & roles_of(user))


def can_decide_memberships(user):
    """Whether the user may admit, suspend and end: whoever records the board's decisions."""
    return bool(KEEPERS & roles_of(user))


def can_decide(user, proposal):
    """Whether the user may accept and refuse what a proposal asks for: who keeps public profiles.

    Nobody decides what they asked for themself, but the direction, which answers for it.
    """
    roles = roles_of(user)
    if DIRECTION & roles:
        return True
    return bool(PUBLISHERS & roles) and user.pk not in {one.pk for one in proposal.proposers}


def can_see_advocacy(user):
    """Whether the user sees exchanges with public institutions and their report."""
    return bool(INSIDERS & roles_of(user))


def can_open(user, document):
    """Whether the user may have a document: whoever may know of documents and of what it is on.

    Those of an application that is not sent yet are its author’s alone.
    """
    if document.admission_id and document.admission.is_draft:
        return False
    owner = document._meta.get_field(document.owner_name).related_model
    return may(user, "view", document) and may(user, "view", owner)


def can_change_list(user, saved_list):
    """Whether the user may rename, share or remove a saved list: its owner, and the direction."""
    return saved_list.owner_id == user.pk or bool(DIRECTION & roles_of(user))


def represented_by(user):
    """The organizations that `user` may act for, as a queryset; staff for none of them by right.

    Staff change a profile in their own site, under their own name.
    """
    return apps.get_model("members", "Organization").objects.represented_by(user)


def can_edit(user, organization):
    """Whether the user may change or propose on behalf of the organization: whoever represents it.

    Computed each time (`RepresentativeQuerySet.active`), so that nobody keeps an access by staying
    signed in.
    """
    return represented_by(user).filter(pk=organization.pk).exists()


def can_manage(user, organization):
    """Whether the user may invite and remove the organization's representatives: its managers.

    Who acts in the organization's name is its own business, and the network's when nobody is left.
    """
    own = type(organization).objects.represented_by(user, managed=True)
    return own.filter(pk=organization.pk).exists()


def can_sign(user, organization):
    """Whether the user may sign a position or a letter in the organization's name: see
    `RepresentativeQuerySet.signers`.
    """
    return user.pk in {one.user_id for one in organization.representatives.signers()}


def can_keep_accounts(user):
    """Whether the user may make, change and close accounts, and give roles.

    An account opens everything else, so this is not for all the staff.
    """
    return bool(DIRECTION & roles_of(user))


def can_change_account(user, account):
    """Whether the user may change that account: nobody gives themself what they do not have."""
    return can_keep_accounts(user) and (user.is_superuser or not account.is_superuser)
