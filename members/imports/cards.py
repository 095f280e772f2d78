"""People as vCards, for an address book: what concerns their work, and nothing else."""

import datetime
import uuid

from django.conf import settings

from members import vcard


def people_cards(people):
    """Yield the vCard of each person (see `columns.PEOPLE.prefetched`)."""
    for person in people:
        yield vcard.vcard(card(person))


def card(person):
    """The properties of a person's vCard: the positions of today, each in a group of its own."""
    yield "PRODID", "-//AQOCI//Directory//FR"
    yield "KIND", "individual"
    yield "UID", uuid.uuid5(uuid.NAMESPACE_URL, f"{settings.SITE_URL}/person/{person.pk}").urn
    yield "FN", vcard.escaped(str(person))
    yield "N", vcard.structured(person.last_name, person.first_name, "", "", "")
    yield "LANG", person.language
    held = [position for position in person.positions.all() if position.is_current()]
    for place, position in enumerate(held, 1):
        yield from work(position, f"position{place}." if len(held) > 1 else "", place)
    yield "CATEGORIES", vcard.listed(tag.name for tag in person.tags.all())
    yield "REV", f"{person.updated_at.astimezone(datetime.UTC):%Y%m%dT%H%M%SZ}"


def work(position, group, place):
    """What a card says of one position; the first is preferred."""
    first = ";PREF=1" if group and place == 1 else ""
    organization = [str(position.organization), *filter(None, [position.unit])]
    yield f"{group}ORG;TYPE=work{first}", vcard.structured(*organization)
    yield f"{group}TITLE;TYPE=work{first}", vcard.escaped(position.said)
    yield f"{group}ROLE;TYPE=work{first}", vcard.escaped(", ".join(position.kind_names))
    yield f"{group}EMAIL;TYPE=work{first}", vcard.escaped(position.email)
    yield (
        f'{group}TEL;VALUE=uri;TYPE="work,voice"{first}',
        vcard.telephone(position.phone, position.phone_extension),
    )
