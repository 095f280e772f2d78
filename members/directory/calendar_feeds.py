"""The calendar to follow: iCalendar and Atom, whole, narrowed, or one event."""

import re

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.html import escape as escape_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from members import ical, markdown, moments
from members.calendar_cards import moments_of, state
from members.calendar_filters import EventFilter
from members.directory.addresses import LANGUAGE_TAGS, absolute, host_name, tag
from members.directory.caching import public_page, version_for
from members.directory.calendar_listing import CalendarListing
from members.directory.feeds import DirectoryFeed, xml_text
from members.directory.opendata import downloaded, in_words, left_out, opened, terms
from members.display import listed
from members.models import Event, EventDate
from members.pages import in_language
from members.terms import vocabulary

# Entries of the Atom feed, the last published or changed first.
ENTRIES = 50

# Formats of a list, and the names of their views.
FILES = (
    ("CSV (Excel)", "calendar-csv"),
    ("JSON", "calendar-json"),
    ("iCalendar", "calendar-ics"),
    ("Atom", "calendar-atom"),
)

# What feeds say of an event besides its card.
MORE = (
    "event__text_fr",
    "event__text_en",
    "event__status_note_fr",
    "event__status_note_en",
    "event__cost_fr",
    "event__cost_en",
    "event__is_free",
    "event__address",
    "event__registration_url",
    "event__published_at",
    "event__updated_at",
    "event__created_at",
    "event__sequence",
    "event__municipality__latitude",
    "event__municipality__longitude",
)


def asked(request):
    """The filterset of a feed: without a period, what comes and what was over lately."""
    return EventFilter(request.GET, version=version_for(request), for_feed=True)


def listing_of(request, filterset, name):
    """The listing of the feed of that name in `urls.py`."""
    return CalendarListing(filterset, reverse(f"members:{name}"))


def addresses(request, listing):
    """The addresses of a list in other formats.

    `webcal` and `ics` are to be subscribed to, so they have no period; `files` are pairs (name,
    address) of the list as it is.
    """
    lasting = f"?{listing.lasting_query}" if listing.lasting_query else ""
    query = f"?{listing.query}" if listing.query else ""
    ics = absolute(request, reverse("members:calendar-ics") + lasting)
    return {
        "ics": ics,
        "webcal": re.sub(r"^https?:", "webcal:", ics),
        "atom": reverse("members:calendar-atom") + lasting,
        "json": reverse("members:calendar-json") + query,
        "files": [(name, reverse(f"members:{view}") + query) for name, view in FILES],
    }


def event_address(request, event):
    """The address of an event as a calendar."""
    return reverse("members:event-ics", args=[event.slug])


# iCalendar


@public_page
def calendar_ics(request):
    """The dates found as a calendar to subscribe to; cancelled ones stay, and say so."""
    filterset = asked(request)
    listing = listing_of(request, filterset, "calendar-ics")
    title = _("AQOCI – Calendar")
    ignored = ", ".join(in_words(part) for part in left_out(filterset))
    return answer(
        request,
        filterset.qs.for_cards(*MORE),
        filterset.vocabulary,
        name=f"{title} – {listing.name}" if listing.name else title,
        page=with_query(request, "calendar", listing),
        source=with_query(request, "calendar-ics", listing),
        description=_("Left out of this address, because unknown: %(parts)s") % {"parts": ignored}
        if ignored
        else "",
        filename=_("calendar"),
    )


@public_page
def event_ics(request, slug):
    """All the dates of one event, as a calendar."""
    rows = EventDate.objects.public().filter(event__slug=slug).by_day().for_cards(*MORE)
    event = Event.objects.public().filter(slug=slug).first()
    if event is None:
        raise Http404
    title, _lang = in_language(event, "title", get_language())
    return answer(
        request,
        rows,
        vocabulary(version_for(request)),
        name=title,
        page=absolute(request, event.get_absolute_url()),
        source=absolute(request, event_address(request, event)),
        filename=event.slug,
    )


def with_query(request, name, listing):
    """The whole address of a page of the calendar, for the question of a listing."""
    query = f"?{listing.query}" if listing.query else ""
    return absolute(request, reverse(f"members:{name}") + query)


def answer(request, rows, words, *, filename, **said):
    """The rows (of `for_cards(*MORE)`) as a calendar; `said` is what it says of itself."""
    rows = list(rows)
    writer = Writer(request, words)
    zones = [zone for zone in ical.ZONES if any(row["event__zone"] == zone for row in rows)]
    text = "".join(
        [ical.beginning(**said, zones=zones), *(writer.event(row) for row in rows), ical.ENDING]
    )
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    return downloaded(opened(request, response), f"{filename}.ics")


