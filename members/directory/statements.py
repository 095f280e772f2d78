"""Positions and open letters as the public reads them, and who signed.

The dossier that a statement belongs to is the staff's: nothing here reads it.
"""

import datetime
from collections import Counter
from functools import cached_property
from urllib.parse import urlencode

from django import forms
from django.core.cache import caches
from django.core.paginator import Paginator
from django.db.models import BooleanField, ExpressionWrapper, F, Q
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from members import markdown, search
from members.directory.addresses import LANGUAGE_TAGS, absolute, tag
from members.directory.caching import public_page, version_for
from members.directory.feeds import DirectoryFeed, xml_text
from members.directory.head import head_meta
from members.directory.opendata import opened
from members.directory.schema import page_of_statement
from members.display import number, shortened, typographic
from members.filters import Ignored, KnownValueField, TextField, readable
from members.maps import drawn
from members.models import Organization, Statement
from members.pages import in_language
from members.statement_cards import statement_card
from members.terms import vocabulary
from regions.folding import fold

PAGE_SIZE = 24
# Entries of the feed, the latest first.
ENTRIES = 50
# Years that an address may ask for.
YEARS = range(1976, 2101)
# What is said of a text where there is no room for it, in characters.
SUMMARY = 220


# The list


class StatementForm(forms.Form):
    """`q`, `kind`, `theme`, `country` and `year` of an address; what is not known is left out, and
    named."""

    q = TextField(label=gettext_lazy("Words"))
    kind = KnownValueField(label=gettext_lazy("Kind"), known=dict(Statement.Kind.choices))
    theme = KnownValueField(label=gettext_lazy("Theme"), known={})
    country = KnownValueField(label=gettext_lazy("Country"), known={})
    year = KnownValueField(label=gettext_lazy("Year"), known={str(year) for year in YEARS})

    def __init__(self, data, words):
        super().__init__(data)
        for group in ("theme", "country"):
            self.fields[group].known = words.by_value[group]
        self.is_valid()

    @property
    def ignored(self):
        """Every value of the address that was left out, as `Ignored`."""
        return [
            Ignored(field.label, readable(value))
            for field in self.fields.values()
            for value in field.unknown
        ]


