"""Admitting, suspending, reinstating, ending: one short page for each decision on a membership."""

from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from members.models import Membership, MembershipDecision, Organization
from members.models.periods import FIRST_DAY, LAST_DAY
from members.permissions import can_decide_memberships


class DayInput(forms.DateInput):
    """A day, which the browser helps to type."""

    input_type = "date"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%Y-%m-%d")


class DecisionForm(forms.ModelForm):
    """Who decided, when, under which number; a subclass adds what the decision is about."""

    # A field of `Membership` that the model complains of → the field of the form.
    fields_of_membership = {}

    class Meta:
        model = MembershipDecision
        fields = ["body", "decided_on", "resolution", "note"]
        widgets = {"decided_on": DayInput, "note": forms.Textarea(attrs={"rows": 3})}
        help_texts = {"resolution": gettext_lazy("As in the minutes, such as CA-2026-041.")}

    def clean_decided_on(self):
        """The model's rule on days, told beside the field."""
        decided_on = self.cleaned_data["decided_on"]
        if not FIRST_DAY <= decided_on <= LAST_DAY:
            raise ValidationError(_("A day lies between 1900 and 2100."))
        return decided_on

    def refuse(self, error):
        """Show what the model refused beside the field that it is about."""
        if hasattr(error, "error_dict"):
            told = error.error_dict
        else:
            told = {NON_FIELD_ERRORS: error.error_list}
        for name, errors in told.items():
            where = self.fields_of_membership.get(name, name)
            self.add_error(where if where in self.fields else None, errors)


class AdmissionForm(DecisionForm):
    fields_of_membership = {NON_FIELD_ERRORS: "on", "started_on": "on"}

    on = forms.DateField(
        label=gettext_lazy("Member from"), initial=timezone.localdate, widget=DayInput
    )
    category = forms.ChoiceField(
        label=gettext_lazy("Category"),
        choices=[("", gettext_lazy("not known")), *Membership.Category.choices],
        required=False,
    )
    field_order = ["on", "category"]


class EndForm(DecisionForm):
    fields_of_membership = {
        NON_FIELD_ERRORS: "on",
        "ended_on": "on",
        "end_reason": "reason",
    }

    on = forms.DateField(
        label=gettext_lazy("Last day"),
        initial=timezone.localdate,
        widget=DayInput,
        help_text=gettext_lazy("The directory shows the organization until that day included."),
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("Reason"), choices=[("", "—"), *Membership.EndReason.choices]
    )
    field_order = ["on", "reason"]


def day(value):
    return date_format(value, "DATE_FORMAT")


def admit(organization, form, by):
    """Admit or readmit; what to tell."""
    on = form.cleaned_data["on"]
    organization.admit(by=by, on=on, category=form.cleaned_data["category"], decision=form.instance)
    if on > timezone.localdate():
        return _("%(name)s will be a member, and in the directory, from %(day)s.") % {
            "name": organization,
            "day": day(on),
        }
    return _("%(name)s is a member since %(day)s: the directory shows it.") % {
        "name": organization,
        "day": day(on),
    }


def suspend(membership, form, by):
    membership.suspend(by=by, decision=form.instance)
    return _("%(name)s is suspended: the directory no longer shows it.") % {
        "name": membership.organization
    }


def reinstate(membership, form, by):
    membership.reinstate(by=by, decision=form.instance)
    return _("%(name)s is a member in good standing again: the directory shows it.") % {
        "name": membership.organization
    }


def end(membership, form, by):
    on = form.cleaned_data["on"]
    membership.end(by=by, on=on, reason=form.cleaned_data["reason"], decision=form.instance)
    if on >= timezone.localdate():
        return _(
            "The membership of %(name)s ends on %(day)s: the directory shows it until then."
        ) % {"name": membership.organization, "day": day(on)}
    return _("The membership of %(name)s ended on %(day)s: the directory no longer shows it.") % {
        "name": membership.organization,
        "day": day(on),
    }


@dataclass(frozen=True)
class Page:
    """What the page of one decision says and does."""

    title: str
    button: str
    form_class: type
    do: object


PAGES = {
    "admit": Page(gettext_lazy("Admit: %(name)s"), gettext_lazy("Admit"), AdmissionForm, admit),
    "suspend": Page(
        gettext_lazy("Suspend the membership: %(name)s"),
        gettext_lazy("Suspend"),
        DecisionForm,
        suspend,
    ),
    "reinstate": Page(
        gettext_lazy("End the suspension: %(name)s"),
        gettext_lazy("Reinstate"),
        DecisionForm,
        reinstate,
    ),
    "end": Page(
        gettext_lazy("End the membership: %(name)s"),
        pgettext_lazy("membership", "End the membership"),
        EndForm,
        end,
    ),
}


class Decides:
    """Adds the pages of the decisions on the records of a list; `decisions` are keys of PAGES."""

    decisions = []

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            *(
                path(
                    f"<int:pk>/{key}/",
                    self.admin_site.admin_view(self.decision_view),
                    {"key": key},
                    name=f"{name}_{key}",
                )
                for key in self.decisions
            ),
            *super().get_urls(),
        ]

    @transaction.atomic
    def decision_view(self, request, pk, key):
        """The form of a decision, then what it does, on the organization's page."""
        if not can_decide_memberships(request.user):
            raise PermissionDenied
        page = PAGES[key]
        # Held until the answer, so that two people do not decide at once.
        record = get_object_or_404(self.model.objects.select_for_update(), pk=pk)
        organization = record if isinstance(record, Organization) else record.organization
        form = page.form_class(request.POST or None)
        back = reverse("admin:members_organization_change", args=[organization.pk])
        if request.method == "POST" and form.is_valid():
            try:
                with transaction.atomic():
                    told = page.do(record, form, request.user)
            except ValidationError as error:
                form.refuse(error)
            else:
                messages.success(request, told)
                return HttpResponseRedirect(back)
        context = {
            **self.admin_site.each_context(request),
            "title": page.title % {"name": organization},
            "button": page.button,
            "form": form,
            "organization": organization,
            "memberships": list(organization.memberships.all()),
            "is_readmission": key == "admit" and organization.memberships.exists(),
            "back": back,
            "opts": Organization._meta,
            "module_name": capfirst(Organization._meta.verbose_name_plural),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/members/membership/decision.html", context)
