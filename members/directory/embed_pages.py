"""The members and the calendar as other sites may show them, and the page that gives the line of
HTML to do so.
"""

from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _

from members.calendar_filters import EventFilter
from members.directory.addresses import absolute
from members.directory.caching import public_page, version_for
from members.directory.calendar_listing import CalendarListing
from members.directory.embeds import (
    HEIGHT,
    LOOKS,
    Embed,
    asked,
    embeddable,
    embedded,
    line_of_html,
    turned,
)
from members.directory.head import head_meta
from members.directory.listing import Listing
from members.filters import OrganizationFilter

# What a frame does not read: it has one display.
NOT_FRAMED = {"display", "view", "month"}


def organizations(request, data):
    """The `Listing` of the directory's parameters in `data`; its addresses are the directory's."""
    filterset = OrganizationFilter(data, version=version_for(request))
    return Listing(filterset, reverse("members:organization-list"), data.get("page", ""))


def dates(request, data):
    """The `CalendarListing` of the calendar's parameters in `data`, as a list."""
    data = data.copy()
    for name in NOT_FRAMED & set(data):
        del data[name]
    filterset = EventFilter(data, version=version_for(request))
    return CalendarListing(filterset, reverse("members:calendar"), data.get("page", ""))


def framed_parameters(listing):
    """The known parameters of a listing that its frame reads."""
    return [pair for pair in listing.parameters if pair[0] not in NOT_FRAMED]


@embeddable
def embed_organizations(request):
    """The members, filtered as in the directory, for other sites to show in a frame."""
    look, data = asked(request)
    listing = organizations(request, data)
    return embedded(
        request,
        "embed/organizations.html",
        {"listing": listing} | pages_around(request, listing, look),
        look=look,
        whole=listing.address(display=""),
    )


@embeddable
def embed_calendar(request):
    """The dates that come, filtered as in the calendar, for other sites to show in a frame."""
    look, data = asked(request)
    listing = dates(request, data)
    return embedded(
        request,
        "embed/calendar.html",
        {"listing": listing} | pages_around(request, listing, look),
        look=look,
        whole=turned(listing.url, framed_parameters(listing)),
    )


def pages_around(request, listing, look):
    """The addresses in the frame of the pages before and after, empty where there is none."""
    parameters = framed_parameters(listing)

    def page(number):
        if not 1 <= number <= listing.paginator.num_pages:
            return ""
        return turned(request.path, parameters, look=look, page=number if number > 1 else "")

    return {"previous": page(listing.number - 1), "next": page(listing.number + 1)}


# What the page offers, in this order.
EMBEDS = (
    Embed(
        key="organizations",
        label=gettext_lazy("Members"),
        title=gettext_lazy("Members of the AQOCI"),
        address="embed-organizations",
        listing=organizations,
    ),
    Embed(
        key="calendar",
        label=gettext_lazy("Calendar"),
        title=gettext_lazy("Calendar of the AQOCI’s network"),
        address="embed-calendar",
        listing=dates,
    ),
)
# The page's own parameters; the others are the list's.
OWN = ("list", "language", "look")


@csp_update({"frame-src": [SELF]})
@public_page
def embed(request):
    """Choose a list, see it as it would be in a frame, and take the line of HTML that shows it."""
    data = request.GET.copy()
    own = {name: (data.pop(name, None) or [""])[-1] for name in OWN}
    chosen = next((one for one in EMBEDS if one.key == own["list"]), EMBEDS[0])
    languages = dict(settings.LANGUAGES)
    language = own["language"] if own["language"] in languages else get_language()
    look = own["look"] if own["look"] in LOOKS else ""
    listing = chosen.listing(request, data)
    parameters = framed_parameters(listing)
    with override(language):
        address = turned(reverse(f"members:{chosen.address}"), parameters, look=look)
        title = str(chosen.title)
    seen = {"q", *(group.name for group in listing.groups)}
    return render(
        request,
        "members/embed.html",
        {
            "meta": head_meta(
                request,
                title=_("Embed on your site"),
                description=_(
                    "Show the members of the network, or its calendar, on your own site, with one "
                    "line of HTML."
                ),
            ),
            "embeds": EMBEDS,
            "chosen": chosen,
            "groups": listing.groups,
            "text": dict(parameters).get("q", ""),
            "kept": [pair for pair in parameters if pair[0] not in seen],
            "frame_language": language,
            "looks": LOOKS.items(),
            "look": look,
            "address": address,
            "title": title,
            "height": HEIGHT,
            "line": line_of_html(absolute(request, address), title),
        },
    )
