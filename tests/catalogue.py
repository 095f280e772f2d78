"""Reads a gettext catalogue, for tests about its words."""

from dataclasses import dataclass

from babel.messages.pofile import read_po


@dataclass(frozen=True)
class Entry:
    """One text and its translations (two for a plural)."""

    context: str
    msgid: str
    texts: tuple
    flags: frozenset

    @property
    def key(self):
        """What identifies it in its catalogue."""
        return self.context, self.msgid


def entries(path):
    """The catalogue's entries, without its header."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale="fr")
    for message in catalogue:
        if message.id:
            single = isinstance(message.id, str)
            yield Entry(
                message.context or "",
                message.id if single else message.id[0],
                (message.string,) if single else tuple(message.string),
                frozenset(message.flags),
            )
