"""Coalitions, networks, committees and working groups, and who is in them."""

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models.entries import FindableQuerySet
from members.models.periods import (
    Dated,
    HasPeriod,
    PeriodQuerySet,
    no_overlap,
    period_constraints,
)
from members.models.slugs import free_slug
from regions.folding import SortKey

# The constraint to name when participations change places (`periods_moving`).
NO_OVERLAP = "participations_in_an_alliance_do_not_overlap"


class AllianceQuerySet(FindableQuerySet):
    vocabulary = ("alliance",)
    among_equals = ("sort_name", "pk")

    def current(self):
        """Alliances that have not ended."""
        return self.exclude(status=Alliance.Status.ENDED)

    def by_name(self):
        return self.order_by("sort_name", "pk")

    def with_members_count(self, on=None):
        """With `members_count`: how many of the network's members take part that day (a date,
        today if None)."""
        on = on or timezone.localdate()
        parts = AllianceMembership.objects.current(on).filter(
            alliance=OuterRef("pk"), organization__entry__listed__has_day=on
        )
        counts = parts.order_by().values("alliance").annotate(number=Count("pk")).values("number")
        return self.annotate(members_count=Coalesce(Subquery(counts), 0))

    def with_theme_ids(self):
        """With `theme_ids`, the ids of its themes in the order of their French names."""
        through = self.model.themes.through.objects.filter(alliance=OuterRef("pk"))
        ids = through.order_by("theme__name_fr").values("theme")
        return self.annotate(theme_ids=ArraySubquery(ids))

    def for_public_list(self):
        """With all that lists of alliances read, in one query."""
        return self.select_related("parent").with_members_count().with_theme_ids().by_name()


