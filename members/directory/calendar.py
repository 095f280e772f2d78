"""The public pages of the calendar: the list, the month, each event, and pictures."""

from django.db.models import Exists, OuterRef
from django.http import FileResponse, Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from members.calendar_cards import coming_cards
from members.calendar_filters import EventFilter
from members.directory import calendar_feeds
from members.directory.caching import is_partial, public_page, version_for
from members.directory.calendar_listing import CalendarListing
from members.directory.calendar_schema import page_of_event
from members.directory.head import head_meta
from members.directory.sharing import alt_of, said_of_event
from members.event_pages import PICTURE_WIDTHS, event_page
from members.filters import OrganizationFilter
from members.maps import map_of
from members.models import Event, EventDate, Picture
from members.models.documents import documents


def dates_of(request, **options):
    """The calendar's filterset of a request, over the dates as they are now."""
    return EventFilter(request.GET, version=version_for(request), **options)


@public_page
def calendar(request):
    """The dates that come, day after day, or a month of them; for htmx, only the results."""
    listing = CalendarListing(
        dates_of(request), reverse("members:calendar"), request.GET.get("page", "")
    )
    partial = is_partial(request)
    template = "members/partials/calendar.html" if partial else "members/calendar.html"
    meta = head_meta(
        request,
        title=_("Calendar"),
        description=_("Public events of Québec’s international solidarity organizations."),
        path=listing.canonical,
    )
    feeds = calendar_feeds.addresses(request, listing)
    response = render(
        request,
        template,
        {"listing": listing, "partial": partial, "meta": meta, "feeds": feeds},
    )
    if partial:
        response["HX-Push-Url"] = listing.canonical
    return response


@public_page
def event_detail(request, slug):
    """Everything of one event; cancelled or past, it keeps its page."""
    event = Event.objects.public().for_page().filter(slug=slug).first()
    if event is None:
        raise Http404
    whole = OrganizationFilter({}, version=version_for(request))
    words = whole.vocabulary
    today = timezone.localdate()
    shown = event_page(event, words, today)
    similar = coming_cards(similar_dates(event), words, today=today)
    region = shown["region"]
    return render(
        request,
        "members/event_detail.html",
        shown
        | {
            "meta": head_meta(
                request,
                title=shown["title"],
                description=shown["summary"],
                data=page_of_event(request, event, shown),
                image=reverse("members:event-share-image", args=[event.slug]),
                image_alt=alt_of(shown["title"], said_of_event(shown)),
            ),
            "map": region and map_of(whole, current=region.key, counted=False),
            "similar": similar,
            "feed": calendar_feeds.event_address(request, event),
        },
    )


def similar_dates(event):
    """Dates of the other events of the same organizers, or else on the same themes."""
    held = Event.organizations.through.objects.filter(
        organization__in=[one["pk"] for one in event.organizers], event=OuterRef("event")
    )
    together = Event.alliances.through.objects.filter(
        alliance__in=[one["pk"] for one in event.alliances_of], event=OuterRef("event")
    )
    return EventDate.objects.exclude(event=event.pk).filter(Exists(held) | Exists(together))


@public_page
def picture(request, picture, width):
    """A picture of a page that one may see, at least so many pixels wide (or as wide as it is)."""
    user = getattr(request, "user", None)
    shown = Picture.objects.visible_to(user).filter(pk=picture).first()
    if shown is None or width not in PICTURE_WIDTHS:
        raise Http404
    response = FileResponse(documents().open(shown.file_name(width)), content_type="image/webp")
    # Its number is that of this very image: another one has another address. Whoever signed in may
    # see one that others do not.
    whose = "private" if user is not None and user.is_authenticated else "public"
    response["Cache-Control"] = f"{whose}, max-age=86400"
    return response
