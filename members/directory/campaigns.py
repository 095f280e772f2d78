"""Campaigns: their list by programme, the editions of one, and an edition with what happens."""

import itertools
from urllib.parse import urlencode

from django.db.models import Prefetch
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from members import campaign_words, moments
from members.calendar_cards import event_cards, moments_of, state
from members.calendar_filters import edition_value
from members.directory.addresses import LANGUAGE_TAGS, absolute, in_languages
from members.directory.caching import public_page, version_for
from members.directory.head import head_meta
from members.directory.listing import card, for_cards
from members.directory.schema import CONTEXT, known
from members.directory.sharing import alt_of, as_png
from members.display import number
from members.event_pages import picture_of
from members.maps import drawn
from members.models import (
    Campaign,
    CampaignEdition,
    EditionLink,
    EventDate,
    Organization,
    Statement,
)
from members.pages import in_language
from members.statement_cards import statement_cards
from members.terms import vocabulary

# An edition's page shows so many of who takes part, then unfolds the others.
FIRST_TAKING_PART = 12
# Dates that it shows, to come and over, before it leads to the calendar.
FIRST_DATES = 30


@public_page
def campaign_list(request):
    """The campaigns of each programme, with the latest edition of each."""
    editions = CampaignEdition.objects.published().latest_first().defer("text_fr", "text_en")
    campaigns = (
        Campaign.objects.select_related("programme")
        .prefetch_related(Prefetch("editions", editions, to_attr="public_editions"))
        .order_by("programme__position", "programme__name_fr", "programme", "sort_name", "pk")
    )
    programmes = {}
    for campaign in campaigns:
        programmes.setdefault(campaign.programme, []).append(summed_up(campaign))
    return render(
        request,
        "members/campaign_list.html",
        {
            "meta": head_meta(
                request,
                title=_("Campaigns"),
                description=_("What the network does together, year after year."),
            ),
            "programmes": [
                (programme and told(programme, "name", "summary"), rows)
                for programme, rows in programmes.items()
            ],
        },
    )


def summed_up(campaign):
    """A campaign as its list shows it: its names, its latest edition, since when it is known."""
    editions = campaign.public_editions
    return told(campaign, "name") | {
        "url": campaign.get_absolute_url(),
        "latest": line(editions[0]) if editions else None,
        "count": len(editions),
        "first_year": editions[-1].year if editions else None,
    }


@public_page
def campaign_detail(request, slug):
    """What a campaign is, and all its editions as a timeline of themes."""
    editions = CampaignEdition.objects.published().latest_first().defer("text_fr", "text_en")
    campaign = (
        Campaign.objects.select_related("programme")
        .prefetch_related(Prefetch("editions", editions, to_attr="public_editions"))
        .filter(slug=slug)
        .first()
    )
    if campaign is None:
        raise Http404
    shown = told(campaign, "name", "text")
    return render(
        request,
        "members/campaign_detail.html",
        shown
        | {
            "meta": head_meta(
                request, title=shown["name"], data=page_of_campaign(request, campaign, shown)
            ),
            "campaign": campaign,
            "programme": campaign.programme and told(campaign.programme, "name"),
            "editions": [line(edition) for edition in campaign.public_editions],
        },
    )


def line(edition):
    """An edition as lists show it; its theme is empty when it is not known."""
    return told(edition, "theme") | {"edition": edition, "url": edition.get_absolute_url()}


def leading():
    """The edition that leads the home page today, for `partials/edition_lead.html`, or None."""
    editions = CampaignEdition.objects.leading().with_activities().select_related("campaign")
    edition = editions.first()
    return edition and line(edition) | told(edition.campaign, "name")


@public_page
def edition_detail(request, slug, year):
    """An edition: its theme and days, what happens where, who takes part.

    The staff see it while it is being prepared; for others it is not there.
    """
    edition = (
        CampaignEdition.objects.visible_to(getattr(request, "user", None))
        .for_page()
        .filter(campaign__slug=slug, year=year)
        .first()
    )
    if edition is None:
        raise Http404
    words = vocabulary(version_for(request))
    programme = Activities(edition, words, request.GET.get("region", ""))
    campaign = told(edition.campaign, "name")
    shown = told(edition, "theme", "text")
    image = picture_of(edition, get_language())
    cards = taking_part(edition, words)
    name = f"{campaign['name']}, {edition.year}"
    return render(
        request,
        "members/edition_detail.html",
        shown
        | {
            "edition": edition,
            "name": name,
            "campaign": campaign | {"url": edition.campaign.get_absolute_url()},
            "picture": image,
            "links": links(edition),
            "programme": programme,
            "map": programme.map(version_for(request)) if programme.counts else None,
            "cards_count": len(cards),
            "cards": cards[:FIRST_TAKING_PART],
            "more_cards": cards[FIRST_TAKING_PART:],
            "regions_count": len({card["region"] for card in cards if card["region"]}),
            "statements": statement_cards(Statement.objects.filter(edition=edition), words),
            "previous": neighbour(edition, -1),
            "next": neighbour(edition, 1),
            "meta": head_meta(
                request,
                title=f"{shown['theme']} – {name}" if shown["theme"] else name,
                data=page_of_edition(request, edition, name, shown, image),
                image=reverse(
                    "members:edition-share-image", args=[edition.campaign.slug, edition.year]
                ),
                image_alt=alt_of(*said_of_edition(edition)),
            ),
        },
    )


