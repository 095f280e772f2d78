"""What a page of the directory shows, ready for its template: cards, choices, chips, pages.

Everything is made here in plain Python so that the templates only print it.
"""

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from members import facets, search
from members.display import quoted, typographic
from members.filters import Ignored, OrganizationFilter, readable
from members.models import DirectoryEntry, Organization
from members.pages import in_language
from regions.folding import fold

PAGE_SIZE = 24
# Choices of a long group that show before « all of them ».
FIRST_CHOICES = 10
# Parts of the address that a page names before it counts the others.
FIRST_IGNORED = 5
# Countries that a card names before it counts the others.
FIRST_COUNTRIES = 4


@dataclass(frozen=True)
class ChoiceGroup:
    """A facet: its first choices (chosen or numerous ones), and the others to unfold.

    A choice is a dictionary of its `value`, `name`, `count` (what it would give) and `checked`:
    a page has a hundred of them, and templates read dictionaries fastest.
    """

    name: str
    label: str
    first: list
    others: list
    chosen: int


@dataclass(frozen=True)
class Chip:
    """An applied filter, and the address without it."""

    label: str
    name: str
    url: str


def card(row, words, base_url):
    """One organization as lists show it, from a row of `for_cards`.

    A dictionary, and its names plain text: templates read those several times faster.
    """
    language = get_language()
    name, lang = in_language(row, "name", language)
    summary, summary_lang = in_language(row, "summary", language)
    region = words.by_key["region"].get(row["region_id"])
    countries = sorted(
        (words.by_key["country"][key].name for key in row["entry__countries"]), key=fold
    )
    return {
        "name": name,
        "lang": lang,
        "acronym": typographic(row["acronym"]),
        "url": f"{base_url}{row['slug']}/",
        "town": typographic(row["municipality__name"] or ""),
        "region": region.name if region else "",
        "summary": summary,
        "summary_lang": summary_lang,
        "themes": [words.by_key["theme"][str(key)].name for key in row["entry__themes"]],
        "countries": ", ".join(countries[:FIRST_COUNTRIES]),
        "more_countries": len(countries[FIRST_COUNTRIES:]),
    }


def for_cards(queryset, *more):
    """`queryset` as rows of what a `card` reads, and the columns `more`: one query, no models."""
    return queryset.values(
        "pk",
        "slug",
        "acronym",
        "name_fr",
        "name_en",
        "summary_fr",
        "summary_en",
        "region_id",
        "municipality__name",
        "entry__themes",
        "entry__countries",
        *more,
    )


