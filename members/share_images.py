"""The image that social networks show beside a link to a page: the mosaic, a title, some facts.

Drawn here from plain texts, for any page: organizations, editions, events and the site itself. A
drawing is the same for the same words, so each process keeps the last ones.
"""

import functools
import io
import re
import unicodedata
from bisect import bisect_right
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import override
from PIL import Image, ImageDraw, ImageFont

from regions.mosaic import mosaic

# What networks ask for: an image of this size is shown large, and uncut.
WIDTH, HEIGHT = 1200, 630
CONTENT_TYPE = "image/png"

# As in aqoci/static/css/tokens.css, in the light.
PAGE, TEXT, MUTED, ACCENT = "#fbf8f3", "#1d2725", "#55625f", "#0b5d56"
REGION, LIT = "#b9d8d0", "#b4480a"  # --shade-1, --color-focus

FONTS = Path(__file__).resolve().parent / "data" / "fonts"
TITLE_FONT, BODY_FONT = "NotoSerif-Bold.ttf", "NotoSans-Regular.ttf"

# Where things stand, in pixels.
MARGIN = 64
BAND = 18  # the coloured band at the bottom
CELL, GAP = 10, 3  # of the mosaic
MOSAIC_LEFT, MOSAIC_TOP = WIDTH - 44 * CELL - 48, 110
COLUMN = MOSAIC_LEFT - MARGIN - 40  # how wide words may be
TITLE_TOP, TITLE_BOTTOM = 170, 470
SUBTITLE_BOTTOM = HEIGHT - BAND - 36

# The title takes the largest of these sizes in which it fits, the line of facts its own.
TITLE_SIZES = (64, 56, 48, 42, 36, 31, 27, 24)
SUBTITLE_SIZES = (32, 28, 24)
BREAKING = 36  # a word too long for a line is broken from this size down
LEADING = 1.22  # from a line to the next, in sizes
MOST_SUBTITLE_LINES = 2
# Words beyond these are not even measured.
MAX_CHARACTERS = 600

ELLIPSIS = "…"


def share_image(title, subtitle="", lit=(), language="fr"):
    """The image as the bytes of a PNG of `WIDTH` by `HEIGHT` pixels.

    `title` wraps and shrinks as it must, and is cut with « … » only beyond some 400 characters;
    `subtitle` is a line of facts (a town, a date); `lit` are the codes of the regions to light, of
    which those that do not exist are passed over. `language` is that of the network's own words.
    Any text is drawn: what the fonts do not have becomes « … ».
    """
    return drawn(
        readable(TITLE_FONT, title),
        readable(BODY_FONT, subtitle),
        tuple(sorted(set(lit))),
        language,
    )


@functools.lru_cache(maxsize=200)
def drawn(title, subtitle, lit, language):
    """`share_image`, of words that the fonts have; the last ones are kept (some 30 kB each)."""
    image = ground(language).copy()
    draw = ImageDraw.Draw(image)
    for shape in mosaic().shapes:
        if shape.code in lit:
            paint(draw, shape, fill=LIT, line=TEXT)
    bottom = SUBTITLE_BOTTOM
    if subtitle:
        font, lines = fitted(
            BODY_FONT, SUBTITLE_SIZES, subtitle, SUBTITLE_BOTTOM - TITLE_BOTTOM, MOST_SUBTITLE_LINES
        )
        bottom -= height_of(font, lines)
        write(draw, font, lines, bottom, MUTED)
        bottom = TITLE_BOTTOM
    font, lines = fitted(TITLE_FONT, TITLE_SIZES, title, bottom - TITLE_TOP)
    room = bottom - TITLE_TOP - height_of(font, lines)
    write(draw, font, lines, TITLE_TOP + room // 2, TEXT)
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=6)
    return file.getvalue()


@functools.cache
def ground(language):
    """What all images share: the network's name, the mosaic with nothing lit, the band."""
    image = Image.new("RGB", (WIDTH, HEIGHT), PAGE)
    draw = ImageDraw.Draw(image)
    for shape in mosaic().shapes:
        paint(draw, shape, fill=REGION, line=PAGE)
    draw.rectangle((0, HEIGHT - BAND, WIDTH, HEIGHT), fill=ACCENT)
    with override(language):
        words = _("Directory of members")
    name = font_of(TITLE_FONT, 40)
    draw.text((MARGIN, 104), "AQOCI", font=name, fill=ACCENT, anchor="ls")
    left = MARGIN + name.getlength("AQOCI") + 20
    draw.text((left, 104), words, font=font_of(BODY_FONT, 28), fill=MUTED, anchor="ls")
    draw.rectangle((MARGIN, 128, MARGIN + 96, 132), fill=LIT)
    return image


