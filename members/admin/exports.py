"""What leaves by the lists: any of them as a file, for those who may, and what is written of it.

What a row holds is declared in `members.columns`; a list that has no `Sheet` there is not exported.
Whoever takes away what is about people says why, and it is written before the file leaves.
"""

import tempfile

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR, IncorrectLookupParameters
from django.contrib.admin.views.main import ALL_VAR, PAGE_VAR
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpResponseRedirect, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from members.columns import PEOPLE, PEOPLE_AND_PAST, SHEETS
from members.imports.cards import people_cards
from members.imports.write import csv_lines, write_xlsx
from members.models import ExportRecord
from members.permissions import can_export

CHUNK = 500
# The rows that were ticked, in the address of an export.
CHOSEN_VAR = "chosen"

FORMATS = {
    "csv": gettext_lazy("CSV for Excel in French (semicolons)"),
    "standard": gettext_lazy("standard CSV (commas)"),
    "xlsx": gettext_lazy("Excel workbook (XLSX)"),
}
CARDS = {"vcard": gettext_lazy("contact cards (vCard), professional coordinates only")}
# What leaves by a page rather than a file.
PAGES = {"addresses": gettext_lazy("addresses to copy, on a page")}


class ReasonField(forms.CharField):
    """Why someone takes data about people away."""

    def __init__(self, **kwargs):
        super().__init__(
            label=gettext_lazy("Why"),
            max_length=300,
            help_text=gettext_lazy(
                "For example: invitation to the general assembly. Your name, the day and this "
                "reason are kept."
            ),
            widget=forms.TextInput(attrs={"class": "vTextField"}),
            error_messages={"required": gettext_lazy("Say why you take these data away.")},
            **kwargs,
        )