class Writer:
    """Writes dates as VEVENTs, in the current language."""

    def __init__(self, request, words):
        self.words, self.language = words, get_language()
        self.host = host_name(request)
        self.pages = absolute(request, reverse("members:calendar"))
        self.themes = {int(term.key): term.name for term in words.by_key["theme"].values()}
        # Said of each of a thousand dates, translated once.
        self.said = _("%(label)s: %(value)s")
        self.labels = {
            "organizers": _("Organized by"),
            "cost": _("Cost"),
            "online": _("Online"),
            "registration": _("Registration"),
            "page": _("More"),
        }

    def event(self, row):
        """One date, whole: an event on several dates is several of them, each with its name."""
        starts, ends = moments_of(row)
        departs = state(row["event__status"], row["is_cancelled"])
        title, _lang = in_language(row, "event__title", self.language)
        if departs:
            title = _("%(state)s: %(title)s") % {"state": departs, "title": title}
        status = Event.Status.CANCELLED if row["is_cancelled"] else row["event__status"]
        changed = ical.utc(row["event__updated_at"])
        page = f"{self.pages}{row['event__slug']}/"
        latitude = row["event__municipality__latitude"]
        online = row["event__online_url"]
        all_day = row["event__all_day"]
        return ical.event(
            [
                f"UID:{row['uid']}@{self.host}",
                f"DTSTAMP:{changed}",
                f"CREATED:{ical.utc(row['event__created_at'])}",
                f"LAST-MODIFIED:{changed}",
                f"SEQUENCE:{row['event__sequence']}",
                f"STATUS:{ical.STATUSES[status]}",
                *ical.when(starts, ends, all_day=all_day, zone=row["event__zone"]),
                # What lasts whole days leaves whoever adds it free.
                all_day and "TRANSP:TRANSPARENT",
                f"SUMMARY:{ical.text(title)}",
                f"DESCRIPTION:{ical.text(self.description(row, page))}",
                (place := place_of(row)) and f"LOCATION:{ical.text(place)}",
                latitude is not None
                and f"GEO:{latitude:f};{row['event__municipality__longitude']:f}",
                f"URL:{ical.uri(page)}",
                online and f"CONFERENCE;VALUE=URI:{ical.uri(online)}",
                row["theme_ids"]
                and f"CATEGORIES:{ical.texts(self.themes[key] for key in row['theme_ids'])}",
            ]
        )

    def description(self, row, page):
        """The text of an event in plain words, after what to know of it, before where to go."""
        note, _lang = in_language(row, "event__status_note", self.language)
        text, _lang = in_language(row, "event__text", self.language)
        cost, _lang = in_language(row, "event__cost", self.language)
        both = (*row["organizers"], *row["alliances_of"])
        values = {
            "organizers": listed(in_language(one, "name", self.language)[0] for one in both),
            "cost": cost,
            "online": row["event__online_url"],
            "registration": row["event__registration_url"],
            "page": page,
        }
        facts = [
            self.said % {"label": self.labels[name], "value": value}
            for name, value in values.items()
            if value
        ]
        return "\n\n".join(part for part in (note, markdown.plain(text), "\n".join(facts)) if part)


def place_of(row):
    """Where it is held, on one line: the place, its address, the town; or the address online."""
    town = row["event__municipality__name"]
    parts = [row["event__venue"], row["event__address"], town and f"{town} (Québec)"]
    return ", ".join(part for part in parts if part) or row["event__online_url"]


# Atom


@public_page
def calendar_atom(request):
    """The events found, the last published or changed first, as an Atom feed (RFC 4287)."""
    filterset = asked(request)
    listing = listing_of(request, filterset, "calendar-atom")
    language = get_language()
    query = f"?{listing.query}" if listing.query else ""
    about = _("The last events that were published or changed.")
    if ignored := ", ".join(in_words(part) for part in left_out(filterset)):
        about += " " + _("Left out of this address, because unknown: %(parts)s") % {
            "parts": ignored
        }
    title = _("AQOCI – Calendar")
    feed = DirectoryFeed(
        title=xml_text(f"{title} – {listing.name}" if listing.name else title),
        link=with_query(request, "calendar", listing),
        description="",
        subtitle=xml_text(about),
        language=LANGUAGE_TAGS[language],
        author_name="AQOCI",
        author_link=absolute(request, reverse("members:home")),
        feed_url=with_query(request, "calendar-atom", listing),
        feed_guid=tag(request, f"calendar/{language}{query}"),
        feed_copyright="{attribution} {licence}".format(**terms(request)),
    )
    themes = {int(term.key): term.name for term in filterset.vocabulary.by_key["theme"].values()}
    for row in latest(filterset.qs):
        feed.add_item(**entry(request, row, themes))
    response = HttpResponse(content_type=feed.content_type)
    feed.write(response, "utf-8")
    return opened(request, response)


def latest(dates):
    """Rows of the first date of each event among `dates`, the last changed event first."""
    firsts = dates.order_by("event_id", "starts_at", "pk").distinct("event_id").values("pk")
    rows = EventDate.objects.filter(pk__in=firsts)
    return rows.order_by("-event__updated_at", "-event_id").for_cards(*MORE)[:ENTRIES]


def entry(request, row, themes):
    """An event as the entry of a feed."""
    language = get_language()
    title, _lang = in_language(row, "event__title", language)
    if departs := state(row["event__status"]):
        title = _("%(state)s: %(title)s") % {"state": departs, "title": title}
    text, _lang = in_language(row, "event__text", language)
    note, _lang = in_language(row, "event__status_note", language)
    starts, ends = moments_of(row)
    when = moments.in_words(starts, ends, all_day=row["event__all_day"], zone=row["event__zone"])
    said = [when, place_of(row), note, markdown.plain(text)]
    page = reverse("members:event-detail", args=[row["event__slug"]])
    return {
        "title": xml_text(title),
        "link": absolute(request, page),
        "description": escape_html(xml_text("\n\n".join(part for part in said if part))),
        "unique_id": tag(request, f"event/{row['event_id']}/{language}"),
        "pubdate": row["event__published_at"],
        "updateddate": max(row["event__updated_at"], row["event__published_at"]),
        "categories": [themes[key] for key in row["theme_ids"]],
    }
