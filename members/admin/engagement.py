"""What the network exchanges with others: the list, and the form that takes half a minute."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from members.admin.common import StaffModelAdmin
from members.models import Interaction


@admin.register(Interaction)
class InteractionAdmin(StaffModelAdmin):
    add_words = _("Log an exchange")
    list_display = ["subject", "kind", "happened_at"]
    search_fields = ["subject", "notes"]
    fields = ["kind", ("happened_at", "minutes"), "subject", "notes"]
