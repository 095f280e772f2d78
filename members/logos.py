"""Logos that people send: what may be kept, and in which sizes.

As any file (`members.documents`), but an image that every browser shows, decoded and written anew
in a few widths, so that pages send no more than they show. Drawings that are programs (SVG) are
refused, as everywhere.
"""

import hashlib
import io
from dataclasses import dataclass, field

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from PIL import Image as Pictures

from members import documents
from members.display import file_size

# The longest file, in bytes.
MAX_SIZE = 5 * 1000 * 1000
# The shortest side, in pixels: less is a blur.
SMALLEST = 64
# A logo much longer than high is unreadable in the room that it has.
MOST_ELONGATED = 8
# The widths that are kept, in pixels; those that are larger than the image are not made.
WIDTHS = (96, 192, 384, 768)
KINDS = (documents.JPEG, documents.PNG, documents.WEBP)

HELP = gettext_lazy(
    "JPEG, PNG or WebP, 5 MB at most; at least 200 pixels wide is best. It is shown on white, on "
    "light and dark pages alike."
)


@dataclass
class Image:
    """A logo that may be kept: {width: its file in WebP}, its own size, and a digest of it."""

    width: int
    height: int
    digest: str
    files: dict = field(repr=False)


def check(upload):
    """The uploaded image as it may be kept (`Image`); raises `documents.Refused`, in words."""
    if upload.size > MAX_SIZE:
        raise documents.Refused(
            _("This image is too large: %(size)s. A logo has %(limit)s at most.")
            % {"size": file_size(upload.size), "limit": file_size(MAX_SIZE)}
        )
    checked = documents.check(upload)
    if checked.kind not in KINDS:
        raise documents.Refused(
            _("“%(name)s” is %(found)s. A logo is a JPEG, PNG or WebP image.")
            % {"name": checked.name, "found": checked.kind.said}
        )
    with Pictures.open(checked.content) as image:
        picture = image.convert("RGBA" if "A" in image.getbands() else "RGB")
    width, height = picture.size
    if min(width, height) < SMALLEST:
        raise documents.Refused(
            _("This image is too small: %(width)d × %(height)d pixels.")
            % {"width": width, "height": height}
        )
    if max(width, height) > MOST_ELONGATED * min(width, height):
        raise documents.Refused(
            _("This image is too elongated: %(width)d × %(height)d pixels.")
            % {"width": width, "height": height}
        )
    widths = [size for size in WIDTHS if size < width] + ([width] if width <= WIDTHS[-1] else [])
    return Image(
        width=width,
        height=height,
        digest=hashlib.sha256(picture.tobytes()).hexdigest(),
        files={size: resized(picture, size) for size in widths},
    )


def resized(picture, width):
    """The picture so many pixels wide, as a WebP file."""
    height = max(1, round(picture.height * width / picture.width))
    output = io.BytesIO()
    picture.resize((width, height), Pictures.Resampling.LANCZOS).save(
        output, "WEBP", quality=90, method=4
    )
    return ContentFile(output.getvalue(), name="logo")
