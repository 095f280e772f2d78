"""Alliances: their list, and the page of one with who takes part."""

from itertools import combinations

from django import forms
from django.contrib import admin
from django.contrib.postgres.aggregates import StringAgg
from django.core.exceptions import ValidationError
from django.db.models import Count, F, IntegerField, Max, Min, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationAdmin

from members.admin.bulk import BulkActions
from members.admin.common import StaffInline, StaffModelAdmin
from members.admin.filters import CountedFilter
from members.admin.history import events_of, events_seen_by, moments
from members.admin.memberships import overlap
from members.admin.organization_page import EVENTS, EXCHANGES, MOMENTS
from members.admin.selections import AddTag, RemoveTag
from members.admin.tags import TagFilter
from members.admin.together import FormSetAtHand, KnowsOne, KnowsSeveral, read_together
from members.models import (
    Alliance,
    AllianceMembership,
    Document,
    Dossier,
    FollowUp,
    Interaction,
    Organization,
    Tag,
)
from members.models.alliances import NO_OVERLAP
from members.models.periods import periods_moving
from members.permissions import may

COORDINATION = AllianceMembership.Role.COORDINATION

# What hangs on an alliance and is not long: (its rows, in order, and what they point to).
RELATIONS = {
    "tags": (Tag.objects.all(), []),
    "memberships": (
        AllianceMembership.objects.order_by(
            F("ended_on").desc(nulls_first=True), "organization__entry__sort_fr", "pk"
        ),
        ["organization", "liaison"],
    ),
    "documents": (Document.objects.all(), ["added_by"]),
    "dossiers": (Dossier.objects.all(), []),
}


def with_facts(alliances):
    """`alliances` with what their list says: `members_count`, `coordination` (names), `next_due`.

    Each is a subquery of its own: joins would count rows several times.
    """
    current = (
        AllianceMembership.objects.current().filter(alliance=OuterRef("pk")).order_by()
    ).values("alliance")
    to_do = FollowUp.objects.open().filter(interaction__alliance=OuterRef("pk")).order_by()
    exchanges = Interaction.objects.filter(alliance=OuterRef("pk")).order_by()
    return alliances.annotate(
        members_count=Coalesce(
            Subquery(
                current.annotate(count=Count("pk")).values("count"),
                output_field=IntegerField(),
            ),
            0,
        ),
        coordination=Subquery(
            current.filter(role=COORDINATION)
            .annotate(names=StringAgg("organization__name_fr", ", "))
            .values("names")
        ),
        next_due=Subquery(
            to_do.values("interaction__alliance").annotate(day=Min("due_on")).values("day")
        ),
        last_exchange=Subquery(
            exchanges.values("alliance").annotate(when=Max("happened_at")).values("when")
        ),
    )


class CurrentAllianceFilter(CountedFilter):
    """Those that have not ended unless another choice is made."""

    title = _("status")
    parameter_name = "status"

    def conditions(self):
        statuses = Alliance.Status
        return {
            None: (_("current"), ~Q(status=statuses.ENDED)),
            "active": (_("active"), Q(status=statuses.ACTIVE)),
            "dormant": (_("dormant"), Q(status=statuses.DORMANT)),
            "ended": (_("former"), Q(status=statuses.ENDED)),
            "all": (_("all"), Q()),
        }


class AllianceKindFilter(CountedFilter):
    title = _("kind")
    parameter_name = "kind"

    def conditions(self):
        return {value: (words, Q(kind=value)) for value, words in Alliance.Kind.choices}


class OursFilter(CountedFilter):
    """Whether the association itself takes part."""

    title = _("with the association")
    parameter_name = "ours"

    def conditions(self):
        ours = AllianceMembership.objects.current().filter(
            organization__kind=Organization.Kind.ASSOCIATION
        )
        return {
            "yes": (_("takes part"), Q(pk__in=ours.values("alliance"))),
            "no": (_("does not take part"), ~Q(pk__in=ours.values("alliance"))),
        }


