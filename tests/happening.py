"""Fills the database with what generated organizations do, alone and together.

Alliances, a campaign, events, statements and their signatures. Always the same for the same
organizations and day. All of it is theirs, so all of it is fictional.
"""

import datetime
import random

import pgtrigger
from django.utils import timezone

from members.models import (
    Alliance,
    AllianceMembership,
    Campaign,
    CampaignEdition,
    Event,
    EventDate,
    Organization,
    Signature,
    Statement,
    Theme,
)
from regions.models import Municipality

ALLIANCES, TAKING_PART = 40, 60
EDITIONS = 15
EVENTS = 1000
STATEMENTS, SIGNATURES = 60, 50

WORDS = "eau justice climat femmes terre paix santé jeunesse école droits marché voix".split()
TEXT = "Une rencontre **publique**, avec des gens d’ici et d’ailleurs.\n\n- témoignages\n- échanges"


def populate_happening(events=EVENTS, today=None):
    """Add it all to the members that are there; `events` events around `today` (a local date)."""
    chance = random.Random(2026)
    today = today or timezone.localdate()
    members = list(
        Organization.objects.members().order_by("pk").values_list("pk", flat=True)[:5000]
    )
    with pgtrigger.ignore():
        edition = add_campaign(chance, members, today)
        alliances = add_alliances(chance, members)
        add_events(chance, members, alliances, edition, events, today)
        add_statements(chance, members, alliances, edition, today)


def some(chance, rows, count):
    return chance.sample(rows, min(count, len(rows)))


def add_campaign(chance, members, today):
    """A campaign with an edition each year, the last of which is on; return it."""
    campaign = Campaign.objects.create(name_fr="Douze jours d’action (fictif)")
    edition = None
    for year in range(today.year - EDITIONS + 1, today.year + 1):
        edition = CampaignEdition.objects.create(
            campaign=campaign, year=year, theme_fr=f"Thème de {year}", text_fr=TEXT
        )
        edition.organizations.set(some(chance, members, TAKING_PART))
    edition.starts_on = max(today - datetime.timedelta(days=3), today.replace(month=1, day=1))
    edition.ends_on = min(today + datetime.timedelta(days=8), today.replace(month=12, day=31))
    edition.save()
    return edition


def add_alliances(chance, members):
    themes = list(Theme.objects.all())
    alliances = []
    for number in range(ALLIANCES):
        alliance = Alliance.objects.create(
            name_fr=f"Coalition {WORDS[number % len(WORDS)]} {number} (fictive)",
            kind=Alliance.Kind.values[number % 4],
            mandate_fr=TEXT,
        )
        alliance.themes.set(some(chance, themes, 2))
        alliances.append(alliance)
    AllianceMembership.objects.bulk_create(
        AllianceMembership(alliance=alliance, organization_id=member, since_year=2010)
        for alliance in alliances
        for member in some(chance, members, TAKING_PART)
    )
    return alliances


def add_events(chance, members, alliances, edition, count, today):
    """A third of them past, a tenth on three dates, a few cancelled or of whole days."""
    towns = list(Municipality.objects.all())
    themes = list(Theme.objects.all())
    made = Event.objects.bulk_create(
        Event(
            title_fr=f"Soirée {chance.choice(WORDS)} et {chance.choice(WORDS)} {number} (fictive)",
            slug=f"soiree-{number}",
            text_fr=TEXT,
            venue="Salle commune",
            municipality=chance.choice(towns),
            online_url="https://en-direct.example/" if number % 9 == 0 else "",
            all_day=number % 11 == 0,
            status="cancelled" if number % 25 == 0 else "scheduled",
            edition=edition if number % 20 == 0 else None,
            published_at=timezone.now(),
            languages=["fr"],
        )
        for number in range(count)
    )
    for through, rows, each in (
        (Event.organizations.through, members, 2),
        (Event.themes.through, [theme.pk for theme in themes], 2),
        (Event.alliances.through, [alliance.pk for alliance in alliances], 1),
    ):
        end = through._meta.get_fields()[-1].attname
        through.objects.bulk_create(
            through(**{"event_id": event.pk, end: row})
            for event in made
            for row in some(chance, rows, each)
        )
    dates = []
    for number, event in enumerate(made):
        for again in range(3 if number % 10 == 0 else 1):
            day = today + datetime.timedelta(days=number % 180 - 60 + 7 * again)
            start = datetime.datetime.combine(
                day, datetime.time(0 if event.all_day else 9 + number % 12), event.tz
            )
            lasts = datetime.timedelta(days=1 + number % 3) if event.all_day else None
            dates.append(
                EventDate(
                    event=event,
                    starts_at=start,
                    ends_at=start + (lasts or datetime.timedelta(hours=2)),
                )
            )
    EventDate.objects.bulk_create(dates)


def add_statements(chance, members, alliances, edition, today):
    themes = list(Theme.objects.all())
    statements = Statement.objects.bulk_create(
        Statement(
            title_fr=f"Pour {WORDS[number % len(WORDS)]} {number} (fictif)",
            slug=f"pour-{number}",
            text_fr=TEXT,
            issued_on=today - datetime.timedelta(days=30 * number),
            is_published=True,
            alliance=alliances[number % len(alliances)],
            edition=edition if number == 0 else None,
        )
        for number in range(STATEMENTS)
    )
    for statement in statements:
        statement.themes.set(some(chance, themes, 2))
        statement.countries.set(["HT"] if statement.pk % 3 else ["HT", "SN"])
    Signature.objects.bulk_create(
        Signature(statement=statement, organization_id=member)
        for statement in statements
        for member in some(chance, members, SIGNATURES)
    )
