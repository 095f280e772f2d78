"""What a file may look like, and what is said of one that cannot be read."""

import contextlib
import datetime
import io
import zipfile

import openpyxl
import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from members.columns import COLUMNS, join, safe, split, unsafe
from members.imports import read as reading
from members.imports.read import UnreadableFile, read

TEXT = "name_fr;acronym;city\nÉquité d’ici;ÉQI;Montréal\n"


def cells(content):
    return [line.cells for line in read(content).lines]


def workbook(*rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("cp1252"),
        TEXT.encode("utf-16"),
        TEXT.replace(";", ",").encode(),
        TEXT.replace(";", "\t").encode(),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
        ("sep=;\n" + TEXT).encode(),
        ("\n;;\n" + TEXT + ";;\n\n").encode(),
        TEXT.replace("name_fr;acronym;city", "Name, in FRENCH ;SIGLE;Ville").encode(),
        workbook(("name_fr", "acronym", "city"), ("Équité d’ici", "ÉQI", "Montréal")),
        io.BytesIO(TEXT.encode()),
    ],
)
def test_any_usual_file_gives_the_same_table(content):
    assert cells(content) == [{"name_fr": "Équité d’ici", "acronym": "ÉQI", "city": "Montréal"}]


def test_columns_come_in_any_order_and_unknown_ones_are_named():
    table = read("Couleur;url;NAME_FR;\nbleu;https://x;Amitié;\n".encode())
    assert table.unknown == ["Couleur"]
    assert [line.cells for line in table.lines] == [{"url": "https://x", "name_fr": "Amitié"}]


def test_every_heading_means_one_column():
    headings = [heading for column in COLUMNS for heading in column.headings()]
    assert len(headings) == len(set(headings))


def test_a_line_is_where_its_row_begins():
    table = read(b'name_fr,mission_fr\n"A","une\ndeux"\n\nB,trois\n')
    assert [(line.number, line.cells) for line in table.lines] == [
        (2, {"name_fr": "A", "mission_fr": "une\ndeux"}),
        (5, {"name_fr": "B", "mission_fr": "trois"}),
    ]


def test_numbers_and_days_of_a_workbook_are_read_as_people_write_them():
    content = workbook(
        ("name_fr", "neq", "year_founded", "last_confirmed_on", "region_code"),
        ("A", 1181440711.0, 1976, datetime.date(2026, 9, 14), 6),
    )
    assert cells(content) == [
        {
            "name_fr": "A",
            "neq": "1181440711",
            "year_founded": "1976",
            "last_confirmed_on": "2026-09-14",
            "region_code": "6",
        }
    ]


def test_cells_beyond_the_headings_are_kept_apart():
    (line,) = read(b"name_fr;city\nA;B;C;;D\n").lines
    assert line.surplus == ["C", "D"]


def bomb():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 2000)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"\n \n;;\n", "empty"),
        (b"city;acronym\nX;Y\n", "No column of names"),
        (b"name_fr;NAME_FR\nX;Y\n", "Two columns"),
        (b"\xd0\xcf\x11\xe0rest", "older Excel"),
        (b"PK\x03\x04garbage", "damaged"),
        (bomb(), "damaged"),
        (b"%PDF-1.7\x00\x00", "neither"),
        (b"name_fr\nA\x81\n", "neither"),
        (b'name_fr\n"' + b"x" * 200_000, "quotation mark"),
        (workbook(), "empty"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(content, sentence):
    with translation.override("en"), pytest.raises(UnreadableFile, match=sentence):
        cells(content)


def test_a_file_is_of_limited_size(monkeypatch):
    monkeypatch.setattr(reading, "MAX_ROWS", 2)
    assert len(cells(b"name_fr\nA\nB\n")) == 2
    with pytest.raises(UnreadableFile):
        cells(b"name_fr\nA\nB\nC\n")
    monkeypatch.setattr(reading, "MAX_BYTES", 10)
    with pytest.raises(UnreadableFile):
        read(b"name_fr\nABC")
    with pytest.raises(UnreadableFile):
        read(io.BytesIO(b"name_fr\nABC"))


def test_an_archive_that_unfolds_to_too_much_is_not_opened(monkeypatch):
    monkeypatch.setattr(reading, "MAX_UNFOLDED", 1000)
    with pytest.raises(UnreadableFile, match="XLSX"):
        cells(bomb())


@given(st.binary(max_size=400))
def test_any_bytes_are_a_table_or_a_sentence(content):
    with contextlib.suppress(UnreadableFile):
        for line in read(content).lines:
            assert line.number
            assert all(line.cells.values())


@given(st.binary(max_size=200))
def test_any_bytes_after_an_archives_first_ones_are_refused(content):
    with pytest.raises(UnreadableFile):
        cells(b"PK\x03\x04" + content)


@given(st.text(max_size=60))
def test_what_is_made_safe_comes_back(text):
    assert unsafe(safe(text)) == text
    assert not safe(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.lists(st.text(min_size=1, max_size=20).map(str.strip).filter(bool), max_size=5))
def test_what_is_joined_can_be_split(values):
    assert split(join(values)) == values
