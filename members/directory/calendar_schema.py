"""What the page of an event tells search engines in schema.org's words (JSON-LD)."""

from django.utils.encoding import iri_to_uri

from members.directory.addresses import absolute, in_languages
from members.directory.schema import CONTEXT, NETWORK, known, one_or_all
from members.models import Event

STATUSES = {
    Event.Status.SCHEDULED: f"{CONTEXT}/EventScheduled",
    Event.Status.POSTPONED: f"{CONTEXT}/EventPostponed",
    Event.Status.CANCELLED: f"{CONTEXT}/EventCancelled",
}
MODES = {
    "here": f"{CONTEXT}/OfflineEventAttendanceMode",
    "online": f"{CONTEXT}/OnlineEventAttendanceMode",
    "both": f"{CONTEXT}/MixedEventAttendanceMode",
}


def page_of_event(request, event, shown):
    """The JSON-LD of an event's page; `shown` are the variables of the page.

    An event on several dates is a series: each date is an event within it.
    """
    pages = in_languages("event-detail", event.slug)
    identity = absolute(request, pages["fr"]) + "#event"
    facts = facts_of(request, event, shown, pages)
    dates = shown["dates"]
    if len(dates) == 1:
        whole = facts | date_of(event, dates[0]) | {"@type": "Event"}
    else:
        parts = [
            facts | date_of(event, date) | {"@type": "Event", "@id": f"{identity}-{n}"}
            for n, date in enumerate(dates, 1)
        ]
        whole = facts | known(type_="EventSeries", subEvent=parts)
        if dates:
            whole["startDate"] = dates[0]["starts"]
    return {"@context": CONTEXT, "@type": whole["@type"], "@id": identity} | {
        name: value for name, value in whole.items() if name not in ("@type", "@id")
    }


def facts_of(request, event, shown, pages):
    """What is the same for each date of an event."""
    picture = shown["picture"]
    return known(
        name=shown["title"],
        description=shown["summary"],
        url=absolute(request, event.get_absolute_url()),
        sameAs=[absolute(request, path) for path in pages.values()],
        image=absolute(request, picture["src"]) if picture else None,
        eventStatus=STATUSES[event.status],
        eventAttendanceMode=MODES.get(event.place),
        location=one_or_all(places(event, shown)),
        organizer=[
            known(
                type_="NGO",
                name=one["name"],
                url=absolute(request, one["url"]) if one["url"] else None,
            )
            for one in shown["organizers"]
        ]
        # The staff posts what the association holds.
        or ([] if event.posted_for_id else [NETWORK]),
        inLanguage=event.languages,
        about=[term.name for term in shown["themes"]],
        isAccessibleForFree=event.is_free or None,
        offers=offer(event, shown["registration"]),
    )


def date_of(event, date):
    """When one date is held: days for whole days, moments with their offset for others."""
    if event.all_day:
        start, end = date["first_day"].isoformat(), date["last_day"].isoformat()
    else:
        start = date["starts_at"].isoformat()
        end = date["ends_at"].isoformat() if date["ends_at"] else None
    status = STATUSES[Event.Status.CANCELLED] if date["is_cancelled"] else STATUSES[event.status]
    return known(startDate=start, endDate=end, eventStatus=status)


def places(event, shown):
    """Where it is held: a place, an address online, or both."""
    found = []
    if event.place in ("here", "both"):
        town = event.municipality
        located = town is not None and town.latitude is not None
        found.append(
            known(
                type_="Place",
                name=shown["venue"] or shown["town"],
                address=known(
                    type_="PostalAddress",
                    streetAddress=event.address,
                    addressLocality=town.name if town else "",
                    addressRegion="QC",
                    addressCountry="CA",
                ),
                geo=known(
                    type_="GeoCoordinates",
                    latitude=float(town.latitude),
                    longitude=float(town.longitude),
                )
                if located and not event.address
                else None,
            )
        )
    if event.online_url:
        found.append(known(type_="VirtualLocation", url=iri_to_uri(event.online_url)))
    return found


def offer(event, registration):
    """How one takes part: free of charge, or at a price that is told in words; where to register.

    What is not free has no price that a program could read.
    """
    if not (event.is_free or registration):
        return None
    return known(
        type_="Offer",
        price="0" if event.is_free else None,
        priceCurrency="CAD" if event.is_free else None,
        url=iri_to_uri(registration) if registration else None,
    )
