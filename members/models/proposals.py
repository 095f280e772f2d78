"""What representatives ask to change, field by field, and what they change at once.

Values are those of `members.profile`, or of `members.happening` for an event (JSON), so that what
was seen, what is there and what is asked compare as they are.
"""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members.models.periods import Dated


class ChangedMeanwhile(Exception):
    """What someone decided about is no longer what they saw: `names` are the fields, if any."""

    def __init__(self, names=()):
        self.names = list(names)
        super().__init__(", ".join(self.names))


class NotWaiting(Exception):
    """The proposal was decided, withdrawn or closed meanwhile."""


class ProposalQuerySet(models.QuerySet):
    def waiting(self):
        """Those that staff have to decide, of organizations that are there."""
        return self.filter(state="waiting")

    def oldest_first(self):
        return self.order_by("proposed_at", "pk")

    def for_list(self):
        """With what a list says of each: one query, and one for the fields."""
        return self.select_related("organization", "proposed_by", "decided_by").prefetch_related(
            "fields"
        )


class Proposal(Dated):
    """What representatives of an organization ask for, which staff decide.

    Representatives may amend it (fields come, change and go, each with who asked last) and withdraw
    it while it waits; staff decide every field at once. What is public never changes before. Its
    `fields` are `ProposedValue`s; its `state` and who sent and decided it are the subclass's.
    """

    message = models.TextField(
        _("words to the staff"),
        max_length=1000,
        blank=True,
        help_text=_("What they should know to decide: why, since when, where it is written."),
    )
    proposed_at = models.DateTimeField(_("sent"), default=timezone.now)
    version = models.PositiveIntegerField(default=1, editable=False)
    decided_at = models.DateTimeField(_("decided on"), null=True, editable=False)

    class Meta:
        abstract = True

    def __str__(self):
        return f"{self.organization}, {timezone.localtime(self.proposed_at):%Y-%m-%d}"

    @property
    def is_waiting(self):
        return self.state == self.State.WAITING

    def age(self, now=None):
        """How many whole days it has waited, or waited before its end."""
        end = self.decided_at or now or timezone.now()
        return max(0, (timezone.localdate(end) - timezone.localdate(self.proposed_at)).days)

    @property
    def proposers(self):
        """Everyone who asked for one of its fields, who sent it first."""
        found = {self.proposed_by_id: self.proposed_by}
        for field in self.fields.all():
            found.setdefault(field.proposed_by_id, field.proposed_by)
        return list(found.values())

    def locked(self):
        """The same proposal, held until the end of the transaction. Raises NotWaiting."""
        held = type(self).objects.select_for_update().get(pk=self.pk)
        if not held.is_waiting:
            raise NotWaiting
        return held

    @transaction.atomic
    def withdraw(self, *, by):
        """A representative takes it back, whole. Raises NotWaiting if it no longer waits."""
        self._end(self.State.WITHDRAWN, by)

    @transaction.atomic
    def close(self, *, by):
        """Staff put it aside without deciding: its organization is gone. Raises NotWaiting."""
        self._end(self.State.CLOSED, by)

    def _end(self, state, by, **more):
        held = self.locked()
        held.state, held.decided_at, held.decided_by = state, timezone.now(), by
        for name, value in more.items():
            setattr(held, name, value)
        held.save()
        self.refresh_from_db()


class ProposedValue(models.Model):
    """One field of a proposal: what the proposer saw, what they ask for, and what was decided.

    `decided` is the value that was published, which staff may have edited. Its `proposal` and who
    asked are the subclass's.
    """

    class Decision(models.TextChoices):
        ACCEPTED = "accepted", _("accepted")
        EDITED = "edited", _("accepted after a correction")
        REFUSED = "refused", _("refused")

    name = models.CharField(_("field"), max_length=30)
    seen = models.JSONField(_("seen"), null=True, encoder=DjangoJSONEncoder)
    proposed = models.JSONField(_("asked for"), null=True, encoder=DjangoJSONEncoder)
    proposed_at = models.DateTimeField(default=timezone.now)
    decision = models.CharField(_("decision"), max_length=10, choices=Decision, blank=True)
    decided = models.JSONField(_("published"), null=True, encoder=DjangoJSONEncoder)
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        abstract = True

    def __str__(self):
        return self.name


class ProfileDraft(models.Model):
    """What one representative is writing, kept at each pause, before they send it.

    Only what they changed is kept: the rest follows the public profile. `typed` is what they typed
    as the browser sent it, {step: {name: [texts]}}, right or wrong; of the same fields, `seen` are
    the public values then, and `start` those that their form began with (what waits included), both
    {field: value}. `version` grows at each save: a second tab knows that it is behind.
    """

    organization = models.ForeignKey(
        "members.Organization", models.CASCADE, related_name="profile_drafts"
    )
    user = models.ForeignKey("members.User", models.CASCADE, related_name="profile_drafts")
    typed = models.JSONField(default=dict)
    seen = models.JSONField(encoder=DjangoJSONEncoder)
    start = models.JSONField(encoder=DjangoJSONEncoder)
    logo = models.ForeignKey("members.Logo", models.SET_NULL, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)
    started_at = models.DateTimeField(auto_now_add=True)
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "user"], name="draft_is_one_a_person_and_organization"
            )
        ]

    def __str__(self):
        return f"{self.organization}, {self.user}"


