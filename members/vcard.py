"""Writes vCards, version 4.0 (RFC 6350). Plain Python: no request, no database.

The libraries at hand write version 3, or do not fold lines by bytes; what an address book needs of
the standard is this page.
"""

import re

# The longest line, in bytes, without its end (RFC 6350, section 3.2).
LINE_BYTES = 75
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def escaped(text):
    """A text value: on one line, its backslashes, commas and semicolons marked (section 3.4)."""
    text = CONTROLS.sub("", str(text))
    for plain, marked in (("\\", "\\\\"), (",", "\\,"), (";", "\\;")):
        text = text.replace(plain, marked)
    return re.sub(r"\r\n|\r|\n", r"\\n", text)


def structured(*parts):
    """A value of several components, such as an address: each escaped, semicolons between."""
    return ";".join(escaped(part) for part in parts)


def listed(values):
    """A value that is a list, such as categories: each escaped, commas between."""
    return ",".join(escaped(value) for value in values)


def telephone(phone, extension=""):
    """A phone number as `tel:+15145550111;ext=12` (RFC 3966); empty if there is none."""
    if not phone or not phone.country_code:
        return ""
    return f"tel:{phone.as_e164}" + (f";ext={extension}" if extension else "")


def folded(line):
    """The content line with its end, cut every 75 bytes at most and never within a character."""
    data = line.encode()
    if len(data) <= LINE_BYTES:
        return f"{line}\r\n"
    pieces, start, room = [], 0, LINE_BYTES
    while len(data) - start > room:
        end = start + room
        while data[end] & 0b1100_0000 == 0b1000_0000:  # within a character
            end -= 1
        pieces.append(data[start:end])
        # The space that marks a continuation counts.
        start, room = end, LINE_BYTES - 1
    pieces.append(data[start:])
    return b"\r\n ".join(pieces).decode() + "\r\n"


def vcard(properties):
    """A whole vCard of (name with parameters, value already escaped) pairs.

    VERSION comes first, as the standard asks; empty values are left out.
    """
    lines = [("BEGIN", "VCARD"), ("VERSION", "4.0"), *properties, ("END", "VCARD")]
    return "".join(folded(f"{name}:{value}") for name, value in lines if value)
