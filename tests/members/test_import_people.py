"""What each row of a file of people does, and what is refused."""

import csv
import datetime
import io

import pytest
from django.utils import translation

from members.columns import PEOPLE, PEOPLE_AND_PAST, PERSON_COLUMNS, cells
from members.imports import DirectoryMoved, ImportFailed
from members.imports.people import plan, plan_lines
from members.imports.read import Line, UnreadableFile
from members.models import Merge, Organization, Person, Position, Tag
from members.permissions import Role
from tests.factories import OrganizationFactory, PersonFactory, PositionFactory, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def eau_vive(db):
    return OrganizationFactory(name_fr="L’Eau vive (fictif)", acronym="EVF")


def planned(*rows):
    """The plan of rows given as {column: text}, the first of them on line 2."""
    cells = [{key: text for key, text in row.items() if text} for row in rows]
    return plan_lines([Line(number, row) for number, row in enumerate(cells, 2)])


def imported(*rows):
    result = planned(*rows)
    assert [(row.line, row.problems) for row in result.refused] == []
    result.apply()
    return result


def fates(result):
    return {
        name: [row.line for row in getattr(result, name)]
        for name in ("created", "changed", "unchanged", "refused")
        if getattr(result, name)
    }


def reasons(*rows):
    return [
        (row.line, problem.column, problem.reason)
        for row in planned(*rows).refused
        for problem in row.problems
    ]


MARIE = {
    "first_name": "Marie",
    "last_name": "D’Amours",
    "organization": "L’Eau vive (fictif)",
    "title": "Directrice générale",
    "roles": "direction",
    "email": "marie@eauvive.example",
    "phone": "514 555-0111 poste 12",
    "started_on": "2021-03-01",
}


def test_new_person_with_a_position(eau_vive):
    imported(MARIE | {"language": "en"})
    person = Person.objects.get()
    assert (person.first_name, person.last_name, person.language) == ("Marie", "D’Amours", "en")
    position = person.positions.get()
    assert position.organization == eau_vive
    assert (position.title, position.kinds) == ("Directrice générale", ["direction"])
    assert (str(position.phone), position.phone_extension) == ("+15145550111", "12")
    assert position.started_on == datetime.date(2021, 3, 1)
    assert position.is_public is False


def test_same_row_again_changes_nothing(eau_vive):
    imported(MARIE)
    assert fates(planned(MARIE)) == {"unchanged": [2]}


@pytest.mark.parametrize(
    "spelled",
    [
        {"last_name": "D'Amours"},
        {"last_name": "  d’amours ", "first_name": "MARIE"},
        {"organization": "L'Eau  Vive (Fictif)"},
        {"organization": "E.V.F."},
        {"organization": "l-eau-vive-fictif"},
        {"title": "directrice generale"},
        {"email": "Marie@EauVive.example"},
        {"first_name": "", "last_name": "Marie D'Amours"},
    ],
)
def test_spelling_never_makes_a_double(eau_vive, spelled):
    imported(MARIE)
    imported(MARIE | {"email": ""} | spelled)
    assert Person.objects.count() == Position.objects.count() == 1


def test_apostrophes_and_spaces_are_no_change(eau_vive):
    imported(MARIE)
    assert fates(planned(MARIE | {"last_name": "D'Amours", "first_name": " Marie"})) == {
        "unchanged": [2]
    }


def test_full_name_in_one_cell_parts_nothing_otherwise(eau_vive):
    imported(MARIE)
    row = {"last_name": "Marie D'Amours", "email": MARIE["email"]}
    assert fates(planned(row)) == {"unchanged": [2]}


def test_initial_takes_no_name_away(eau_vive):
    imported(MARIE)
    assert fates(planned(MARIE | {"first_name": "M."})) == {"unchanged": [2]}


def test_person_is_known_by_their_address_under_another_last_name(eau_vive):
    imported(MARIE)
    imported({"first_name": "Marie", "last_name": "Tremblay", "email": MARIE["email"]})
    assert Person.objects.get().last_name == "Tremblay"


def test_person_is_known_by_their_personal_address(eau_vive):
    PersonFactory(first_name="Ana", last_name="Fictive", personal_email="ana@maison.example")
    imported(
        {
            "first_name": "Ana",
            "last_name": "Fictive",
            "organization": "EVF",
            "title": "Agente",
            "email": "ANA@maison.example",
        }
    )
    assert Person.objects.count() == 1


