"""The directory's query string, turned into queryset methods.

A value that is not known (a region 99, a page of letters) is left out and named, so that an old or
mistyped address still answers, and says what it left out.
"""

from dataclasses import dataclass
from functools import cached_property

import django_filters
from django import forms
from django.core.cache import caches
from django.utils.translation import gettext_lazy as _

from members import facets, search
from members.models import DirectoryEntry, Organization
from members.terms import vocabulary

# More values of one parameter than any of our forms can send are not read: each costs.
MAX_VALUES = 100

# What mail and social networks add to links: no use naming it to whoever followed one.
TRACKERS = ("utm_", "fbclid", "gclid", "mc_", "_")


@dataclass(frozen=True)
class Ignored:
    """A part of the address that was left out: which parameter, and what it said (cut short)."""

    label: str
    value: str


class KnownValuesField(forms.Field):
    """Several values of `known` ({value: term}); others are left out, and kept in `unknown`."""

    widget = forms.SelectMultiple

    def __init__(self, *, known, **kwargs):
        super().__init__(**kwargs)
        self.known = known
        self.unknown = []

    def clean(self, value):
        values = list(dict.fromkeys(value or []))
        self.unknown = [v for v in values if v and v not in self.known] + values[MAX_VALUES:]
        return [self.known[v] for v in values[:MAX_VALUES] if v in self.known]


class KnownValueField(forms.Field):
    """One value among those `known`, or none; another is left out, kept in `unknown`."""

    def __init__(self, *, known, **kwargs):
        super().__init__(**kwargs)
        self.known = known
        self.unknown = []

    def clean(self, value):
        self.unknown = [value] if value and value not in self.known else []
        return "" if self.unknown else value or ""


class TextField(forms.Field):
    """Any text at all: what cannot be searched is only less text."""

    unknown = ()

    def clean(self, value):
        return (value or "").replace("\x00", " ")[: search.MAX_CHARACTERS]


class TextFilter(django_filters.Filter):
    field_class = TextField


class TermsFilter(django_filters.Filter):
    """Terms of one vocabulary group; filters by the queryset method of that name."""

    field_class = KnownValuesField


class ChoiceFilter(django_filters.Filter):
    field_class = KnownValueField


