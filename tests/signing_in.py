"""Sessions of people who signed in, as tests want them: with their second factor proved, or not."""

import time

from allauth.account.internal.flows import login
from django.conf import settings
from django.test import Client


def prove_second_factor(session, user):
    """Write in a session what allauth writes once a second factor is proved."""
    session[login.AUTHENTICATION_METHODS_SESSION_KEY] = [
        {"method": "mfa", "at": time.time(), "id": 0, "type": "totp"}
    ]
    session[login._AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(user.pk)


class SigningClient(Client):
    """Django's, whose users have proved their second factor unless told otherwise."""

    def force_login(self, user, backend=None, *, second_factor=True):
        super().force_login(user, backend)
        if second_factor:
            session = self.session
            prove_second_factor(session, user)
            session.save()


def session_cookie(user, **options):
    """(name, value) of the cookie of a new session of that user; see `SigningClient`."""
    client = SigningClient()
    client.force_login(user, **options)
    return settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value
