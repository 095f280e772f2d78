"""Alliances as the public sees them: what there is, and who takes part in each.

They are few, so a page reads all of them at once and chooses among them in Python; only the text
is looked for by the database, in their entries, which hold their names and mandates and nothing
that is the staff's.
"""

from collections import Counter
from functools import cached_property

from django import forms
from django.db.models import BooleanField, ExpressionWrapper, F, Q
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from members import search
from members.calendar_cards import coming_cards
from members.directory.addresses import absolute
from members.directory.caching import public_page, version_for
from members.directory.head import head_meta
from members.directory.listing import card, for_cards
from members.directory.opendata import all_named, as_json, terms
from members.directory.schema import page_of_alliance
from members.display import shortened, typographic
from members.filters import Ignored, KnownValueField, TextField, readable
from members.models import Alliance, AllianceMembership, EventDate, Organization
from members.pages import in_language
from members.statement_cards import OF_TOPIC, statement_cards
from members.terms import vocabulary
from regions.folding import fold

# What several alliances of each kind are called, in the order of the page.
KINDS = {
    Alliance.Kind.COALITION: gettext_lazy("Coalitions"),
    Alliance.Kind.NETWORK: gettext_lazy("Networks"),
    Alliance.Kind.COMMITTEE: gettext_lazy("Committees"),
    Alliance.Kind.WORKING_GROUP: gettext_lazy("Working groups"),
}

ROLES = AllianceMembership.Role
# In which order those who take part come.
ROLE_ORDER = {ROLES.COORDINATION: 0, ROLES.MEMBER: 1, ROLES.OBSERVER: 2}

# What lists show of a mandate, in characters.
MANDATE = 220


# The list


class AllianceForm(forms.Form):
    """`q`, `kind` and `theme` of the list's address; what is not known is left out, and named."""

    q = TextField(label=gettext_lazy("Words"))
    kind = KnownValueField(label=gettext_lazy("Kind"), known=dict(Alliance.Kind.choices))
    theme = KnownValueField(label=gettext_lazy("Theme"), known={})

    def __init__(self, data, words):
        super().__init__(data)
        self.fields["theme"].known = words.by_value["theme"]
        self.is_valid()

    @property
    def ignored(self):
        """Every value of the address that was left out, as `Ignored`."""
        return [
            Ignored(field.label, readable(value))
            for field in self.fields.values()
            for value in field.unknown
        ]


class AllianceListing:
    """The alliances that an address asks for, ready for their template."""

    def __init__(self, data, words):
        self.words = words
        self.form = AllianceForm(data, words)
        self.asked = self.form.cleaned_data
        self.question = search.parse(self.asked["q"])

    @cached_property
    def everything(self):
        """Every alliance, in the order of names: one query."""
        rows = list(Alliance.objects.for_public_list())
        return sorted(rows, key=lambda a: fold(in_language(a, "name", get_language())[0]))

    @property
    def found(self):
        """Those that the text finds, the best first; all of them without one."""
        return self.answer[0]

    @property
    def approximate(self):
        """Whether nothing has the text as written, so that close spellings answer."""
        return self.answer[1]

    @cached_property
    def answer(self):
        """(`found`, `approximate`)."""
        if not self.question:
            return self.everything, False
        asked = search.ranked(search.matching(Alliance.objects.all(), self.question), self.question)
        keys = list(asked.in_order_of_score().values_list("pk", flat=True))
        is_close = not keys and bool(self.question.words)
        if is_close:
            close = Alliance.objects.approximately(self.question).in_order_of_score()
            keys = list(close.values_list("pk", flat=True))
        by_key = {alliance.pk: alliance for alliance in self.everything}
        return [by_key[key] for key in keys], is_close and bool(keys)

    def has(self, alliance, *, but=""):
        """Whether an alliance is of the kind and the theme that were chosen; `but` is one of these
        two that does not count."""
        kind, theme = self.asked["kind"], self.asked["theme"]
        if kind and but != "kind" and alliance.kind != kind:
            return False
        if theme and but != "theme":
            return int(self.words.by_value["theme"][theme].key) in alliance.theme_ids
        return True

    @cached_property
    def results(self):
        """All those that were asked for."""
        return [alliance for alliance in self.found if self.has(alliance)]

    @property
    def is_narrowed(self):
        """Whether anything was asked for."""
        return bool(self.question or self.asked["kind"] or self.asked["theme"])

    @cached_property
    def groups(self):
        """[(heading, cards)] of those that go on: by kind, or all together when narrowed."""
        going_on = [a for a in self.results if a.status != Alliance.Status.ENDED]
        if self.is_narrowed:
            return [("", [alliance_card(a, self.words) for a in going_on])] if going_on else []
        groups = [
            (heading, [alliance_card(a, self.words) for a in going_on if a.kind == kind])
            for kind, heading in KINDS.items()
        ]
        return [(heading, cards) for heading, cards in groups if cards]

    @cached_property
    def ended(self):
        """The cards of those that have ended."""
        return [
            alliance_card(a, self.words) for a in self.results if a.status == Alliance.Status.ENDED
        ]

    @cached_property
    def kinds(self):
        """[(value, name, how many it would give, is chosen)]."""
        counts = Counter(a.kind for a in self.found if self.has(a, but="kind"))
        return [
            (kind.value, kind.label, counts[kind.value], kind.value == self.asked["kind"])
            for kind in KINDS
            if counts[kind.value] or kind.value == self.asked["kind"]
        ]

    @cached_property
    def themes(self):
        """[(value, name, how many it would give, is chosen)]."""
        counts = Counter(
            str(key) for a in self.found if self.has(a, but="theme") for key in a.theme_ids
        )
        return [
            (term.value, term.name, counts[term.key], term.value == self.asked["theme"])
            for term in self.words.terms("theme")
            if counts[term.key] or term.value == self.asked["theme"]
        ]


