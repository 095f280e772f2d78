"""What the page of an event shows, from its facts: for the public, and for whoever looks at what
they are about to post.
"""

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from members import markdown, moments
from members.calendar_cards import moments_of, organizers_of, state
from members.display import listed, shortened, typographic
from members.models import Event
from members.pages import in_language

# The widths at which a page shows a picture, in pixels: on ordinary and on fine screens.
PICTURE_WIDTHS = (384, 768, 1600)
# The most characters of a summary.
SUMMARY = 200


def event_page(event, words, today):
    """The variables of the page of an event (see `EventQuerySet.for_page`), in this language."""
    language = get_language()
    shown = {"event": event, "text_lang": ""}
    for field in ("title", "text", "status_note", "cost", "access_note"):
        shown[field], shown[f"{field}_lang"] = in_language(event, field, language)
    dates = [date_of(date, event, today) for date in event.shown_dates]
    coming = [date for date in dates if not date["is_over"]]
    town = event.municipality
    themes = {str(key) for key in event.theme_ids}
    return shown | {
        "summary": summary(shown["text"]),
        "state": state(event.status),
        "dates": dates,
        # What leads the page: the date to come, or else the last one.
        "leading": (coming or dates[-1:] or [None])[0],
        "coming": coming,
        "past": [date for date in dates if date["is_over"]],
        "town": typographic(town.name) if town else "",
        "region": words.by_key["region"].get(town.region_id) if town else None,
        "venue": typographic(event.venue),
        "address": typographic(event.address),
        "organizers": organizers_of(
            event.organizers,
            event.alliances_of,
            reverse("members:organization-list"),
            reverse("members:alliance-list"),
        ),
        "themes": [term for term in words.terms("theme") if term.key in themes],
        "countries": [t for t in words.terms("country") if t.key in event.country_ids],
        "spoken": spoken(event.languages, language),
        "access": access(event),
        "registration": event.registration_url if coming and not event.is_cancelled else "",
        "edition": edition_of(event, language),
        "picture": picture_of(event, language),
        "zone": moments.zone_name(event.zone),
    }


def summary(text):
    """The beginning of a text, in plain words, for search engines and social networks."""
    return shortened(markdown.plain(text), SUMMARY)


def date_of(date, event, today):
    """A date as the page shows it."""
    starts, ends = moments_of(
        {"starts_at": date.starts_at, "ends_at": date.ends_at, "event__zone": event.zone}
    )
    last = moments.last_day(starts, ends)
    return {
        "when": moments.in_words(starts, ends, all_day=event.all_day, zone=event.zone),
        "starts": starts.date().isoformat() if event.all_day else starts.isoformat(),
        "starts_at": starts,
        "ends_at": ends,
        "first_day": starts.date(),
        "last_day": last,
        "state": state(event.status, date.is_cancelled),
        "is_cancelled": date.is_cancelled,
        "is_over": last < today,
        "is_under_way": starts.date() < today <= last,
        "until": moments.until(last, today),
    }


def spoken(codes, language):
    """The languages spoken at an event, in words."""
    names = [str(Event.Language(code).label) for code in codes]
    return listed(names if language == "en" else [name.lower() for name in names])


def access(event):
    """What is said of accessibility, in words."""
    said = [
        (event.is_step_free, _("Without steps")),
        (event.has_captions, _("With captions")),
        (event.has_sign_language, _("With sign language")),
    ]
    return [words for holds, words in said if holds]


def edition_of(event, language):
    """The edition it belongs to: {name, lang, theme, theme_lang, url}; None if none is public."""
    edition = event.edition
    if edition is None or not edition.is_published:
        return None
    name, lang = in_language(edition.campaign, "name", language)
    theme, theme_lang = in_language(edition, "theme", language)
    return {
        "name": name,
        "lang": lang,
        "year": edition.year,
        "theme": theme,
        "theme_lang": theme_lang,
        "url": edition.get_absolute_url(),
    }


def picture_of(owner, language):
    """The picture of an event or an edition: {src, srcset, alt, width, height, credit}, or None."""
    picture = owner.picture
    if picture is None:
        return None
    addresses = [reverse("members:picture", args=[picture.pk, width]) for width in PICTURE_WIDTHS]
    return {
        "src": addresses[1],
        "srcset": ", ".join(f"{a} {w}w" for a, w in zip(addresses, PICTURE_WIDTHS, strict=True)),
        "alt": typographic(picture.alt(language)),
        "width": picture.width,
        "height": picture.height,
        "credit": picture.credit,
    }
