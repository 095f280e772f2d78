"""Organizations: the list that staff live in, and one organization's page."""

import datetime

from django import forms
from django.contrib import admin
from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, Value, When
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationAdmin

from members.admin.bulk import BulkActions
from members.admin.common import PhoneField, StaffInline, StaffModelAdmin, extension_apart
from members.admin.decisions import Decides
from members.admin.exchange import ImportsAndExports
from members.admin.filters import CountedFilter
from members.admin.history import Names, last_event, signature
from members.admin.memberships import MembershipInline
from members.admin.selections import (
    AddTag,
    AddToAlliance,
    ConfirmProfiles,
    EndMemberships,
    RemoveTag,
)
from members.admin.tags import TagFilter
from members.models import Country, Identifier, Membership, Organization, OtherName, Theme
from regions.models import Region

# Where an organization stands in the network, as the list says it.
STANDINGS = {
    "current": _("member"),
    "unconfirmed": _("to be confirmed"),
    "suspended": _("suspended"),
    "former": _("former member"),
    "none": _("not a member"),
}


def with_standing(organizations):
    """`organizations` with their `standing` today, one of STANDINGS."""
    own = Membership.objects.filter(organization=OuterRef("pk"))
    current = own.current()
    return organizations.annotate(
        standing=Case(
            When(Exists(current.filter(status=Membership.Status.SUSPENDED)), Value("suspended")),
            When(Exists(current.filter(confirmed=False)), Value("unconfirmed")),
            When(Exists(current), Value("current")),
            When(Exists(own), Value("former")),
            default=Value("none"),
            output_field=CharField(),
        )
    )


class StandingFilter(CountedFilter):
    """Current members unless another choice is made."""

    title = _("membership")
    parameter_name = "membership"

    standings = {
        None: (_("current members"), ["current", "unconfirmed", "suspended"]),
        "unconfirmed": (_("to be confirmed"), ["unconfirmed"]),
        "suspended": (_("suspended"), ["suspended"]),
        "others": (_("former members and others"), ["former", "none"]),
        "all": (_("all"), list(STANDINGS)),
    }

    def conditions(self):
        return {
            value: (words, Q(standing__in=standings) if value != "all" else Q())
            for value, (words, standings) in self.standings.items()
        }

    def get_facet_queryset(self, changelist):
        """The counts, from one look at each organization: a standing takes four subqueries."""
        rows = changelist.get_queryset(self.request, exclude_parameters=self.expected_parameters())
        counts = dict(rows.order_by().values_list("standing").annotate(count=Count("pk")))
        return {
            f"{place}__c": sum(counts.get(standing, 0) for standing in self.standings[value][1])
            for place, (value, _words) in enumerate(self.lookup_choices)
        }


class RegionFilter(CountedFilter):
    title = _("region of the head office")
    parameter_name = "region"
    folded = True

    def conditions(self):
        return {
            region.code: (region.name, Q(region=region.code)) for region in Region.objects.all()
        }


class ThemeFilter(CountedFilter):
    title = _("theme")
    parameter_name = "theme"
    folded = True

    def conditions(self):
        return {
            theme.slug: (theme.name, Q(entry__themes__contains=[theme.pk]))
            for theme in Theme.objects.all()
        }


class CountryFilter(CountedFilter):
    """Only the countries where some organization works: the others would make a long list of 0."""

    title = _("country of action")
    parameter_name = "country"
    folded = True

    def conditions(self):
        return {
            country.code: (country.name, Q(entry__countries__contains=[country.code]))
            for country in Country.objects.filter(organizations__isnull=False).distinct()
        }


class KindFilter(CountedFilter):
    title = _("kind")
    parameter_name = "kind"
    folded = True

    def conditions(self):
        return {value: (words, Q(kind=value)) for value, words in Organization.Kind.choices}


class FreshnessFilter(CountedFilter):
    """When the organization last said that its profile is true."""

    title = _("last confirmation")
    parameter_name = "confirmed"
    folded = True

    def conditions(self):
        a_year_ago = timezone.localdate() - datetime.timedelta(days=365)
        return {
            "recent": (_("less than a year ago"), Q(last_confirmed_on__gt=a_year_ago)),
            "old": (_("more than a year ago"), Q(last_confirmed_on__lte=a_year_ago)),
            "never": (_("never"), Q(last_confirmed_on__isnull=True)),
        }


class OrganizationForm(forms.ModelForm):
    class Meta:
        widgets = {
            "summary": forms.Textarea(attrs={"rows": 3}),
            "mission": forms.Textarea(attrs={"rows": 9}),
        }

    phone = PhoneField(required=False, label=_("Public phone number"))

    def clean(self):
        """Move an extension typed with the number to its own field."""
        return extension_apart(super().clean())


class OtherNameInline(StaffInline, admin.StackedInline):
    model = OtherName
    fields = [("kind", "name")]
    classes = ["collapse"]


class IdentifierInline(StaffInline, admin.StackedInline):
    model = Identifier
    fields = [("scheme", "value", "verified_on"), "source_url"]
    classes = ["collapse"]


@admin.register(Organization)
class OrganizationAdmin(BulkActions, Decides, ImportsAndExports, StaffModelAdmin, TranslationAdmin):
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
        FreshnessFilter,
        RegionFilter,
        ThemeFilter,
        CountryFilter,
        TagFilter,
        KindFilter,
    ]
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
    autocomplete_fields = ["municipality", "active_regions", "themes", "countries"]
    readonly_fields = ["created", "changed", "former_addresses"]
    inlines = [MembershipInline, OtherNameInline, IdentifierInline]
    fieldsets = [
        (
            _("Identity"),
            {
                "fields": [
                    ("name_fr", "name_en"),
                    ("acronym", "kind"),
                    ("summary_fr", "summary_en"),
                    ("mission_fr", "mission_en"),
                    "slug",
                ]
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
        (
            _("Who and when"),
            {"classes": ["collapse"], "fields": ["created", "changed", "former_addresses"]},
        ),
    ]

    def get_queryset(self, request):
        return with_standing(super().get_queryset(request))

    def get_search_results(self, request, queryset, search_term):
        """What the public search finds, the best first unless the list is sorted by a column."""
        found = queryset.matching(search_term)
        if request.GET.get("o"):
            found = found.order_by(*queryset.query.order_by)
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
        """When, and by whom as far as the history knows."""
        when = date_format(timezone.localtime(organization.updated_at), "DATETIME_FORMAT")
        event = last_event(organization)
        if event is None:
            return when
        return f"{when}, {' – '.join(filter(None, signature(event, Names([event]))))}"

    @admin.display(description=_("former addresses"))
    def former_addresses(self, organization):
        """The addresses that still lead to the page."""
        return ", ".join(former.slug for former in organization.former_slugs.all()) or "—"
