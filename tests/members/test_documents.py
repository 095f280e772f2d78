"""Files that are sent: what is kept, what is refused in which words, and what becomes of them."""

import errno
import io
import struct
import zlib
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.db import IntegrityError, transaction
from django.utils import translation
from PIL import Image

from members import documents
from members.display import file_size
from members.models import Document, NotKept
from members.permissions import Role, can_open
from tests import files
from tests.factories import InteractionFactory, OrganizationFactory, make_user


@pytest.fixture(autouse=True)
def said_in_english():
    """What is said is read in English here: French words are the catalogue's."""
    with translation.override("en"):
        yield


def refused(name, content):
    """The sentence that refuses a file."""
    with pytest.raises(documents.Refused) as caught:
        documents.check(files.sent(name, content))
    return " ".join(caught.value.messages)


def on_disk():
    """The files of the documents' folder."""
    return {path for path in Path(storages["documents"].location).rglob("*") if path.is_file()}


# What a file is


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("lettre.pdf", files.PDF, documents.PDF),
        ("LETTRE.PDF", files.PDF, documents.PDF),
        ("note.docx", files.office("docx"), documents.WORD),
        ("budget.xlsx", files.office("xlsx"), documents.EXCEL),
        ("diapos.pptx", files.office("pptx"), documents.POWERPOINT),
        ("note.odt", files.opendocument("text"), documents.ODT),
        ("budget.ods", files.opendocument("spreadsheet"), documents.ODS),
        ("diapos.odp", files.opendocument("presentation"), documents.ODP),
        ("photo.jpeg", files.image("JPEG"), documents.JPEG),
        ("photo.jpg", files.image("JPEG", mode="CMYK"), documents.JPEG),
        ("photo.png", files.image("PNG", mode="RGBA"), documents.PNG),
        ("photo.webp", files.image("WEBP"), documents.WEBP),
        ("photo.gif", files.image("GIF"), documents.GIF),
        ("note.txt", "Voilà l’été.".encode(), documents.TEXT),
        ("note.txt", "Voilà l'été.".encode("cp1252"), documents.TEXT),
        ("liste.csv", b"nom;ville\r\nEau vive;Rimouski\r\n", documents.CSV),
        ("liste.txt", "nom\tville".encode("utf-16"), documents.TEXT),
        ("BMO.txt", b"BMO, MZ, ID3 : des sigles.", documents.TEXT),
    ],
)
def test_content_says_what_a_file_is(name, content, kind):
    checked = documents.check(files.sent(name, content, "application/x-msdownload"))
    assert checked.kind is kind
    assert checked.name == name
    assert checked.size == checked.content.size == len(checked.content.read())


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("Lettre de mai", files.PDF, "Lettre de mai.pdf"),
        ("Version 2.3", files.PDF, "Version 2.3.pdf"),
        ("C:\\Bureau\\note.pdf", files.PDF, "note.pdf"),
        ("../../etc/note.pdf", files.PDF, "note.pdf"),
        ("no\x00te\r\n1.pdf", files.PDF, "no te 1.pdf"),
        ("lettre\u202efdp.pdf", files.PDF, "lettrefdp.pdf"),
        ('a"b<c>.pdf', files.PDF, "a-b-c-.pdf"),
        ("..pdf", files.PDF, "pdf.pdf"),
        ("é" * 300 + ".pdf", files.PDF, "é" * (documents.MAX_NAME - 4) + ".pdf"),
    ],
)
def test_name_is_cleaned_and_ends_as_its_content(name, content, expected):
    upload = files.sent("x", content)
    upload._name = name  # what a hostile program may send: Django's own setter cleans some of it
    assert documents.check(upload).name == expected


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("facture.pdf", files.PROGRAM, ["calls itself a PDF document", "holds a program"]),
        ("facture.pdf", b"#!/bin/sh\nrm", ["calls itself a PDF document", "holds a program"]),
        ("facture.pdf", files.office("docx"), ["holds a Word document", ".docx"]),
        ("photo.jpg", files.image("PNG"), ["calls itself a JPEG image", "a PNG image", ".png"]),
        ("photo.jpg", files.SVG, ["calls itself a JPEG image", "holds an SVG drawing"]),
        ("photo.png", b"<html><script>", ["holds a web page"]),
        ("note.txt", b"\n <!DOCTYPE html><p>", ["holds a web page"]),
        (
            "note.docx",
            files.office("docx", macros=True),
            ["document with macros", "without macros"],
        ),
        ("note.docm", files.office("docx", macros=True), ["is a document with macros"]),
        ("note.odt", files.opendocument("text", macros=True), ["document with macros"]),
        ("note.docm", files.office("docx"), ["calls itself a document with macros"]),
        ("note.doc", files.OLD_OFFICE, ["old version of Office", "password", ".docx"]),
        ("logo.svg", files.SVG, ["is an SVG drawing", "Accepted: PDF"]),
        ("page.html", b"<p>Bonjour</p>", ["is a web page"]),
        ("page.html", b"Bonjour", ["is a web page"]),
        ("script.bat", b"del *.*", ["is a program"]),
        ("tout.zip", files.archive(a="1"), ["an archive of files"]),
        ("note.docx", files.archive(a="1"), ["holds an archive of files"]),
        ("livre.odt", files.archive(mimetype="application/epub+zip"), ["an archive of files"]),
        ("IMG_1.HEIC", b"\x00\x00\x00\x18ftypheic" + bytes(20), ["is a HEIC photo", "JPEG"]),
        ("film.mp4", b"\x00\x00\x00\x18ftypisom" + bytes(20), ["is sound or video"]),
        ("note.rtf", b"{\\rtf1 Bonjour}", ["is an RTF document"]),
        ("rien", b"\x01\x02\x03\x00" * 20, ["something that is not known"]),
        ("note.txt", b"a\x00b", ["something that is not known"]),
        ("vide.pdf", b"", ["is empty"]),
        ("coupe.pdf", b"%PDF-1.7\n1 0 obj", ["damaged or incomplete"]),
        ("coupe.docx", files.office("docx")[:80], ["damaged or incomplete"]),
        ("coupe.png", files.image("PNG", size=(300, 300))[:80], ["damaged or incomplete"]),
    ],
)
def test_what_is_refused_is_told_in_words(name, content, words):
    sentence = refused(name, content)
    assert name in sentence
    for part in words:
        assert part in sentence


