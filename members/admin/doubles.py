"""Likely doubles, two records side by side, their merge and its undoing."""

from dataclasses import dataclass

from django.contrib import admin, messages
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Func, Prefetch, TextField, Value
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from members.admin.common import StaffModelAdmin
from members.admin.words import field_label
from members.display import phone, postal_code
from members.doubles import LIKELY
from members.merging import (
    KEPT,
    MERGED,
    REMOVED,
    followed,
    fuller,
    is_personal,
    joined_periods,
    merge,
    undo,
    units,
    what_follows,
)
from members.models import (
    Alliance,
    AllianceMembership,
    Identifier,
    Merge,
    NotDouble,
    Organization,
    Person,
    Position,
)
from members.permissions import can_merge, can_see_personal
from regions.folding import fold

MODELS = {model._meta.model_name: model for model in MERGED}

# Pairs on a page, and records that a search for the other one shows.
PAIRS_PER_PAGE = 25
FOUND = 20

WORDS = {
    Organization: {
        "doubles": gettext_lazy("Likely doubles among organizations"),
        "compare": gettext_lazy("Merge two organizations"),
        "with": gettext_lazy("Merge “%(record)s” with…"),
        "two": gettext_lazy("These are two organizations"),
        "said": gettext_lazy("“%(one)s” and “%(other)s” are two: you will not be asked again."),
    },
    Person: {
        "doubles": gettext_lazy("Likely doubles among people"),
        "compare": gettext_lazy("Merge two people"),
        "with": gettext_lazy("Merge “%(record)s” with…"),
        "two": gettext_lazy("These are two people"),
        "said": gettext_lazy("“%(one)s” and “%(other)s” are two: you will not be asked again."),
    },
}


@dataclass
class Choice:
    """One thing that two records say, alike or not, and which of the two is to stay."""

    name: str
    label: str
    kept: str
    removed: str
    language: str = ""
    chosen: str = KEPT

    @property
    def differs(self):
        return self.kept != self.removed

    @property
    def options(self):
        """[(value, text, whether it is chosen)], the kept record's first."""
        return [
            (KEPT, self.kept, self.chosen == KEPT),
            (REMOVED, self.removed, self.chosen == REMOVED),
        ]


def shown(record, name):
    """The value of a field as people read it; empty when there is none."""
    field = record._meta.get_field(name)
    value = getattr(record, name)
    if value is None or value == "":
        return ""
    if field.choices:
        return capfirst(getattr(record, f"get_{name}_display")())
    if name.endswith("phone"):
        return phone(value)
    if name == "postal_code":
        return postal_code(value)
    if field.get_internal_type() == "DateField":
        return date_format(value)
    return str(value)


def choices_between(kept, removed, user, chosen):
    """A `Choice` for each field that the user sees; `chosen` is what was chosen already."""
    found = []
    for unit in units(type(kept)):
        if is_personal(type(kept), unit) and not can_see_personal(user):
            continue
        field = kept._meta.get_field(unit[0])
        said = [
            ", ".join(filter(None, (shown(record, name) for name in unit)))
            for record in (kept, removed)
        ]
        found.append(
            Choice(
                unit[0],
                field_label(field),
                *said,
                getattr(field, "language", ""),
                chosen.get(unit[0]) or fuller(unit, kept, removed),
            )
        )
    if isinstance(kept, Organization):
        found += numbers_between(kept, removed, chosen)
    return found


def numbers_between(kept, removed, chosen):
    """A `Choice` for each register where both have a number."""
    numbers = Identifier.objects.filter(organization__in=[kept, removed])
    by_scheme = {}
    for number in numbers:
        by_scheme.setdefault(number.scheme, {})[number.organization_id] = number
    return [
        Choice(
            name := f"number-{scheme}",
            capfirst(Identifier.Scheme(scheme).label),
            str(both[kept.pk]),
            str(both[removed.pk]),
            chosen=chosen.get(name, KEPT),
        )
        for scheme, both in by_scheme.items()
        if len(both) == 2
    ]