def test_address_of_an_office_passes_to_the_next_person(eau_vive):
    PersonFactory(first_name="Ana", last_name="Avant", at=eau_vive, title="Coordonnatrice")
    Position.objects.update(email="coord@eauvive.example")
    imported(
        {
            "first_name": "Béa",
            "last_name": "Suite",
            "organization": "EVF",
            "title": "Coordonnatrice",
            "email": "coord@eauvive.example",
        }
    )
    assert {str(person) for person in Person.objects.all()} == {"Ana Avant", "Béa Suite"}


def test_namesake_elsewhere_is_another_person_and_is_told(eau_vive):
    other = OrganizationFactory(name_fr="Terre vive (fictif)")
    imported(MARIE)
    result = imported(MARIE | {"organization": other.name, "email": ""})
    assert Person.objects.count() == 2
    assert "already known elsewhere" in result.created[0].remarks[0]


def test_person_without_any_position_gets_one(eau_vive):
    person = PersonFactory(first_name="Marie", last_name="Damours")
    Person.objects.update(last_name="D’Amours")
    imported(MARIE)
    assert person.positions.get().organization == eau_vive


def test_several_people_of_one_name_are_told_by_their_number(eau_vive):
    first, second = (
        PersonFactory(first_name="Ana", last_name="Fictive", at=eau_vive, title="Agente")
        for _ in range(2)
    )
    row = {"first_name": "Ana", "last_name": "Fictive", "organization": "EVF", "title": "Agente"}
    ((line, column, reason),) = reasons(row)
    assert (line, column) == (2, "last_name")
    assert f"{first.pk}, {second.pk}" in reason
    imported(row | {"person": str(second.pk), "email": "ana@eauvive.example"})
    assert second.positions.get().email == "ana@eauvive.example"
    assert first.positions.get().email == ""


def test_number_of_someone_else_is_refused(eau_vive):
    person = PersonFactory(first_name="Ana", last_name="Fictive")
    assert reasons({"person": str(person.pk), "first_name": "Bob", "last_name": "Autre"}) == [
        (2, "person", "This number is someone else’s: Ana Fictive.")
    ]


def test_number_of_a_double_leads_to_the_one_that_was_kept(eau_vive):
    person = PersonFactory(first_name="Ana", last_name="Fictive")
    Merge.objects.create(
        model="members.person",
        kept_id=person.pk,
        removed_id=99999,
        kept_name="Ana",
        removed_name="Ana",
        done={},
        merged_by=make_user(Role.DIRECTION),
    )
    row = {"person": "99999", "first_name": "Ana", "last_name": "Fictive"}
    assert fates(planned(row)) == {"unchanged": [2]}


def test_empty_cells_leave_what_is_there(eau_vive):
    imported(MARIE)
    imported({"first_name": "Marie", "last_name": "D’Amours", "organization": "EVF"})
    position = Position.objects.get()
    assert (position.email, position.phone_extension) == (MARIE["email"], "12")
    assert position.ended_on is None


def test_number_without_its_extension_keeps_it(eau_vive):
    imported(MARIE)
    assert fates(planned(MARIE | {"phone": "514-555-0111"})) == {"unchanged": [2]}
    imported(MARIE | {"phone": "514-555-0199"})
    assert Position.objects.get().phone_extension == ""


def test_position_ends_only_when_told(eau_vive):
    imported(MARIE)
    imported(MARIE | {"ended_on": "2026-06-30"})
    assert Position.objects.get().ended_on == datetime.date(2026, 6, 30)
    result = imported(MARIE | {"unit": "Programmes"})
    assert Position.objects.get().ended_on == datetime.date(2026, 6, 30)
    assert "reopens none" in result.changed[0].remarks[0]


def test_new_title_is_a_new_position(eau_vive):
    imported(MARIE)
    imported(MARIE | {"title": "Présidente", "roles": "presidency", "started_on": "2025-01-01"})
    assert Person.objects.count() == 1
    assert Position.objects.count() == 2


