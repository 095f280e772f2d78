"""The importer as django-import-export calls it."""

import pytest
from django.utils import translation

from members.columns import COLUMNS
from members.imports.resource import OrganizationFile, OrganizationResource
from members.models import DirectoryChange, Organization
from tests.factories import OrganizationFactory

pytestmark = pytest.mark.django_db

FILE = "name_fr;year_founded;email\nAmitié;1976;\nNeuve;;info@exemple.org\nPareille;;\n".encode()


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def imported(content, **options):
    dataset = OrganizationFile().create_dataset(content)
    return OrganizationResource().import_data(dataset, file_name="liste.csv", **options)


@pytest.fixture
def known():
    return OrganizationFactory(name_fr="Amitié"), OrganizationFactory(name_fr="Pareille")


def test_a_preview_tells_what_each_row_does_and_writes_nothing(known):
    before = DirectoryChange.objects.count()
    result = imported(FILE, dry_run=True)
    assert [row.import_type for row in result.rows] == ["update", "new", "skip"]
    assert result.diff_headers == ["line", "name_fr", "year_founded", "email"]
    assert result.rows[0].diff == ["2", "Amitié", "<del></del> <ins>1976</ins>", ""]
    assert "<ins>info@exemple.org</ins>" in result.rows[1].diff
    assert DirectoryChange.objects.count() == before


def test_a_confirmed_import_is_applied_once(known, cast):
    result = imported(FILE, user=cast["staff"])
    assert not result.has_errors()
    assert dict(result.totals) == {
        "new": 1,
        "update": 1,
        "delete": 0,
        "skip": 1,
        "error": 0,
        "invalid": 0,
    }
    assert Organization.objects.get(name_fr="Neuve").email == "info@exemple.org"
    event = Organization.objects.get(name_fr="Amitié").events.latest("pgh_id")
    assert event.founded_year == 1976
    assert event.pgh_context.metadata["user"] == cast["staff"].pk


def test_one_refused_row_refuses_the_file(known):
    result = imported(FILE + b"<b>;1066;x\n")
    (row,) = result.invalid_rows
    assert (row.number, set(row.field_specific_errors)) == (4, {"year_founded", "email"})
    assert row.values == (5, "<b>", "1066", "x")
    assert not Organization.objects.filter(name_fr="Neuve").exists()


def test_a_preview_escapes_what_the_file_says():
    result = imported(b"name_fr\n<script>\n", dry_run=True)
    assert result.rows[0].diff[1] == "<ins>&lt;script&gt;</ins>"


def test_an_export_has_our_columns(known):
    OrganizationFactory(name_fr="=1+1", founded_year=1976)
    dataset = OrganizationResource().export(Organization.objects.order_by("pk"))
    assert dataset.headers == [column.key for column in COLUMNS]
    assert dataset.dict[2]["name_fr"] == "'=1+1"
    assert dataset.dict[2]["year_founded"] == 1976
