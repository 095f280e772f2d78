"""Files that people send: what may be kept, and in which form.

What a file is, is said by its content, never by its name or by whoever sends it. Images are
decoded and written again, which leaves out where and with what they were taken, and anything that
hides behind them (OWASP ASVS 5.0, V5). Nothing of ours opens the other files: they are given back
as they came, to be saved. Macros are refused, and so are Word, Excel and PowerPoint files of before
2007, of which no part says whether it holds any.
"""

import contextlib
import hashlib
import io
import re
import unicodedata
import warnings
import zipfile
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from xml.etree import ElementTree

from django import forms
from django.core.exceptions import RequestDataTooBig, ValidationError
from django.core.files.base import ContentFile, File
from django.core.files.uploadhandler import FileUploadHandler
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from PIL import Image, ImageCms, ImageOps

from members.imports.read import MAX_BYTES

# The longest file, in bytes, and how many are sent at once.
MAX_SIZE = 20 * 1000 * 1000
MAX_FILES = 10
# The longest form, files included: read to its end, so that the answer is a page in words. What is
# longer is cut off.
MAX_REQUEST = 300 * 1000 * 1000
# The largest image, in pixels, all of its pictures together: 60 million take some 240 MB to decode.
MAX_PIXELS = 60_000_000
MAX_NAME = 150


@dataclass(frozen=True, eq=False)
class Kind:
    """A kind of file: its type on the web, the ends of its name, and how it is said."""

    content_type: str
    endings: tuple
    label: str
    said: str


OFFICE = "application/vnd.openxmlformats-officedocument."
OPEN = "application/vnd.oasis.opendocument."
PDF = Kind("application/pdf", ("pdf",), "PDF", gettext_lazy("a PDF document"))
WORD = Kind(
    OFFICE + "wordprocessingml.document", ("docx",), "Word", gettext_lazy("a Word document")
)
EXCEL = Kind(OFFICE + "spreadsheetml.sheet", ("xlsx",), "Excel", gettext_lazy("an Excel workbook"))
POWERPOINT = Kind(
    OFFICE + "presentationml.presentation",
    ("pptx",),
    "PowerPoint",
    gettext_lazy("a PowerPoint presentation"),
)
ODT = Kind(OPEN + "text", ("odt",), "OpenDocument (ODT)", gettext_lazy("an OpenDocument text"))
ODS = Kind(
    OPEN + "spreadsheet", ("ods",), "OpenDocument (ODS)", gettext_lazy("an OpenDocument workbook")
)
ODP = Kind(
    OPEN + "presentation",
    ("odp",),
    "OpenDocument (ODP)",
    gettext_lazy("an OpenDocument presentation"),
)
JPEG = Kind("image/jpeg", ("jpg", "jpeg", "jpe", "jfif"), "JPEG", gettext_lazy("a JPEG image"))
PNG = Kind("image/png", ("png",), "PNG", gettext_lazy("a PNG image"))
WEBP = Kind("image/webp", ("webp",), "WebP", gettext_lazy("a WebP image"))
GIF = Kind("image/gif", ("gif",), "GIF", gettext_lazy("a GIF image"))
TEXT = Kind("text/plain", ("txt", "md", "text"), gettext_lazy("text"), gettext_lazy("plain text"))
CSV = Kind("text/csv", ("csv", "tsv"), "CSV", gettext_lazy("a CSV table"))

ACCEPTED = (PDF, WORD, EXCEL, POWERPOINT, ODT, ODS, ODP, JPEG, PNG, WEBP, GIF, TEXT, CSV)
IMAGES = (JPEG, PNG, WEBP, GIF)
BY_TYPE = {kind.content_type: kind for kind in ACCEPTED}


@dataclass(frozen=True, eq=False)
class Other:
    """What is refused: how it is said, the ends of its name, and what to do instead."""

    said: str
    endings: str = ""
    advice: str = ""


