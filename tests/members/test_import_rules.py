"""What each row of a file does, and what is refused."""

import contextlib
import datetime

import pytest
from django.db import connection
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from members.columns import COLUMNS, prefetched
from members.imports import DirectoryMoved, ImportFailed, plan
from members.imports.plan import plan_lines
from members.imports.read import Line, tidy
from members.imports.write import csv_lines
from members.models import (
    DirectoryChange,
    FormerSlug,
    Identifier,
    Membership,
    Organization,
)
from regions.models import Municipality
from tests.factories import MembershipFactory, OrganizationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def planned(*rows):
    """The plan of rows given as {column: text}, the first of them on line 2."""
    return plan_lines([Line(number, dict(row)) for number, row in enumerate(rows, 2)])


def imported(*rows):
    result = planned(*rows)
    assert [(row.line, row.problems) for row in result.refused] == []
    result.apply()
    return result


def only(**fields):
    return Organization.objects.get(**fields)


def problems(*rows):
    return [
        (row.line, problem.column, problem.reason)
        for row in planned(*rows).refused
        for problem in row.problems
    ]


# What is written


def test_a_new_organization_has_all_that_its_row_says():
    imported(
        {
            "name_fr": "  L'Amitié   en route ",
            "name_en": "Friendship on the Road",
            "acronym": "AR",
            "other_names": "former:Rallye; working:Amitié;acronym:A.E.R.; Sans genre",
            "city": "sherbrooke",
            "address": "14, rue  du Quai",
            "postal_code": "j1h 2b3",
            "website": "https://exemple.org",
            "email": "info@exemple.org",
            "phone": "(819) 555-0111, poste 12",
            "year_founded": "1976",
            "themes": "sante; Égalité des genres",
            "countries": "HT, Mali; Burkina Faso",
            "active_regions": "6;Laval",
            "neq": "1181 440 711",
            "charity_number": "88780 2981 RR 0001",
            "mission_fr": "Une ligne\n\nune autre",
            "membership": "confirmed",
            "member_source": "https://exemple.org/membres",
            "source": "https://exemple.org/a",
            "as_of": "2024",
            "last_confirmed_on": "2026-09-14",
        }
    )
    new = only()
    assert new.name_fr == "L'Amitié en route"
    assert new.slug == "l-amitie-en-route"
    assert (new.municipality.name, new.region_id) == ("Sherbrooke", "05")
    assert (new.postal_code, new.phone.as_e164, new.phone_extension) == (
        "J1H2B3",
        "+18195550111",
        "12",
    )
    assert (new.address, new.founded_year, new.closed_year) == ("14, rue du Quai", 1976, None)
    assert new.mission_fr == "Une ligne\n\nune autre"
    assert {theme.slug for theme in new.themes.all()} == {"sante", "egalite-genres"}
    assert {country.code for country in new.countries.all()} == {"HT", "ML", "BF"}
    assert {region.code for region in new.active_regions.all()} == {"06", "13"}
    assert {(i.scheme, i.value) for i in new.identifiers.all()} == {
        ("neq", "1181440711"),
        ("charity", "887802981RR0001"),
    }
    assert {(o.kind, o.name) for o in new.other_names.all()} == {
        ("former", "Rallye"),
        ("working", "Amitié"),
        ("acronym", "A.E.R."),
        ("former", "Sans genre"),
    }
    membership = new.memberships.get()
    assert (membership.confirmed, membership.source_url) == (True, "https://exemple.org/membres")
    assert (new.source_url, new.as_of) == ("https://exemple.org/a", 2024)
    assert new.last_confirmed_on == datetime.date(2026, 9, 14)
    assert new.entry.region_id == "05"
    assert list(Organization.objects.members()) == [new]


