"""How each field of an event is typed, for representatives who write it and staff who correct it.

As `members.profile.forms`: what is typed is kept as the browser sends it ({key: [texts]}), right or
wrong; each field of the table has one key or a few. Nothing is cut: what is too long is told.
"""

import datetime
import re

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from members.happening.changes import not_the_time_of
from members.happening.fields import (
    FIELDS,
    MOST_DATES,
    TYPED,
    check_when,
    said,
    spans,
    zone_of,
)
from members.models import Event, Picture
from members.profile.forms import as_typed as as_typed_elsewhere

HELP = {
    "title_fr": gettext_lazy("What people read in the calendar: what it is, in a few words."),
    "title_en": gettext_lazy("Leave it empty if you have none: the French title is shown then."),
    "text_fr": gettext_lazy(
        "What happens there, with whom. A blank line begins a paragraph; **two stars** around "
        "words make them bold, a dash at the beginning of a line makes a list."
    ),
    "venue": gettext_lazy("The name of the building or the room."),
    "municipality": gettext_lazy(
        "It is not in the list? Choose the closest one, and tell the staff its name when you send "
        "the event: they will add it."
    ),
    "online_url": gettext_lazy("If people take part from afar: where to connect."),
    "registration_url": gettext_lazy("The page where people register or buy a ticket."),
    "alliances": gettext_lazy("If an alliance of the network holds it too."),
    "themes": gettext_lazy("People filter the calendar by theme."),
    "edition": gettext_lazy("If it is part of a campaign, such as the 12 days of action."),
    "cost_fr": gettext_lazy("If it is not free of charge: who pays how much."),
    "access_note_fr": gettext_lazy("What else to know, and whom to ask."),
}

CONTROLS = ("when_start_day", "when_start_time", "when_end_day", "when_end_time")
NOT_IN_LANGUAGE = ("title", "text", "cost", "access_note")
DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2})/(\d{1,2})/(\d{4})")
TIME = re.compile(r"(\d{1,2})(?:\s*[:hH]\s*(\d{2})?)?(?::\d{2})?")


# What is typed


def keys(field):
    """The names of the controls in which a field of the table is typed."""
    if field.name == "when":
        return ["when_zone", "when_all_day", *CONTROLS]
    if field.shape == "image":
        return [field.name, f"{field.name}_alt_fr", f"{field.name}_alt_en"]
    return [field.name]


def typed(field, data):
    """{key: [texts]} of one field in what a browser sent, as it is kept: plain line ends, and no
    sign that the database refuses."""
    return {
        key: [text.replace("\r\n", "\n").replace("\0", "") for text in data.getlist(key)]
        for key in keys(field)
    }


def as_typed(field, value, lexicon):
    """A value of the field as it would have been typed."""
    if field.name == "when":
        found = {key: [] for key in CONTROLS}
        for start, end in value["dates"]:
            if value["all_day"]:
                texts = [start, "", "" if end == start else end, ""]
            else:
                (day, hour), (last, until) = start.split("T"), (end or "T").split("T")
                texts = [day, hour, "" if last == day else last, until]
            for key, text in zip(CONTROLS, texts, strict=True):
                found[key].append(text)
        ticked = ["1"] if value["all_day"] else []
        return {"when_zone": [value["zone"]], "when_all_day": ticked, **found}
    if field.name == "is_free":
        return {field.name: ["1"] if value else []}
    if field.name == "cancelled":
        return {field.name: list(value)}
    return as_typed_elsewhere(field, value, lexicon)


# Dates


def day_of(text):
    """The day that a text says, like 2027-03-14 or 14/03/2027. Raises ValidationError."""
    found = DAY.fullmatch(text.strip())
    if found:
        parts = found.groups()
        year, month, day = parts[:3] if parts[0] else (parts[5], parts[4], parts[3])
        try:
            return datetime.date(int(year), int(month), int(day))
        except ValueError:
            raise ValidationError(
                _("“%(text)s” is not a day of the calendar.") % {"text": text.strip()}
            ) from None
    raise ValidationError(
        _("“%(text)s” is not a day. Write it like 2027-03-14.") % {"text": text.strip()[:40]}
    )


def time_of(text):
    """The time that a text says, like 19:30 or 19 h 30, as "19:30". Raises ValidationError."""
    found = TIME.fullmatch(text.strip())
    if found:
        hour, minute = int(found[1]), int(found[2] or 0)
        if hour < 24 and minute < 60:
            return f"{hour:02}:{minute:02}"
    raise ValidationError(
        _("“%(text)s” is not a time of day. Write it like 19:30.") % {"text": text.strip()[:40]}
    )


