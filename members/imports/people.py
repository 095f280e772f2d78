"""What importing a file of people and positions would do, row by row.

One row is one person, in one position or in none. An import adds and changes, and never erases: an
empty cell leaves what is there, tags and roles are added to those known, and a position ends only
when its last day is given. What belongs to a position is told by the person, the organization and
the title; a new title is a new position.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import islice

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import override

from members.columns import PEOPLE, PersonRow, split, text
from members.imports import match
from members.imports.clean import field_value, split_extension
from members.imports.match import Mismatch
from members.imports.read import read
from members.imports.rows import (
    BATCH,
    BasePlan,
    BaseRow,
    Change,
    Checker,
    Problem,
    Refused,
    same,
)
from members.models import Merge, Organization, Person, Position, Tag
from regions.folding import fold

# Column → the field of Person, or of Position, that holds it.
PERSON_FIELDS = {
    name: name
    for name in (
        "first_name",
        "last_name",
        "language",
        "pronoun",
        "personal_email",
        "personal_phone",
        "personal_address",
        "needs",
        "notes",
    )
}
POSITION_FIELDS = {
    "title": "title",
    "unit": "unit",
    "roles": "kinds",
    "started_on": "started_on",
    "ended_on": "ended_on",
    "email": "email",
    "phone": "phone",
}
COLUMNS = PEOPLE.by_key
# The tables whose history tells that what was planned may no longer be right.
WATCHED = (
    "members_personevent",
    "members_positionevent",
    "members_persontagevent",
    "members_tagevent",
    "members_organizationevent",
    "members_othernameevent",
)
# How many unknown organizations are answered with the name that is closest.
SUGGESTIONS = 100


@dataclass(kw_only=True)
class Row(BaseRow):
    """One row of the file and what becomes of it.

    `person_id` is negative for a new person, the same for all the rows that speak of them;
    `position_id` is None for a new position or for none. `person_fields`, `position_fields` and
    `tags` (numbers) are what the row says of a new record, or what changes of a known one.
    """

    person_id: int = 0
    position_id: int | None = None
    organization_id: int | None = None
    person_fields: dict = field(default_factory=dict)
    position_fields: dict = field(default_factory=dict)
    tags: list = field(default_factory=list)

    @property
    def record_id(self):
        return self.person_id if self.person_id > 0 else None

    def forget(self):
        self.values, self.person_fields, self.position_fields, self.tags = {}, {}, {}, []


@dataclass
class Plan(BasePlan):
    """What an import of people would do."""

    models = (Person, Position)

    def current_version(self):
        return version()

    def write(self, progress):
        from members.imports.people_writing import write

        write(self, progress)


def plan(file, name="", progress=None, personal=False):
    """The `Plan` of importing people from `file` (bytes, or a file open for reading them).

    Writes nothing. Without `personal`, the columns of personal fields are not known. Raises
    `UnreadableFile`.
    """
    table = read(file, PEOPLE if personal else PEOPLE.without_personal())
    return plan_lines(list(table.lines), name, table.unknown, progress)


def plan_lines(lines, name="", unknown_headings=(), progress=None):
    """The `Plan` of a list of `read.Line`; see `plan`."""
    result = Plan(name, unknown_headings=list(unknown_headings), version=version())
    reader = Reader()
    people, positions = Checker(Person, PERSON_FIELDS), Checker(Position, POSITION_FIELDS)
    progress = progress or (lambda done, total: None)
    waiting, done = iter(lines), 0
    while batch := list(islice(waiting, BATCH)):
        rows = [reader.read(line) for line in batch]
        records = reader.compare(rows)
        kept = [(row, *records[id(row)]) for row in rows if not row.problems]
        people.check([(row, person) for row, person, _position in kept])
        positions.check([(row, position) for row, _person, position in kept if position])
        for row in rows:
            result.put(row)
        done += len(batch)
        progress(done, len(lines))
    return result


def version():
    """A text that changes whenever people, positions, tags or organizations do."""
    newest = ", ".join(f"(SELECT max(pgh_id) FROM {table})" for table in WATCHED)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {newest}")
        return "-".join(str(number or 0) for number in cursor.fetchone())


# What the texts mean


@dataclass
class Cleaned:
    """A row's meaning: the fields of the person and of the position, and the problems."""

    person: dict = field(default_factory=dict)
    position: dict = field(default_factory=dict)
    tags: list = field(default_factory=list)
    problems: list = field(default_factory=list)


