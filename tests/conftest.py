"""What every test may use: the reference data, a small cast, and no memory of the test before."""

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import TransactionTestCase
from django.utils import translation

from members import mail, terms
from members.directory import caching
from members.models import User
from members.permissions import Role
from tests import template
from tests.factories import make_user
from tests.restoring import Tables
from tests.signing_in import SigningClient


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings, django_db_blocker):
    """Test databases are copies of one in which the migrations are done."""
    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["TEMPLATE"] = template.made()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Regions, municipalities, themes and countries are there, as on any installed site.

    A test that writes in earnest leaves the tables as they are now.
    """
    with django_db_blocker.unblock():
        load_reference()
        tables = Tables()
    emptied = TransactionTestCase._fixture_teardown

    def restored(case):
        if tables.can_be_restored:
            tables.restore()
        else:
            emptied(case)
            load_reference()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", restored)
        yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        # A live server's last thread may still hold the database that is about to be destroyed.
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def load_reference():
    """Load the reference data and the roles."""
    from django.contrib.auth.models import Group

    from members import reference as vocabulary
    from regions import reference as places

    for role in Role:
        Group.objects.get_or_create(name=role.value)

    places.load()
    vocabulary.load()


@pytest.fixture(autouse=True)
def forget():
    """Pages, counts, words and the language kept by the process are another test's."""
    translation.activate("fr")
    for cache in ("default", "counts", "pages"):
        caches[cache].clear()
    caching._last_read["at"] = float("-inf")
    terms._read["version"] = None
    mail._away["until"] = float("-inf")


@pytest.fixture
def client():
    """Django's client; those whom it signs in have proved their second factor."""
    return SigningClient()


@pytest.fixture
def cast(db):
    """One user of each kind that a permission can tell apart: {who: User or None}."""
    return {
        "nobody": None,
        "visitor": User.objects.create_user("visiteuse@example.org"),
        "staff": make_user(Role.PERMANENCE, email="equipe@example.org"),
        "superuser": User.objects.create_superuser("direction@example.org"),
    }