class Alliance(Dated):
    """A coalition, network, committee or working group, with its mandate.

    Those of the association, and those that it belongs to itself. A sub-group has a `parent`.
    """

    class Kind(models.TextChoices):
        COALITION = "coalition", _("coalition")
        NETWORK = "network", _("network")
        COMMITTEE = "committee", _("committee")
        WORKING_GROUP = "working_group", _("working group")

    class Status(models.TextChoices):
        ACTIVE = "active", _("active")
        DORMANT = "dormant", _("dormant")
        ENDED = "ended", _("ended")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.COALITION)
    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.ACTIVE)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="groups",
        verbose_name=_("part of"),
        help_text=_("For a sub-group: the alliance that it belongs to."),
    )
    name = models.CharField(_("name"), max_length=200)
    acronym = models.CharField(_("acronym"), max_length=30, blank=True)
    slug = models.SlugField(_("address"), max_length=120, unique=True, blank=True)
    mandate = models.TextField(_("mandate"), max_length=4000, blank=True)
    website = models.URLField(_("website"), max_length=300, blank=True)
    founded_year = models.PositiveSmallIntegerField(
        _("founded in"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1600), MaxValueValidator(2100)],
    )
    ended_year = models.PositiveSmallIntegerField(
        _("ended in"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1600), MaxValueValidator(2100)],
    )
    source_url = models.URLField(
        _("source"), max_length=500, blank=True, help_text=_("The page these facts rest on.")
    )
    themes = models.ManyToManyField(
        "members.Theme", related_name="alliances", blank=True, verbose_name=_("themes")
    )
    tags = models.ManyToManyField(
        "members.Tag", related_name="alliances", blank=True, verbose_name=_("tags")
    )
    sort_name = models.GeneratedField(
        expression=SortKey("name_fr"),
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
    )

    objects = AllianceQuerySet.as_manager()

    class Meta:
        verbose_name = _("alliance")
        verbose_name_plural = _("alliances")
        ordering = ["sort_name", "pk"]
        constraints = [
            models.CheckConstraint(
                name="alliance_has_a_french_name",
                condition=Q(name_fr__regex=r"\S") & Q(name_fr__isnull=False),
                violation_error_message=_("Give the name in French."),
            ),
            models.CheckConstraint(
                name="alliance_kind_is_known",
                condition=Q(kind__in=["coalition", "network", "committee", "working_group"]),
                violation_error_message=_("This kind of alliance does not exist."),
            ),
            models.CheckConstraint(
                name="alliance_status_is_known",
                condition=Q(status__in=["active", "dormant", "ended"]),
                violation_error_message=_("This status does not exist."),
            ),
            models.CheckConstraint(
                name="alliance_is_not_part_of_itself",
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")),
                violation_error_message=_("An alliance is not a part of itself."),
            ),
            models.CheckConstraint(
                name="alliance_ended_after_it_was_founded",
                condition=Q(founded_year__isnull=True)
                | Q(ended_year__isnull=True)
                | Q(ended_year__gte=F("founded_year")),
                violation_error_message=_("The alliance ended before it was founded."),
            ),
            models.CheckConstraint(
                name="alliance_end_says_that_it_ended",
                condition=Q(ended_year__isnull=True) | Q(status="ended"),
                violation_error_message=_("With a year of end, the status is “ended”."),
            ),
            models.CheckConstraint(
                name="alliance_website_is_a_web_address",
                condition=(Q(website="") | Q(website__regex=r"^https?://"))
                & (Q(source_url="") | Q(source_url__regex=r"^https?://")),
                violation_error_message=_("A website’s address begins with http:// or https://."),
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("members:alliance-detail", args=[self.slug])

    def clean(self):
        self.normalize()
        above, seen = self.parent, {self.pk}
        while above is not None:
            if above.pk in seen and self.pk:
                raise ValidationError(
                    {"parent": _("This alliance would be a part of itself, through others.")}
                )
            seen.add(above.pk)
            above = above.parent

    def save(self, **kwargs):
        self.normalize()
        super().save(**kwargs)

    @transaction.atomic
    def welcome(self, organization, *, by, role="member", since_year=None, on=None):
        """Let an organization take part, since a year or a day; return the `AllianceMembership`.

        `by` is whoever recorded it, kept by the history. Raises ValidationError if it takes part
        already.
        """
        participation = AllianceMembership(
            alliance=self,
            organization=organization,
            role=role,
            since_year=since_year,
            started_on=on,
        )
        participation.full_clean()
        participation.save()
        return participation

    def normalize(self):
        """Write names without doubled blanks; a new alliance gets the address its name makes."""
        for field in ("name_fr", "name_en", "acronym"):
            setattr(self, field, " ".join((getattr(self, field) or "").split()))
        if not self.slug:
            self.slug = free_slug(self, self.acronym or self.name_fr, "alliance")


class AllianceMembership(Dated, HasPeriod):
    """An organization's part in an alliance, from one day to another.

    When only the year is known, it is `since_year`, and `started_on` is empty.
    """

    class Role(models.TextChoices):
        MEMBER = "member", _("member")
        COORDINATION = "coordination", _("coordination")
        OBSERVER = "observer", _("observer")

    alliance = models.ForeignKey(
        Alliance, models.PROTECT, related_name="memberships", verbose_name=_("alliance")
    )
    organization = models.ForeignKey(
        "members.Organization",
        models.PROTECT,
        related_name="alliance_memberships",
        verbose_name=_("organization"),
    )
    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.MEMBER)
    since_year = models.PositiveSmallIntegerField(
        _("since the year"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1900), MaxValueValidator(2100)],
        help_text=_("When the day is not known."),
    )
    liaison = models.ForeignKey(
        "members.Person",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="liaisons",
        verbose_name=_("liaison person"),
    )
    source_url = models.URLField(_("source"), max_length=500, blank=True)

    objects = PeriodQuerySet.as_manager()

    class Meta:
        verbose_name = _("participation in an alliance")
        verbose_name_plural = _("participations in alliances")
        ordering = [F("ended_on").desc(nulls_first=True), "alliance__sort_name", "pk"]
        constraints = [
            *period_constraints("participation", _("The participation ends before it starts.")),
            models.CheckConstraint(
                name="participation_role_is_known",
                condition=Q(role__in=["member", "coordination", "observer"]),
                violation_error_message=_("This role does not exist."),
            ),
            models.CheckConstraint(
                name="participation_has_a_day_or_a_year",
                condition=Q(since_year__isnull=True) | Q(started_on__isnull=True),
                violation_error_message=_("Give the day or the year, not both."),
            ),
            no_overlap(
                NO_OVERLAP,
                _("This organization already takes part in this alliance in that period."),
                "alliance",
                "organization",
            ),
        ]

    def __str__(self):
        return f"{self.organization} – {self.alliance}"

    def clean(self):
        self.check_order(_("The participation ends before it starts."))

    @property
    def year(self):
        """The year in which it began; None if that is not known."""
        return self.started_on.year if self.started_on else self.since_year

    @property
    def since(self):
        """The first day, or the year when only that is known; None if neither is."""
        return self.started_on or self.since_year