class Words:
    """The words of the columns that only know some: roles, languages, tags."""

    def __init__(self):
        self.roles = words(Position.Kind)
        self.languages = words(Person.Language)
        self.tags = {fold(tag.name): tag for tag in Tag.objects.all()}

    def clean(self, cells):
        """The `Cleaned` of {column key: text}; texts that are empty are left out already."""
        cleaned = Cleaned()
        for key, cell in cells.items():
            try:
                self.clean_cell(key, cell, cleaned)
            except Refused as refusal:
                cleaned.problems.append(Problem(key, cell, str(refusal)))
            except ValidationError as error:
                cleaned.problems.append(Problem(key, cell, " ".join(error.messages)))
        return cleaned

    def clean_cell(self, key, cell, cleaned):
        """Write one cell's meaning into `cleaned`; raise Refused or ValidationError."""
        if key == "language":
            cleaned.person["language"] = one_of(self.languages, cell)
        elif key == "roles":
            cleaned.position["kinds"] = [one_of(self.roles, word) for word in several(cell)]
        elif key == "tags":
            cleaned.tags = [one_of(self.tags, word) for word in several(cell)]
        elif key == "phone":
            number, extension = split_extension(cell)
            cleaned.position["phone"] = field_value("phone", number, Position)
            cleaned.position["phone_extension"] = field_value(
                "phone_extension", extension, Position
            )
        elif key in ("started_on", "ended_on"):
            cleaned.position[key] = field_value(key, cell.replace("/", "-"), Position)
        elif key in POSITION_FIELDS:
            cleaned.position[POSITION_FIELDS[key]] = field_value(key, cell, Position)
        elif key in PERSON_FIELDS:
            cleaned.person[key] = field_value(key, cell, Person)


def words(choices):
    """{folded word: key} of choices, by their key and by their name in each language."""
    found = {fold(choice.value): choice.value for choice in choices}
    for language in ("fr", "en"):
        with override(language):
            found |= {fold(str(choice.label)): choice.value for choice in choices}
    return found


def several(cell):
    """The words of a cell that holds a list: semicolons, commas and line breaks separate them."""
    return split(cell.replace(",", ";").replace("\n", ";"))


def one_of(known, word):
    """What `word` means among those known; Refused if it is none of them."""
    if fold(word) not in known:
        raise Refused(_("“%(value)s” is not known.") % {"value": word})
    return known[fold(word)]


# Whom it speaks of


class Organizations:
    """Which organization a text means: its name, another name, its acronym, its page's address."""

    def __init__(self):
        self.index = match.Index()
        self.found = {}
        self.asked = 0

    def find(self, cells):
        """The organization's number, or None if the row names none; raises Mismatch."""
        if slug := cells.get("organization_slug"):
            if slug not in self.index.slugs:
                raise Mismatch("organization_slug", slug, self.unknown(slug))
            return self.index.slugs[slug]
        named = cells.get("organization")
        if not named:
            return None
        if named not in self.found:
            self.found[named] = self.index.slugs.get(named) or self.by_name(named)
        return self.found[named]

    def by_name(self, named):
        try:
            found = self.index.find({"name_fr": named})
        except Mismatch as mismatch:
            names = sorted(map(self.index.name, self.namesakes(named)))
            if not names:
                raise Mismatch("organization", named, mismatch.problem.reason) from None
            raise Mismatch(
                "organization",
                named,
                _(
                    "Several organizations are called so: %(names)s. Say which one with the "
                    "address of its page (“organization_slug”)."
                )
                % {"names": "; ".join(names)},
            ) from None
        if found is None:
            raise Mismatch("organization", named, self.unknown(named))
        return found

    def namesakes(self, named):
        return {
            *self.index.names.get(fold(named), ()),
            *self.index.other_names.get(fold(named), ()),
            *self.index.acronyms.get(match.compact(named), ()),
        }

    def unknown(self, named):
        """That no organization is called so; with the one whose name is closest, if any is close.

        A whole file of unknown names would take minutes to be answered so: the first hundred are.
        """
        self.asked += 1
        close = []
        if self.asked <= SUGGESTIONS:
            close = get_close_matches(fold(named), self.index.names, n=1, cutoff=0.6)
        if not close:
            return _("No organization is called so: add it first.")
        (pk, *_others) = self.index.names[close[0]]
        return _("No organization is called so. The closest name is “%(name)s”.") % {
            "name": self.index.name(pk)
        }


