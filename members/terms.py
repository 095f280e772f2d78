"""The words of the directory: regions, themes, countries and alliances, read once a version.

They are few and change rarely, while every page needs all their names: one query, then memory.
"""

from dataclasses import dataclass
from functools import cached_property

from django.db import connection
from django.utils.translation import get_language

from regions.folding import fold

READ = """
SELECT 'region', code, slug, name_fr, coalesce(nullif(name_en, ''), name_fr), '', '{}'::smallint[]
FROM regions_region
UNION ALL
SELECT 'theme', id::text, slug, name_fr, coalesce(nullif(name_en, ''), name_fr), other_names, sdgs
FROM members_theme
UNION ALL
SELECT 'country', code, lower(code), name_fr, coalesce(nullif(name_en, ''), name_fr), other_names,
    '{}'
FROM members_country
UNION ALL
SELECT 'alliance', id::text, slug, name_fr, coalesce(nullif(name_en, ''), name_fr), acronym, '{}'
FROM members_alliance
WHERE status <> 'ended'
"""


# Themes and countries come first among what a text may be the beginning of.
GROUPS = ("theme", "country", "region", "alliance")

# The groups whose terms are chosen by their slug; the others by their code.
BY_SLUG = {"theme", "alliance"}


@dataclass(frozen=True)
class Term:
    """One region, theme, country or alliance that goes on: `key` in the database, `slug` in the
    address of its page, `value` in queries.

    `sdgs` are the goals of a theme; the other name of an alliance is its acronym.
    """

    group: str
    key: str
    slug: str
    name_fr: str
    name_en: str
    other_names: str
    sdgs: tuple[int, ...] = ()

    @property
    def value(self):
        """What a query parameter says: the code of a region or a country, the slug of others."""
        return self.slug if self.group in BY_SLUG else self.key

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
        self.by_key = {group: {} for group in GROUPS}
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
            for group in GROUPS
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
        return Vocabulary([Term(*row, tuple(sdgs)) for *row, sdgs in cursor])
