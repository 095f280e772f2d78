"""The bench's databases: made, kept when asked, dropped whatever happens."""

import os

import psycopg
import pytest

from aqoci import database
from tests.bench import __main__ as bench

NAME = "aqoci_bench_of_the_tests"

# Asked for now: tests of the development database put others in its place.
SERVER = os.environ.get("DATABASE_URL") or database.start()


@pytest.fixture
def server():
    yield SERVER
    with psycopg.connect(bench.on(SERVER, None), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")


def exists(server):
    with psycopg.connect(bench.on(server, None)) as connection:
        return bool(
            connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone()
        )


def test_a_database_is_dropped_even_after_an_error(server):
    def interrupted():
        with bench.throw_away(server, NAME, keep=False) as address:
            with psycopg.connect(address) as connection:
                assert connection.info.dbname == NAME
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not exists(server)


def test_a_kept_database_is_used_again(server):
    with (
        bench.throw_away(server, NAME, keep=True) as address,
        psycopg.connect(address) as connection,
    ):
        connection.execute("CREATE TABLE mark ()")
    assert exists(server)
    with (
        bench.throw_away(server, NAME, keep=True) as address,
        psycopg.connect(address) as connection,
    ):
        connection.execute("TABLE mark")
    with (
        bench.throw_away(server, NAME, keep=False) as address,
        psycopg.connect(address) as connection,
        pytest.raises(psycopg.errors.UndefinedTable),
    ):
        connection.execute("TABLE mark")
    assert not exists(server)


def test_the_environment_is_production_s_and_its_own(monkeypatch):
    monkeypatch.setenv("DATABASE_URL_FILE", "elsewhere")
    monkeypatch.setenv("DEBUG", "1")
    made = bench.environment("postgresql:///aqoci_bench_1", "static")
    assert made["DEBUG"] == made["SECURE_SSL"] == made["KEEP_PAGES"] == "0"
    assert made["DATABASE_URL"] == "postgresql:///aqoci_bench_1"
    assert "DATABASE_URL_FILE" not in made


@pytest.mark.parametrize("words", [["--sizes", "0"], ["--sizes", "many"], ["--rounds", "1"]])
def test_words_that_mean_nothing_are_refused(words, capsys):
    with pytest.raises(SystemExit) as refusal:
        bench.main(words)
    assert refusal.value.code == 2
    assert "invalid" in capsys.readouterr().err
