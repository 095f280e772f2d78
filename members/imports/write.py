"""Organizations as CSV and XLSX, row by row, in the columns that the importer reads."""

import codecs
import csv
import datetime

import openpyxl
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


def csv_lines(organizations, columns=PUBLIC, dialect="excel"):
    """Yield the lines of a CSV of `organizations` (see `columns.prefetched`), headings first."""
    delimiter, beginning = DIALECTS[dialect]
    writer = csv.writer(Echo(), delimiter=delimiter, lineterminator="\r\n")
    yield beginning + writer.writerow([column.key for column in columns])
    for organization in organizations:
        yield writer.writerow(cells(organization, columns))


def write_xlsx(file, organizations, columns=PUBLIC):
    """Write `organizations` to `file` as the one sheet of an XLSX workbook.

    Years are numbers and days are days; all the rest is text.
    """
    workbook = openpyxl.Workbook(write_only=True)
    sheet = workbook.create_sheet("organismes")
    sheet.freeze_panes = "B2"
    sheet.append([column.key for column in columns])
    for organization in organizations:
        sheet.append([cell(sheet, column.value(organization)) for column in columns])
    workbook.save(file)


def cell(sheet, value):
    """A value as a cell that no spreadsheet takes for a formula."""
    if isinstance(value, int | datetime.date):
        return value
    written = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", safe(text(value))))
    written.data_type = "s"
    return written