class ProfileProposal(Proposal):
    """What representatives of an organization ask to change in its profile; one waits at a time."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DECIDED = "decided", _("decided")
        WITHDRAWN = "withdrawn", _("withdrawn")
        CLOSED = "closed", _("closed without a decision")

    organization = models.ForeignKey(
        "members.Organization",
        models.CASCADE,
        related_name="proposals",
        verbose_name=_("organization"),
    )
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.WAITING)
    proposed_by = models.ForeignKey(
        "members.User",
        models.PROTECT,
        related_name="proposals",
        verbose_name=_("sent by"),
    )
    decided_by = models.ForeignKey(
        "members.User",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("decided by"),
    )

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        ordering = ["proposed_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization"],
                condition=Q(state="waiting"),
                name="one_proposal_waits_an_organization",
                violation_error_message=_("A proposal of this organization waits already."),
            ),
            models.CheckConstraint(
                name="proposal_state_is_known",
                condition=Q(state__in=["waiting", "decided", "withdrawn", "closed"]),
                violation_error_message=_("This state does not exist."),
            ),
            models.CheckConstraint(
                name="proposal_is_decided_by_someone_on_a_day",
                condition=Q(decided_at__isnull=True, decided_by__isnull=True)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                violation_error_message=_("Say who decided, and when."),
            ),
            models.CheckConstraint(
                name="proposal_that_waits_is_not_decided",
                condition=Q(state="waiting", decided_at__isnull=True) | ~Q(state="waiting"),
            ),
        ]


class ProposedField(ProposedValue):
    """One field of a proposal on a profile: `name` is a key of `members.profile.FIELDS`."""

    proposal = models.ForeignKey(ProfileProposal, models.CASCADE, related_name="fields")
    logo = models.ForeignKey("members.Logo", models.SET_NULL, null=True, related_name="+")
    proposed_by = models.ForeignKey("members.User", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("proposed field")
        verbose_name_plural = _("proposed fields")
        ordering = ["pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["proposal", "name"], name="field_is_proposed_once_a_proposal"
            ),
            models.CheckConstraint(
                name="proposed_field_decision_is_known",
                condition=Q(decision__in=["", "accepted", "edited", "refused"]),
            ),
        ]


class PublishedChangeQuerySet(models.QuerySet):
    def to_see(self):
        """Those that nobody of the staff has looked at yet."""
        return self.filter(seen_at__isnull=True, reverted_at__isnull=True)


class PublishedChange(models.Model):
    """Free fields that a representative published at once: {field: value} before and after.

    They are those of the organization's profile or, with an `event`, of that event. Staff look at
    it, and put it back in one click if it should not stay.
    """

    organization = models.ForeignKey(
        "members.Organization",
        models.CASCADE,
        related_name="published_changes",
        verbose_name=_("organization"),
    )
    event = models.ForeignKey(
        "members.Event",
        models.CASCADE,
        null=True,
        editable=False,
        related_name="published_changes",
        verbose_name=pgettext_lazy("held in public", "event"),
    )
    before = models.JSONField(encoder=DjangoJSONEncoder)
    after = models.JSONField(encoder=DjangoJSONEncoder)
    published_at = models.DateTimeField(_("published on"), default=timezone.now)
    published_by = models.ForeignKey(
        "members.User",
        models.PROTECT,
        related_name="published_changes",
        verbose_name=_("published by"),
    )
    seen_at = models.DateTimeField(_("seen on"), null=True, editable=False)
    seen_by = models.ForeignKey(
        "members.User",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("seen by"),
    )
    reverted_at = models.DateTimeField(_("put back on"), null=True, editable=False)
    reverted_by = models.ForeignKey(
        "members.User",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("put back by"),
    )

    objects = PublishedChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("change published at once")
        verbose_name_plural = _("changes published at once")
        ordering = [F("published_at").desc(), "-pk"]
        constraints = [
            models.CheckConstraint(
                name="published_change_is_seen_by_someone",
                condition=Q(seen_at__isnull=True, seen_by__isnull=True)
                | Q(seen_at__isnull=False, seen_by__isnull=False),
            ),
            models.CheckConstraint(
                name="published_change_is_put_back_by_someone",
                condition=Q(reverted_at__isnull=True, reverted_by__isnull=True)
                | Q(reverted_at__isnull=False, reverted_by__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.organization}, {timezone.localtime(self.published_at):%Y-%m-%d}"

    @transaction.atomic
    def see(self, *, by):
        """Record that someone of the staff looked at it. Twice is once."""
        PublishedChange.objects.filter(pk=self.pk, seen_at__isnull=True).update(
            seen_at=timezone.now(), seen_by=by
        )
        self.refresh_from_db()
