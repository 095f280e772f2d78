"""An organization at a glance, and the folded sections that tell the rest of it."""

from django.db.models import OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from members import completeness, profile
from members.admin.history import events_of, events_seen_by, moments
from members.admin.standing import STANDINGS
from members.admin.together import read_together
from members.models import (
    AccessRequest,
    AdmissionFile,
    AllianceMembership,
    Country,
    Document,
    FollowUp,
    FormerSlug,
    Identifier,
    Interaction,
    Invitation,
    Membership,
    MembershipDecision,
    OtherName,
    Person,
    Position,
    ProfileProposal,
    PublishedChange,
    Representative,
    SentMail,
    Tag,
    Theme,
)
from members.permissions import can_decide_memberships, may
from regions.models import Region
from regions.mosaic import mosaic

# How many of each the page shows: the rest is a link away.
MAIN_PEOPLE = 5
EXCHANGES = 10
FREE_CHANGES = 3
MOMENTS = 10
MAILS = 8
# Events that are looked at to find so many moments: one save makes several.
EVENTS = 60

# Of each organization, what its representatives last published at once.
LAST_PUBLISHED = PublishedChange.objects.filter(
    pk__in=PublishedChange.objects.filter(organization=OuterRef("organization")).values("pk")[
        :FREE_CHANGES
    ]
)

# And the last mails that were sent about it.
LAST_MAILS = SentMail.objects.filter(
    pk__in=SentMail.objects.filter(organization=OuterRef("organization"))
    .recent_first()
    .values("pk")[:MAILS]
).recent_first()

# What hangs on an organization and is not long: (its rows, in order, and what they point to).
RELATIONS = {
    "tags": (Tag.objects.all(), []),
    "themes": (Theme.objects.all(), []),
    "countries": (Country.objects.all(), []),
    "active_regions": (Region.objects.all(), []),
    "former_slugs": (FormerSlug.objects.all(), []),
    "other_names": (OtherName.objects.all(), []),
    "identifiers": (Identifier.objects.all(), []),
    "memberships": (Membership.objects.all(), []),
    "admission_files": (AdmissionFile.objects.sent().order_by("-submitted_at"), []),
    "decisions": (MembershipDecision.objects.all(), ["recorded_by"], "membership__organization"),
    "positions": (Position.objects.main_first(), ["person"]),
    "alliance_memberships": (
        AllianceMembership.objects.order_by("alliance__sort_name", "-started_on"),
        ["alliance", "liaison"],
    ),
    "follow_ups": (FollowUp.objects.open().by_due_day(), ["assigned_to"]),
    "documents": (Document.objects.all(), ["added_by"]),
    "proposals": (ProfileProposal.objects.waiting(), []),
    "published_changes": (LAST_PUBLISHED, ["published_by"]),
    "representatives": (Representative.objects.filter(ended_at=None).by_name(), ["user"]),
    "invitations": (Invitation.objects.waiting(), []),
    "access_requests": (AccessRequest.objects.waiting(), []),
    "mails": (LAST_MAILS, []),
}


def read(organization):
    """Read in one query what its page shows of it, and its form."""
    read_together(organization, RELATIONS)
    return organization


