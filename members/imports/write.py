"""Rows as CSV and XLSX, one by one, in the columns that the importer reads."""

import codecs
import csv
import datetime

import openpyxl
from django.utils import timezone
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from members.columns import PUBLIC, cells, safe, text

# How each kind of CSV separates its cells, and what it begins with: the spreadsheet of a French
# computer wants semicolons and a byte order mark, other programs what RFC 4180 says.
DIALECTS = {"excel": (";", codecs.BOM_UTF8.decode()), "standard": (",", "")}


class Echo:
    """A file that gives back what is written to it."""

    def write(self, line):
        return line


def csv_lines(rows, columns=PUBLIC, dialect="excel", named=False):
    """Yield the lines of a CSV of `rows` (see `columns.Sheet`), headings first.

    `named` heads the columns with their names, for people, rather than with their keys.
    """
    delimiter, beginning = DIALECTS[dialect]
    writer = csv.writer(Echo(), delimiter=delimiter, lineterminator="\r\n")
    yield beginning + writer.writerow(headings(columns, named))
    for row in rows:
        yield writer.writerow(cells(row, columns))


def write_xlsx(file, rows, columns=PUBLIC, title="organismes", named=False):
    """Write `rows` to `file` as the one sheet of an XLSX workbook, called `title`.

    Numbers are numbers and days are days; all the rest is text.
    """
    workbook = openpyxl.Workbook(write_only=True)
    sheet = workbook.create_sheet(title[:31])
    sheet.freeze_panes = "B2"
    sheet.append(headings(columns, named))
    for row in rows:
        sheet.append([cell(sheet, column.value(row)) for column in columns])
    workbook.save(file)


def headings(columns, named):
    return [str(column.label) if named else column.key for column in columns]


def cell(sheet, value):
    """A value as a cell that no spreadsheet takes for a formula."""
    if isinstance(value, datetime.datetime):
        return timezone.localtime(value).replace(tzinfo=None)  # a workbook knows no time zones
    if isinstance(value, int | datetime.date):
        return value
    written = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", safe(text(value))))
    written.data_type = "s"
    return written
