"""Organizations: the list that staff live in, and one organization's page."""

from django import forms
from django.contrib import admin
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationAdmin

from members import completeness
from members.admin.bulk import BulkActions
from members.admin.common import PhoneField, StaffInline, StaffModelAdmin, extension_apart
from members.admin.decisions import Decides
from members.admin.exchange import ImportsOrganizations
from members.admin.freshness import ShowsFreshness
from members.admin.internal_directory import PrintsDirectory
from members.admin.lists import among, found_once
from members.admin.mailings import OrganizationMailings
from members.admin.memberships import MembershipInline
from members.admin.organization_filters import (
    AllianceFilter,
    CountryFilter,
    FreshnessFilter,
    KindFilter,
    ProfileFilter,
    RegionFilter,
    StandingFilter,
    ThemeFilter,
)
from members.admin.organization_page import OrganizationPage, read
from members.admin.selections import (
    AddTag,
    AddToAlliance,
    ConfirmProfiles,
    EndMemberships,
    RemoveTag,
)
from members.admin.standing import STANDINGS, with_standing
from members.admin.tags import TagFilter
from members.admin.together import FormSetAtHand, KnowsOne, KnowsSeveral
from members.models import Identifier, Organization, OtherName
from members.permissions import can_decide_memberships, can_keep_network

# Relations that are completed as one types.
COMPLETED = {"active_regions", "themes", "countries", "tags"}


