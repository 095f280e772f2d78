"""The directory's version, and pages that are as good as new while it has not moved.

Public pages depend on their address, the directory's version, the day (a membership may begin or
end overnight) and the release. So one small query tells whether a page that was already made, here
or in the visitor's browser, still holds. Signed-in people always get a page of their own.
"""

import functools
import hashlib
import time
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import caches
from django.db import DatabaseError, connection
from django.http import HttpResponse, HttpResponseNotModified
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from django.views.decorators.http import require_safe

# Anyone may keep a copy, and asks each time whether it still holds.
CACHE_CONTROL = "public, no-cache"

KEPT_HEADERS_EXCEPT = {"set-cookie", "date", "content-length"}

_last_read = {"at": float("-inf"), "version": ""}


def directory_version():
    """What the directory holds today, as a short text that changes whenever it does.

    Read from the database at most every DIRECTORY_VERSION_SECONDS in each process.
    """
    now = time.monotonic()
    if now - _last_read["at"] >= settings.DIRECTORY_VERSION_SECONDS:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*), coalesce(max(id), 0) FROM members_directorychange")
            _last_read["version"] = ".".join(str(number) for number in cursor.fetchone())
        _last_read["at"] = now
    return f"{timezone.localdate()}.{_last_read['version']}"


def version_for(request):
    """The directory's version, read once a request."""
    if not hasattr(request, "directory_version"):
        request.directory_version = directory_version()
    return request.directory_version


@functools.cache
def release():
    """A text that changes with the code, the templates and the translations that are installed."""
    digest = hashlib.sha256()
    for folder in ("aqoci", "members", "regions", "templates"):
        for path in sorted((Path(settings.BASE_DIR) / folder).rglob("*")):
            if path.suffix in {".py", ".html", ".mo", ".css", ".js", ".txt", ".ttf", ".svg"}:
                stat = path.stat()
                digest.update(f"{path.name}{stat.st_size}{stat.st_mtime_ns}".encode())
    return digest.hexdigest()[:12]


def public_page(view):
    """A page that anybody may see, without signing in: kept while the directory does not change."""

    @login_not_required
    @require_safe
    @functools.wraps(view)
    def wrapped(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        response.is_public_page = True
        return response

    return wrapped


def is_partial(request):
    """Whether htmx asks for the results only, not for a page (nor one from its history)."""
    return (
        request.headers.get("HX-Request") == "true"
        and request.headers.get("HX-Boosted") != "true"
        and request.headers.get("HX-History-Restore-Request") != "true"
    )


class PublicPageMiddleware:
    """Answers with 304, or with the page already made, while the directory has not changed.

    Stands outside the session and the views, so that an unchanged page costs neither.
    """

    def __init__(self, get_response):
        self.get_response = get_response
        self.pages = caches["pages"]

    def __call__(self, request):
        if request.method not in ("GET", "HEAD") or settings.SESSION_COOKIE_NAME in request.COOKIES:
            return self.get_response(request)
        try:
            request.directory_version = directory_version()
        except DatabaseError:  # the view will meet it too, and DatabaseAwayMiddleware answers
            return self.get_response(request)
        etag = self.etag(request)
        key = etag + ("gzip" if "gzip" in request.headers.get("Accept-Encoding", "") else "")
        # Only this site gave that ETag, for this very answer: there is nothing to make.
        if etag in parse_etags(request.headers.get("If-None-Match", "")):
            return HttpResponseNotModified(headers={"ETag": etag, "Cache-Control": CACHE_CONTROL})
        if (kept := self.pages.get(key)) is not None:
            return HttpResponse(kept[1], headers=kept[0])
        response = self.get_response(request)
        if getattr(response, "is_public_page", False) and response.status_code == 200:
            patch_vary_headers(response, ["Accept-Encoding", "Cookie", "HX-Request"])
            response.headers.setdefault("Cache-Control", CACHE_CONTROL)
            response.headers["ETag"] = etag
            if not response.streaming and not response.cookies and settings.KEEP_PAGES:
                headers = {
                    name: value
                    for name, value in response.headers.items()
                    if name.lower() not in KEPT_HEADERS_EXCEPT
                }
                self.pages.set(key, (headers, response.content))
        return response

    def etag(self, request):
        """What this very answer depends on, as a weak ETag (compression changes its bytes)."""
        parts = [
            release(),
            request.directory_version,
            str(settings.DEMONSTRATION),
            request.scheme,
            request.get_host(),
            request.get_full_path(),
            str(is_partial(request)),
        ]
        return f'W/"{hashlib.sha256(chr(10).join(parts).encode()).hexdigest()[:32]}"'
