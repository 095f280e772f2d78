"""Measures the pages at several sizes: `make bench`, or `python -m tests.bench --help`."""
