"""What others changed lately, read from the ends of the history's tables.

A history table only grows and its numbers rise: its last rows are found by its key, whatever its
length. Reading all histories together and sorting them, as the page of one record does, would not
do here.
"""

import datetime
from dataclasses import dataclass

from django.apps import apps
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from members.permissions import may

# Model → the model and column of the record that a change to it concerns.
WATCHED = {
    "members.organization": ("members.organization", "pgh_obj_id"),
    "members.membership": ("members.organization", "organization_id"),
    "members.person": ("members.person", "pgh_obj_id"),
    "members.position": ("members.person", "person_id"),
    "members.alliance": ("members.alliance", "pgh_obj_id"),
    "members.alliancemembership": ("members.alliance", "alliance_id"),
    "members.dossier": ("members.dossier", "pgh_obj_id"),
    "members.interaction": ("members.interaction", "pgh_obj_id"),
}

# Record → what it is called, in SQL.
NAMES = {
    "members.organization": "name_fr",
    "members.person": "trim(concat(first_name, ' ', last_name))",
    "members.alliance": "name_fr",
    "members.dossier": "name",
    "members.interaction": "subject",
}

# What is said after the name of who did it.
DEEDS = {
    "insert": pgettext_lazy("someone", "added"),
    "update": pgettext_lazy("someone", "changed"),
    "delete": pgettext_lazy("someone", "deleted"),
}

# How far back each history is read: enough to pass over one's own changes.
LOOKED_AT = 150


@dataclass(frozen=True)
class Activity:
    """One save, or one import, by a colleague: what it did, to which record."""

    who: str
    when: datetime.datetime
    what: str
    name: str
    url: str


def changes_by_others(user, limit=8):
    """The last `limit` changes by others to what `user` may see, as `Activity`s, newest first.

    Changes that no person made (a command, the first load) are left out; an import counts once.
    """
    watched = {
        label: concerns
        for label, concerns in WATCHED.items()
        if may(user, "view", apps.get_model(label))
        and may(user, "view", apps.get_model(concerns[0]))
    }
    if not watched:
        return []
    rows = newest(watched, user, limit)
    return told(rows)


def newest(watched, user, limit):
    """The last changes: (model, pk, deed, when, who, file, name), one for each save of a record.

    One query for all, names included: `name` is None for a record that is no more.
    """
    histories = " UNION ALL ".join(
        f"(SELECT '{concerned}' AS model, {column} AS pk, pgh_created_at, pgh_context_id,"
        f" CASE WHEN '{label}' = '{concerned}' THEN pgh_label ELSE 'update' END AS deed"
        f" FROM {apps.get_model(label)._meta.db_table}event ORDER BY pgh_id DESC LIMIT {LOOKED_AT})"
        for label, (concerned, column) in watched.items()
    )
    names = " ".join(
        f"WHEN '{label}' THEN"
        f" (SELECT {name} FROM {apps.get_model(label)._meta.db_table} record WHERE record.id = pk)"
        for label, name in NAMES.items()
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH saves AS (
                SELECT event.model, event.pk, min(event.deed) AS deed,
                       max(event.pgh_created_at) AS at, context.id AS context,
                       (context.metadata ->> 'user')::bigint AS who,
                       context.metadata ->> 'file' AS file
                FROM ({histories}) event
                JOIN pghistory_context context ON context.id = event.pgh_context_id
                WHERE (context.metadata ->> 'user')::bigint <> %s
                GROUP BY event.model, event.pk, context.id, context.metadata
            ),
            -- An import is one change, however many records it wrote.
            told AS (
                SELECT DISTINCT ON (context, CASE WHEN file IS NULL THEN (model, pk) END) *
                FROM saves
                ORDER BY context, CASE WHEN file IS NULL THEN (model, pk) END, at DESC
            )
            SELECT model, pk, deed, at,
                   (SELECT coalesce(nullif(trim(concat(first_name, ' ', last_name)), ''), email)
                    FROM members_user WHERE id = who),
                   file, CASE model {names} END
            FROM told ORDER BY at DESC LIMIT %s
            """,
            [user.pk, limit],
        )
        return cursor.fetchall()


def told(rows):
    """The rows of `newest` in words."""
    activities = []
    for label, pk, deed, at, who, file, title in rows:
        opts = apps.get_model(label)._meta
        if file:
            what, name = _("imported %(file)s") % {"file": file}, ""
            url = reverse(f"admin:members_{opts.model_name}_changelist")
        else:
            what = DEEDS[deed]
            name = capfirst(opts.verbose_name) if title is None else title
            url = reverse(f"admin:members_{opts.model_name}_history", args=[pk]) if title else ""
        activities.append(Activity(who or "", timezone.localtime(at), what, name, url))
    return activities
