"""Themes and countries."""

from django.contrib import admin
from django.db.models import Count, Q, TextField, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationAdmin

from members.admin.common import ReferenceOnly, StaffModelAdmin
from members.models import Country, Theme
from regions.folding import Fold, fold


class FoldedSearch:
    """A search in which neither accents nor case count, in names and in other words."""

    search_fields = ["name"]

    def get_search_results(self, request, queryset, search_term):
        words = fold(search_term).split()
        texts = [value for name in self.searched for value in (name, Value(" "))]
        queryset = queryset.alias(folded=Fold(Concat(*texts, output_field=TextField())))
        return queryset.filter(*(Q(folded__contains=word) for word in words)), False


class CountsOrganizations:
    """A list that says how many organizations each of its records has."""

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(uses=Count("organizations"))

    @admin.display(description=_("organizations"), ordering="uses")
    def uses(self, record):
        return record.uses


@admin.register(Theme)
class ThemeAdmin(FoldedSearch, CountsOrganizations, StaffModelAdmin, TranslationAdmin):
    add_words = _("Add a theme")
    list_display = ["name_fr", "name_en", "uses"]
    searched = ["name_fr", "name_en", "other_names"]
    prepopulated_fields = {"slug": ["name_fr"]}
    fields = [("name_fr", "name_en"), "slug", "other_names", "sdgs", "dac_codes"]


@admin.register(Country)
class CountryAdmin(
    FoldedSearch, CountsOrganizations, ReferenceOnly, StaffModelAdmin, TranslationAdmin
):
    """Names are those of ISO 3166-1; only the other words that find a country are ours."""

    list_display = ["name_fr", "name_en", "code", "uses"]
    searched = ["name_fr", "name_en", "other_names", "code"]
    fields = [("name_fr", "name_en"), "code", "other_names"]
    readonly_fields = ["name_fr", "name_en", "code"]
    list_per_page = 300
