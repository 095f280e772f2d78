"""What a person looks like as rows: one for each position, or one alone for who has none."""

from dataclasses import dataclass, replace

from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _

from members.columns.base import Column, Sheet, number_text
from members.models import Person, Position
from members.models.people import Privacy


@dataclass(frozen=True)
class PersonRow:
    """A person in one of their positions, or without any."""

    person: Person
    position: Position | None = None


def of_person(key, label, **more):
    """A column of what the person's record holds under that name, as private as the record says."""
    personal = Person.privacy.get(key, Privacy.PERSONAL) == Privacy.PERSONAL
    return Column(key, label, lambda row: getattr(row.person, key) or "", personal=personal, **more)


def of_position(key, label, value=None, **more):
    """A column of what the position holds under that name; empty for who has none."""
    read = value or (lambda position: getattr(position, key) or "")
    return Column(key, label, lambda row: read(row.position) if row.position else "", **more)


PERSON_COLUMNS = (
    Column(
        "person",
        _("number of the person"),
        lambda row: row.person.pk or "",
        _("Written by our exports: an import recognizes the person by it."),
    ),
    of_person("first_name", _("first name"), aliases=("prénom", "given name")),
    of_person("last_name", _("last name"), aliases=("nom", "nom de famille", "name")),
    of_person("language", _("language"), help=_("fr or en; French when nothing is said.")),
    Column(
        "organization",
        _("organization"),
        lambda row: row.position.organization.name if row.position else "",
        _("Its name, one of its other names, its acronym, or the end of its page’s address."),
        aliases=("organisme", "organisation"),
    ),
    of_position("title", _("title"), aliases=("titre", "fonction", "poste")),
    of_position("unit", _("unit or branch"), aliases=("service",)),
    of_position(
        "roles",
        _("roles"),
        lambda position: position.kind_names,
        help=_(
            "What the person does there, in the words of their page; several are separated by a "
            "semicolon. An import adds roles and never takes one away."
        ),
        aliases=("rôle", "role"),
    ),
    of_position("started_on", _("start"), help=_("A day, such as 2026-11-25."), aliases=("since",)),
    of_position(
        "ended_on",
        _("end"),
        help=_("The last day: it ends the position. Nothing else in a file does."),
    ),
    of_position("email", _("professional e-mail address"), aliases=("courriel", "email", "e-mail")),
    of_position(
        "phone",
        _("professional phone number"),
        lambda position: number_text(position.phone, position.phone_extension),
        help=_("With its extension: 514 555-0111 poste 12."),
        aliases=("téléphone",),
    ),
    Column(
        "tags",
        _("tags"),
        lambda row: [tag.name for tag in row.person.tags.all()] if row.person.pk else [],
        _(
            "Names of tags that exist, separated by a semicolon. An import adds tags and never "
            "takes one away."
        ),
    ),
    Column(
        "organization_slug",
        _("address of the organization’s page"),
        lambda row: row.position.organization.slug if row.position else "",
        _("The end of it; says which one it is when several have the same name."),
    ),
    of_person("archived_on", _("archived on"), is_input=False),
    of_person("pronoun", _("pronoun")),
    of_person("personal_email", _("personal e-mail address")),
    Column(
        "personal_phone",
        _("personal phone number"),
        lambda row: number_text(row.person.personal_phone),
        personal=True,
    ),
    of_person("personal_address", _("home address")),
    of_person("needs", _("needs at meetings")),
    of_person("notes", _("notes")),
)


def with_positions(people):
    """`people` with what the columns read, in two more queries a chunk."""
    positions = Position.objects.select_related("organization")
    return people.prefetch_related(Prefetch("positions", positions), "tags")


def current_rows(person):
    """The person in each position they have today."""
    held = [position for position in person.positions.all() if position.is_current()]
    return [PersonRow(person, position) for position in held] or [PersonRow(person)]


def all_rows(person):
    """The person in each position, past and to come included."""
    held = person.positions.all()
    return [PersonRow(person, position) for position in held] or [PersonRow(person)]


PEOPLE = Sheet(
    "members.person",
    "personnes",
    PERSON_COLUMNS,
    prefetched=with_positions,
    rows=current_rows,
    needed=("last_name", "first_name", "person"),
    about_people=True,
)
# The same with the positions that have ended.
PEOPLE_AND_PAST = replace(PEOPLE, rows=all_rows)
