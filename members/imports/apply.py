"""Writing a plan to the database: all of it or nothing, in batches, with its place in history."""

import pghistory
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from members.imports.clean import REGISTERS
from members.imports.plan import BATCH, version
from members.models import FormerSlug, Identifier, Membership, Organization, OtherName, Theme
from members.models.directory import refreshed_together
from members.models.organizations import numbered_slug


class ImportFailed(Exception):
    """Nothing was imported; says why."""


class DirectoryMoved(ImportFailed):
    """The directory changed after the plan was made, which may no longer be right."""


# Column → the relation that holds its list.
LISTS = {"themes": "theme", "countries": "country", "active_regions": "region"}


def apply(plan, *, by=None, skip_errors=False, progress=None):
    """Do what `plan` says, in one transaction; `by` is the user who wants it, if any.

    With `skip_errors`, the refused rows are left out; otherwise they stop it. Raises ImportFailed
    with a sentence, and nothing is done, when another import is under way, when the directory has
    changed since the plan was made (DirectoryMoved), or when the database refuses.
    """
    if plan.refused and not skip_errors:
        raise ImportFailed(_("Some rows are refused, so nothing is imported."))
    if not plan.created and not plan.changed:
        return
    context = {"file": plan.name}
    if by is not None:
        context["user"] = by.pk
    try:
        with transaction.atomic(), override("fr"), pghistory.context(**context):
            lock()
            if version() != plan.version:
                raise DirectoryMoved(
                    _("The directory has changed since this preview was made: make it again.")
                )
            with refreshed_together():
                write(plan, progress or (lambda done, total: None))
    except DatabaseError as error:
        raise ImportFailed(
            _("The database refused the import, and nothing was done: %(reason)s")
            % {"reason": reason(error)}
        ) from error


def lock():
    """Let one import write at a time; raise ImportFailed if another is at it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('members.imports'))")
        if not cursor.fetchone()[0]:
            raise ImportFailed(_("Another import is under way: wait until it is done."))


def reason(error):
    """What the database says of its refusal, in the models' words where they have some."""
    diagnosis = getattr(error.__cause__, "diag", None)
    name = getattr(diagnosis, "constraint_name", None)
    for model in (Organization, OtherName, Identifier, Membership):
        for constraint in model._meta.constraints:
            if constraint.name == name:
                return str(constraint.violation_error_message)
    return getattr(diagnosis, "message_primary", None) or str(error)


def write(plan, progress):
    """The work of `apply`, within its transaction."""
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
