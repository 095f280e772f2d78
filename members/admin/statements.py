"""Positions and letters, who signed them, and the crises of the day."""

import io
from itertools import groupby

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import F, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe
from modeltranslation.admin import TranslationAdmin

from members import actions, search
from members.admin.access import AccessAdmin, day, organization_link, posted
from members.admin.common import StaffModelAdmin
from members.admin.engagement import keys_in
from members.admin.exports import as_file
from members.admin.filters import CountedFilter
from members.admin.positions import small_form
from members.admin.together import KnowsOne, KnowsSeveral, read_together
from members.admin.vocabulary import FoldedSearch
from members.columns.base import Column
from members.models import (
    CampaignEdition,
    Country,
    Crisis,
    Dossier,
    Representative,
    Signature,
    Statement,
    Theme,
)
from members.models.periods import is_current
from members.permissions import can_export, may

# What hangs on a statement and its page shows: (its rows, in order, and what they point to).
RELATIONS = {
    "themes": (Theme.objects.order_by("name_fr"), []),
    "countries": (Country.objects.order_by("name_fr"), []),
    "signatures": (
        Signature.objects.order_by(
            F("withdrawn_at").asc(nulls_first=True), "organization__entry__sort_fr", "pk"
        ),
        ["organization"],
    ),
}
COMPLETED = ("themes", "countries")


