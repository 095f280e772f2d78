"""The fields of an event: the one table that says which publish at once and which staff review.

As those of a profile (`members.profile.fields`): each knows how to read its value from an event,
write it back, and say it in words. Values are plain JSON, written in one way only:

- text and web address: a string, empty when there is none; of a choice, its key;
- municipality, edition, picture: a key, or None;
- organizations, alliances, themes, countries, languages, accessibility: a sorted list of keys;
- when: {"zone", "all_day", "dates": [[start, end], …]}, local times "2027-03-14T19:00" in order,
  an empty end when it is not said; of whole days, the first and the last day, "2027-03-14";
- cancelled: the starts of the dates that are cancelled, as `when` writes them. It is apart from
  `when`, because a member calls one date off at once, while the staff review where it moves to.
"""

import datetime
import zoneinfo
from dataclasses import dataclass
from functools import cached_property

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from members import moments
from members.models import Alliance, CampaignEdition, Event, EventDate, Organization, Picture
from members.models.events import LONGEST
from members.profile.fields import Address, Field, Lexicon, Several, Town
from regions.folding import fold

# The parts of the form, in order; the last has a page of its own.
PARTS = {
    "what": gettext_lazy("What it is"),
    "when": gettext_lazy("When"),
    "where": gettext_lazy("Where"),
    "who": gettext_lazy("Who holds it, and about what"),
    "whom": gettext_lazy("For whom, and at what price"),
    "access": gettext_lazy("So that everyone can take part"),
    "picture": gettext_lazy("Picture"),
    "standing": gettext_lazy("Whether it is held"),
}
# The only municipality of Québec on Atlantic time with a summer time (Legal Time Act, s. 2).
ON_ATLANTIC_TIME = "Les Îles-de-la-Madeleine"
# How many dates one event may have.
MOST_DATES = 60
FIRST_YEAR, LAST_YEAR = 1976, 2100

# What may be chosen as holder or edition: members, alliances that have not ended, editions of this
# year and the next.
HOLDERS = """
SELECT 'organization', o.id, o.name_fr, coalesce(nullif(o.name_en, ''), o.name_fr)
FROM members_organization o JOIN members_directoryentry e ON e.organization_id = o.id
WHERE e.listed @> %s::date
UNION ALL
SELECT 'alliance', id, name_fr, coalesce(nullif(name_en, ''), name_fr)
FROM members_alliance WHERE status <> 'ended'
UNION ALL
SELECT 'edition', e.id, c.name_fr || ', ' || e.year,
       coalesce(nullif(c.name_en, ''), c.name_fr) || ', ' || e.year
FROM members_campaignedition e JOIN members_campaign c ON c.id = e.campaign_id
WHERE e.is_published AND e.year >= %s
"""
MODELS = {"organization": Organization, "alliance": Alliance, "edition": CampaignEdition}


class EventLexicon(Lexicon):
    """The words for the keys that an event's values hold."""

    @cached_property
    def holders(self):
        """{kind: {key: (French name, English name)}} of what may be chosen: one query."""
        found, today = {kind: {} for kind in MODELS}, timezone.localdate()
        with connection.cursor() as cursor:
            cursor.execute(HOLDERS, [today, today.year])
            for kind, key, french, english in cursor:
                found[kind][key] = (french, english)
        return found

    @cached_property
    def others(self):
        return {kind: {} for kind in MODELS}

    @cached_property
    def also(self):
        """{field: keys} that are offered besides, since they are there already."""
        return {}

    def holder(self, kind, key):
        """The name of what has that key; of what may no longer be chosen, one query the first time.

        The key itself if it is no more.
        """
        if key in self.holders[kind]:
            french, english = self.holders[kind][key]
            return english if get_language() == "en" else french
        if key not in self.others[kind]:
            found = MODELS[kind].objects.filter(pk=key)
            if kind == "edition":
                found = found.select_related("campaign")
            self.others[kind][key] = found.first()
        return str(self.others[kind][key] or key)

    def choices(self, kind, also=()):
        """[(key, name)] of what may be chosen, and of `also`, in the order of names."""
        keys = dict.fromkeys([*self.holders[kind], *also])
        return sorted(((key, self.holder(kind, key)) for key in keys), key=lambda one: fold(one[1]))

    def logo(self, key):
        """The `Picture` of that key, or None if it is no more; one query the first time."""
        if key is not None and key not in self.logos:
            self.logos[key] = Picture.objects.filter(pk=key).first()
        return self.logos.get(key)


