"""What importing a file would do, row by row; `Plan.apply` does it.

An import adds and changes, and never erases: an empty cell, or a column that is absent, leaves
what is there. A list of themes, countries or regions that is given replaces the former one; other
names are added to those known. A membership is added, confirmed or put in doubt, never ended nor
renewed. Two texts that differ only by the shape of an apostrophe or a space are the same.
"""

from dataclasses import dataclass, field
from itertools import islice

from django.utils.translation import gettext as _

from members.columns import BY_KEY, current_membership, prefetched, text
from members.imports.clean import FIELDS, Cleaner
from members.imports.match import Index, Mismatch, compact
from members.imports.read import read
from members.imports.rows import BATCH, BasePlan, BaseRow, Change, Checker, Problem, plain, same
from members.models import DirectoryChange, Identifier, Membership, Organization, OtherName
from members.models.directory import refreshed_together
from regions.folding import fold

# Field of Organization → the column whose change sets it.
COLUMN_OF = {name: key for key, name in FIELDS.items()} | {
    "phone_extension": "phone",
    "municipality": "city",
    "region_id": "region_code",
}

# Membership column → whether the membership is confirmed.
CONFIRMED = {"confirmed": True, "unverified": False}


@dataclass(kw_only=True)
class Row(BaseRow):
    """One row of the file and what becomes of it.

    `organization_id` is None for a new organization, and `name` what to call it. `values` and
    `fields` {field: value} are what it says of a new organization, or what changes of a known one.
    `membership` are the fields of a membership to add (no `id`) or to change.
    """

    organization_id: int | None = None
    fields: dict = field(default_factory=dict)
    membership: dict | None = None

    @property
    def record_id(self):
        return self.organization_id

    def forget(self):
        self.values, self.fields = {}, {}


@dataclass
class Plan(BasePlan):
    """What an import of organizations would do."""

    models = (Organization, OtherName, Identifier, Membership)

    @property
    def new_municipalities(self):
        """The municipalities that it would add, as unsaved records, in the order of the file."""
        towns = [row.fields.get("municipality") for row in [*self.created, *self.changed]]
        return list({id(town): town for town in towns if town and town.pk is None}.values())

    def current_version(self):
        return version()

    def write(self, progress):
        from members.imports.organizations import write

        with refreshed_together():
            write(self, progress)


def plan(file, name="", progress=None):
    """The `Plan` of importing `file` (bytes, or a file open for reading them), called `name`.

    Writes nothing. `progress(done, total)` is called now and then. Raises `UnreadableFile`.
    """
    table = read(file)
    return plan_lines(list(table.lines), name, table.unknown, progress)


def plan_lines(lines, name="", unknown_headings=(), progress=None):
    """The `Plan` of a list of `read.Line`; see `plan`."""
    result = Plan(name, unknown_headings=list(unknown_headings), version=version())
    cleaner, index, checker = Cleaner(), Index(), Checker(Organization, FIELDS)
    progress = progress or (lambda done, total: None)
    seen = {}
    waiting = iter(lines)
    done = 0
    while batch := list(islice(waiting, BATCH)):
        rows = [read_row(line, cleaner, index, seen) for line in batch]
        checker.check(written(rows, compare(rows)))
        for row in rows:
            result.put(row)
        done += len(batch)
        progress(done, len(lines))
    return result


def version():
    """A number that grows whenever the directory changes."""
    return DirectoryChange.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def read_row(line, cleaner, index, seen):
    """The `Row` of a line: its values, or why they are refused, and the organization it names."""
    cleaned = cleaner.clean(line.cells)
    called = line.cells.get("name_fr") or line.cells.get("name_en") or line.cells.get("slug", "")
    row = Row(
        line=line.number,
        name=called,
        values=cleaned.values,
        fields=cleaned.fields,
        problems=cleaned.problems,
    )
    if line.surplus:
        row.problems.append(
            Problem(None, text(line.surplus), _("This row has more cells than there are headings."))
        )
    try:
        found = index.find(row.values)
    except Mismatch as mismatch:
        row.problems.append(mismatch.problem)
        return row
    if found in seen:
        row.refuse(
            "name_fr" if "name_fr" in row.values else None,
            _("Line %(line)d already speaks of this organization.") % {"line": seen[found]},
        )
        return row
    row.organization_id = found
    number = found or -line.number
    seen[number] = line.number
    index.add(number, row.values)
    return row


# What changes


