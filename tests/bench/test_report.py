"""The tables that `make bench` prints."""

from tests.bench import report

TIMES = {"queries": 2, "median": 9.0, "p95": 12.34, "bare": 4.5, "after_queries": 4, "after": 0.123}
FOUND = {
    "first": 40.0,
    "pages": {"List": TIMES, "Home": {**TIMES, "bare": 0}},
    "kept": {
        "page": {"median": 0.1, "p95": 0.2, "queries": 1},
        "unchanged": {"median": 0.05, "p95": 0.06, "queries": 1},
    },
    "throughput": {"live": 151.2, "kept": 2500.0, "unchanged": 3691.0, "memory": None},
}


def test_a_size_is_told_as_aligned_text():
    said = report.of_one_size(10_000, FOUND)
    assert "10\N{NO-BREAK SPACE}000 organizations" in said
    assert "List 2 9.0 12 4.5 2.0 4 0.12".split() in [line.split() for line in said.splitlines()]
    assert "Home 2 9.0 12 – – 4 0.12".split() in [line.split() for line in said.splitlines()]


def test_markdown_has_a_column_for_each_size():
    said = report.markdown({64: FOUND, 10_000: FOUND})
    assert "| List | 2 | 9.0 · 12 · 2.0 | 9.0 · 12 · 2.0 |" in said
    assert (
        "| List, unchanged, confirmed (304) | 3\N{NO-BREAK SPACE}691 | 3\N{NO-BREAK SPACE}691 |"
        in said
    )
    assert "| Memory of a worker, MB | – | – |" in said
    tables = [block.splitlines() for block in said.split("\n\n") if block.startswith("|")]
    for lines in tables:
        assert len({line.count("|") for line in lines}) == 1


def test_without_gunicorn_there_is_no_table_of_it():
    found = {name: value for name, value in FOUND.items() if name != "throughput"}
    assert "gunicorn" not in report.markdown({64: found})
    assert "gunicorn" not in report.of_one_size(64, found)


def test_the_staffs_pages_have_a_table_of_their_own():
    at = {"pages": {"Dashboard": {"queries": 9, "median": 80.4, "p95": 101.0}}}
    said = report.workshop_markdown({100: at, 10_000: at})
    assert "| Dashboard | 9 / 9 | 80 · 101 | 80 · 101 |" in said
    assert len({line.count("|") for line in said.splitlines()}) == 1
    assert "Dashboard 9 80 101".split() in [
        line.split() for line in report.workshop_of_one_size(100, at).splitlines()
    ]
