"""Import with preview, and export, from the list of organizations.

The rules are the importer's own (`members/imports/`): a file is planned, the plan is shown in
words, and the same plan is done once someone agrees. Between the two the file waits on the
server's disk, known to that person's session only.

django-import-export 4.4 was tried over the same plan. It can read our files and say why a cell is
refused, but its pages confirm no file that has a refused row, trust the browser for the name of
the waiting file, do not see that the directory moved since the preview, and announce success when
the import failed; each would have had to be overridden.
"""

import contextlib
import os
import secrets
import stat
import tempfile
import time
from io import BytesIO
from pathlib import Path

from django import forms
from django.contrib import messages
from django.contrib.admin.views.main import PAGE_VAR
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from members.columns import BY_KEY, COLUMNS, prefetched, text
from members.imports.apply import ImportFailed
from members.imports.plan import plan
from members.imports.read import UnreadableFile
from members.imports.write import csv_lines, write_xlsx

# A preview shows so many rows of each fate: enough to see what the file does, of any size.
ROWS_SHOWN = 300
CHARACTERS_SHOWN = 160
# A file that nobody agreed to is forgotten after so many seconds.
FORGOTTEN_AFTER = 3600
CHUNK = 500

FORMATS = {
    "csv": gettext_lazy("CSV for Excel in French (semicolons)"),
    "standard": gettext_lazy("standard CSV (commas)"),
    "xlsx": gettext_lazy("Excel workbook (XLSX)"),
}


class ImportForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV or Excel (.xlsx), one organization a row, up to 10 MB."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx"}),
    )


def waiting_folder():
    """Where files wait to be agreed to: readable by the site only.

    The system's temporary folder is everybody's: a folder that another account made there, or that
    others may open, is refused (PermissionError) rather than trusted with a list of members.
    """
    folder = Path(tempfile.gettempdir()) / f"organization-imports-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise PermissionError(f"{folder} is not this site's own folder.")
    return folder


def keep(content):
    """Keep the bytes of a file; return the token it is found by. Old files are forgotten."""
    for path_ in waiting_folder().iterdir():
        with contextlib.suppress(FileNotFoundError):  # another worker forgets it too
            if path_.stat().st_mtime < time.time() - FORGOTTEN_AFTER:
                path_.unlink()
    token = secrets.token_urlsafe(16)
    (waiting_folder() / token).write_bytes(content)
    return token


def kept(token):
    """The bytes of a file that waits, or None if it waits no more."""
    try:
        return (waiting_folder() / token).read_bytes()
    except OSError:
        return None


def forget(token):
    (waiting_folder() / token).unlink(missing_ok=True)


def shortened(value):
    return Truncator(text(value)).chars(CHARACTERS_SHOWN)


def label(key):
    """A column as people name it; empty for the whole row."""
    return capfirst(str(BY_KEY[key].label)) if key in BY_KEY else ""


def told(rows):
    """Rows of a plan as the preview shows them, the first ROWS_SHOWN."""
    return [
        {
            "row": row,
            "changes": [
                (label(change.column), shortened(change.old), shortened(change.new))
                for change in row.changes
            ]
            or [
                (label(key), "", shortened(value))
                for key, value in row.values.items()
                if row.organization_id is None and value and not row.problems
            ],
            "problems": [
                (label(problem.column), shortened(problem.value), problem.reason)
                for problem in row.problems
            ],
        }
        for row in rows[:ROWS_SHOWN]
    ]