def test_a_known_organization_changes_where_the_row_differs():
    amie = OrganizationFactory(
        name_fr="L’AMIE", town="Sherbrooke", themes=["sante"], other_names=["Rallye"]
    )
    before = amie.updated_at
    result = imported(
        {
            "name_fr": "L'amie",
            "themes": "enfance;sante",
            "year_founded": "1976",
            "city": "Québec",
            "other_names": "working:Amie",
            "email": "info@exemple.org",
        }
    )
    assert {str(change) for change in result.changed[0].changes} == {
        "name_fr: L’AMIE → L'amie",
        "themes: sante → enfance;sante",
        "year_founded: – → 1976",
        "city: Sherbrooke → Québec",
        "region_code: 05 → 03",
        "other_names: former:Rallye → former:Rallye;working:Amie",
        "email: – → info@exemple.org",
    }
    amie.refresh_from_db()
    assert (amie.name_fr, amie.founded_year, amie.region_id) == ("L'amie", 1976, "03")
    assert amie.updated_at > before
    assert amie.slug == "l-amie"
    assert amie.other_names.count() == 2
    assert {"amie", "rallye"} <= set(amie.entry.exact)


def test_an_empty_cell_and_an_absent_column_erase_nothing():
    OrganizationFactory(name_fr="Amitié", acronym="AMI", themes=["sante"], founded_year=1976)
    content = "name_fr;acronym;themes;city\nAmitié;;;\n".encode()
    result = plan(content)
    assert (len(result.unchanged), result.changed, result.refused) == (1, [], [])


def test_a_second_import_changes_nothing():
    row = {"name_fr": "Amitié", "acronym": "AMI", "membership": "inferred", "city": "Alma"}
    imported(row)
    version = DirectoryChange.objects.count()
    result = imported(row)
    assert len(result.unchanged) == 1
    assert DirectoryChange.objects.count() == version


def test_apostrophes_and_spaces_of_another_shape_change_nothing():
    OrganizationFactory(name_fr="L’Équité d’ici", summary_fr="Elle dit : « oui »")
    result = imported({"name_fr": "L'Équité d'ici", "summary_fr": "Elle dit : « oui »"})
    assert len(result.unchanged) == 1


def test_themes_and_countries_that_are_given_replace_the_former_ones():
    amitie = OrganizationFactory(name_fr="Amitié", themes=["sante"], countries=["HT", "ML"])
    imported({"name_fr": "Amitié", "themes": "enfance", "countries": "ML;PE"})
    assert [theme.slug for theme in amitie.themes.all()] == ["enfance"]
    assert {country.code for country in amitie.countries.all()} == {"ML", "PE"}


def test_a_number_is_corrected_where_the_page_address_says_which():
    amitie = OrganizationFactory(name_fr="Amitié")
    Identifier.objects.create(organization=amitie, scheme="neq", value="1181440711")
    assert problems({"name_fr": "Amitié", "neq": "1144071118"})[0][1] == "neq"
    imported({"name_fr": "Amitié", "neq": "1144071118", "slug": "amitie"})
    assert amitie.identifiers.get().value == "1144071118"


def test_a_region_may_be_given_by_name_alone():
    imported({"name_fr": "Amitié", "region": "Estrie"})
    assert only().region_id == "05"


def test_an_unknown_municipality_is_added_in_the_region_given_once():
    result = planned(
        {"name_fr": "A", "city": "Saint-Exemple", "region_code": "1"},
        {"name_fr": "B", "city": "saint exemple", "region_code": "01"},
    )
    assert [town.name for town in result.new_municipalities] == ["Saint-Exemple"]
    result.apply()
    town = Municipality.objects.get(name="Saint-Exemple")
    assert town.region_id == "01"
    assert town.organizations.count() == 2


def test_history_tells_who_imported_what(cast):
    result = planned({"name_fr": "Amitié", "membership": "confirmed"})
    result.name = "liste.csv"
    result.apply(by=cast["staff"])
    event = only().events.get()
    assert event.pgh_context.metadata == {"file": "liste.csv", "user": cast["staff"].pk}


