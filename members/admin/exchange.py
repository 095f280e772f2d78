"""Import with preview, from the lists of organizations and of people.

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
from pathlib import Path

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from members.columns import ORGANIZATIONS, PEOPLE, text
from members.imports.apply import ImportFailed
from members.imports.people import plan as plan_people
from members.imports.plan import plan as plan_organizations
from members.imports.read import UnreadableFile
from members.models import Position
from members.permissions import can_see_personal, may

# A preview shows so many rows of each fate: enough to see what the file does, of any size.
ROWS_SHOWN = 300
CHARACTERS_SHOWN = 160
# A file that nobody agreed to is forgotten after so many seconds.
FORGOTTEN_AFTER = 3600


class ImportForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV or Excel (.xlsx), up to 10 MB."),
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


def told(rows, columns):
    """Rows of a plan as the preview shows them, the first ROWS_SHOWN; `columns` by their keys."""

    def label(key):
        """A column as people name it; empty for the whole row."""
        return capfirst(str(columns[key].label)) if key in columns else ""

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
                if row.record_id is None and value and not row.problems
            ],
            "problems": [
                (label(problem.column), shortened(problem.value), problem.reason)
                for problem in row.problems
            ],
        }
        for row in rows[:ROWS_SHOWN]
    ]


class Imports:
    """Adds to a list the page that imports a file, for those who may add and change."""

    # Its title, what a row of the file is, and the columns (members.columns.Sheet).
    import_words = ""
    import_row_words = ""
    sheet = None

    def planned(self, request, content, name):
        """The plan (members.imports) of what the file would do."""
        raise NotImplementedError

    def imported_words(self, count):
        """That so many were added or changed."""
        raise NotImplementedError

    def may_import(self, request):
        return self.has_add_permission(request) and self.has_change_permission(request)

    def import_sheet(self, request):
        """The columns that the user may send."""
        return self.sheet if can_see_personal(request.user) else self.sheet.without_personal()

    def import_address(self):
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_import")

    def list_address(self):
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")

    def get_urls(self):
        view = require_http_methods(["GET", "POST"])(self.import_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_import"
        return [
            path("import/", self.admin_site.admin_view(view), name=name),
            *super().get_urls(),
        ]

    def changelist_view(self, request, extra_context=None):
        context = {"import_address": self.import_address()} if self.may_import(request) else {}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def import_page(self, request, template, title, **context):
        return TemplateResponse(
            request,
            f"admin/{template}.html",
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
        if not self.may_import(request):
            raise PermissionDenied
        if request.method == "POST" and "confirm" in request.POST:
            return self.confirmed(request)
        form = ImportForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            file = form.cleaned_data["file"]
            content = file.read()
            try:
                preview = self.planned(request, content, file.name)
            except UnreadableFile as error:
                form.add_error("file", str(error))
            else:
                waiting = {"token": keep(content), "name": file.name, "model": str(self.opts)}
                return self.preview(request, waiting, preview)
        return self.import_page(
            request,
            "import",
            self.import_words,
            form=form,
            row_words=self.import_row_words,
            columns=[column for column in self.import_sheet(request).columns if column.is_input],
        )

    def preview(self, request, waiting, preview):
        """What the file would do, in words."""
        request.session["import"] = waiting | {"version": preview.version}
        columns = self.sheet.by_key
        fates = [
            ("refused", _("Refused"), preview.refused),
            ("created", _("New"), preview.created),
            ("changed", _("Changed"), preview.changed),
            ("unchanged", _("Unchanged, but worth a look"), worth_a_look(preview)),
        ]
        return self.import_page(
            request,
            "preview",
            _("Preview of %(file)s") % {"file": preview.name},
            plan=preview,
            token=waiting["token"],
            writes=len(preview.created) + len(preview.changed),
            import_address=self.import_address(),
            page_of_record=f"admin:{self.opts.app_label}_{self.opts.model_name}_change",
            fates=[
                {
                    "key": key,
                    "title": title,
                    "count": len(rows),
                    "rows": told(rows, columns),
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
        ours = token and token == waiting.get("token") and waiting.get("model") == str(self.opts)
        content = kept(token) if ours else None
        if content is None:
            messages.error(request, _("This preview is no longer kept: choose the file again."))
            return HttpResponseRedirect(self.import_address())
        agreed = self.planned(request, content, waiting["name"])
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
            return self.preview(request, waiting, self.planned(request, content, waiting["name"]))
        forget(token)
        del request.session["import"]
        messages.success(request, self.imported_words(count))
        return HttpResponseRedirect(self.list_address())


def worth_a_look(preview):
    """The rows that change nothing and about which there is something to say."""
    return [row for row in preview.unchanged if row.remarks]


class ImportsOrganizations(Imports):
    import_words = gettext_lazy("Import organizations")
    import_row_words = gettext_lazy("One organization a row.")
    sheet = ORGANIZATIONS

    def planned(self, request, content, name):
        return plan_organizations(content, name)

    def imported_words(self, count):
        return ngettext(
            "%(count)d organization added or changed.",
            "%(count)d organizations added or changed.",
            count,
        ) % {"count": count}


class ImportsPeople(Imports):
    import_words = gettext_lazy("Import people")
    import_row_words = gettext_lazy(
        "One position of one person a row: someone with two positions has two rows."
    )
    sheet = PEOPLE

    def may_import(self, request):
        """Whoever records people and positions alike."""
        return super().may_import(request) and all(
            may(request.user, action, Position) for action in ("add", "change")
        )

    def planned(self, request, content, name):
        return plan_people(content, name, personal=can_see_personal(request.user))

    def imported_words(self, count):
        return ngettext(
            "%(count)d row imported: people and positions added or changed.",
            "%(count)d rows imported: people and positions added or changed.",
            count,
        ) % {"count": count}