def test_new_term_under_the_same_title_is_a_new_position(eau_vive):
    imported(MARIE | {"ended_on": "2023-01-01"})
    imported(MARIE | {"started_on": "2025-01-01"})
    assert sorted(Position.objects.values_list("started_on__year", flat=True)) == [2021, 2025]


def test_title_completes_a_position_that_has_only_roles(eau_vive):
    PersonFactory(first_name="Marie", last_name="D’Amours", at=eau_vive, kinds=["direction"])
    imported(MARIE | {"started_on": ""})
    assert Position.objects.get().title == "Directrice générale"


def test_person_said_without_title_nor_role_has_another_role(eau_vive):
    imported({"first_name": "Ana", "last_name": "Fictive", "organization": "EVF"})
    assert Position.objects.get().kinds == ["other"]


def test_roles_are_added_in_the_words_of_either_language(eau_vive):
    imported(MARIE)
    with translation.override("fr"):
        word = str(Position.Kind.COMMUNICATIONS.label)
    imported(MARIE | {"roles": f"{word.upper()}; Presidency"})
    assert Position.objects.get().kinds == ["direction", "presidency", "communications"]


def test_tags_are_added_and_none_taken_away(eau_vive):
    kept, new = Tag.objects.create(name="Délégation"), Tag.objects.create(name="Relève")
    imported(MARIE)
    Person.objects.get().tags.add(kept)
    imported(MARIE | {"tags": "releve"})
    assert set(Person.objects.get().tags.all()) == {kept, new}
    assert reasons(MARIE | {"tags": "Inconnue"}) == [(2, "tags", "“Inconnue” is not known.")]


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ({"organization": "Eau vivve (fictif)"}, "organization", "closest name is “L’Eau vive"),
        ({"organization": "Zzzz"}, "organization", "No organization is called so: add it first."),
        ({"organization": "", "organization_slug": "rien"}, "organization_slug", "No organization"),
        ({"started_on": "20225-01-01"}, "started_on", "date"),
        ({"started_on": "1822-01-01"}, "started_on", "between 1900 and 2100"),
        ({"ended_on": "2020-01-01"}, "started_on", "ends before it starts"),
        ({"email": "marie@"}, "email", "valid email"),
        ({"phone": "12"}, "phone", "phone number"),
        ({"language": "latin"}, "language", "not known"),
        ({"roles": "reine"}, "roles", "not known"),
        ({"first_name": "", "last_name": ""}, "first_name", "at least a first name"),
        ({"title": "t" * 151}, "title", "150"),
    ],
)
def test_faulty_cell_refuses_its_row_with_the_reason(eau_vive, cells, column, words):
    ((line, where, reason),) = reasons(MARIE | cells)
    assert (line, where) == (2, column)
    assert words in reason


def test_organizations_of_one_acronym_are_told_apart(eau_vive):
    other = OrganizationFactory(name_fr="Espoir vif (fictif)", acronym="EVF")
    ((_line, column, reason),) = reasons(MARIE | {"organization": "EVF"})
    assert column == "organization"
    assert "Espoir vif (fictif); L’Eau vive (fictif)" in reason
    imported(MARIE | {"organization": "EVF", "organization_slug": other.slug})
    assert Position.objects.get().organization == other


def test_two_rows_of_the_same_position_are_one_too_many(eau_vive):
    assert reasons(MARIE, MARIE | {"phone": "514 555-0177"}) == [
        (3, None, "Line 2 already speaks of this person in this position.")
    ]
    imported(MARIE)
    assert [line for line, _column, _reason in reasons(MARIE, MARIE)] == [3]


def test_two_rows_may_speak_of_one_new_person(eau_vive):
    other = OrganizationFactory(name_fr="Terre vive (fictif)")
    imported(MARIE, MARIE | {"organization": other.name, "title": "Administratrice"})
    assert Person.objects.get().positions.count() == 2


def test_rows_that_contradict_each_other_on_a_person_are_told(eau_vive):
    second = MARIE | {"title": "Trésorière", "language": "en"}
    assert reasons(MARIE | {"language": "fr"}, second) == [
        (3, "language", "Line 2 says otherwise of this person.")
    ]


def test_professional_address_needs_an_organization(db):
    ((_line, column, _reason),) = reasons({"last_name": "Fictive", "email": "a@b.example"})
    assert column == "organization"


