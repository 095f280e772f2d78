"""What the calendar shows, ready for its templates: days, a month, choices, chips, pages."""

import datetime
import itertools
from functools import cached_property
from urllib.parse import urlencode

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from members import moments
from members.calendar_cards import event_cards, moments_of, state
from members.calendar_filters import GROUPS, LAST_DAY, EventFilter, editions
from members.directory.listing import Chip, Listing
from members.display import quoted, typographic
from members.pages import in_language

PAGE_SIZE = 30
# What lasts longer than this is not written on each of its days in a month.
MOST_DAYS_IN_A_MONTH = 7
# Dates that a day of the month shows before it counts the others.
FIRST_OF_DAY = 4


class CalendarListing(Listing):
    """The dates of the address, and how to narrow or widen them."""

    page_size = PAGE_SIZE
    group_names = tuple(GROUPS)

    @property
    def today(self):
        """The local day."""
        return self.filterset.today

    def terms(self, name):
        """The choices of a group; editions with the latest first."""
        if name == "edition":
            return editions(self.filterset.version).values()
        return self.words.terms(name)

    # The rows

    @cached_property
    def cards(self):
        """The dates of the page; empty without a query when there are none."""
        if not self.total:
            return []
        start = (self.number - 1) * self.page_size
        rows = self.filterset.qs.for_cards()[start : start + self.page_size]
        return event_cards(rows, self.words, self.today)

    @cached_property
    def sections(self):
        """[(title, day or None, cards)]: what is under way, once, then each day."""
        first, _last = self.filterset.period
        under_way = [c for c in self.cards if first and c["first_day"] < first]
        rest = [c for c in self.cards if not first or c["first_day"] >= first]
        sections = []
        if under_way:
            sections.append((_("Under way"), None, under_way))
        for day, cards in itertools.groupby(rest, key=lambda card: card["first_day"]):
            title = moments.in_full(day)
            sections.append((title[0].upper() + title[1:], day, list(cards)))
        return sections

    # The address

    @cached_property
    def parameters(self):
        """The address's known parts, in a fixed order: one address for one list."""
        data = self.filterset.form.cleaned_data
        pairs = [("q", data["q"].strip())] if data["q"].strip() else []
        for group in (*GROUPS, "organization"):
            pairs += [(group, term.value) for term in data[group]]
        if data["place"]:
            pairs.append(("place", data["place"]))
        return pairs + self.said_period

    @cached_property
    def said_period(self):
        """The parts of the address that say the period."""
        data = self.filterset.form.cleaned_data
        if self.filterset.is_month:
            month = data["month"]
            return [("view", "month")] + ([("month", f"{month:%Y-%m}")] if month else [])
        days = [(name, data[name].isoformat()) for name in ("from", "to") if data[name]]
        return days or ([("when", self.filterset.word)] if self.filterset.word else [])

    def in_period(self, **parameters):
        """The same list at another period, which `parameters` say."""
        pairs = [pair for pair in self.parameters if pair not in self.said_period]
        pairs += [(name.rstrip("_"), value) for name, value in parameters.items() if value]
        return f"{self.url}?{urlencode(pairs)}" if pairs else self.url

    @property
    def query(self):
        """The parameters alone, for the same list in another format: a month as its days."""
        pairs = [pair for pair in self.parameters if pair not in self.said_period]
        if self.filterset.is_month:
            first, last = self.filterset.period
            return urlencode([*pairs, ("from", first.isoformat()), ("to", last.isoformat())])
        return urlencode(pairs + self.said_period)

    @property
    def lasting_query(self):
        """The parameters without the period: what one subscribes to does not end."""
        return urlencode([pair for pair in self.parameters if pair not in self.said_period])

    @property
    def name(self):
        """What is narrowed to, in words: « Estrie, Eau »; empty for everything."""
        return ", ".join(str(chip.name) for chip in self.chips if chip.label != self.period_label)

    # Choices

    @cached_property
    def places(self):
        """The places to choose from: {value, name, checked}."""
        asked = self.filterset.form.cleaned_data["place"]
        choices = [("", _("Anywhere")), *EventFilter.PLACES.items()]
        return [{"value": v, "name": name, "checked": v == asked} for v, name in choices]

    @cached_property
    def periods(self):
        """[(label, address, is current)] of the periods that have a word."""
        asked = self.filterset
        none = not (asked.is_month or self.said_period)
        return [(_("All that is coming"), self.in_period(), none)] + [
            (label, self.in_period(when=value), value == asked.word)
            for value, label in EventFilter.WHEN.items()
        ]

    @cached_property
    def displays(self):
        """[(value, label, address, is current)]: the list, and the month where it begins."""
        first, _last = self.filterset.period
        month = f"{first:%Y-%m}" if first and first.month != self.today.month else ""
        is_month = self.filterset.is_month
        return [
            ("list", EventFilter.VIEWS["list"], self.in_period(), not is_month),
            (
                "month",
                EventFilter.VIEWS["month"],
                self.canonical if is_month else self.in_period(view="month", month=month),
                is_month,
            ),
        ]

    @property
    def period_label(self):
        """The label of the period's chip."""
        return self.filterset.form.fields["when"].label

    @cached_property
    def chips(self):
        """The applied filters, each removable; a month is a display, not a filter."""
        data, chips = self.filterset.form.cleaned_data, []
        fields = self.filterset.form.fields
        text = data["q"].strip()
        if text:
            chips.append(Chip(_("Words"), quoted(text), self.address(without=[("q", text)])))
        for group in (*GROUPS, "organization"):
            chips += [
                Chip(
                    fields[group].label,
                    typographic(term.name),
                    self.address(without=[(group, term.value)]),
                )
                for term in data[group]
            ]
        if place := data["place"]:
            name = EventFilter.PLACES[place]
            chips.append(
                Chip(fields["place"].label, name, self.address(without=[("place", place)]))
            )
        if not self.filterset.is_month and self.said_period:
            chips.append(Chip(self.period_label, self.period_name, self.in_period()))
        return chips

    @property
    def period_name(self):
        """The period in words: a word of its own, or its days."""
        if self.filterset.word:
            return EventFilter.WHEN[self.filterset.word]
        data = self.filterset.form.cleaned_data
        first, last = data["from"], data["to"]
        if first and last:
            return moments.days(first, last)
        if first:
            return _("from %(day)s") % {"day": moments.in_full(first)}
        return moments.until(last)

    # When nothing is found

    @cached_property
    def ways_out(self):
        """[(words, address)] of lists that may have something, when this one is empty."""
        if self.total:
            return []
        ways = []
        if self.filterset.is_narrowed and (self.said_period or self.filterset.is_past):
            ways.append((_("All that is coming, with the same filters"), self.in_period()))
        if any(self.filterset.chosen.values()) and self.counts.found:
            pairs = [pair for pair in self.parameters if pair[0] in GROUPS]
            ways.append(
                (_("Without the region, the theme and the campaign"), self.address(without=pairs))
            )
        if self.filterset.is_narrowed or self.said_period:
            ways.append((_("Everything that is coming"), self.url))
        if not self.filterset.is_past:
            ways.append((_("Past events"), self.in_period(when="past")))
        return ways

    # A month

    @cached_property
    def month(self):
        """The `Month` of the address."""
        return Month(self)