class Listing:
    """A page of the directory: the organizations of the address, and how to narrow or widen it."""

    page_size = PAGE_SIZE
    group_names = tuple(facets.GROUPS)

    def __init__(self, filterset: OrganizationFilter, url, asked_page=""):
        self.filterset = filterset
        self.url = url
        self.words = filterset.vocabulary
        self.counts = filterset.counts
        self.total = self.counts.total
        self.ignored = list(filterset.ignored)
        self.paginator = Paginator(range(self.total), self.page_size)
        self.number = self.page_number(asked_page)

    def page_number(self, asked):
        """The page asked for; another one is left out and named, and the nearest shown."""
        last = self.paginator.num_pages
        if not asked:
            return 1
        number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else None
        if number is not None and 1 <= number <= last:
            return number
        self.ignored.append(Ignored(_("Page"), readable(asked)))
        return last if asked.isascii() and asked.isdigit() and number != 0 else 1

    @property
    def ignored_shown(self):
        """The first parts of the address that were left out."""
        return self.ignored[:FIRST_IGNORED]

    @property
    def ignored_more(self):
        """How many others were."""
        return len(self.ignored[FIRST_IGNORED:])

    # The rows

    @cached_property
    def cards(self):
        """The page's organizations as cards; empty without a query when there are none."""
        if not self.total:
            return []
        start = (self.number - 1) * PAGE_SIZE
        more = ["entry__haystack"] if self.filterset.approximate else []
        ids = self.filterset.page(start, start + PAGE_SIZE)
        rows = {row["pk"]: row for row in for_cards(Organization.objects.filter(pk__in=ids), *more)}
        self.rows = [rows[id_] for id_ in ids if id_ in rows]
        return [card(row, self.words, self.url) for row in self.rows]

    @cached_property
    def understood(self):
        """[(typed, taken for)] of an approximate answer."""
        if not self.filterset.approximate or not self.cards:
            return []
        return list(
            search.understood(self.filterset.respelled, self.rows[0]["entry__haystack"]).items()
        )

    # The address

    @cached_property
    def parameters(self):
        """The address's known parts, in a fixed order: one address for one list."""
        data = self.filterset.form.cleaned_data
        pairs = [("q", data["q"].strip())] if data["q"].strip() else []
        for group in facets.GROUPS:
            pairs += [(group, term.value) for term in data[group]]
        pairs += [(name, data[name]) for name in ("sort", "display") if data[name]]
        return pairs

    def address(self, *, without=(), **changes):
        """The list's address without some (name, value) pairs, and with others replaced."""
        pairs = [pair for pair in self.parameters if pair not in without and pair[0] not in changes]
        pairs += [(name, value) for name, value in changes.items() if value]
        return f"{self.url}?{urlencode(pairs)}" if pairs else self.url

    def page_address(self, number):
        """The address of that page of the list."""
        return self.address(page=number if number > 1 else "")

    @property
    def canonical(self):
        """The address of this very page."""
        return self.page_address(self.number)

    @property
    def query(self):
        """The parameters alone, for the same list in another format."""
        return urlencode([pair for pair in self.parameters if pair[0] != "display"])

    # Choices

    @cached_property
    def groups(self):
        """The facets, each with its choices: those that give something, or are chosen."""
        return [self.group(name) for name in self.group_names]

    def terms(self, name):
        """All that a group has to choose from, in the order to show it."""
        return self.words.terms(name)

    def group(self, name):
        """One `ChoiceGroup`, in the order of names."""
        chosen = set(self.filterset.chosen[name])
        by_key = self.counts.by[name]
        choices = [
            {
                "value": term.value,
                "name": term.name,
                "count": by_key.get(term.key, 0),
                "checked": term.key in chosen,
            }
            for term in self.terms(name)
            if term.key in by_key or term.key in chosen
        ]
        label = self.filterset.form.fields[name].label
        if len(choices) <= FIRST_CHOICES + 8:
            return ChoiceGroup(name, label, choices, [], len(chosen))
        most = sorted(choices, key=lambda choice: -choice["count"])[:FIRST_CHOICES]
        shown = {choice["value"] for choice in most} | {c["value"] for c in choices if c["checked"]}
        first = [choice for choice in choices if choice["value"] in shown]
        others = [choice for choice in choices if choice["value"] not in shown]
        return ChoiceGroup(name, label, first, others, len(chosen))

    @cached_property
    def chips(self):
        """The applied filters, each removable."""
        chips = []
        text = self.filterset.form.cleaned_data["q"].strip()
        if text:
            chips.append(Chip(_("Words"), quoted(text), self.address(without=[("q", text)])))
        for group in facets.GROUPS:
            label = self.filterset.form.fields[group].label
            chips += [
                Chip(label, term.name, self.address(without=[(group, term.value)]))
                for term in self.filterset.form.cleaned_data[group]
            ]
        return chips

    @cached_property
    def sorts(self):
        """[(value, label, address, is current)] of the orders that make sense here."""
        return [
            (value, label, self.address(sort=value), value == self.filterset.order)
            for value, label in OrganizationFilter.SORTS.items()
            if value != "relevance" or self.filterset.question
        ]

    @cached_property
    def displays(self):
        """[(value, label, address, is current)] of the ways to show the list."""
        return [
            (
                value,
                label,
                self.address(display="" if value == "cards" else value),
                value == self.filterset.layout,
            )
            for value, label in OrganizationFilter.DISPLAYS.items()
        ]

    # Pages

    @cached_property
    def pages(self):
        """[(number, address, is current)], with (None, "", False) where numbers are left out."""
        return [
            (None, "", False)
            if number == Paginator.ELLIPSIS
            else (number, self.page_address(number), number == self.number)
            for number in self.paginator.get_elided_page_range(
                self.number, on_each_side=1, on_ends=1
            )
        ]

    @property
    def previous(self):
        """The address of the page before, or empty."""
        return self.page_address(self.number - 1) if self.number > 1 else ""

    @property
    def next(self):
        """The address of the page after, or empty."""
        return self.page_address(self.number + 1) if self.number < self.paginator.num_pages else ""

    @property
    def first_shown(self):
        """The rank of the first organization on the page, from 1."""
        return (self.number - 1) * self.page_size + 1 if self.total else 0

    @property
    def last_shown(self):
        """The rank of the last organization on the page."""
        return min(self.number * self.page_size, self.total)

    # When nothing is found

    @cached_property
    def ways_out(self):
        """[(what to drop, address, how many it would give)] when the list is empty.

        One query counts the list without each word; the choices' own counts need none.
        """
        if self.total:
            return []
        ways = []
        question = self.filterset.question
        if self.filterset.has_choices and self.counts.found:
            pairs = [pair for pair in self.parameters if pair[0] in facets.GROUPS]
            ways.append((_("all the filters"), self.address(without=pairs), self.counts.found))
        elif len(question.words) > 1:
            found = search.count_without(DirectoryEntry.objects.listed(), question)
            for word, number in found.items():
                if number:
                    rest = " ".join(w for w in question.words if w != word)
                    ways.append((quoted(word), f"{self.url}?{urlencode({'q': rest})}", number))
        return ways
