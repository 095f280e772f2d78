"""Fills a new database with generated organizations, and times the server at making pages of it.

`python -m tests.bench.pages SIZE ROUNDS [explain]` speaks of the database of DATABASE_URL, which
must be one of the bench's own; what it does goes to stderr, what it measured to stdout, as JSON.
The environment is the one that `tests.bench.__main__` makes.
"""

import json
import statistics
import sys
import time

import django
import psycopg

django.setup()  # before anything below asks for the models

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import RequestFactory, override_settings  # noqa: E402
from django.utils import timezone  # noqa: E402

from aqoci.wsgi import application  # noqa: E402
from members.models import DirectoryChange, Organization  # noqa: E402
from tests.bench.addresses import addresses  # noqa: E402
from tests.happening import populate_happening  # noqa: E402
from tests.population import populate  # noqa: E402

NAMED = "aqoci_bench_"
# Requests of each page before the clock starts.
WARM_UP = 5
# How often a page is asked for just after a change of the directory.
AFTER_CHANGE = 5
# Browsers all ask for compressed pages: compressing is part of the server's time.
HEADERS = {"Accept-Encoding": "gzip"}


def main(size, rounds, explain=False):
    """Fill the database if it is empty, then measure; the result is what `Pages` found."""
    require_own_database()
    fill(size, others=populate_happening)
    json.dump(Pages(rounds, explain).measure(), sys.stdout)


def require_own_database():
    """Stop, unless the database is one of the bench's: a .env file may have had the last word."""
    name = connection.settings_dict["NAME"]
    if not name.startswith(NAMED):
        sys.exit(f"The bench fills databases of its own only, and this one is {name}.")


def say(text, end="\n"):
    """Tell on stderr what is going on."""
    print(text, end=end, file=sys.stderr, flush=True)


# The data


def fill(size, others=lambda: None):
    """Make the tables and `size` generated organizations, unless the database has them already.

    `others` adds what belongs to them.
    """
    call_command("migrate", interactive=False, verbosity=0)
    present = Organization.objects.exclude(kind="institution").count()
    if present not in (0, size):
        sys.exit(f"The database holds {present} organizations, not {size}: drop it first.")
    if not present:
        call_command("load_reference", verbosity=0, stdout=sys.stderr)
        started = time.monotonic()

        def progress(done):
            say(f"\r{done:,} of {size:,} organizations, {time.monotonic() - started:.0f} s", end="")

        populate(size, progress)
        say("")
        others()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


# The clock


def seconds_for(path, expected=200, headers=None):
    """How long the whole of the server's code takes to answer a GET request, and its ETag.

    Through WSGI, from the first middleware to the last byte and the end of the request. Stops
    the bench if the answer's status is not the one expected.
    """
    environ = RequestFactory().get(path, headers={**HEADERS, **(headers or {})}).environ
    answer = {}

    def start_response(status, headers, exc_info=None):
        answer.update(status=int(status.split()[0]), headers=dict(headers))

    started = time.perf_counter()
    response = application(environ, start_response)
    for _chunk in response:
        pass
    response.close()
    elapsed = time.perf_counter() - started
    if answer["status"] != expected:
        sys.exit(f"{path} answers {answer['status']} instead of {expected}.")
    return elapsed, answer["headers"].get("ETag")


class Statements(list):
    """The SQL statements that pass while it is installed, with their parameters in place."""

    def __call__(self, execute, sql, params, many, context):
        self.append(context["connection"].ops.compose_sql(sql, params))
        return execute(sql, params, many, context)


def statements_of(path, headers=None):
    """The SQL statements that the page asks for."""
    statements = Statements()
    with connection.execute_wrapper(statements):
        seconds_for(path, headers=headers)
    return statements


def change():
    """Let the directory have a new version, as a change of any organization would."""
    DirectoryChange.objects.create(changed_at=timezone.now())


