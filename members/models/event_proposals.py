"""What representatives ask for about events: a new one, or changes to one that is public.

An `Event` is there only once it was accepted, or made by the staff: until then, what is asked is
here, field by field, as `members.happening` has it.
"""

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members.models.proposals import Proposal, ProposalQuerySet, ProposedValue


class EventProposalQuerySet(ProposalQuerySet):
    def for_list(self):
        return super().for_list().select_related("event")


class EventProposal(Proposal):
    """What representatives ask for about one event, which is not there yet if it is new.

    One waits at a time for an event; several new events may wait for one organization. Once a new
    one is accepted, `event` is what became of it. `note` is why the whole was refused.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DECIDED = "decided", _("decided")
        REFUSED = "refused", pgettext_lazy("proposal", "refused")
        WITHDRAWN = "withdrawn", _("withdrawn")
        CLOSED = "closed", _("closed without a decision")

    organization = models.ForeignKey(
        "members.Organization",
        models.CASCADE,
        related_name="event_proposals",
        verbose_name=_("organization"),
    )
    event = models.ForeignKey(
        "members.Event",
        models.CASCADE,
        null=True,
        editable=False,
        related_name="proposals",
        verbose_name=pgettext_lazy("held in public", "event"),
    )
    is_new = models.BooleanField(_("new event"), default=True, editable=False)
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.WAITING)
    note = models.CharField(_("why it was refused"), max_length=500, blank=True, editable=False)
    proposed_by = models.ForeignKey(
        "members.User",
        models.PROTECT,
        related_name="event_proposals",
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

    objects = EventProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposal on an event")
        verbose_name_plural = _("proposals on events")
        ordering = ["proposed_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["event"],
                condition=Q(state="waiting"),
                name="one_proposal_waits_an_event",
                violation_error_message=_("A proposal on this event waits already."),
            ),
            models.CheckConstraint(
                name="event_proposal_state_is_known",
                condition=Q(state__in=["waiting", "decided", "refused", "withdrawn", "closed"]),
                violation_error_message=_("This state does not exist."),
            ),
            models.CheckConstraint(
                name="event_proposal_is_decided_by_someone_on_a_day",
                condition=Q(decided_at__isnull=True, decided_by__isnull=True)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                violation_error_message=_("Say who decided, and when."),
            ),
            models.CheckConstraint(
                name="event_proposal_that_waits_is_not_decided",
                condition=Q(state="waiting", decided_at__isnull=True) | ~Q(state="waiting"),
            ),
            models.CheckConstraint(
                name="event_proposal_is_about_an_event_or_a_new_one",
                condition=Q(is_new=True) | Q(event__isnull=False),
            ),
            models.CheckConstraint(
                name="event_proposal_is_refused_with_words",
                condition=~Q(state="refused") | Q(note__regex=r"\S"),
                violation_error_message=_("Say why it is refused."),
            ),
        ]

    @property
    def title(self):
        """What the event is called, as it is asked or as it is; empty when that is not said."""
        asked = {one.name: one.proposed for one in self.fields.all()}
        return asked.get("title_fr") or (self.event.title_fr if self.event else "")

    @transaction.atomic
    def refuse(self, *, by, note):
        """Staff refuse the whole, and say why. Raises NotWaiting if it no longer waits."""
        self._end(self.State.REFUSED, by, note=note)


class ProposedEventField(ProposedValue):
    """One field of a proposal on an event: `name` is a key of `members.happening.FIELDS`."""

    proposal = models.ForeignKey(EventProposal, models.CASCADE, related_name="fields")
    picture = models.ForeignKey("members.Picture", models.SET_NULL, null=True, related_name="+")
    proposed_by = models.ForeignKey("members.User", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("proposed field of an event")
        verbose_name_plural = _("proposed fields of events")
        ordering = ["pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["proposal", "name"], name="event_field_is_proposed_once_a_proposal"
            ),
            models.CheckConstraint(
                name="proposed_event_field_decision_is_known",
                condition=Q(decision__in=["", "accepted", "edited", "refused"]),
            ),
        ]
