from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.urls import translate_url
from django.utils.translation import get_language

from members.directory.addresses import site_root


def site(request):
    """What every page says of the site: whether it is a demonstration, and its languages.

    `languages` are (code, name in that language, address of this very page in it, is current).
    """
    current = get_language()
    try:
        root = site_root(request)
    except DisallowedHost:  # the page that says so must be made all the same
        root = ""
    path = request.get_full_path()
    return {
        "demonstration": settings.DEMONSTRATION,
        "mailbox": settings.MAILBOX,
        "site_root": root,
        "languages": [
            (code, name, translate_url(path, code), code == current)
            for code, name in (("fr", "Français"), ("en", "English"))
        ],
    }