class ExportForm(forms.Form):
    """The format and the columns; of people, whether the past is wanted, and why."""

    format = forms.ChoiceField(label=gettext_lazy("Format"), widget=forms.RadioSelect)
    past = forms.BooleanField(
        label=gettext_lazy("With the positions that have ended"), required=False
    )
    reason = ReasonField()
    columns = forms.MultipleChoiceField(
        label=gettext_lazy("Columns"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args, sheet, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.sheet = sheet if can_export(user, personal=True) else sheet.without_personal()
        self.is_people = sheet.model == PEOPLE.model
        formats = FORMATS | (CARDS if self.is_people else {})
        self.fields["format"].choices = formats.items()
        self.fields["format"].initial = "csv"
        columns = self.fields["columns"]
        columns.choices = [
            (column.key, capfirst(str(column.label))) for column in self.sheet.columns
        ]
        columns.initial = [column.key for column in self.sheet.columns if not column.personal]
        if not self.is_people:
            del self.fields["past"]
        if not sheet.about_people:
            del self.fields["reason"]

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("format") == "vcard":  # whose properties are the same for all
            self.errors.pop("columns", None)
            cleaned["columns"] = []
        return cleaned

    def chosen(self):
        """The columns to write."""
        return [c for c in self.sheet.columns if c.key in self.cleaned_data["columns"]]


def note(*, by, model, query, format, columns, count, reason, is_personal=False):
    """Write who takes what away, and why, before it leaves."""
    ExportRecord.objects.create(
        user=by,
        model=model,
        query=query,
        format=format,
        columns=columns,
        count=count,
        reason=reason,
        is_personal=is_personal,
    )


def sent(pieces, name, content_type):
    """A file written while it is sent, to be kept under that name."""
    response = StreamingHttpResponse(pieces, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


def spoken(pieces, language):
    """The pieces, each made in that language: they are made after the answer has begun."""
    pieces = iter(pieces)
    while True:
        with override(language):
            piece = next(pieces, None)
        if piece is None:
            return
        yield piece


def as_file(rows, columns, format, name):
    """The answer that sends `rows` in one of FORMATS, under `name` and the day."""
    name = f"{name}-{timezone.localdate()}"
    if format == "xlsx":
        file = tempfile.TemporaryFile()  # noqa: SIM115 — the answer closes it once it is sent
        write_xlsx(file, rows, columns, name, named=True)
        file.seek(0)
        response = FileResponse(
            file,
            as_attachment=True,
            filename=f"{name}.xlsx",
            content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        )
        response["Cache-Control"] = "no-store"
        return response
    dialect = "standard" if format == "standard" else "excel"
    lines = csv_lines(rows, columns, dialect, named=dialect == "excel")
    return sent(
        spoken(lines, get_language()), f"{name}.csv", "text/csv; charset=utf-8; header=present"
    )


class Exports:
    """Adds to a list its page of export, and to its actions the export of what is ticked."""

    @property
    def export_sheet(self):
        """Its columns (members.columns.Sheet), or None for what is not exported."""
        return SHEETS.get(self.opts.label_lower)

    def may_export(self, request):
        """Whoever sees the list and may take data away."""
        return bool(
            self.export_sheet and self.has_view_permission(request) and can_export(request.user)
        )

    def get_urls(self):
        urls = super().get_urls()
        if self.export_sheet is None:
            return urls
        view = self.admin_site.admin_view(require_http_methods(["GET", "POST"])(self.export_view))
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        return [path("export/", view, name=name), *urls]

    def address_of(self, page, query=""):
        """The address of one of the list's own pages, with the list's filters."""
        address = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}")
        return f"{address}?{query}" if query else address

    def changelist_view(self, request, extra_context=None):
        context = {"export_address": self.address_of("export")} if self.may_export(request) else {}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def get_actions(self, request):
        actions = super().get_actions(request)
        if self.may_export(request) and IS_POPUP_VAR not in request.GET:
            words = gettext_lazy("Export the selection")
            actions["export_selected"] = (export_selected, "export_selected", words)
        return actions

    def chosen_records(self, request):
        """The records of the list as its address filters it, without pages, and that address.

        Only those that were ticked, if the address says which. None when it cannot be read: then
        nothing leaves, rather than everything.
        """
        request.GET = request.GET.copy()
        chosen = request.GET.pop(CHOSEN_VAR, None)
        for name in (PAGE_VAR, ALL_VAR):
            request.GET.pop(name, None)
        try:
            records = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            return None
        if chosen is not None:
            keys = [int(key) for key in chosen[-1].split(",") if key.isascii() and key.isdecimal()]
            records = records.filter(pk__in=keys)
            request.GET[CHOSEN_VAR] = ",".join(map(str, keys))
        return records

    def export_view(self, request):
        """The format and the columns to choose; then the file."""
        if not self.may_export(request):
            raise PermissionDenied
        records = self.chosen_records(request)
        if records is None:
            messages.error(request, _("These filters cannot be read: filter the list again."))
            return HttpResponseRedirect(self.address_of("changelist"))
        sheet = self.export_sheet
        form = ExportForm(request.POST or None, sheet=sheet, user=request.user)
        if request.method == "POST" and form.is_valid():
            return self.exported(request, records.prefetch_related(None), form)
        list_query = request.GET.copy()
        list_query.pop(CHOSEN_VAR, None)
        return TemplateResponse(
            request,
            "admin/export.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": _("Export: %(list)s") % {"list": self.opts.verbose_name_plural},
                "subtitle": None,
                "form": form,
                "count": records.count(),
                "is_selection": CHOSEN_VAR in request.GET,
                "back": self.address_of("changelist", list_query.urlencode()),
                "personal": [c.key for c in form.sheet.columns if c.personal],
            },
        )

    def exported(self, request, records, form):
        """The file, once what leaves is written."""
        wanted, sheet = form.cleaned_data["format"], form.sheet
        columns = form.chosen()
        if form.cleaned_data.get("past"):
            sheet = PEOPLE_AND_PAST
        if sheet.about_people:
            personal = any(column.personal for column in columns)
            note(
                by=request.user,
                model=sheet.model,
                query=request.GET.urlencode(),
                format=wanted,
                columns=[column.key for column in columns],
                count=records.count(),
                reason=form.cleaned_data["reason"],
                is_personal=personal,
            )
        found = sheet.prefetched(records).iterator(chunk_size=CHUNK)
        if wanted == "vcard":
            name = f"{sheet.name}-{timezone.localdate()}.vcf"
            cards = spoken(people_cards(found), get_language())
            return sent(cards, name, "text/vcard; charset=utf-8")
        rows = (row for record in found for row in sheet.rows(record))
        return as_file(rows, columns, wanted, sheet.name)


@admin.action(permissions=["view"])
def export_selected(model_admin, request, queryset):
    """To the page of export: of the whole list when all of it is chosen, else of what is ticked."""
    query = request.GET.copy()
    if request.POST.get("select_across") != "1":
        query[CHOSEN_VAR] = ",".join(map(str, queryset.order_by().values_list("pk", flat=True)))
    return HttpResponseRedirect(model_admin.address_of("export", query.urlencode()))