class ParticipationForm(forms.ModelForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("organization", "liaison"):
            if name in self.fields and getattr(self.instance, f"{name}_id"):
                self.fields[name].widget.widget.known = [getattr(self.instance, name)]

    def _get_validation_exclusions(self):
        # The rows of a page are checked against one another, as they will be once saved.
        return super()._get_validation_exclusions() | {"alliance"}


class ParticipationFormSet(FormSetAtHand):
    """All the participations in one alliance: those of an organization must not overlap."""

    def clean(self):
        super().clean()
        if any(self.errors):
            return
        kept = [
            form
            for form in self.forms
            if (form.has_changed() or form.instance.pk) and form not in self.deleted_forms
        ]
        for one, other in combinations(kept, 2):
            same = one.instance.organization_id == other.instance.organization_id
            if same and overlap(one.instance, other.instance):
                raise ValidationError(
                    _("%(name)s takes part twice at the same time.")
                    % {"name": other.instance.organization}
                )

    def save(self, commit=True):
        """Write the rows together, so that a period can take the place of another."""
        with periods_moving(NO_OVERLAP):
            return super().save(commit)


class ParticipationInline(StaffInline, admin.StackedInline):
    model = AllianceMembership
    form = ParticipationForm
    formset = ParticipationFormSet
    classes = ["collapse"]
    verbose_name_plural = _("Who takes part: add, correct, end")
    autocomplete_fields = ["organization", "liaison"]
    fields = [
        ("organization", "role", "liaison"),
        ("since_year", "started_on", "ended_on"),
        "source_url",
    ]

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name in self.autocomplete_fields:
            kwargs["widget"] = KnowsOne(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class AllianceForm(forms.ModelForm):
    class Meta:
        widgets = {"mandate": forms.Textarea(attrs={"rows": 7})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        at_hand = getattr(self.instance, "_prefetched_objects_cache", {})
        if "tags" in self.fields and "tags" in at_hand:
            self.fields["tags"].widget.widget.known = at_hand["tags"]
        if "parent" in self.fields and self.instance.parent_id:
            self.fields["parent"].widget.widget.known = [self.instance.parent]


class AlliancePage:
    """What the page of `alliance` shows to `user`: what the user may not view is empty."""

    def __init__(self, alliance, user):
        self.alliance, self.user = alliance, user

    @property
    def tags(self):
        return self.alliance.tags.all()

    @cached_property
    def participations(self):
        """Those of today, the coordination first."""
        current = [p for p in self.alliance.memberships.all() if p.is_current()]
        return sorted(current, key=lambda p: p.role != COORDINATION)

    @cached_property
    def past_participations(self):
        return [p for p in self.alliance.memberships.all() if not p.is_current()]

    @property
    def coordination(self):
        return [p for p in self.participations if p.role == COORDINATION]

    @cached_property
    def tree(self):
        """The whole that it is a part of: {alliance, is_here, groups}; None if it stands alone."""
        everything = {row.pk: row for row in Alliance.objects.only("name_fr", "name_en", "parent")}
        groups = {}
        for row in everything.values():
            groups.setdefault(row.parent_id, []).append(row)
        top, seen = everything[self.alliance.pk], set()
        while top.parent_id in everything and top.pk not in seen:
            seen.add(top.pk)
            top = everything[top.parent_id]
        if top.pk == self.alliance.pk and top.pk not in groups:
            return None
        return self.branch(top, groups)

    def branch(self, alliance, groups):
        return {
            "alliance": alliance,
            "is_here": alliance.pk == self.alliance.pk,
            "groups": [self.branch(group, groups) for group in groups.get(alliance.pk, [])],
        }

    @property
    def sees_exchanges(self):
        return may(self.user, "view", Interaction)

    @property
    def sees_documents(self):
        return may(self.user, "view", Document)

    @property
    def sees_dossiers(self):
        return may(self.user, "view", Dossier)

    @cached_property
    def exchanges(self):
        if not self.sees_exchanges:
            return []
        return list(self.alliance.interactions.recent().with_people()[:EXCHANGES])

    @property
    def documents(self):
        return self.alliance.documents.all() if self.sees_documents else []

    @property
    def dossiers(self):
        return self.alliance.dossiers.all() if self.sees_dossiers else []

    @cached_property
    def moments(self):
        events = events_seen_by(self.user, events_of(self.alliance, related=True))
        return moments(events[:EVENTS], self.alliance, self.user)[:MOMENTS]

    @property
    def may_note_exchange(self):
        return may(self.user, "add", Interaction)

    @property
    def add_document_url(self):
        if not may(self.user, "add", Document):
            return ""
        return reverse("admin:members_document_add", query={"alliance": self.alliance.pk})


@admin.register(Alliance)
class AllianceAdmin(BulkActions, StaffModelAdmin, TranslationAdmin):
    add_words = _("Add an alliance")
    history_of_related = True
    form = AllianceForm
    list_display = ["identity", "kind", "state", "members", "coordinated_by", "last", "next"]
    list_display_links = ["identity"]
    list_filter = [CurrentAllianceFilter, AllianceKindFilter, OursFilter, TagFilter]
    list_per_page = 100
    search_fields = ["name"]
    search_help_text = _("Name, acronym, mandate.")
    autocomplete_fields = ["parent", "themes", "tags"]
    bulk_actions = [AddTag(), RemoveTag()]
    inlines = [ParticipationInline]
    fieldsets = [
        (
            _("Name and mandate"),
            {
                "classes": ["side-by-side"],
                "fields": [("name_fr", "name_en"), ("mandate_fr", "mandate_en"), "acronym"],
            },
        ),
        (
            _("Kind, status, place in a whole"),
            {
                "classes": ["collapse"],
                "fields": [
                    ("kind", "status", "parent"),
                    ("founded_year", "ended_year"),
                    ("website", "source_url"),
                    "themes",
                    "tags",
                    "slug",
                ],
            },
        ),
    ]

    def view_on_site(self, alliance):
        return alliance.get_absolute_url()

    def get_queryset(self, request):
        alliances = super().get_queryset(request)
        if request.resolver_match and request.resolver_match.url_name.endswith("_changelist"):
            return with_facts(alliances)
        return alliances

    def get_search_results(self, request, queryset, search_term):
        """What the staff's search finds, the best first unless the list is sorted by a column."""
        found = queryset.matching(search_term)
        if request.GET.get("o"):
            found = found.order_by(*queryset.query.order_by)
        return found, False

    def get_object(self, request, object_id, from_field=None):
        """Read once a request; with all that its page shows, unless it is being saved."""
        if request.method != "GET" or from_field:
            return super().get_object(request, object_id, from_field)
        kept = request.__dict__.setdefault("alliances_read", {})
        if object_id not in kept:
            try:
                kept[object_id] = self.whole(request, object_id)
            except (Alliance.DoesNotExist, ValueError):
                kept[object_id] = None
        return kept[object_id]

    def whole(self, request, pk):
        """The alliance with all that its page shows."""
        alliance = self.get_queryset(request).select_related("parent").get(pk=pk)
        read_together(alliance, RELATIONS)
        return alliance

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        """The form, below the alliance at a glance: as it is stored, whatever was typed."""
        if change and not context["is_popup"]:
            stored = obj if request.method == "GET" else self.whole(request, obj.pk)
            context["page"] = AlliancePage(stored, request.user)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def get_fieldsets(self, request, obj=None):
        """All is folded on the page of one that is there; a new one begins with its name."""
        if obj is None:
            return super().get_fieldsets(request, obj)
        return [
            (name, options | {"classes": [*options["classes"], "collapse"]})
            for name, options in super().get_fieldsets(request, obj)
        ]

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name == "tags":
            kwargs["widget"] = KnowsSeveral(db_field, self.admin_site)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "parent":
            kwargs["widget"] = KnowsOne(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description=_("name"), ordering="sort_name")
    def identity(self, alliance):
        if not alliance.acronym:
            return alliance.name
        return format_html('{} <span class="quiet">{}</span>', alliance.name, alliance.acronym)

    @admin.display(description=_("status"), ordering="status")
    def state(self, alliance):
        shown = {"active": "current", "dormant": "unconfirmed", "ended": "former"}
        return format_html(
            '<span class="pill {}">{}</span>',
            shown[alliance.status],
            alliance.get_status_display(),
        )

    @admin.display(description=_("organizations"), ordering="members_count")
    def members(self, alliance):
        return alliance.members_count

    @admin.display(description=_("coordination"))
    def coordinated_by(self, alliance):
        return alliance.coordination or None

    @admin.display(description=_("last exchange"), ordering="last_exchange")
    def last(self, alliance):
        when = alliance.last_exchange
        return when and date_format(timezone.localtime(when), "SHORT_DATE_FORMAT")

    @admin.display(description=_("next follow-up"), ordering="next_due")
    def next(self, alliance):
        return alliance.next_due and date_format(alliance.next_due, "SHORT_DATE_FORMAT")
