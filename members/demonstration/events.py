"""The fictional events: past, coming, on several dates, put off and cancelled."""

import datetime

from django.utils import timezone

from members.demonstration.making import listed, rows
from members.models import Event, EventDate, Theme
from regions.models import Municipality

# Where clocks are an hour ahead.
ISLANDS = "Les Îles-de-la-Madeleine"
ACCESS = {
    "step_free": "is_step_free",
    "captions": "has_captions",
    "sign_language": "has_sign_language",
}


def load(made):
    """Add the events to the fictional organizations that hold them."""
    towns = {town.name: town for town in Municipality.objects.all()}
    themes = {theme.slug: theme for theme in Theme.objects.all()}
    today = timezone.localdate()
    for place, row in enumerate(rows("events")):
        hosts = [made.organizations[key] for key in listed(row["organizations"])]
        event = Event(
            posted_for=hosts[0],
            zone=Event.Zone.ATLANTIC if row["town"] == ISLANDS else Event.Zone.EASTERN,
            all_day=not row["start"],
            venue=row["venue"],
            municipality=towns[row["town"]] if row["town"] else None,
            online_url=row["online"],
            audience=row["audience"],
            is_free=not row["cost_fr"],
            languages=listed(row["languages"]),
            status=row["status"],
            status_note_fr=row["note_fr"],
            status_note_en=row["note_en"],
            access_note_fr=row["access_fr"],
            access_note_en=row["access_en"],
            **{ACCESS[word]: True for word in listed(row["access"])},
            **{
                name: row[name]
                for name in ("title_fr", "title_en", "text_fr", "text_en", "cost_fr", "cost_en")
            },
        )
        # Posted a month before its first date, or lately.
        first = int(listed(row["days"])[0])
        with made.by("communications", max(1 + place % 5, 30 - first), 9 * 60 + 11 * place):
            event.published_at = timezone.now()
            event.full_clean(exclude=["slug"])
            event.save()
            event.organizations.set(hosts)
            event.themes.set(themes[slug] for slug in listed(row["themes"]))
            event.countries.set(listed(row["countries"]))
            for days in listed(row["days"]):
                date = dated(event, today + datetime.timedelta(days=int(days)), row)
                date.full_clean()
                date.save()
            # A date that comes is a change of its event, and the database's clock is today's.
            Event.objects.filter(pk=event.pk).update(updated_at=timezone.now())


def dated(event, day, row):
    """The date of an event that begins that day, at the hours of a row or for whole days."""
    lasts = datetime.timedelta(days=int(row["lasts"] or 1))
    if event.all_day:
        return EventDate(
            event=event, starts_at=moment(event, day), ends_at=moment(event, day + lasts)
        )
    last = day + lasts - datetime.timedelta(days=1)
    return EventDate(
        event=event,
        starts_at=moment(event, day, row["start"]),
        ends_at=moment(event, last, row["end"]),
    )


def moment(event, day, time="00:00"):
    return datetime.datetime.combine(day, datetime.time.fromisoformat(time), event.tz)
