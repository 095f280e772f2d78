"""The addresses that are asked for: always the same ones for the same organizations."""

from urllib.parse import urlencode

from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import override

from members.directory.listing import PAGE_SIZE
from members.models import (
    Alliance,
    CampaignEdition,
    Country,
    Event,
    Organization,
    Statement,
    Theme,
)
from regions.folding import fold
from regions.models import Region

# What visitors type without anyone in mind; each finds a good part of the directory.
BROAD = (
    "eau",
    "santé des femmes",
    "éducation",
    "solidarité internationale",
    "jeunes",
    "droits",
    "agriculture",
    "l’environnement",
    "paix",
    "coopération",
)


def addresses(number):
    """{page: `number` addresses of it}, in French, over the organizations there are.

    The organizations they speak of stand at equal distances from each other. Every search finds
    something: it is made of what an organization says of itself.
    """
    with override("fr"):
        listing, suggestions = reverse("members:organization-list"), reverse("members:suggestions")
        organizations = spread(number)
        pages = max(1, Organization.objects.members().count() // PAGE_SIZE)
        represented = Region.objects.filter(organizations__isnull=False).distinct().order_by("code")
        regions = [region for _, region in zip(range(number), cycled(represented), strict=False)]
        return {
            "Home": [reverse("members:home")] * number,
            "List": [
                with_query(listing, page=1 + place * pages // number) for place in range(number)
            ],
            "List, latest first": [
                with_query(listing, sort="recent", page=1 + place * pages // number)
                for place in range(number)
            ],
            "List of one region": [with_query(listing, region=region.code) for region in regions],
            "Text search": [
                with_query(listing, q=text(organization, place))
                for place, organization in enumerate(organizations)
            ],
            "Text and two facets": [
                with_query(listing, **text_and_facets(organization, place))
                for place, organization in enumerate(organizations)
            ],
            "Organization": [
                reverse("members:organization-detail", args=[organization.slug])
                for organization in organizations
            ],
            "Region": [reverse("members:region-detail", args=[region.slug]) for region in regions],
            "Suggestions": [
                with_query(suggestions, q=beginning(organization, place))
                for place, organization in enumerate(organizations)
            ],
            **happening(number, regions),
        }


def happening(number, regions):
    """The same of what organizations do: alliances, campaigns, events, statements; and of topics.

    `regions` are `number` of them.
    """

    def one_of_each(name, rows, *fields):
        rows = rows.order_by("pk").values_list(*fields)
        return [
            reverse(f"members:{name}", args=row)
            for _, row in zip(range(number), cycled(rows), strict=False)
        ]

    def one(name, **parameters):
        return [with_query(reverse(f"members:{name}"), **parameters)] * number

    countries = Country.objects.filter(organizations__isnull=False).distinct()
    return {
        "Theme": one_of_each("theme-detail", Theme.objects.all(), "slug"),
        "Country": one_of_each("country-detail", countries.annotate(low=Lower("code")), "low"),
        "Alliances": one("alliance-list"),
        "Alliance": one_of_each("alliance-detail", Alliance.objects.all(), "slug"),
        "Campaign’s edition": one_of_each(
            "edition-detail", CampaignEdition.objects.all(), "campaign__slug", "year"
        ),
        "Calendar": one("calendar"),
        "Calendar of a region": [
            with_query(reverse("members:calendar"), region=region.code) for region in regions
        ],
        "Calendar, a month": one("calendar", view="month"),
        "Event": one_of_each("event-detail", Event.objects.public(), "slug"),
        "Calendar as .ics": one("calendar-ics"),
        "Calendar as Atom": one("calendar-atom"),
        "Statement": one_of_each("statement-detail", Statement.objects.published(), "slug"),
        "Frame of members": one("embed-organizations"),
        "Frame of dates": one("embed-calendar"),
    }


def spread(number):
    """`number` members at equal distances, with what the addresses take from them."""
    members = Organization.objects.members().order_by("pk")
    keys = list(members.values_list("pk", flat=True))
    chosen = [keys[place * len(keys) // number] for place in range(number)]
    found = (
        members.select_related("entry", "municipality")
        .prefetch_related("themes", "countries")
        .in_bulk(set(chosen))
    )
    return [found[key] for key in chosen]


def text(organization, place):
    """What someone may type to find it: one of seven ways to, in turn.

    Its name, its acronym, a name that is not finished, two letters exchanged, a theme and a
    country, a theme and a town, or a word that many have.
    """
    name, theme = organization.name_fr, first(organization.themes.all())
    return (
        name,
        organization.acronym or name,
        name[: len(name) * 2 // 3].rstrip(),
        misspelled(name),
        f"{theme} {first(organization.countries.all())}".strip(),
        f"{theme} {organization.municipality.name}".strip(),
        BROAD[place // 7 % len(BROAD)],
    )[place % 7]


def text_and_facets(organization, place):
    """The parameters of a search that finds it, with its region and one of its themes.

    The text is its town, one of its countries, or a word that many have, in turn.
    """
    words = (
        organization.municipality.name,
        first(organization.countries.all()) or organization.municipality.name,
        broad_word_in(organization, place) or organization.municipality.name,
    )
    theme = organization.themes.all()[0]
    return {"q": words[place % 3], "region": organization.region_id, "theme": theme.slug}


def beginning(organization, place):
    """The first letters of something it has: its name, acronym, theme or country, in turn."""
    whole = (
        organization.name_fr,
        organization.acronym or organization.name_fr,
        first(organization.themes.all()),
        first(organization.countries.all()) or organization.name_fr,
    )[place % 4]
    return whole[: 2 + place % 9].rstrip()


def misspelled(name):
    """`name` with two letters of its longest word exchanged."""
    word = max(name.split(), key=len)
    middle = len(word) // 2
    wrong = word[: middle - 1] + word[middle] + word[middle - 1] + word[middle + 1 :]
    return name.replace(word, wrong)


def broad_word_in(organization, place):
    """One of the one-word BROAD texts that the organization has, "" if it has none."""
    entry = organization.entry
    own = f"{entry.names} {entry.labels} {entry.prose_fr}".split()
    first_try = place % len(BROAD)
    for word in BROAD[first_try:] + BROAD[:first_try]:
        if fold(word) in own:
            return word
    return ""


def first(terms):
    """The French name of the first of `terms`, "" if there is none."""
    return terms[0].name_fr if terms else ""


def cycled(queryset):
    """The rows of `queryset` again and again."""
    rows = list(queryset)
    while rows:
        yield from rows


def with_query(path, **parameters):
    """`path` with those parameters; page 1 is the address without a page."""
    if parameters.get("page") == 1:
        del parameters["page"]
    return f"{path}?{urlencode(parameters)}" if parameters else path
