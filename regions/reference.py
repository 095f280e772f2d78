"""The regions and municipalities of Québec, from the files in `data/`; see `load`."""

import csv
from decimal import Decimal
from pathlib import Path

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import override

from regions.folding import fold
from regions.models import Municipality, Region

DATA = Path(__file__).resolve().parent / "data"


def read(path):
    """The rows of a reference file, as dictionaries."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@transaction.atomic
def bring(model, wanted, key):
    """Insert what is missing of `wanted`, update what differs, delete nothing; (added, updated).

    `wanted` are unsaved records; `key` says which stored record is the same one.
    """
    originals = {
        field.translated_field.name
        for field in model._meta.concrete_fields
        if hasattr(field, "translated_field")
    }
    fields = [
        field.name
        for field in model._meta.concrete_fields
        if not field.primary_key and not field.generated and field.name not in originals
    ]
    with override("fr"):
        stored = {key(record): record for record in model._default_manager.all()}
        added, updated = [], []
        for record in wanted:
            known = stored.get(key(record))
            if known is None:
                added.append(record)
            elif any(getattr(known, field) != getattr(record, field) for field in fields):
                for field in fields:
                    setattr(known, field, getattr(record, field))
                updated.append(known)
        model._default_manager.bulk_create(added)
        if updated:
            model._default_manager.bulk_update(updated, fields)
    return len(added), len(updated)


def slug_of(name):
    """`saguenay-lac-saint-jean` for « Saguenay–Lac-Saint-Jean »."""
    return slugify(fold(name))


def regions():
    """The seventeen regions, unsaved."""
    for row in read(DATA / "regions.csv"):
        yield Region(
            code=row["code"],
            name_fr=row["name_fr"],
            name_en=row["name_en"],
            slug=slug_of(row["name_fr"]),
            main_town=row["main_city"],
            latitude=Decimal(row["latitude"]),
            longitude=Decimal(row["longitude"]),
        )


def municipalities():
    """The municipalities where organizations commonly sit, unsaved."""
    for row in read(DATA / "municipalities.csv"):
        yield Municipality(
            name=row["name"],
            region_id=row["region_code"],
            latitude=Decimal(row["latitude"]) if row["latitude"] else None,
            longitude=Decimal(row["longitude"]) if row["longitude"] else None,
        )


@transaction.atomic
def load():
    """Bring regions and municipalities up to these files; {model: (added, updated)}.

    What staff added stays. A second run writes nothing.
    """
    return {
        Region: bring(Region, regions(), key=lambda region: region.code),
        Municipality: bring(
            Municipality,
            municipalities(),
            key=lambda municipality: (municipality.region_id, fold(municipality.name)),
        ),
    }
