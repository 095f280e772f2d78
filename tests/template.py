"""A database in which all migrations are done, that test databases are copied from.

Doing them takes half a minute, a copy a quarter of a second; each worker and the browser's
demonstration site need one. It is made again when a migration or a library that has some changes.
"""

import hashlib
from importlib.metadata import version
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection

PREFIX = "migrated_"
LIBRARIES = ("Django", "django-allauth", "django-pghistory", "django-pgtrigger")


def name():
    """The name of the database of these very migrations."""
    digest = hashlib.sha256()
    for library in LIBRARIES:
        digest.update(f"{library} {version(library)}\n".encode())
    for folder in ("members", "regions"):
        for path in sorted((Path(settings.BASE_DIR) / folder / "migrations").glob("*.py")):
            digest.update(path.name.encode() + path.read_bytes())
    return f"{PREFIX}{digest.hexdigest()[:16]}"


def made():
    """The name of the database, made if it is not there: of several at once, one does it."""
    wanted = name()
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext('tests/template.py'))")
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
        there = {row[0] for row in cursor}
        if wanted not in there:
            for old in there:
                cursor.execute(f'DROP DATABASE IF EXISTS "{old}" WITH (FORCE)')
            unfinished = f"{PREFIX}unfinished"
            cursor.execute(f'CREATE DATABASE "{unfinished}"')
            migrate(unfinished)
            cursor.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{wanted}"')
        cursor.execute("SELECT pg_advisory_unlock(hashtext('tests/template.py'))")
    return wanted


def migrate(database):
    """Do all migrations in that database, and leave nothing connected to it."""
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = database
    try:
        call_command("migrate", interactive=False, verbosity=0)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before