def summary(seconds):
    """The median and the 95th percentile of these times, in milliseconds."""
    milliseconds = [1000 * one for one in seconds]
    return {
        "median": statistics.median(milliseconds),
        "p95": statistics.quantiles(milliseconds, n=20, method="inclusive")[-1],
    }


class Pages:
    """Measures each page of `addresses`, `rounds` requests of each."""

    def __init__(self, rounds, explain):
        self.rounds = rounds
        self.explain = explain
        connection.ensure_connection()
        info = connection.connection.info
        # As Django's connection: same server and options, statements not prepared beforehand.
        self.bare = psycopg.connect(
            info.dsn, password=info.password or None, autocommit=True, prepare_threshold=None
        )

    def measure(self):
        """What to report: the facts of the machine, and the times of each page in milliseconds."""
        asked = addresses(self.rounds)
        first, _etag = seconds_for(asked["List"][0])
        return {
            **self.machine(),
            "first": 1000 * first,
            "pages": {page: self.page(page, paths) for page, paths in asked.items()},
            "kept": self.kept(asked["List"][0]),
        }

    def machine(self):
        """The versions of what makes the pages."""
        return {
            "postgresql": self.bare.execute("SHOW server_version").fetchone()[0].split()[0],
            "django": django.get_version(),
        }

    def page(self, name, paths):
        """The queries and times of one page, warm, and its times just after a change."""
        say(f"  {name}…")
        for path in paths[:WARM_UP]:
            seconds_for(path)
        times = [seconds_for(path)[0] for path in paths]
        asked = [statements_of(path) for path in paths]
        bare = [sum(self.seconds_to_fetch(one) for one in statements) for statements in asked]
        # At most once a second, a page also reads the directory's version.
        with override_settings(DIRECTORY_VERSION_SECONDS=0):
            most = max(len(statements_of(path)) for path in paths[:WARM_UP])
            after = []
            for path in paths[:AFTER_CHANGE]:
                change()
                after.append((len(statements_of(path)), self.after_change(path)))
        if self.explain:
            self.explain_slowest(name, asked)
        return {
            **summary(times),
            "queries": max(most, *map(len, asked)),
            "bare": statistics.median(1000 * one for one in bare),
            "after_queries": max(number for number, _seconds in after),
            "after": statistics.median(1000 * seconds for _number, seconds in after),
        }

    def after_change(self, path):
        """Seconds for the first page that is made of a new version of the directory."""
        change()
        return seconds_for(path)[0]

    def seconds_to_fetch(self, statement):
        """How long psycopg alone takes to fetch all the rows of a statement."""
        started = time.perf_counter()
        self.bare.execute(statement).fetchall()
        return time.perf_counter() - started

    def kept(self, path):
        """The times of a page that is already made, sent again or confirmed with a 304."""
        with override_settings(KEEP_PAGES=True):
            _seconds, etag = seconds_for(path)
            again = [seconds_for(path)[0] for _ in range(self.rounds)]
            asked = {"If-None-Match": etag}
            confirmed = [seconds_for(path, 304, asked)[0] for _ in range(self.rounds)]
            with override_settings(DIRECTORY_VERSION_SECONDS=0):
                queries = len(statements_of(path))
        return {
            "page": {**summary(again), "queries": queries},
            "unchanged": {**summary(confirmed), "queries": queries},
        }

    def explain_slowest(self, name, asked):
        """Print the slowest statement of these pages, and how PostgreSQL went about it."""
        times = {one: self.seconds_to_fetch(one) for statements in asked for one in statements}
        if not times:
            return
        slowest = max(times, key=times.get)
        say(f"\n-- {name}: the slowest statement, {1000 * times[slowest]:.1f} ms\n{slowest}\n")
        for (line,) in self.bare.execute(f"EXPLAIN (ANALYZE, BUFFERS) {slowest}"):
            say(line)
        say("")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), "explain" in sys.argv[3:])