class OrganizationPage:
    """What the page of `organization` shows to `user`: read by `read`, plus a few queries.

    What the user may not view is empty, and its section absent.
    """

    def __init__(self, organization, user):
        self.organization, self.user = organization, user

    def sees(self, model):
        return may(self.user, "view", model)

    # At a glance

    @property
    def tags(self):
        return self.organization.tags.all()

    @property
    def standing(self):
        return STANDINGS[self.organization.standing]

    @property
    def membership(self):
        """The membership that runs today, or else the last one; None if there was none."""
        known = self.memberships
        return next((m for m in known if m.is_current()), known[0] if known else None)

    @cached_property
    def memberships(self):
        """All periods, the last first, each with its `told` decisions."""
        periods = sorted(
            self.organization.memberships.all(),
            key=lambda m: (m.ended_on is None, m.ended_on or m.started_on, m.pk),
            reverse=True,
        )
        for period in periods:
            period.told = [
                decision
                for decision in self.organization.decisions
                if decision.membership_id == period.pk
            ]
        return periods

    @property
    def applications(self):
        """Its applications for membership, the last first."""
        return self.organization.admission_files.all() if self.sees(AdmissionFile) else []

    @property
    def shapes(self):
        """The small mosaic: [(path, whether it is the head office's region)]."""
        return [(s.path, s.code == self.organization.region_id) for s in mosaic().shapes]

    @cached_property
    def people(self):
        """Current positions, the direction first."""
        return [position for position in self.organization.positions.all() if position.is_current()]

    @cached_property
    def past_people(self):
        """Positions that ended, the last first."""
        past = [p for p in self.organization.positions.all() if not p.is_current()]
        return sorted(past, key=lambda p: (p.ended_on or timezone.localdate(), p.pk), reverse=True)

    @property
    def main_people(self):
        return self.people[:MAIN_PEOPLE]

    @property
    def percentage(self):
        """How complete the public profile is, of a hundred."""
        return completeness.percentage(self.organization.missing)

    @property
    def missing(self):
        """What the profile lacks: [(name, address of its field)]."""
        fields = {"summary": "summary_fr", "mission": "mission_fr"}
        labels = completeness.labels(self.organization.missing)
        keys = (fields.get(key, key) for key in self.organization.missing)
        return [(label, f"#id_{key}") for label, key in zip(labels, keys, strict=True)]

    @property
    def last_exchange(self):
        return self.exchanges[0] if self.exchanges else None

    @property
    def next_follow_up(self):
        return next(iter(self.follow_ups), None)

    @property
    def proposal(self):
        """What its representatives ask for, if it waits."""
        return next(iter(self.organization.proposals.all()), None)

    @property
    def published(self):
        """What its representatives last published at once: [(change, names of the fields)]."""
        return [
            (change, profile.labels(name for name in change.after if name in profile.FIELDS))
            for change in self.organization.published_changes.all()
        ]

    # Sections

    @cached_property
    def exchanges(self):
        """The last EXCHANGES."""
        if not self.sees(Interaction):
            return []
        found = self.organization.interactions.recent().with_people()
        return list(found[:EXCHANGES])

    @property
    def follow_ups(self):
        """What remains to be done, the most urgent first."""
        return self.organization.follow_ups.all() if self.sees(FollowUp) else []

    @property
    def documents(self):
        return self.organization.documents.all() if self.sees(Document) else []

    @property
    def representatives(self):
        """Those whose access was not taken back."""
        return self.organization.representatives.all()

    @property
    def invitations(self):
        """Those that wait for an answer."""
        return self.organization.invitations.all() if self.sees(Invitation) else []

    @property
    def access_requests(self):
        """Those that wait for a decision."""
        return self.organization.access_requests.all() if self.sees(AccessRequest) else []

    @cached_property
    def alliances(self):
        return [p for p in self.organization.alliance_memberships.all() if p.is_current()]

    @cached_property
    def past_alliances(self):
        return [p for p in self.organization.alliance_memberships.all() if not p.is_current()]

    @cached_property
    def moments(self):
        """The last MOMENTS of its history, in words."""
        events = events_seen_by(self.user, events_of(self.organization, related=True))
        return moments(events[:EVENTS], self.organization, self.user)[:MOMENTS]

    @property
    def mails(self):
        """The last MAILS that were sent about it, and whether each may leave again."""
        return self.organization.mails.all() if self.sees_mails else []

    # What the user may do

    @property
    def sees_mails(self):
        return self.sees(SentMail)

    @property
    def may_decide_mails(self):
        return may(self.user, "change", SentMail)

    @property
    def sees_exchanges(self):
        return self.sees(Interaction)

    @property
    def sees_follow_ups(self):
        return self.sees(FollowUp)

    @property
    def sees_profiles(self):
        return self.sees(ProfileProposal) and self.sees(PublishedChange)

    @property
    def sees_documents(self):
        return self.sees(Document)

    @property
    def sees_people(self):
        return self.sees(Position) and self.sees(Person)

    @property
    def sees_alliances(self):
        return self.sees(AllianceMembership)

    @property
    def may_note_exchange(self):
        return may(self.user, "add", Interaction)

    @property
    def may_add_follow_up(self):
        return may(self.user, "add", FollowUp)

    @property
    def add_document_url(self):
        """Where to add documents to it; empty for who may not."""
        if not may(self.user, "add", Document):
            return ""
        query = {"organization": self.organization.pk}
        return reverse("admin:members_document_add", query=query)

    @property
    def may_add_position(self):
        return may(self.user, "add", Position)

    @property
    def may_change_position(self):
        return may(self.user, "change", Position)

    @property
    def may_invite(self):
        """Whether to offer an invitation: to act for a member."""
        return self.is_member and may(self.user, "add", Invitation)

    @property
    def may_decide(self):
        return can_decide_memberships(self.user)

    @property
    def may_admit(self):
        """Whether to offer an admission: not to a member, nor to the association itself."""
        is_itself = self.organization.kind == self.organization.Kind.ASSOCIATION
        return self.may_decide and not self.is_member and not is_itself

    @property
    def is_member(self):
        """Whether a membership runs today."""
        return bool(self.membership and self.membership.is_current())

    @property
    def is_public(self):
        """Whether the public sees its page."""
        return self.is_member and self.membership.status == Membership.Status.ACTIVE
