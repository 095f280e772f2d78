"""Government relations: the dossiers."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from members.admin.common import StaffModelAdmin
from members.models import Dossier


@admin.register(Dossier)
class DossierAdmin(StaffModelAdmin):
    add_words = _("Add a dossier")
    list_display = ["name", "status", "lead"]
    search_fields = ["name"]
    autocomplete_fields = ["institutions"]
