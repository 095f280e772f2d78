"""Addresses as they leave the site: whole, in both languages, and names that outlive them."""

import re

from django.conf import settings
from django.urls import reverse
from django.utils.translation import override

# The year whose first day we had our addresses, as tags ask (RFC 4151); it never changes.
TAGGED_SINCE = "2026"

# What each of our languages is called in files and pages (BCP 47).
LANGUAGE_TAGS = {"fr": "fr-CA", "en": "en-CA"}


def site_root(request):
    """Where the site answers, without a slash at the end: SITE_URL, or else as it was asked."""
    return settings.SITE_URL or f"{request.scheme}://{request.get_host()}"


def absolute(request, path):
    """`path` on this site as a whole address."""
    return site_root(request) + path


def in_languages(name, *args):
    """{"fr": path, "en": path} of a page of the directory, by its name in `urls.py`."""
    paths = {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            paths[code] = reverse(f"members:{name}", args=args)
    return paths


def tag(request, specific):
    """A tag URI (RFC 4151) for what `specific` says, the same for ever: tag:example.org,…:specific.

    Its authority is the site's host without a port, which a tag cannot have.
    """
    return f"tag:{host_name(request)},{TAGGED_SINCE}:{specific}"


def host_name(request):
    """The site's host, without a port, as names that outlive an address want it."""
    host = re.sub(r"^\w+://", "", site_root(request)).rsplit("@")[-1]
    host = re.sub(r":\d*$", "", host).lower()
    return host if re.fullmatch(r"[a-z0-9.-]+", host) else "localhost"