def test_formula_is_only_text(eau_vive):
    content = "prénom;nom;organisme;titre\n'=HYPERLINK(1);Fictive;EVF;=1+1\n".encode()
    result = plan(content, "liste.csv")
    result.apply()
    assert Person.objects.get().first_name == "=HYPERLINK(1)"
    sent = io.StringIO()
    row = PEOPLE.rows(PEOPLE.prefetched(Person.objects.all()).get())[0]
    csv.writer(sent).writerow(cells(row, PEOPLE.columns))
    assert "'=HYPERLINK(1)" in sent.getvalue()
    assert "'=1+1" in sent.getvalue()


def test_personal_columns_are_unknown_to_those_who_may_not(eau_vive):
    content = "prénom;nom;personal_email;notes\nAna;Fictive;ana@maison.example;Allergie\n".encode()
    result = plan(content, "liste.csv")
    assert result.unknown_headings == ["personal_email", "notes"]
    result.apply()
    assert Person.objects.get().notes == Person.objects.get().personal_email == ""
    plan(content, "liste.csv", personal=True).apply()
    assert Person.objects.get().notes == "Allergie"


def test_every_personal_field_is_marked_so_in_the_columns():
    marked = {column.key for column in PERSON_COLUMNS if column.personal}
    assert marked == set(Person.personal_fields())


def test_file_without_names_is_not_read():
    with pytest.raises(UnreadableFile, match="last_name"):
        plan(b"a;b\n1;2\n")


def test_nine_faulty_lines_of_two_hundred_leave_191(eau_vive):
    rows = [
        {
            "first_name": f"Prénom{n}",
            "last_name": f"Nom{n}",
            "organization": "EVF",
            "title": "Agente",
            "email": f"p{n}@eauvive.example" if n % 22 else "pas une adresse",
        }
        for n in range(1, 200)
    ]
    result = planned(*rows, rows[0] | {"title": "Agente", "person": ""})
    assert len(result.refused) == 10
    with pytest.raises(ImportFailed):
        result.apply()
    assert Person.objects.count() == 0
    result.apply(skip_errors=True)
    assert Person.objects.count() == Position.objects.count() == 190


def test_directory_that_moved_since_the_preview_is_not_written(eau_vive):
    result = planned(MARIE)
    Organization.objects.update(acronym="EV")
    with pytest.raises(DirectoryMoved):
        result.apply()
    assert not Person.objects.exists()


def test_history_says_who_and_which_file(eau_vive):
    user = make_user(Role.DIRECTION)
    plan("prénom;nom\nAna;Fictive\n".encode(), "liste.csv").apply(by=user)
    context = Person.objects.get().events.get().pgh_context.metadata
    assert (context["file"], context["user"]) == ("liste.csv", user.pk)


def test_export_sent_back_changes_nothing(eau_vive):
    other = OrganizationFactory(name_fr="L’Eau vive (fictif)", acronym="EVB")
    tag = Tag.objects.create(name="Délégation; spéciale")
    for n in range(2):  # two people of one name, in organizations of one name
        person = PersonFactory(
            first_name="Ana",
            last_name="Fictive",
            at=eau_vive,
            title="=Agente; adjointe",
            kinds=["communications", "delegate"],
            email="info@eauvive.example",
            needs=f"Chaise {n}",
        )
        person.tags.add(tag)
        PositionFactory(person=person, organization=other, kinds=["board"])
        PositionFactory(
            person=person,
            organization=other,
            kinds=["board"],
            started_on=datetime.date(2010, 1, 1),
            ended_on=datetime.date(2012, 1, 1),
        )
    PersonFactory(first_name="", last_name="Seule")
    for sheet in (PEOPLE, PEOPLE_AND_PAST):
        sent = io.StringIO()
        writer = csv.writer(sent)
        writer.writerow(column.key for column in sheet.columns)
        for person in sheet.prefetched(Person.objects.all()):
            writer.writerows(cells(row, sheet.columns) for row in sheet.rows(person))
        result = plan(sent.getvalue().encode(), "personnes.csv", personal=True)
        assert [(row.line, row.problems) for row in result.refused] == []
        assert [row.changes for row in result.changed] == []
        assert not result.created
        assert len(result.unchanged) == (5 if sheet is PEOPLE else 7)