class WhenWidget(forms.Widget):
    """The zone, whether it is whole days, and rows of texts: start and end, day and time."""

    def value_from_datadict(self, data, files, name):
        rows = zip(*(data.getlist(key) for key in CONTROLS), strict=False)
        return {
            "zone": data.get("when_zone", ""),
            "all_day": bool(data.get("when_all_day")),
            "rows": [list(row) for row in rows],
        }


class WhenField(forms.Field):
    """When an event is held, as values of `when`; a row of which nothing is filled is none.

    Without a zone, it is told in that of `town`; another zone than that of the town is refused.
    """

    widget = WhenWidget
    town = None

    def __init__(self, **kwargs):
        super().__init__(required=False, **kwargs)

    def clean(self, typed):
        zone, all_day = typed["zone"] or zone_of(self.town), typed["all_day"]
        problems, dates = [], []
        if zone not in Event.Zone.values:
            zone = zone_of(self.town)
            problems.append(_("This time zone is not one of Québec’s."))
        for place, row in enumerate(typed["rows"], 1):
            if not any(text.strip() for text in row):
                continue
            try:
                dates.append(self.date(row, all_day))
            except ValidationError as error:
                problems += [
                    _("Date %(place)d: %(problem)s") % {"place": place, "problem": problem}
                    for problem in error.messages
                ]
        value = {"zone": zone, "all_day": all_day, "dates": sorted(dates)}
        if not problems:
            check_when(value)
        if self.town is not None and zone != zone_of(self.town):
            problems.append(not_the_time_of(self.town, zone_of(self.town)))
        if problems:
            raise ValidationError(problems)
        return value

    def date(self, row, all_day):
        """[start, end] of a row of texts."""
        first_day, first_time, last_day, last_time = (text.strip() for text in row)
        if not first_day:
            raise ValidationError(_("Say which day it begins."))
        first = day_of(first_day)
        last = day_of(last_day) if last_day else first
        if all_day:
            return [first.isoformat(), last.isoformat()]
        if not first_time:
            raise ValidationError(
                _("Say at what time it begins, or tick that it lasts whole days.")
            )
        start = f"{first}T{time_of(first_time)}"
        if not last_time:
            if last_day and last != first:
                raise ValidationError(_("Say at what time it ends."))
            return [start, ""]
        return [start, f"{last}T{time_of(last_time)}"]


# Other fields


class ImageWidget(forms.Widget):
    """The picture that is chosen (a key) and its words: (key, French, English)."""

    def value_from_datadict(self, data, files, name):
        return tuple(data.get(key, "") for key in (name, f"{name}_alt_fr", f"{name}_alt_en"))


class ImageField(forms.Field):
    """The key of a picture that its author may use (`allowed`), or None."""

    widget = ImageWidget

    def __init__(self, lexicon, **kwargs):
        super().__init__(required=False, **kwargs)
        self.lexicon, self.allowed = lexicon, lambda picture: False

    def clean(self, value):
        key, alt_fr, alt_en = value
        if not key:
            return None
        picture = self.lexicon.logo(int(key)) if key.isascii() and key.isdecimal() else None
        if picture is None or not self.allowed(picture):
            raise ValidationError(_("This image is no more: send it again."))
        limit = Picture._meta.get_field("alt_fr").max_length
        if max(len(alt_fr), len(alt_en)) > limit:
            raise ValidationError(
                ngettext(
                    "What it shows is said in %(count)d character at most.",
                    "What it shows is said in %(count)d characters at most.",
                    limit,
                )
                % {"count": limit}
            )
        if not alt_fr.strip():
            raise ValidationError(_("Say in French what the picture shows."))
        return picture.pk


class AnyOf(forms.MultipleChoiceField):
    """Texts that no list tells beforehand."""

    def valid_value(self, value):
        return True


def form_field(field, organization, lexicon):
    """The Django field that reads a field of the table."""
    name, label = field.name, capfirst(field.label)
    if name == "when":
        return WhenField(label=label)
    if name == "cancelled":
        return AnyOf(label=label, required=False)
    if field.shape == "image":
        return ImageField(lexicon, label=label)
    if field.shape == "several":
        return forms.TypedMultipleChoiceField(
            label=label,
            required=False,
            choices=choices(name, lexicon),
            coerce=int if name in ("organizations", "alliances", "themes") else str,
        )
    if name in ("municipality", "edition"):
        return forms.TypedChoiceField(
            label=label,
            required=False,
            choices=[("", ""), *choices(name, lexicon)],
            coerce=int,
            empty_value=None,
        )
    if name in ("audience", "status"):
        return forms.ChoiceField(label=label, choices=field.choices)
    if name == "is_free":
        return forms.BooleanField(label=label, required=False)
    model = Event._meta.get_field(name)
    options = {
        "label": label,
        "required": name == "title_fr",
        "max_length": model.max_length,
        "widget": forms.Textarea(attrs={"rows": 9}) if field.shape == "text" else forms.TextInput(),
    }
    if name.endswith("_url"):
        options["widget"] = forms.URLInput(attrs={"spellcheck": "false", "inputmode": "url"})
        return forms.URLField(
            assume_scheme="https", validators=[URLValidator(schemes=["http", "https"])], **options
        )
    return forms.CharField(**options)


