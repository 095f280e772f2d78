"""Documents: all of them, one, and what adds them to the record that they belong to."""

import logging

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F, Q, TextField, Value
from django.db.models.functions import Coalesce, Concat
from django.http import FileResponse, Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from members import documents
from members.admin.common import StaffModelAdmin
from members.admin.filters import CountedFilter
from members.display import file_size, quoted
from members.models import Document, NotKept
from members.permissions import can_open, may
from regions.folding import Fold, fold

logger = logging.getLogger(__name__)


class KeepsDocuments:
    """For a page that writes files with its record: when the disk refuses one, nothing of the
    record is saved either, and the form comes back with what was typed and says why.

    Its form is a `SaysNotKept`.
    """

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.not_kept = getattr(request, "not_kept", "")
        return form

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except NotKept as error:
            request.not_kept = str(error)
            return super().changeform_view(request, object_id, form_url, extra_context)


class SaysNotKept:
    """A form that says that its files could not be written (see `KeepsDocuments`)."""

    not_kept = ""

    def clean(self):
        cleaned = super().clean()
        if self.not_kept:
            raise ValidationError(self.not_kept)
        return cleaned


class DocumentForm(SaysNotKept, forms.ModelForm):
    """The title and, for new ones, the files and the one record that they belong to."""

    class Meta:
        widgets = {"title": forms.TextInput(attrs={"class": "vTextField"})}
        help_texts = {"title": gettext_lazy("Without a title, the file’s name is shown.")}

    files = documents.AttachmentField()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["files"]

    def clean(self):
        cleaned = super().clean()
        if self.instance.pk:
            return cleaned
        owners = {name: cleaned.get(name) for name in Document.OWNERS if cleaned.get(name)}
        if len(owners) != 1:
            if not any(name in self.errors for name in Document.OWNERS):
                raise ValidationError(
                    _(
                        "A document belongs to one organization, alliance, dossier, exchange or "
                        "application."
                    )
                )
            return cleaned
        digests = [file.digest for file in cleaned.get("files", ())]
        for known in Document.objects.filter(digest__in=digests, **owners):
            self.add_error(
                "files", _("The same file is already there: %(name)s.") % {"name": quoted(known)}
            )
        return cleaned


class BelongsFilter(CountedFilter):
    title = gettext_lazy("belongs to")
    parameter_name = "belongs"

    def conditions(self):
        return {
            name: (
                Document._meta.get_field(name).verbose_name,
                Q(**{f"{name}__isnull": False}),
            )
            for name in Document.OWNERS
        }


class TypeFilter(CountedFilter):
    title = gettext_lazy("type")
    parameter_name = "type"

    def conditions(self):
        return {
            "pdf": ("PDF", Q(content_type=documents.PDF.content_type)),
            "office": (
                _("office document"),
                Q(content_type__startswith="application/vnd."),
            ),
            "image": (_("image"), Q(content_type__startswith="image/")),
            "text": (_("text and tables"), Q(content_type__startswith="text/")),
        }


def download_address(document):
    return reverse("admin:members_document_download", args=[document.pk])


