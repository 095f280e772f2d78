"""The staff's one search box: organizations, people, alliances, dossiers and exchanges at once.

Rules and rank are the public search's (`members/search.py`). Each kind is asked only for those who
may view it, and whoever may not is offered none of its words either.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Model, Prefetch, TextField, Value
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from members import search
from members.admin.standing import STANDINGS, with_standing
from members.display import quoted
from members.models import (
    Alliance,
    AllianceEntry,
    DirectoryEntry,
    Dossier,
    DossierEntry,
    Interaction,
    InteractionEntry,
    Organization,
    Participation,
    Person,
    PersonEntry,
    Position,
)
from members.permissions import may

# How many answers of each kind a page shows, and how many are suggested while typing.
PER_KIND = 8
SUGGESTED = 3
# Names that one line tells before it stops.
NAMED = 3
# How many words are tried one by one when nothing has them all.
WORDS_DROPPED = 4


def told(*parts):
    """What is known of a record in one line; what is not is left out."""
    return " · ".join(str(part) for part in parts if part)


def organizations(keys):
    """{key: (name, line)}: acronym, standing in the network, town."""
    rows = with_standing(Organization.objects.filter(pk__in=keys)).select_related("municipality")
    return {
        row.pk: (row.name, told(row.acronym, STANDINGS[row.standing], row.municipality))
        for row in rows
    }


def people(keys):
    """{key: (name, line)}: what they do and where, or did."""
    held = Position.objects.select_related("organization")
    rows = Person.objects.filter(pk__in=keys).prefetch_related(Prefetch("positions", held))
    return {row.pk: (str(row), work_of(row)) for row in rows}


def work_of(person):
    """The positions that a person holds, or the last one they held, in words."""
    held = list(person.positions.all())
    if person.archived_on is None and (now := [each for each in held if each.is_current()]):
        return told(*(f"{each.said}, {each.organization}" for each in now[:NAMED]))
    if held:
        return _("formerly: %(position)s") % {"position": f"{held[0].said}, {held[0].organization}"}
    return ""


def alliances(keys):
    """{key: (name, line)}: acronym and kind, and the status of those that are not active."""
    return {
        row.pk: (
            row.name,
            told(
                row.acronym,
                row.get_kind_display(),
                row.status != Alliance.Status.ACTIVE and row.get_status_display(),
            ),
        )
        for row in Alliance.objects.filter(pk__in=keys)
    }


def dossiers(keys):
    """{key: (name, line)}: the status."""
    return {
        row.pk: (row.name, row.get_status_display()) for row in Dossier.objects.filter(pk__in=keys)
    }


def interactions(keys):
    """{key: (subject, line)}: the day, the kind, and with whom."""
    rows = Interaction.objects.filter(pk__in=keys).prefetch_related(
        Prefetch("organizations", Organization.objects.order_by()),
        Prefetch("participations", Participation.objects.select_related("person")),
    )
    found = {}
    for row in rows:
        whom = [str(each.person) for each in row.participations.all()]
        whom += [str(each) for each in row.organizations.all()]
        found[row.pk] = (
            row.subject,
            told(
                date_format(timezone.localtime(row.happened_at), "SHORT_DATE_FORMAT"),
                row.get_kind_display(),
                ", ".join(whom[:NAMED]) + ("…" if whom[NAMED:] else ""),
            ),
        )
    return found


@dataclass(frozen=True)
class Kind:
    """A kind of record that the box finds.

    `told` gives the name and the line of some keys; `first` is the order of the entries that rank
    equally, `by` that of their scores; `all_of_them` the
    parameters with which its list leaves nothing out.
    """

    name: str
    model: type[Model]
    entry: type[Model]
    told: Callable
    first: tuple = ("sort", "pk")
    by: object = "-score"
    all_of_them: dict = field(default_factory=dict)

    def address(self, page, *keys):
        """The address of one of its pages in the staff's site."""
        return reverse(f"admin:members_{self.name}_{page}", args=keys)


KINDS = [
    Kind(
        "organization",
        Organization,
        DirectoryEntry,
        organizations,
        first=("sort_fr", "pk"),
        all_of_them={"membership": "all"},
    ),
    Kind("person", Person, PersonEntry, people, all_of_them={"period": "all"}),
    Kind("alliance", Alliance, AllianceEntry, alliances),
    Kind("dossier", Dossier, DossierEntry, dossiers),
    Kind(
        "interaction",
        Interaction,
        InteractionEntry,
        interactions,
        first=("-at", "-pk"),
        by=search.COARSELY,
    ),
]


