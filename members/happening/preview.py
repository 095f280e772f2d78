"""The public page of an event as it would be, from its values: to be looked at before it is sent or
accepted."""

from types import SimpleNamespace

from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import override

from members.event_pages import PICTURE_WIDTHS, event_page
from members.happening.fields import FIELDS, ordered, spans
from members.models import CampaignEdition, Event


def page(values, lexicon, *, language, picture_address):
    """The public page of an event of these values, in that language (safe HTML).

    `picture_address(picture, width)` is where its reader finds a picture, which need not be public.
    """
    with override(language):
        event = as_event(values, lexicon)
        variables = event_page(event, lexicon.vocabulary, timezone.localdate())
        if variables["picture"]:
            addresses = [picture_address(event.picture, width) for width in PICTURE_WIDTHS]
            variables["picture"] |= {"src": addresses[-1], "srcset": f"{addresses[-1]} 1x"}
        return render_to_string("members/partials/event.html", variables | {"main": "h2"})


def as_event(values, lexicon):
    """An event that says what these values would, as `for_page` reads one: to be shown only."""
    event = Event()
    for name in ordered(values):
        FIELDS[name].write(event, values[name])
    event.municipality = lexicon.town(values["municipality"])
    event.picture = lexicon.logo(values["picture"])
    editions = CampaignEdition.objects.select_related("campaign")
    event.edition = editions.filter(pk=values["edition"]).first() if values["edition"] else None
    event.theme_ids, event.country_ids = values["themes"], values["countries"]
    event.organizers = [named("organization", key, lexicon) for key in values["organizations"]]
    event.alliances_of = [named("alliance", key, lexicon) for key in values["alliances"]]
    event.shown_dates = shown_dates(values)
    return event


def named(kind, key, lexicon):
    """Who holds it, as the page reads them; without a link."""
    name = lexicon.holder(kind, key)
    return {"name_fr": name, "name_en": name, "slug": "", "listed": False}


def shown_dates(values):
    """Its dates, as the page reads them; those of an hour that does not exist are not shown."""
    found = []
    for date in values["when"]["dates"]:
        try:
            ((start, end),) = spans(values["when"] | {"dates": [date]})
        except ValidationError:
            continue
        is_off = date[0] in values.get("cancelled", ())
        found.append(SimpleNamespace(starts_at=start, ends_at=end, is_cancelled=is_off))
    return found
