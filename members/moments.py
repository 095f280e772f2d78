"""Dates and times in words, as Québec says them; plain functions, no database.

French: « le mercredi 25 novembre 2026, de 19 h à 21 h » (Office québécois de la langue française).
English keeps the 24-hour clock of our other pages: "Wednesday, November 25, 2026, from 19:00 to
21:00". Moments are aware datetimes in the zone they are told in (`EventDate.starts`, `.ends`).
"""

import datetime

from django.utils.dates import MONTHS, WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from members.display import NBSP

# The zone that needs no word, and what the others are called.
HOME = "America/Toronto"
# An evening that ends before this hour belongs to the day before.
SMALL_HOURS = datetime.time(6)


# Days


def number(day):
    """The day of the month: « 1er » in French, "1" in English."""
    return pgettext("day of the month", "1") if day.day == 1 else str(day.day)


def _parts(day):
    return {
        "weekday": WEEKDAYS[day.weekday()],
        "day": number(day),
        "month": MONTHS[day.month],
        "year": day.year,
    }


def in_full(day):
    """« mercredi 25 novembre 2026 », "Wednesday, November 25, 2026"."""
    return pgettext("a day", "%(weekday)s, %(month)s %(day)s, %(year)s") % _parts(day)


def in_its_year(day):
    """« mercredi 25 novembre », "Wednesday, November 25"."""
    return pgettext("a day", "%(weekday)s, %(month)s %(day)s") % _parts(day)


def in_its_month(day):
    """« mercredi 25 », where the month is said next; English says it twice."""
    if get_language() == "en":
        return in_its_year(day)
    return f"{WEEKDAYS[day.weekday()]} {number(day)}"


def month(day):
    """« novembre 2026 »."""
    return _("%(month)s %(year)s") % _parts(day)


def weekdays():
    """[(name, its short form)] of a week, from Sunday, as Québec's calendars show it."""
    return [(str(WEEKDAYS[place]), str(WEEKDAYS_ABBR[place])) for place in (6, 0, 1, 2, 3, 4, 5)]


def days(first, last):
    """One or several days: « le mercredi 25 novembre 2026 », « du mercredi 25 au vendredi 27… »."""
    if first == last:
        return pgettext("on a day", "%(day)s") % {"day": in_full(first)}
    if first.year != last.year:
        begins = in_full(first)
    elif first.month != last.month:
        begins = in_its_year(first)
    else:
        begins = in_its_month(first)
    return pgettext("days", "from %(first)s to %(last)s") % {
        "first": begins,
        "last": in_full(last),
    }


# Times


def clock(moment):
    """A time of day: « 19 h », « 9 h 05 » in French, "19:00" in English."""
    if get_language() == "en":
        return f"{moment:%H:%M}"
    hour = f"{moment.hour}{NBSP}h"
    return f"{hour}{NBSP}{moment:%M}" if moment.minute else hour


def zone_name(zone):
    """What to add to a time told in that zone (a name of the tz database); "" for Québec's."""
    return _("Îles-de-la-Madeleine time") if zone != HOME else ""


def _which(moment):
    """Which of the two, for an hour that comes twice as clocks go back; "" for any other."""
    other = moment.replace(fold=1 - moment.fold)
    if moment.utcoffset() == other.utcoffset():
        return ""
    # A time that clocks skip has two offsets as well, but a moment never falls on it.
    return _("daylight time") if moment.dst() else _("standard time")


def _time(moment):
    which = _which(moment)
    return f"{clock(moment)} ({which})" if which else clock(moment)


def hours(starts, ends=None):
    """The times of one day: « de 19 h à 21 h », « à 19 h »; `ends` may be the next morning."""
    if ends is None:
        return _("at %(time)s") % {"time": _time(starts)}
    words = {"start": _time(starts), "end": _time(ends)}
    if ends.date() > starts.date() and ends.time() > datetime.time.min:
        return _("from %(start)s to %(end)s the next day") % words
    return _("from %(start)s to %(end)s") % words


def is_one_evening(starts, ends):
    """Whether it is told as one day: it ends that day, or before the morning."""
    if ends is None or ends.date() == starts.date():
        return True
    night = datetime.timedelta(days=1)
    return ends.date() - starts.date() == night and ends.time() <= SMALL_HOURS


def _in_zone(words, zone):
    name = zone_name(zone)
    return f"{words} ({name})" if name else words


def in_words(starts, ends=None, *, all_day=False, zone=HOME):
    """When something is held, whole: its days, its times, its zone if that is not Québec's.

    `ends` is None when that is not said; whole days end at midnight after the last.
    """
    if all_day:
        last = (ends or starts) - datetime.timedelta(microseconds=1 if ends else 0)
        first, last = starts.date(), max(last.date(), starts.date())
        if first == last:
            return _("%(day)s, all day") % {"day": days(first, last)}
        return days(first, last)
    if is_one_evening(starts, ends):
        words = {"day": days(starts.date(), starts.date()), "hours": hours(starts, ends)}
        return _in_zone(_("%(day)s, %(hours)s") % words, zone)
    same_year = starts.year == ends.year
    words = {
        "first": in_its_year(starts.date()) if same_year else in_full(starts.date()),
        "start": _time(starts),
        "last": in_full(ends.date()),
        "end": _time(ends),
    }
    return _in_zone(_("from %(first)s, %(start)s, to %(last)s, %(end)s") % words, zone)


def on_its_day(starts, ends=None, *, all_day=False, zone=HOME, today=None):
    """The same beside a heading that says the first day: « de 19 h à 21 h », « jusqu’au … »."""
    last = last_day(starts, ends)
    several = last > starts.date() and (all_day or not is_one_evening(starts, ends))
    if all_day:
        return until(last, today) if several else _("all day")
    if several:
        words = {"hours": _("at %(time)s") % {"time": _time(starts)}, "until": until(last, today)}
        return _in_zone(_("%(hours)s, %(until)s") % words, zone)
    return _in_zone(hours(starts, ends), zone)


def until(last, today=None):
    """« jusqu’au vendredi 11 décembre », with the year unless it is that of `today`."""
    day = in_its_year(last) if today and last.year == today.year else in_full(last)
    return _("until %(day)s") % {"day": day}


def last_day(starts, ends=None):
    """The last local day: what ends at midnight does not last until the next one."""
    if ends is None:
        return starts.date()
    # Back to UTC and again: a microsecond before midnight, whatever the clocks do that night.
    before = ends.astimezone(datetime.UTC) - datetime.timedelta(microseconds=1)
    return max(before.astimezone(ends.tzinfo).date(), starts.date())


# The days that words such as « this week » mean


WHEN = ("today", "week", "next-week", "weekend", "month")


def meant(when, today):
    """(first, last) local days that `when`, one of `WHEN`, means on that day; nothing before it.

    Weeks go from Sunday to Saturday, as on Québec's calendars; a week-end from Saturday to Sunday.
    """
    day = datetime.timedelta(days=1)
    saturday = today + (5 - today.weekday()) % 7 * day
    if when == "today":
        return today, today
    if when == "week":
        return today, saturday
    if when == "next-week":
        return saturday + day, saturday + 7 * day
    if when == "weekend":
        return (today, today) if today.weekday() == 6 else (saturday, saturday + day)
    return today, last_of_month(today)


def last_of_month(day):
    """The last day of its month."""
    return first_of_next_month(day) - datetime.timedelta(days=1)


def first_of_next_month(day):
    """The first day of the month after its own."""
    return (day.replace(day=28) + datetime.timedelta(days=4)).replace(day=1)
