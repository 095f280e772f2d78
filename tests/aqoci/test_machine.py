"""What the project asks of the machine, and what it says when it is refused."""

import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from aqoci import machine

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture
def taken_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield str(server.getsockname()[1])


def test_a_free_port_is_not_refused():
    with socket.create_server(("127.0.0.1", 0)) as server:
        free = str(server.getsockname()[1])

    assert machine.port_refusal("127.0.0.1", free) == ""
    assert machine.port_refusal("localhost", free) == ""


@pytest.mark.parametrize("port", ["", "abc", "0", "-1", "65536", "80 00", "٣"])
def test_what_is_no_port_is_refused(port):
    assert "n’est pas un numéro de port" in machine.port_refusal("127.0.0.1", port)


@pytest.mark.parametrize("host", ["192.0.2.1", "no.such.host.invalid"])
def test_an_address_of_another_machine_is_refused(host):
    assert "n’est pas une adresse" in machine.port_refusal(host, "8000")


@pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")
def test_make_run_says_in_one_line_that_the_port_is_taken(taken_port):
    run = subprocess.run(
        ["make", "--no-print-directory", "run", f"PORT={taken_port}"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode
    assert len((run.stdout + run.stderr).splitlines()) == 1
    assert f"Le port {taken_port} est déjà pris" in run.stderr
    assert f"PORT={int(taken_port) + 1}" in run.stderr


def program(folder, name, code):
    path = folder / name
    path.write_text(f"#!/bin/sh\nexit {code}\n")
    path.chmod(0o755)
    return str(path)


def test_a_chromium_that_does_not_run_is_passed_over(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(machine, "BROWSERS", tmp_path / "browsers")
    monkeypatch.setattr(machine, "CHROMIUM_NAMES", ("chromium", "google-chrome"))
    program(tmp_path, "chromium", 1)
    assert machine.chromium() is None

    chrome = program(tmp_path, "google-chrome", 0)
    assert machine.chromium() == chrome

    chosen = program(tmp_path, "mine", 0)
    monkeypatch.setenv("CHROMIUM", chosen)
    assert machine.chromium() == chosen


def test_a_downloaded_chromium_is_found(tmp_path, monkeypatch):
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(machine, "BROWSERS", tmp_path)
    monkeypatch.setattr(machine, "CHROMIUM_NAMES", ())
    folder = tmp_path / "chromium-1234" / "chrome-linux64"
    folder.mkdir(parents=True)

    assert machine.chromium() is None
    assert program(folder, "chrome", 0) == machine.chromium()


@pytest.mark.parametrize(
    ("known", "used"), [("true", "chromium-headless-shell"), ("false", "chromium")]
)
def test_root_has_the_lighter_chromium_where_there_is_one(tmp_path, monkeypatch, known, used):
    """A package that is not known, or that cannot be had, leaves the Chromium that is there."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(machine, "_as_root", list)
    program(tmp_path, "chromium", 0)
    made = f"for word; do p=$word; done; echo '#!/bin/sh' >{tmp_path}/$p; chmod +x {tmp_path}/$p"
    for name, line in {"apt-get": f"{known} && {made}", "env": 'shift; "$@"'}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\nPATH=$PATH:/usr/bin:/bin\n{line}\n")
        (tmp_path / name).chmod(0o755)

    assert machine.main(["chromium"]) == 0
    assert machine.chromium() == str(tmp_path / used)


def test_without_a_package_manager_or_a_download_it_says_what_to_do(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(machine, "chromium", lambda: None)
    monkeypatch.setattr(machine.sys, "executable", program(tmp_path, "python", 1))

    assert machine.main(["chromium"]) == 1
    assert machine.main(["gettext"]) == 1
    said = capfd.readouterr().err
    assert "apt install chromium" in said
    assert "apt install gettext" in said