class StateFilter(CountedFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def conditions(self):
        today = timezone.localdate()
        return {
            "open": (
                _("open for signing"),
                Q(signing_from__lte=today, signing_until__gte=today),
            ),
            "public": (_("public"), Q(is_published=True)),
            "draft": (_("in preparation"), Q(is_published=False)),
        }


class KindFilter(CountedFilter):
    title = gettext_lazy("kind")
    parameter_name = "kind"

    def conditions(self):
        return {value: (words, Q(kind=value)) for value, words in Statement.Kind.choices}


class StatementForm(forms.ModelForm):
    class Meta:
        widgets = {
            name: forms.Textarea(attrs={"rows": 14}) for name in ("text", "text_fr", "text_en")
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        at_hand = getattr(self.instance, "_prefetched_objects_cache", {})
        for name in COMPLETED:
            if name in self.fields and name in at_hand:
                self.fields[name].widget.widget.known = at_hand[name]
        for name in ("alliance", "dossier"):
            if name in self.fields and getattr(self.instance, f"{name}_id"):
                self.fields[name].widget.widget.known = [getattr(self.instance, name)]
        for name in ("text_fr", "text_en"):
            if name in self.fields:
                self.fields[name].help_text = _(
                    "A blank line between paragraphs; **bold**, *italic*, - for a list, "
                    "[words](https://…) for a link."
                )


class SigningForm(forms.Form):
    until = forms.DateField(
        label=gettext_lazy("Last day to sign, included"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    tell = forms.BooleanField(
        label=gettext_lazy("Write to the members’ representatives"), required=False, initial=True
    )


@admin.register(Statement)
class StatementAdmin(StaffModelAdmin, TranslationAdmin):
    """The dossier is shown to those who may view dossiers, and to nobody else by any way."""

    class Media:
        css = {"all": ["css/timeline.css", "css/advocacy.css"]}

    add_words = gettext_lazy("Add a position or a letter")
    list_name = gettext_lazy("Positions and letters")
    history_of_related = True
    form = StatementForm
    list_display = ["identity", "kind", "issued_on", "state", "signatories_count"]
    list_display_links = ["identity"]
    list_filter = [StateFilter, KindFilter]
    search_fields = ["title"]
    search_help_text = gettext_lazy("Title, text, to whom.")
    autocomplete_fields = ["alliance", "dossier", "themes", "countries"]
    fieldsets = [
        (
            gettext_lazy("Title and text"),
            {
                "classes": ["side-by-side"],
                "fields": [
                    ("title_fr", "title_en"),
                    ("text_fr", "text_en"),
                    ("addressed_to_fr", "addressed_to_en"),
                    "url",
                ],
            },
        ),
        (
            gettext_lazy("In public"),
            {"fields": [("kind", "issued_on", "is_published")]},
        ),
        (
            gettext_lazy("What it is about"),
            {"fields": ["themes", "countries", ("alliance", "edition"), "dossier"]},
        ),
        (
            gettext_lazy("Source and address"),
            {"classes": ["collapse"], "fields": ["source_url", "slug"]},
        ),
    ]

    # Who sees what

    def get_fieldsets(self, request, obj=None):
        """Without the dossier, for whoever may not know of any."""
        sections = super().get_fieldsets(request, obj)
        if may(request.user, "view", Dossier):
            return sections
        return [
            (name, options | {"fields": [one for one in options["fields"] if one != "dossier"]})
            for name, options in sections
        ]

    def view_on_site(self, statement):
        """Its public page, once it has one."""
        return statement.get_absolute_url() if statement.is_published else None

    def get_readonly_fields(self, request, obj=None):
        """The address does not change once the public may have shared it."""
        return ["slug"] if getattr(obj, "was_public", False) else []

    # The fields

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name in ("alliance", "dossier"):
            kwargs["widget"] = KnowsOne(db_field, self.admin_site)
        if db_field.name == "edition":
            kwargs["queryset"] = CampaignEdition.objects.select_related("campaign").order_by(
                "campaign__name_fr", "-year"
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name in COMPLETED:
            kwargs["widget"] = KnowsSeveral(db_field, self.admin_site)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    # The list

    def get_queryset(self, request):
        statements = super().get_queryset(request)
        if request.resolver_match and request.resolver_match.url_name.endswith("_changelist"):
            return statements.with_signatures_count().defer("text_fr", "text_en", "words")
        return statements.select_related("alliance", "dossier").defer("words")

    def get_search_results(self, request, queryset, search_term):
        """What the public's search finds, in the order of the list."""
        return queryset.matching(search.parse(search_term)), False

    @admin.display(description=gettext_lazy("title"), ordering="title_fr")
    def identity(self, statement):
        return statement.title

    @admin.display(description=gettext_lazy("state"), ordering="is_published")
    def state(self, statement):
        return pills(statement)

    @admin.display(description=gettext_lazy("signatures"), ordering="signatures_count")
    def signatories_count(self, statement):
        return statement.signatures_count

    # One

    def get_object(self, request, object_id, from_field=None):
        """With what its page shows, unless it is being saved."""
        statement = super().get_object(request, object_id, from_field)
        if statement:
            # What a refused form shows again says what was asked, not what is.
            statement.was_public = statement.is_published
        read = getattr(statement, "_prefetched_objects_cache", {})
        if statement and request.method == "GET" and not from_field and not read:
            read_together(statement, RELATIONS)
        return statement

    def change_view(self, request, object_id, form_url="", extra_context=None):
        statement = self.get_object(request, object_id)
        tools = []
        if statement and may(request.user, "change", Statement):
            is_open = statement.is_open()
            words = _("Change the last day to sign") if is_open else _("Open for signing")
            tools = [(self.page("signing", statement), words)]
            if statement.signing_until and is_open:
                tools.append((self.page("close", statement), _("Close the signing")))
        context = {"tools": tools, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj and change and not context["is_popup"]:
            if "signatures" not in getattr(obj, "_prefetched_objects_cache", {}):
                read_together(obj, RELATIONS)
            every = obj.signatures.all()
            context |= {
                "statement": obj,
                "pills": pills(obj),
                "signatures": [one for one in every if one.withdrawn_at is None],
                "taken_back": [one for one in every if one.withdrawn_at],
                "may_add": may(request.user, "add", Signature),
                "may_take_back": may(request.user, "change", Signature),
                "may_export": can_export(request.user),
            }
        return super().render_change_form(request, context, add, change, form_url, obj)

    def page(self, name, statement):
        return reverse(f"admin:members_statement_{name}", args=[statement.pk])

    def get_urls(self):
        view = self.admin_site.admin_view
        name = "members_statement"
        return [
            path("<int:pk>/signing/", view(self.signing_view), name=f"{name}_signing"),
            path("<int:pk>/close/", view(self.close_view), name=f"{name}_close"),
            path(
                "<int:pk>/signatories.txt",
                view(require_safe(self.text_view)),
                name=f"{name}_text_export",
            ),
            path(
                "<int:pk>/signatories.csv",
                view(require_safe(self.csv_view)),
                name=f"{name}_csv_export",
            ),
            *super().get_urls(),
        ]

    def one_to_change(self, request, pk):
        if not may(request.user, "change", Statement):
            raise PermissionDenied
        return get_object_or_404(Statement.objects.defer("dossier"), pk=pk)

    def signing_view(self, request, pk):
        """Open a statement for signing, or move its last day."""
        statement = self.one_to_change(request, pk)
        form = SigningForm(posted(request), initial={"until": statement.signing_until})

        def open_signing():
            count = actions.open_signing(statement=statement, by=request.user, **form.cleaned_data)
            return _("It can be signed until %(day)s.") % {
                "day": date_format(statement.signing_until)
            } + (" " + mails_told(count) if form.cleaned_data["tell"] else "")

        acting = Representative.objects.active().count()
        return small_form(
            self,
            request,
            form,
            open_signing,
            title=_("Open for signing: %(title)s") % {"title": statement},
            sentences=[
                _(
                    "Members read it in their space and sign there, even before it is public; what "
                    "is typed here shows at once."
                ),
                ngettext(
                    "%(count)d person acts for a member today. Nobody is written to twice about "
                    "the same letter, nor when their organization has signed.",
                    "%(count)d people act for members today. Nobody is written to twice about "
                    "the same letter, nor when their organization has signed.",
                    acting,
                )
                % {"count": acting},
            ],
            button=_("Open for signing"),
            back=self.page("change", statement),
        )

    def close_view(self, request, pk):
        """Nobody signs any more, from now on."""
        statement = self.one_to_change(request, pk)

        def close():
            statement.close_signing()
            return _("It can no longer be signed. The signatures stay.")

        return small_form(
            self,
            request,
            forms.Form(posted(request)),
            close,
            title=_("Close the signing: %(title)s") % {"title": statement},
            sentences=[_("Nobody signs nor takes back a signature from now on; those given stay.")],
            button=_("Close the signing"),
            back=self.page("change", statement),
        )

    # For the press release: organizations only, about nobody, so that it is not kept who took it.

    def signatories(self, request, pk):
        """(the statement, the standing signatures of it, by region then by name)."""
        if not (self.has_view_permission(request) and can_export(request.user)):
            raise PermissionDenied
        statement = get_object_or_404(Statement.objects.defer("dossier"), pk=pk)
        signatures = statement.signatures.standing().select_related("organization__region")
        return statement, signatures.order_by(
            F("organization__region__name_fr").asc(nulls_last=True),
            "organization__entry__sort_fr",
            "pk",
        )

    def text_view(self, request, pk):
        """The organizations that signed, grouped by region, to paste in a press release."""
        statement, signatures = self.signatories(request, pk)
        names = [
            (region_of(one) or _("Head office not known"), one.organization) for one in signatures
        ]
        text = io.StringIO()
        count = ngettext(
            "%(count)d organization signed", "%(count)d organizations signed", len(names)
        )
        text.write(f"{statement.title}\n{count % {'count': len(names)}}\n")
        for region, rows in groupby(names, key=lambda pair: pair[0]):
            text.write(f"\n{region}\n")
            for _region, organization in rows:
                acronym = f" ({organization.acronym})" if organization.acronym else ""
                text.write(f"– {organization.name}{acronym}\n")
        response = HttpResponse(text.getvalue(), content_type="text/plain; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{statement.slug}.txt"'
        response["Cache-Control"] = "no-store"
        return response

    def csv_view(self, request, pk):
        """The same, a row each, with the day."""
        statement, signatures = self.signatories(request, pk)
        return as_file(signatures, SIGNATORY_COLUMNS, "csv", statement.slug)


def region_of(signature):
    """The name of the region of whoever signed, or empty."""
    region = signature.organization.region
    return region.name if region else ""


SIGNATORY_COLUMNS = [
    Column("organization", gettext_lazy("Organization"), lambda one: one.organization.name),
    Column("acronym", gettext_lazy("Acronym"), lambda one: one.organization.acronym),
    Column("region", gettext_lazy("Region"), region_of),
    Column("signed_on", gettext_lazy("Signed on"), lambda one: timezone.localdate(one.signed_at)),
]


def pills(statement):
    """Where a statement stands, in words: public or not, open until when."""
    shown = [("current", _("public")) if statement.is_published else ("former", _("not public"))]
    if statement.is_open():
        until = date_format(statement.signing_until, "SHORT_DATE_FORMAT")
        shown.append(("unconfirmed", _("open until %(day)s") % {"day": until}))
    return format_html(
        " ".join(['<span class="pill {}">{}</span>'] * len(shown)),
        *(part for pair in shown for part in pair),
    )


def mails_told(count):
    """How many mails tell of a letter."""
    return ngettext("%(count)d mail tells it.", "%(count)d mails tell it.", count) % {
        "count": count
    }


# Signatures


class OfStatementFilter(CountedFilter):
    """Those of one statement, whose page leads here; not among the filters until then."""

    title = gettext_lazy("position or letter")
    parameter_name = "statement"

    def conditions(self):
        [key, *_others] = [*keys_in(self.request, self.parameter_name), None]
        found = Statement.objects.defer("dossier").filter(pk=key).first()
        return {str(found.pk): (str(found), Q(statement=found))} if found else {}


class StandingFilter(CountedFilter):
    """Those that stand, unless another choice is made."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def conditions(self):
        standing = Q(withdrawn_at__isnull=True)
        return {
            None: (_("standing"), standing),
            "taken-back": (_("taken back"), ~standing),
            "all": (_("all"), Q()),
        }


class SignatureForm(forms.ModelForm):
    """An organization that signed by mail, by phone or in a meeting."""

    on = forms.DateField(
        label=gettext_lazy("signed on"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    class Meta:
        model = Signature
        fields = ["statement", "organization", "signed_name", "signed_title"]

    rows = [("statement",), ("organization",), ("on",), ("signed_name", "signed_title")]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["statement"].queryset = Statement.objects.defer("dossier").latest_first()
        organization = Signature._meta.get_field("organization")
        self.fields["organization"].widget = KnowsOne(
            organization, admin.site, choices=self.fields["organization"].choices
        )
        self.fields["organization"].widget.attrs["data-dropdown-parent"] = "#content-start"
        for name, field in self.fields.items():
            field.label = capfirst(str(field.label))
            if name.startswith("signed_"):
                field.required = False
                field.widget.attrs["class"] = "vTextField"

    def _post_clean(self):
        """What is wrong is said by `note_signature`, which also holds the statement."""


@admin.register(Signature)
class SignatureAdmin(AccessAdmin):
    add_words = gettext_lazy("Add a signature")
    list_display = ["of_organization", "of_statement", "signed_on", "who", "taken_back"]
    list_filter = [OfStatementFilter, StandingFilter]
    list_select_related = ["organization", "statement", "signed_by"]
    search_fields = ["organization__name_fr", "organization__acronym", "statement__title_fr"]
    fields = [
        "of_organization",
        "of_statement",
        "signed_on",
        ("signed_name", "signed_title"),
        ("taken_back", "withdrawn_by"),
    ]
    readonly_fields = ["of_organization", "of_statement", "signed_on", "taken_back", "withdrawn_by"]
    steps = {"take_back": gettext_lazy("Take back")}

    def get_queryset(self, request):
        """Never with the dossier of what was signed."""
        rows = super().get_queryset(request)
        rows = rows.select_related("organization", "statement", "signed_by", "withdrawn_by")
        return rows.defer("statement__dossier", "statement__text_fr", "statement__text_en")

    def open_steps(self, record):
        return list(self.steps) if record.withdrawn_at is None else []

    def add_view(self, request, form_url="", extra_context=None):
        """Write down that an organization signed; `?statement=` chooses what."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        [chosen, *_others] = [*keys_in(request, "statement"), None]
        form = SignatureForm(
            posted(request), initial={"statement": chosen, "on": timezone.localdate()}
        )

        def note():
            said = form.cleaned_data
            made = said["statement"].note_signature(
                said["organization"],
                on=said["on"],
                name=said["signed_name"],
                title=said["signed_title"],
            )
            return _("%(name)s has signed.") % {"name": made.organization}

        back = reverse("admin:members_signature_changelist")
        if chosen and Statement.objects.filter(pk=chosen).exists():
            back = reverse("admin:members_statement_change", args=[chosen])
        return small_form(
            self,
            request,
            form,
            note,
            title=_("Add a signature"),
            sentences=[
                _(
                    "For an organization that signed by mail or in a meeting. The public sees its "
                    "name and the day; the name and title of whoever said so are for the staff."
                )
            ],
            button=_("Add the signature"),
            back=back,
        )

    def take_back_page(self, request, signature):
        def take_back():
            signature.take_back(by=request.user)
            return _("The signature of %(name)s is taken back.") % {"name": signature.organization}

        return small_form(
            self,
            request,
            forms.Form(posted(request)),
            take_back,
            title=_("Take back the signature of %(name)s") % {"name": signature.organization},
            sentences=[
                signature.statement.title,
                _("It leaves the public page at once; who took it back, and when, is kept here."),
            ],
            button=_("Take back"),
            back=reverse("admin:members_statement_change", args=[signature.statement_id]),
        )

    @admin.display(
        description=gettext_lazy("organization"), ordering="organization__entry__sort_fr"
    )
    def of_organization(self, signature):
        return organization_link(signature.organization)

    @admin.display(description=gettext_lazy("position or letter"), ordering="statement__title_fr")
    def of_statement(self, signature):
        address = reverse("admin:members_statement_change", args=[signature.statement_id])
        return format_html('<a href="{}">{}</a>', address, signature.statement)

    @admin.display(description=gettext_lazy("signed on"), ordering="signed_at")
    def signed_on(self, signature):
        return day(signature.signed_at)

    @admin.display(description=gettext_lazy("by"), ordering="signed_name")
    def who(self, signature):
        return ", ".join(filter(None, [signature.signed_name, signature.signed_title]))

    @admin.display(description=gettext_lazy("taken back on"), ordering="withdrawn_at")
    def taken_back(self, signature):
        return day(signature.withdrawn_at)


# Crises


class CrisisStateFilter(CountedFilter):
    """Those of today, unless another choice is made."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def conditions(self):
        today = timezone.localdate()
        return {
            None: (_("current"), is_current(today)),
            "coming": (_("to come"), Q(started_on__gt=today)),
            "past": (_("ended"), Q(ended_on__lt=today)),
            "all": (_("all"), Q()),
        }


@admin.register(Crisis)
class CrisisAdmin(FoldedSearch, StaffModelAdmin, TranslationAdmin):
    add_words = gettext_lazy("Pin a country")
    list_display = ["title", "country", "started_on", "ended_on"]
    list_filter = [CrisisStateFilter]
    list_select_related = ["country"]
    searched = ["title_fr", "title_en", "country__name_fr", "country__name_en"]
    autocomplete_fields = ["country"]
    fieldsets = [
        (None, {"fields": ["country"]}),
        (
            gettext_lazy("What the public reads"),
            {
                "classes": ["side-by-side"],
                "fields": [("title_fr", "title_en"), ("text_fr", "text_en"), "url"],
            },
        ),
        (gettext_lazy("How long"), {"fields": [("started_on", "ended_on")]}),
    ]

    def get_changeform_initial_data(self, request):
        return {"started_on": timezone.localdate(), **super().get_changeform_initial_data(request)}

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("country")
