"""Public events: what is held, when, where, by whom, for whom.

An `Event` is one thing held on one or several dates (`EventDate`). Moments are kept in UTC; each
event says the time zone in which its dates are told. Times of Québec: Eastern time, but Atlantic
time in the Îles-de-la-Madeleine (Legal Time Act, CQLR c. T-5.1).
"""

import datetime
import uuid
import zoneinfo

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, F, OuterRef, Q, Subquery, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members.models.periods import Dated, beginning
from members.models.slugs import free_slug

# The longest that one date of an event may last.
LONGEST = datetime.timedelta(days=366)
# Words that follow /calendar/ in addresses of our own, in both languages.
RESERVED_SLUGS = {"archives", "archive", "mois", "month", "semaine", "week", "nouvelle", "new"}

# What an event is tied to, as sorted keys.
TIED_KEYS = """
ARRAY(SELECT {end} FROM members_event_{ends} WHERE event_id = members_event.id ORDER BY {end})
"""
ALL_DATES = """
ARRAY(
    SELECT jsonb_build_object(
        'starts_at', held.starts_at, 'ends_at', held.ends_at, 'is_cancelled', held.is_cancelled
    )
    FROM members_eventdate held
    WHERE held.event_id = members_event.id
    ORDER BY held.starts_at, held.id
)
"""


class EventQuerySet(models.QuerySet):
    def public(self):
        """Those that the public sees; cancelled and past ones too."""
        return self.filter(published_at__isnull=False)

    def for_values(self):
        """With all that `members.happening` reads of each, in one query.

        `all_dates`: [{starts_at, ends_at, is_cancelled}], moments as ISO texts with their offset;
        `organization_keys`, `alliance_keys`, `theme_keys`, `country_keys`.
        """
        numbers, codes = ArrayField(models.BigIntegerField()), ArrayField(models.CharField())

        def keys(end, ends, output):
            return RawSQL(TIED_KEYS.format(end=end, ends=ends), [], output)

        return self.select_related("posted_for", "municipality").annotate(
            all_dates=RawSQL(ALL_DATES, [], ArrayField(models.JSONField())),
            organization_keys=keys("organization_id", "organizations", numbers),
            alliance_keys=keys("alliance_id", "alliances", numbers),
            theme_keys=keys("theme_id", "themes", numbers),
            country_keys=keys("country_id", "countries", codes),
        )

    def of(self, organization):
        """Those that an organization holds, alone or with others, and those it posted."""
        return self.filter(
            Q(posted_for=organization)
            | Q(
                pk__in=Event.organizations.through.objects.filter(organization=organization).values(
                    "event"
                )
            )
        )

    def for_page(self):
        """With all that its page reads: two queries."""
        return (
            self.select_related("municipality", "edition__campaign", "picture")
            .annotate(
                **held_by("members_event.id"),
                theme_ids=themes_of("members_event.id"),
                country_ids=countries_of("members_event.id"),
            )
            .prefetch_related(
                models.Prefetch(
                    "dates", EventDate.objects.order_by("starts_at", "pk"), to_attr="shown_dates"
                )
            )
        )