def choices(name, lexicon):
    """[(key, name)] of what a list offers, keys as texts, in the order of names."""
    field = FIELDS[name]
    if name == "municipality":
        return [(str(key), town.name) for key, town in lexicon.towns.items()]
    if name == "edition":
        return [(str(key), words) for key, words in lexicon.choices("edition")]
    if kind := getattr(field, "kind", ""):
        if kind in ("organization", "alliance"):
            also = lexicon.also.get(name, ())
            return [(str(key), words) for key, words in lexicon.choices(kind, also)]
        return [(term.key, term.name) for term in lexicon.vocabulary.terms(kind)]
    return [(key, capfirst(words)) for key, words in field.choices]


def limit(field):
    """How many characters a text may have; None when it has no limit worth saying."""
    if field.shape not in ("line", "text") or not field.lang:
        return None
    return Event._meta.get_field(field.name).max_length


# The form


class EventForm(forms.Form):
    """An event as a representative writes it.

    `data` is what is typed, {key: [texts]}; `start` are the values that the form began with. A new
    event (`is_new`) is not held in the past. `allowed` says which pictures its author may use.
    """

    use_required_attribute = False

    def __init__(self, organization, lexicon, data, *, start, is_new, allowed):
        super().__init__(MultiValueDict(data))
        self.start, self.is_new = start, is_new
        for name in TYPED:
            self.fields[name] = form_field(FIELDS[name], organization, lexicon)
            # Browsers would cut what is pasted without a word; we say how much is too much.
            self.fields[name].widget.attrs.pop("maxlength", None)
        town = (data.get("municipality") or [""])[0]
        if town.isascii() and town.isdecimal():
            self.fields["when"].town = lexicon.town(int(town))
        self.fields["picture"].allowed = allowed

    def clean_when(self):
        """A new event is still to come."""
        when, now = self.cleaned_data["when"], timezone.now()
        if self.is_new and when != self.start["when"]:
            past = [
                said(date[0])
                for date, (start, end) in zip(when["dates"], spans(when), strict=True)
                if (end or start) <= now
            ]
            if past:
                raise ValidationError(
                    [_("%(date)s is past: a new event is to come.") % {"date": d} for d in past]
                )
        return when

    def clean(self):
        cleaned = self.cleaned_data
        self.check_languages()
        if cleaned.get("is_free") and (cleaned.get("cost_fr") or cleaned.get("cost_en")):
            self.add_error("cost_fr", _("It is free of charge, or it has a cost: not both."))
        if "organizations" in cleaned and not (cleaned["organizations"] or cleaned["alliances"]):
            self.add_error("organizations", _("Say who holds it."))
        return cleaned

    def check_languages(self):
        """What is said in English alone, or twice the same, would mislead; what was so already, and
        nobody touched, stays."""
        for stem in NOT_IN_LANGUAGE:
            name, other = f"{stem}_fr", f"{stem}_en"
            french, english = self.cleaned_data.get(name), self.cleaned_data.get(other)
            if not english or [french, english] == [self.start[name], self.start[other]]:
                continue
            if name in self.cleaned_data and not french:
                self.add_error(name, _("Say it in French too: English comes beside it."))
            elif french == english:
                self.add_error(
                    other,
                    _(
                        "It is the same text as in French. Leave it empty instead: the French one "
                        "is shown, and said to be in French."
                    ),
                )

    def values(self):
        """{field: value} of what is right."""
        return {
            name: FIELDS[name].clean(value)
            for name, value in self.cleaned_data.items()
            if name not in self.errors
        }


def rows_typed(data, spare):
    """The rows of dates to be shown, some of them empty: [(place, [four texts])]."""
    rows = [list(row) for row in zip(*(data.get(key, []) for key in CONTROLS), strict=False)]
    filled = [row for row in rows if any(text.strip() for text in row)]
    empty = max(spare if filled else max(spare, 1), 0)
    return list(enumerate(filled[:MOST_DATES] + [[""] * 4 for _one in range(empty)], 1))
