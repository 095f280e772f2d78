"""Writing a plan of organizations, in batches; `apply.py` says when."""

from django.utils import timezone

from members.imports.clean import REGISTERS
from members.imports.rows import BATCH
from members.models import FormerSlug, Identifier, Membership, Organization, OtherName, Theme
from members.models.organizations import numbered_slug

# Column → the relation that holds its list.
LISTS = {"themes": "theme", "countries": "country", "active_regions": "region"}


def write(plan, progress):
    """Write the organizations of `plan`, within the transaction of `apply`."""
    for town in plan.new_municipalities:
        town.save()
    themes = dict(Theme.objects.values_list("slug", "pk"))
    slugs = set(Organization.objects.values_list("slug", flat=True))
    slugs |= set(FormerSlug.objects.values_list("slug", flat=True))
    total, done = len(plan.created) + len(plan.changed), 0
    for rows, write_rows in ((plan.created, add), (plan.changed, change)):
        for start in range(0, len(rows), BATCH):
            batch = rows[start : start + BATCH]
            write_rows(batch, slugs)
            write_relations(batch, themes)
            done += len(batch)
            progress(done, total)


def add(rows, slugs):
    """Insert the organizations of these rows, and write their numbers in the rows."""
    organizations = []
    for row in rows:
        organization = Organization(**row.fields)
        organization.slug = row.values.get("slug", "")
        if not organization.slug or organization.slug in slugs:
            organization.slug = numbered_slug(organization.name_fr, slugs)
        slugs.add(organization.slug)
        organization.normalize()
        organizations.append(organization)
    for row, made in zip(rows, Organization.objects.bulk_create(organizations), strict=True):
        row.organization_id = made.pk


def change(rows, slugs):
    """Write the fields that change, and the moment, of these rows' organizations."""
    stored = Organization.objects.in_bulk([row.organization_id for row in rows])
    columns = {"updated_at"}
    for row in rows:
        organization = stored[row.organization_id]
        for name, value in row.fields.items():
            setattr(organization, name, value)
            columns.add(name)
        organization.updated_at = timezone.now()
    Organization.objects.bulk_update(stored.values(), sorted(columns), batch_size=100)


def write_relations(rows, themes):
    """Write what belongs to these rows' organizations in other tables."""
    for column, target in LISTS.items():
        write_list(rows, column, target, themes)
    write_identifiers(rows)
    write_other_names(rows)
    write_memberships(rows)


def write_list(rows, column, target, themes):
    """Make the organizations' themes, countries or regions those that the rows give."""
    through = getattr(Organization, column).through
    wanted = {
        (row.organization_id, themes[key] if column == "themes" else key)
        for row in rows
        for key in row.values.get(column, [])
    }
    given = [row.organization_id for row in rows if column in row.values]
    links = through.objects.filter(organization_id__in=given)
    stored = {
        (organization, key): pk
        for pk, organization, key in links.values_list("pk", "organization_id", f"{target}_id")
    }
    if gone := [pk for pair, pk in stored.items() if pair not in wanted]:
        through.objects.filter(pk__in=gone).delete()
    through.objects.bulk_create(
        through(**{"organization_id": organization, f"{target}_id": key})
        for organization, key in sorted(wanted - stored.keys())
    )


def write_identifiers(rows):
    wanted = {
        (row.organization_id, scheme): row.values[key]
        for row in rows
        for key, scheme in REGISTERS.items()
        if key in row.values
    }
    stored = {
        (identifier.organization_id, identifier.scheme): identifier
        for identifier in Identifier.objects.filter(organization_id__in={pk for pk, _s in wanted})
    }
    changed = []
    for pair, value in wanted.items():
        if pair in stored and stored[pair].value != value:
            stored[pair].value = value
            changed.append(stored[pair])
    Identifier.objects.bulk_update(changed, ["value"])
    Identifier.objects.bulk_create(
        Identifier(organization_id=pk, scheme=scheme, value=value)
        for (pk, scheme), value in wanted.items()
        if (pk, scheme) not in stored
    )


def write_other_names(rows):
    wanted = {
        (row.organization_id, name): kind
        for row in rows
        for kind, name in (item.split(":", 1) for item in row.values.get("other_names", []))
    }
    stored = {
        (other.organization_id, other.name): other
        for other in OtherName.objects.filter(organization_id__in={pk for pk, _n in wanted})
    }
    changed = []
    for pair, kind in wanted.items():
        if pair in stored and stored[pair].kind != kind:
            stored[pair].kind = kind
            changed.append(stored[pair])
    OtherName.objects.bulk_update(changed, ["kind"])
    OtherName.objects.bulk_create(
        OtherName(organization_id=pk, kind=kind, name=name)
        for (pk, name), kind in wanted.items()
        if (pk, name) not in stored
    )


def write_memberships(rows):
    added, changed = [], []
    for row in rows:
        if row.membership:
            record = Membership(organization_id=row.organization_id, **row.membership)
            (changed if record.pk else added).append(record)
    Membership.objects.bulk_create(added)
    for fields in ({"confirmed"}, {"source_url"}, {"confirmed", "source_url"}):
        named = [
            Membership(pk=row.membership["id"], **{f: row.membership[f] for f in fields})
            for row in rows
            if row.membership and row.membership.keys() == {"id"} | fields
        ]
        Membership.objects.bulk_update(named, sorted(fields))
