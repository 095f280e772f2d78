"""Logos and pictures that people send: what may be kept, and in which sizes.

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

KINDS = (documents.JPEG, documents.PNG, documents.WEBP)

HELP = gettext_lazy(
    "JPEG, PNG or WebP, 5 MB at most; at least 200 pixels wide is best. It is shown on white, on "
    "light and dark pages alike."
)
PICTURE_HELP = gettext_lazy(
    "JPEG, PNG or WebP, 15 MB at most; at least 1600 pixels wide is best, wider than high."
)


@dataclass(frozen=True)
class Limits:
    """What an image may be, according to what it is for.

    `max_size` in bytes; `smallest` is the shortest side, in pixels: less is a blur;
    `most_elongated` how many times longer than high at most: more is unreadable in the room that
    it has. `widths` are those that are kept, in pixels: the larger than the image are not made.
    """

    max_size: int
    smallest: int
    most_elongated: int
    widths: tuple
    too_large: str
    other_kind: str


LOGO = Limits(
    max_size=5 * 1000 * 1000,
    smallest=64,
    most_elongated=8,
    widths=(96, 192, 384, 768),
    too_large=gettext_lazy("This image is too large: %(size)s. A logo has %(limit)s at most."),
    other_kind=gettext_lazy("“%(name)s” is %(found)s. A logo is a JPEG, PNG or WebP image."),
)
# What leads a page: an edition of a campaign, an event.
PICTURE = Limits(
    max_size=15 * 1000 * 1000,
    smallest=200,
    most_elongated=4,
    widths=(384, 768, 1600),
    too_large=gettext_lazy("This image is too large: %(size)s. A picture has %(limit)s at most."),
    other_kind=gettext_lazy("“%(name)s” is %(found)s. A picture is a JPEG, PNG or WebP image."),
)


@dataclass
class Image:
    """An image that may be kept: {width: its file in WebP}, its own size, and a digest of it."""

    width: int
    height: int
    digest: str
    files: dict = field(repr=False)


def check(upload, limits=LOGO):
    """The uploaded image as it may be kept (`Image`); raises `documents.Refused`, in words."""
    if upload.size > limits.max_size:
        raise documents.Refused(
            limits.too_large % {"size": file_size(upload.size), "limit": file_size(limits.max_size)}
        )
    checked = documents.check(upload)
    if checked.kind not in KINDS:
        raise documents.Refused(
            limits.other_kind % {"name": checked.name, "found": checked.kind.said}
        )
    with Pictures.open(checked.content) as image:
        picture = image.convert("RGBA" if "A" in image.getbands() else "RGB")
    width, height = picture.size
    if min(width, height) < limits.smallest:
        raise documents.Refused(
            _("This image is too small: %(width)d × %(height)d pixels.")
            % {"width": width, "height": height}
        )
    if max(width, height) > limits.most_elongated * min(width, height):
        raise documents.Refused(
            _("This image is too elongated: %(width)d × %(height)d pixels.")
            % {"width": width, "height": height}
        )
    widths = [size for size in limits.widths if size < width]
    if width <= limits.widths[-1]:
        widths.append(width)
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
