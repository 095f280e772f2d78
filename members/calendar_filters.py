"""The calendar's query string, turned into queryset methods.

Like the directory's (`members.filters`): a value that is not known is left out and named.
"""

import datetime
import re
from dataclasses import dataclass
from functools import cached_property

import django_filters
from django import forms
from django.contrib.postgres.expressions import ArraySubquery
from django.core.cache import caches
from django.db.models import F, Q, TextField, Value
from django.db.models.functions import Coalesce, Concat
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from members import facets, moments
from members.filters import (
    TRACKERS,
    ChoiceFilter,
    Ignored,
    KnownValuesField,
    TermsFilter,
    TextFilter,
    readable,
)
from members.models import CampaignEdition, Event, EventDate, Organization
from members.models.events import ids_of
from members.terms import vocabulary
from regions.folding import Fold, fold

# How long what is over stays in the feeds: who follows one may have missed it.
KEPT_IN_FEEDS = datetime.timedelta(days=366)
# Words of the text that are looked for; more would cost and find nothing.
MAX_WORDS = 10
# The years of our calendar (members/models/events.py).
FIRST_DAY, LAST_DAY = datetime.date(1976, 1, 1), datetime.date(2100, 12, 31)

GROUPS = {
    "region": facets.Group("region_code"),
    "theme": facets.Several("theme_numbers"),
    "edition": facets.Group("edition_number"),
}


@dataclass(frozen=True)
class Named:
    """Something to choose from: `key` in the database, `value` in addresses, its names."""

    key: str
    value: str
    name_fr: str
    name_en: str

    @property
    def name(self):
        """Its name in the current language."""
        return (get_language() == "en" and self.name_en) or self.name_fr


class DayField(forms.Field):
    """A day as 2026-11-25; another text, or a day of another time, is left out in `unknown`."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.unknown = []

    def clean(self, value):
        value = (value or "").strip()
        day = day_of(value)
        self.unknown = [value] if value and day is None else []
        return day


class MonthField(DayField):
    """A month as 2026-11: its first day."""

    def clean(self, value):
        value = (value or "").strip()
        day = day_of(f"{value}-01")
        self.unknown = [value] if value and day is None else []
        return day


class DayFilter(django_filters.Filter):
    field_class = DayField


class MonthFilter(django_filters.Filter):
    field_class = MonthField


class AskedField(KnownValuesField):
    """Several values that are looked up when some are asked for: `known` is a function of them."""

    def clean(self, value):
        values = [v for v in dict.fromkeys(value or []) if v]
        look_up, self.known = self.known, self.known(values) if values else {}
        cleaned = super().clean(values)
        self.known = look_up
        return cleaned


class AskedFilter(django_filters.Filter):
    field_class = AskedField


def day_of(text):
    """The day that a text in the form 2026-11-25 says, of our calendar's years; None for others."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        return None
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None


def editions(version):
    """{value: Named} of the public editions of campaigns, the latest first, read once a version."""
    return caches["counts"].get_or_set(f"editions:{version}", read_editions)


def read_editions():
    rows = CampaignEdition.objects.published().latest_first()
    known = {}
    for pk, slug, year, name_fr, name_en in rows.values_list(
        "pk", "campaign__slug", "year", "campaign__name_fr", "campaign__name_en"
    ):
        value = edition_value(slug, year)
        names = f"{name_fr}, {year}", f"{name_en or name_fr}, {year}"
        known[value] = Named(str(pk), value, *names)
    return known


def edition_value(slug, year):
    """What an address says of an edition: 12-jours-d-action-2026."""
    return f"{slug}-{year}"


def organizations(slugs):
    """{slug: Named} of those that are members, or hold something public."""
    holds = Event.organizations.through.objects.filter(event__published_at__isnull=False)
    known = Organization.objects.filter(
        Q(entry__listed__has_day=timezone.localdate()) | Q(pk__in=holds.values("organization")),
        slug__in=[slug for slug in slugs if "\x00" not in slug],
    )
    return {
        slug: Named(str(pk), slug, name_fr, name_en or name_fr)
        for pk, slug, name_fr, name_en in known.values_list("pk", "slug", "name_fr", "name_en")
    }


