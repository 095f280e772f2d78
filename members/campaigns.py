"""The campaigns of the network and their editions, from `data/campaigns.csv`; see `load_campaigns`.

Each row is an edition and rests on the page that it names. What no page established (a theme, a
day) is empty, and stays so.
"""

import datetime
from pathlib import Path

from django.db import transaction
from django.utils.translation import override

from members.display import NBSP, typographic
from members.models import Campaign, CampaignEdition, Programme
from regions.reference import read

DATA = Path(__file__).resolve().parent / "data"

# The association's programmes: (address, French, English, the file's campaigns that belong to it).
PROGRAMMES = [
    (
        "droits-des-femmes",
        "Droits des femmes et égalité des genres",
        "Women’s rights and gender equality",
        ["12-jours"],
    ),
    (
        "education-citoyennete-mondiale",
        "Éducation à la citoyenneté mondiale",
        "Global citizenship education",
        ["jqsi", "sdi"],
    ),
]


@transaction.atomic
def load_campaigns(folder=DATA):
    """Add the campaigns and the editions of campaigns.csv; how many editions were added.

    What is there already is left as staff made it, so a second run adds nothing: a programme and a
    campaign are known by their address, an edition by its campaign and year.
    """
    rows = read(folder / "campaigns.csv")
    with override("fr"):
        programmes = add_programmes({row["programme_slug"] for row in rows})
        campaigns = add_campaigns(rows, programmes)
        return add_editions(rows, campaigns)


def add_programmes(slugs):
    """{address of a campaign: its programme}, for the campaigns of these addresses."""
    belongs = {}
    for position, (slug, name_fr, name_en, campaigns) in enumerate(PROGRAMMES):
        if not slugs & set(campaigns):
            continue
        programme, _is_new = Programme.objects.get_or_create(
            slug=slug, defaults={"name_fr": name_fr, "name_en": name_en, "position": position}
        )
        belongs |= dict.fromkeys(campaigns, programme)
    return belongs


def add_campaigns(rows, programmes):
    """The campaigns of these rows by their address, those that are not there added."""
    known = {campaign.slug: campaign for campaign in Campaign.objects.all()}
    for row in rows:
        slug = row["programme_slug"]
        if slug in known:
            continue
        known[slug] = Campaign(
            slug=slug,
            name_fr=typographic(row["name_fr"]),
            name_en=typographic(row["name_en"]),
            programme=programmes.get(slug),
        )
        known[slug].full_clean()
        known[slug].save()
    return known


def add_editions(rows, campaigns):
    """Add the editions that are not there; how many."""
    known = set(CampaignEdition.objects.values_list("campaign__slug", "year"))
    added = 0
    for row in rows:
        slug, year = row["programme_slug"], int(row["year"])
        if (slug, year) in known:
            continue
        edition = CampaignEdition(
            campaign=campaigns[slug],
            year=year,
            theme_fr=typographic(row["theme_fr"]).replace(" :", f"{NBSP}:"),
            theme_en=typographic(row["theme_en"]),
            starts_on=day(row["starts_on"]),
            ends_on=day(row["ends_on"]),
            source_url=row["source"],
        )
        edition.full_clean()
        edition.save()
        known.add((slug, year))
        added += 1
    return added


def day(text):
    """The local day that a cell says; None when it is empty."""
    return datetime.date.fromisoformat(text) if text else None