def test_page_addresses_are_unique_and_never_another_s():
    former = OrganizationFactory(name_fr="Carrefour")
    former.slug = "autre"
    former.save()
    assert FormerSlug.objects.get().slug == "carrefour"
    former.name_fr = "Autre"
    former.save()
    long = "Carrefour " * 15
    imported({"name_fr": "Carrefour"}, {"name_fr": f"{long} nord"}, {"name_fr": f"{long} sud"})
    slugs = [organization.slug for organization in Organization.objects.order_by("pk")]
    assert slugs[:2] == ["autre", "carrefour-2"]
    assert slugs[3] == f"{slugs[2]}-2"


def test_an_export_brought_to_another_site_keeps_its_page_addresses():
    imported({"name_fr": "Carrefour", "slug": "carrefour-2"})
    assert only().slug == "carrefour-2"
    assert problems({"name_fr": "Autre", "slug": "a b"})[0][1] == "slug"


@pytest.mark.parametrize(
    "written",
    [
        "514 555-0111 poste 12",
        "514-555-0111, Poste: 12",
        "(514) 555-0111 p. 12",
        "5145550111x12",
        "+1 514 555-0111 ext. 12",
        "514.555.0111 #12",
        "514 555-0111 poste12",
    ],
)
def test_an_extension_is_written_in_many_ways(written):
    imported({"name_fr": "Amitié", "phone": written})
    assert (only().phone.as_e164, only().phone_extension) == ("+15145550111", "12")


# Which organization it is


@pytest.mark.parametrize(
    "row",
    [
        {"name_fr": "CENTRE D'EDUCATION  DE L ILE"},
        {"name_fr": "Centre d’éducation de l’Île", "city": "Québec"},
        {"name_fr": "Island Education Centre"},
        {"name_fr": "Rallye Tiers-Monde"},
        {"name_fr": "C.É.Î."},
        {"name_fr": "Centre d’éducation", "acronym": "CEI"},
        {"name_fr": "Tout autre nom", "neq": "1181440711"},
        {"name_fr": "Tout autre nom", "slug": "centre-d-education-de-l-ile"},
        {"name_fr": "Nouveau nom", "other_names": "former:Centre d’éducation de l’Île"},
    ],
)
def test_an_organization_is_recognized(row):
    centre = OrganizationFactory(
        name_fr="Centre d’éducation de l’Île",
        name_en="Island Education Centre",
        acronym="CÉÎ",
        town="Sherbrooke",
        other_names=["Rallye Tiers-Monde"],
    )
    Identifier.objects.create(organization=centre, scheme="neq", value="1181440711")
    result = planned(row)
    assert not result.refused
    assert [r.organization_id for r in result.rows] == [centre.pk]


@pytest.mark.parametrize(
    "row",
    [
        {"name_fr": "Comité d’entraide", "acronym": "CEI"},
        {"name_fr": "Centre d’éducation", "acronym": "CEI", "city": "Québec"},
        {"name_fr": "Centre d’éducation"},
    ],
)
def test_another_organization_is_a_new_one(row):
    OrganizationFactory(name_fr="Centre d’éducation de l’Île", acronym="CÉÎ", town="Sherbrooke")
    assert len(planned(row).created) == 1


def test_three_that_share_an_acronym_are_recognized_by_name_only():
    names = [
        "Carrefour de solidarité internationale",
        "Collaboration Santé Internationale",
        "Centre de solidarité internationale du Lac",
    ]
    csi = [OrganizationFactory(name_fr=name, acronym="CSI") for name in names]
    result = planned(*({"name_fr": name.upper(), "acronym": "CSI"} for name in names))
    assert [row.organization_id for row in result.rows] == [o.pk for o in csi]
    result = planned({"name_fr": "Centre de solidarité internationale", "acronym": "CSI"})
    assert len(result.created) == 1
    ((_line, column, reason),) = problems({"name_fr": "C.S.I."})
    assert column == "name_fr"
    assert all(name in reason for name in names)


