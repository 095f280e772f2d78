"""When an edition of a campaign is, in words; plain functions, no database.

What is not known of an old edition is said, never guessed.
"""

from django.utils import timezone
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from members.moments import number


def briefly(day, beside=None):
    """« 6 décembre 2026 », "December 6, 2026"; without its year beside another day of it."""
    words = {"day": number(day), "month": MONTHS[day.month], "year": day.year}
    if beside and beside.year == day.year:
        return pgettext("a short day", "%(month)s %(day)s") % words
    return pgettext("a short day", "%(month)s %(day)s, %(year)s") % words


def days(edition):
    """Its days: « Du 25 novembre au 6 décembre 2026 », or what of them is not known."""
    first, last = edition.starts_on, edition.ends_on
    if not first and not last:
        return _("Dates not known")
    if not last:
        return _("From %(day)s; last day not known") % {"day": briefly(first)}
    if not first:
        return _("Until %(day)s; first day not known") % {"day": briefly(last)}
    if first == last:
        return _("On %(day)s") % {"day": briefly(first)}
    if (first.year, first.month) == (last.year, last.month):
        return _("From %(month)s %(first)s to %(last)s, %(year)s") % {
            "first": number(first),
            "last": number(last),
            "month": MONTHS[last.month],
            "year": last.year,
        }
    return _("From %(first)s to %(last)s") % {
        "first": briefly(first, last),
        "last": briefly(last),
    }


def countdown(edition, on=None):
    """How near it is on that local day (today if None): « Dans 5 jours », « En cours »…

    Empty when it is over or far, and when its days are not known.
    """
    on = on or timezone.localdate()
    if edition.is_on(on):
        return _("Last day") if edition.ends_on == on else _("Now on")
    before = edition.days_before(on)
    if before is None:
        return ""
    if before == 1:
        return _("Tomorrow")
    return ngettext("In %(count)d day", "In %(count)d days", before) % {"count": before}
