"""What the news makes urgent: the crises of today, for the home page and a country's page."""

from django.core.cache import caches
from django.urls import reverse
from django.utils.translation import get_language

from members.models import Crisis
from members.pages import in_language


def country_address(code):
    """The address of the public page about a country, by its ISO code."""
    return reverse("members:country-detail", args=[code.lower()])


def current_crises(version):
    """The crises of today, the latest first; read once for each version of the directory."""
    return caches["counts"].get_or_set(
        f"crises:{version}", lambda: list(Crisis.objects.current().order_by("-started_on", "-pk"))
    )


def crisis_of(code, version):
    """What `members/partials/crisis.html` shows on the page of a country: its latest crisis of
    today, as `said` has it, or None."""
    return next((said(one) for one in current_crises(version) if one.country_id == code), None)


def crises_shown(directory):
    """[{country, url, count, …}] of today's crises, for the home page; the latest first.

    `directory` is its filterset without choices: how many members work there is counted already.
    """
    words, counts = directory.vocabulary, directory.counts.by["country"]
    return [
        said(one)
        | {
            "country": words.by_key["country"][one.country_id].name,
            "address": country_address(one.country_id),
            "count": counts.get(one.country_id, 0),
        }
        for one in current_crises(directory.version)
    ]


def said(crisis):
    """A crisis in the current language: {title, lang, text, text_lang, since, url}."""
    language = get_language()
    title, lang = in_language(crisis, "title", language)
    text, text_lang = in_language(crisis, "text", language)
    return {
        "title": title,
        "lang": lang,
        "text": text,
        "text_lang": text_lang,
        "since": crisis.started_on,
        "url": crisis.url,
    }