class OrganizationFilter(django_filters.FilterSet):
    """`q`, the groups of `facets` and `sort` of the directory's address, over what may be seen.

    `version` is the directory's (see `caching.directory_version`): the vocabulary is read once for
    it, and so are the counts of the directory without any choice.
    """

    SORTS = {
        "relevance": _("Relevance"),
        "name": _("Name"),
        "recent": _("Latest update"),
    }
    DISPLAYS = {"cards": _("Cards"), "table": _("Table")}

    q = TextFilter(method="filter_text", label=_("Search"))
    region = TermsFilter(method="filter_terms", label=_("Region"))
    theme = TermsFilter(method="filter_terms", label=_("Theme"))
    country = TermsFilter(method="filter_terms", label=_("Country"))
    alliance = TermsFilter(method="filter_terms", label=_("Alliance"))
    sort = ChoiceFilter(method="filter_nothing", label=_("Sort by"), known=SORTS)
    display = ChoiceFilter(method="filter_nothing", label=_("Display"), known=DISPLAYS)

    class Meta:
        model = Organization
        fields = []

    # Parameters that the views read themselves.
    ALSO_KNOWN = {"page": _("Page"), "dialect": _("Dialect")}

    def __init__(self, data, *, version, queryset=None):
        self.version = version
        self.vocabulary = vocabulary(version)
        queryset = Organization.objects.members() if queryset is None else queryset
        super().__init__(data, queryset=queryset)
        for group in facets.GROUPS:
            self.filters[group].extra["known"] = self.vocabulary.by_value[group]
        self.form.is_valid()

    # What is asked

    @cached_property
    def question(self):
        """The text, as `search` understands it."""
        return search.parse(self.form.cleaned_data["q"])

    @cached_property
    def chosen(self):
        """{group: keys in the database} of the choices made, for `facets.count`."""
        return {
            group: [term.key for term in self.form.cleaned_data[group]] for group in facets.GROUPS
        }

    @property
    def has_choices(self):
        """Whether any group has a choice."""
        return any(self.chosen.values())

    @property
    def order(self):
        """The order asked for; without one, relevance for a text and names otherwise."""
        asked = self.form.cleaned_data["sort"]
        if asked == "relevance" and not self.question:
            return "name"
        return asked or ("relevance" if self.question else "name")

    @property
    def layout(self):
        """Cards unless a table is asked for."""
        return self.form.cleaned_data["display"] or "cards"

    @cached_property
    def ignored(self):
        """Every part of the address that was left out, as `Ignored`."""
        ignored = [
            Ignored(field.label, readable(value))
            for field in self.form.fields.values()
            for value in field.unknown
        ]
        ignored += [
            Ignored(readable(name), readable(self.data.get(name, "")))
            for name in self.data
            if name not in self.form.fields
            and name not in self.ALSO_KNOWN
            and not name.startswith(TRACKERS)
        ]
        return ignored

    # What it finds

    @cached_property
    def counts(self):
        """The `facets.Counts` beside each choice; decides whether the text needs likeness.

        The directory without text or choice is counted once a version.
        """
        if not self.question and not self.has_choices:
            return caches["counts"].get_or_set(f"counts:{self.version}", self._count)
        return self._count()

    @cached_property
    def approximate(self):
        """Whether nothing has the text as written, so that close spellings answer."""
        return self.counts.approximate

    @cached_property
    def respelled(self):
        """{word that nothing has: known words it may have been meant for}."""
        return search.respelled(self.question)

    def _count(self):
        entries = DirectoryEntry.objects.listed()
        counts = facets.count(search.matching(entries, self.question, ""), self.chosen)
        if not counts.found and self.question.words:
            close = search.approximate(entries, self.question, self.respelled, "")
            counts = facets.count(close, self.chosen)
            counts.approximate = True
        return counts

    def filter_text(self, queryset, name, value):
        if not self.question:
            return queryset
        if self.approximate:
            return search.approximate(queryset, self.question, self.respelled)
        return search.matching(queryset, self.question)

    def filter_terms(self, queryset, name, terms):
        keys = [term.key for term in terms]
        methods = {
            "region": "in_regions",
            "theme": "on_themes",
            "country": "in_countries",
            "alliance": "in_alliances",
        }
        return getattr(queryset, methods[name])(keys) if keys else queryset

    def filter_nothing(self, queryset, name, value):
        """The order and the display choose no rows."""
        return queryset

    def filter_queryset(self, queryset):
        """All filters, then the order."""
        queryset = super().filter_queryset(queryset)
        if self.order == "recent":
            return queryset.recently_changed()
        if self.order == "name":
            return queryset.by_name()
        if self.approximate:
            queryset = search.ranked_approximately(queryset, self.question, self.respelled)
        else:
            queryset = search.ranked(queryset, self.question)
        return queryset.by_name(first="-score")

    def page(self, start, stop):
        """The ids of the organizations from rank `start` to `stop`, as `qs[start:stop]` has them.

        Their entries alone are searched and ordered: the thousands before and after are not read.
        """
        entries = DirectoryEntry.objects.listed()
        if self.approximate:
            entries = search.approximate(entries, self.question, self.respelled, "")
        else:
            entries = search.matching(entries, self.question, "")
        for group, keys in self.chosen.items():
            if keys:
                entries = entries.filter(facets.GROUPS[group].condition(keys))
        if self.order == "recent":
            entries = entries.order_by("-organization__updated_at", "pk")
        elif self.order == "name":
            entries = entries.by_name()
        elif self.approximate:
            ranked = search.ranked_approximately(entries, self.question, self.respelled, "")
            entries = ranked.by_name(first="-score")
        else:
            entries = search.ranked(entries, self.question, "").by_name(first="-score")
        return list(entries.values_list("pk", flat=True)[start:stop])


def readable(value):
    """What a person typed in an address, short and without control characters."""
    value = "".join(character for character in str(value) if character.isprintable())
    return value if len(value) <= 40 else f"{value[:39]}…"
