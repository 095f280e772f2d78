"""The second factor: a passkey, or an authenticator app with recovery codes.

Each session remembers what was proved in it (allauth's authentication records); the staff's site
opens to those who proved a second factor in this very session.
"""

import time

from allauth.account.internal.flows.login import (
    AUTHENTICATION_METHODS_SESSION_KEY,
    get_authentication_records,
    record_authentication,
)
from allauth.mfa import signals
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.dispatch import receiver

# Recovery codes only stand in for these.
FACTORS = [Authenticator.Type.WEBAUTHN, Authenticator.Type.TOTP]


def has_factor(user, besides=None):
    """Whether the account has a passkey or an authenticator app, `besides` one."""
    found = Authenticator.objects.filter(user_id=user.pk, type__in=FACTORS)
    return found.exclude(pk=besides.pk if besides else None).exists()


def has_second_factor(request):
    """Whether the user proved a second factor in this session: passkey, app or recovery code."""
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == "mfa" for record in records)


def proved_recently(request):
    """Whether what was proved in this session is new enough to change the second factor.

    Whoever has one must have proved it: a mailbox that was broken into does not take it away.
    """
    since = time.time() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    methods = {"mfa"} if has_factor(request.user) else {"code", "mfa"}
    records = get_authentication_records(request, request.user)
    return any(record["method"] in methods and record["at"] > since for record in records)


@receiver(signals.authenticator_added)
def first_factor_is_proved(request, user, authenticator, **kwargs):
    """Whoever just set up a first factor has just used it."""
    if authenticator.type in FACTORS and not has_factor(user, besides=authenticator):
        record_authentication(
            request, user, "mfa", id=authenticator.pk, type=str(authenticator.type)
        )


@receiver(signals.authenticator_removed)
def nothing_is_proved_by_no_factor(request, user, authenticator, **kwargs):
    """Without its last factor, an account has proved none, here or in any other session."""
    if has_factor(user):
        return
    records = get_authentication_records(request, user)
    request.session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        record for record in records if record["method"] != "mfa"
    ]
    end_sessions(user, besides=request.session.session_key)


def end_sessions(user, besides=None):
    """End the sessions of an account, except the one with the key `besides`."""
    for session in UserSession.objects.filter(user=user).exclude(session_key=besides or ""):
        session.end()
