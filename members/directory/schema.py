"""What pages tell search engines in schema.org's words (JSON-LD); printed by `{% json_ld %}`.

Public facts only; nothing about a person.
"""

from django.urls import reverse
from django.utils.encoding import iri_to_uri
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from members.directory.addresses import LANGUAGE_TAGS, absolute, in_languages
from members.directory.opendata import terms_of_reuse
from members.display import NBSP, postal_code
from members.identifiers import org_id
from members.models import Alliance, Organization
from members.pages import in_language, logo

CONTEXT = "https://schema.org"

# The association whose directory this is.
NETWORK = {
    "@type": "NGO",
    "name": "Association québécoise des organismes de coopération internationale",
    "alternateName": "AQOCI",
    "url": "https://aqoci.qc.ca/",
}


def known(**properties):
    """The properties that have a value; `type_` and `id_` stand for @type and @id."""
    special = {"type_": "@type", "id_": "@id"}
    return {special.get(name, name): value for name, value in properties.items() if value}


def one_or_all(values):
    """A property's value: the only one as it is, several as a list, none as None."""
    return (values[0] if len(values) == 1 else values) or None


def ngo(request, organization, words):
    """The organization as an `NGO`.

    Reads its columns, its entry, its municipality and `with_public_relations`; `words` is the
    vocabulary. It is a member of the network only where that is confirmed.
    """
    language = get_language()
    name, _lang = in_language(organization, "name", language)
    summary, _lang = in_language(organization, "summary", language)
    pages = in_languages("organization-detail", organization.slug)
    others = [
        organization.acronym,
        organization.name_fr,
        organization.name_en,
        *(other["name"] for other in organization.public_names),
    ]
    others = [other for other in dict.fromkeys(others) if other and other != name]
    entry = organization.entry
    countries = sorted((words.by_key["country"][c] for c in entry.countries), key=lambda t: t.name)
    regions = [words.by_key["region"][code] for code in entry.active_regions]
    membership = organization.current_membership or {}
    page = absolute(request, pages[language])
    return known(
        type_="NGO",
        id_=absolute(request, pages["fr"]) + "#organization",
        name=name,
        alternateName=one_or_all(others),
        description=summary,
        url=iri_to_uri(organization.website) or page,
        sameAs=[
            *(absolute(request, path) for path in pages.values()),
            *(iri_to_uri(link["url"]) for link in organization.public_links),
        ],
        logo=logo_address(request, organization),
        mainEntityOfPage=page,
        address=postal_address(organization, words),
        telephone=organization.phone.as_e164 if organization.phone else "",
        email=organization.email,
        foundingDate=str(organization.founded_year or ""),
        dissolutionDate=str(organization.closed_year or ""),
        areaServed=[
            *(known(type_="Country", name=term.name, identifier=term.key) for term in countries),
            *(
                known(type_="AdministrativeArea", name=term.name, identifier=f"CA-QC-{term.key}")
                for term in regions
            ),
        ],
        knowsAbout=[words.by_key["theme"][str(key)].name for key in entry.themes],
        identifier=identifiers(organization.public_identifiers),
        memberOf=NETWORK if membership.get("confirmed") else None,
    )


def logo_address(request, organization):
    """The whole address of its logo, or None."""
    shown = logo(organization, get_language())
    return absolute(request, shown["src"]) if shown else None


def postal_address(organization, words):
    """Its head office as a `PostalAddress`, or None if not even the region is known."""
    region = words.by_key["region"].get(organization.region_id)
    town = organization.municipality.name if organization.municipality_id else ""
    if not (organization.address or organization.postal_code or town or region):
        return None
    return known(
        type_="PostalAddress",
        streetAddress=organization.address,
        addressLocality=town,
        addressRegion="QC",
        postalCode=postal_code(organization.postal_code).replace(NBSP, " "),
        addressCountry="CA",
    )


def identifiers(public_identifiers):
    """Its public numbers as `PropertyValue`s, each also in the org-id list."""
    values = []
    for found in public_identifiers:
        scheme, value = found["scheme"], found["value"]
        values += [
            known(type_="PropertyValue", propertyID=scheme.upper(), value=value),
            known(type_="PropertyValue", propertyID="org-id", value=org_id(scheme, value)),
        ]
    return values


def page_of_organization(request, organization, words):
    """The JSON-LD of an organization's page."""
    return {"@context": CONTEXT} | ngo(request, organization, words)


