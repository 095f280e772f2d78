"""The addresses of /account/: of allauth's, under their own names, only those that we offer."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.usersessions import views as usersessions
from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.generic import RedirectView

from members.accounts import views

to_sign_in = login_not_required(
    RedirectView.as_view(pattern_name="account_login", query_string=True)
)
# Nobody makes an account by oneself.
to_ask_for_access = login_not_required(RedirectView.as_view(pattern_name="space:request-access"))
to_factors = RedirectView.as_view(pattern_name="mfa_index")

urlpatterns = [
    path(_("account/"), views.home, name="account_home"),
    path(_("account/language/"), views.choose_language, name="account_language"),
    path(_("mailbox/"), views.mail, name="mailbox"),
    # Signing in and out
    path(_("account/sign-in/"), account.login, name="account_login"),
    path(_("account/sign-in/ask/"), to_sign_in, name="account_request_login_code"),
    path(_("account/sign-in/code/"), account.confirm_login_code, name="account_confirm_login_code"),
    path(_("account/sign-in/passkey/"), webauthn.login_webauthn, name="mfa_login_webauthn"),
    path(_("account/sign-in/second-factor/"), mfa.authenticate, name="mfa_authenticate"),
    path(_("account/sign-out/"), account.logout, name="account_logout"),
    path(_("account/closed/"), account.account_inactive, name="account_inactive"),
    path(_("account/ask-for-one/"), to_ask_for_access, name="account_signup"),
    # Proving again who one is
    path(
        _("account/confirm/code/"),
        account.request_reauthentication_code,
        name="account_request_reauthentication_code",
    ),
    path(
        _("account/confirm/code/enter/"),
        account.confirm_reauthentication_code,
        name="account_confirm_reauthentication_code",
    ),
    path(_("account/confirm/app/"), mfa.reauthenticate, name="mfa_reauthenticate"),
    path(
        _("account/confirm/passkey/"),
        webauthn.reauthenticate_webauthn,
        name="mfa_reauthenticate_webauthn",
    ),
    # The second factor
    path(_("account/second-factor/"), mfa.index, name="mfa_index"),
    path(_("account/second-factor/staff/"), views.second_factor, name="account_second_factor"),
    path(_("account/second-factor/app/"), totp.activate_totp, name="mfa_activate_totp"),
    path(_("account/second-factor/app/remove/"), totp.deactivate_totp, name="mfa_deactivate_totp"),
    path(
        _("account/second-factor/codes/"),
        recovery_codes.view_recovery_codes,
        name="mfa_view_recovery_codes",
    ),
    path(
        _("account/second-factor/codes/new/"),
        recovery_codes.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path(
        _("account/second-factor/codes/file/"),
        recovery_codes.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
    path(_("account/second-factor/keys/"), to_factors, name="mfa_list_webauthn"),
    path(_("account/second-factor/keys/add/"), webauthn.add_webauthn, name="mfa_add_webauthn"),
    path(
        _("account/second-factor/keys/<int:pk>/"), webauthn.edit_webauthn, name="mfa_edit_webauthn"
    ),
    path(
        _("account/second-factor/keys/<int:pk>/remove/"),
        webauthn.remove_webauthn,
        name="mfa_remove_webauthn",
    ),
    # Sessions
    path(_("account/sessions/"), usersessions.list_usersessions, name="usersessions_list"),
    path(_("account/sessions/<int:pk>/end/"), views.end_session, name="account_end_session"),
]