def alliance_card(alliance, words):
    """One alliance as lists show it, from a row of `for_public_list`."""
    language = get_language()
    name, lang = in_language(alliance, "name", language)
    mandate, mandate_lang = in_language(alliance, "mandate", language)
    return {
        "name": name,
        "lang": lang,
        "acronym": typographic(alliance.acronym),
        "url": alliance.get_absolute_url(),
        "kind": alliance.get_kind_display(),
        "is_dormant": alliance.status == Alliance.Status.DORMANT,
        "is_ended": alliance.status == Alliance.Status.ENDED,
        "founded_year": alliance.founded_year,
        "ended_year": alliance.ended_year,
        "mandate": shortened(mandate, MANDATE),
        "mandate_lang": mandate_lang,
        "part_of": in_language(alliance.parent, "name", language) if alliance.parent else None,
        "themes": [words.by_key["theme"][str(key)].name for key in alliance.theme_ids],
        "count": alliance.members_count,
    }


@public_page
def alliance_list(request):
    """Every alliance, by kind; or those that have these words, this kind and this theme."""
    listing = AllianceListing(request.GET, vocabulary(version_for(request)))
    return render(
        request,
        "members/alliance_list.html",
        {"listing": listing, "meta": head_meta(request, title=_("Alliances"))},
    )


# One alliance


def participants(alliance):
    """Who takes or took part in an alliance, in one query: rows of `for_cards` with `part_…`.

    Coordination first, then in the order of names; `part_is_ours` says whether the organization is
    a member of the network today, `part_is_over` whether its participation has ended.
    """
    today = timezone.localdate()
    found = Organization.objects.filter(alliance_memberships__alliance=alliance).annotate(
        part_role=F("alliance_memberships__role"),
        part_since_year=F("alliance_memberships__since_year"),
        part_started_on=F("alliance_memberships__started_on"),
        part_ended_on=F("alliance_memberships__ended_on"),
        part_source_url=F("alliance_memberships__source_url"),
        part_is_ours=ExpressionWrapper(Q(entry__listed__has_day=today), BooleanField()),
    )
    rows = []
    for row in for_cards(
        found,
        "kind",
        "part_role",
        "part_since_year",
        "part_started_on",
        "part_ended_on",
        "part_source_url",
        "part_is_ours",
    ):
        begins, ends = row["part_started_on"], row["part_ended_on"]
        if begins and begins > today:
            continue
        row["part_is_over"] = bool(ends and ends < today)
        row["part_since"] = begins.year if begins else row["part_since_year"]
        row["shown_name"], row["shown_lang"] = in_language(row, "name", get_language())
        rows.append(row)
    return sorted(rows, key=lambda row: (ROLE_ORDER[row["part_role"]], fold(row["shown_name"])))