def test_namesakes_are_told_apart_by_region_or_refused():
    first = OrganizationFactory(name_fr="Carrefour", town="Sherbrooke")
    OrganizationFactory(name_fr="Carrefour", town="Québec")
    (row,) = planned({"name_fr": "Carrefour", "region_code": "05"}).rows
    assert row.organization_id == first.pk
    ((_line, column, _reason),) = problems({"name_fr": "Carrefour"})
    assert column == "name_fr"


def test_an_older_name_in_the_file_renames_nothing():
    amitie = OrganizationFactory(name_fr="Amitié", acronym="AMI", other_names=["Rallye"])
    imported({"name_fr": "Rallye", "founded_year": "", "year_founded": "1976"})
    imported({"name_fr": "AMI", "closed_year": "1999"})
    amitie.refresh_from_db()
    assert (amitie.name_fr, amitie.founded_year, amitie.closed_year) == ("Amitié", 1976, 1999)


def test_two_rows_of_one_organization_are_refused_the_second_time():
    OrganizationFactory(name_fr="Amitié", acronym="AMI")
    found = problems(
        {"name_fr": "Amitié"}, {"name_fr": "AMITIE"}, {"name_fr": "Neuf"}, {"name_fr": "neuf"}
    )
    assert [(line, column) for line, column, _reason in found] == [(3, "name_fr"), (5, "name_fr")]
    assert "2" in found[0][2]
    assert "4" in found[1][2]


def test_numbers_of_two_organizations_contradict_each_other():
    first, second = OrganizationFactory(), OrganizationFactory()
    Identifier.objects.create(organization=first, scheme="neq", value="1181440711")
    Identifier.objects.create(organization=second, scheme="charity", value="887802981RR0001")
    row = {"name_fr": "X", "neq": "1181440711", "charity_number": "887802981RR0001"}
    assert problems(row)[0][1] in ("neq", "charity_number")
    row = {"name_fr": first.name_fr, "slug": first.slug, "charity_number": "887802981RR0001"}
    assert problems(row)[0][1] == "charity_number"


# What is refused


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("themes", "sante;sorcellerie"),
        ("countries", "HT;Atlantide"),
        ("countries", "Congo"),
        ("region_code", "18"),
        ("active_regions", "Acadie"),
        ("city", "Saint-Nullepart"),
        ("city", "…"),
        ("neq", "9981440711"),
        ("charity_number", "887802982RR0001"),
        ("charity_number", "887802981RC0001"),
        ("corporation_number", "12"),
        ("year_founded", "1066"),
        ("year_founded", "vers 1976"),
        ("closed_year", "2999"),
        ("as_of", "20 24"),
        ("last_confirmed_on", "14 septembre"),
        ("website", "exemple.org"),
        ("website", "ftp://exemple.org"),
        ("website", "javascript:alert(1)"),
        ("source", "une page"),
        ("member_source", "une page"),
        ("email", "info chez exemple.org"),
        ("phone", "123"),
        ("phone", "poste 12"),
        ("phone", "514 555-0111 poste 123456789"),
        ("postal_code", "90210"),
        ("membership", "peut-être"),
        ("other_names", "former:…"),
        ("other_names", "x" * 201),
        ("name_fr", "x" * 201),
        ("acronym", "x" * 31),
        ("summary_fr", "x" * 401),
        ("mission_fr", "x" * 4001),
    ],
)
def test_a_wrong_value_is_refused_at_its_column(column, value):
    row = {"name_fr": "Amitié", "membership": "confirmed", column: value}
    ((line, at, reason),) = problems(row)
    assert (line, at) == (2, column)
    assert reason
    with pytest.raises(ImportFailed):
        planned(row).apply()
    assert not Organization.objects.exists()


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ({"year_founded": "1990", "closed_year": "1980"}, "year_founded", "closed before"),
        ({"city": "Sherbrooke", "region_code": "06"}, "city", "05 Estrie"),
        ({"name_fr": "", "name_en": "English only"}, "name_fr", "French"),
    ],
)
def test_values_that_do_not_go_together_are_refused(row, column, reason):
    row = {key: text for key, text in ({"name_fr": "Amitié"} | row).items() if text}
    ((_line, at, why),) = problems(row)
    assert at == column
    assert reason in why