def with_facts(model):
    """The records with what tells two of the same name apart, a query or two more."""
    if model is Organization:
        # The module of the organizations' own pages imports what this one needs.
        from members.admin.organizations import with_standing

        return with_standing(Organization.objects.select_related("municipality", "region"))
    positions = Position.objects.current().select_related("organization").main_first()
    return Person.objects.prefetch_related(
        Prefetch("positions", positions, to_attr="current_positions")
    )


def facts(record):
    """What tells a record apart from its likely double, in a few words each."""
    if isinstance(record, Organization):
        from members.admin.organizations import STANDINGS

        place = record.municipality or record.region
        return [
            str(text)
            for text in (record.acronym, STANDINGS[record.standing], place, record.email)
            if text
        ]
    told = [f"{position.said}, {position.organization}" for position in record.current_positions]
    if record.archived_on:
        told.append(_("archived"))
    return told or [_("no current position")]


def likelier_kept(one, other):
    """Both, the one that the network deals with first, or else the older; none if one is gone."""
    if one is None or other is None:
        return []

    def weight(record):
        if isinstance(record, Organization):
            return (record.standing == "none", record.standing == "former", record.pk)
        return (bool(record.archived_on), not record.current_positions, record.pk)

    return sorted([one, other], key=weight)


def close_to(record):
    """The records whose name looks most like this one's, the closest first."""
    model = type(record)
    column = "entry__sort_fr" if model is Organization else "sort_name"
    name = record.entry.sort_fr if model is Organization else record.sort_name
    closeness = Func(column, Value(name), function="similarity", output_field=TextField())
    return (
        with_facts(model)
        .exclude(pk=record.pk)
        .alias(closeness=closeness)
        .order_by("-closeness", "pk")[:FOUND]
    )


def counted(kept, removed):
    """What hangs on both: [(words, how many of the kept one, how many follow)]."""
    return [
        (capfirst(words), numbers[0], numbers[1])
        for words, numbers in sorted(
            what_follows(kept, removed).items(), key=lambda told: fold(told[0])
        )
        if numbers[1]
    ]


def said_period(row):
    """A row's period in words: « 2001-01-01 – … »."""
    start = row["started_on"] or row.get("since_year") or "…"
    return f"{start} – {row['ended_on'] or '…'}"


def periods_joined(kept, removed):
    """[(what, [period, …], the one they become)] of the periods that overlap."""
    found = joined_periods(kept, removed)
    alliances = Alliance.objects.in_bulk(
        {joined["alliance_id"] for model, _rows, joined in found if model is AllianceMembership}
    )
    return [
        (
            alliances[joined["alliance_id"]]
            if model is AllianceMembership
            else capfirst(model._meta.verbose_name),
            [said_period(row) for row in rows],
            said_period(joined),
        )
        for model, rows, joined in found
    ]


def seen(kept, removed):
    """What says that neither record changed since the page was shown."""
    return f"{kept.updated_at.isoformat()} {removed.updated_at.isoformat()}"


def asked(name):
    """The model that an address names; a 404 for any other."""
    if name not in MODELS:
        raise Http404
    return MODELS[name]


