"""Values as people read them in Québec; plain functions, no database."""

from urllib.parse import unquote

import phonenumbers
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

NBSP = "\N{NO-BREAK SPACE}"
TOLL_FREE = {"800", "833", "844", "855", "866", "877", "888"}


def number(value):
    """A whole number with its thousands apart: « 1 234 » in French, "1,234" in English."""
    separator = "," if get_language() == "en" else NBSP
    return f"{int(value):,}".replace(",", separator)


def file_size(size):
    """A number of bytes as people read it: « 1,2 Mo »; thousands of bytes, not 1024."""
    if size < 1000:
        return ngettext("%(count)s byte", "%(count)s bytes", size) % {"count": size}
    if size < 1_000_000:
        return _("%(size)s kB") % {"size": round(size / 1000)}
    decimals = f"{size / 1_000_000:.1f}"
    comma = "." if get_language() == "en" else ","
    return _("%(size)s MB") % {"size": decimals.replace(".", comma)}


def duration(minutes):
    """Minutes as people say them: « 45 min », « 7 h », « 7 h 30 »."""
    hours, rest = divmod(int(minutes), 60)
    if not hours:
        return _("%(minutes)d min") % {"minutes": rest}
    if not rest:
        return _("%(hours)d h") % {"hours": hours}
    return _("%(hours)d h %(minutes)02d") % {"hours": hours, "minutes": rest}


def phone(value, extension=""):
    """A phone number as the Office québécois de la langue française writes it.

    North American: `514 123-4567`, `1 800 123-4567`; others in their international form. With an
    extension: `514 123-4567, poste 12`. Empty when there is no number.
    """
    if not value:
        return ""
    parsed = value if hasattr(value, "country_code") else phonenumbers.parse(str(value), "CA")
    digits = phonenumbers.national_significant_number(parsed)
    if parsed.country_code == 1 and len(digits) == 10:
        prefix = f"1{NBSP}" if digits[:3] in TOLL_FREE else ""
        text = f"{prefix}{digits[:3]}{NBSP}{digits[3:6]}-{digits[6:]}"
    else:
        text = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return text + (_(", ext. {extension}").format(extension=extension) if extension else "")


def postal_code(value):
    """`H2X1Y6` as `H2X 1Y6`."""
    return f"{value[:3]}{NBSP}{value[3:]}" if len(value) == 6 else value


def web_address(value):
    """An address as people say it: without its scheme, www and last slash, its accents as such."""
    return unquote(value.split("://", 1)[-1].removeprefix("www.").rstrip("/"))


def listed(names):
    """Names one after the other: « Ana, Luc et Marie »."""
    *first, last = [str(name) for name in names] or [""]
    if not first:
        return last
    return _("%(first)s and %(last)s") % {"first": ", ".join(first), "last": last}


def typographic(text):
    """`text` with typographic apostrophes, however it was typed."""
    return text.replace("'", "’")


def quoted(text):
    """`text` between the quotation marks of the current language."""
    return f"“{text}”" if get_language() == "en" else f"«{NBSP}{text}{NBSP}»"


def shortened(text, most):
    """The beginning of a text on one line, in `most` characters: whole words, then three dots."""
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1].rsplit(' ', 1)[0]}…"