PROGRAM = Other(
    gettext_lazy("a program"),
    "exe com scr msi bat cmd ps1 vbs js jse mjs wsf hta jar sh bash py pl rb php lnk reg dll apk "
    "app dmg deb rpm",
)
ARCHIVE = Other(
    gettext_lazy("an archive of files"),
    "zip rar 7z gz tgz tar bz2 xz",
    gettext_lazy("Send the files that are in it."),
)
WEB_PAGE = Other(gettext_lazy("a web page"), "html htm xhtml mht mhtml xml")
DRAWING = Other(gettext_lazy("an SVG drawing"), "svg svgz")
MACROS = Other(
    gettext_lazy("a document with macros"),
    "docm dotm xlsm xltm xlsb pptm potm ppsm",
    gettext_lazy("Save it without macros (.docx, .xlsx, .pptx) or as PDF."),
)
OLD_OFFICE = Other(
    gettext_lazy("a document of an old version of Office, or one with a password"),
    "doc dot xls xlt ppt pps pot",
    gettext_lazy("Save it as .docx, .xlsx, .pptx or PDF, without a password, and send that."),
)
RICH_TEXT = Other(gettext_lazy("an RTF document"), "rtf", gettext_lazy("Save it as .docx or PDF."))
HEIC = Other(gettext_lazy("a HEIC photo"), "heic heif", gettext_lazy("Save the photo as JPEG."))
OTHER_IMAGE = Other(gettext_lazy("an image of another kind"), "bmp tif tiff psd ico")
SOUND_OR_FILM = Other(gettext_lazy("sound or video"), "mp3 mp4 m4a wav ogg mov avi mkv webm")
UNKNOWN = Other(gettext_lazy("something that is not known"))

REFUSED = (
    PROGRAM,
    ARCHIVE,
    WEB_PAGE,
    DRAWING,
    MACROS,
    OLD_OFFICE,
    RICH_TEXT,
    HEIC,
    OTHER_IMAGE,
    SOUND_OR_FILM,
)
# What the end of a name promises.
PROMISES = {ending: kind for kind in ACCEPTED for ending in kind.endings} | {
    ending: what for what in REFUSED for ending in what.endings.split()
}

# What is refused, by how the content begins: (offset, bytes, what it is).
SIGNATURES = (
    (0, b"MZ", PROGRAM),
    (0, b"\x7fELF", PROGRAM),
    (0, b"#!", PROGRAM),
    (0, b"\xca\xfe\xba\xbe", PROGRAM),
    (0, b"\xcf\xfa\xed\xfe", PROGRAM),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLD_OFFICE),
    (0, b"{\\rtf", RICH_TEXT),
    (0, b"Rar!", ARCHIVE),
    (0, b"7z\xbc\xaf\x27\x1c", ARCHIVE),
    (0, b"\x1f\x8b", ARCHIVE),
    (0, b"BZh", ARCHIVE),
    (0, b"\xfd7zXZ", ARCHIVE),
    (257, b"ustar", ARCHIVE),
    (4, b"ftypheic", HEIC),
    (4, b"ftypheix", HEIC),
    (4, b"ftypmif1", HEIC),
    (4, b"ftyp", SOUND_OR_FILM),
    (0, b"ID3", SOUND_OR_FILM),
    (0, b"OggS", SOUND_OR_FILM),
    (0, b"RIFF", SOUND_OR_FILM),
    (0, b"II*\x00", OTHER_IMAGE),
    (0, b"MM\x00*", OTHER_IMAGE),
)


class Refused(ValidationError):
    """A file that is not kept; the message says why, in words for whoever sent it."""


@dataclass
class Checked:
    """A file that may be kept: its clean name, what it is, and its content as it will be kept."""

    name: str
    kind: Kind
    content: File = field(repr=False)
    size: int
    digest: str

    @property
    def content_type(self):
        return self.kind.content_type


def label(content_type):
    """A kind of file in a word or two; the type itself when it is not one of ours."""
    return str(BY_TYPE[content_type].label) if content_type in BY_TYPE else content_type