@admin.register(Document)
class DocumentAdmin(KeepsDocuments, StaffModelAdmin):
    class Media:
        css = {"all": ["css/documents.css"]}

    add_words = gettext_lazy("Add documents")
    form = DocumentForm
    list_display = ["identity", "belongs_to", "kind", "weight", "added", "added_by", "download"]
    list_display_links = ["identity"]
    list_filter = [BelongsFilter, TypeFilter]
    search_fields = ["title"]
    search_help_text = gettext_lazy("Title or file name, or what the document belongs to.")
    ordering = ["-added_at", "-pk"]

    # Who

    def has_view_permission(self, request, obj=None):
        return super().has_view_permission(request, obj) and (
            obj is None or obj.owner_name is None or can_open(request.user, obj)
        )

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and self.has_view_permission(
            request, obj
        )

    def get_autocomplete_fields(self, request):
        """Those whose list may be searched; all of them, once each has its page."""
        models = {name: Document._meta.get_field(name).related_model for name in Document.OWNERS}
        return [name for name, model in models.items() if self.admin_site.is_registered(model)]

    # The list

    def get_queryset(self, request):
        return super().get_queryset(request).known_to_staff().for_list()

    def get_search_results(self, request, queryset, search_term):
        """Every word of the text, folded, in the title, the name or what it belongs to."""
        words = fold(search_term).split()
        if not words:
            return queryset, False
        names = [
            "title",
            "name",
            "organization__name_fr",
            "organization__acronym",
            "alliance__name_fr",
            "alliance__acronym",
            "dossier__name",
            "interaction__subject",
            "admission__name_fr",
            "admission__acronym",
        ]
        text = []
        for name in names:
            text += [Coalesce(F(name), Value(""), output_field=TextField()), Value(" ")]
        queryset = queryset.alias(words=Fold(Concat(*text, output_field=TextField())))
        for word in words[:10]:
            queryset = queryset.filter(words__contains=word)
        return queryset, False

    @admin.display(description=gettext_lazy("title"), ordering="title")
    def identity(self, document):
        return str(document)

    @admin.display(description=gettext_lazy("belongs to"))
    def belongs_to(self, document):
        name = document.owner_name
        return format_html(
            '<a href="{}">{}</a> <span class="quiet">{}</span>',
            reverse(
                f"admin:members_{type(document.owner)._meta.model_name}_change",
                args=[document.owner.pk],
            ),
            document.owner,
            Document._meta.get_field(name).verbose_name,
        )

    @admin.display(description=gettext_lazy("type"), ordering="content_type")
    def kind(self, document):
        return documents.label(document.content_type)

    @admin.display(description=gettext_lazy("size"), ordering="size")
    def weight(self, document):
        return file_size(document.size)

    @admin.display(description=gettext_lazy("added"), ordering="added_at")
    def added(self, document):
        return date_format(timezone.localtime(document.added_at), "SHORT_DATE_FORMAT")

    @admin.display(description=gettext_lazy("file"))
    def download(self, document):
        return format_html(
            '<a href="{}" download>{}<span class="visually-hidden"> {}</span></a>',
            download_address(document),
            _("Download"),
            document,
        )

    # One

    def get_fieldsets(self, request, obj=None):
        if obj is not None:
            facts = ["file_itself", "belongs_to", ("kind", "weight"), ("added", "added_by")]
            return [(None, {"fields": ["title", *facts]})]
        owner = self.asked_owner(request)
        owners = (
            [owner]
            if owner
            else [
                ("organization", "alliance"),
                ("dossier", "interaction"),
                "admission",
            ]
        )
        return [
            (None, {"fields": ["files", "title"]}),
            (capfirst(_("belongs to")), {"fields": owners}),
        ]

    def get_readonly_fields(self, request, obj=None):
        if obj is None:
            return []
        return ["file_itself", "belongs_to", "kind", "weight", "added", "added_by"]

    def asked_owner(self, request):
        """Which of the owners the address names, as `?dossier=12` does; None otherwise."""
        named = [name for name in Document.OWNERS if request.GET.get(name, "").isdecimal()]
        return named[0] if len(named) == 1 else None

    def get_changeform_initial_data(self, request):
        owner = self.asked_owner(request)
        return {owner: request.GET[owner]} if owner else {}

    def save_model(self, request, obj, form, change):
        """New files are written once, under what they are; afterwards only the title changes."""
        if change:
            super().save_model(request, obj, form, change)
            return
        files = form.cleaned_data["files"]
        owner = {f"{obj.owner_name}_id": getattr(obj, f"{obj.owner_name}_id")}
        title = obj.title
        for place, file in enumerate(files):
            document = obj if place == 0 else Document(**owner)
            if len(files) > 1 and title:
                document.title = f"{title} – {file.name}"[:200]
            document.keep(file, by=request.user)

    def response_add(self, request, obj, post_url_continue=None):
        """Back to what the documents belong to, when it has a page."""
        owner = type(obj.owner)
        if "_addanother" in request.POST or "_continue" in request.POST or "_popup" in request.POST:
            return super().response_add(request, obj, post_url_continue)
        count = len(request.FILES.getlist("files"))
        self.message_user(
            request,
            ngettext("%(count)d document added.", "%(count)d documents added.", count)
            % {"count": count},
            messages.SUCCESS,
        )
        if may(request.user, "view", owner) and owner in self.admin_site._registry:
            name = f"admin:members_{owner._meta.model_name}_change"
            return HttpResponseRedirect(reverse(name, args=[obj.owner.pk]))
        return HttpResponseRedirect(reverse("admin:members_document_changelist"))

    @admin.display(description=gettext_lazy("file"))
    def file_itself(self, document):
        return format_html(
            '<a href="{}" download>{}</a>', download_address(document), document.name
        )

    # The file

    def get_urls(self):
        return [
            path(
                "<int:pk>/download/",
                self.admin_site.admin_view(require_safe(self.download_view)),
                name="members_document_download",
            ),
            *super().get_urls(),
        ]

    def download_view(self, request, pk):
        """The file, to be saved under its own name; only to who may have it.

        Nothing in it is run, whatever it holds: the browser is told its type, not to guess another,
        not to keep it, and not to trust it as a page of ours.
        """
        if not may(request.user, "view", Document):
            raise PermissionDenied
        document = Document.objects.filter(pk=pk).first()
        if document is None:
            raise Http404
        if not can_open(request.user, document):
            raise PermissionDenied
        try:
            file = document.file.open("rb")
        except OSError:
            logger.exception("The file of document %s cannot be read", pk)
            return TemplateResponse(
                request,
                "admin/members/document/gone.html",
                {
                    **self.admin_site.each_context(request),
                    "title": _("This file is not there any more"),
                    "document": document,
                },
                status=410,
            )
        response = FileResponse(
            file, as_attachment=True, filename=document.name, content_type=document.content_type
        )
        response["Cache-Control"] = "private, no-store"
        response["X-Content-Type-Options"] = "nosniff"
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return response