class People:
    """What every known person is recognized by, read in three queries.

    A row speaks of the person who has, in this order:

    1. its number, which our own exports carry, or the number of a double that was joined to it: if
       the names have a word in common or the e-mail address is theirs;
    2. its e-mail address, professional or personal, if the names have a word in common: an office's
       address passes from one person to the next;
    3. its name, and a position in its organization; case, accents, apostrophes and spacing do not
       count. Without an organization, its name alone;
    4. its name, when that person has no position anywhere.

    Several such people refuse the row. Rows that make new people are added as they come, under
    negative numbers.
    """

    def __init__(self):
        self.names = defaultdict(set)
        self.emails = defaultdict(set)
        self.called = {}
        self.places = defaultdict(set)
        self.written = {}
        for pk, first, last, email in Person.objects.order_by("pk").values_list(
            "pk", "first_name", "last_name", "personal_email"
        ):
            self.add(pk, f"{first} {last}", [email])
        for pk, organization, email in Position.objects.values_list(
            "person_id", "organization_id", "email"
        ):
            self.add(pk, "", [email], organization)
        joined = Merge.objects.filter(model="members.person", undone_at=None)
        for removed, kept in joined.values_list("removed_id", "kept_id"):
            self.written[str(removed)] = kept

    def add(self, pk, name, emails=(), organization=None):
        """Know the person by these too."""
        if fold(name):
            self.names[fold(name)].add(pk)
            self.called.setdefault(pk, " ".join(name.split()))
        for email in filter(None, emails):
            self.emails[email.casefold()].add(pk)
        if organization:
            self.places[pk].add(organization)

    def find(self, row, number, emails):
        """The number of the person the row speaks of, or None for a new one; raises Mismatch."""
        found = self.by_number(row, number, emails) or self.by_email(row, emails)
        return found or self.by_name(row)

    def by_number(self, row, number, emails):
        if not number:
            return None
        pk = self.written.get(number) or (int(number) if number.isdigit() else None)
        if pk not in self.called:
            return None
        theirs = any(pk in self.emails.get(email.casefold(), ()) for email in emails)
        if fold(row.name) and not theirs and not self.alike(pk, row.name):
            raise Mismatch(
                "person",
                number,
                _("This number is someone else’s: %(name)s.") % {"name": self.called[pk]},
            )
        return pk

    def by_email(self, row, emails):
        for email in emails:
            found = self.emails.get(email.casefold(), set())
            exact = {pk for pk in found if fold(self.called[pk]) == fold(row.name)}
            close = exact or {pk for pk in found if not fold(row.name) or self.alike(pk, row.name)}
            if close:
                return self.only(close, "last_name", row)
        return None

    def by_name(self, row):
        found = self.names.get(fold(row.name), set()) if fold(row.name) else set()
        if row.organization_id is None:
            return self.only(found, "last_name", row)
        here = {pk for pk in found if row.organization_id in self.places[pk]}
        if not here:
            here = {pk for pk in found if not self.places[pk]}
            if found and not here:
                row.remarks.append(
                    _(
                        "Someone of this name is already known elsewhere. If it is the same "
                        "person, give their number (“person”) or an e-mail address that we have."
                    )
                )
        return self.only(here, "last_name", row)

    def only(self, found, column, row):
        """The one person of `found`, or None; Mismatch if there are several."""
        if len(found) > 1:
            raise Mismatch(
                column,
                row.name,
                _(
                    "Several people may be meant (numbers %(numbers)s): give the number "
                    "(“person”) or an e-mail address."
                )
                % {"numbers": ", ".join(str(pk) for pk in sorted(found) if pk > 0) or "—"},
            )
        return next(iter(found), None)

    def alike(self, pk, name):
        """Whether the person's name and this one have a word in common."""
        return bool(set(fold(self.called[pk]).split()) & set(fold(name).split()))