class StatementListing:
    """The statements that an address asks for, a page of them: two queries, however many, and one
    for each version of the directory."""

    CHOICES = ("kind", "theme", "country", "year")

    def __init__(self, data, version):
        self.version, self.words = version, vocabulary(version)
        self.form = StatementForm(data, self.words)
        self.asked = self.form.cleaned_data
        self.asked["q"] = self.asked["q"].strip()
        self.ignored = self.form.ignored
        self.paginator = Paginator(self.keys, PAGE_SIZE)
        self.number = self.page_number(data.get("page", ""))

    def page_number(self, asked):
        """The page asked for; another one is left out and named, and the nearest shown."""
        is_number = asked.isascii() and asked.isdigit()
        wanted = int(asked[:9]) if is_number else 1
        shown = min(max(wanted, 1), self.paginator.num_pages)
        if asked and not (is_number and wanted == shown):
            self.ignored.append(Ignored(_("Page"), readable(asked)))
        return shown

    @cached_property
    def rows(self):
        """A light row of each statement that has the words, {choice: its values there}."""
        every = caches["counts"].get_or_set(f"statement-rows:{self.version}", self.read_rows)
        if not (question := search.parse(self.asked["q"])):
            return every
        found = set(Statement.objects.published().matching(question).values_list("pk", flat=True))
        return [row for row in every if row["pk"] in found]

    def read_rows(self):
        themes, countries = self.words.by_key["theme"], self.words.by_key["country"]
        return [
            {
                "pk": row["pk"],
                "kind": {row["kind"]},
                "year": {str(row["year"])},
                "theme": {themes[str(key)].value for key in row["theme_ids"]},
                "country": {countries[code].value for code in row["country_codes"]},
            }
            for row in Statement.objects.published().for_choices()
        ]

    def has(self, row, *, but=""):
        """Whether a row has all that was chosen; `but` is a choice that does not count."""
        return all(
            name == but or not self.asked[name] or self.asked[name] in row[name]
            for name in self.CHOICES
        )

    @cached_property
    def keys(self):
        """The keys of all those that were asked for, the latest first."""
        return [row["pk"] for row in self.rows if self.has(row)]

    @property
    def total(self):
        return len(self.keys)

    @property
    def is_narrowed(self):
        """Whether anything was asked for."""
        return any(self.asked.values())

    @cached_property
    def statements(self):
        """Those of the page."""
        keys = self.paginator.page(self.number).object_list
        return list(Statement.objects.filter(pk__in=keys).for_cards()) if keys else []

    @property
    def cards(self):
        return [statement_card(one, self.words) for one in self.statements]

    def counts(self, name):
        """{value: how many it would give under the other choices}."""
        return Counter(value for row in self.rows if self.has(row, but=name) for value in row[name])

    def options(self, name, known):
        """[(value, words, how many it would give, is chosen)] of those that give something, or are
        chosen; `known` are (value, words)."""
        counts = self.counts(name)
        return [
            (value, words, counts[value], value == self.asked[name])
            for value, words in known
            if counts[value] or value == self.asked[name]
        ]

    @cached_property
    def kinds(self):
        return self.options("kind", Statement.Kind.choices)

    @cached_property
    def themes(self):
        return self.options("theme", [(t.value, t.name) for t in self.words.terms("theme")])

    @cached_property
    def countries(self):
        return self.options("country", [(t.value, t.name) for t in self.words.terms("country")])

    @cached_property
    def years(self):
        return self.options("year", [(str(year), str(year)) for year in reversed(YEARS)])

    # The address

    @property
    def query(self):
        """The known parts of the address, in a fixed order, without the page."""
        return urlencode([(name, value) for name, value in self.asked.items() if value])

    def address(self, page=1):
        """The address of a page of this list."""
        parts = [self.query, f"page={page}" if page > 1 else ""]
        query = "&".join(part for part in parts if part)
        url = reverse("members:statement-list")
        return f"{url}?{query}" if query else url

    @property
    def canonical(self):
        return self.address(self.number)

    @property
    def previous(self):
        """The address of the page before, or empty."""
        return self.address(self.number - 1) if self.number > 1 else ""

    @property
    def next(self):
        """The address of the page after, or empty."""
        return self.address(self.number + 1) if self.number < self.paginator.num_pages else ""

    @property
    def pages(self):
        """[(number, address, is current)], with (None, "", False) where numbers are left out."""
        return [
            (None, "", False)
            if place == Paginator.ELLIPSIS
            else (place, self.address(place), place == self.number)
            for place in self.paginator.get_elided_page_range(
                self.number, on_each_side=1, on_ends=1
            )
        ]


@public_page
def statement_list(request):
    """The published positions and letters, the latest first."""
    listing = StatementListing(request.GET, version_for(request))
    meta = head_meta(request, title=_("Positions and open letters"), path=listing.canonical)
    return render(request, "members/statement_list.html", {"listing": listing, "meta": meta})


# One statement


class Signatories:
    """The organizations that signed, in the order of names: one query.

    Each is {name, lang, acronym, url, region, region_name, day}; only the members of the network
    have a page.
    """

    def __init__(self, statement, words):
        self.statement, self.words = statement, words
        language, today = get_language(), timezone.localdate()
        is_ours = ExpressionWrapper(Q(entry__listed__has_day=today), BooleanField())
        found = (
            Organization.objects.filter(
                signatures__statement=statement, signatures__withdrawn_at__isnull=True
            )
            .annotate(signed_at=F("signatures__signed_at"), is_ours=is_ours)
            .values("name_fr", "name_en", "acronym", "slug", "region_id", "signed_at", "is_ours")
        )
        self.rows = []
        for row in found:
            name, lang = in_language(row, "name", language)
            region = words.by_key["region"].get(row["region_id"])
            page = reverse("members:organization-detail", args=[row["slug"]])
            self.rows.append(
                {
                    "name": name,
                    "lang": lang,
                    "acronym": typographic(row["acronym"]),
                    "url": page if row["is_ours"] else "",
                    "region": region,
                    "day": timezone.localdate(row["signed_at"]),
                }
            )
        self.rows.sort(key=lambda row: fold(row["name"]))

    @property
    def total(self):
        return len(self.rows)

    @cached_property
    def by_region(self):
        """[(region, how many)] of where they have their head office, the most first."""
        counts = Counter(row["region"] for row in self.rows if row["region"])
        return sorted(counts.items(), key=lambda pair: (-pair[1], fold(pair[0].name)))

    @property
    def elsewhere(self):
        """How many have no known head office in Québec."""
        return sum(row["region"] is None for row in self.rows)

    def map(self, version):
        """The mosaic of the regions where they are, or None when they are in none."""
        if not self.by_region:
            return None
        base = reverse("members:region-list")
        known = {
            code: (term.name, f"{base}{term.slug}/")
            for code, term in self.words.by_key["region"].items()
        }
        return drawn(
            known,
            {region.key: count for region, count in self.by_region},
            key=f"signatories:{self.statement.pk}:{version}:{get_language()}",
            label=_("Organizations that signed, by region of Québec"),
            said=signed_in_region,
        )


