"""The directory's organizations as CSV, JSON and GeoJSON: the same question, the same rows.

What they hold are public columns (`members/columns/`). CSV and GeoJSON are written while the
database sends the rows, so their size is not limited by memory.
"""

import csv
import io
import itertools
import json
from decimal import Decimal

from django.core.paginator import Paginator
from django.core.serializers.json import DjangoJSONEncoder
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from members import columns, facets
from members.directory.addresses import absolute
from members.directory.caching import public_page
from members.directory.listing import Listing
from members.directory.opendata import (
    all_named,
    as_json,
    directory,
    downloaded,
    left_out,
    named,
    record,
    refused,
    streamed,
    terms,
)
from members.filters import readable
from members.imports.write import DIALECTS
from members.pages import in_language

# Rows of one page of JSON.
PAGE_SIZE = 100
# Rows read, written and forgotten together: a few megabytes.
BATCH = 200


def batches(queryset):
    """The organizations of `queryset`, in lists of at most BATCH.

    One cursor of the database's reads them all; what is prefetched for them takes the same few
    queries a batch, whatever is in it.
    """
    rows = queryset.iterator(chunk_size=BATCH)
    while batch := list(itertools.islice(rows, BATCH)):
        yield batch
        # What was prefetched points back to its organization: without this, Python would keep
        # thousands of them until it next looks for such circles.
        for organization in batch:
            getattr(organization, "_prefetched_objects_cache", {}).clear()


# CSV


# How a dialect (`imports.write`) writes a number with decimals.
DECIMAL_SIGN = {"excel": ",", "standard": "."}


@public_page
def organization_csv(request):
    """Every organization found, one a row. `dialect` is `excel` (the default) or `standard`."""
    filterset = directory(request)
    ignored = left_out(filterset)
    asked = request.GET.get("dialect") or "excel"
    if asked not in DIALECTS:
        ignored.append({"parameter": _("Dialect"), "value": readable(asked)})
    if ignored:
        return refused(ignored)
    language = get_language()
    response = streamed(
        request,
        csv_pieces(request, filterset, asked, language),
        "text/csv; charset=utf-8; header=present",
    )
    name = "organizations" if language == "en" else "organismes"
    return downloaded(response, f"{name}-{timezone.localdate():%Y-%m-%d}.csv")


def csv_pieces(request, filterset, dialect, language):
    """The file, a batch of rows at a time, in that language.

    People get columns headed by their names; programs by keys, the same in both languages.
    """
    delimiter, mark = DIALECTS[dialect]
    buffer = io.StringIO()
    buffer.write(mark)
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n")
    with override(language):
        writer.writerow(
            str(column.label) if dialect == "excel" else column.key for column in columns.PUBLIC
        )
    for batch in batches(columns.prefetched(filterset.qs)):
        with override(language):
            writer.writerows(csv_row(request, organization, dialect) for organization in batch)
        yield taken(buffer)
    yield taken(buffer)


def csv_row(request, organization, dialect):
    """The organization's cells, which no spreadsheet takes for formulas."""
    for column in columns.PUBLIC:
        if column.key == "url":
            yield absolute(request, organization.get_absolute_url())
        else:
            yield cell(column.value(organization), dialect)


def cell(value, dialect):
    """A value as the text of a cell. A number below zero is not a formula."""
    if isinstance(value, (Decimal, float)):
        return f"{value:f}".replace(".", DECIMAL_SIGN[dialect])
    return columns.safe(columns.text(value))


def taken(buffer):
    """What was written in `buffer`, which is emptied."""
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


# JSON


@public_page
def organization_json(request):
    """A page of the organizations found, with the counts beside each choice.

    A hundred a page; an unknown `page` is left out and named, like any value that is not known.
    """
    filterset = directory(request)
    counts, words = filterset.counts, filterset.vocabulary
    pages = Paginator(range(counts.total), PAGE_SIZE).num_pages
    ignored = left_out(filterset)
    number, asked = 1, request.GET.get("page", "")
    if asked.isascii() and asked.isdigit() and len(asked) < 10 and 1 <= int(asked) <= pages:
        number = int(asked)
    elif asked:
        ignored.append({"parameter": _("Page"), "value": readable(asked)})
    listing = Listing(filterset, reverse("members:organization-json"))
    rows = columns.prefetched(filterset.qs) if counts.total else []

    def address(page):
        return absolute(request, listing.page_address(page)) if 1 <= page <= pages else None

    return as_json(
        request,
        {
            "count": counts.total,
            "page": number,
            "pages": pages,
            "next": address(number + 1),
            "previous": address(number - 1),
            "approximate": filterset.approximate,
            "ignored": ignored,
            **terms(request),
            "results": [
                record(request, organization, words)
                for organization in rows[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
            ],
            "facets": {
                group: [
                    named(words, group, term.value) | {"count": counts.by[group][term.key]}
                    for term in words.terms(group)
                    if term.key in counts.by[group]
                ]
                for group in facets.GROUPS
            },
        },
    )


# GeoJSON


def for_map(queryset):
    """`queryset` with what a map shows or asks for, in one query; the rest is at its address."""
    return queryset.select_related("entry", "municipality").only(
        "slug",
        "acronym",
        "name_fr",
        "name_en",
        "region_id",
        "website",
        "municipality__name",
        "municipality__latitude",
        "municipality__longitude",
        "entry__themes",
        "entry__countries",
    )


@public_page
def organization_geojson(request):
    """Every organization found as a GeoJSON feature (RFC 7946: WGS 84, longitude first)."""
    filterset = directory(request)
    return streamed(
        request, geojson_pieces(request, filterset, get_language()), "application/geo+json"
    )


def geojson_pieces(request, filterset, language):
    """The collection, a batch of features at a time, in that language."""
    with override(language):
        head = {
            "type": "FeatureCollection",
            **terms(request),
            "ignored": left_out(filterset),
        }
        opening = dumped(head)[:-1] + ', "features": ['
    for batch in batches(for_map(filterset.qs)):
        with override(language):
            features = ",\n".join(
                dumped(feature(request, organization, filterset.vocabulary))
                for organization in batch
            )
        yield f"{opening}\n{features}"
        opening = ","
    yield "\n]}\n" if opening == "," else f"{opening}]}}\n"


def feature(request, organization, words):
    """The organization (see `for_map`) at its municipality's point: nobody's door, and says so."""
    town, entry = organization.municipality, organization.entry
    located = town is not None and town.longitude is not None
    point = [float(town.longitude), float(town.latitude)] if located else None
    name, _lang = in_language(organization, "name", get_language())
    themes = [words.by_key["theme"][str(key)].value for key in entry.themes]
    return {
        "type": "Feature",
        "id": organization.pk,
        "geometry": {"type": "Point", "coordinates": point} if located else None,
        "properties": {
            "name": name,
            "acronym": organization.acronym or None,
            "slug": organization.slug,
            "url": absolute(request, organization.get_absolute_url()),
            "region": named(words, "region", organization.region_id),
            "municipality": town.name if town else None,
            "precision": "municipality" if located else None,
            "themes": all_named(words, "theme", themes),
            "countries": all_named(words, "country", entry.countries),
            "website": organization.website or None,
        },
    }


def dumped(data):
    """`data` as JSON on one line."""
    return json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False)
