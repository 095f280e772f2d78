"""Writing a plan to the database: all of it or nothing, in batches, with its place in history."""

import pghistory
from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import override


class ImportFailed(Exception):
    """Nothing was imported; says why."""


class DirectoryMoved(ImportFailed):
    """The directory changed after the plan was made, which may no longer be right."""


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
            if plan.current_version() != plan.version:
                raise DirectoryMoved(
                    _("The directory has changed since this preview was made: make it again.")
                )
            plan.write(progress or (lambda done, total: None))
    except DatabaseError as error:
        raise ImportFailed(
            _("The database refused the import, and nothing was done: %(reason)s")
            % {"reason": reason(error, plan.models)}
        ) from error


def lock():
    """Let one import write at a time; raise ImportFailed if another is at it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('members.imports'))")
        if not cursor.fetchone()[0]:
            raise ImportFailed(_("Another import is under way: wait until it is done."))


def reason(error, models):
    """What the database says of its refusal, in the words of `models` where they have some."""
    diagnosis = getattr(error.__cause__, "diag", None)
    name = getattr(diagnosis, "constraint_name", None)
    for model in models:
        for constraint in model._meta.constraints:
            if constraint.name == name:
                return str(constraint.violation_error_message)
    return getattr(diagnosis, "message_primary", None) or str(error)