class Month:
    """A month as a table of weeks, from Sunday to Saturday."""

    def __init__(self, listing):
        self.listing = listing
        self.first, self.last = listing.filterset.period
        self.title = moments.month(self.first)
        self.weekdays = moments.weekdays()
        self.by_day, self.long = self.placed()

    def placed(self):
        """({day: dates}, the dates that last too long to be written each day)."""
        by_day, long = {}, []
        if not self.listing.total:
            return by_day, long
        for row in self.listing.filterset.qs.for_cards():
            starts, ends = moments_of(row)
            first, last = starts.date(), moments.last_day(starts, ends)
            one = self.one(row, starts, ends, first, last)
            if (last - first).days >= MOST_DAYS_IN_A_MONTH:
                long.append(one)
                continue
            day = max(first, self.first)
            while day <= min(last, self.last):
                goes_on = moments.until(last, self.listing.today) if day > first else ""
                # What ends in the small hours is told where it began.
                if not (goes_on and moments.is_one_evening(starts, ends)):
                    by_day.setdefault(day, []).append(one | {"goes_on": goes_on})
                day += datetime.timedelta(days=1)
        return by_day, long

    def one(self, row, starts, ends, first, last):
        """A date as a cell of the month says it."""
        title, lang = in_language(row, "event__title", get_language())
        return {
            "title": title,
            "lang": lang,
            "url": f"{self.listing.url}{row['event__slug']}/",
            "time": "" if row["event__all_day"] else moments.clock(starts),
            "zone": moments.zone_name(row["event__zone"]) if not row["event__all_day"] else "",
            "state": state(row["event__status"], row["is_cancelled"]),
            "days": moments.days(first, last),
        }

    @cached_property
    def weeks(self):
        """[{cells, is_empty}]: seven cells, None out of the month, or {day, dates, more, url…}."""
        start = self.first - datetime.timedelta(days=(self.first.weekday() + 1) % 7)
        weeks, day = [], start
        while day <= self.last:
            week = [day + datetime.timedelta(days=n) for n in range(7)]
            cells = [self.cell(d) if self.first <= d <= self.last else None for d in week]
            is_empty = not any(cell and cell["dates"] for cell in cells)
            weeks.append({"cells": cells, "is_empty": is_empty})
            day += datetime.timedelta(days=7)
        return weeks

    def cell(self, day):
        """A day of the month, with its first dates."""
        dates = self.by_day.get(day, [])
        iso = day.isoformat()
        return {
            "day": day,
            "weekday": moments.weekdays()[(day.weekday() + 1) % 7][0],
            "number": moments.number(day),
            "words": moments.in_full(day),
            "dates": dates[:FIRST_OF_DAY],
            "more": len(dates[FIRST_OF_DAY:]),
            "url": self.listing.in_period(from_=iso, to=iso) if dates else "",
            "is_today": day == self.listing.today,
        }

    @property
    def previous(self):
        """(title, address) of the month before; None at the beginning of our calendar."""
        day = (self.first - datetime.timedelta(days=1)).replace(day=1)
        return (moments.month(day), self.address(day)) if day.year >= 1976 else None

    @property
    def next(self):
        """(title, address) of the month after; None at the end of our calendar."""
        day = moments.first_of_next_month(self.first)
        return (moments.month(day), self.address(day)) if day <= LAST_DAY else None

    def address(self, day):
        """The address of that month, with the same filters."""
        return self.listing.in_period(view="month", month=f"{day:%Y-%m}")

    @property
    def this_month(self):
        """The address of the present month, unless it is shown."""
        is_shown = self.first == self.listing.today.replace(day=1)
        return "" if is_shown else self.listing.in_period(view="month")
