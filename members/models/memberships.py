import datetime

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models.periods import (
    FIRST_DAY,
    LAST_DAY,
    Dated,
    HasPeriod,
    Period,
    PeriodQuerySet,
    no_overlap,
    period_constraints,
)

MembershipPeriod = Period  # the name by which migration 0003 knows it

# The constraint to name when periods change places (`periods_moving`).
NO_OVERLAP = "memberships_of_an_organization_do_not_overlap"


# How many past years the members are counted for.
YEARS_COUNTED = 10


def counted_days():
    """The days on which members are counted: the end of each of the last years, and today."""
    today = timezone.localdate()
    return [
        *(datetime.date(today.year - back, 12, 31) for back in range(YEARS_COUNTED, 0, -1)),
        today,
    ]


class MembershipQuerySet(PeriodQuerySet):
    def in_good_standing(self, on=None):
        """Current memberships that are not suspended: those that the directory shows."""
        return self.current(on).filter(status=Membership.Status.ACTIVE)


class Membership(HasPeriod):
    """A period in which an organization belongs to the network.

    Days are local (America/Toronto) and included at both ends; an unknown start is empty, and so
    is the end of a membership that goes on. Periods of one organization never overlap.
    """

    class Category(models.TextChoices):
        REGULAR = "regular", _("regular member")
        ASSOCIATE = "associate", _("associate member")

    class Status(models.TextChoices):
        ACTIVE = "active", _("in good standing")
        SUSPENDED = "suspended", _("suspended")

    class EndReason(models.TextChoices):
        RESIGNED = "resigned", _("resigned")
        REMOVED = "removed", _("removed")
        CLOSED = "closed", _("organization closed")
        MERGED = "merged", _("merged into another organization")
        OTHER = "other", _("other reason")

    organization = models.ForeignKey(
        "members.Organization",
        models.CASCADE,
        related_name="memberships",
        verbose_name=_("organization"),
    )
    category = models.CharField(
        _("category"),
        max_length=20,
        choices=Category,
        blank=True,
        help_text=_("Leave empty when it is not known."),
    )
    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.ACTIVE)
    end_reason = models.CharField(
        _("reason of the end"), max_length=20, choices=EndReason, blank=True
    )
    confirmed = models.BooleanField(
        _("confirmed"),
        default=False,
        help_text=_("The network, or a page it published, says that this is a member."),
    )
    source_url = models.URLField(_("source"), max_length=500, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = [F("started_on").desc(nulls_last=True)]
        constraints = [
            *period_constraints("membership", _("The membership ends before it starts.")),
            models.CheckConstraint(
                name="membership_end_has_a_date_with_its_reason",
                condition=Q(end_reason="") | Q(ended_on__isnull=False),
                violation_error_message=_("Give the last day with the reason of the end."),
            ),
            models.CheckConstraint(
                name="membership_status_is_known",
                condition=Q(status__in=["active", "suspended"]),
                violation_error_message=_("This membership status does not exist."),
            ),
            models.CheckConstraint(
                name="membership_category_is_known",
                condition=Q(category__in=["", "regular", "associate"]),
                violation_error_message=_("This membership category does not exist."),
            ),
            no_overlap(
                NO_OVERLAP,
                _("This period overlaps another membership of the same organization."),
                "organization",
            ),
        ]

    def __str__(self):
        return f"{self.organization} ({self.started_on or '…'} – {self.ended_on or '…'})"

    def clean(self):
        self.check_order(_("The membership ends before it starts."))

    @transaction.atomic
    def confirm(self, *, by, source_url=""):
        """Record that the organization is indeed a member; `source_url` is the page that says so.

        `by` is whoever found out, kept by the history.
        """
        self.confirmed = True
        self.source_url = source_url or self.source_url
        self.full_clean()
        self.save(update_fields=["confirmed", "source_url"])

    @transaction.atomic
    def suspend(self, *, by, decision):
        """Suspend the membership from now on: the directory no longer shows the organization.

        `decision` is an unsaved `MembershipDecision`. Raises ValidationError, and nothing is done,
        if the membership is not current or already suspended.
        """
        self.require(self.Status.ACTIVE)
        self.status = self.Status.SUSPENDED
        self.save(update_fields=["status"])
        decision.record(self, MembershipDecision.Kind.SUSPENSION, by)

    @transaction.atomic
    def reinstate(self, *, by, decision):
        """End a suspension. Raises ValidationError if the membership is not suspended."""
        self.require(self.Status.SUSPENDED)
        self.status = self.Status.ACTIVE
        self.save(update_fields=["status"])
        decision.record(self, MembershipDecision.Kind.REINSTATEMENT, by)

    @transaction.atomic
    def end(self, *, by, on, reason, decision):
        """End the membership; `on` is its last day, `reason` one of EndReason.

        Raises ValidationError if it has ended already or would end before it began.
        """
        if not self.is_current():
            raise ValidationError(_("This membership is not current."))
        self.ended_on, self.end_reason = on, reason
        self.full_clean()
        self.save(update_fields=["ended_on", "end_reason"])
        decision.record(self, MembershipDecision.Kind.END, by)

    def require(self, status):
        """Raise ValidationError unless the membership is current and has that status."""
        if not self.is_current():
            raise ValidationError(_("This membership is not current."))
        if self.status != status:
            raise ValidationError(
                _("This membership is already %(status)s.") % {"status": self.get_status_display()}
            )


class MembershipDecision(Dated):
    """What a body of the association decided about a membership, as its minutes say it."""

    class Kind(models.TextChoices):
        ADMISSION = "admission", _("admission")
        READMISSION = "readmission", _("readmission")
        SUSPENSION = "suspension", _("suspension")
        REINSTATEMENT = "reinstatement", _("end of a suspension")
        END = "end", _("end of the membership")

    class Body(models.TextChoices):
        BOARD = "board", _("board of directors")
        ASSEMBLY = "assembly", _("general assembly")
        MEMBER = "member", _("the member itself")
        OTHER = "other", _("other body")

    membership = models.ForeignKey(
        Membership, models.CASCADE, related_name="decisions", verbose_name=_("membership")
    )
    kind = models.CharField(_("decision"), max_length=20, choices=Kind)
    body = models.CharField(_("decided by"), max_length=20, choices=Body, default=Body.BOARD)
    decided_on = models.DateField(_("decided on"), default=timezone.localdate)
    resolution = models.CharField(_("resolution number"), max_length=40, blank=True)
    note = models.TextField(_("note"), max_length=1000, blank=True)
    recorded_by = models.ForeignKey(
        "members.User",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("recorded by"),
    )

    class Meta:
        verbose_name = _("decision on a membership")
        verbose_name_plural = _("decisions on memberships")
        ordering = ["-decided_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="decision_kind_is_known",
                condition=Q(
                    kind__in=["admission", "readmission", "suspension", "reinstatement", "end"]
                ),
                violation_error_message=_("This decision does not exist."),
            ),
            models.CheckConstraint(
                name="decision_body_is_known",
                condition=Q(body__in=["board", "assembly", "member", "other"]),
                violation_error_message=_("This body does not exist."),
            ),
            models.CheckConstraint(
                name="decision_has_a_plausible_day",
                condition=Q(decided_on__range=(FIRST_DAY, LAST_DAY)),
                violation_error_message=_("A day lies between 1900 and 2100."),
            ),
        ]

    def __str__(self):
        number = f" ({self.resolution})" if self.resolution else ""
        return f"{self.get_kind_display()}, {self.decided_on}{number}"

    def record(self, membership, kind, by):
        """Save this decision of that kind about `membership`, as recorded by the user `by`.

        It is a change to the organization too.
        """
        self.membership, self.kind, self.recorded_by = membership, kind, by
        self.full_clean()
        self.save()
        membership.organization.save(update_fields=["updated_at"])
