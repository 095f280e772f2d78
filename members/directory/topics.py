"""A theme or a country as a page: who works on it or there, where they are, and what to do next.

It is the directory under one choice: the counts beside the other choices say the regions, the
countries and the themes that go with it.
"""

from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from members.calendar_cards import coming_cards
from members.crises import crisis_of
from members.directory.alliances import alliance_card
from members.directory.caching import public_page, version_for
from members.directory.head import head_meta
from members.directory.listing import card, for_cards
from members.filters import OrganizationFilter
from members.maps import drawn
from members.models import Alliance, EventDate, Statement
from members.sdgs import GOALS
from members.statement_cards import OF_TOPIC, statement_cards
from regions.folding import fold

# A page shows this many organizations, then leads to the directory.
SHOWN = 48
# How many of the countries, or themes, most often with it.
MOST_OFTEN = 12


class Topic:
    """The directory under one choice: a theme or a country (`term`)."""

    def __init__(self, request, term):
        self.term = term
        self.pairs = [(term.group, term.value)]
        self.filterset = OrganizationFilter(
            {term.group: [term.value]}, version=version_for(request)
        )
        self.words = self.filterset.vocabulary
        self.counts = self.filterset.counts
        self.total = self.counts.total
        self.url = reverse("members:organization-list")

    def address(self, *pairs):
        """The directory under this choice, and others: (name, value) pairs."""
        return f"{self.url}?{self.query(*pairs)}"

    def query(self, *pairs):
        """The parameters of this choice and others."""
        return urlencode([*self.pairs, *pairs])

    def cards(self):
        """The first organizations, in the order of names; without a query if there are none."""
        if not self.total:
            return []
        rows = for_cards(self.filterset.qs)[:SHOWN]
        return [card(row, self.words, self.url) for row in rows]

    def regions(self):
        """[(term, how many, address)] of the regions where their head offices are."""
        counts = self.counts.by["region"]
        return [
            (term, counts[term.key], self.address(("region", term.value)))
            for term in self.words.terms("region")
            if term.key in counts
        ]

    def map(self):
        """The mosaic, shaded by how many there are; each region leads to them, or to its page."""
        counts = self.counts.by["region"]
        pages = reverse("members:region-list")
        known = {
            code: (
                term.name,
                self.address(("region", code)) if code in counts else f"{pages}{term.slug}/",
            )
            for code, term in self.words.by_key["region"].items()
        }
        key = f"map:{self.filterset.version}:{get_language()}:{self.query()}"
        return drawn(known, counts, key=key)

    def most_often(self, group):
        """[(term, how many have both, address)] of what goes most often with it in that group."""
        counts = self.counts.by[group]
        most = sorted(
            (self.words.by_key[group][key] for key in counts),
            key=lambda term: (-counts[term.key], fold(term.name)),
        )
        return [
            (term, counts[term.key], self.address((group, term.value)))
            for term in most[:MOST_OFTEN]
        ]

    def dates(self):
        """The dates of the events on this theme or about this country."""
        if self.term.group == "theme":
            return EventDate.objects.on_theme(int(self.term.key))
        return EventDate.objects.about_country(self.term.key)

    def statements(self):
        """The statements on this theme or about this country."""
        group = {"theme": "themes", "country": "countries"}[self.term.group]
        return Statement.objects.filter(**{group: self.term.key})

    def shown(self):
        """The variables that the pages of themes and of countries share.

        `events` and `statements` are those about it, for `partials/happening.html`.
        """
        cards = self.cards()
        return {
            "topic": self.term,
            "total": self.total,
            "cards": cards,
            "directory_url": self.address(),
            "query": self.query(),
            "map": self.map() if self.total else None,
            "regions": self.regions(),
            "events": coming_cards(self.dates(), self.words),
            "statements": statement_cards(self.statements(), self.words, OF_TOPIC),
        }


def whole(request):
    """The directory without any choice."""
    return OrganizationFilter({}, version=version_for(request))


def counted(directory, group):
    """[(term, how many members)] of a group, in the order of names."""
    counts = directory.counts.by[group]
    return [(term, counts.get(term.key, 0)) for term in directory.vocabulary.terms(group)]


# Themes


@public_page
def theme_list(request):
    """Every theme, with how many members work on it."""
    directory = whole(request)
    return render(
        request,
        "members/theme_list.html",
        {
            "themes": counted(directory, "theme"),
            "meta": head_meta(request, title=_("Themes")),
        },
    )


@public_page
def theme_detail(request, slug):
    """Who works on a theme, from where, in which countries, in which alliances."""
    directory = whole(request)
    term = directory.vocabulary.by_value["theme"].get(slug)
    if term is None:
        raise Http404
    topic = Topic(request, term)
    alliances = Alliance.objects.current().filter(themes=int(term.key)).for_public_list()
    return render(
        request,
        "members/theme_detail.html",
        topic.shown()
        | {
            "goals": [(number, GOALS[number]) for number in sorted(term.sdgs)],
            "countries": topic.most_often("country"),
            "alliances": [alliance_card(alliance, topic.words) for alliance in alliances],
            "meta": head_meta(
                request,
                title=term.name,
                description=_("Organizations of Québec that work on this theme: %(theme)s.")
                % {"theme": term.name},
            ),
        },
    )


# Countries


@public_page
def country_list(request):
    """The countries where members work, then the others."""
    countries = counted(whole(request), "country")
    return render(
        request,
        "members/country_list.html",
        {
            "countries": [pair for pair in countries if pair[1]],
            "others": [term for term, count in countries if not count],
            "meta": head_meta(request, title=_("Countries")),
        },
    )


@public_page
def country_detail(request, code):
    """Who works in a country, from where and on which themes; what to do when nobody does."""
    words = whole(request).vocabulary
    term = words.by_key["country"].get(code.upper())
    if term is None:
        raise Http404
    if code != term.slug:
        return redirect("members:country-detail", term.slug, permanent=True)
    topic = Topic(request, term)
    return render(
        request,
        "members/country_detail.html",
        topic.shown()
        | {
            "themes": topic.most_often("theme"),
            "alliances": naming(words, term),
            "crisis": crisis_of(term.key, version_for(request)),
            "contact_email": settings.CONTACT_EMAIL,
            "meta": head_meta(
                request,
                title=term.name,
                description=_("Organizations of Québec that work in this country: %(country)s.")
                % {"country": term.name},
            ),
        },
    )


def naming(words, country):
    """The alliances that go on whose name has the country's, such as « Concertation pour Haïti ».

    Nothing else ties an alliance to a country; those words at least are its own.
    """
    names = {fold(country.name_fr), fold(country.name_en)}
    return [
        alliance
        for alliance in words.terms("alliance")
        if any(f" {name} " in f" {own} " for own in alliance.folded for name in names)
    ]