def check(upload):
    """The uploaded file as it may be kept (`Checked`); raises `Refused`, in words."""
    name = clean_name(upload.name)
    if upload.size > MAX_SIZE:
        raise Refused(
            _("“%(name)s” is too large: a file has %(limit)s MB at most.")
            % {"name": name, "limit": MAX_SIZE // 1_000_000}
        )
    if not upload.size:
        raise Refused(_("“%(name)s” is empty.") % {"name": name})
    promised = PROMISES.get(ending(name))
    try:
        kind = kind_of(upload, promised)
    except zipfile.BadZipFile:
        raise Refused(_("“%(name)s” is damaged or incomplete.") % {"name": name}) from None
    if not isinstance(kind, Kind):
        raise Refused(refusal(name, promised, kind))
    if promised is not None and promised is not kind:
        raise Refused(lie(name, promised, kind))
    content = upload
    if kind in IMAGES:
        content = written_again(upload, kind, name)
    elif kind is PDF:
        upload.seek(max(0, upload.size - 65536))
        if b"%%EOF" not in upload.read():
            raise Refused(_("“%(name)s” is damaged or incomplete.") % {"name": name})
    if promised is None:
        name = f"{name}.{kind.endings[0]}"
    content.seek(0)
    digest = hashlib.file_digest(content, "sha256").hexdigest()
    content.seek(0)
    return Checked(name, kind, content, content.size, digest)


def ending(name):
    """The end of a name in lower case, without its dot."""
    return PurePosixPath(name).suffix[1:].lower()


def clean_name(name):
    """A file's name without its folders, control characters and signs that turn text around."""
    name = re.split(r"[/\\]", name or "")[-1]
    name = "".join(
        " " if unicodedata.category(sign) in ("Cc", "Zl", "Zp") else sign
        for sign in unicodedata.normalize("NFC", name)
        if unicodedata.category(sign) not in ("Cf", "Cs", "Co", "Cn")
    )
    name = " ".join(re.sub(r'[<>:"|?*]', "-", name).split()).strip(". ")
    if not name:
        return _("document")
    stem, dot, end = name.rpartition(".")
    if not dot or len(end) > 10:
        stem, end = name, ""
    return stem[: MAX_NAME - len(end) - 1] + (f".{end}" if end else "")


def refusal(name, promised, found):
    """Why a content that is not accepted is refused, and what to do instead."""
    if isinstance(promised, Kind):
        text = lie(name, promised, found, accepted=False)
    else:
        text = _("“%(name)s” is %(found)s, which is not accepted.") % {
            "name": name,
            "found": found.said,
        }
    return f"{text} {found.advice or said_accepted()}"


def said_accepted():
    return _(
        "Accepted: PDF, Word, Excel, PowerPoint and OpenDocument without macros, images (JPEG, "
        "PNG, WebP, GIF), plain text and CSV."
    )


def lie(name, promised, found, accepted=True):
    """That a file's name says another thing than its content."""
    text = _("“%(name)s” calls itself %(promised)s, but holds %(found)s.") % {
        "name": name,
        "promised": promised.said,
        "found": found.said,
    }
    if accepted:
        advice = _("If it is what you meant to send, end its name with .%(ending)s.") % {
            "ending": found.endings[0]
        }
        return f"{text} {advice}"
    return text


# What a content is


def kind_of(file, promised):
    """The `Kind` of a content, or what it is (`Other`) when it is refused.

    Of texts, which nothing but their name tells apart, `promised` chooses between a table and
    plain words. Raises BadZipFile when the content is an archive that cannot be read.
    """
    file.seek(0)
    head = file.read(512)
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith((b"GIF87a", b"GIF89a")):
        return GIF
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return WEBP
    if head.startswith(b"PK\x03\x04"):
        return kind_of_archive(file)
    for offset, signature, what in SIGNATURES:
        # A text may begin with the same letters; what is not one has empty bytes.
        if head.startswith(signature, offset) and not (signature.isalnum() and b"\0" not in head):
            return what
    return kind_of_text(file, promised)


def kind_of_text(file, promised):
    """Plain text or a table if the content is readable text, else what it is."""
    file.seek(0)
    content = file.read()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):  # Excel's « Unicode text »
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        with contextlib.suppress(UnicodeDecodeError):
            text = content.decode(encoding)
            break
    else:
        return UNKNOWN
    if re.search(r"[\x00-\x08\x0e-\x1f]", text):
        return UNKNOWN
    start = text.lstrip()[:2000].lower()
    if start.startswith("<"):
        return DRAWING if "<svg" in start else WEB_PAGE
    if isinstance(promised, Kind) or promised is None:
        return CSV if promised is CSV else TEXT
    # A script is text too: there, the name is what makes it run.
    return promised


