"""Fills the database with generated organizations, all current members, in a few statements."""

import itertools

import pgtrigger
from django.utils.text import slugify

from members.models import Membership, Organization, OtherName, Theme
from members.models.directory import refreshed_together
from regions.folding import fold
from regions.models import Municipality
from tests.generated import organizations

BATCH = 2000


def populate(count, progress=lambda done: None):
    """Add the first `count` generated organizations; reference data must be loaded.

    `progress` is called with the number added so far, after each batch.
    """
    themes = dict(Theme.objects.values_list("slug", "pk"))
    towns = {(m.name, m.region_id): m.pk for m in Municipality.objects.all()}
    generated = enumerate(organizations(count))
    while batch := list(itertools.islice(generated, BATCH)):
        # Nobody reads the history of made-up organizations.
        with refreshed_together(), pgtrigger.ignore():
            add([record for _, record in batch], batch[0][0], themes, towns)
        progress(batch[-1][0] + 1)


def add(records, first, themes, towns):
    """Insert `records`; the first one is number `first` of all."""
    made = Organization.objects.bulk_create(
        Organization(
            name=record.name_fr,
            name_fr=record.name_fr,
            name_en=record.name_en,
            acronym=record.acronym,
            slug=f"{slugify(fold(record.name_fr))[:100]}-{first + place}",
            municipality_id=towns[record.municipality, record.region_code],
            region_id=record.region_code,
            summary_fr=record.summary_fr,
            summary_en=record.summary_en,
            mission_fr=record.mission_fr,
            mission_en=record.mission_en,
            website=record.website,
            email=record.email,
            phone=record.phone,
            founded_year=record.founded_year,
        )
        for place, record in enumerate(records)
    )
    pairs = list(zip(made, records, strict=True))
    Membership.objects.bulk_create(
        Membership(organization=organization, confirmed=True) for organization, _ in pairs
    )
    Organization.themes.through.objects.bulk_create(
        Organization.themes.through(organization=organization, theme_id=themes[slug])
        for organization, record in pairs
        for slug in record.themes
    )
    Organization.countries.through.objects.bulk_create(
        Organization.countries.through(organization=organization, country_id=code)
        for organization, record in pairs
        for code in record.countries
    )
    OtherName.objects.bulk_create(
        OtherName(organization=organization, kind=kind, name=name)
        for organization, record in pairs
        for kind, name in record.other_names
    )
