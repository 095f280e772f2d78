"""What our site wants otherwise than allauth does by itself."""

import base64
import hashlib
import logging
from smtplib import SMTPException

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from members.accounts.browsers import browser_of
from members.directory import addresses
from members.permissions import can_enter

logger = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by invitation only, and mail is in the language of who gets it."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account is closed."),
        "incorrect_code": _("This is not the code. Look again, or ask for another one."),
        "too_many_login_attempts": _(
            "That was too many tries. Wait a few minutes, then try again."
        ),
        "rate_limited": _("That was too many tries. Wait a few minutes, then try again."),
    }

    def is_open_for_signup(self, request):
        return False

    def get_login_redirect_url(self, request):
        """Where one goes after signing in: to the staff’s site, or to one’s organization."""
        return reverse("admin:index" if can_enter(request.user) else "space:home")

    def is_reauthentication_required(self, *, app, **kwargs):
        from members.accounts.factors import proved_recently

        return not proved_recently(self.request)

    def get_reauthentication_methods(self, user):
        """How one may prove again who one is: with a factor for those who have one, or by code."""
        words = {
            "reauthenticate_by_code": _("Send me a code"),
            "mfa_reauthenticate": _("Use my authenticator app or a recovery code"),
            "mfa_reauthenticate:webauthn": _("Use a passkey"),
        }
        methods = [
            method | {"description": words[method["id"]]}
            for method in super().get_reauthentication_methods(user)
        ]
        factors = [method for method in methods if method["id"].startswith("mfa")]
        # A passkey is the easiest, so it comes first.
        return sorted(factors, key=lambda method: method["id"], reverse=True) or methods

    def send_mail(self, template_prefix, email, context):
        """Mail in the language of that account; of the page, for an address without account.

        A server that does not take it stops nothing, unless what it refused is a code: then the
        sign-in page says so.
        """
        from members.models import User

        owner = context.get("user") or User.objects.filter(email__iexact=email).first()
        try:
            with override(owner.language if owner else get_language()):
                site_root = addresses.site_root(self.request) if self.request else settings.SITE_URL
                known = {"request": self.request, "email": email, "site_root": site_root}
                self.render_mail(template_prefix, email, known | context).send()
        except (SMTPException, OSError):
            logger.exception("No mail could be sent (%s)", template_prefix)
            if template_prefix.endswith(("login_code", "unknown_account")):
                messages.error(
                    self.request, _("No mail can leave at the moment. Try again in a few minutes.")
                )
                refused = HttpResponseRedirect(reverse("account_login"))
                raise ImmediateHttpResponse(refused) from None

    def send_notification_mail(self, template_prefix, user, context=None, email=None):
        """Tell the owner of an account what happened to it: when, and in which browser."""
        browser = browser_of(self.request) if self.request else ""
        told = {"user": user, "at": timezone.now(), "browser": browser}
        self.send_mail(template_prefix, email or user.email, told | (context or {}))


class FactorAdapter(DefaultMFAAdapter):
    """Secrets of authenticators are encrypted in the database, and keys have readable names."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This is not the code. Look again: it changes every thirty seconds."),
    }

    def encrypt(self, text):
        return cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text):
        return cipher().decrypt(encrypted_text.encode()).decode()

    def generate_authenticator_name(self, user, type):
        """The browser in which the key is made."""
        return browser_of(self.request) or str(_("My key"))

    def get_public_key_credential_rp_entity(self):
        return super().get_public_key_credential_rp_entity() | {"name": "AQOCI"}


class SessionsAdapter(DefaultUserSessionsAdapter):
    def end_sessions(self, sessions):
        from members.accounts.log import sessions_ended

        super().end_sessions(sessions)
        sessions_ended(sessions)


def cipher():
    """What encrypts secrets: the site’s SECRET_KEY, then the former ones, only to read."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    keys = [hashlib.sha256(b"members.accounts:" + secret.encode()).digest() for secret in secrets]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])
