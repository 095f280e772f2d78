"""Programmes, their campaigns, and each year's edition."""

from django.contrib.postgres.expressions import ArraySubquery
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Count, F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, ExtractYear, JSONObject
from django.db.models.lookups import Exact
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models.events import Event, EventDate
from members.models.periods import Dated, beginning
from members.models.slugs import free_slug
from members.permissions import can_enter
from regions.folding import SortKey

# From how many days before its first day an edition is said to be near: it is counted down, and
# leads the home page.
NEAR = 45


class Programme(Dated):
    """A part of what the association does, that campaigns belong to: a short list of its own."""

    slug = models.SlugField(_("address"), max_length=80, unique=True, blank=True)
    name = models.CharField(_("name"), max_length=120)
    summary = models.TextField(_("summary"), max_length=1000, blank=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    objects = models.Manager()

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        ordering = ["position", "name_fr", "pk"]
        constraints = [
            models.CheckConstraint(
                name="programme_has_a_french_name",
                condition=Q(name_fr__isnull=False) & Q(name_fr__regex=r"\S"),
                violation_error_message=_("Give the name in French."),
            ),
        ]

    def __str__(self):
        return self.name

    def save(self, **kwargs):
        if not self.slug:
            self.slug = free_slug(self, self.name_fr, "programme")
        super().save(**kwargs)


class Campaign(Dated):
    """What comes back, most years: its editions have each their dates and theme."""

    programme = models.ForeignKey(
        Programme,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="campaigns",
        verbose_name=_("programme"),
    )
    slug = models.SlugField(_("address"), max_length=120, unique=True, blank=True)
    name = models.CharField(_("name"), max_length=200)
    text = models.TextField(
        _("text"), max_length=6000, blank=True, help_text=_("What it is, in a few paragraphs.")
    )
    website = models.URLField(_("website"), max_length=300, blank=True)
    sort_name = models.GeneratedField(
        expression=SortKey("name_fr"),
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
    )

    objects = models.Manager()

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ["sort_name", "pk"]
        constraints = [
            models.CheckConstraint(
                name="campaign_has_a_french_name",
                condition=Q(name_fr__isnull=False) & Q(name_fr__regex=r"\S"),
                violation_error_message=_("Give the name in French."),
            ),
            models.CheckConstraint(
                name="campaign_website_is_a_web_address",
                condition=Q(website="") | Q(website__regex=r"^https?://"),
                violation_error_message=_("A website’s address begins with http:// or https://."),
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("members:campaign-detail", args=[self.slug])

    def save(self, **kwargs):
        if not self.slug:
            self.slug = free_slug(self, self.name_fr, "campagne")
        super().save(**kwargs)

    def next_year(self, on=None):
        """The year of the edition to prepare next: after all those that are there, and no year that
        is over on that local day (today if None)."""
        on = on or timezone.localdate()
        latest = self.editions.aggregate(year=Max("year"))["year"]
        return max(latest + 1 if latest else on.year, on.year)


class CampaignEditionQuerySet(models.QuerySet):
    def published(self):
        """Those that the public sees."""
        return self.filter(is_published=True)

    def visible_to(self, user):
        """Those that `user` may know of: the staff also see those that are being prepared."""
        return self if user and can_enter(user) else self.published()

    def for_page(self):
        """With what the page of one reads: its campaign, its picture, its `links` as rows in their
        order (`public_links`), and the `years` of all the campaign's public editions."""
        links = EditionLink.objects.filter(edition=OuterRef("pk")).order_by("position", "pk")
        siblings = CampaignEdition.objects.published().filter(campaign=OuterRef("campaign"))
        return self.select_related("campaign__programme", "picture").annotate(
            public_links=ArraySubquery(
                links.annotate(
                    row=JSONObject(kind="kind", url="url", label_fr="label_fr", label_en="label_en")
                ).values("row")
            ),
            years=ArraySubquery(siblings.order_by("year").values("year")),
        )

    def leading(self, on=None):
        """The published ones that lead the home page that day: on, or near; the first to end first.

        `on` is a local date, today if None.
        """
        on = on or timezone.localdate()
        return (
            self.published()
            .filter(starts_on__lte=on + timezone.timedelta(days=NEAR), ends_on__gte=on)
            .order_by("ends_on", "starts_on", "pk")
        )

    def with_activities(self, on=None):
        """With `coming_activities`: how many of its public events still have a date to come.

        Counted from the beginning of that local day (today if None); those that are cancelled or
        postponed are not.
        """
        dates = (
            EventDate.objects.public()
            .coming(beginning(on or timezone.localdate()))
            .filter(
                event__edition=OuterRef("pk"),
                event__status=Event.Status.SCHEDULED,
                is_cancelled=False,
            )
        )
        counted = dates.order_by().values("event__edition")
        return self.annotate(
            coming_activities=Coalesce(
                Subquery(counted.annotate(count=Count("event", distinct=True)).values("count")), 0
            )
        )

    def latest_first(self):
        return self.order_by("-year", "pk")


class CampaignEdition(Dated):
    """One year of a campaign: its theme, its local days, who takes part.

    What is not known of an old edition (theme, days) stays empty.
    """

    campaign = models.ForeignKey(
        Campaign, models.PROTECT, related_name="editions", verbose_name=_("campaign")
    )
    year = models.PositiveSmallIntegerField(
        _("year"), validators=[MinValueValidator(1976), MaxValueValidator(2100)]
    )
    is_published = models.BooleanField(
        _("public"), default=True, help_text=_("Untick it while the edition is being prepared.")
    )
    theme = models.CharField(_("theme"), max_length=300, blank=True)
    text = models.TextField(_("text"), max_length=10_000, blank=True)
    starts_on = models.DateField(_("first day"), null=True, blank=True)
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    picture = models.ForeignKey(
        "members.Picture",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="editions",
        verbose_name=_("picture"),
    )
    organizations = models.ManyToManyField(
        "members.Organization",
        related_name="editions",
        blank=True,
        verbose_name=_("organizations taking part"),
    )
    source_url = models.URLField(
        _("source"), max_length=500, blank=True, help_text=_("The page these facts rest on.")
    )

    objects = CampaignEditionQuerySet.as_manager()

    class Meta:
        verbose_name = _("edition")
        verbose_name_plural = _("editions")
        ordering = ["-year", "campaign__sort_name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "year"],
                name="campaign_has_one_edition_a_year",
                violation_error_message=_("This campaign has an edition that year already."),
            ),
            models.CheckConstraint(
                name="edition_year_is_plausible",
                condition=Q(year__range=(1976, 2100)),
                violation_error_message=_("The year lies between 1976 and 2100."),
            ),
            models.CheckConstraint(
                name="edition_ends_after_it_starts",
                condition=Q(starts_on__isnull=True)
                | Q(ends_on__isnull=True)
                | Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("The edition ends before it starts."),
            ),
            models.CheckConstraint(
                name="edition_is_in_its_year",
                condition=(
                    Q(starts_on__isnull=True) | Q(Exact(ExtractYear("starts_on"), F("year")))
                )
                & (Q(ends_on__isnull=True) | Q(Exact(ExtractYear("ends_on"), F("year")))),
                violation_error_message=_("The days of an edition are in its year."),
            ),
            models.CheckConstraint(
                name="edition_source_is_a_web_address",
                condition=Q(source_url="") | Q(source_url__regex=r"^https?://"),
                violation_error_message=_("A website’s address begins with http:// or https://."),
            ),
        ]

    def __str__(self):
        return f"{self.campaign}, {self.year}"

    def get_absolute_url(self):
        return reverse("members:edition-detail", args=[self.campaign.slug, self.year])

    def is_on(self, on=None):
        """Whether it is going on that local day (today if None); no when its days are not known."""
        on = on or timezone.localdate()
        return bool(self.starts_on and self.ends_on and self.starts_on <= on <= self.ends_on)

    def is_over(self, on=None):
        """Whether it ended before that local day; by its year when its last day is not known."""
        on = on or timezone.localdate()
        return self.ends_on < on if self.ends_on else self.year < on.year

    def days_before(self, on=None):
        """In how many days it begins, while it is near (`NEAR`); None otherwise."""
        on = on or timezone.localdate()
        days = (self.starts_on - on).days if self.starts_on else 0
        return days if 0 < days <= NEAR else None

    def publish(self):
        """The public sees it from now on; whether it did not yet."""
        if self.is_published:
            return False
        self.is_published = True
        self.full_clean()
        self.save()
        return True

    @transaction.atomic
    def copied_to(self, year, *, by):
        """The edition of another year, to be prepared: not public yet; `by` is who makes it.

        Its days are the same days of that year (29 February becomes the 28th); it keeps the text,
        the picture, the links that are not files of that year, and who takes part; the theme is
        what changes. Raises ValidationError if there is one that year.
        """
        links, organizations = list(self.links.all()), list(self.organizations.all())
        copy = CampaignEdition(
            campaign=self.campaign,
            year=year,
            is_published=False,
            text_fr=self.text_fr,
            text_en=self.text_en,
            picture=self.picture,
            starts_on=same_day(self.starts_on, year),
            ends_on=same_day(self.ends_on, year),
        )
        copy.full_clean()
        copy.save()
        copy.organizations.set(organizations)
        for link in links:
            if link.kind != EditionLink.Kind.DOWNLOAD:
                link.pk, link.edition = None, copy
                link._state.adding = True
                link.save()
        return copy


def same_day(day, year):
    """The same day of another year, the 28th for a 29 February; None without a day."""
    if day is None:
        return None
    if (day.month, day.day) == (2, 29):
        day = day.replace(day=28)
    return day.replace(year=year)


class EditionLink(models.Model):
    """An address that goes with an edition: to read, to share, to download."""

    class Kind(models.TextChoices):
        PAGE = "page", _("page")
        SHARE = "share", _("to share")
        DOWNLOAD = "download", _("to download")

    edition = models.ForeignKey(
        CampaignEdition, models.CASCADE, related_name="links", verbose_name=_("edition")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.PAGE)
    label = models.CharField(_("words"), max_length=150)
    url = models.URLField(_("address"), max_length=500)
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    objects = models.Manager()

    class Meta:
        verbose_name = _("link of an edition")
        verbose_name_plural = _("links of editions")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                name="edition_link_has_french_words",
                condition=Q(label_fr__isnull=False) & Q(label_fr__regex=r"\S"),
                violation_error_message=_("Say in French where the link leads."),
            ),
            models.CheckConstraint(
                name="edition_link_kind_is_known",
                condition=Q(kind__in=["page", "share", "download"]),
                violation_error_message=_("This kind of link does not exist."),
            ),
            models.CheckConstraint(
                name="edition_link_is_a_web_address",
                condition=Q(url__regex=r"^https?://"),
                violation_error_message=_("A website’s address begins with http:// or https://."),
            ),
        ]

    def __str__(self):
        return self.label
