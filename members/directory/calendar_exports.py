"""The calendar's dates as CSV and JSON: the same question as the list, the same rows."""

import csv
import datetime
import io
import itertools
from dataclasses import dataclass
from functools import cached_property

from django.core.paginator import Paginator
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _

from members import moments
from members.calendar_cards import moments_of
from members.calendar_filters import edition_value
from members.directory.addresses import absolute, host_name
from members.directory.caching import public_page
from members.directory.calendar_feeds import MORE, asked, listing_of
from members.directory.exports import cell, taken
from members.directory.opendata import (
    all_named,
    as_json,
    downloaded,
    left_out,
    named,
    refused,
    streamed,
    terms,
)
from members.filters import readable
from members.imports.write import DIALECTS
from members.models import Event

# Dates of one page of JSON, and rows of CSV that are written together.
PAGE_SIZE = 100
BATCH = 200


@dataclass(frozen=True)
class Field:
    """A field of a date in our files: its key, its name, and what there is to know of it."""

    key: str
    label: str
    help: str = ""


FIELDS = (
    Field("uid", gettext_lazy("name of the date in calendars"), gettext_lazy("Never changes.")),
    Field("title_fr", gettext_lazy("title in French")),
    Field("title_en", gettext_lazy("title in English")),
    Field("url", gettext_lazy("page of the event")),
    Field(
        "start",
        gettext_lazy("beginning"),
        gettext_lazy("With its offset from UTC; only the day when the event is of whole days."),
    ),
    Field(
        "end",
        gettext_lazy("end"),
        gettext_lazy("Likewise; the last day when the event is of whole days."),
    ),
    Field("all_day", gettext_lazy("whole days"), gettext_lazy("yes or no")),
    Field("time_zone", gettext_lazy("time zone"), gettext_lazy("A name of the tz database.")),
    Field(
        "status",
        gettext_lazy("status"),
        gettext_lazy("scheduled, postponed or cancelled, of this very date"),
    ),
    Field("status_note", gettext_lazy("what to know about it")),
    Field("venue", gettext_lazy("place")),
    Field("address", gettext_lazy("address of the place")),
    Field("municipality", gettext_lazy("municipality")),
    Field("region", gettext_lazy("region"), gettext_lazy("Code, from 01 to 17.")),
    Field("online_url", gettext_lazy("online at")),
    Field("registration_url", gettext_lazy("registration at")),
    Field("organizers", gettext_lazy("organizations and alliances that hold it")),
    Field("themes", gettext_lazy("themes"), gettext_lazy("Short names.")),
    Field(
        "edition",
        gettext_lazy("edition of a campaign"),
        gettext_lazy("What the parameter of that name says."),
    ),
    Field("is_free", gettext_lazy("free of charge"), gettext_lazy("yes or no")),
    Field("cost", gettext_lazy("cost")),
    Field("text", gettext_lazy("text"), gettext_lazy("In Markdown.")),
    Field("updated_at", gettext_lazy("last change")),
)


class Facts:
    """What a row (of `for_cards(*MORE)`) says, in the current language; None for what is not said.

    Text is in the language asked for, or in the other one.
    """

    def __init__(self, request, words):
        self.request, self.words = request, words
        self.language = "en" if get_language() == "en" else "fr"
        self.pages = absolute(request, reverse("members:calendar"))
        self.organizations = absolute(request, reverse("members:organization-list"))
        self.host = host_name(request)

    @cached_property
    def themes(self):
        """{id: short name}."""
        return {int(term.key): term.value for term in self.words.by_key["theme"].values()}

    def said(self, row, field):
        """A field in the language asked for, or else in the other one."""
        other = "fr" if self.language == "en" else "en"
        return row[f"event__{field}_{self.language}"] or row[f"event__{field}_{other}"] or None

    def of(self, row):
        """{key of a `Field`: value}."""
        starts, ends = moments_of(row)
        if row["event__all_day"]:
            starts, ends = starts.date(), moments.last_day(starts, ends)
        status = Event.Status.CANCELLED if row["is_cancelled"] else row["event__status"]
        edition = row["event__edition__is_published"] and edition_value(
            row["event__edition__campaign__slug"], row["event__edition__year"]
        )
        return {
            "uid": f"{row['uid']}@{self.host}",
            "title_fr": row["event__title_fr"],
            "title_en": row["event__title_en"] or None,
            "url": f"{self.pages}{row['event__slug']}/",
            "start": starts.isoformat(),
            "end": ends.isoformat() if ends else None,
            "all_day": row["event__all_day"],
            "time_zone": row["event__zone"],
            "status": str(status),
            "status_note": self.said(row, "status_note"),
            "venue": row["event__venue"] or None,
            "address": row["event__address"] or None,
            "municipality": row["event__municipality__name"],
            "region": row["event__municipality__region_id"],
            "online_url": row["event__online_url"] or None,
            "registration_url": row["event__registration_url"] or None,
            "organizers": [self.organizer(one) for one in self.organizers(row)],
            "themes": [self.themes[key] for key in row["theme_ids"]],
            "edition": edition or None,
            "is_free": row["event__is_free"],
            "cost": self.said(row, "cost"),
            "text": self.said(row, "text"),
            "updated_at": row["event__updated_at"]
            .astimezone(datetime.UTC)
            .isoformat(timespec="seconds"),
        }

    def organizers(self, row):
        """Its organizations, then its alliances, as JSON objects."""
        return itertools.chain(row["organizers"], row["alliances_of"])

    def organizer(self, one):
        """{name, url}: without an address for an alliance or a former member."""
        url = f"{self.organizations}{one['slug']}/" if one.get("listed") else None
        return {"name": one[f"name_{self.language}"] or one["name_fr"], "url": url}