@admin.register(Merge)
class MergeAdmin(StaffModelAdmin):
    """The merges that were done, and the pages that do them; what moved is never shown raw."""

    list_display = ["removed_name", "kept_name", "what", "merged_at", "merged_by", "state"]
    list_display_links = ["removed_name"]
    list_select_related = ["merged_by", "undone_by"]
    search_fields = ["removed_name", "kept_name"]
    change_list_template = "admin/members/merge/change_list.html"
    change_form_template = "admin/members/merge/change_form.html"
    fields = [
        "what",
        ("removed_name", "kept_link"),
        ("merged_at", "merged_by"),
        "followed",
        "state",
    ]
    readonly_fields = ["what", "kept_link", "followed", "state"]

    def get_urls(self):
        def page(view):
            return self.admin_site.admin_view(view)

        return [
            path(
                "doubles/<slug:name>/",
                page(require_GET(self.doubles_view)),
                name="members_merge_doubles",
            ),
            path(
                "doubles/<slug:name>/<int:one>/<int:other>/two/",
                page(require_POST(self.two_view)),
                name="members_merge_two",
            ),
            path(
                "with/<slug:name>/<int:pk>/",
                page(require_GET(self.with_view)),
                name="members_merge_with",
            ),
            path(
                "compare/<slug:name>/<int:kept>/<int:removed>/",
                page(self.compare_view),
                name="members_merge_compare",
            ),
            path("<int:pk>/undo/", page(require_POST(self.undo_view)), name="members_merge_undo"),
            *super().get_urls(),
        ]

    def page(self, request, template, model, title, **context):
        request.current_app = self.admin_site.name
        return TemplateResponse(
            request,
            f"admin/members/merge/{template}.html",
            {
                **self.admin_site.each_context(request),
                "opts": model._meta,
                "name": model._meta.model_name,
                "words": WORDS[model],
                "title": title,
                "subtitle": None,
                **context,
            },
        )

    def doubles_view(self, request, name):
        """The pairs that may be one, the likeliest first."""
        model = self.allowed(request, name)
        paginator = Paginator(LIKELY[model](), PAIRS_PER_PAGE)
        page = paginator.get_page(request.GET.get("p"))
        keys = {key for pair in page for key in (pair.first_id, pair.second_id)}
        records = with_facts(model).in_bulk(keys)
        return self.page(
            request,
            "doubles",
            model,
            WORDS[model]["doubles"],
            pairs=[
                {
                    "score": pair.score,
                    "reasons": pair.reasons,
                    "records": [(record, facts(record)) for record in both],
                    "keys": [record.pk for record in both],
                }
                for pair in page
                if (both := likelier_kept(records.get(pair.first_id), records.get(pair.second_id)))
            ],
            count=paginator.count,
            page=page,
            page_range=paginator.get_elided_page_range(page.number),
        )

    def two_view(self, request, name, one, other):
        """Someone looked: these are two."""
        model = self.allowed(request, name)
        one, other = (get_object_or_404(model, pk=key) for key in (one, other))
        if one == other:
            raise Http404
        NotDouble.say(one, other, by=request.user)
        words = WORDS[model]["said"] % {"one": one, "other": other}
        self.message_user(request, words, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:members_merge_doubles", args=[name]))

    def with_view(self, request, name, pk):
        """A search for the record to join with this one; at first, those of close names."""
        model = self.allowed(request, name)
        record = get_object_or_404(model, pk=pk)
        text = request.GET.get("q", "").strip()
        if text:
            found = with_facts(model).matching(text).exclude(pk=pk)[:FOUND]
        else:
            found = close_to(record)
        return self.page(
            request,
            "with",
            model,
            WORDS[model]["with"] % {"record": record},
            record=record,
            text=text,
            found=[(other, facts(other)) for other in found],
        )

    def compare_view(self, request, name, kept, removed):
        """Both side by side; once agreed to, they are one."""
        model = self.allowed(request, name)
        records = with_facts(model).in_bulk([kept, removed])
        if len(records) < 2:
            return self.gone(request, model, kept if kept not in records else removed)
        kept, removed = records[kept], records[removed]
        chosen, error = {}, ""
        if request.method == "POST":
            chosen = {
                key.removeprefix("choice-"): value
                for key, value in request.POST.items()
                if key.startswith("choice-") and value in (KEPT, REMOVED)
            }
            if request.POST.get("seen") != seen(kept, removed):
                error = _("One of the two changed since you opened this page. Look again.")
            else:
                try:
                    done = merge(kept=kept, removed=removed, choices=chosen, by=request.user)
                    return self.merged(request, done)
                except ValidationError as refusal:
                    error = " ".join(refusal.messages)
        choices = choices_between(kept, removed, request.user, chosen)
        is_organization = model is Organization
        return self.page(
            request,
            "compare",
            model,
            WORDS[model]["compare"],
            kept=kept,
            removed=removed,
            heads=[(kept, facts(kept)), (removed, facts(removed))],
            error=error,
            different=[choice for choice in choices if choice.differs],
            alike=[choice for choice in choices if not choice.differs and choice.kept],
            follows=counted(kept, removed),
            joined=periods_joined(kept, removed) if is_organization else [],
            both_members=is_organization
            and all(record.standing not in ("former", "none") for record in (kept, removed)),
            hides_personal=not is_organization and not can_see_personal(request.user),
            is_organization=is_organization,
            seen=seen(kept, removed),
        )

    def gone(self, request, model, key):
        """Back to the list: one of the two is no longer there, maybe because it was joined."""
        opts = model._meta
        return self.admin_site.get_model_admin(model)._get_obj_does_not_exist_redirect(
            request, opts, quote(key)
        )

    def merged(self, request, done):
        """To the kept record, with a link that undoes it."""
        words = format_html(
            '{} <a href="{}">{}</a>',
            _("“%(removed)s” was joined to “%(kept)s”.")
            % {"removed": done.removed_name, "kept": done.kept_name},
            reverse("admin:members_merge_change", args=[done.pk]),
            _("See or undo this merge"),
        )
        self.message_user(request, words, messages.SUCCESS)
        return HttpResponseRedirect(self.address(done.model, done.kept_id))

    def undo_view(self, request, pk):
        """Part the two again."""
        if not can_merge(request.user):
            raise PermissionDenied
        done = get_object_or_404(Merge, pk=pk)
        try:
            told = undo(done, by=request.user)
        except ValidationError as refusal:
            self.message_user(request, " ".join(refusal.messages), messages.ERROR)
            return HttpResponseRedirect(reverse("admin:members_merge_change", args=[pk]))
        words = format_html(
            '{} <a href="{}">{}</a>',
            _("The merge is undone: both are there again."),
            self.address(done.model, done.removed_id),
            done.removed_name,
        )
        self.message_user(request, words, messages.SUCCESS)
        for sentence in told:
            self.message_user(request, sentence, messages.WARNING)
        return HttpResponseRedirect(self.address(done.model, done.kept_id))

    @staticmethod
    def allowed(request, name):
        """The model of an address, for those who may merge."""
        if not can_merge(request.user):
            raise PermissionDenied
        return asked(name)

    @staticmethod
    def address(label, key):
        """The page of a record by the label of its model."""
        return reverse(f"admin:{label.replace('.', '_')}_change", args=[key])

    def may_merge(self, request):
        return can_merge(request.user)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        context = {"may_undo": self.may_merge(request)}
        return super().changeform_view(
            request, object_id, form_url, context | (extra_context or {})
        )

    @admin.display(description=gettext_lazy("what"))
    def what(self, done):
        names = {model._meta.label_lower: model._meta.verbose_name for model in MERGED}
        return names.get(done.model, "")

    @admin.display(description=gettext_lazy("kept"))
    def kept_link(self, done):
        return format_html(
            '<a href="{}">{}</a>', self.address(done.model, done.kept_id), done.kept_name
        )

    @admin.display(description=gettext_lazy("what followed"))
    def followed(self, done):
        """How many rows of each kind moved or were joined; never what they say."""
        return ", ".join(f"{words} ({count})" for words, count in followed(done)) or "—"

    @admin.display(description=gettext_lazy("state"))
    def state(self, done):
        if done.undone_at:
            return _("undone on %(day)s by %(user)s") % {
                "day": date_format(timezone.localtime(done.undone_at), "SHORT_DATE_FORMAT"),
                "user": done.undone_by,
            }
        if done.can_be_undone:
            return _("can be undone until %(day)s") % {
                "day": date_format(timezone.localtime(done.undone_until), "SHORT_DATE_FORMAT")
            }
        return _("done")
