"""Where the site answers, for what leaves it without a request at hand: mail."""

from contextvars import ContextVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

_asked = ContextVar("asked", default=None)


class RootMiddleware:
    """Remembers, while a request is answered, as which site it was asked."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        token = _asked.set(request)
        try:
            return self.get_response(request)
        finally:
            _asked.reset(token)


def root():
    """Where the site answers, without a slash at the end: SITE_URL, or else as it was asked.

    In a command nobody asked: without SITE_URL raises ImproperlyConfigured, except in development.
    """
    if settings.SITE_URL:
        return settings.SITE_URL
    if request := _asked.get():
        return f"{request.scheme}://{request.get_host()}"
    if settings.DEBUG or settings.DEMONSTRATION:
        return "http://localhost:8000"
    raise ImproperlyConfigured("Set the SITE_URL environment variable: mails lead to the site.")
