import logging

from django.db import InterfaceError, OperationalError
from django.http import JsonResponse
from django.shortcuts import render

logger = logging.getLogger(__name__)

PERMISSIONS_POLICY = (
    "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"
)


class DatabaseAwayMiddleware:
    """Answers 503, in words, while the database cannot be reached; nothing needs a restart.

    The connection that failed is closed by Django at the end of the request, so the next one
    opens another.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        """The 503 page, or JSON for whoever asked for data."""
        if not isinstance(exception, (OperationalError, InterfaceError)):
            return None
        logger.error("The database cannot be reached: %s", exception)
        if request.path.endswith(".json"):
            response = JsonResponse({"error": "service unavailable"}, status=503)
        else:
            response = render(request, "503.html", status=503)
        response["Retry-After"] = "30"
        response["Cache-Control"] = "no-store"
        return response


class HeadersMiddleware:
    """The security headers that neither Django nor django-csp sends."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response
