"""Makes organizations in throw-away databases, and says how fast the pages of them are.

    python -m tests.bench [--sizes 64,10000] [--workshop-sizes 100,10000]
                          [--only directory|workshop] [--markdown] [--explain] [--keep] …

The databases are made on the server of DATABASE_URL, or on the development one, and dropped at the
end. Times are told and never judged: the exit status only says whether everything could be done.
What it prints on stdout is in English, for the README.
"""

import argparse
import contextlib
import json
import os
import platform
import secrets
import signal
import subprocess
import sys
import tempfile
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from aqoci import database
from tests.bench import report, throughput

SIZES = "64,10000,100000"
WORKSHOP_SIZES = "100,10000"
NAMED = "aqoci_bench_"
LISTED = "/organismes/"
# What visitors see and what staff see, and the module that measures each.
ROOMS = {"directory": "tests.bench.pages", "workshop": "tests.bench.workshop"}


def main(words=None):
    """Measure each size in turn, and print what was found."""
    options = parser().parse_args(words)
    # Being told to stop leaves nothing behind either.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    server = os.environ.get("DATABASE_URL") or database.start()
    with tempfile.TemporaryDirectory(prefix="aqoci-bench-") as static:
        collect_static(static, server)
        directory, workshop = (
            measured(room, server, static, options) if options.only in (None, room) else {}
            for room in ROOMS
        )
    if options.markdown:
        tables = [report.markdown(directory)] if directory else []
        tables += [report.workshop_markdown(workshop)] if workshop else []
        print("\n\n".join(tables), end="\n\n")
    print(machine({**workshop, **directory}, throughput_too=bool(directory) and options.throughput))


def measured(room, server, static, options):
    """What was found at each size in one of ROOMS, printed as it comes unless in Markdown."""
    found = {}
    for size in options.sizes if room == "directory" else options.workshop_sizes:
        print(f"{size:,} organizations, {room}", file=sys.stderr, flush=True)
        name = f"{NAMED}{size}" if room == "directory" else f"{NAMED}{room}_{size}"
        with throw_away(server, name, options.keep) as address:
            found[size] = measure(room, size, environment(address, static), options)
        if not options.markdown:
            tell = report.of_one_size if room == "directory" else report.workshop_of_one_size
            print(tell(size, found[size]), flush=True)
    return found


def parser():
    """The command line's words."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--sizes", type=sizes, default=SIZES, help=f"organizations ({SIZES})")
    parser.add_argument(
        "--workshop-sizes",
        type=sizes,
        default=WORKSHOP_SIZES,
        help=f"organizations behind the staff's pages ({WORKSHOP_SIZES})",
    )
    parser.add_argument("--only", choices=ROOMS, help="the public pages, or the staff's")
    parser.add_argument("--rounds", type=rounds, default=42, help="requests of each page (42)")
    parser.add_argument("--seconds", type=int, default=5, help="of each throughput run (5)")
    parser.add_argument(
        "--no-throughput", dest="throughput", action="store_false", help="leave gunicorn out"
    )
    parser.add_argument("--explain", action="store_true", help="the slowest statements' plans")
    parser.add_argument("--markdown", action="store_true", help="tables for the README")
    parser.add_argument(
        "--keep", action="store_true", help="keep the databases for another run of the same code"
    )
    return parser


def sizes(words):
    """The numbers of organizations in "64,10000"."""
    found = [int(word) for word in words.split(",")]
    if min(found) < 1:
        raise ValueError
    return found


def rounds(word):
    """A number of requests that has a median and a 95th percentile."""
    number = int(word)
    if number < 2:
        raise ValueError
    return number


# Where it happens


@contextlib.contextmanager
def throw_away(server, name, keep):
    """The address of a database of that name on the server, dropped afterwards unless kept.

    One that an earlier run kept is used again with `keep`, and made anew without.
    """
    known = sql.Identifier(name)
    with psycopg.connect(on(server, None), autocommit=True) as connection:
        if not keep:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(known))
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if not found.fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {}").format(known))
    try:
        yield on(server, name)
    finally:
        if not keep:
            with psycopg.connect(on(server, None), autocommit=True) as connection:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(known))


def on(server, name):
    """The address of the database `name` on that server; of the one it already names if None."""
    parts = urlsplit(server)._replace(scheme="postgresql")
    return urlunsplit(parts._replace(path=f"/{name}") if name else parts)


def environment(address, static):
    """The environment of production, for that database."""
    ours = {
        "DJANGO_SETTINGS_MODULE": "tests.bench.settings",
        "DATABASE_URL": address,
        "BENCH_STATIC_ROOT": static,
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "*",
        "DEBUG": "0",
        "SECURE_SSL": "0",
        "KEEP_PAGES": "0",  # or the second request of a page would not make it
        "DIRECTORY_VERSION_SECONDS": "1",
        "DEMONSTRATION": "0",
        "SITE_URL": "",
        "EMAIL_URL": "dummymail://",
    }
    # A secret in a file would win over ours.
    others = {
        name: value for name, value in os.environ.items() if name.removesuffix("_FILE") not in ours
    }
    return {**others, **ours}


def collect_static(folder, server):
    """Gather and compress the static files, as a production site has them."""
    subprocess.run(
        [sys.executable, "-m", "django", "collectstatic", "--no-input", "--verbosity", "0"],
        check=True,
        env=environment(server, folder),
    )


def measure(room, size, environment, options):
    """What `pages` or `workshop`, and `throughput`, find in one database."""
    command = [sys.executable, "-m", ROOMS[room], str(size), str(options.rounds)]
    child = subprocess.Popen(
        command + ["explain"] * options.explain, env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        said, _ = child.communicate()
    finally:
        child.terminate()
        child.wait()
    if child.returncode < 0:
        sys.exit(f"The measuring process was ended by {signal.Signals(-child.returncode).name}.")
    if child.returncode:
        sys.exit(child.returncode)
    found = json.loads(said)
    if options.throughput and room == "directory":
        print("  gunicorn…", file=sys.stderr, flush=True)
        found["throughput"] = throughput.measure(environment, LISTED, options.seconds)
    return found


def machine(found, throughput_too):
    """What it was measured on, in one sentence."""
    some = next(iter(found.values()))
    told = (
        f"{os.cpu_count()} processors, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, Django {some['django']}, "
        f"PostgreSQL {some['postgresql']}; "
    )
    if throughput_too:
        told += (
            f"throughput by {throughput.tool()}, {throughput.CONNECTIONS} connections, "
            "on the same machine; "
        )
    return f"{told}load average at the end: {os.getloadavg()[0]:.1f}."


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