@public_page
def edition_share_image(request, slug, year):
    """The share image of an edition's page: its theme, its name and days, the regions of its events
    lit. Only of those that everyone may see."""
    editions = CampaignEdition.objects.published().select_related("campaign")
    edition = editions.filter(campaign__slug=slug, year=year).first()
    if edition is None:
        raise Http404
    lit = (
        EventDate.objects.public()
        .held()
        .filter(event__edition=edition, event__municipality__isnull=False)
        .values_list("event__municipality__region_id", flat=True)
    )
    return as_png(*said_of_edition(edition), sorted(set(lit)))


def said_of_edition(edition):
    """(title, subtitle) of its share image: its theme, then its name and its days, if known."""
    name = f"{told(edition.campaign, 'name')['name']}, {edition.year}"
    theme = told(edition, "theme")["theme"]
    days = campaign_words.days(edition) if edition.starts_on and edition.ends_on else ""
    return theme or name, " · ".join(text for text in (theme and name, days) if text)


class Activities:
    """What happens in an edition: its public events by region and by day.

    `region` is the code of the one that is asked for; another text asks for all. One light query
    reads all the dates, another what the first of them show.
    """

    def __init__(self, edition, words, region=""):
        self.edition, self.words = edition, words
        self.url = edition.get_absolute_url()
        self.region = words.by_key["region"].get(region)
        self.today = timezone.localdate()
        self.dates = EventDate.objects.public().filter(event__edition=edition)
        self.rows = list(
            self.dates.by_day().values(
                "pk",
                "starts_at",
                "ends_at",
                "is_cancelled",
                "event_id",
                "event__status",
                "event__zone",
                "event__municipality__region_id",
            )
        )

    @cached_property
    def counts(self):
        """{code of a region: how many events are held there}, of those that are held at all."""
        held = {}
        for row in self.rows:
            code = row["event__municipality__region_id"]
            if code and not state(row["event__status"], row["is_cancelled"]):
                held.setdefault(code, set()).add(row["event_id"])
        return {code: len(events) for code, events in held.items()}

    @cached_property
    def regions(self):
        """[(name, address, count, whether it is the one asked for)] of those with an event."""
        return [
            (term.name, self.address(term), self.counts[term.key], term == self.region)
            for term in self.words.terms("region")
            if term.key in self.counts
        ]

    def address(self, term):
        """The part of this page about a region."""
        return f"{self.url}?region={term.key}#programme"

    def map(self, version):
        """The mosaic with the events counted; a region without any leads to its own page."""
        known = {
            code: (term.name, self.address(term) if code in self.counts else region_page(term))
            for code, term in self.words.by_key["region"].items()
        }
        current = self.region.key if self.region else None
        key = f"map:{version}:{get_language()}:edition:{self.edition.pk}:{current}"
        return drawn(
            known,
            self.counts,
            current=current,
            key=key,
            label=_("Events by region of Québec"),
            said=held_in_region,
        )

    @cached_property
    def shown(self):
        """([keys of those to come], [keys of those that are over]), of the region asked for.

        Once the edition is over, nothing is set apart.
        """
        coming, past, all_alike = [], [], self.edition.is_over(self.today)
        for row in self.rows:
            if self.region is None or row["event__municipality__region_id"] == self.region.key:
                is_past = not all_alike and moments.last_day(*moments_of(row)) < self.today
                (past if is_past else coming).append(row["pk"])
        return coming, past

    @cached_property
    def cards(self):
        """{key: card} of the first of both."""
        coming, past = self.shown
        keys = coming[:FIRST_DATES] + past[:FIRST_DATES]
        rows = list(self.dates.filter(pk__in=keys).for_cards()) if keys else []
        cards = event_cards(rows, self.words, self.today)
        return {row["pk"]: card | {"edition": None} for row, card in zip(rows, cards, strict=True)}

    @cached_property
    def days(self):
        """[(title, day or None, cards)] of what is not over, first what is under way."""
        cards = [self.cards[key] for key in self.shown[0][:FIRST_DATES]]
        if self.edition.is_over(self.today):
            return by_day(cards)
        under_way = [card for card in cards if card["first_day"] < self.today]
        days = by_day([card for card in cards if card["first_day"] >= self.today])
        return [(_("Under way"), None, under_way), *days] if under_way else days

    @cached_property
    def past_days(self):
        """[(title, day, cards)] of what is over while the edition is not."""
        return by_day([self.cards[key] for key in self.shown[1][:FIRST_DATES]])

    @property
    def more(self):
        """How many dates the page leaves to the calendar."""
        return sum(len(keys[FIRST_DATES:]) for keys in self.shown)

    @cached_property
    def calendar(self):
        """The calendar's list of these dates."""
        asked = {"edition": edition_value(self.edition.campaign.slug, self.edition.year)}
        if self.region:
            asked["region"] = self.region.key
        if self.edition.is_over(self.today):
            asked["when"] = "past"
        return f"{reverse('members:calendar')}?{urlencode(asked)}"