def kinds_of(user):
    """The kinds of record that `user` may view."""
    return [kind for kind in KINDS if may(user, "view", kind.model)]


@dataclass
class Group:
    """The answers of one kind, and the address of its whole list when there are more."""

    kind: Kind
    answers: list
    more: str

    @property
    def title(self):
        return capfirst(self.kind.model._meta.verbose_name_plural)

    @property
    def single(self):
        return capfirst(self.kind.model._meta.verbose_name)


class Findings:
    """What a text finds for a user: `groups`, in which `limit` answers of each kind.

    When nothing has all of the text, `approximate` is true and `understood` says what it was taken
    for, as (typed, meant).
    """

    def __init__(self, user, text, limit=PER_KIND):
        self.text = " ".join(text.replace("\x00", " ").split())[: search.MAX_CHARACTERS]
        # With the blank that may end it: it says that the last word is finished.
        self.question = search.parse(text) or search.beginning(text)
        self.kinds = kinds_of(user)
        self.limit = limit
        self.approximate, self.understood = False, []
        rows = self.rows(self.question)
        if not rows and self.question.words:
            rows = self.close_rows()
        self.groups = self.grouped(rows)

    def rows(self, question, near=None, limit=None):
        """[(kind, key, score, haystack)] of all kinds in one query, the best of each first."""
        if not question:
            return []
        asked = [
            search.best(
                kind.entry.objects.annotate(kind=Value(kind.name, TextField())),
                question,
                limit or self.limit + 1,
                near,
                kind.first,
                kind.by,
            ).values_list("kind", "pk", "score", "haystack")
            for kind in self.kinds
        ]
        return list(asked[0].union(*asked[1:], all=True)) if asked else []

    def close_rows(self):
        """The rows that the closest spellings find."""
        near = search.respelled(self.question, [kind.name for kind in self.kinds])
        rows = self.rows(self.question, near) if near else []
        if rows:
            self.approximate = True
            best = max(rows, key=lambda row: row[2])
            self.understood = list(search.understood(near, best[3]).items())
        return rows

    def grouped(self, rows):
        """The answers by kind; a kind where the text is a whole name goes before the others."""
        found = {kind.name: [] for kind in self.kinds}
        for name, key, score, _haystack in rows:
            found[name].append((key, score))
        groups, firsts = [], []
        for kind in self.kinds:
            if not (keys := [key for key, _score in found[kind.name]]):
                continue
            known = kind.told(keys[: self.limit])
            answers = [
                (*known[key], kind.address("change", key))
                for key in keys[: self.limit]
                if key in known
            ]
            group = Group(kind, answers, self.whole_list(kind) if keys[self.limit :] else "")
            whole = any(score >= search.WHOLE_NAME for _key, score in found[kind.name])
            (firsts if whole else groups).append(group)
        return firsts + groups

    def whole_list(self, kind):
        """The address of a kind's list with the same text, leaving nothing out."""
        return f"{kind.address('changelist')}?{urlencode({**kind.all_of_them, 'q': self.text})}"

    @property
    def ways_out(self):
        """[(the word to drop, the text without it)] that find something, when nothing was found."""
        words = self.question.words
        if self.groups or len(words) < 2:
            return []
        ways = []
        for dropped in words[:WORDS_DROPPED]:
            rest = " ".join(word for word in words if word != dropped)
            if self.rows(search.parse(rest), limit=1):
                ways.append((dropped, rest))
        return ways


@require_safe
def results(request):
    """The answers to `q`, kind by kind."""
    findings = Findings(request.user, request.GET.get("q", "")[: search.MAX_CHARACTERS])
    site = admin.site
    context = {
        **site.each_context(request),
        "title": _("Search: %(text)s") % {"text": quoted(findings.text)}
        if findings.text
        else _("Search"),
        "findings": findings,
        "search_text": findings.text,
        "lists": [(kind.address("changelist"), kind.model._meta) for kind in findings.kinds],
        "additions": [
            (kind.address("add"), site._registry[kind.model].add_words)
            for kind in findings.kinds
            if may(request.user, "add", kind.model)
        ],
    }
    request.current_app = site.name
    return TemplateResponse(request, "admin/search.html", context)


@require_safe
def suggestions(request):
    """The first answers to the text being typed, as options of a list box."""
    text = request.GET.get("q", "")[: search.MAX_CHARACTERS]
    findings = Findings(request.user, text, SUGGESTED) if len(text.strip()) > 1 else None
    return TemplateResponse(request, "admin/suggestions.html", {"findings": findings})