# The mosaic


@functools.cache
def rings(path):
    """The corners of each ring of a region's path (`regions.mosaic`), in pixels of the image."""
    found = []
    for ring in re.findall(r"M([^Z]+)Z", path):
        x, y = (int(number) for number in re.match(r"(\d+) (\d+)", ring).groups())
        corners = [(x, y)]
        for way, number in re.findall(r"([HV])(\d+)", ring):
            x, y = (int(number), y) if way == "H" else (x, int(number))
            corners.append((x, y))
        found.append([(MOSAIC_LEFT + x * CELL, MOSAIC_TOP + y * CELL) for x, y in corners])
    return found


def paint(draw, shape, *, fill, line):
    """A region in colour, its edge drawn over it. No region of the drawing has a hole."""
    for corners in rings(shape.path):
        draw.polygon(corners, fill=fill)
        draw.line([*corners, *corners[:2]], fill=line, width=GAP, joint="curve")


# Words


@functools.cache
def font_of(file, size):
    """One of the fonts that come with the site, at a size in pixels."""
    return ImageFont.truetype(FONTS / file, size)


@functools.cache
def missing(file):
    """(font, what it draws for a character that it lacks); unshaped, which would hide some."""
    font = ImageFont.truetype(FONTS / file, 24, layout_engine=ImageFont.Layout.BASIC)
    return font, bytes(font.getmask("\uffff"))


@functools.lru_cache(maxsize=5000)
def has(file, character):
    """Whether the font has this character."""
    font, nothing = missing(file)
    return bytes(font.getmask(character)) != nothing


def readable(file, text):
    """`text` in what the font has: accents in one piece, one space between words.

    A character that it lacks is written as its letter without marks if there is one; signs that are
    no letter are left out, other letters become « … ».
    """
    kept = []
    for character in unicodedata.normalize("NFC", str(text)[:MAX_CHARACTERS]):
        if character.isspace():
            kept.append("\N{NO-BREAK SPACE}" if character in "\u00a0\u202f" else " ")
        elif unicodedata.category(character)[0] == "C":
            continue
        elif has(file, character):
            kept.append(character)
        else:
            plain = unicodedata.normalize("NFKD", character)
            plain = "".join(c for c in plain if not unicodedata.combining(c) and has(file, c))
            letter = unicodedata.category(character)[0] in "LN"
            kept.append(plain or (ELLIPSIS if letter else ""))
    text = re.sub(rf"{ELLIPSIS}(?: ?{ELLIPSIS})+", ELLIPSIS, "".join(kept))
    return re.sub(r" +", " ", text).strip()


def fitted(file, sizes, text, room, most_lines=None):
    """(font, lines): the text at the largest size in which it fits in `room` pixels of height.

    What does not fit even at the smallest is cut, with « … ».
    """
    for size in sizes:
        font = font_of(file, size)
        lines = wrapped(font, text, breaking=size <= BREAKING)
        most = int(room // (size * LEADING))
        most = min(most, most_lines or most)
        if lines is not None and len(lines) <= most:
            return font, lines
    last = lines[most - 1].rstrip()
    while last and font.getlength(last + ELLIPSIS) > COLUMN:
        last = last[:-1].rstrip()
    return font, [*lines[: most - 1], last + ELLIPSIS]


def wrapped(font, text, *, breaking):
    """The text in lines of at most COLUMN pixels, cut at spaces and after hyphens.

    With `breaking`, words that are longer are cut anywhere; without, the answer is then None.
    """
    lines, line = [], ""
    for piece in re.findall(r"[^ -]*-+|[^ -]+ *| +", text):
        if font.getlength((line + piece).rstrip(" ")) <= COLUMN:
            line += piece
            continue
        if line.strip():
            lines.append(line.strip(" "))
        line = piece
        while font.getlength(line.rstrip(" ")) > COLUMN:
            if not breaking:
                return None
            end = bisect_right(
                range(1, len(line)), COLUMN, key=lambda n, line=line: font.getlength(line[:n])
            )
            end = max(1, end)
            lines.append(line[:end])
            line = line[end:]
    if line.strip():
        lines.append(line.strip(" "))
    return lines


def height_of(font, lines):
    """How high these lines are together, in pixels."""
    return round(len(lines) * font.size * LEADING)


def write(draw, font, lines, top, colour):
    """The lines from `top` down, at the margin."""
    for place, line in enumerate(lines):
        baseline = top + place * font.size * LEADING + font.size
        draw.text((MARGIN, baseline), line, font=font, fill=colour, anchor="ls")