class EventFilter(django_filters.FilterSet):
    """The calendar's address, over the dates that the public sees.

    `version` is the directory's (see `caching.directory_version`). Without a period in the
    address, what is not over; for a feed, what was over lately too.
    """

    WHEN = {
        "today": _("Today"),
        "week": _("This week"),
        "next-week": _("Next week"),
        "weekend": _("This weekend"),
        "month": _("This month"),
        "past": _("Past events"),
    }
    PLACES = {"here": _("In person"), "online": _("Online")}
    VIEWS = {"list": _("List"), "month": _("Month")}

    q = TextFilter(method="filter_text", label=_("Search"))
    region = TermsFilter(method="filter_group", label=_("Region"))
    theme = TermsFilter(method="filter_group", label=_("Theme"))
    edition = TermsFilter(method="filter_group", label=_("Campaign"))
    organization = AskedFilter(
        method="filter_organization", label=_("Organization"), known=organizations
    )
    place = ChoiceFilter(method="filter_place", label=_("Place"), known=PLACES)
    when = ChoiceFilter(method="filter_nothing", label=_("When"), known=WHEN)
    view = ChoiceFilter(method="filter_nothing", label=_("Display"), known=VIEWS)
    month = MonthFilter(method="filter_nothing", label=_("Month"))

    class Meta:
        model = EventDate
        fields = []

    # Parameters that the views read themselves.
    ALSO_KNOWN = {"page": _("Page"), "dialect": _("Dialect")}

    def __init__(self, data, *, version, for_feed=False):
        self.version = version
        self.vocabulary = vocabulary(version)
        self.for_feed = for_feed
        self.today = timezone.localdate()
        super().__init__(data, queryset=EventDate.objects.public())
        for group in ("region", "theme"):
            self.filters[group].extra["known"] = self.vocabulary.by_value[group]
        self.filters["edition"].extra["known"] = editions(version)
        self.form.is_valid()
        self.refuse_backwards()

    @classmethod
    def get_filters(cls):
        """With `from` and `to`, of which the first is a word of Python's."""
        return super().get_filters() | {
            "from": DayFilter(field_name="from", method="filter_nothing", label=_("From")),
            "to": DayFilter(field_name="to", method="filter_nothing", label=_("Until")),
        }

    def refuse_backwards(self):
        """An end before the start is left out, and named."""
        cleaned = self.form.cleaned_data
        if cleaned["from"] and cleaned["to"] and cleaned["to"] < cleaned["from"]:
            self.form.fields["to"].unknown = [cleaned["to"].isoformat()]
            cleaned["to"] = None

    # What is asked

    @cached_property
    def words(self):
        """The words of the text, folded."""
        return fold(self.form.cleaned_data["q"]).split()[:MAX_WORDS]

    @cached_property
    def chosen(self):
        """{group: keys in the database} of the choices made, for `facets.count`."""
        return {group: [term.key for term in self.form.cleaned_data[group]] for group in GROUPS}

    @property
    def is_month(self):
        """Whether a whole month is asked for, as a table; days that are asked for say more."""
        cleaned = self.form.cleaned_data
        days = cleaned["from"] or cleaned["to"]
        return cleaned["view"] == "month" and not days and not self.for_feed

    @cached_property
    def shown_month(self):
        """The first day of the month that the table shows."""
        return self.form.cleaned_data["month"] or self.today.replace(day=1)

    @property
    def is_past(self):
        """Whether what is over is asked for."""
        return self.word == "past"

    @property
    def word(self):
        """The word for the period, unless days or a month say more."""
        cleaned = self.form.cleaned_data
        if self.is_month or cleaned["from"] or cleaned["to"]:
            return ""
        return cleaned["when"]

    @cached_property
    def period(self):
        """(first, last) days asked for, either of which may be None."""
        cleaned = self.form.cleaned_data
        if self.is_month:
            return self.shown_month, moments.last_of_month(self.shown_month)
        first, last = cleaned["from"], cleaned["to"]
        if first or last:
            # Until a day to come, what is over is not meant.
            return first or (self.today if last >= self.today else None), last
        if self.word == "past":
            return None, None
        if self.word:
            return moments.meant(self.word, self.today)
        return (self.today - KEPT_IN_FEEDS if self.for_feed else self.today), None

    @property
    def is_narrowed(self):
        """Whether anything but the period is asked for."""
        cleaned = self.form.cleaned_data
        return bool(
            self.words or any(self.chosen.values()) or cleaned["organization"] or cleaned["place"]
        )

    @cached_property
    def ignored(self):
        """Every part of the address that was left out, as `Ignored`."""
        ignored = [
            Ignored(field.label, readable(value))
            for field in self.form.fields.values()
            for value in field.unknown
        ]
        ignored += [
            Ignored(readable(name), readable(self.data.get(name, "")))
            for name in self.data
            if name not in self.form.fields
            and name not in self.ALSO_KNOWN
            and not name.startswith(TRACKERS)
        ]
        return ignored

    # What it finds

    @cached_property
    def counts(self):
        """The `facets.Counts` beside each choice, of dates; once a version and a word for a period,
        without any choice."""
        cleaned = self.form.cleaned_data
        if self.is_narrowed or self.is_month or cleaned["from"] or cleaned["to"]:
            return self._count()
        key = "-".join(map(str, (*self.period, self.is_past)))
        return caches["counts"].get_or_set(f"calendar:{self.version}:{key}", self._count)

    def _count(self):
        dates = self.in_period(self.queryset)
        cleaned = self.form.cleaned_data
        for name in ("q", "organization", "place"):
            dates = self.filters[name].filter(dates, cleaned[name])
        return facets.count(with_groups(dates), self.chosen, GROUPS)

    def in_period(self, dates):
        """The dates that have a day in the period."""
        if self.is_past:
            return dates.over_before(self.today)
        return dates.within(*self.period)

    def filter_text(self, dates, name, value):
        if not self.words:
            return dates
        dates = dates.annotate(haystack=Fold(said()))
        for word in self.words:
            dates = dates.filter(haystack__contains=word)
        return dates

    def filter_group(self, dates, name, terms):
        if not terms:
            return dates
        return with_groups(dates, name).filter(GROUPS[name].condition([t.key for t in terms]))

    def filter_organization(self, dates, name, terms):
        if not terms:
            return dates
        holds = Event.organizations.through.objects.filter(
            organization__in=[term.key for term in terms]
        )
        return dates.filter(event__in=holds.values("event"))

    def filter_place(self, dates, name, value):
        if value == "here":
            return dates.exclude(event__venue="", event__municipality=None)
        return dates.exclude(event__online_url="") if value == "online" else dates

    def filter_nothing(self, dates, name, value):
        """The period is one filter, whatever parameters say it; how it is shown is none."""
        return dates

    def filter_queryset(self, dates):
        """All filters, the period, then the order."""
        dates = self.in_period(super().filter_queryset(dates))
        return dates.latest_first() if self.is_past else dates.by_day()


def with_groups(dates, *names):
    """`dates` with the columns of the groups (all if none is named)."""
    columns = {
        "region": {"region_code": F("event__municipality__region_id")},
        "theme": {"theme_numbers": ArraySubquery(ids_of(Event.themes, "theme_id"))},
        "edition": {"edition_number": F("event__edition_id")},
    }
    for name in names or columns:
        dates = dates.annotate(**columns[name])
    return dates


def said():
    """What a date's event is found by: its titles, its place, its town and region."""
    parts = ("title_fr", "title_en", "venue", "municipality__name", "municipality__region__name_fr")
    columns = [Coalesce(F(f"event__{part}"), Value(""), output_field=TextField()) for part in parts]
    spaced = [piece for column in columns for piece in (column, Value(" "))]
    return Concat(*spaced, output_field=TextField())