def signed_in_region(name, count):
    """What the link of a region on the map is called."""
    words = ngettext("%(name)s, %(count)s signed", "%(name)s, %(count)s signed", count)
    return words % {"name": name, "count": number(count)}


@public_page
def statement_detail(request, slug):
    """A published statement: its text or where it is, to whom, and who signed it."""
    statement = Statement.objects.published().for_page().filter(slug=slug).first()
    if statement is None:
        raise Http404
    version = version_for(request)
    words = vocabulary(version)
    card = statement_card(statement, words)
    text, text_lang = in_language(statement, "text", get_language())
    signatories = Signatories(statement, words)
    summary = shortened(markdown.plain(text), SUMMARY) or card["addressed_to"]
    edition = statement.edition if statement.edition and statement.edition.is_published else None
    return render(
        request,
        "members/statement_detail.html",
        {
            "statement": statement,
            "card": card,
            "text": text,
            "text_lang": text_lang,
            "alliance": statement.alliance and link_to(statement.alliance),
            "edition": edition and link_to(edition.campaign, edition),
            "themes": [words.by_key["theme"][str(key)] for key in statement.theme_ids],
            "countries": [words.by_key["country"][code] for code in statement.country_codes],
            "signatories": signatories,
            "map": signatories.map(version),
            "meta": head_meta(
                request,
                title=card["title"],
                description=summary,
                data=page_of_statement(request, statement, card, summary, words),
            ),
        },
    )


def link_to(named, page=None):
    """Another record in a few words: {name, lang, year, url}; `page` is that of an edition."""
    name, lang = in_language(named, "name", get_language())
    year = page.year if page else None
    return {"name": name, "lang": lang, "year": year, "url": (page or named).get_absolute_url()}


# The feed


@public_page
def statement_atom(request):
    """The statements found, the latest first, as an Atom feed (RFC 4287)."""
    language = get_language()
    listing = StatementListing(request.GET, version_for(request))
    query = f"?{listing.query}" if listing.query else ""
    feed = DirectoryFeed(
        title=_("AQOCI – positions and open letters"),
        link=absolute(request, reverse("members:statement-list") + query),
        description="",
        subtitle=_("The latest positions and open letters of the network."),
        language=LANGUAGE_TAGS[language],
        author_name="AQOCI",
        author_link=absolute(request, reverse("members:home")),
        feed_url=absolute(request, reverse("members:statement-atom") + query),
        feed_guid=tag(request, f"statements/{language}{query}"),
    )
    found = Statement.objects.filter(pk__in=listing.keys[:ENTRIES])
    for one in found.for_page().latest_first():
        card = statement_card(one, listing.words)
        text, _lang = in_language(one, "text", language)
        feed.add_item(
            title=xml_text(card["title"]),
            link=absolute(request, card["url"]),
            description=xml_text(markdown.html(text)),
            unique_id=tag(request, f"statement/{one.pk}/{language}"),
            pubdate=midnight(one.issued_on),
            updateddate=one.updated_at,
            categories=[xml_text(name) for name in [*card["themes"], *card["countries"]]],
        )
    response = HttpResponse(content_type=feed.content_type)
    feed.write(response, "utf-8")
    return opened(request, response)


def midnight(day):
    """When a local day begins."""
    return datetime.datetime.combine(day, datetime.time(), timezone.get_default_timezone())
