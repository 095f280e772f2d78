"""Regions and municipalities, with how many organizations have their head office there."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationAdmin

from members.admin.common import ReferenceOnly, StaffModelAdmin
from members.admin.vocabulary import CountsOrganizations, FoldedSearch
from regions.models import Municipality, Region


@admin.register(Region)
class RegionAdmin(
    FoldedSearch, CountsOrganizations, ReferenceOnly, StaffModelAdmin, TranslationAdmin
):
    """The official list: to look at only."""

    list_display = ["code", "name_fr", "main_town", "uses"]
    list_display_links = ["name_fr"]
    searched = ["name_fr", "name_en", "main_town", "code"]
    fields = [("name_fr", "name_en"), ("code", "main_town"), ("latitude", "longitude")]

    def has_change_permission(self, request, obj=None):
        return False


@admin.register(Municipality)
class MunicipalityAdmin(FoldedSearch, CountsOrganizations, StaffModelAdmin):
    add_words = _("Add a municipality")
    list_display = ["name", "region", "uses"]
    list_filter = ["region"]
    list_select_related = ["region"]
    ordering = ["sort_name"]
    searched = ["name"]
    fields = [("name", "region"), ("latitude", "longitude")]
