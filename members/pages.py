"""What the page of an organization shows, from its facts: for the public, and for whoever looks at
what a change would give.
"""

import copy
from types import SimpleNamespace

from django.urls import reverse
from django.utils.translation import get_language

from members.display import phone, typographic
from members.identifiers import display_identifier, org_id
from members.models import AllianceMembership, Identifier, OtherName, Position, SocialLink
from regions.folding import fold

# The widths at which a page shows a logo, in pixels: on ordinary and on fine screens.
LOGO_WIDTHS = (192, 384)


def in_language(row, field, language):
    """(text, lang): the field in `language`, or in the other one with its code to say so.

    `row` is an organization or a row of its columns.
    """
    values = row if isinstance(row, dict) else vars(row)
    other = "fr" if language == "en" else "en"
    if text := values.get(f"{field}_{language}"):
        return typographic(text), ""
    if text := values.get(f"{field}_{other}"):
        return typographic(text), "fr-CA" if other == "fr" else "en-CA"
    return "", ""


def profile_page(organization, words):
    """The variables of `members/partials/profile.html`, in the current language.

    `organization` is read by `for_profile`, or made by `with_changes`; `words` is the vocabulary.
    """
    language = get_language()
    entry = organization.entry
    shown = {"organization": organization}
    for field in ("name", "summary", "mission", "volunteering"):
        shown[field], shown[f"{field}_lang"] = in_language(organization, field, language)
    return shown | {
        "acronym": typographic(organization.acronym),
        "town": typographic(organization.municipality.name) if organization.municipality_id else "",
        "region": words.by_key["region"].get(organization.region_id),
        "themes": [words.by_key["theme"][str(key)] for key in entry.themes],
        "countries": sorted(
            (words.by_key["country"][key] for key in entry.countries),
            key=lambda term: fold(term.name),
        ),
        "active_regions": [
            words.by_key["region"][code]
            for code in entry.active_regions
            if code != organization.region_id
        ],
        "other_names": [
            (OtherName.Kind(other["kind"]).label, other["name"])
            for other in organization.public_names
        ],
        "identifiers": [
            (
                Identifier.Scheme(one["scheme"]).label,
                display_identifier(one["scheme"], one["value"]),
                org_id(one["scheme"], one["value"]),
            )
            for one in organization.public_identifiers
        ],
        "links": [
            (SocialLink.Network(link["network"]).label, link["url"])
            for link in organization.public_links
        ],
        "alliances": [participation(row, language) for row in organization.public_alliances],
        "people": [person(row) for row in organization.public_people],
        "logo": logo(organization, language),
    }


def participation(row, language):
    """An organization's part in an alliance: which one, since which year, as what if not member."""
    name, lang = in_language(row, "name", language)
    role = AllianceMembership.Role(row["role"])
    return {
        "name": name,
        "lang": lang,
        "acronym": typographic(row["acronym"]),
        "slug": row["slug"],
        "role": "" if role == AllianceMembership.Role.MEMBER else role.label,
        "since": row["since"],
    }


def person(row):
    """Someone who chose to be shown: name, what they do there, how to reach them at work."""
    kinds = [str(Position.Kind(kind).label) for kind in row["kinds"]]
    return {
        "name": typographic(row["name"]),
        "said": typographic(row["title"]) or ", ".join(kinds),
        "email": row["email"],
        "phone": row["phone"],
        "phone_shown": phone(row["phone"], row["extension"]),
    }


def logo(organization, language):
    """The logo's addresses and words, or None: {src, srcset, alt, width, height}."""
    image = organization.logo
    if image is None:
        return None
    addresses = [
        reverse("members:logo", args=[image.organization_id, image.pk, width])
        for width in LOGO_WIDTHS
    ]
    return {
        "src": addresses[0],
        "srcset": ", ".join(f"{address} {place + 1}x" for place, address in enumerate(addresses)),
        "alt": typographic(image.alt(language)),
        "width": image.width,
        "height": image.height,
    }


def with_changes(organization, values, lexicon):
    """A copy of the organization that says what these values of fields would: to be shown only.

    `organization` is read by `for_profile`; `values` are as `members.profile` has them.
    """
    changed = copy.copy(organization)
    changed._state = copy.copy(organization._state)
    changed._state.fields_cache = dict(organization._state.fields_cache)
    entry = organization.entry
    changed_entry = SimpleNamespace(
        themes=entry.themes, countries=entry.countries, active_regions=entry.active_regions
    )
    for name, value in values.items():
        if name in ("themes", "countries", "active_regions"):
            setattr(changed_entry, name, value)
        elif name == "municipality":
            town = lexicon.town(value)
            changed.municipality = town
            if town:
                changed.region_id = town.region_id
        elif name == "logo":
            changed.logo = lexicon.logo(value)
        elif name == "phone":
            changed.phone = value
        elif name == "other_names":
            changed.public_names = [{"kind": kind, "name": text} for kind, text in value]
        elif name == "identifiers":
            changed.public_identifiers = [{"scheme": kind, "value": text} for kind, text in value]
        elif name == "social_links":
            changed.public_links = [{"network": kind, "url": text} for kind, text in value]
        else:
            setattr(changed, name, value)
    changed._state.fields_cache["entry"] = changed_entry
    return changed