class OneOf(Field):
    """One of the choices of the event's field."""

    def read(self, event):
        return getattr(event, self.name)

    def clean(self, value):
        return value

    @property
    def choices(self):
        return Event._meta.get_field(self.name).choices

    def words(self, value, lexicon):
        return [str(dict(self.choices).get(value, value))] if value else []


class YesNo(Field):
    def read(self, event):
        return getattr(event, self.name)

    def clean(self, value):
        return bool(value)

    def words(self, value, lexicon):
        if value is None:
            return []
        return [_("yes") if value else _("no")]


class Key(Field):
    """The key of an edition."""

    def read(self, event):
        return event.edition_id

    def clean(self, value):
        return value

    def write(self, event, value):
        event.edition_id = value

    def words(self, value, lexicon):
        return [lexicon.holder("edition", value)] if value else []


class Listed(Field):
    """Some of the choices of an array of the event."""

    def read(self, event):
        return sorted(getattr(event, self.name))

    def clean(self, value):
        return sorted(set(value))

    @property
    def choices(self):
        return Event._meta.get_field(self.name).base_field.choices

    def words(self, value, lexicon):
        return [capfirst(name) for key, name in self.choices if key in value]


class Accessibility(Field):
    """What is there for people who need it: columns of the event that are true."""

    COLUMNS = ("is_step_free", "has_captions", "has_sign_language")

    def read(self, event):
        return sorted(column for column in self.COLUMNS if getattr(event, column))

    def clean(self, value):
        return sorted(set(value))

    def write(self, event, value):
        for column in self.COLUMNS:
            setattr(event, column, column in value)

    @property
    def choices(self):
        return [(name, Event._meta.get_field(name).verbose_name) for name in self.COLUMNS]

    def words(self, value, lexicon):
        return [capfirst(name) for key, name in self.choices if key in value]


class Image(Field):
    def read(self, event):
        return event.picture_id

    def clean(self, value):
        return value

    def write(self, event, value):
        event.picture_id = value

    def words(self, value, lexicon):
        if value is None:
            return []
        picture = lexicon.logo(value)
        return [picture.alt(get_language()) if picture else _("an image that is no more")]


@dataclass(frozen=True, kw_only=True)
class Tied(Several):
    """Keys of another table. `annotation` is where `for_values` has them; `kind` says of which
    `EventLexicon.holders` they are, or which words of the vocabulary."""

    annotation: str
    kind: str

    def read(self, event):
        return sorted(getattr(event, self.annotation, ()))

    def relate(self, event, value):
        """Refuses what is no more: a record that was joined to another since it was asked for."""
        other = getattr(event, self.name).model
        if other.objects.filter(pk__in=value).count() != len(value):
            raise ValidationError(_("Some of these are no more: correct the list."))
        super().relate(event, value)

    def words(self, value, lexicon):
        if self.kind in MODELS:
            return sorted((lexicon.holder(self.kind, key) for key in value), key=fold)
        known = lexicon.vocabulary.by_key[self.kind]
        names = (known[str(key)].name if str(key) in known else str(key) for key in value)
        return sorted(names, key=fold)


# Dates


def zone_of(town):
    """The zone in which a municipality (or None) tells the time."""
    on_atlantic = town is not None and town.name == ON_ATLANTIC_TIME
    return (Event.Zone.ATLANTIC if on_atlantic else Event.Zone.EASTERN).value


def local(text, zone):
    """The moment of a local time "2027-03-14T19:00" in a zone; of one that comes twice, the first.

    Raises ValidationError if clocks skip it.
    """
    naive = datetime.datetime.fromisoformat(text)
    moment = naive.replace(tzinfo=zoneinfo.ZoneInfo(zone))
    back = moment.astimezone(datetime.UTC).astimezone(moment.tzinfo)
    if back.replace(tzinfo=None) != naive:
        raise ValidationError(
            _("On %(day)s clocks move forward: %(hour)s does not exist that night.")
            % {"day": f"{naive:%Y-%m-%d}", "hour": moments.clock(naive)}
        )
    return moment


def midnight(day, zone):
    return datetime.datetime.combine(day, datetime.time.min, zoneinfo.ZoneInfo(zone))


def spans(when):
    """[(start, end or None)] of a value of `when`, as aware moments in its zone, in its order.

    Raises ValidationError for an hour that does not exist.
    """
    zone, found = when["zone"], []
    for start, end in when["dates"]:
        if when["all_day"]:
            first, last = (datetime.date.fromisoformat(day) for day in (start, end or start))
            after = last + datetime.timedelta(days=1)
            found.append((midnight(first, zone), midnight(after, zone)))
        else:
            found.append((local(start, zone), local(end, zone) if end else None))
    return found