def test_parts_that_would_swell_are_not_unfolded():
    """An archive whose list of parts is a thousand times its size, and one that names entities."""
    swollen = files.archive(**{"[Content_Types].xml": b" " * 3_000_000})
    entities = b'<!DOCTYPE a [<!ENTITY b "bbbb">]><Types>&b;</Types>'
    assert "damaged" in refused("note.docx", swollen)
    assert "archive" in refused("note.docx", files.archive(**{"[Content_Types].xml": entities}))


def test_file_that_is_too_large_is_refused_before_it_is_read(monkeypatch):
    upload = files.sent("film.pdf", files.PDF)
    upload.size = documents.MAX_SIZE + 1
    with pytest.raises(documents.Refused, match="too large: a file has 20 MB at most"):
        documents.check(upload)


# Images


def test_image_is_written_again_without_what_it_hides():
    exif = Image.Exif()
    exif[0x010F] = "Appareil"
    exif[0x0112] = 6  # lying on its side
    photo = files.image("JPEG", size=(40, 20), exif=exif) + b"<script>alert(1)</script>"
    checked = documents.check(files.sent("photo.jpg", photo))
    content = checked.content.read()
    assert b"Appareil" not in content
    assert b"<script>" not in content
    again = Image.open(io.BytesIO(content))
    assert again.format == "JPEG"
    assert again.size == (20, 40)  # upright
    assert not again.getexif()


def test_transparency_and_movement_remain():
    clear = documents.check(files.sent("a.png", files.image("PNG", mode="RGBA")))
    assert Image.open(clear.content).convert("RGBA").getpixel((1, 1)) == (200, 30, 30, 128)
    pictures = [Image.new("RGB", (5, 5), (shade, 0, 0)) for shade in (0, 120, 250)]
    file = io.BytesIO()
    pictures[0].save(file, "GIF", save_all=True, append_images=pictures[1:], duration=80)
    moving = documents.check(files.sent("a.gif", file.getvalue()))
    assert Image.open(moving.content).n_frames == 3


