"""Rows as the database has them: dictionaries of columns, exact to the microsecond."""

import json

from django.db import connection


def columns(model):
    """The columns that are written, generated ones left out."""
    return [field.column for field in model._meta.concrete_fields if not field.generated]


def rows(model, column, key):
    """The rows whose `column` is `key`, as dictionaries, locked, in the order of their keys."""
    table, pk = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT to_jsonb(t) FROM "{table}" t WHERE "{column}" = ANY (%s)'
            f' ORDER BY "{pk}" FOR UPDATE',
            [key if isinstance(key, list) else [key]],
        )
        found = [row if isinstance(row, dict) else json.loads(row) for (row,) in cursor]
    kept = columns(model)
    return [{name: row[name] for name in kept} for row in found]


def insert(model, written):
    """Write rows back, with their keys; a column that came since takes its default."""
    if not written:
        return
    missing = {
        field.column: field.get_db_prep_save(field.get_default(), connection)
        for field in model._meta.concrete_fields
        if not field.generated and field.column not in written[0] and field.has_default()
    }
    table, names = model._meta.db_table, ", ".join(f'"{name}"' for name in columns(model))
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{table}" ({names}) SELECT {names}'
            f' FROM jsonb_populate_recordset(NULL::"{table}", %s::jsonb)',
            [json.dumps([missing | row for row in written])],
        )


def delete(model, keys):
    """Take rows away, and nothing else: what still points to them stops it."""
    table, pk = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        cursor.execute(f'DELETE FROM "{table}" WHERE "{pk}" = ANY (%s)', [keys])


def write(model, key, changed):
    """Give columns of one row these values."""
    table, pk = model._meta.db_table, model._meta.pk.column
    names = ", ".join(f'"{name}" = new."{name}"' for name in changed)
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{table}" SET {names}'
            f' FROM jsonb_populate_record(NULL::"{table}", %s::jsonb) AS new'
            f' WHERE "{table}"."{pk}" = %s',
            [json.dumps(changed), key],
        )


def point(model, moved, column, to):
    """Make rows point to another record by `column`."""
    keys = [row[model._meta.pk.column] for row in moved]
    if model._meta.auto_created:
        # The history of such a row knows its coming and its going only.
        delete(model, keys)
        insert(model, [row | {column: to} for row in moved])
        return
    table, pk = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{table}" SET "{column}" = %s WHERE "{pk}" = ANY (%s)',
            [to, keys],
        )