def told(start, end, zone, all_day):
    """[start, end] as values write them, of two moments."""
    tz = zoneinfo.ZoneInfo(zone)
    start = timezone.localtime(start, tz)
    end = timezone.localtime(end, tz) if end else None
    if all_day:
        return [start.date().isoformat(), moments.last_day(start, end).isoformat()]
    return [f"{one:%Y-%m-%dT%H:%M}" if one else "" for one in (start, end)]


def dates_of(event):
    """[(start, end or None, is cancelled)] of an event, as aware moments."""
    return [
        (
            datetime.datetime.fromisoformat(row["starts_at"]),
            datetime.datetime.fromisoformat(row["ends_at"]) if row["ends_at"] else None,
            row["is_cancelled"],
        )
        for row in getattr(event, "all_dates", ())
    ]


def check_when(when):
    """Raise ValidationError if an event cannot be held then, with every reason in words."""
    if not when["dates"]:
        raise ValidationError(_("Give at least one date."))
    if len(when["dates"]) > MOST_DATES:
        raise ValidationError(
            ngettext(
                "An event has %(count)d date at most.",
                "An event has %(count)d dates at most.",
                MOST_DATES,
            )
            % {"count": MOST_DATES}
        )
    problems, seen = [], set()
    for date in when["dates"]:
        try:
            ((start, end),) = spans(when | {"dates": [date]})
        except ValidationError as error:
            problems += error.messages
            continue
        words = {"date": said(date[0])}
        if not FIRST_YEAR <= start.year <= LAST_YEAR:
            problems.append(_("%(date)s: an event is held between 1976 and 2100.") % words)
        elif end is not None and end <= start:
            problems.append(
                _("%(date)s: it ends before it begins. If it ends the next day, say which day.")
                % words
            )
        elif end is not None and end - start > LONGEST:
            problems.append(_("%(date)s: an event lasts a year at most.") % words)
        if start in seen:
            problems.append(_("%(date)s is there twice.") % words)
        seen.add(start)
    if problems:
        raise ValidationError(problems)


def said(text):
    """A start as values write it, in short: « 2027-03-14, 19 h »."""
    if "T" not in text:
        return text
    moment = datetime.datetime.fromisoformat(text)
    return f"{moment:%Y-%m-%d}, {moments.clock(moment)}"


class When(Field):
    """The zone, whether it is whole days, and the dates."""

    def read(self, event):
        dates = [
            told(start, end, event.zone, event.all_day) for start, end, _off in dates_of(event)
        ]
        return {"zone": str(event.zone), "all_day": event.all_day, "dates": sorted(dates)}

    def clean(self, value):
        return value | {"dates": sorted(list(date) for date in value["dates"])}

    def write(self, event, value):
        event.zone, event.all_day = value["zone"], value["all_day"]

    def relate(self, event, value):
        """Dates that stay keep their row; those that move too, so that calendars follow them."""
        check_when(value)
        there = {row.starts_at: row for row in event.dates.by_day()}
        wanted = dict(spans(value))
        gone = [row for start, row in there.items() if start not in wanted]
        come = [start for start in wanted if start not in there]
        for start, end in wanted.items():
            if start in there and there[start].ends_at != end:
                there[start].ends_at = end
                there[start].save()
        for row, start in zip(gone, come, strict=False):
            row.starts_at, row.ends_at, row.is_cancelled = start, wanted[start], False
            row.save()
        for row in gone[len(come) :]:
            row.delete()
        for start in come[len(gone) :]:
            EventDate.objects.create(event=event, starts_at=start, ends_at=wanted[start])

    def words(self, value, lexicon):
        if not value:
            return []
        return [
            moments.in_words(start, end, all_day=value["all_day"], zone=value["zone"])
            for start, end in spans(value)
        ]


class Cancelled(Field):
    """Which of its dates are called off."""

    def read(self, event):
        return sorted(
            told(start, end, event.zone, event.all_day)[0]
            for start, end, is_off in dates_of(event)
            if is_off
        )

    def clean(self, value):
        return sorted(set(value))

    def write(self, event, value):
        pass

    def relate(self, event, value):
        """Dates that are no more are passed over: they are held no longer anyway."""
        for row in event.dates.all():
            start = told(row.starts_at, row.ends_at, event.zone, event.all_day)[0]
            if row.is_cancelled != (start in value):
                row.is_cancelled = start in value
                row.save()

    def words(self, value, lexicon):
        return [said(start) for start in value]


