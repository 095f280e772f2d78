"""Organizations that the public may see, and answers as other programs read them."""

from members.models import Country, Identifier, Membership, Organization, OtherName, Theme
from regions.models import Municipality, Region


def publish(
    name_fr,
    *,
    town="Sherbrooke",
    themes=(),
    countries=(),
    active_regions=(),
    other_names=(),
    identifiers=(),
    membership=(),
    **facts,
):
    """An organization that is a member, with these facts; the reference data must be loaded.

    `themes` are slugs, `countries` and `active_regions` codes, `other_names` (kind, name) pairs,
    `identifiers` (scheme, value) pairs. `membership` are its fields; None: not a member.
    """
    if town:
        facts["municipality"] = Municipality.objects.get(name=town)
    organization = Organization.objects.create(name_fr=name_fr, **facts)
    organization.themes.set(Theme.objects.filter(slug__in=themes))
    organization.countries.set(Country.objects.filter(code__in=countries))
    organization.active_regions.set(Region.objects.filter(code__in=active_regions))
    for kind, name in other_names:
        OtherName.objects.create(organization=organization, kind=kind, name=name)
    for scheme, value in identifiers:
        Identifier.objects.create(organization=organization, scheme=scheme, value=value)
    if membership is not None:
        values = {"confirmed": True, **dict(membership)}
        Membership.objects.create(organization=organization, **values)
    return organization


def body(response):
    """The whole text of an answer, streamed or not."""
    return b"".join(response) if response.streaming else response.content
