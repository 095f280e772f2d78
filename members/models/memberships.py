import datetime

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class MembershipPeriod(Func):
    """The days of a membership, both ends included; an unknown start or end is open."""

    function = "daterange"
    output_field = DateRangeField()


class MembershipQuerySet(models.QuerySet):
    def current(self, on=None):
        """Memberships that run on that day (a date, today if None), suspended ones included."""
        on = on or timezone.localdate()
        return self.filter(
            Q(started_on__isnull=True) | Q(started_on__lte=on),
            Q(ended_on__isnull=True) | Q(ended_on__gte=on),
        )

    def in_good_standing(self, on=None):
        """Current memberships that are not suspended: those that the directory shows."""
        return self.current(on).filter(status=Membership.Status.ACTIVE)


class Membership(models.Model):
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
    started_on = models.DateField(
        _("start"),
        null=True,
        blank=True,
        help_text=_("Leave empty when it is not known."),
    )
    ended_on = models.DateField(
        _("end"),
        null=True,
        blank=True,
        help_text=_("Last day; empty while it goes on."),
    )
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
            models.CheckConstraint(
                name="membership_ends_after_it_starts",
                condition=Q(started_on__isnull=True)
                | Q(ended_on__isnull=True)
                | Q(ended_on__gte=F("started_on")),
                violation_error_message=_("The membership ends before it starts."),
            ),
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
            ExclusionConstraint(
                name="memberships_of_an_organization_do_not_overlap",
                expressions=[
                    ("organization", RangeOperators.EQUAL),
                    (
                        MembershipPeriod(
                            "started_on",
                            "ended_on",
                            RangeBoundary(inclusive_lower=True, inclusive_upper=True),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message=_(
                    "This period overlaps another membership of the same organization."
                ),
            ),
        ]

    def __str__(self):
        return f"{self.organization} ({self.started_on or '…'} – {self.ended_on or '…'})"

    def is_current(self, on=None):
        """Whether the period includes that day (a date, today if None)."""
        on = on or timezone.localdate()
        return (self.started_on or datetime.date.min) <= on <= (self.ended_on or datetime.date.max)