class ImportsAndExports:
    """Adds the two pages to the list of organizations, and the links to them."""

    change_list_template = "admin/members/organization/change_list.html"

    def get_urls(self):
        return [
            path(
                "import/",
                self.admin_site.admin_view(require_http_methods(["GET", "POST"])(self.import_view)),
                name="members_organization_import",
            ),
            path(
                "export/",
                self.admin_site.admin_view(require_http_methods(["GET"])(self.export_view)),
                name="members_organization_export",
            ),
            *super().get_urls(),
        ]

    def page(self, request, template, title, **context):
        return TemplateResponse(
            request,
            f"admin/members/organization/{template}.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": title,
                "subtitle": None,
                **context,
            },
        )

    def import_view(self, request):
        """A file to choose; then what it would do; then it is done."""
        if not (self.has_add_permission(request) and self.has_change_permission(request)):
            raise PermissionDenied
        if request.method == "POST" and "confirm" in request.POST:
            return self.confirmed(request)
        form = ImportForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            file = form.cleaned_data["file"]
            content = file.read()
            try:
                preview = plan(content, file.name)
            except UnreadableFile as error:
                form.add_error("file", str(error))
            else:
                waiting = {"token": keep(content), "name": file.name}
                return self.preview(request, waiting, preview)
        return self.page(
            request,
            "import",
            _("Import organizations"),
            form=form,
            columns=[column for column in COLUMNS if column.is_input],
        )

    def preview(self, request, waiting, preview):
        """What the file would do, in words."""
        request.session["import"] = waiting | {"version": preview.version}
        fates = [
            ("refused", _("Refused"), preview.refused),
            ("created", _("New"), preview.created),
            ("changed", _("Changed"), preview.changed),
        ]
        return self.page(
            request,
            "preview",
            _("Preview of %(file)s") % {"file": preview.name},
            plan=preview,
            token=waiting["token"],
            writes=len(preview.created) + len(preview.changed),
            fates=[
                {
                    "key": key,
                    "title": title,
                    "count": len(rows),
                    "rows": told(rows),
                    "left_out": max(0, len(rows) - ROWS_SHOWN),
                }
                for key, title, rows in fates
                if rows
            ],
        )

    def confirmed(self, request):
        """Do what the preview showed, unless the directory has changed since."""
        waiting = request.session.get("import") or {}
        token = request.POST.get("token", "")
        content = kept(token) if token and token == waiting.get("token") else None
        if content is None:
            messages.error(request, _("This preview is no longer kept: choose the file again."))
            return HttpResponseRedirect(reverse("admin:members_organization_import"))
        agreed = plan(content, waiting["name"])
        if agreed.version != waiting["version"]:
            messages.warning(
                request,
                _("The directory has changed since the preview. Here is what the file does now."),
            )
            return self.preview(request, waiting, agreed)
        count = len(agreed.created) + len(agreed.changed)
        try:
            agreed.apply(by=request.user, skip_errors="skip" in request.POST)
        except ImportFailed as error:
            messages.error(request, str(error))
            return self.preview(request, waiting, plan(content, waiting["name"]))
        forget(token)
        del request.session["import"]
        messages.success(
            request,
            ngettext(
                "%(count)d organization added or changed.",
                "%(count)d organizations added or changed.",
                count,
            )
            % {"count": count},
        )
        return HttpResponseRedirect(reverse("admin:members_organization_changelist"))

    def export_view(self, request):
        """The organizations of the list as it is filtered, in the format that is chosen."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        wanted = request.GET.get("format", "")
        request.GET = request.GET.copy()
        for name in ("format", PAGE_VAR):
            request.GET.pop(name, None)
        organizations = self.get_changelist_instance(request).queryset
        if wanted not in FORMATS:
            return self.page(
                request,
                "export",
                _("Export organizations"),
                count=organizations.count(),
                formats=FORMATS.items(),
                parameters=[(k, v) for k, values in request.GET.lists() for v in values],
                columns=COLUMNS,
            )
        rows = prefetched(organizations).iterator(chunk_size=CHUNK)
        name = f"organismes-{timezone.localdate()}"
        if wanted == "xlsx":
            file = BytesIO()
            write_xlsx(file, rows, COLUMNS)
            response = HttpResponse(
                file.getvalue(),
                content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            )
            response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
            return response
        dialect = "standard" if wanted == "standard" else "excel"
        response = StreamingHttpResponse(
            csv_lines(rows, COLUMNS, dialect),
            content_type="text/csv; charset=utf-8; header=present",
        )
        response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
        return response
