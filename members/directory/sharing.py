"""The images that go with links to our pages on social networks (Open Graph), as addresses.

Another kind of page has its own in a few lines: a view that finds what the page is about, as the
page does, and answers `as_png(title, subtitle, lit)`; and, in the page's own view,
`head_meta(request, …, image=<that view's address>, image_alt=alt_of(title, subtitle))`.
"""

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from members.directory.caching import public_page, version_for
from members.directory.cards import moved
from members.display import typographic
from members.event_pages import event_page
from members.models import Event, Organization
from members.pages import in_language
from members.share_images import CONTENT_TYPE, share_image
from members.terms import vocabulary


def as_png(title, subtitle="", lit=()):
    """The answer that is the share image of these words, in the current language.

    The same address and words give the same image for an hour, without asking again.
    """
    image = share_image(title, subtitle, lit, get_language())
    response = HttpResponse(image, content_type=CONTENT_TYPE)
    response["Cache-Control"] = "public, max-age=3600"
    # Other sites show it, which is what it is for.
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def alt_of(title, subtitle=""):
    """What the image says, for those who cannot see it."""
    return " – ".join(text for text in (title, subtitle) if text)


def place_of(organization, words):
    """Where it is, in a line: « Sherbrooke · Estrie », the town alone if the region has its name.

    Reads its municipality; `words` is the vocabulary. Empty if nothing is known.
    """
    town = typographic(organization.municipality.name) if organization.municipality_id else ""
    region = words.by_key["region"].get(organization.region_id)
    places = dict.fromkeys([town, region.name if region else ""])
    return " · ".join(place for place in places if place)


@public_page
def organization_share_image(request, slug):
    """The share image of an organization's page: its name, where it is, its region lit.

    Only of those that everyone may see, whoever asks: copies of it are kept outside.
    """
    shown = Organization.objects.members().select_related("municipality")
    organization = shown.filter(slug=slug).first()
    if organization is None:
        if response := moved(request, slug, "organization-share-image"):
            return response
        raise Http404
    name, _lang = in_language(organization, "name", get_language())
    lit = [organization.region_id] if organization.region_id else []
    return as_png(name, place_of(organization, vocabulary(version_for(request))), lit)


@public_page
def event_share_image(request, slug):
    """The share image of an event's page: its title, when and where it is held, its region lit."""
    event = Event.objects.public().for_page().filter(slug=slug).first()
    if event is None:
        raise Http404
    words = vocabulary(version_for(request))
    shown = event_page(event, words, timezone.localdate())
    return as_png(
        shown["title"], said_of_event(shown), [shown["region"].key] if shown["region"] else []
    )


def said_of_event(shown):
    """Under the title of an event (`event_pages.event_page`): its state, or when; then where."""
    leading = shown["leading"]
    when = shown["state"] or (leading["state"] or leading["when"] if leading else "")
    online = _("Online") if shown["event"].online_url else ""
    return " · ".join(text for text in (upper_first(when), shown["town"] or online) if text)


def upper_first(text):
    """`text` with a capital, as a line of its own begins."""
    return text[:1].upper() + text[1:]


@public_page
def site_share_image(request):
    """The share image of every page that has none of its own."""
    return as_png(_("Who, in Québec, works for international solidarity?"))
