"""A browser that tolerates no fault, and a demonstration site for it to visit.

A test that only reads asks for `site` and for no database: pytest-django runs such tests last, so
that one site, loaded once, serves them all.
"""

import os
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import override_settings
from pytest_django.live_server_helper import LiveServer

from aqoci import machine
from members.imports import plan
from members.management.commands.load_demonstration import DATA, FILES
from tests.conftest import load_reference
from tests.signing_in import session_cookie

# Playwright's synchronous interface runs inside an event loop, where Django refuses to ask the
# database anything.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """The system's Chromium; Playwright looks for its own when there is none."""
    return browser_type_launch_args | {
        "executable_path": machine.chromium(),
        "args": CHROMIUM_ARGUMENTS,
    }


@pytest.fixture(scope="session")
def base_url():
    """None: addresses are given whole. Overrides a fixture that makes pytest 9 warn."""


@pytest.fixture(scope="package")
def site(django_db_modify_db_settings, django_db_blocker):
    """The address of a demonstration site that nobody changes; `site + "/regions/"` is a page.

    It has a test database of its own, made here: pytest-django makes one only when a test that asks
    for the database is run too, and without it this would be the developer's.
    """
    with django_db_blocker.unblock(), override_settings(DEMONSTRATION=True):
        before, named = connection.settings_dict["NAME"], connection.settings_dict["TEST"]
        worker, named["NAME"] = named["NAME"], f"{before}_site"
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            load_reference()
            for name in FILES:
                plan((DATA / name).read_bytes(), name).apply()
            server = LiveServer("localhost")
            yield server
            server.stop()
        finally:
            # The server's threads may end a little later, and would hold the database back.
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            connection.creation.destroy_test_db(before, verbosity=0)
            named["NAME"] = worker


@pytest.fixture
def faults(context):
    """What the browser complains of, and what it asks of other sites: a list that grows."""
    return watch(context)


@pytest.fixture
def page(page, faults):
    """A page that must give no reason to complain."""
    yield page
    assert faults == []


def come_in(page, live_server, user, path="/admin/", **options):
    """Open a page as `user`, who has signed in already; see `tests.signing_in`."""
    name, value = session_cookie(user, **options)
    page.context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
    page.goto(live_server.url + path)


def watch(context):
    """The growing list of what goes wrong in a browser: errors, refusals, strangers.

    The page itself may answer 404, for a test may be about that; what it loads may not.
    """
    faults = []

    def console(message):
        # A refused resource is told by `response`, with its address.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            faults.append(f"console: {message.text}")

    def response(response):
        if response.status >= 400 and not response.request.is_navigation_request():
            faults.append(f"{response.status}: {response.url}")

    def failed(request):
        # What the page or the visitor stops on purpose is aborted.
        if request.failure != "net::ERR_ABORTED":
            faults.append(f"{request.failure}: {request.url}")

    def asked(request):
        if urlsplit(request.url).hostname not in ("localhost", None):
            faults.append(f"another site: {request.url}")

    context.on("console", console)
    context.on("weberror", lambda error: faults.append(f"error: {error.error}"))
    context.on("response", response)
    context.on("requestfailed", failed)
    context.on("request", asked)
    return faults