def compare(rows):
    """Write in each row of a known organization what would change; in a new one, its membership.

    Returns the known organizations by their number.
    """
    known = [row.organization_id for row in rows if row.organization_id]
    organizations = prefetched(Organization.objects.filter(pk__in=known)).in_bulk()
    for row in rows:
        if row.organization_id is None:
            compare_membership(row, None)
        elif organization := organizations.get(row.organization_id):
            row.name = organization.name_fr
            compare_values(row, organization)
            compare_membership(row, organization)
            compare_place(row, organization)
            changed = {change.column for change in row.changes}
            row.fields = {
                name: value for name, value in row.fields.items() if COLUMN_OF[name] in changed
            }
    return organizations


def written(rows, known):
    """The rows that would be written, each with its organization as it would be.

    `known` are the organizations as they are, by number; they are changed in memory.
    """
    found = []
    for row in rows:
        if row.problems or not (row.organization_id is None or row.changes):
            continue
        organization = known.get(row.organization_id) or Organization(slug="-")
        for name, value in row.fields.items():
            if name != "municipality":
                setattr(organization, name, value)
        found.append((row, organization))
    return found


def compare_values(row, organization):
    """Write in the row what differs from the organization."""
    keep_known_names(row, organization)
    for key in row.values:
        if key in ("slug", "membership", "member_source"):
            continue
        old = BY_KEY[key].value(organization)
        if key == "other_names":
            row.values[key] = with_other_names(old, row.values[key])
        if not same(old, row.values[key]):
            row.changes.append(Change(key, old, row.values[key]))


def keep_known_names(row, organization):
    """Leave a name alone when the row only uses another one that the organization already has.

    A list that still says « Rallye Tiers-Monde », or « CECI » for the name, changes no name.
    """
    others = organization.other_names.all()
    for key, spelled in (("name_fr", fold), ("name_en", fold), ("acronym", compact)):
        borne = {spelled(other.name) for other in others}
        if key != "acronym":
            borne |= {fold(name) for name in (organization.name_fr, organization.name_en) if name}
        now, said = BY_KEY[key].value(organization), row.values.get(key)
        if not said or not now or spelled(said) == spelled(now):
            continue
        if spelled(said) in borne or (
            key != "acronym"
            and compact(said)
            in {compact(organization.acronym)}
            | {compact(other.name) for other in others if other.kind == OtherName.Kind.ACRONYM}
        ):
            del row.values[key]
            row.fields.pop(key, None)


def with_other_names(old, new):
    """The other names known, and those that the row adds; its word on their kinds prevails."""
    kinds = {plain(name): (kind, name) for kind, name in (item.split(":", 1) for item in old)}
    for kind, name in (item.split(":", 1) for item in new):
        kinds[plain(name)] = kind, kinds.get(plain(name), (kind, name))[1]
    return [f"{kind}:{name}" for kind, name in kinds.values()]


def compare_place(row, organization):
    """Refuse a region, given without a municipality, that is not the one of the municipality."""
    region = row.values.get("region_code")
    town = organization.municipality
    if region and town and "city" not in row.values and town.region_id != region:
        row.refuse(
            "region_code",
            _("Its municipality, %(town)s, is in region %(region)s: give the municipality too.")
            % {"town": town.name, "region": town.region_id},
        )


def compare_membership(row, organization):
    """What the row adds to or changes of the membership; refused when only a person can say."""
    said, source = row.values.get("membership"), row.values.get("member_source")
    current = current_membership(organization) if organization else None
    if current:
        if said in ("former", "none"):
            row.refuse(
                "membership",
                _("It is a member: to end the membership, give its last day on its page."),
            )
            return
        new = {}
        if said and current.confirmed != CONFIRMED[said]:
            new["confirmed"] = CONFIRMED[said]
            now = "confirmed" if current.confirmed else "unverified"
            row.changes.append(Change("membership", now, said))
        if source and current.source_url != source:
            new["source_url"] = source
            row.changes.append(Change("member_source", current.source_url, source))
        if new:
            row.membership = {"id": current.pk} | new
    elif said in CONFIRMED:
        if organization and organization.memberships.all():
            row.refuse(
                "membership",
                _("It has been a member at another time: give the new start on its page."),
            )
            return
        row.membership = {"confirmed": CONFIRMED[said], "source_url": source or ""}
        if organization:
            row.changes.append(Change("membership", "none", said))
            if source:
                row.changes.append(Change("member_source", "", source))
    elif source:
        row.refuse("member_source", _("There is no current membership for this source to go with."))
