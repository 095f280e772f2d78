"""Small files of each kind, as programs write them, and files that are not what they say."""

import io
import zipfile

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
PROGRAM = b"MZ\x90\x00\x03\x00\x00\x00" + bytes(200)
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'

MAIN = {
    "docx": "wordprocessingml.document.main",
    "xlsx": "spreadsheetml.sheet.main",
    "pptx": "presentationml.presentation.main",
}


def archive(**parts):
    """A ZIP archive of these parts, in order; the same bytes whenever it is made.

    Files name the cases of tests, which all workers must call alike.
    """
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as written:
        for name, content in parts.items():
            written.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content)
    return file.getvalue()


def office(end, macros=False):
    """A Word, Excel or PowerPoint file by the end of its name."""
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override'
        ' PartName="/main.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        f'{MAIN[end]}+xml"/></Types>'
    )
    parts = {"[Content_Types].xml": types, "main.xml": "<main/>"}
    if macros:
        parts["word/vbaProject.bin"] = "\0"
    return archive(**parts)


def opendocument(kind, macros=False):
    """A file of LibreOffice: `kind` is text, spreadsheet or presentation."""
    parts = {"mimetype": f"application/vnd.oasis.opendocument.{kind}", "content.xml": "<a/>"}
    if macros:
        parts["Basic/Standard/Module1.xml"] = "<a/>"
    return archive(**parts)


def image(kind="PNG", size=(12, 8), mode="RGB", **options):
    """An image of one colour, as `kind` of Pillow's."""
    file = io.BytesIO()
    colour = {"RGB": (200, 30, 30), "RGBA": (200, 30, 30, 128), "CMYK": (0, 200, 200, 0)}
    Image.new(mode, size, colour.get(mode, 100)).save(file, kind, **options)
    return file.getvalue()


def sent(name, content, content_type="application/octet-stream"):
    """The file as a form receives it; what the browser says of its type is not to be believed."""
    return SimpleUploadedFile(name, content, content_type)