def kind_of_archive(file):
    """An office document by what its archive holds; nothing is unpacked but its list of parts."""
    file.seek(0)
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
        if len(names) > 20_000:
            return ARCHIVE
        lowered = [name.lower() for name in names]
        if any(name.endswith(("vbaproject.bin", "vbadata.xml")) for name in lowered):
            return MACROS
        if names and names[0] == "mimetype":
            kind = BY_TYPE.get(beginning(archive, "mimetype", 100).decode("ascii", "replace"))
            if kind not in (ODT, ODS, ODP):
                return ARCHIVE
            if any(re.match(r"basic/.+/(?!script-l[bc]\.xml)|scripts/.+[^/]$", n) for n in lowered):
                return MACROS
            return kind
        if "[Content_Types].xml" in names:
            return kind_of_parts(beginning(archive, "[Content_Types].xml", 1_000_000))
    return ARCHIVE


def beginning(archive, name, length):
    """The first bytes of a part of an archive; raises BadZipFile when it cannot be read."""
    try:
        with archive.open(name) as part:
            return part.read(length)
    except (RuntimeError, NotImplementedError, OSError, EOFError) as error:
        raise zipfile.BadZipFile(str(error)) from error


def kind_of_parts(content_types):
    """The kind of an Office document, by its list of parts (ECMA-376, part 2)."""
    if b"<!DOCTYPE" in content_types or b"<!ENTITY" in content_types:
        return ARCHIVE
    try:
        types = {
            element.get("ContentType", "") for element in ElementTree.fromstring(content_types)
        }
    except ElementTree.ParseError:
        raise zipfile.BadZipFile("The list of parts cannot be read.") from None
    if any("macroenabled" in kind.lower() or "vbaproject" in kind.lower() for kind in types):
        return MACROS
    for kind in (WORD, EXCEL, POWERPOINT):
        if f"{kind.content_type}.main+xml" in types:
            return kind
    return ARCHIVE


# Images


