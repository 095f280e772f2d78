"""What the direction does to the accounts of others; each is written in their log, and mailed."""

from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.db import transaction

from members.accounts.factors import end_sessions
from members.models import AccountEvent


@transaction.atomic
def take_factors_away(user, *, by):
    """Take away the second factor of who lost it, and end the sessions: the address remains.

    At the next sign-in, the code sent by e-mail is enough; the staff's site then asks for another
    factor. Make sure, by voice, that the person who asks is who owns the account.
    """
    Authenticator.objects.filter(user=user).delete()
    end_sessions(user)
    AccountEvent.objects.create(user=user, kind=AccountEvent.Kind.RESET, detail=str(by)[:100])
    get_adapter().send_notification_mail("mfa/email/factors_taken_away", user)


def tell_of_new_address(user, former, *, by):
    """Write that the address of an account is no longer `former`, and tell both."""
    AccountEvent.objects.create(
        user=user, kind=AccountEvent.Kind.ADDRESS, detail=f"{former} → {user.email}, {by}"[:100]
    )
    for email in (former, user.email):
        get_adapter().send_notification_mail(
            "account/email/address_changed", user, {"former": former}, email
        )
