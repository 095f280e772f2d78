"""What is typed on the pages about access: invitations, requests, who takes over."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.models import AccessRequest, Invitation, Organization, Representative
from members.robots import NotRobot

WORDS = forms.Textarea(attrs={"rows": 4, "maxlength": 1000})

ROLES = [
    (Representative.Role.EDITOR, gettext_lazy("Editor: changes the profile")),
    (Representative.Role.MANAGER, gettext_lazy("Manager: also says who has access")),
]


class InvitationForm(forms.ModelForm):
    """Whom to invite, for what, and in which words."""

    class Meta:
        model = Invitation
        fields = ["email", "role", "language", "message"]
        labels = {
            "email": gettext_lazy("Their professional e-mail address"),
            "role": gettext_lazy("What they may do"),
            "language": gettext_lazy("Language of the mail"),
            "message": gettext_lazy("A few words to them (optional)"),
        }
        widgets = {
            "email": forms.EmailInput(attrs={"autocomplete": "off"}),
            "message": WORDS,
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = ROLES

    def validate_constraints(self):
        """An address that is invited already is invited anew: see `actions.invite`."""


class HeirForm(forms.Form):
    """Who manages after the only manager: asked of `representative` when that is who goes."""

    heir = forms.ModelChoiceField(
        label=gettext_lazy("Who manages the access after you"),
        queryset=Representative.objects.none(),
        empty_label=gettext_lazy("Choose a colleague"),
    )

    def __init__(self, representative, *args, **kwargs):
        super().__init__(*args, **kwargs)
        others = representative.organization.representatives.active().exclude(pk=representative.pk)
        others = others.select_related("user").by_name()
        self.only_manager = representative.is_manager and not others.managers().exists()
        self.nobody_else = self.only_manager and not others.exists()
        if self.only_manager:
            self.fields["heir"].queryset = others
            self.fields["heir"].label_from_instance = lambda other: str(other.user)
        else:
            del self.fields["heir"]

    @property
    def chosen(self):
        """The colleague that was chosen; None if none had to be."""
        return self.cleaned_data.get("heir")


class RoleForm(HeirForm):
    """What someone may do from now on."""

    role = forms.ChoiceField(label=gettext_lazy("What they may do"), choices=ROLES)
    field_order = ["role", "heir"]

    def __init__(self, representative, *args, **kwargs):
        super().__init__(representative, *args, **kwargs)
        if "heir" in self.fields:
            # Only needed by a manager who becomes an editor.
            self.fields["heir"].required = False

    def clean(self):
        cleaned = super().clean()
        leaves = cleaned.get("role") == Representative.Role.EDITOR
        if leaves and "heir" in self.fields and not cleaned.get("heir"):
            self.add_error("heir", ValidationError(_("Choose who manages after you.")))
        return cleaned


class EndForm(forms.Form):
    """Words to whoever loses their access."""

    reason = forms.CharField(
        label=gettext_lazy("A few words to them (optional)"),
        required=False,
        max_length=200,
    )


class AccessRequestForm(NotRobot, forms.ModelForm):
    """Who asks to act for which member of the network."""

    class Meta:
        model = AccessRequest
        fields = ["organization", "name", "email", "title", "message"]
        labels = {
            "organization": gettext_lazy("Your organization"),
            "name": gettext_lazy("Your name"),
            "email": gettext_lazy("Your professional e-mail address"),
            "title": gettext_lazy("Your role in the organization"),
            "message": gettext_lazy("A few words (optional)"),
        }
        help_texts = {
            "email": gettext_lazy("Best of all, an address of the organization itself."),
        }
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "email": forms.EmailInput(attrs={"autocomplete": "email"}),
            "title": forms.TextInput(attrs={"autocomplete": "organization-title"}),
            "message": WORDS,
        }

    field_order = ["organization", "name", "email", "title", "message"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        organization = self.fields["organization"]
        organization.queryset = Organization.objects.visible_to(None).by_name()
        organization.empty_label = _("Choose in the list")
        organization.label_from_instance = lambda one: one.name
        self.fields["title"].required = True
