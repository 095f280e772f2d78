"""Organizations that the public may see, and answers as other programs read them."""

from members.models import Identifier, Membership, OtherName
from tests.factories import OrganizationFactory


def publish(name_fr, *, town="Sherbrooke", other_names=(), identifiers=(), membership=(), **facts):
    """An organization that is a confirmed member, with these facts, as `OrganizationFactory` has.

    `active_regions` are codes, `other_names` (kind, name) pairs, `identifiers` (scheme, value)
    pairs; `membership` are its fields, None for not a member.
    """
    active_regions = facts.pop("active_regions", ())
    organization = OrganizationFactory(name_fr=name_fr, town=town, outside=True, **facts)
    organization.active_regions.set(active_regions)
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