def test_a_change_that_does_not_go_with_what_is_there_is_refused():
    OrganizationFactory(name_fr="Amitié", founded_year=1990, town="Sherbrooke")
    ((_line, column, reason),) = problems({"name_fr": "Amitié", "closed_year": "1980"})
    assert (column, reason) == ("closed_year", "The organization closed before it was founded.")
    ((_line, column, reason),) = problems({"name_fr": "Amitié", "region_code": "06"})
    assert column == "region_code"
    assert "Sherbrooke" in reason


def test_every_problem_of_a_row_is_told():
    found = problems({"name_fr": "A", "neq": "1", "email": "x", "themes": "x", "website": "x"})
    assert {column for _line, column, _reason in found} == {"neq", "email", "themes", "website"}


def test_reasons_are_in_french_for_who_reads_french():
    with translation.override("fr"):
        ((_line, _column, reason),) = problems({"name_fr": "A", "email": "x"})
    assert "Saisissez" in reason or "valide" in reason


def test_refused_rows_stop_the_import_unless_they_are_to_be_left_out():
    result = planned({"name_fr": "Bonne"}, {"name_fr": "Mauvaise", "email": "x"})
    with pytest.raises(ImportFailed):
        result.apply()
    assert not Organization.objects.exists()
    result.apply(skip_errors=True)
    assert only().name_fr == "Bonne"


# Memberships


def test_a_membership_is_added_confirmed_or_put_in_doubt():
    amitie = OrganizationFactory(name_fr="Amitié", outside=True)
    source = "https://exemple.org/membres"
    imported({"name_fr": "Amitié", "membership": "inferred"})
    assert not amitie.memberships.get().confirmed
    imported({"name_fr": "Amitié", "membership": "Confirmed", "member_source": source})
    membership = amitie.memberships.get()
    assert (membership.confirmed, membership.source_url) == (True, source)
    result = imported({"name_fr": "Amitié", "membership": "unverified"})
    assert str(result.changed[0].changes[0]) == "membership: confirmed → unverified"
    assert not amitie.memberships.get().confirmed


def test_former_and_none_make_no_membership():
    imported(
        {"name_fr": "A", "membership": "former", "closed_year": "2018"},
        {"name_fr": "B", "membership": "none"},
        {"name_fr": "C"},
    )
    assert not Membership.objects.exists()
    assert Organization.objects.get(name_fr="A").closed_year == 2018


def test_an_import_neither_ends_nor_renews_a_membership():
    OrganizationFactory(name_fr="Membre")
    OrganizationFactory(name_fr="Ancien", lapsed=True)
    OrganizationFactory(name_fr="Dehors", outside=True)
    found = problems(
        {"name_fr": "Membre", "membership": "former"},
        {"name_fr": "Ancien", "membership": "confirmed"},
        {"name_fr": "Dehors", "member_source": "https://exemple.org"},
    )
    assert [(line, column) for line, column, _reason in found] == [
        (2, "membership"),
        (3, "membership"),
        (4, "member_source"),
    ]
    result = planned(
        {"name_fr": "Ancien", "membership": "former"}, {"name_fr": "Dehors", "membership": "none"}
    )
    assert len(result.unchanged) == 2


def test_a_membership_that_is_still_to_come_is_left_to_a_person():
    later = OrganizationFactory(name_fr="Bientôt", outside=True)
    MembershipFactory(
        organization=later, started_on=timezone.localdate() + datetime.timedelta(days=30)
    )
    assert problems({"name_fr": "Bientôt", "membership": "confirmed"})[0][1] == "membership"