class Reader:
    """Reads the lines one by one, with what is known when it is made: some ten queries."""

    def __init__(self):
        self.words, self.organizations, self.people = Words(), Organizations(), People()
        # Position, or what would tell a new one → the line that speaks of it.
        self.seen = {}
        # New person → the fields that the rows before gave.
        self.new = defaultdict(dict)
        # (person, field) → what a row says of it, and its line.
        self.told = {}

    def read(self, line):
        """The `Row` of a line: what it means and whom it speaks of, or why it is refused."""
        cells = line.cells
        cleaned = self.words.clean(cells)
        row = Row(
            line=line.number,
            name=f"{cells.get('first_name', '')} {cells.get('last_name', '')}".strip(),
            person_fields=cleaned.person,
            position_fields=cleaned.position,
            problems=cleaned.problems,
        )
        row.tags = cleaned.tags
        if line.surplus:
            reason = _("This row has more cells than there are headings.")
            row.problems.append(Problem(None, text(line.surplus), reason))
        number = cells.get("person", "")
        emails = [
            email
            for email in (cleaned.position.get("email"), cleaned.person.get("personal_email"))
            if email
        ]
        try:
            row.organization_id = self.organizations.find(cells)
            found = self.people.find(row, number, emails)
        except Mismatch as mismatch:
            row.problems.append(mismatch.problem)
            return row
        row.person_id = found or -line.number
        if not row.problems:
            self.people.add(row.person_id, row.name, emails, row.organization_id)
            if number:
                self.people.written.setdefault(number, row.person_id)
        return row

    def compare(self, rows):
        """Write in each row what would change.

        Returns {id(row): (person, position)}, the records as they would be; the position is None
        for a row that speaks of none.
        """
        known = {row.person_id for row in rows if row.person_id > 0}
        people = PEOPLE.prefetched(Person.objects.filter(pk__in=known)).in_bulk()
        named = {row.organization_id for row in rows if row.organization_id}
        organizations = Organization.objects.in_bulk(named)
        records = {}
        for row in rows:
            if row.problems:
                continue
            person = people.get(row.person_id)
            try:
                self.agree(row)
                position = self.position(row, person)
            except Mismatch as mismatch:
                row.problems.append(mismatch.problem)
                continue
            records[id(row)] = (
                self.compare_person(row, person),
                self.compare_position(row, person, position, organizations),
            )
        return records

    def agree(self, row):
        """Raise Mismatch if a row before says something else of the same person."""
        for name, value in row.person_fields.items():
            if name in ("first_name", "last_name"):
                continue
            told, line = self.told.setdefault((row.person_id, name), (value, row.line))
            if not same(told, value):
                raise Mismatch(
                    name,
                    text(value),
                    _("Line %(line)d says otherwise of this person.") % {"line": line},
                )

    def position(self, row, person):
        """The known position that the row speaks of, or None; raises Mismatch."""
        said = row.position_fields
        held = list(person.positions.all()) if person else []
        if row.organization_id is None:
            if not said:
                return self.once(row, None)
            current = [position for position in held if position.is_current()]
            if len(current) != 1:
                raise Mismatch(
                    "organization", "", _("Give the organization in which the person does this.")
                )
            row.organization_id = current[0].organization_id
            return self.once(row, current[0])
        held = [p for p in held if p.organization_id == row.organization_id]
        return self.once(row, self.titled(row, held))

    def titled(self, row, held):
        """Among positions in the row's organization, the one it speaks of, or None for a new one.

        The same title; without one, the only position, or the one with the same roles. Of several,
        the one that began that day, or the only one that goes on.
        """
        said = row.position_fields
        title, kinds, start = said.get("title"), said.get("kinds"), said.get("started_on")
        if title:
            found = [p for p in held if fold(p.title) == fold(title)]
            untitled = [p for p in held if not p.title and p.is_current()]
            if not found and len(untitled) == 1 and len(held) == 1:
                found = untitled
        elif len(held) > 1 and kinds:
            found = [p for p in held if not p.title and set(kinds) == set(p.kinds)] or [
                p for p in held if set(kinds) <= set(p.kinds)
            ]
        else:
            found = held
        if start:
            began = [p for p in found if p.started_on == start]
            # A term that begins after another ended is another one.
            found = began or [
                p for p in found if not (p.ended_on and p.started_on and p.ended_on < start)
            ]
        elif len(found) > 1:
            if ended := said.get("ended_on"):
                found = [p for p in found if p.ended_on == ended] or found
            found = [p for p in found if p.is_current()] or found
        if len(found) > 1:
            raise Mismatch(
                "title",
                title or "",
                _("The person has several positions there: give the title and the start."),
            )
        return found[0] if found else None

    def once(self, row, position):
        """The position; Mismatch if another row speaks of the same one."""
        if position:
            key = position.pk
        else:
            said = row.position_fields
            told = fold(said.get("title", "")) or tuple(said.get("kinds", ()))
            key = (row.person_id, row.organization_id, told, said.get("started_on"))
        if key in self.seen:
            raise Mismatch(
                None,
                row.name,
                _("Line %(line)d already speaks of this person in this position.")
                % {"line": self.seen[key]},
            )
        self.seen[key] = row.line
        return position

    def compare_person(self, row, person):
        """Write in the row what it changes of the person; return the person as they would be."""
        said = row.person_fields
        if person is None:
            self.new[row.person_id] |= said
            person = Person(**self.new[row.person_id])
            person.normalize()
            self.note(row, PersonRow(person), PERSON_FIELDS)
            row.values |= {"tags": [tag.name for tag in row.tags]} if row.tags else {}
            row.tags = [tag.pk for tag in row.tags]
            return person
        keep_names(said, person, row.name)
        row.name = str(person)
        before = {key: value_of(key, PersonRow(person)) for key in PERSON_FIELDS}
        for name, value in said.items():
            setattr(person, name, value)
        person.normalize()
        changed = self.changes(row, before, PersonRow(person), PERSON_FIELDS, said)
        row.person_fields = {name: getattr(person, name) for name in changed}
        has = {tag.pk: tag.name for tag in person.tags.all()}
        added = [tag for tag in row.tags if tag.pk not in has]
        if added:
            names = list(has.values())
            row.changes.append(Change("tags", names, names + [tag.name for tag in added]))
        row.tags = [tag.pk for tag in added]
        return person

    def compare_position(self, row, person, position, organizations):
        """Write in the row what it changes of the position, or adds; return it as it would be."""
        if row.organization_id is None:
            return None
        said = row.position_fields
        if position is None:
            position = Position(person_id=max(row.person_id, 0), **said)
            position.organization_id = row.organization_id
            position.organization = organizations[row.organization_id]
            if not position.title and not position.kinds:
                position.kinds = [Position.Kind.OTHER]
                said["kinds"] = position.kinds
            position.normalize()
            shown = PersonRow(Person(), position)
            if person is None:
                row.values["organization"] = position.organization.name
                self.note(row, shown, POSITION_FIELDS)
            else:
                row.changes.append(Change("organization", "", position.organization.name))
                before = dict.fromkeys(POSITION_FIELDS, "")
                self.changes(row, before, shown, POSITION_FIELDS, said)
            return position
        row.position_id = position.pk
        if "kinds" in said:
            said["kinds"] = [*position.kinds, *said["kinds"]]
        if "phone" in said and not said["phone_extension"] and said["phone"] == position.phone:
            del said["phone_extension"]  # a file without the extension does not take it away
        if position.email.casefold() == said.get("email", "").casefold():
            said.pop("email", None)
        before = {key: value_of(key, PersonRow(person, position)) for key in POSITION_FIELDS}
        was_over = position.ended_on and not position.is_current()
        for name, value in said.items():
            setattr(position, name, value)
        position.normalize()
        changed = self.changes(row, before, PersonRow(person, position), POSITION_FIELDS, said)
        row.position_fields = {name: getattr(position, name) for name in changed}
        if was_over and "ended_on" not in said:
            row.remarks.append(
                _("This position ended on %(day)s, and an import reopens none.")
                % {"day": position.ended_on.isoformat()}
            )
        return position

    def note(self, row, shown, columns):
        """Write in a new person's row the values that it gives."""
        for key in columns:
            if value := value_of(key, shown):
                row.values[key] = value

    def changes(self, row, before, shown, columns, said):
        """Write what differs from `before` in the row; return the names of the fields to set."""
        changed = []
        for key, name in columns.items():
            if name not in said and not (key == "phone" and "phone_extension" in said):
                continue
            value = value_of(key, shown)
            if not same(before[key], value):
                row.changes.append(Change(key, before[key], value))
                changed += [name, "phone_extension"] if key == "phone" else [name]
        return changed


def value_of(key, shown):
    """What the column prints of a `PersonRow`."""
    return COLUMNS[key].value(shown)


def keep_names(said, person, name):
    """Leave the names alone when the row only parts them otherwise, or gives an initial."""
    parts = [fold(said.get(key, "")) for key in ("first_name", "last_name")]
    known = [fold(person.first_name), fold(person.last_name)]
    whole = fold(name) == fold(str(person)) and parts != known
    for key, part, before in zip(("first_name", "last_name"), parts, known, strict=True):
        if whole or (len(part) == 1 and before.startswith(part)):
            said.pop(key, None)
