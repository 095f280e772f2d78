"""Allauth's forms, in our words; none shows an example inside its boxes."""

from allauth.account.forms import (
    ConfirmLoginCodeForm,
    LoginForm,
)
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.utils.translation import gettext_lazy as _


class SignInForm(LoginForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Your e-mail address")
        self.fields["login"].widget = forms.EmailInput(
            attrs={"autocomplete": "email", "autofocus": True}
        )


class CodeMixin:
    """A code that one copies: from mail, from an app or from paper."""

    code_label = _("Code")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["code"].label = self.code_label
        self.fields["code"].widget = forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
        )


class SignInCodeForm(CodeMixin, ConfirmLoginCodeForm):
    code_label = _("Code sent by e-mail")


class FactorForm(CodeMixin, AuthenticateForm):
    code_label = _("Code of the app, or a recovery code")


class FactorAgainForm(CodeMixin, ReauthenticateForm):
    code_label = _("Code of the app, or a recovery code")


class AppForm(CodeMixin, ActivateTOTPForm):
    code_label = _("Code of the app")


NAME = {
    "label": _("Name of this key"),
    "help_text": _("To know it from your others: the device or the key that keeps it."),
    "max_length": 60,
    "widget": forms.TextInput(attrs={"autocomplete": "off"}),
}


class PasskeyForm(AddWebAuthnForm):
    """A new key; unless told otherwise, one that signs in alone, without a code."""

    name = forms.CharField(required=False, **NAME)
    passwordless = forms.BooleanField(
        label=_("Sign in with this key alone, without a code"),
        help_text=_(
            "Your device will ask for your fingerprint, your face or its PIN. Untick this for an "
            "old security key that has none of these: it will then come after the code."
        ),
        required=False,
        initial=True,
    )


class PasskeyNameForm(EditWebAuthnForm):
    name = forms.CharField(**NAME)
