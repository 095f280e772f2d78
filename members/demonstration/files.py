"""Small files made here, so that documents have something to open."""

import struct
import zlib


def all_of(made):
    """(title, file name, content, what it belongs to) of each document."""
    yield (
        "Mémoire sur les permis de travail ouverts",
        "memoire-permis.pdf",
        pdf(
            "Mémoire sur les permis de travail ouverts (fictif)",
            "Présenté au Comité permanent des affaires exemplaires (fictif)",
            "Un permis lié au secteur plutôt qu’à l’employeur, à l’essai dans deux régions.",
        ),
        {"dossier": made.dossiers["permis"]},
    )
    yield (
        "Règlements généraux",
        "reglements.pdf",
        pdf(
            "Règlements généraux (fictif)",
            "1. L’association porte le nom de Puits partagés.",
            "2. Son siège est à Coaticook.",
        ),
        {"organization": made.organizations["puits-partages"]},
    )
    yield (
        "Logo",
        "logo.png",
        png(160, 100),
        {"organization": made.organizations["coeur-de-maree"]},
    )
    yield (
        "Mandat de la coalition",
        "mandat.pdf",
        pdf("Mandat de la coalition (fictif)", made.alliances["permis"].mandate),
        {"alliance": made.alliances["permis"]},
    )
    yield (
        "Lettre commune",
        "lettre-commune.pdf",
        pdf("Lettre commune sur les permis fermés (fictif)", "Madame la Ministre des Exemples,"),
        {"interaction": made.exchanges["Lettre commune sur les permis fermés"]},
    )


def pdf(title, *lines):
    """A page of PDF with a title and lines of text, in a font that every reader has."""
    width = 92
    written = [f"BT /F1 16 Tf 60 770 Td ({escaped(title)}) Tj /F1 11 Tf 0 -14 Td"]
    for line in lines:
        for start in range(0, len(line), width):
            written.append(f"0 -18 Td ({escaped(line[start : start + width])}) Tj")
    stream = (" ".join(written) + " ET").encode("cp1252", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    content, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return content + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table, len(objects) + 1, len(content))
    )


def escaped(text):
    """`text` within the parentheses of a PDF's string."""
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def png(width, height):
    """A picture: three waves of blue, one above the other."""

    def chunk(kind, body):
        checked = kind + body
        return struct.pack(">I", len(body)) + checked + struct.pack(">I", zlib.crc32(checked))

    shades = [(230, 242, 250), (120, 180, 215), (20, 90, 140)]
    rows = b"".join(
        b"\0"
        + b"".join(
            bytes(shades[min(2, 3 * max(0, y + abs(x % 40 - 20) // 2 - 10) // height)])
            for x in range(width)
        )
        for y in range(height)
    )
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
