"""A browser that tolerates no fault, and a demonstration site for it to visit.

A test that only reads asks for `site` and for no database: one site, loaded once, serves them all.
"""

import os
import time
from contextlib import contextmanager
from functools import wraps
from threading import get_ident
from urllib.parse import urlsplit

import pytest
from django.core.signals import request_finished, request_started
from django.db import connection
from django.test import override_settings
from playwright.sync_api import Locator, Page
from pytest_django.live_server_helper import LiveServer

from aqoci import machine
from members.campaigns import load_campaigns
from members.imports import plan
from members.management.commands.load_demonstration import DATA, FILES
from members.network import load_alliances
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


# What reads a page as it is at once, and would read half of one that a click has just asked for.
AT_ONCE = {
    Locator: ("all", "all_inner_texts", "all_text_contents", "count", "is_hidden", "is_visible"),
    Page: ("content", "evaluate", "title"),
}


def once_loaded(read):
    """The same method, which waits until the page that is there has loaded."""

    @wraps(read)
    def reading(of, *args, **kwargs):
        (of.page if isinstance(of, Locator) else of).wait_for_load_state()
        return read(of, *args, **kwargs)

    return reading


@pytest.fixture(scope="session", autouse=True)
def whole_pages():
    """No test reads a page that is still coming."""
    with pytest.MonkeyPatch.context() as patch:
        for kind, names in AT_ONCE.items():
            for name in names:
                patch.setattr(kind, name, once_loaded(getattr(kind, name)))
        yield


@contextmanager
def in_database(name):
    """What is done within, here and by the threads of a server, is done in that database."""
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


@pytest.fixture(scope="package")
def demonstration_server(django_db_modify_db_settings, django_db_blocker):
    """(server, name of its database) of a demonstration site that nobody changes.

    It has a test database of its own, made here: pytest-django makes one only when a test that asks
    for the database is run too, and without it this would be the developer's. Other tests, which
    empty the tables of theirs, may come between those that visit it.
    """
    before, named = connection.settings_dict["NAME"], connection.settings_dict["TEST"]
    with django_db_blocker.unblock():
        # Each worker's own, whatever it ran before.
        own = f"{connection.creation._get_test_db_name()}_site"
        worker, named["NAME"] = named["NAME"], own
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        named["NAME"] = worker
        load_reference()
        for name in FILES:
            plan((DATA / name).read_bytes(), name).apply()
        load_alliances()
        load_campaigns()
        connection.close()
        connection.settings_dict["NAME"] = before
    server = LiveServer("localhost")
    yield server, own
    server.stop()
    with django_db_blocker.unblock(), in_database(own):
        # The server's threads may end a little later, and would hold the database back.
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        connection.creation.destroy_test_db(before, verbosity=0)


@pytest.fixture
def site(demonstration_server, django_db_blocker):
    """The address of a demonstration site that nobody changes; `site + "/regions/"` is a page."""
    server, own = demonstration_server
    with django_db_blocker.unblock(), in_database(own), override_settings(DEMONSTRATION=True):
        yield server


class Requests:
    """What the servers of this process are answering: {thread: path}, one request a thread."""

    def __init__(self):
        self.open = {}
        request_started.connect(self.began)
        request_finished.connect(self.ended)

    def began(self, environ=None, **kwargs):
        self.open[get_ident()] = (environ or {}).get("PATH_INFO", "")

    def ended(self, **kwargs):
        self.open.pop(get_ident(), None)


REQUESTS = Requests()
# How long what a page sends as it is left is waited for, in seconds; and how long at most.
A_MOMENT, AT_MOST = 0.1, 10


@pytest.fixture(autouse=True)
def quiet_end(request):
    """The tables are emptied once the server answers nobody: a draft is saved as one leaves."""
    yield
    if "live_server" not in request.fixturenames:
        return
    time.sleep(A_MOMENT)
    until = time.monotonic() + AT_MOST
    while REQUESTS.open and time.monotonic() < until:
        time.sleep(A_MOMENT / 10)
    REQUESTS.open.clear()


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
