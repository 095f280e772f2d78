"""One organization to take away: all its public facts as JSON, its contact card as a vCard."""

import datetime
import uuid

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.encoding import iri_to_uri
from django.utils.translation import get_language

from members import columns, vcard
from members.directory.addresses import absolute, tag
from members.directory.caching import public_page, version_for
from members.directory.opendata import as_json, downloaded, opened, record, terms
from members.display import NBSP, postal_code
from members.models import Organization
from members.terms import vocabulary


def moved(request, slug, name):
    """A redirection for ever to the organization that had this address, in that format, or None."""
    visible = Organization.objects.visible_to(request.user)
    current = visible.filter(former_slugs__slug=slug).values_list("slug", flat=True).first()
    return redirect(f"members:{name}", current, permanent=True) if current else None


@public_page
def organization_detail_json(request, slug):
    """Everything public about one organization; a 404 in JSON if there is none at this address."""
    visible = columns.prefetched(Organization.objects.visible_to(request.user))
    organization = visible.filter(slug=slug).first()
    if organization is None:
        return moved(request, slug, "organization-detail-json") or as_json(
            request, {"error": "not found"}, status=404
        )
    words = vocabulary(version_for(request))
    facts = record(request, organization, words)
    return as_json(request, facts | {"updated_at": organization.updated_at} | terms(request))


@public_page
def organization_vcard(request, slug):
    """The organization's contact card (vCard 4.0), for an address book."""
    visible = Organization.objects.visible_to(request.user).with_public_relations()
    organization = visible.select_related("municipality", "entry").filter(slug=slug).first()
    if organization is None:
        if response := moved(request, slug, "organization-vcard"):
            return response
        raise Http404
    text = vcard.vcard(contact(request, organization, vocabulary(version_for(request))))
    response = opened(request, HttpResponse(text, content_type="text/vcard; charset=utf-8"))
    return downloaded(response, f"{organization.slug}.vcf")


def contact(request, organization, words):
    """The properties of the organization's vCard, in the current language."""
    language = get_language()
    other = "fr" if language == "en" else "en"
    names = {code: getattr(organization, f"name_{code}") for code in (language, other)}
    name, translation = names[language] or names[other], names[language] and names[other]
    summary = getattr(organization, f"summary_{language}") or ""
    town = organization.municipality.name if organization.municipality else ""
    address = (organization.address, town, postal_code(organization.postal_code).replace(NBSP, " "))
    page = absolute(request, organization.get_absolute_url())
    source = absolute(request, reverse("members:organization-vcard", args=[organization.slug]))
    nicknames = [organization.acronym, *(other["name"] for other in organization.public_names)]
    yield "PRODID", "-//AQOCI//Directory//FR"
    yield "KIND", "org"
    yield "UID", uid(request, organization)
    yield f"FN;LANGUAGE={language};ALTID=1" if translation else "FN", vcard.escaped(name)
    if translation:
        yield f"FN;LANGUAGE={other};ALTID=1", vcard.escaped(translation)
    yield "ORG", vcard.structured(name)
    yield "NICKNAME", vcard.listed(nickname for nickname in nicknames if nickname)
    phone = vcard.telephone(organization.phone, organization.phone_extension)
    yield 'TEL;VALUE=uri;TYPE="work,voice"', phone
    yield "EMAIL;TYPE=work", vcard.escaped(organization.email)
    if any(address):
        street, town, code = address
        yield (
            "ADR;TYPE=work",
            vcard.structured("", "", street, town, "Québec", code, "Canada"),
        )
    yield "URL;TYPE=work", iri_to_uri(organization.website or page)
    yield "NOTE", vcard.escaped(summary)
    themes = [words.by_key["theme"][str(key)].name for key in organization.entry.themes]
    yield "CATEGORIES", vcard.listed(themes)
    yield "SOURCE", source
    yield "REV", f"{organization.updated_at.astimezone(datetime.UTC):%Y%m%dT%H%M%SZ}"


def uid(request, organization):
    """The card's identifier, the same in both languages and whatever the page's address."""
    name = tag(request, f"organization/{organization.pk}")
    return uuid.uuid5(uuid.NAMESPACE_URL, name).urn
