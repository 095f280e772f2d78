"""The importer and the exporter as someone types them."""

import contextlib
import io
import tempfile

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.utils import translation
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from members.models import Organization
from tests.factories import OrganizationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def run(command, *arguments, **options):
    """What the command prints, and the code it ends with."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command(command, *map(str, arguments), stdout=out, stderr=err, **options)
    except SystemExit as end:
        return out.getvalue(), end.code
    assert err.getvalue() == "" or "left out" in err.getvalue()
    return out.getvalue() + err.getvalue(), 0


def written(folder, text, name="liste.csv"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_an_import_says_what_it_did(tmp_path):
    OrganizationFactory(name_fr="Amitié", outside=True)
    path = written(
        tmp_path,
        "name_fr;year_founded;city;region_code;Couleur\n"
        "Amitié;1976;;;bleu\nNeuve;;Saint-Exemple;01;vert\n",
    )
    out, code = run("import_organizations", path)
    assert code == 0
    assert "     2  changed     Amitié\n        year_founded: – → 1976\n" in out
    assert "     3  created     Neuve\n" in out
    assert "New municipality: Saint-Exemple (region 01)" in out
    assert "1 created, 1 changed, 0 unchanged, 0 refused." in out
    assert "not known: Couleur" in out
    out, code = run("import_organizations", path)
    assert (out.splitlines()[0], code) == ("0 created, 0 changed, 2 unchanged, 0 refused.", 0)
    assert "unchanged   Neuve" in run("import_organizations", path, verbosity=2)[0]


def test_a_trial_writes_nothing(tmp_path):
    out, code = run("import_organizations", written(tmp_path, "name_fr\nNeuve\n"), dry_run=True)
    assert "1 created" in out
    assert "trial" in out
    assert code == 0
    assert not Organization.objects.exists()


def test_a_refused_row_stops_it_and_the_code_says_so(tmp_path):
    path = written(tmp_path, "name_fr;neq\nNeuve;\nFausse;123\n")
    out, code = run("import_organizations", path)
    assert code == 1
    assert "     3  refused     Fausse\n        neq: 123 – A NEQ has ten digits" in out
    assert "Nothing was imported" in out
    assert not Organization.objects.exists()
    out, code = run("import_organizations", path, skip_errors=True)
    assert code == 1
    assert Organization.objects.get().name_fr == "Neuve"


def test_a_file_that_is_not_there_or_not_a_table_is_one_sentence(tmp_path):
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_organizations", str(tmp_path / "absent.csv"))
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_organizations", str(tmp_path))
    with pytest.raises(CommandError, match="empty"):
        call_command("import_organizations", str(written(tmp_path, "")))


class AnyBytes(TestCase):
    @hypothesis_settings(
        max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    @given(st.binary(max_size=300) | st.text(max_size=200).map(lambda t: f"name_fr;{t}".encode()))
    def test_no_bytes_end_in_a_traceback(self, content):
        with tempfile.NamedTemporaryFile() as file:
            file.write(content)
            file.flush()
            with contextlib.suppress(CommandError, SystemExit):
                call_command("import_organizations", file.name, stdout=io.StringIO())


def test_a_standard_csv_has_commas_and_no_mark(tmp_path):
    OrganizationFactory(name_fr="Amitié")
    run("export_organizations", tmp_path / "a.csv", dialect="standard")
    content = (tmp_path / "a.csv").read_bytes()
    assert content.startswith(b"name_fr,name_en,")
    assert content.count(b"\r\n") == 2
    out, _code = run("export_organizations")
    assert out.startswith("\ufeffname_fr;name_en;")
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("export_organizations", str(tmp_path / "absent" / "a.csv"))


def test_a_workbook_has_numbers_and_no_formulas(tmp_path):
    OrganizationFactory(name_fr="=1+1", founded_year=1976, mission_fr="a\nb")
    run("export_organizations", tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    row = dict(zip(*([cell.value for cell in line] for line in sheet.iter_rows()), strict=True))
    assert (row["name_fr"], row["year_founded"], row["mission_fr"]) == ("'=1+1", 1976, "a\nb")
    assert "f" not in {cell.data_type for cell in sheet[2]}