class Participants:
    """Those who take part in an alliance, and who took part, each where the page shows them."""

    def __init__(self, alliance, words):
        self.words = words
        self.rows = participants(alliance)
        self.others_rows = [r for r in self.rows if r["kind"] != Organization.Kind.ASSOCIATION]

    @cached_property
    def members(self):
        """The cards of the network's members, with their role."""
        url = reverse("members:organization-list")
        return [
            card(row, self.words, url) | {"note": self.said(row)}
            for row in self.others_rows
            if row["part_is_ours"] and not row["part_is_over"]
        ]

    @cached_property
    def others(self):
        """Those that are not members of the network: (name, lang, acronym, said)."""
        return [
            self.line(row)
            for row in self.others_rows
            if not row["part_is_ours"] and not row["part_is_over"]
        ]

    @cached_property
    def former(self):
        """Those that have left it, and did not come back: (name, lang, acronym, said, address)."""
        here = {row["pk"] for row in self.others_rows if not row["part_is_over"]}
        return [
            self.line(row)
            for row in self.others_rows
            if row["part_is_over"] and row["pk"] not in here
        ]

    @cached_property
    def association(self):
        """The association's own part: {role, since, until}, or None. The latest of several."""
        own = [row for row in self.rows if row["kind"] == Organization.Kind.ASSOCIATION]
        if not own:
            return None
        row = min(own, key=lambda row: (row["part_is_over"], -(row["part_since"] or 0)))
        return {
            "role": row["part_role"],
            "since": row["part_since"],
            "is_over": row["part_is_over"],
            "until": row["part_ended_on"].year if row["part_is_over"] else None,
        }

    @cached_property
    def sources(self):
        """The pages on which all of this rests, each once."""
        return list(dict.fromkeys(r["part_source_url"] for r in self.rows if r["part_source_url"]))

    def line(self, row):
        """A participation in one line; with the address of the page of a member of the network."""
        return {
            "name": row["shown_name"],
            "lang": row["shown_lang"],
            "acronym": typographic(row["acronym"]),
            "said": self.said(row),
            "url": reverse("members:organization-detail", args=[row["slug"]])
            if row["part_is_ours"]
            else "",
        }

    @staticmethod
    def said(row):
        """The role, unless it is a plain member, and the years: « coordination, depuis 1984 »."""
        parts = [] if row["part_role"] == ROLES.MEMBER else [str(ROLES(row["part_role"]).label)]
        if row["part_is_over"] and row["part_since"]:
            years = {"first": row["part_since"], "last": row["part_ended_on"].year}
            parts.append(_("from %(first)s to %(last)s") % years)
        elif row["part_is_over"]:
            parts.append(_("until %(year)s") % {"year": row["part_ended_on"].year})
        elif row["part_since"]:
            parts.append(_("since %(year)s") % {"year": row["part_since"]})
        return ", ".join(parts)


@public_page
def alliance_detail(request, slug):
    """An alliance: what for, since when, who takes part. One that has ended is still there."""
    alliance = Alliance.objects.for_public_list().filter(slug=slug).first()
    if alliance is None:
        raise Http404
    words = vocabulary(version_for(request))
    language = get_language()
    taking_part = Participants(alliance, words)
    name, lang = in_language(alliance, "name", language)
    mandate, mandate_lang = in_language(alliance, "mandate", language)
    groups = list(alliance.groups.for_public_list())
    return render(
        request,
        "members/alliance_detail.html",
        {
            "alliance": alliance,
            "name": name,
            "lang": lang,
            "acronym": typographic(alliance.acronym),
            "mandate": mandate,
            "mandate_lang": mandate_lang,
            "is_ended": alliance.status == Alliance.Status.ENDED,
            "is_dormant": alliance.status == Alliance.Status.DORMANT,
            "parent": alliance.parent and alliance_line(alliance.parent, language),
            "groups": [alliance_line(group, language) for group in groups],
            "themes": [words.by_key["theme"][str(key)] for key in alliance.theme_ids],
            "taking_part": taking_part,
            "events": coming_cards(EventDate.objects.of_alliance(alliance), words),
            "statements": statement_cards(alliance.statements, words, OF_TOPIC),
            "meta": head_meta(
                request,
                title=name,
                description=shortened(mandate, MANDATE),
                data=page_of_alliance(request, alliance, groups, taking_part.rows),
            ),
        },
    )