def by_day(cards):
    """[(title, day, cards)]: cards under their first day."""
    days = []
    for day, held in itertools.groupby(cards, key=lambda card: card["first_day"]):
        title = moments.in_full(day)
        days.append((title[0].upper() + title[1:], day, list(held)))
    return days


def region_page(term):
    return reverse("members:region-detail", args=[term.slug])


def taking_part(edition, words):
    """Cards of the current members that take part, in the order of names."""
    rows = for_cards(Organization.objects.members().filter(editions=edition).by_name())
    url = reverse("members:organization-list")
    return [card(row, words, url) for row in rows]


def links(edition):
    """{kind: [{label, lang, url}]} of the addresses that go with it, in their order."""
    found = {kind: [] for kind in EditionLink.Kind.values}
    for row in edition.public_links:
        label, lang = in_language(row, "label", get_language())
        found[row["kind"]].append({"label": label, "lang": lang, "url": row["url"]})
    return found


def held_in_region(name, count):
    """What the link of a region on the map is called."""
    words = ngettext("%(name)s, %(count)s event", "%(name)s, %(count)s events", count)
    return words % {"name": name, "count": number(count)}


def neighbour(edition, step):
    """{year, url} of the public edition before (-1) or after (1) this one; None if there is none.

    Of one that is not public, those around its year.
    """
    before = [year for year in edition.years if year < edition.year]
    after = [year for year in edition.years if year > edition.year]
    year = (before[-1:] if step < 0 else after[:1]) or None
    return year and {
        "year": year[0],
        "url": reverse("members:edition-detail", args=[edition.campaign.slug, year[0]]),
    }


def told(record, *fields):
    """{field: its text, field_lang: the language it is in, when it is not the current one}."""
    said = {}
    for name in fields:
        said[name], said[f"{name}_lang"] = in_language(record, name, get_language())
    return said


# What search engines read


def page_of_campaign(request, campaign, shown):
    """The JSON-LD of a campaign: an `EventSeries` with the editions whose first day is known."""
    return (
        {"@context": CONTEXT}
        | series(request, campaign, shown["name"])
        | known(
            description=shown["text"],
            sameAs=campaign.website,
            subEvent=[
                known(
                    type_="Event",
                    name=f"{shown['name']}, {edition.year}",
                    startDate=edition.starts_on.isoformat(),
                    endDate=edition.ends_on and edition.ends_on.isoformat(),
                    url=absolute(request, edition.get_absolute_url()),
                )
                for edition in campaign.public_editions
                if edition.starts_on
            ],
        )
    )


def page_of_edition(request, edition, name, shown, image):
    """The JSON-LD of an edition: an `Event` of its series; None when its first day is not known."""
    if not edition.starts_on:
        return None
    language = get_language()
    page = in_languages("edition-detail", edition.campaign.slug, edition.year)
    campaign, _lang = in_language(edition.campaign, "name", language)
    return {"@context": CONTEXT} | known(
        type_="Event",
        id_=absolute(request, page["fr"]) + "#edition",
        name=name,
        description=shown["theme"],
        url=absolute(request, page[language]),
        inLanguage=LANGUAGE_TAGS[language],
        startDate=edition.starts_on.isoformat(),
        endDate=edition.ends_on and edition.ends_on.isoformat(),
        eventStatus="https://schema.org/EventScheduled",
        image=absolute(request, image["src"]) if image else None,
        superEvent=series(request, edition.campaign, campaign),
    )


def series(request, campaign, name):
    page = in_languages("campaign-detail", campaign.slug)
    return known(
        type_="EventSeries",
        id_=absolute(request, page["fr"]) + "#campaign",
        name=name,
        url=absolute(request, page[get_language()]),
    )
