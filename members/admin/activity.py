"""What others changed lately, read from the ends of the history's tables.

A history table only grows and its numbers rise: its last rows are found by its key, whatever its
length. Reading all histories together and sorting them, as the page of one record does, would not
do here.
"""

import datetime
from dataclasses import dataclass

from django.apps import apps
from django.contrib.auth import get_user_model
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
    """The last changes as (model, pk, label, when, who, file), one for each save of a record."""
    parts = []
    for label, (concerned, column) in watched.items():
        table = connection.ops.quote_name(f"{apps.get_model(label)._meta.db_table}event")
        parts.append(
            f"(SELECT '{concerned}' AS model, {column} AS pk, pgh_created_at, pgh_context_id,"
            f" CASE WHEN pgh_label = 'insert' AND '{label}' = '{concerned}' THEN 'insert'"
            f" WHEN pgh_label = 'delete' AND '{label}' = '{concerned}' THEN 'delete'"
            f" ELSE 'update' END AS did"
            f" FROM {table} ORDER BY pgh_id DESC LIMIT {LOOKED_AT})"
        )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH events AS ({" UNION ALL ".join(parts)}),
            saves AS (
                SELECT event.model, event.pk, min(event.did) AS did,
                       max(event.pgh_created_at) AS at,
                       (context.metadata ->> 'user')::bigint AS who,
                       context.metadata ->> 'file' AS file,
                       -- An import is one change, however many records it wrote.
                       row_number() OVER (
                           PARTITION BY CASE WHEN context.metadata ? 'file' THEN context.id END,
                                        CASE WHEN NOT context.metadata ? 'file' THEN event.pk END,
                                        CASE WHEN NOT context.metadata ? 'file' THEN context.id END
                           ORDER BY max(event.pgh_created_at) DESC
                       ) AS place
                FROM events event
                JOIN pghistory_context context ON context.id = event.pgh_context_id
                WHERE context.metadata ->> 'user' IS NOT NULL
                  AND (context.metadata ->> 'user')::bigint <> %s
                GROUP BY event.model, event.pk, context.id, context.metadata
            )
            SELECT model, pk, did, at, who, file FROM saves WHERE place = 1
            ORDER BY at DESC LIMIT %s
            """,
            [user.pk, limit],
        )
        return cursor.fetchall()


def told(rows):
    """The rows of `newest` in words; one query for each kind of record, and one for the people."""
    wanted = {}
    for model, pk, _did, _at, _who, _file in rows:
        wanted.setdefault(model, set()).add(pk)
    found = {
        label: apps.get_model(label)._base_manager.in_bulk(pks) for label, pks in wanted.items()
    }
    people = get_user_model().objects.in_bulk({who for *_row, who, _file in rows})
    activities = []
    for label, pk, did, at, who, file in rows:
        model = apps.get_model(label)
        record = found[label].get(pk)
        name = model._meta.model_name
        if file:
            what, title = _("imported %(file)s") % {"file": file}, ""
            url = reverse(f"admin:members_{name}_changelist")
        else:
            what = DEEDS[did]
            title = str(record) if record else capfirst(model._meta.verbose_name)
            url = reverse(f"admin:members_{name}_history", args=[pk]) if record else ""
        activities.append(
            Activity(str(people.get(who, "")), timezone.localtime(at), what, title, url)
        )
    return activities
