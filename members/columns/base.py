"""What a record looks like as one row of a file: columns, and the texts of cells."""

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import phonenumbers
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import override

from regions.folding import fold

# What a cell of a spreadsheet may hold; several values are joined by `join`.
Value = str | int | datetime.date | list[str] | None

# A spreadsheet takes a cell that begins so for a formula.
FORMULA = re.compile(r"'*[=+\-@\t\r]")


@dataclass(frozen=True)
class Column:
    """One column: its heading in files (`key`), its name for people, and how to read its value.

    `is_input` is false for what we only print: an import passes over it. `aliases` are further
    headings that an import accepts. What is `personal` is for those who `can_see_personal`.
    """

    key: str
    label: str | Promise
    value: Callable[..., Value]
    help: str | Promise = ""
    public: bool = True
    is_input: bool = True
    aliases: tuple[str, ...] = ()
    personal: bool = False

    def headings(self):
        """Every heading that means this column, folded: its key and its name in each language."""
        headings = {self.key, *self.aliases}
        for language in ("fr", "en"):
            with override(language):
                headings.add(str(self.label))
        return {fold(heading) for heading in headings}


@dataclass(frozen=True)
class Sheet:
    """How the records of one model become the rows of a file, and come back from it.

    `model` is its label; `name` begins the files' names. `prefetched` completes a queryset with all
    that the columns read; `rows` gives the rows of one record, for those that take several. An
    import wants one of the columns `needed`, the first of them being the usual one. Whoever takes
    away what is `about_people` says why.
    """

    model: str
    name: str
    columns: tuple[Column, ...]
    prefetched: Callable = lambda queryset: queryset
    rows: Callable = lambda record: [record]
    needed: tuple[str, ...] = ()
    about_people: bool = False

    @property
    def by_key(self):
        """{key: column}."""
        return {column.key: column for column in self.columns}

    def without_personal(self):
        """The same, without the columns of what is personal."""
        kept = tuple(column for column in self.columns if not column.personal)
        return replace(self, columns=kept)


def attribute(name):
    """Reads a text, a number or a day of the record as it is stored."""
    return lambda record: getattr(record, name) or ""


def choice(name):
    """Reads one of a list of choices, in words."""
    return lambda record: str(getattr(record, f"get_{name}_display")() or "")


def yes_or_no(name):
    """Reads what is or is not, in words."""
    return lambda record: str(_("yes") if getattr(record, name) else _("no"))


def name_of(name):
    """Reads the name of another record that this one points to."""
    return lambda record: str(getattr(record, name) or "")


def number_text(phone, extension=""):
    """`514 555-0111` or `514 555-0111 poste 12`; abroad as `+33 1 42 34 56 78`; "" if none."""
    if not getattr(phone, "national_number", None):  # its truth would be checked at some cost
        return ""
    if phone.country_code == 1:
        digits = str(phone.national_number)
        text = f"{digits[:3]} {digits[3:6]}-{digits[6:]}"
    else:
        text = phonenumbers.format_number(phone, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    if extension:
        text += f" poste {extension}"
    return text


def join(values):
    """Several values in one cell: `HT;ML`. A semicolon within one is written `\\;`."""
    return ";".join(value.replace("\\", "\\\\").replace(";", "\\;") for value in values)


def split(text):
    """The values that `join` put together, without blanks around them; empty ones are left out."""
    values = re.findall(r"(?:[^;\\]|\\.|\\$)+", text, re.DOTALL)
    return [value for value in (re.sub(r"\\([;\\])", r"\1", v).strip() for v in values) if value]


def text(value):
    """A column's value as the text of a cell: days as 2026-11-25, lists joined, nothing as "".

    A moment is in local time: 2026-11-25 14:05.
    """
    if value is None:
        return ""
    if isinstance(value, datetime.datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    if isinstance(value, datetime.date):
        return value.isoformat()
    return join(value) if isinstance(value, list) else str(value)


def safe(cell):
    """The text of a cell, so written that no spreadsheet takes it for a formula: `'=1+1`."""
    return f"'{cell}" if FORMULA.match(cell) else cell


def unsafe(cell):
    """What `safe` was given."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell


def cells(record, columns):
    """A record as the texts of one row, safe in a spreadsheet."""
    return [safe(text(column.value(record))) for column in columns]
