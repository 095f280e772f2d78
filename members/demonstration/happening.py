"""What the fictional organizations do together in public: a campaign, of which an edition is on."""

import datetime
import io

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from members import logos
from members.demonstration.making import listed, rows
from members.models import Campaign, CampaignEdition, EditionLink, Event, EventDate, Picture

# The edition that is on began this many days ago, and ends in so many.
BEGAN, ENDS = 2, 11


def demonstrate_campaign(made):
    """Add the campaign, its editions, and the events that are held during the one that is on."""
    today = made.past.today
    campaigns = {}
    for row in rows("campaigns"):
        with made.by("communications", 400):
            campaigns[row["slug"]] = Campaign.objects.create(**row)
    for row in rows("editions"):
        ago = int(row["years_ago"])
        with made.by("communications", 20 + 365 * ago):
            edition = CampaignEdition(
                campaign=campaigns[row["campaign"]],
                year=today.year - ago,
                **{name: row[name] for name in ("theme_fr", "theme_en", "text_fr", "text_en")},
            )
            if not ago:
                edition.starts_on, edition.ends_on = around(today)
                edition.picture = picture(made)
            edition.full_clean()
            edition.save()
            edition.organizations.set(
                made.organizations[key] for key in listed(row["organizations"])
            )
        if not ago:
            add_links(made, edition)
            add_events(made, edition)


def around(today):
    """The days of the edition that is on, which are of its year."""
    first = today - datetime.timedelta(days=BEGAN)
    last = today + datetime.timedelta(days=ENDS)
    return max(first, today.replace(month=1, day=1)), min(last, today.replace(month=12, day=31))


def add_links(made, edition):
    with made.by("communications", 19):
        for position, row in enumerate(rows("edition_links")):
            EditionLink.objects.create(edition=edition, position=position, **row)


def add_events(made, edition):
    """The events that have a date within its days are its own."""
    held = EventDate.objects.public().within(edition.starts_on, edition.ends_on)
    for event in Event.objects.filter(dates__in=held).distinct():
        with made.by("communications", 1):
            event.edition = edition
            event.save()


def picture(made):
    """Hills, drawn here, one before the other."""
    width, height = 1600, 800
    image = Image.new("RGB", (width, height), "#f6e3c5")
    draw = ImageDraw.Draw(image)
    draw.ellipse((1120, 110, 1340, 330), fill="#d9812f")
    for place, colour in enumerate(("#b9d8d0", "#7fb8ab", "#358a7d", "#0b5d56")):
        top = 330 + 110 * place
        for hill in range(-1, 4):
            left = hill * 520 - 130 * (place % 2)
            draw.ellipse((left, top, left + 760, top + 700), fill=colour)
    output = io.BytesIO()
    image.save(output, "PNG")
    upload = SimpleUploadedFile("collines.png", output.getvalue())
    return Picture.keep(
        logos.check(upload, logos.PICTURE),
        alt_fr="Dessin : un soleil orange derrière des collines vertes",
        alt_en="Drawing: an orange sun behind green hills",
        credit="Dessin fait pour la démonstration",
        by=made.users["communications"],
    )
