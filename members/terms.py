"""The words of the directory: regions, themes and countries, read once a version.

They are few and change rarely, while every page needs all their names: one query, then memory.
"""

from dataclasses import dataclass
from functools import cached_property

from django.db import connection
from django.utils.translation import get_language

from regions.folding import fold

READ = """
SELECT 'region', code, slug, name_fr, coalesce(nullif(name_en, ''), name_fr), ''
FROM regions_region
UNION ALL
SELECT 'theme', id::text, slug, name_fr, coalesce(nullif(name_en, ''), name_fr), other_names
FROM members_theme
UNION ALL
SELECT 'country', code, code, name_fr, coalesce(nullif(name_en, ''), name_fr), other_names
FROM members_country
"""


@dataclass(frozen=True)
class Term:
    """One region, theme or country: `key` in the database, `value` in addresses."""

    group: str
    key: str
    slug: str
    name_fr: str
    name_en: str
    other_names: str

    @property
    def value(self):
        """What a query parameter says: a region's or a country's code, a theme's slug."""
        return self.slug if self.group == "theme" else self.key

    @property
    def name(self):
        """Its name in the current language."""
        return self.name_en if get_language() == "en" else self.name_fr

    @cached_property
    def folded(self):
        """Every name it is searched by, folded."""
        names = [self.name_fr, self.name_en, *self.other_names.split(";")]
        return tuple(dict.fromkeys(name for name in map(fold, names) if name))


class Vocabulary:
    """All terms: by group and key, by group and value, and in the order of names."""

    def __init__(self, terms):
        self.by_key = {group: {} for group in ("region", "theme", "country")}
        self.by_value = {group: {} for group in self.by_key}
        for term in terms:
            self.by_key[term.group][term.key] = term
            self.by_value[term.group][term.value] = term
        self.in_order = {
            language: {
                group: sorted(known.values(), key=lambda t: fold(getattr(t, f"name_{language}")))
                for group, known in self.by_key.items()
            }
            for language in ("fr", "en")
        }

    def terms(self, group):
        """The group's terms in the order of their names in the current language."""
        return self.in_order["en" if get_language() == "en" else "fr"][group]

    def starting_with(self, text, limit):
        """Up to `limit` terms one of whose names has a word that begins like `text` (folded)."""
        if not text:
            return []
        found = [
            term
            for group in ("theme", "country", "region")
            for term in self.terms(group)
            if any(name.startswith(text) or f" {text}" in name for name in term.folded)
        ]
        # Its own name first, then another name, then a word further on.
        found.sort(
            key=lambda term: (
                not fold(term.name).startswith(text),
                not any(name.startswith(text) for name in term.folded),
            )
        )
        return found[:limit]


_read = {"version": None, "vocabulary": None}


def vocabulary(version):
    """The `Vocabulary` of that version of the directory (see `directory.caching`)."""
    if _read["version"] != version:
        _read["vocabulary"] = read()
        _read["version"] = version
    return _read["vocabulary"]


def read():
    """The `Vocabulary` as the database has it now: one query."""
    with connection.cursor() as cursor:
        cursor.execute(READ)
        return Vocabulary([Term(*row) for row in cursor])
