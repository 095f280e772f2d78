"""A file that someone sends, CSV or XLSX, as a table of texts under our own columns.

Nothing here knows what a value means. What cannot be read raises `UnreadableFile`, with a sentence
for the person who sent it.
"""

import codecs
import csv
import datetime
import io
import re
import warnings
import zipfile
from dataclasses import dataclass, field

import openpyxl
from django.utils.translation import gettext as _

from members.columns import ORGANIZATIONS, Column, unsafe
from regions.folding import fold

# The largest file, what its compressed parts may unfold to, and the longest table. Ten thousand
# organizations with long missions are some 30 MB of CSV.
MAX_BYTES = 50 * 1024 * 1024
MAX_UNFOLDED = 150 * 1024 * 1024
MAX_ROWS = 100_000
LAST_EXCEL_ROW = 1_048_576
MAX_COLUMNS = 200
# How much is decoded at a time.
CHUNK = 1 << 20

ZIP, OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"

# Control characters that no text needs and that a database or an XLSX file refuses.
UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


class UnreadableFile(Exception):
    """The file is not a table we can read; says why."""


@dataclass
class Line:
    """One row: the line of the file where it begins, and {column key: text}, empty cells left out.

    `surplus` are texts beyond the last heading.
    """

    number: int
    cells: dict[str, str]
    surplus: list[str] = field(default_factory=list)


@dataclass
class Table:
    """The rows of a file, read one by one, the columns they have, the headings we do not know."""

    columns: list[Column]
    unknown: list[str]
    lines: object


def read(content, sheet=ORGANIZATIONS):
    """The `Table` of a `sheet`'s rows in `content`: bytes, or a file open for reading them.

    What the file is shows in its first bytes; its name does not count.
    """
    if not isinstance(content, bytes):
        content = content.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise UnreadableFile(
            _("The file is too large: up to %(size)d MB are read.") % {"size": MAX_BYTES >> 20}
        )
    if content.startswith(ZIP):
        return table(xlsx_rows(content), sheet)
    if content.startswith(OLD_EXCEL):
        raise UnreadableFile(
            _("This is a file of an older Excel (.xls): save it as .xlsx or as CSV.")
        )
    return table(csv_rows(decoded(content), sheet), sheet)


def table(rows, sheet):
    """The `Table` of (line number, [text, …]), the first row being the headings."""
    headings = next((row for _number, row in rows if any(map(fold, row))), None)
    if not headings:
        raise UnreadableFile(_("The file is empty."))
    known = known_headings(sheet)
    while headings and not headings[-1]:
        headings.pop()
    columns = [known.get(fold(unsafe(heading))) for heading in headings]
    taken = [column for column in columns if column]
    if not {column.key for column in taken}.intersection(sheet.needed):
        usual = sheet.by_key[sheet.needed[0]]
        raise UnreadableFile(
            _(
                "No column of names: the first row holds the headings, and one of them is "
                "“%(key)s” (%(label)s). Headings read: %(headings)s."
            )
            % {
                "key": usual.key,
                "label": usual.label,
                "headings": shortened("; ".join(filter(None, headings))),
            }
        )
    for column in taken:
        if taken.count(column) > 1:
            raise UnreadableFile(
                _("Two columns are headed “%(heading)s”.") % {"heading": column.key}
            )
    unknown = [h for h, column in zip(headings, columns, strict=True) if h and column is None]
    return Table(taken, unknown, lines(rows, columns))


def lines(rows, columns):
    """Yield a `Line` for each row that has anything in it."""
    for count, (number, row) in enumerate(filter(lambda numbered: any(numbered[1]), rows)):
        if count >= MAX_ROWS:
            raise UnreadableFile(
                _("The file is too long: up to %(rows)d rows are read.") % {"rows": MAX_ROWS}
            )
        yield Line(
            number,
            {
                column.key: unsafe(cell)
                for column, cell in zip(columns, row, strict=False)
                if column and cell
            },
            [cell for cell in row[len(columns) :] if cell],
        )


def known_headings(sheet):
    """{folded heading: column}, in our keys and in both languages."""
    return {heading: column for column in sheet.columns for heading in column.headings()}


def shortened(text, length=200):
    """`text`, cut short with an ellipsis when it is longer."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


def tidy(text):
    """A cell's text without what no text needs: control characters, blanks around it."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return UNWANTED.sub("", text).strip()


# CSV


def decoded(content):
    """The text as a file: UTF-16 if its first bytes say so, else UTF-8 if it is, or Windows-1252.

    It is decoded as it is read: a whole text would take four times the room of its bytes.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\x00" in content:
        encodings = []
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        if can_decode(content, encoding):
            return io.TextIOWrapper(io.BytesIO(content), encoding, newline="")
    raise UnreadableFile(_("This is neither a CSV nor an XLSX file."))


def can_decode(content, encoding):
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for start in range(0, len(content), CHUNK):
            decoder.decode(content[start : start + CHUNK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def csv_rows(file, sheet):
    """Yield (line number, [text, …]) of a CSV, with the delimiter that gives the most headings."""
    skipped = 0
    if file.read(4).casefold() == "sep=":  # Excel's own first line, which names the delimiter
        file.readline()
        skipped = 1
    else:
        file.seek(0)
    beginning = file.tell()
    known = known_headings(sheet)
    delimiter = max(";,\t", key=lambda delimiter: merit(file, beginning, delimiter, known))
    file.seek(beginning)
    reader = csv.reader(file, delimiter=delimiter)
    begins = 1
    try:
        for row in reader:
            yield begins + skipped, [tidy(cell) for cell in row]
            begins = reader.line_num + 1
    except csv.Error:
        raise UnreadableFile(
            _("Line %(line)d cannot be read as CSV: a quotation mark may be missing.")
            % {"line": begins + skipped}
        ) from None


def merit(file, beginning, delimiter, known):
    """How many headings we know, and how many cells, the first row has under this delimiter."""
    file.seek(beginning)
    try:
        for row in csv.reader(file, delimiter=delimiter):
            if any(cell.strip() for cell in row):
                return sum(fold(cell) in known for cell in row), len(row)
    except csv.Error:
        pass
    return 0, 0


# XLSX


def xlsx_rows(content):
    """Yield (row number, [text, …]) of the first sheet, as it is read."""
    refusal = UnreadableFile(_("This XLSX file cannot be read: it may be damaged."))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(part.file_size for part in archive.infolist()) > MAX_UNFOLDED:
                raise UnreadableFile(_("This XLSX file unfolds to too much data."))
            names = set(archive.namelist())
    except zipfile.BadZipFile:
        raise refusal from None
    if "xl/workbook.xml" not in names:
        raise UnreadableFile(_("This is neither a CSV nor an XLSX file."))
    # A damaged workbook fails in openpyxl with exceptions of many kinds, at opening or at any row:
    # to the person they all say the same.
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl's, of styles and such that we do not read
            workbook = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            sheet = workbook.worksheets[0]
            sheet.reset_dimensions()  # the file's own word on how large it is may be false
            rows = sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True)
    except Exception:
        raise refusal from None
    number = 0
    while True:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                row = next(rows, None)
        except Exception:
            raise refusal from None
        if row is None:
            break
        number += 1
        if number > LAST_EXCEL_ROW:
            raise refusal
        yield number, [tidy(cell_text(cell)) for cell in row]
    workbook.close()


def cell_text(cell):
    """A cell's value as a person reads it: whole numbers without decimals, days as 2026-11-25."""
    if cell is None:
        return ""
    if isinstance(cell, datetime.datetime):
        whole_day = cell.time() == datetime.time()
        return (cell.date() if whole_day else cell).isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