# What is free publishes at once, of an event that the public sees; all the rest goes to the staff.
FIELDS = {
    field.name: field
    for field in (
        # What it is
        Field(name="title_fr", label=gettext_lazy("title in French"), step="what", lang="fr"),
        Field(
            name="title_en",
            label=gettext_lazy("title in English"),
            step="what",
            lang="en",
        ),
        Field(
            name="text_fr",
            label=gettext_lazy("text in French"),
            step="what",
            shape="text",
            lang="fr",
        ),
        Field(
            name="text_en",
            label=gettext_lazy("text in English"),
            step="what",
            shape="text",
            lang="en",
        ),
        # When
        When(
            name="when",
            label=gettext_lazy("dates"),
            step="when",
            shape="rows",
            also=("zone", "all_day"),
        ),
        # Where
        Town(name="municipality", label=gettext_lazy("municipality"), step="where"),
        Field(name="venue", label=gettext_lazy("place"), step="where"),
        Field(name="address", label=gettext_lazy("address of the place"), step="where"),
        Address(name="online_url", label=gettext_lazy("online at"), step="where", is_free=True),
        # Who holds it, and about what
        Tied(
            name="organizations",
            label=gettext_lazy("organizations that hold it"),
            step="who",
            shape="several",
            annotation="organization_keys",
            kind="organization",
        ),
        Tied(
            name="alliances",
            label=gettext_lazy("alliances that hold it"),
            step="who",
            shape="several",
            annotation="alliance_keys",
            kind="alliance",
        ),
        Tied(
            name="themes",
            label=gettext_lazy("themes"),
            step="who",
            shape="several",
            annotation="theme_keys",
            kind="theme",
        ),
        Tied(
            name="countries",
            label=gettext_lazy("countries"),
            step="who",
            shape="several",
            annotation="country_keys",
            kind="country",
        ),
        Key(name="edition", label=gettext_lazy("edition of a campaign"), step="who"),
        # For whom, and at what price
        OneOf(name="audience", label=gettext_lazy("audience"), step="whom"),
        Listed(
            name="languages",
            label=gettext_lazy("languages spoken"),
            step="whom",
            shape="several",
        ),
        YesNo(name="is_free", label=gettext_lazy("free of charge"), step="whom"),
        Field(name="cost_fr", label=gettext_lazy("cost in French"), step="whom", lang="fr"),
        Field(name="cost_en", label=gettext_lazy("cost in English"), step="whom", lang="en"),
        Address(
            name="registration_url",
            label=gettext_lazy("registration at"),
            step="whom",
            is_free=True,
        ),
        # Accessibility
        Accessibility(
            name="access",
            label=gettext_lazy("accessibility"),
            step="access",
            shape="several",
            also=Accessibility.COLUMNS,
        ),
        Field(
            name="access_note_fr",
            label=gettext_lazy("about accessibility, in French"),
            step="access",
            is_free=True,
            lang="fr",
        ),
        Field(
            name="access_note_en",
            label=gettext_lazy("about accessibility, in English"),
            step="access",
            is_free=True,
            lang="en",
        ),
        # Picture
        Image(name="picture", label=gettext_lazy("picture"), step="picture", shape="image"),
        # Whether it is held
        OneOf(name="status", label=gettext_lazy("status"), step="standing", is_free=True),
        Field(
            name="status_note_fr",
            label=gettext_lazy("what to know about it, in French"),
            step="standing",
            is_free=True,
            lang="fr",
        ),
        Field(
            name="status_note_en",
            label=gettext_lazy("what to know about it, in English"),
            step="standing",
            is_free=True,
            lang="en",
        ),
        Cancelled(
            name="cancelled",
            label=gettext_lazy("cancelled dates"),
            step="standing",
            is_free=True,
            shape="rows",
        ),
    )
}

FREE = frozenset(name for name, field in FIELDS.items() if field.is_free)
REVIEWED = frozenset(FIELDS) - FREE
# What the form of an event holds: the rest has a page of its own.
TYPED = [name for name, field in FIELDS.items() if field.step != "standing"]


def read(event):
    """{field: value} of an event read by `for_values`, or of a new one."""
    return {name: field.read(event) for name, field in FIELDS.items()}


def blank():
    """The values of an event of which nothing was said."""
    return read(Event())


def ordered(names):
    """Names of fields in the table's order; those that it no longer has come last."""
    places = {name: place for place, name in enumerate(FIELDS)}
    return sorted(names, key=lambda name: places.get(name, len(places)))


def labels(names):
    """The names of fields in words, in the table's order."""
    return [FIELDS[name].label for name in ordered(names) if name in FIELDS]