class OrganizationForm(forms.ModelForm):
    class Meta:
        widgets = {
            "summary": forms.Textarea(attrs={"rows": 3}),
            "mission": forms.Textarea(attrs={"rows": 9}),
        }

    phone = PhoneField(required=False, label=_("Public phone number"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # What is chosen was read with the organization, on its page.
        at_hand = getattr(self.instance, "_prefetched_objects_cache", {})
        for name in COMPLETED & self.fields.keys() & at_hand.keys():
            self.fields[name].widget.widget.known = at_hand[name]
        if "municipality" in self.fields and self.instance.municipality_id:
            self.fields["municipality"].widget.widget.known = [self.instance.municipality]

    def clean(self):
        """Move an extension typed with the number to its own field."""
        return extension_apart(super().clean())


class OtherNameInline(StaffInline, admin.StackedInline):
    model = OtherName
    formset = FormSetAtHand
    fields = [("kind", "name")]
    classes = ["collapse"]


class IdentifierInline(StaffInline, admin.StackedInline):
    model = Identifier
    formset = FormSetAtHand
    fields = [("scheme", "value", "verified_on"), "source_url"]
    classes = ["collapse"]


@admin.register(Organization)
class OrganizationAdmin(
    BulkActions,
    Decides,
    ImportsOrganizations,
    OrganizationMailings,
    PrintsDirectory,
    ShowsFreshness,
    StaffModelAdmin,
    TranslationAdmin,
):
    decisions = ["admit"]
    add_words = _("Add an organization")
    history_of_related = True
    form = OrganizationForm
    list_display = [
        "identity",
        "standing",
        "home_region",
        "home_town",
        "confirmed_on",
        "changed_on",
    ]
    list_display_links = ["identity"]
    list_filter = [
        StandingFilter,
        ProfileFilter,
        FreshnessFilter,
        RegionFilter,
        ThemeFilter,
        CountryFilter,
        AllianceFilter,
        TagFilter,
        KindFilter,
    ]
    # All the members at once: choosing all of them chooses all of them.
    list_per_page = 100
    list_select_related = ["region", "municipality"]
    search_fields = ["name"]
    search_help_text = _("As on the public site: name, acronym, theme, country, place, mission.")
    bulk_actions = [
        ConfirmProfiles(),
        AddTag(),
        RemoveTag(),
        AddToAlliance(),
        EndMemberships(),
    ]
    autocomplete_fields = ["municipality", *sorted(COMPLETED)]
    readonly_fields = ["created", "changed", "former_addresses"]
    inlines = [MembershipInline, OtherNameInline, IdentifierInline]
    fieldsets = [
        (
            _("Public profile"),
            {
                "classes": ["side-by-side"],
                "fields": [
                    ("name_fr", "name_en"),
                    ("summary_fr", "summary_en"),
                    ("mission_fr", "mission_en"),
                    "acronym",
                ],
            },
        ),
        (
            _("Place"),
            {
                "classes": ["collapse"],
                "fields": [
                    ("municipality", "region"),
                    ("address", "postal_code"),
                    "active_regions",
                ],
            },
        ),
        (
            _("Contact"),
            {
                "classes": ["collapse"],
                "fields": [("website", "email"), ("phone", "phone_extension")],
            },
        ),
        (_("Themes and countries"), {"classes": ["collapse"], "fields": ["themes", "countries"]}),
        (
            _("Years and source"),
            {
                "classes": ["collapse"],
                "fields": [
                    ("founded_year", "closed_year"),
                    ("source_url", "as_of"),
                    "last_confirmed_on",
                ],
            },
        ),
        (_("For the network"), {"classes": ["collapse"], "fields": ["kind", "tags"]}),
        (
            _("Address of the page, who and when"),
            {"classes": ["collapse"], "fields": ["slug", "created", "changed", "former_addresses"]},
        ),
    ]

    def get_queryset(self, request):
        return with_standing(super().get_queryset(request))

    def get_object(self, request, object_id, from_field=None):
        """Read once a request; with all that its page shows, unless it is being saved."""
        if request.method != "GET" or from_field:
            return super().get_object(request, object_id, from_field)
        kept = request.__dict__.setdefault("organizations_read", {})
        if object_id not in kept:
            try:
                kept[object_id] = self.whole(request, object_id)
            except (Organization.DoesNotExist, ValueError):
                kept[object_id] = None
        return kept[object_id]

    def whole(self, request, pk):
        """The organization with all that its page shows."""
        organizations = self.get_queryset(request).select_related("municipality", "region")
        return read(organizations.annotate(missing=completeness.missing()).get(pk=pk))

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        """The form, below the organization at a glance: as it is stored, whatever was typed."""
        if change and not context["is_popup"]:
            stored = obj if request.method == "GET" else self.whole(request, obj.pk)
            context["page"] = OrganizationPage(stored, request.user)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def get_fieldsets(self, request, obj=None):
        """All is folded on the page of one that is there; a new one begins with its name."""
        if obj is None:
            return super().get_fieldsets(request, obj)
        return [
            (name, options | {"classes": [*options["classes"], "collapse"]})
            for name, options in super().get_fieldsets(request, obj)
        ]

    def get_readonly_fields(self, request, obj=None):
        """Communications write what the public reads, and nothing else."""
        fields = super().get_readonly_fields(request, obj)
        return fields if can_keep_network(request.user) else [*fields, "kind", "tags"]

    def get_inlines(self, request, obj):
        """The periods of memberships are corrected by who decides them; others read them below."""
        inlines = super().get_inlines(request, obj)
        if can_decide_memberships(request.user):
            return inlines
        return [inline for inline in inlines if inline is not MembershipInline]

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name in COMPLETED:
            kwargs["widget"] = KnowsSeveral(db_field, self.admin_site)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "municipality":
            kwargs["widget"] = KnowsOne(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_search_results(self, request, queryset, search_term):
        """What the public search finds, the best first unless the list is sorted by a column."""
        keys = found_once(request, Organization, search_term)
        if keys is None:
            return queryset, False
        found = queryset.filter(pk__in=among(keys))
        if not request.GET.get("o"):
            place = RawSQL("array_position(%s::bigint[], members_organization.id)", [keys])
            found = found.order_by(place)
        return found, False

    def view_on_site(self, organization):
        return organization.get_absolute_url()

    def save_model(self, request, obj, form, change):
        """Save what changed: a page saved as it was leaves no trace."""
        if not change or form.has_changed():
            super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        """A change to a membership or another name is a change to the organization too."""
        super().save_related(request, form, formsets, change)
        if change and not form.has_changed() and any(rows.has_changed() for rows in formsets):
            form.instance.save(update_fields=["updated_at"])

    @admin.display(description=_("name"), ordering="entry__sort_fr")
    def identity(self, organization):
        if not organization.acronym:
            return organization.name
        return format_html(
            '{} <span class="quiet">{}</span>', organization.name, organization.acronym
        )

    @admin.display(description=_("membership"), ordering="standing")
    def standing(self, organization):
        return format_html(
            '<span class="pill {}">{}</span>',
            organization.standing,
            STANDINGS[organization.standing],
        )

    @admin.display(description=_("region"), ordering="region")
    def home_region(self, organization):
        return organization.region

    @admin.display(description=_("municipality"), ordering="municipality__sort_name")
    def home_town(self, organization):
        return organization.municipality

    @admin.display(description=_("confirmed"), ordering="last_confirmed_on")
    def confirmed_on(self, organization):
        on = organization.last_confirmed_on
        return on and date_format(on, "SHORT_DATE_FORMAT")

    @admin.display(description=_("changed"), ordering="updated_at")
    def changed_on(self, organization):
        return date_format(timezone.localtime(organization.updated_at), "SHORT_DATE_FORMAT")

    @admin.display(description=_("added"))
    def created(self, organization):
        return date_format(timezone.localtime(organization.created_at), "DATETIME_FORMAT")

    @admin.display(description=_("last change"))
    def changed(self, organization):
        return date_format(timezone.localtime(organization.updated_at), "DATETIME_FORMAT")

    @admin.display(description=_("former addresses"))
    def former_addresses(self, organization):
        """The addresses that still lead to the page."""
        return ", ".join(former.slug for former in organization.former_slugs.all()) or "—"