class Event(Dated):
    """What members, alliances or the association hold in public.

    The public sees it once `published_at` is set. It is never deleted for being cancelled: it says
    so. `sequence` counts its changes for calendars (RFC 5545, 3.8.7.4); the database moves it.
    """

    class Zone(models.TextChoices):
        EASTERN = "America/Toronto", _("Québec time")
        ATLANTIC = "America/Halifax", _("Îles-de-la-Madeleine time")

    class Status(models.TextChoices):
        SCHEDULED = "scheduled", _("as planned")
        POSTPONED = "postponed", _("postponed")
        CANCELLED = "cancelled", _("cancelled")

    class Audience(models.TextChoices):
        ALL = "all", _("everyone")
        SCHOOLS = "schools", _("schools")
        YOUTH = "youth", _("young people")
        MEMBERS = "members", _("member organizations")
        PROFESSIONALS = "professionals", _("people of the field")

    class Language(models.TextChoices):
        FRENCH = "fr", _("French")
        ENGLISH = "en", _("English")
        SPANISH = "es", _("Spanish")
        CREOLE = "ht", _("Haitian Creole")
        PORTUGUESE = "pt", _("Portuguese")
        ARABIC = "ar", _("Arabic")
        INUKTITUT = "iu", _("Inuktitut")
        INNU = "moe", _("Innu")
        CREE = "cr", _("Cree")

    title = models.CharField(_("title"), max_length=200)
    slug = models.SlugField(_("address"), max_length=140, unique=True, blank=True)
    text = models.TextField(_("text"), max_length=8000, blank=True)
    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.SCHEDULED)
    status_note = models.CharField(
        _("what to know about it"),
        max_length=300,
        blank=True,
        help_text=_("Why it is cancelled or postponed, and what people who registered should do."),
    )
    zone = models.CharField(_("time zone"), max_length=40, choices=Zone, default=Zone.EASTERN)
    all_day = models.BooleanField(_("whole days"), default=False)
    venue = models.CharField(_("place"), max_length=200, blank=True)
    address = models.CharField(_("address of the place"), max_length=200, blank=True)
    municipality = models.ForeignKey(
        "regions.Municipality",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="activities",
        verbose_name=_("municipality"),
    )
    online_url = models.URLField(_("online at"), max_length=500, blank=True)
    posted_for = models.ForeignKey(
        "members.Organization",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="posted_events",
        verbose_name=_("posted by"),
        help_text=_("The organization whose representatives may change it; none: the staff."),
    )
    organizations = models.ManyToManyField(
        "members.Organization",
        related_name="activities",
        blank=True,
        verbose_name=_("organizations that hold it"),
    )
    alliances = models.ManyToManyField(
        "members.Alliance",
        related_name="activities",
        blank=True,
        verbose_name=_("alliances that hold it"),
    )
    themes = models.ManyToManyField(
        "members.Theme", related_name="activities", blank=True, verbose_name=_("themes")
    )
    countries = models.ManyToManyField(
        "members.Country", related_name="activities", blank=True, verbose_name=_("countries")
    )
    edition = models.ForeignKey(
        "members.CampaignEdition",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="activities",
        verbose_name=_("edition of a campaign"),
    )
    audience = models.CharField(_("audience"), max_length=20, choices=Audience, default="all")
    is_free = models.BooleanField(_("free of charge"), default=True)
    cost = models.CharField(
        _("cost"), max_length=150, blank=True, help_text=_("In words: who pays how much.")
    )
    languages = ArrayField(
        models.CharField(max_length=3, choices=Language),
        verbose_name=_("languages spoken"),
        default=list,
        blank=True,
    )
    is_step_free = models.BooleanField(_("without steps"), default=False)
    has_captions = models.BooleanField(_("with captions"), default=False)
    has_sign_language = models.BooleanField(_("with sign language"), default=False)
    access_note = models.CharField(
        _("about accessibility"),
        max_length=300,
        blank=True,
        help_text=_("What else to know, and whom to ask."),
    )
    registration_url = models.URLField(_("registration at"), max_length=500, blank=True)
    picture = models.ForeignKey(
        "members.Picture",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="activities",
        verbose_name=_("picture"),
    )
    published_at = models.DateTimeField(_("public since"), null=True, blank=True)
    sequence = models.PositiveIntegerField(default=0, editable=False)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("held in public", "event")
        verbose_name_plural = pgettext_lazy("held in public", "events")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="event_has_a_french_title",
                condition=Q(title_fr__isnull=False) & Q(title_fr__regex=r"\S"),
                violation_error_message=_("Give the title in French."),
            ),
            models.CheckConstraint(
                name="event_status_is_known",
                condition=Q(status__in=["scheduled", "postponed", "cancelled"]),
                violation_error_message=_("This status does not exist."),
            ),
            models.CheckConstraint(
                name="event_zone_is_one_of_quebec",
                condition=Q(zone__in=["America/Toronto", "America/Halifax"]),
                violation_error_message=_("This time zone is not one of Québec’s."),
            ),
            models.CheckConstraint(
                name="event_that_is_free_has_no_cost",
                condition=Q(is_free=False) | Q(cost_fr="") | Q(cost_fr__isnull=True),
                violation_error_message=_("It is free of charge, or it has a cost: not both."),
            ),
            models.CheckConstraint(
                name="event_links_are_web_addresses",
                condition=(Q(online_url="") | Q(online_url__regex=r"^https?://"))
                & (Q(registration_url="") | Q(registration_url__regex=r"^https?://")),
                violation_error_message=_("A website’s address begins with http:// or https://."),
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("members:event-detail", args=[self.slug])

    def save(self, **kwargs):
        if not self.slug:
            self.slug = free_slug(self, self.title_fr, "activite", RESERVED_SLUGS)
        super().save(**kwargs)

    @property
    def tz(self):
        """The time zone in which its dates are told."""
        return zoneinfo.ZoneInfo(self.zone)

    @property
    def is_public(self):
        return self.published_at is not None

    @property
    def is_cancelled(self):
        return self.status == self.Status.CANCELLED

    @property
    def place(self):
        """Where it is held: "here", "online", "both", or "" when that is not said."""
        here = bool(self.venue or self.municipality_id)
        return {(True, True): "both", (True, False): "here", (False, True): "online"}.get(
            (here, bool(self.online_url)), ""
        )


class EventDateQuerySet(models.QuerySet):
    def public(self):
        """Those of events that the public sees."""
        return self.filter(event__published_at__isnull=False)

    def coming(self, now=None):
        """Those that are not over at that moment (an aware datetime, now if None)."""
        return self.filter(until__gt=now or timezone.now())

    def past(self, now=None):
        """Those that are over."""
        return self.filter(until__lte=now or timezone.now())

    def within(self, first, last):
        """Those that have a moment between two days (both included; either may be None).

        Each event's days are those of its own zone: the Îles-de-la-Madeleine are one hour ahead.
        What ends at midnight has no moment on the day that begins then.
        """
        dates = self
        if first:
            begins = beginning_in_zone(first)
            dates = dates.filter(Q(until__gt=begins) | Q(starts_at__gte=begins))
        if last:
            after = last + datetime.timedelta(days=1)
            dates = dates.filter(starts_at__lt=beginning_in_zone(after))
        return dates

    def over_before(self, day):
        """Those whose last day is before that day."""
        begins = beginning_in_zone(day)
        return self.filter(until__lte=begins, starts_at__lt=begins)

    def of_organization(self, organization):
        """Those of the events that an organization holds, alone or with others."""
        return self.held_through(Event.organizations, organization=organization)

    def of_alliance(self, alliance):
        """Those of the events that an alliance holds, alone or with others."""
        return self.held_through(Event.alliances, alliance=alliance)

    def on_theme(self, theme):
        """Those of the events on a theme, or its id."""
        return self.held_through(Event.themes, theme=theme)

    def about_country(self, country):
        """Those of the events about a country, or its code."""
        return self.held_through(Event.countries, country=country)

    def in_region(self, region):
        """Those of the events held in a region, or its code."""
        return self.filter(event__municipality__region=region)

    def held_through(self, relation, **other):
        """Those of the events that a many-to-many relation ties to another record."""
        return self.filter(event__in=relation.through.objects.filter(**other).values("event"))

    def held(self):
        """Those that are held as planned: neither cancelled nor postponed."""
        return self.filter(is_cancelled=False, event__status=Event.Status.SCHEDULED)

    def next_of_each(self, day):
        """Of each event, its first date that is held and not over before that day.

        What begins from that day on comes first, then what is under way.
        """
        same = EventDate.objects.filter(event=OuterRef("event")).held().within(day, None)
        first = same.order_by("starts_at", "pk").values("pk")[:1]
        under_way = Case(When(starts_at__lt=beginning_in_zone(day), then=1), default=0)
        return self.filter(pk=Subquery(first)).order_by(under_way, "starts_at", "pk")

    def by_day(self):
        """The first first."""
        return self.order_by("starts_at", "pk")

    def latest_first(self):
        return self.order_by("-starts_at", "-pk")

    def for_cards(self, *more):
        """As rows of what `calendar_cards.event_cards` reads, and the columns `more`: one query.

        `organizers` are JSON objects, those of the alliances after those of the organizations.
        """
        return self.annotate(
            **held_by("members_eventdate.event_id"),
            theme_ids=themes_of("members_eventdate.event_id"),
        ).values(
            "pk",
            "uid",
            "starts_at",
            "ends_at",
            "is_cancelled",
            "event_id",
            "event__slug",
            "event__title_fr",
            "event__title_en",
            "event__status",
            "event__zone",
            "event__all_day",
            "event__venue",
            "event__online_url",
            "event__municipality__name",
            "event__municipality__region_id",
            "event__edition__year",
            "event__edition__is_published",
            "event__edition__campaign__slug",
            "event__edition__campaign__name_fr",
            "event__edition__campaign__name_en",
            "organizers",
            "alliances_of",
            "theme_ids",
            *more,
        )


# What is read of an event beside its row, `{event}` being the column that has its id: as SQL,
# because composing these subqueries takes Django longer than the whole list.
ORGANIZERS = """
ARRAY(
    SELECT jsonb_build_object(
        'pk', organization.id,
        'name_fr', organization.name_fr,
        'name_en', organization.name_en,
        'slug', organization.slug,
        'listed', coalesce(entry.listed @> %s::date, false)
    )
    FROM members_event_organizations held
    JOIN members_organization organization ON organization.id = held.organization_id
    LEFT JOIN members_directoryentry entry ON entry.organization_id = organization.id
    WHERE held.event_id = {event}
    ORDER BY entry.sort_fr, organization.id
)
"""

ALLIANCES = """
ARRAY(
    SELECT jsonb_build_object(
        'pk', alliance.id,
        'name_fr', alliance.name_fr,
        'name_en', alliance.name_en,
        'slug', alliance.slug
    )
    FROM members_event_alliances held JOIN members_alliance alliance
        ON alliance.id = held.alliance_id
    WHERE held.event_id = {event}
    ORDER BY alliance.sort_name, alliance.id
)
"""

THEMES = """
ARRAY(
    SELECT theme_id FROM members_event_themes WHERE event_id = {event} ORDER BY theme_id
)
"""

COUNTRIES = """
ARRAY(
    SELECT country_id FROM members_event_countries WHERE event_id = {event} ORDER BY country_id
)
"""


def held_by(event):
    """The annotations `organizers` and `alliances_of`: JSON objects, in the order of names.

    `listed` says whether an organization has a public page: its membership may have ended.
    """
    json = ArrayField(models.JSONField())
    return {
        "organizers": RawSQL(ORGANIZERS.format(event=event), [timezone.localdate()], json),
        "alliances_of": RawSQL(ALLIANCES.format(event=event), [], json),
    }


def themes_of(event):
    """The annotation that has the ids of an event's themes."""
    return RawSQL(THEMES.format(event=event), [], ArrayField(models.SmallIntegerField()))


def countries_of(event):
    """The annotation that has the codes of an event's countries."""
    return RawSQL(COUNTRIES.format(event=event), [], ArrayField(models.CharField()))


def ids_of(relation, column, event="event"):
    """Subquery of the ids that an event has in a relation of it."""
    rows = relation.through.objects.filter(event=OuterRef(event))
    return rows.order_by(column).values(column)


def beginning_in_zone(day):
    """The moment when a day begins in the zone of a date's event, for the database."""
    return Case(
        *(
            When(event__zone=zone, then=Value(beginning(day, zoneinfo.ZoneInfo(zone))))
            for zone in Event.Zone.values
            if zone != Event.Zone.EASTERN
        ),
        default=Value(beginning(day)),
        output_field=models.DateTimeField(),
    )


class EventDate(models.Model):
    """One time that an event is held: from a moment to another, which may be days later.

    Of an event of whole days, it begins at midnight of the first and ends at midnight after the
    last, in the event's zone. Without an end, how long it lasts is not said. `uid` is its name in
    calendars, for ever (RFC 7986, 5.3).
    """

    event = models.ForeignKey(
        Event,
        models.CASCADE,
        related_name="dates",
        verbose_name=pgettext_lazy("held in public", "event"),
    )
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    is_cancelled = models.BooleanField(_("cancelled"), default=False)
    until = models.GeneratedField(
        expression=Coalesce("ends_at", "starts_at"),
        output_field=models.DateTimeField(),
        db_persist=True,
    )

    objects = EventDateQuerySet.as_manager()

    class Meta:
        verbose_name = _("date of an event")
        verbose_name_plural = _("dates of events")
        ordering = ["starts_at", "pk"]
        indexes = [
            models.Index(fields=["starts_at"], name="event_date_start"),
            models.Index(fields=["until"], name="event_date_until"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "starts_at"],
                name="event_begins_once_at_a_time",
                violation_error_message=_("The event has this date already."),
            ),
            models.CheckConstraint(
                name="event_date_ends_after_it_starts",
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                violation_error_message=_("The event ends before it begins."),
            ),
            models.CheckConstraint(
                name="event_date_is_not_too_long",
                condition=Q(ends_at__isnull=True) | Q(ends_at__lte=F("starts_at") + LONGEST),
                violation_error_message=_("An event lasts a year at most."),
            ),
            models.CheckConstraint(
                name="event_date_is_plausible",
                condition=Q(
                    starts_at__gte=datetime.datetime(1976, 1, 1, tzinfo=datetime.UTC),
                    starts_at__lt=datetime.datetime(2101, 1, 1, tzinfo=datetime.UTC),
                ),
                violation_error_message=_("An event is held between 1976 and 2100."),
            ),
        ]

    def __str__(self):
        return f"{timezone.localtime(self.starts_at, self.event.tz):%Y-%m-%d %H:%M}"

    @property
    def starts(self):
        """When it begins, in the event's zone."""
        return timezone.localtime(self.starts_at, self.event.tz)

    @property
    def ends(self):
        """When it ends, in the event's zone; None when that is not said."""
        return timezone.localtime(self.ends_at, self.event.tz) if self.ends_at else None

    @property
    def first_day(self):
        """Its first local day."""
        return self.starts.date()

    @property
    def last_day(self):
        """Its last local day: a party that ends at midnight does not last until the next day."""
        if not self.ends_at:
            return self.first_day
        last = timezone.localtime(self.ends_at - datetime.timedelta(microseconds=1), self.event.tz)
        return last.date()

    @property
    def is_off(self):
        """Whether it is not held: it is cancelled, or the whole event is cancelled or postponed."""
        return self.is_cancelled or self.event.status != Event.Status.SCHEDULED