def written_again(file, kind, name):
    """The image decoded and written anew: upright, in common colours, with nothing hidden."""
    try:
        with warnings.catch_warnings():
            # Our own limit is lower than the one that Pillow warns of.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return decoded_and_encoded(file, kind)
    except (TooManyPixels, Image.DecompressionBombError):
        raise Refused(
            _("“%(name)s” has too many pixels: an image has %(limit)s million at most.")
            % {"name": name, "limit": MAX_PIXELS // 1_000_000}
        ) from None
    except (OSError, ValueError, SyntaxError, EOFError):
        raise Refused(_("“%(name)s” is damaged or incomplete.") % {"name": name}) from None


class TooManyPixels(Exception):
    pass


def decoded_and_encoded(file, kind):
    file.seek(0)
    name = {JPEG: "JPEG", PNG: "PNG", WEBP: "WEBP", GIF: "GIF"}[kind]
    with Image.open(file, formats=[name]) as image:
        # Of the several pictures of a phone's JPEG, the first is the photo.
        frames = 1 if kind is JPEG else getattr(image, "n_frames", 1)
        if image.width * image.height * frames > MAX_PIXELS:
            raise TooManyPixels
        output = io.BytesIO()
        if frames > 1:
            pictures = []
            for number in range(frames):
                image.seek(number)
                pictures.append(image.convert("RGBA"))
            pictures[0].save(
                output,
                name,
                save_all=True,
                append_images=pictures[1:],
                duration=image.info.get("duration", 100),
                loop=image.info.get("loop", 0),
            )
        else:
            picture = in_common_colours(ImageOps.exif_transpose(image), kind)
            picture.info = {}
            options = {JPEG: {"quality": 92, "progressive": True}, WEBP: {"quality": 92}}
            picture.save(output, name, optimize=True, **options.get(kind, {}))
    return ContentFile(output.getvalue(), name="image")


def in_common_colours(image, kind):
    """The image in sRGB, which every screen shows alike, since its own profile is left out."""
    if image.mode.startswith("I"):  # sixteen bits a pixel: the upper eight are what screens show
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    transparent = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    mode = "RGBA" if transparent and kind is not JPEG else "RGB"
    if image.mode in ("1", "L") and not transparent:
        return image
    if profile := image.info.get("icc_profile"):
        with contextlib.suppress(ImageCms.PyCMSError, ValueError, TypeError):
            base = image if image.mode in ("RGB", "RGBA", "CMYK") else image.convert(mode)
            return ImageCms.profileToProfile(
                base,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode=mode if base.mode != "CMYK" else "RGB",
            )
    if image.mode == "P" and kind in (GIF, PNG):
        return image.convert(mode)
    return image if image.mode == mode else image.convert(mode)


# Forms


HELP = gettext_lazy(
    "PDF, Word, Excel, PowerPoint, OpenDocument, images, text or CSV; 20 MB each, ten at once. "
    "Images are kept without the place and the device that they hold."
)


class SeveralFiles(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data, files, name):
        return files.getlist(name)


class AttachmentField(forms.FileField):
    """Files to attach, a few at once: clean gives a list of `Checked`, empty without any."""

    widget = SeveralFiles

    def __init__(self, **kwargs):
        kwargs.setdefault("label", gettext_lazy("Files"))
        kwargs.setdefault("help_text", HELP)
        super().__init__(**kwargs)
        self.widget.attrs["multiple"] = True
        self.widget.attrs["accept"] = ",".join(
            f".{end}" for kind in ACCEPTED for end in kind.endings
        )

    def clean(self, value, initial=None):
        uploads = [upload for upload in value or [] if upload]
        if not uploads:
            if self.required:
                raise ValidationError(_("Choose a file."))
            return []
        if len(uploads) > MAX_FILES:
            raise ValidationError(
                ngettext(
                    "%(count)d file at most is sent at once.",
                    "%(count)d files at most are sent at once.",
                    MAX_FILES,
                )
                % {"count": MAX_FILES}
            )
        checked, problems = [], []
        for upload in uploads:
            try:
                checked.append(check(upload))
            except Refused as error:
                problems += error.messages
        if problems:
            raise ValidationError(problems)
        return checked

    def has_changed(self, initial, data):
        return bool(data)


# Requests


class LimitedUpload(FileUploadHandler):
    """Stands before Django's own handlers (settings.FILE_UPLOAD_HANDLERS): nothing too long is
    written anywhere.

    A file that is longer than any form takes is cut just after that, so that the form can say so
    and keep what was typed beside it; the rest is read and dropped. A request beyond MAX_REQUEST
    is not read.
    """

    longest = max(MAX_SIZE, MAX_BYTES)

    def handle_raw_input(self, input_data, META, content_length, boundary, encoding=None):
        if content_length > MAX_REQUEST:
            raise RequestDataTooBig("The form and its files are too large.")

    def receive_data_chunk(self, raw_data, start):
        return raw_data if start <= self.longest else None

    def file_complete(self, file_size):
        return None
