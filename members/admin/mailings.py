"""A list prepared for a message: who gets it, who does not and why, then the file."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from members.admin.exports import CHOSEN_VAR, FORMATS, ReasonField, as_file, note
from members.columns import Column, attribute
from members.mailing import to_organizations, to_people
from members.models import Consent, Position
from members.permissions import can_export

# How many names the page shows of each sort: the others are counted.
SHOWN = 200

COLUMNS = (
    Column("name", gettext_lazy("name"), attribute("name")),
    Column("email", gettext_lazy("e-mail address"), attribute("email")),
    Column("organization", gettext_lazy("organization"), attribute("organization")),
    Column("title", gettext_lazy("title"), attribute("title")),
    Column("language", gettext_lazy("language"), attribute("language")),
    Column("basis", gettext_lazy("basis"), attribute("basis")),
)


class MailingForm(forms.Form):
    """What the message is for, and what it is."""

    purpose = forms.ChoiceField(
        label=gettext_lazy("What for"),
        choices=Consent.Purpose.choices,
        help_text=gettext_lazy("Whoever withdrew their consent for this is held back."),
    )
    is_commercial = forms.BooleanField(
        label=gettext_lazy("It offers something to pay for: training, gala, sale"),
        required=False,
        help_text=gettext_lazy(
            "Then only those who agreed, and the staff of member organizations, get it (Canada’s "
            "anti-spam law)."
        ),
    )

    def mailing(self, records):
        return to_people(records, **self.cleaned_data)


class OrganizationMailingForm(MailingForm):
    """Besides, who gets it in each organization."""

    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Who gets it in each organization"),
        choices=Position.Kind.choices,
        initial=[Position.Kind.DIRECTION],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one role.")},
    )
    with_public_address = forms.BooleanField(
        label=gettext_lazy("Where nobody can be reached, the organization’s own address"),
        required=False,
        initial=True,
    )
    field_order = ["kinds", "with_public_address", "purpose", "is_commercial"]

    def mailing(self, records):
        return to_organizations(records, **self.cleaned_data)


class SendForm(forms.Form):
    """The format of the file, and why it is taken away."""

    format = forms.ChoiceField(
        label=gettext_lazy("Format"),
        choices=FORMATS.items(),
        initial="csv",
        widget=forms.RadioSelect,
    )
    reason = ReasonField()


class Mailings:
    """Adds to a list the page that prepares it for a message."""

    mailing_form = MailingForm

    def get_urls(self):
        view = require_http_methods(["GET", "POST"])(self.mailing_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_mailing"
        return [
            path("mailing/", self.admin_site.admin_view(view), name=name),
            *super().get_urls(),
        ]

    def changelist_view(self, request, extra_context=None):
        context = {}
        if self.may_export(request):
            context["mailing_address"] = self.address_of("mailing")
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def mailing_view(self, request):
        """What the message is; then who gets it; then the file."""
        if not (self.has_view_permission(request) and can_export(request.user)):
            raise PermissionDenied
        records = self.chosen_records(request)
        if records is None:
            messages.error(request, _("These filters cannot be read: filter the list again."))
            return HttpResponseRedirect(self.address_of("changelist"))
        form = self.mailing_form(request.POST or None)
        mailing = None
        send = SendForm(request.POST if request.POST.get("step") == "send" else None)
        if request.method == "POST" and form.is_valid():
            mailing = form.mailing(records)
            if send.is_bound and send.is_valid() and mailing.recipients:
                return self.sent(request, mailing, send.cleaned_data)
        list_query = request.GET.copy()
        list_query.pop(CHOSEN_VAR, None)
        return TemplateResponse(
            request,
            "admin/mailing.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": _("Prepare a mailing: %(list)s") % {"list": self.opts.verbose_name_plural},
                "subtitle": None,
                "form": form,
                "send": send,
                "mailing": mailing,
                "shown": SHOWN,
                "count": records.count(),
                "back": self.address_of("changelist", list_query.urlencode()),
            },
        )

    def sent(self, request, mailing, choice):
        """The file of the recipients, once what leaves is written."""
        note(
            by=request.user,
            model=self.opts.label_lower,
            query=request.GET.urlencode(),
            format=f"mailing-{choice['format']}",
            columns=[column.key for column in COLUMNS],
            count=len(mailing.recipients),
            reason=choice["reason"],
        )
        return as_file(mailing.recipients, COLUMNS, choice["format"], "envoi")


class OrganizationMailings(Mailings):
    mailing_form = OrganizationMailingForm