# Round trips and numbers


def test_an_export_read_again_changes_nothing():
    amie = OrganizationFactory(
        name_fr='=L’AMIE; « un » "deux"',
        name_en="-Friend",
        acronym="+A",
        town="Sherbrooke",
        postal_code="H2X1Y6",
        phone="+33 1 42 34 56 78",
        phone_extension="12",
        themes=["sante", "enfance"],
        countries=["HT"],
        other_names=["Ancien ; nom", "'=x"],
        mission_fr="Une ligne\n\n- une autre",
        last_confirmed_on=datetime.date(2026, 9, 14),
    )
    Identifier.objects.create(organization=amie, scheme="corporation", value="784899-4")
    OrganizationFactory(name_fr="Ancien membre", lapsed=True)
    OrganizationFactory(name_fr="Dehors", outside=True)
    OrganizationFactory.create_batch(2, name_fr="Homonymes", town="Québec")
    for dialect in ("excel", "standard"):
        rows = prefetched(Organization.objects.all())
        content = "".join(csv_lines(rows, COLUMNS, dialect)).encode()
        result = plan(content)
        assert [row.problems for row in result.refused] == []
        assert [str(c) for row in result.changed for c in row.changes] == []
        assert (len(result.unchanged), result.created) == (5, [])


def test_queries_do_not_grow_with_rows(django_assert_max_num_queries):
    rows = [
        {
            "name_fr": f"Organisme {n}",
            "city": "Montréal",
            "themes": "sante;enfance",
            "countries": "HT;ML",
            "other_names": f"former:Ancien {n}",
            "membership": "confirmed",
            "mission_fr": "Une mission. " * 50,
        }
        for n in range(500)
    ]
    with django_assert_max_num_queries(60):
        imported(*rows)
    assert Organization.objects.members().count() == 500
    for row in rows:
        row["themes"], row["year_founded"] = "sante", "1999"
    with django_assert_max_num_queries(60):
        result = imported(*rows)
    assert len(result.changed) == 500
    assert Organization.objects.filter(founded_year=1999, entry__themes__len=1).count() == 500


# When it cannot be done


def test_a_plan_made_before_another_change_is_not_applied():
    result = planned({"name_fr": "Amitié"})
    OrganizationFactory(name_fr="Amitié")
    with pytest.raises(DirectoryMoved):
        result.apply()
    assert Organization.objects.count() == 1


def test_what_the_database_refuses_leaves_nothing_half_done(monkeypatch):
    result = planned({"name_fr": "Amitié", "membership": "confirmed"})
    result.created[0].fields["founded_year"] = 12
    with pytest.raises(ImportFailed, match="1600"):
        result.apply()
    assert not Organization.objects.exists()
    assert not Membership.objects.exists()


def test_one_import_writes_at_a_time():
    result = planned({"name_fr": "Amitié"})
    with contextlib.closing(connection.copy()) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext('members.imports'))")
        with pytest.raises(ImportFailed, match="en cours"):
            result.apply()
        assert not Organization.objects.exists()
        # The server lets go of a closed connection's locks when it gets round to it.
        cursor.execute("SELECT pg_advisory_unlock(hashtext('members.imports'))")
    result.apply()
    assert only().name_fr == "Amitié"


cell = st.text(max_size=30) | st.sampled_from(["06", "HT", "1976", "CSI", "confirmed", ";", ":"])


class AnyText(TestCase):
    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        st.lists(
            st.dictionaries(st.sampled_from([column.key for column in COLUMNS]), cell), max_size=4
        )
    )
    def test_any_text_is_imported_or_refused(self, rows):
        lines = [
            Line(number, {key: tidy(text) for key, text in row.items() if tidy(text)})
            for number, row in enumerate(rows, 2)
        ]
        plan_lines(lines).apply(skip_errors=True)
