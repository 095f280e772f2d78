"""What the machine must offer the project besides Python: a free port, Chromium, GNU gettext.

    python -m aqoci.machine port HOST PORT    says in one line why the port cannot be had, if so
    python -m aqoci.machine chromium          finds Chromium or installs it, for the browser tests
    python -m aqoci.machine gettext           finds GNU gettext or installs it, for `make messages`

`port` runs before anything is installed, on any Python 3: standard library only, and plain syntax.
"""

import errno
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

# Playwright's own download goes here when the system has no Chromium.
BROWSERS = Path(__file__).resolve().parent.parent / ".data" / "browsers"

# Chromium without a window to draw: a third less work for the tests, and the same pages.
HEADLESS = "chromium-headless-shell"
CHROMIUM_NAMES = (
    HEADLESS,
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def port_refusal(host, port):
    """Why this address cannot be listened on, as one French line; "" when it can."""
    if not (port.isascii() and port.isdigit()) or not 0 < int(port) < 65536:
        return f"PORT={port} n’est pas un numéro de port (de 1 à 65535)"
    try:
        found = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM)
        family, kind, protocol, _name, address = found[0]
        with socket.socket(family, kind, protocol) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen()
    except socket.gaierror:
        return f"HOST={host} n’est pas une adresse de cette machine"
    except OSError as error:
        return {
            errno.EADDRINUSE: f"Le port {port} est déjà pris par un autre programme : "
            f"choisissez-en un autre, par exemple make run PORT={int(port) % 65535 + 1}",
            errno.EACCES: f"Le port {port} est réservé à root : essayez make run PORT=8000",
            errno.EADDRNOTAVAIL: f"HOST={host} n’est pas une adresse de cette machine",
        }.get(error.errno, f"Impossible d’écouter sur {host}:{port} ({error.strerror})")
    return ""


def chromium():
    """The path of a Chromium or Chrome that runs; None if there is none.

    The CHROMIUM variable comes first, then the system's, then Playwright's own download.
    """
    downloads = [
        *BROWSERS.glob("chromium-*/chrome-linux*/chrome"),
        *BROWSERS.glob("chromium-*/chrome-mac*/*.app/Contents/MacOS/*"),
    ]
    for name in (os.environ.get("CHROMIUM", ""), *CHROMIUM_NAMES, *sorted(downloads, reverse=True)):
        program = shutil.which(str(name)) if name else None
        if program and _runs(program, "--version"):
            return program
    return None


def install_chromium():
    """Find Chromium or install it, by the package manager or else by Playwright. True if had."""
    if found := chromium():
        # Whoever chose one, or may not install, keeps it; the lists of packages do as they are.
        if not os.environ.get("CHROMIUM") and HEADLESS not in found and _as_root() == []:
            _apt_install(HEADLESS, update=False)
        return True
    print("Chromium manque pour les essais dans un navigateur : installation…", flush=True)
    # Ubuntu's package only leads to a snap, which containers cannot run.
    if not _is_ubuntu():
        for package in (HEADLESS, "chromium"):
            if _apt_install(package, "fonts-liberation") and chromium():
                return True
    playwright = [sys.executable, "-m", "playwright"]
    environment = {**os.environ, "PLAYWRIGHT_BROWSERS_PATH": str(BROWSERS)}
    if _as_root() is not None:
        command = [*_as_root(), *playwright, "install-deps", "chromium"]
        subprocess.run(command, check=False, env=environment)
    subprocess.run([*playwright, "install", "chromium"], check=False, env=environment)
    if chromium():
        return True
    print(
        "Chromium n’a pas pu être installé. Installez Chromium ou Chrome (sous Debian : "
        "apt install chromium), ou donnez son chemin dans la variable CHROMIUM, puis relancez "
        "make test.",
        file=sys.stderr,
    )
    return False


def install_gettext():
    """Find GNU gettext or install it by the package manager. True if had."""
    if shutil.which("xgettext") and shutil.which("msgfmt"):
        return True
    print("GNU gettext manque : installation…", flush=True)
    if _apt_install("gettext") and shutil.which("xgettext"):
        return True
    print(
        "GNU gettext n’a pas pu être installé (sous Debian : apt install gettext). "
        "Les catalogues de traduction ne peuvent être ni refaits ni comparés au code.",
        file=sys.stderr,
    )
    return False


def _runs(*command, timeout=60):
    try:
        done = subprocess.run(command, check=False, capture_output=True, timeout=timeout)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _is_ubuntu():
    try:
        return "ID=ubuntu" in Path("/etc/os-release").read_text().splitlines()
    except OSError:
        return False


def _as_root():
    """The words that run a command as root: none for root, sudo without a password, or None."""
    if os.geteuid() == 0:
        return []
    return ["sudo", "-n"] if _runs("sudo", "-n", "true") else None


def _apt_install(*packages, update=True):
    """Install Debian packages, where there is apt and the right to use it.

    Without `update`, those that the machine knows of, or none, and nothing is said.
    """
    as_root = _as_root()
    if as_root is None or not shutil.which("apt-get"):
        return False
    apt = [*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    install = [*apt, "install", "-y", "--no-install-recommends", *packages]
    if not update:
        return _runs(*install, timeout=120)
    subprocess.run([*apt, "update"], check=False)
    # What apt tells goes to stderr: whoever waits sees it, and stdout stays ours.
    return subprocess.run(install, check=False, stdout=sys.stderr).returncode == 0


def main(words):
    if words[:1] == ["port"] and len(words) == 3:
        refusal = port_refusal(*words[1:])
        if refusal:
            print(refusal)
        return bool(refusal)
    if words == ["chromium"]:
        return not install_chromium()
    if words == ["gettext"]:
        return not install_gettext()
    print("Usage : python -m aqoci.machine port HOST PORT|chromium|gettext", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
