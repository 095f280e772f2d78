"""What is written of data about people that left: to be read, never changed."""

from django.contrib import admin
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from members.admin.common import StaffModelAdmin
from members.admin.exports import CARDS, FORMATS, PAGES
from members.admin.filters import CountedFilter
from members.columns import SHEETS
from members.models import AccountEvent, ExportRecord


class EventFilter(CountedFilter):
    title = _("what")
    parameter_name = "kind"

    def conditions(self):
        return {kind.value: (kind.label, Q(kind=kind)) for kind in AccountEvent.Kind}


@admin.register(AccountEvent)
class AccountEventAdmin(StaffModelAdmin):
    """The log of the accounts: who came in and how, what was refused, which factors changed."""

    list_display = ["when", "user", "kind", "means", "browser", "detail"]
    list_display_links = ["when"]
    list_filter = [EventFilter]
    list_select_related = ["user"]
    search_fields = ["user__email", "user__first_name", "user__last_name", "browser"]
    date_hierarchy = "at"
    fields = ["when", "user", "kind", "means", "browser", "detail"]
    readonly_fields = fields

    @admin.display(description=_("when"), ordering="at")
    def when(self, event):
        return date_format(timezone.localtime(event.at), "DATETIME_FORMAT")


class PersonalFilter(CountedFilter):
    title = _("personal fields")
    parameter_name = "personal"

    def conditions(self):
        return {
            "yes": (_("with personal fields"), Q(is_personal=True)),
            "no": (_("without personal fields"), Q(is_personal=False)),
        }


@admin.register(ExportRecord)
class ExportRecordAdmin(StaffModelAdmin):
    list_display = ["when", "user", "what", "rows", "content", "reason"]
    list_display_links = ["when"]
    list_filter = [PersonalFilter, "user"]
    list_select_related = ["user"]
    search_fields = ["reason", "user__email", "user__first_name", "user__last_name"]
    date_hierarchy = "at"
    fields = ["when", "user", "what", "filters", "rows", "content", "said_columns", "reason"]
    readonly_fields = fields

    @admin.display(description=_("when"), ordering="at")
    def when(self, record):
        return date_format(timezone.localtime(record.at), "DATETIME_FORMAT")

    @admin.display(description=_("list"), ordering="model")
    def what(self, record):
        return record.list_name

    @admin.display(description=_("rows"), ordering="count")
    def rows(self, record):
        return record.count

    @admin.display(description=_("format"))
    def content(self, record):
        """The format, and whether what is personal is in it."""
        kind, _dash, format = record.format.rpartition("-")
        words = (FORMATS | CARDS | PAGES).get(format, format)
        if kind == "mailing":
            words = gettext("mailing, %(format)s") % {"format": words}
        if not record.is_personal:
            return words
        return format_html('{} <span class="pill">{}</span>', words, _("personal"))

    @admin.display(description=_("filters"))
    def filters(self, record):
        return record.query or _("the list as it opens")

    @admin.display(description=_("columns"))
    def said_columns(self, record):
        """The columns in words, as far as they still exist."""
        sheet = SHEETS.get(record.model)
        known = sheet.by_key if sheet else {}
        return ", ".join(str(known[key].label) if key in known else key for key in record.columns)