def test_sixteen_bit_greys_stay_grey():
    file = io.BytesIO()
    Image.new("I;16", (4, 4), 128 * 256).save(file, "PNG")
    checked = documents.check(files.sent("a.png", file.getvalue()))
    assert Image.open(checked.content).convert("L").getpixel((0, 0)) == 128


def test_image_of_too_many_pixels_is_not_decoded():
    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
    bomb = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    assert "too many pixels" in refused("bombe.png", bomb)


# What becomes of it


@pytest.fixture
def keep(db):
    """Keeps a PDF on an organization; gives the document."""
    by = make_user(Role.PERMANENCE)
    organization = OrganizationFactory()

    def keep(content=files.PDF):
        document = Document(organization=organization)
        document.keep(documents.check(files.sent("lettre.pdf", content)), by=by)
        return document

    return keep


@pytest.mark.django_db(transaction=True)
def test_kept_file_has_a_name_that_says_nothing_and_is_nobody_elses(keep):
    before = on_disk()
    document = keep()
    (path,) = on_disk() - before
    assert path.read_bytes() == files.PDF
    assert "lettre" not in path.name
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert (document.name, document.content_type) == ("lettre.pdf", "application/pdf")
    assert document.size == len(files.PDF)


@pytest.mark.django_db(transaction=True)
def test_transaction_that_fails_leaves_no_file(keep):
    before = on_disk()
    with transaction.atomic():
        keep()
        assert len(on_disk()) == len(before) + 1
        transaction.set_rollback(True)
    assert on_disk() == before
    assert not Document.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_step_that_is_undone_leaves_no_file_and_the_others_stay(keep):
    before = on_disk()
    with transaction.atomic():
        kept = keep()
        with transaction.atomic():
            keep(files.PDF + b"\n")
            transaction.set_rollback(True)
    assert len(on_disk() - before) == 1
    with kept.file.open() as file:
        assert file.read() == files.PDF


@pytest.mark.django_db(transaction=True)
def test_row_that_the_database_refuses_leaves_no_file(keep):
    before = on_disk()
    document = Document()  # belongs to nothing
    with pytest.raises(IntegrityError):
        document.keep(documents.check(files.sent("a.pdf", files.PDF)), by=None)
    assert on_disk() == before


@pytest.mark.django_db(transaction=True)
def test_full_disk_is_told_and_leaves_nothing(keep, monkeypatch):
    storage = Document._meta.get_field("file").storage
    whole = storage._save

    def half(name, content):
        whole(name, content)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(storage, "_save", half)
    before = on_disk()
    with pytest.raises(NotKept, match="disk may be full"):
        keep()
    assert on_disk() == before
    assert not Document.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_deletion_takes_the_file_once_it_is_certain(keep):
    before = on_disk()
    document = keep()
    with transaction.atomic():
        document.delete()
        transaction.set_rollback(True)
    assert len(on_disk()) == len(before) + 1
    Document.objects.all().delete()
    assert on_disk() == before


@pytest.mark.django_db(transaction=True)
def test_deleted_exchange_takes_its_documents_files(db):
    before = on_disk()
    interaction = InteractionFactory()
    document = Document(interaction=interaction)
    document.keep(documents.check(files.sent("a.pdf", files.PDF)), by=None)
    assert on_disk() != before
    interaction.delete()
    assert on_disk() == before


# Who


@pytest.mark.parametrize(
    ("role", "opens"),
    [
        (Role.DIRECTION, True),
        (Role.PERMANENCE, True),
        (Role.READING, True),
        (Role.COMMUNICATIONS, False),
        (Role.PRIVACY, False),
    ],
)
def test_documents_are_for_insiders(db, role, opens):
    assert can_open(make_user(role), Document(organization=OrganizationFactory())) is opens
    assert can_open(make_user(), Document(interaction=InteractionFactory())) is False


@pytest.mark.parametrize(
    ("size", "french", "english"),
    [
        (1, "1 octet", "1 byte"),
        (999, "999 octets", "999 bytes"),
        (1500, "2 ko", "2 kB"),
        (1_234_567, "1,2 Mo", "1.2 MB"),
    ],
)
def test_size_is_said_as_people_say_it(size, french, english):
    assert file_size(size) == english
    with translation.override("fr"):
        assert file_size(size).replace("\u00a0", " ") == french