def alliance_line(alliance, language):
    """Another alliance in a few words: {name, lang, url, kind, is_ended}."""
    name, lang = in_language(alliance, "name", language)
    return {
        "name": name,
        "lang": lang,
        "url": alliance.get_absolute_url(),
        "kind": alliance.get_kind_display(),
        "is_ended": alliance.status == Alliance.Status.ENDED,
    }


# As open data


def alliance_record(request, alliance, words):
    """An alliance (a row of `for_public_list`) as a JSON object; what is not known is null."""
    language = get_language()
    facts = {
        "id": alliance.pk,
        "name": in_language(alliance, "name", language)[0],
        "acronym": alliance.acronym,
        "slug": alliance.slug,
        "url": absolute(request, alliance.get_absolute_url()),
        "kind": alliance.kind,
        "status": alliance.status,
        "name_fr": alliance.name_fr,
        "name_en": alliance.name_en,
        "mandate_fr": alliance.mandate_fr,
        "mandate_en": alliance.mandate_en,
        "founded_year": alliance.founded_year,
        "ended_year": alliance.ended_year,
        "part_of": alliance.parent and short_record(request, alliance.parent),
        "themes": all_named(
            words,
            "theme",
            [words.by_key["theme"][str(key)].value for key in alliance.theme_ids],
        ),
        "members_count": alliance.members_count,
        "website": alliance.website,
        "source_url": alliance.source_url,
        "updated_at": alliance.updated_at,
    }
    return {key: None if value == "" else value for key, value in facts.items()}


def short_record(request, alliance):
    """Another alliance, by its name and addresses."""
    return {
        "slug": alliance.slug,
        "name": in_language(alliance, "name", get_language())[0],
        "url": absolute(request, alliance.get_absolute_url()),
    }


def participation_record(request, row):
    """A row of `participants` as a JSON object; only members of the network have an address."""
    ours = row["part_is_ours"]
    page = reverse("members:organization-detail", args=[row["slug"]]) if ours else ""
    return {
        "organization": {
            "name": row["shown_name"],
            "acronym": row["acronym"] or None,
            "slug": row["slug"] if ours else None,
            "url": absolute(request, page) if ours else None,
            "is_member_of_the_network": bool(ours),
        },
        "role": row["part_role"],
        "since_year": row["part_since"],
        "started_on": row["part_started_on"],
        "ended_on": row["part_ended_on"],
        "source_url": row["part_source_url"] or None,
    }


@public_page
def alliance_json(request):
    """The alliances that the address asks for, with how many members of the network take part."""
    words = vocabulary(version_for(request))
    listing = AllianceListing(request.GET, words)
    results = [alliance_record(request, alliance, words) for alliance in listing.results]
    return as_json(
        request,
        {
            "count": len(results),
            "approximate": listing.approximate,
            "ignored": [
                {"parameter": str(part.label), "value": part.value} for part in listing.form.ignored
            ],
            **terms(request),
            "results": results,
        },
    )


@public_page
def alliance_detail_json(request, slug):
    """Everything public about one alliance; a 404 in JSON if there is none at this address."""
    alliance = Alliance.objects.for_public_list().filter(slug=slug).first()
    if alliance is None:
        return as_json(request, {"error": "not found"}, status=404)
    words = vocabulary(version_for(request))
    rows = participants(alliance)
    groups = [short_record(request, group) for group in alliance.groups.by_name()]
    return as_json(
        request,
        alliance_record(request, alliance, words)
        | {
            "groups": groups,
            "participations": [participation_record(request, row) for row in rows],
        }
        | terms(request),
    )
