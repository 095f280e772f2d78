"""Dates of events as lists show them, ready for `members/partials/event_cards.html`.

Everything is made here in plain Python, from rows of `EventDateQuerySet.for_cards`, so that any
page may show some: a campaign's, an alliance's, an organization's, a theme's, a country's.
"""

import zoneinfo

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from members import moments
from members.calendar_filters import edition_value
from members.display import typographic
from members.models import Event
from members.pages import in_language

# How many coming events a page shows that is about something else.
COMING = 3


def coming_cards(dates, words, count=COMING, today=None):
    """Cards of the next date of each event among `dates` (a queryset), at most `count`: one query.

    Nothing that is cancelled or postponed: the calendar says that, and the event's own page.
    """
    rows = dates.public().next_of_each(today or timezone.localdate()).for_cards()
    return event_cards(rows[:count], words)


def event_cards(dates, words, today=None):
    """`dates` (rows of `for_cards`) as dictionaries, in the same order; `words` the vocabulary.

    They depend on the day (`today`, a local date), never on the hour: pages are kept for a day.
    """
    maker = Maker(words, today or timezone.localdate())
    return [maker.card(row) for row in dates]


def state(status, is_cancelled=False):
    """How a date departs from what was planned, in words; "" if it does not."""
    if status == Event.Status.CANCELLED or is_cancelled:
        return _("Cancelled")
    return _("Postponed") if status == Event.Status.POSTPONED else ""


def moments_of(row):
    """(starts, ends or None) of a row, in its event's zone."""
    zone = zoneinfo.ZoneInfo(row["event__zone"])
    ends = row["ends_at"]
    return row["starts_at"].astimezone(zone), ends and ends.astimezone(zone)


class Maker:
    """Makes cards in the current language; addresses are worked out once."""

    def __init__(self, words, today):
        self.words, self.today = words, today
        self.language = get_language()
        self.events = reverse("members:calendar")
        self.organizations = reverse("members:organization-list")
        self.alliances = reverse("members:alliance-list")

    def card(self, row):
        """One date: what it is, when, where, by whom, and whether it is held."""
        starts, ends = moments_of(row)
        told = {"all_day": row["event__all_day"], "zone": row["event__zone"]}
        first, last = starts.date(), moments.last_day(starts, ends)
        title, lang = in_language(row, "event__title", self.language)
        region = self.words.by_key["region"].get(row["event__municipality__region_id"])
        town = typographic(row["event__municipality__name"] or "")
        return {
            "title": title,
            "lang": lang,
            "url": f"{self.events}{row['event__slug']}/",
            "state": state(row["event__status"], row["is_cancelled"]),
            "first_day": first,
            "last_day": last,
            "starts": starts.isoformat() if not row["event__all_day"] else first.isoformat(),
            "when": moments.in_words(starts, ends, **told),
            "hours": moments.on_its_day(starts, ends, **told, today=self.today),
            "until": moments.until(last, self.today) if last > first else "",
            "is_under_way": first < self.today <= last,
            "venue": typographic(row["event__venue"]),
            "town": town,
            "region": region.name if region and region.name != town else "",
            "is_online": bool(row["event__online_url"]),
            "organizers": self.organizers(row),
            "themes": self.themes(row),
            "edition": self.edition(row),
        }

    def themes(self, row):
        """The names of its themes, in the order of names."""
        keys = {str(key) for key in row["theme_ids"]}
        return [term.name for term in self.words.terms("theme") if term.key in keys]

    def organizers(self, row):
        """Who holds it: {name, lang, url}, the url empty for whoever has no public page."""
        return organizers_of(
            row["organizers"], row["alliances_of"], self.organizations, self.alliances
        )

    def edition(self, row):
        """(name, value in the calendar's address) of its edition of a campaign; None if none."""
        if not row["event__edition__is_published"]:
            return None
        name, _lang = in_language(row, "event__edition__campaign__name", self.language)
        year = row["event__edition__year"]
        return f"{name}, {year}", edition_value(row["event__edition__campaign__slug"], year)


def organizers_of(organizations, alliances, organization_list, alliance_list):
    """Organizations, then alliances, as {name, lang, url}; the last two are addresses of lists."""
    language = get_language()
    found = []
    for one in organizations:
        name, lang = in_language(one, "name", language)
        url = f"{organization_list}{one['slug']}/" if one["listed"] else ""
        found.append({"name": name, "lang": lang, "url": url})
    for one in alliances:
        name, lang = in_language(one, "name", language)
        found.append({"name": name, "lang": lang, "url": f"{alliance_list}{one['slug']}/"})
    return found