# CSV


@public_page
def calendar_csv(request):
    """Every date found, one a row. `dialect` is `excel` (the default) or `standard`."""
    filterset = asked(request)
    ignored = left_out(filterset)
    dialect = request.GET.get("dialect") or "excel"
    if dialect not in DIALECTS:
        ignored.append({"parameter": _("Dialect"), "value": readable(dialect)})
    if ignored:
        return refused(ignored)
    response = streamed(
        request,
        csv_pieces(request, filterset, dialect, get_language()),
        "text/csv; charset=utf-8; header=present",
    )
    return downloaded(response, f"{_('calendar')}-{timezone.localdate():%Y-%m-%d}.csv")


def csv_pieces(request, filterset, dialect, language):
    """The file, a batch of rows at a time, in that language."""
    delimiter, mark = DIALECTS[dialect]
    buffer = io.StringIO()
    buffer.write(mark)
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n")
    with override(language):
        writer.writerow(str(field.label) if dialect == "excel" else field.key for field in FIELDS)
        facts = Facts(request, filterset.vocabulary)
    rows = filterset.qs.for_cards(*MORE).iterator(chunk_size=BATCH)
    while batch := list(itertools.islice(rows, BATCH)):
        with override(language):
            writer.writerows(csv_row(facts.of(row), dialect) for row in batch)
        yield taken(buffer)
    yield taken(buffer)


def csv_row(values, dialect):
    """The cells of a date, which no spreadsheet takes for formulas."""
    values["organizers"] = [one["name"] for one in values["organizers"]]
    for field in FIELDS:
        value = values[field.key]
        if isinstance(value, bool):
            value = (_("yes") if value else _("no")) if dialect == "excel" else int(value)
        yield cell(value, dialect)


# JSON


@public_page
def calendar_json(request):
    """A page of the dates found, a hundred a page, with the counts beside each choice."""
    filterset = asked(request)
    words, total = filterset.vocabulary, filterset.counts.total
    listing = listing_of(request, filterset, "calendar-json")
    pages = Paginator(range(total), PAGE_SIZE).num_pages
    ignored = left_out(filterset)
    number, wanted = 1, request.GET.get("page", "")
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 10 and 1 <= int(wanted) <= pages:
        number = int(wanted)
    elif wanted:
        ignored.append({"parameter": _("Page"), "value": readable(wanted)})
    facts = Facts(request, words)
    first = (number - 1) * PAGE_SIZE
    rows = filterset.qs.for_cards(*MORE)[first : first + PAGE_SIZE] if total else []

    def address(page):
        return absolute(request, listing.page_address(page)) if 1 <= page <= pages else None

    return as_json(
        request,
        {
            "count": total,
            "page": number,
            "pages": pages,
            "next": address(number + 1),
            "previous": address(number - 1),
            "ignored": ignored,
            **terms(request),
            "results": [record(facts.of(row), words) for row in rows],
            "facets": {
                group: [
                    named(words, group, term.value)
                    | {"count": filterset.counts.by[group][term.key]}
                    for term in words.terms(group)
                    if term.key in filterset.counts.by[group]
                ]
                for group in ("region", "theme")
            },
        },
    )


def record(values, words):
    """A date as a JSON object: its fields, its region and its themes with their names."""
    return values | {
        "region": named(words, "region", values["region"]),
        "themes": all_named(words, "theme", values["themes"]),
    }