def page_of_alliance(request, alliance, groups, participations):
    """The JSON-LD of an alliance's page: an `Organization`, and who takes part in it today.

    `groups` are its sub-groups, `participations` rows of `directory.alliances.participants`; of an
    alliance that has ended nobody is a member.
    """
    language = get_language()
    pages = in_languages("alliance-detail", alliance.slug)
    page = absolute(request, pages[language])
    name, _lang = in_language(alliance, "name", language)
    mandate, _lang = in_language(alliance, "mandate", language)
    others = [
        other
        for other in dict.fromkeys([alliance.acronym, alliance.name_fr, alliance.name_en])
        if other and other != name
    ]
    is_ended = alliance.status == Alliance.Status.ENDED
    return {"@context": CONTEXT} | known(
        type_="Organization",
        id_=absolute(request, pages["fr"]) + "#organization",
        name=name,
        alternateName=one_or_all(others),
        description=mandate,
        url=iri_to_uri(alliance.website) or page,
        sameAs=[absolute(request, path) for path in pages.values()],
        mainEntityOfPage=page,
        foundingDate=str(alliance.founded_year or ""),
        dissolutionDate=str(alliance.ended_year or ""),
        parentOrganization=alliance.parent and part_of_whole(request, alliance.parent),
        subOrganization=[part_of_whole(request, group) for group in groups],
        member=[
            member_of_alliance(request, row)
            for row in participations
            if not row["part_is_over"] and not is_ended
        ],
    )


def part_of_whole(request, alliance):
    """Another alliance, by its name and address."""
    name, _lang = in_language(alliance, "name", get_language())
    url = absolute(request, in_languages("alliance-detail", alliance.slug)[get_language()])
    return known(type_="Organization", name=name, url=url)


def member_of_alliance(request, row):
    """Who takes part in an alliance: with its page, if it is a member of the network."""
    if row["kind"] == Organization.Kind.ASSOCIATION:
        return NETWORK
    page = reverse("members:organization-detail", args=[row["slug"]])
    return known(
        type_="Organization",
        name=row["shown_name"],
        url=absolute(request, page) if row["part_is_ours"] else None,
    )


def page_of_statement(request, statement, card, summary, words):
    """The JSON-LD of a statement's page: an `Article`, and how many organizations endorsed it.

    `card` is its `statement_card`, `summary` the beginning of its text; `words` is the vocabulary.
    Nothing of the staff's: neither dossier nor names.
    """
    language = get_language()
    pages = in_languages("statement-detail", statement.slug)
    page = absolute(request, pages[language])
    endorsed = known(
        type_="InteractionCounter",
        interactionType=f"{CONTEXT}/EndorseAction",
        userInteractionCount=card["count"],
    )
    return {"@context": CONTEXT} | known(
        type_="Article",
        id_=absolute(request, pages["fr"]) + "#statement",
        headline=card["title"],
        description=summary,
        genre=str(card["kind"]),
        datePublished=statement.issued_on.isoformat(),
        url=page,
        mainEntityOfPage=page,
        sameAs=iri_to_uri(statement.url),
        publisher=None if statement.url else NETWORK,
        about=[known(type_="Thing", name=name) for name in card["themes"]],
        spatialCoverage=[
            known(type_="Country", name=words.by_key["country"][code].name, identifier=code)
            for code in statement.country_codes
        ],
        interactionStatistic=endorsed if card["count"] else None,
    )


def website(request):
    """The JSON-LD of the home page: the site, and how to search it."""
    language = get_language()
    home = in_languages("home")
    search = absolute(request, in_languages("organization-list")[language])
    return {
        "@context": CONTEXT,
        "@type": "WebSite",
        "@id": absolute(request, home["fr"]) + "#website",
        "name": _("AQOCI – Directory of members"),
        "url": absolute(request, home[language]),
        "inLanguage": LANGUAGE_TAGS[language],
        "publisher": NETWORK,
        "potentialAction": {
            "@type": "SearchAction",
            "target": {"@type": "EntryPoint", "urlTemplate": search + "?q={search_term_string}"},
            "query-input": "required name=search_term_string",
        },
    }


def dataset(request, modified=None):
    """The JSON-LD of the data page: a `Dataset` whose distributions are our files.

    `modified` is the time of the directory's last change, if any.
    """
    language = get_language()
    page = in_languages("data")
    formats = {
        "organization-csv": ("CSV", "text/csv"),
        "organization-json": ("JSON", "application/json"),
        "organization-geojson": ("GeoJSON", "application/geo+json"),
        "organization-atom": ("Atom", "application/atom+xml"),
    }
    return {"@context": CONTEXT} | known(
        type_="Dataset",
        id_=absolute(request, page["fr"]) + "#dataset",
        name=_("AQOCI – Directory of members"),
        description=_(
            "Organizations of Québec that work for international solidarity: where they are, on "
            "which themes and in which countries they work."
        ),
        url=absolute(request, page[language]),
        inLanguage=list(LANGUAGE_TAGS.values()),
        creator=NETWORK,
        publisher=NETWORK,
        license=terms_of_reuse(request),
        isAccessibleForFree=True,
        dateModified=modified.isoformat(timespec="seconds") if modified else None,
        spatialCoverage={"@type": "AdministrativeArea", "name": "Québec"},
        distribution=[
            {
                "@type": "DataDownload",
                "name": name,
                "encodingFormat": mime,
                "contentUrl": absolute(request, in_languages(view)[language]),
            }
            for view, (name, mime) in formats.items()
        ],
    )
