"""Writes calendars (RFC 5545 and 7986). Plain Python: no request, no database.

A library builds an object for each property, which for a thousand events takes several times as
long as the database; what a calendar needs of the standard is this page, and two libraries read it
in the tests.
"""

import datetime
import re

from members import vcard

# Signs that some programs take for an end of line, and controls that no calendar may hold.
BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
CONTROLS = re.compile("[\x80-\x9f\ufeff\ufffe\uffff]")
# How often a program that follows a calendar should ask again.
REFRESH = "PT6H"
PRODUCT = "-//AQOCI//Calendar//FR"

STATUSES = {"scheduled": "CONFIRMED", "postponed": "TENTATIVE", "cancelled": "CANCELLED"}


def text(value):
    """A text as the value of a property: any text at all, on one line."""
    return vcard.escaped(CONTROLS.sub("", BREAKS.sub("\n", value)))


def texts(values):
    """Several texts as the value of a property, such as categories."""
    return ",".join(text(value) for value in values)


def uri(value):
    """An address as the value of a property: one line, in ASCII as far as it can be."""
    return "".join(sign for sign in value if sign.isprintable() and sign != " ")


def utc(moment):
    """An aware datetime as the value of a property, in UTC."""
    return f"{moment.astimezone(datetime.UTC):%Y%m%dT%H%M%SZ}"


def at(name, moment, zone):
    """The property `name` at a moment told in its zone (a name of the tz database).

    Of an hour that comes twice, a local time means the first (RFC 5545, 3.3.5): the second is
    said in UTC.
    """
    if moment.fold:
        return f"{name}:{utc(moment)}"
    return f"{name};TZID={zone}:{moment:%Y%m%dT%H%M%S}"


def day(name, date):
    """The property `name` on a whole day."""
    return f"{name};VALUE=DATE:{date:%Y%m%d}"


def when(starts, ends, *, all_day, zone):
    """The lines that say when: an end that is not known is left out; whole days end on the
    morning after."""
    if all_day:
        yield day("DTSTART", starts)
        if ends and ends.date() > starts.date():
            yield day("DTEND", ends)
    else:
        yield at("DTSTART", starts, zone)
        if ends:
            yield at("DTEND", ends, zone)


def event(lines):
    """A VEVENT of content lines, without their ends; empty ones are left out."""
    return component("VEVENT", lines)


def component(name, lines):
    """A component of content lines, folded."""
    return "".join(
        [
            f"BEGIN:{name}\r\n",
            *(vcard.folded(line) for line in lines if line),
            f"END:{name}\r\n",
        ]
    )


def beginning(*, name, page, source, zones, description=""):
    """What a calendar says before its events; `zones` are those that it uses."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        "CALSCALE:GREGORIAN",
        f"NAME:{text(name)}",
        f"X-WR-CALNAME:{text(name)}",
        description and f"DESCRIPTION:{text(description)}",
        f"URL:{uri(page)}",
        f"SOURCE;VALUE=URI:{uri(source)}",
        f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}",
        f"X-PUBLISHED-TTL:{REFRESH}",
    ]
    return "".join([*(vcard.folded(line) for line in lines if line), *map(timezone, zones)])


ENDING = "END:VCALENDAR\r\n"


# Time zones

# The Sundays on which clocks change at two o'clock, and the years: (first, rule, last or None).
# Québec has followed the other provinces and the United States since 1976.
DAYLIGHT = (
    ("19760425", "BYMONTH=4;BYDAY=-1SU", "19860427"),
    ("19870405", "BYMONTH=4;BYDAY=1SU", "20060402"),
    ("20070311", "BYMONTH=3;BYDAY=2SU", None),
)
STANDARD = (
    ("19751026", "BYMONTH=10;BYDAY=-1SU", "20061029"),
    ("20071104", "BYMONTH=11;BYDAY=1SU", None),
)
# Hours from UTC in winter, and the letter of the names.
ZONES = {"America/Toronto": (-5, "E"), "America/Halifax": (-4, "A")}


def timezone(zone):
    """The VTIMEZONE of one of Québec's zones."""
    hours, letter = ZONES[zone]
    lines = [f"TZID:{zone}"]
    for kind, name, before, after, rules in (
        ("DAYLIGHT", f"{letter}DT", hours, hours + 1, DAYLIGHT),
        ("STANDARD", f"{letter}ST", hours + 1, hours, STANDARD),
    ):
        for first, rule, last in rules:
            until = f";UNTIL={last}T{2 - before:02}0000Z" if last else ""
            lines += [
                f"BEGIN:{kind}",
                f"DTSTART:{first}T020000",
                f"RRULE:FREQ=YEARLY;{rule}{until}",
                f"TZOFFSETFROM:{before:+03}00",
                f"TZOFFSETTO:{after:+03}00",
                f"TZNAME:{name}",
                f"END:{kind}",
            ]
    return component("VTIMEZONE", lines)
