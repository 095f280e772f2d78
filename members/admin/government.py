"""What the lobbying laws want recorded of an exchange, on the page of that exchange."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from members.admin.common import StaffInline
from members.models import GovernmentInteraction, Organization


def is_with_government(exchange):
    """Whether these facts may be wanted: an office holder or a public institution took part."""
    if hasattr(exchange, "government"):
        return True
    institutions = exchange.organizations.filter(kind=Organization.Kind.INSTITUTION)
    holders = exchange.participations.as_office_holders()
    # In one query.
    return institutions.order_by().values("pk").union(holders.order_by().values("pk")).exists()


class GovernmentForm(forms.ModelForm):
    """With `is_asked`, kept even as it is first shown: someone asked for such an exchange."""

    is_asked = False

    subjects = forms.MultipleChoiceField(
        label=_("Subjects"),
        choices=GovernmentInteraction.Subject,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def has_changed(self):
        return super().has_changed() or (self.is_asked and self.instance._state.adding)


class GovernmentFormSet(forms.BaseInlineFormSet):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        exchange = self.instance
        if not hasattr(exchange, "government"):
            guess = GovernmentInteraction.guessed(exchange)
            self.initial_extra = [{"mode": guess.mode, "jurisdiction": guess.jurisdiction}]

    def get_queryset(self):
        """None without a query: the page has read the exchange with what there is."""
        if not hasattr(self.instance, "government"):
            return self.model.objects.none()
        return super().get_queryset()


class GovernmentInline(StaffInline, admin.StackedInline):
    """Filing and what needs no report are decided on the list of the month, not here."""

    model = GovernmentInteraction
    form = GovernmentForm
    formset = GovernmentFormSet
    verbose_name_plural = _("public office holders")
    extra = max_num = 1
    can_delete = False
    readonly_fields = ["report"]
    fields = [
        ("jurisdiction", "mode", "initiated_by"),
        ("prep_minutes", "arranged_in_advance"),
        "subjects",
        "subject_text",
        ("particulars", "decision_sought"),
        ("on_behalf_of", "report"),
    ]

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        formset.form.is_asked = asks_for_government(request)
        return formset


def asks_for_government(request):
    """Whether the address asks for these facts: `?government=1`."""
    return request.GET.get("government") == "1"
