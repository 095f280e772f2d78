"""What happens to accounts is written in their log, and mailed to their owners.

allauth says it by its signals, which `members.apps` connects.
"""

from allauth.account import signals as account
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models.signals import pre_save
from django.dispatch import receiver

from members.accounts.browsers import browser_of
from members.models import AccountEvent

Kind, Means = AccountEvent.Kind, AccountEvent.Means

MEANS = {
    Authenticator.Type.WEBAUTHN: Means.PASSKEY,
    Authenticator.Type.TOTP: Means.APP,
    Authenticator.Type.RECOVERY_CODES: Means.RECOVERY,
}


def write(user, kind, request, means="", detail=""):
    """Add a line to the log of an account."""
    return AccountEvent.objects.create(
        user=user, kind=kind, means=means, detail=detail[:100], browser=browser_of(request)
    )


def name_of(authenticator):
    """What its owner calls a passkey; "" for the rest."""
    is_key = authenticator.type == Authenticator.Type.WEBAUTHN
    return str(authenticator) if is_key else ""


@receiver(account.user_logged_in)
def signed_in(request, user, **kwargs):
    """A sign-in is written and mailed; the mail says whether the browser is new to the account."""
    last = get_authentication_records(request, user)[-1:]
    means = MEANS.get(last[0].get("type"), Means.CODE) if last else Means.CODE
    known = AccountEvent.objects.filter(
        user=user, kind=Kind.SIGNED_IN, browser=browser_of(request)
    ).exists()
    write(user, Kind.SIGNED_IN, request, means)
    get_adapter().send_notification_mail(
        "account/email/signed_in", user, {"is_new": not known, "means": means}
    )
    UserSession.objects.purge_and_list(user)


@receiver(account.login_code_rejected)
def code_refused(request, user, **kwargs):
    write(user, Kind.REFUSED, request, Means.CODE)


@receiver(mfa.authentication_failed)
def factor_refused(request, user, authenticator, **kwargs):
    write(user, Kind.REFUSED, request, MEANS[authenticator.type])


# Those below are mailed by allauth itself (templates/mfa/email/).


@receiver(mfa.authenticator_added)
def factor_added(request, user, authenticator, **kwargs):
    write(user, Kind.ADDED, request, MEANS[authenticator.type], name_of(authenticator))


@receiver(mfa.authenticator_removed)
def factor_removed(request, user, authenticator, **kwargs):
    write(user, Kind.REMOVED, request, MEANS[authenticator.type], name_of(authenticator))


@receiver(mfa.authenticator_reset)
def codes_renewed(request, user, authenticator, **kwargs):
    write(user, Kind.RENEWED, request, MEANS[authenticator.type])


@receiver(mfa.authenticator_used)
def recovery_code_used(request, user, authenticator, **kwargs):
    """A recovery code is used once, so its owner is told, wherever it served."""
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        authenticator.refresh_from_db()  # the code was crossed out on another copy
        left = len(authenticator.wrap().get_unused_codes())
        write(user, Kind.CODE_USED, request, Means.RECOVERY)
        get_adapter().send_notification_mail("mfa/email/recovery_code_used", user, {"left": left})


def sessions_ended(sessions):
    """Sessions were ended from another one."""
    for user in {session.user for session in sessions}:
        write(user, Kind.SESSIONS_ENDED, context.request)


@receiver(pre_save, sender=UserSession)
def keep_no_network_address(instance, **kwargs):
    """A session is known by its browser; the network address, which nobody needs, is not kept."""
    instance.ip = "::"
