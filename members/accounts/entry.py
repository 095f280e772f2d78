"""How an account is made, and how its owner is sent to the page that asks for the code."""

from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.core import ratelimit
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from members.accounts.limits import too_many
from members.models import User


def make_account(email, **names):
    """The account of that address, made if there is none: nobody makes one by oneself.

    `names` are fields of a new account (`first_name`, `last_name`, `language`); those of an account
    that is there already are left alone. Capitals in the address do not count. The address is taken
    as verified: a code goes to it each time its owner comes in.
    """
    user = User.objects.filter(email__iexact=email).first()
    return user or User.objects.create_user(email, **names)


def start_sign_in(request, user, *, then=""):
    """Mail a code to `user`; the answer leads to the page that asks for it, then to `then`.

    For a visitor who is not signed in. `then` is a path of this site that the caller vouches for.
    Too many codes for one address: 429, and no mail.
    """
    if not ratelimit.consume(request, action="request_login_code", key=user.email.lower()):
        return too_many(request)
    LoginCodeVerificationProcess.initiate(request=request, user=user, email=user.email)
    address = reverse("account_confirm_login_code")
    return HttpResponseRedirect(f"{address}?{urlencode({'next': then})}" if then else address)
