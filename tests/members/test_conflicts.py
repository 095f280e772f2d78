"""Two people who save the same page: the second is told, and nothing of either is lost."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.models import (
    Country,
    Identifier,
    Membership,
    Organization,
    OtherName,
    Person,
    Position,
    Tag,
    Theme,
)
from members.permissions import Role
from tests.browsing import form_sent
from tests.factories import OrganizationFactory, PersonFactory, PositionFactory, make_user
from tests.signing_in import SigningClient

pytestmark = pytest.mark.django_db


class Desk:
    """Someone of the staff before one page: what they have under their eyes, and type."""

    def __init__(self, user, record):
        self.client = SigningClient()
        self.client.force_login(user)
        self.form = f"{record._meta.model_name}_form"
        self.address = (
            f"/admin/{record._meta.app_label}/{record._meta.model_name}/{record.pk}/change/"
        )
        self.open()

    def open(self):
        self.read(self.client.get(self.address))

    def read(self, answer):
        self.answer = answer
        self.data = form_sent(answer, self.form)

    def save(self, _without=(), **typed):
        """Type and save; the answer, whose form is before the person if it was not saved."""
        self.data |= {name.replace("__", "-"): text for name, text in typed.items()}
        for name in _without:
            self.data.pop(name, None)
        answer = self.client.post(self.address, self.data)
        if answer.status_code == 200:
            self.read(answer)
        return answer

    @property
    def told(self):
        """[(field, seen, now, typed, who)] of what the page says was changed by two people."""
        return [
            (said.what, said.seen, said.now, said.typed, said.who)
            for said in self.answer.context.get("differences", [])
        ]


@pytest.fixture
def marie(db):
    return make_user(
        Role.DIRECTION, email="marie@example.org", first_name="Marie", last_name="Tremblay"
    )


@pytest.fixture
def luc(db):
    return make_user(Role.PERMANENCE, email="luc@example.org", first_name="Luc", last_name="Roy")


@pytest.fixture
def organization():
    return OrganizationFactory(
        name_fr="Eau vive", summary_fr="Des puits.", mission_fr="Une ligne.\nUne autre."
    )


@pytest.fixture
def desks(marie, luc, organization):
    """Two people who have opened the same organization."""
    return Desk(marie, organization), Desk(luc, organization)


# Fields


def test_page_saved_as_it_was_after_another_saved_changes_nothing(desks, organization):
    hers, his = desks
    assert hers.save(summary_fr="Des puits et des pompes.").status_code == 302
    assert his.save().status_code == 302
    organization.refresh_from_db()
    assert organization.summary_fr == "Des puits et des pompes."
    assert organization.mission_fr == "Une ligne.\nUne autre."


def test_two_fields_by_two_people_are_both_kept(desks, organization):
    hers, his = desks
    hers.save(summary_fr="Des puits et des pompes.", name_en="Living Water")
    assert his.save(acronym="EV", mission_fr="Autre chose.").status_code == 302
    organization.refresh_from_db()
    assert organization.summary_fr == "Des puits et des pompes."
    assert organization.name_en == "Living Water"
    assert (organization.acronym, organization.mission_fr) == ("EV", "Autre chose.")


def test_same_field_by_two_people_is_shown_to_the_second(desks, organization):
    hers, his = desks
    hers.save(summary_fr="Des pompes.", acronym="EV")
    answer = his.save(summary_fr="Des barrages.", name_en="Living Water")
    assert answer.status_code == 200
    ((what, seen, now, typed, who),) = his.told
    assert (seen, now, typed) == ("Des puits.", "Des pompes.", "Des barrages.")
    assert who == "Marie Tremblay"
    html = answer.content.decode()
    assert what in html
    assert "Marie Tremblay" in html
    # What he typed is still there, what she alone changed has come, and nothing is saved yet.
    assert his.data["summary_fr"] == ["Des barrages."]
    assert his.data["name_en"] == ["Living Water"]
    assert his.data["acronym"] == ["EV"]
    organization.refresh_from_db()
    assert (organization.summary_fr, organization.name_en) == ("Des pompes.", "")


def test_saving_again_is_a_choice(desks, organization):
    hers, his = desks
    hers.save(summary_fr="Des pompes.", acronym="EV")
    his.save(summary_fr="Des barrages.")
    assert his.save().status_code == 302
    organization.refresh_from_db()
    assert (organization.summary_fr, organization.acronym) == ("Des barrages.", "EV")


def test_third_change_during_the_choice_is_shown_again(desks, organization):
    hers, his = desks
    hers.save(summary_fr="Des pompes.")
    his.save(summary_fr="Des barrages.")
    hers.open()
    hers.save(summary_fr="Des citernes.")
    assert his.save().status_code == 200
    assert his.told[0][2] == "Des citernes."
    assert his.save().status_code == 302
    organization.refresh_from_db()
    assert organization.summary_fr == "Des barrages."


def test_two_people_who_type_the_same_are_not_bothered(desks, organization):
    hers, his = desks
    hers.save(summary_fr="Des pompes.")
    assert his.save(summary_fr="Des pompes.").status_code == 302


def test_long_texts_come_back_as_they_were(desks, organization):
    hers, his = desks
    hers.save(mission_fr="Première.\r\nDeuxième.")
    his.save(mission_fr="Une ligne.\r\nUne autre.\r\nUne troisième.")
    assert his.data["mission_fr"] == ["Une ligne.\r\nUne autre.\r\nUne troisième."]
    ((_what, seen, now, typed, _who),) = his.told
    assert seen == "Une ligne.\nUne autre."
    assert now == "Première.\nDeuxième."
    assert typed.endswith("Une troisième.")


def test_choices_numbers_and_days_are_told_in_words(desks, organization):
    hers, his = desks
    hers.save(kind="ally", phone="514 555-0123", last_confirmed_on="2024-05-03")
    his.save(kind="institution", phone="418 555-0199", last_confirmed_on="2024-06-01")
    told = {what: (seen, now, typed) for what, seen, now, typed, _who in his.told}
    assert len(told) == 3
    kinds = Organization.Kind
    assert (
        str(kinds.COOPERATION.label),
        str(kinds.ALLY.label),
        str(kinds.INSTITUTION.label),
    ) in told.values()
    assert ("—", "514\xa0555-0123", "418\xa0555-0199") in told.values()
    assert ("—", "3 mai 2024", "1 juin 2024") in told.values() or any(
        "2024" in now for _seen, now, _typed in told.values()
    )


def test_records_that_a_field_points_to_are_named(desks, organization):
    from regions.models import Municipality

    laval, levis = (Municipality.objects.get(name=name) for name in ("Laval", "Lévis"))
    hers, his = desks
    hers.save(municipality=str(laval.pk))
    his.save(municipality=str(levis.pk))
    assert ("—", "Laval", "Lévis") in [told[1:4] for told in his.told]


def test_themes_that_two_people_chose_are_all_kept(marie, luc, organization):
    health, culture, peace = Theme.objects.all()[:3]
    organization.themes.set([health])
    hers, his = Desk(marie, organization), Desk(luc, organization)
    hers.save(themes=[str(health.pk), str(culture.pk)])
    assert his.save(themes=[str(peace.pk)]).status_code == 302  # he removes one and adds another
    assert set(organization.themes.all()) == {culture, peace}
    assert not Country.objects.filter(organizations=organization).exists()


def test_box_ticked_by_another_stays_ticked(marie, luc):
    person = PersonFactory()
    tag, other = (Tag.objects.create(name=name) for name in ("conseil", "presse"))
    position = PositionFactory(person=person, kinds=["direction"])
    hers, his = Desk(marie, person), Desk(luc, person)
    hers.save(tags=[str(tag.pk)], **{"positions-0-is_dpoh": "on"})
    hers.open()
    assert hers.data["positions-0-is_dpoh"] == ["on"]
    answer = his.save(tags=[str(other.pk)], **{"positions-0-kinds": ["direction", "delegate"]})
    assert answer.status_code == 302
    position.refresh_from_db()
    assert position.is_dpoh
    assert position.kinds == ["direction", "delegate"]
    assert set(person.tags.all()) == {tag, other}


def test_box_that_both_changed_is_not_a_difference(marie, luc):
    membership = Membership.objects.create(
        organization=OrganizationFactory(outside=True), started_on=datetime.date(2001, 1, 1)
    )
    hers, his = Desk(marie, membership), Desk(luc, membership)
    hers.save(confirmed="on")
    assert his.save(confirmed="on", category="regular").status_code == 302
    membership.refresh_from_db()
    assert (membership.confirmed, membership.category) == (True, "regular")


def test_another_error_keeps_what_both_typed(desks, organization):
    hers, his = desks
    hers.save(acronym="EV")
    assert his.save(postal_code="12345", summary_fr="Des barrages.").status_code == 200
    assert his.told == []
    assert his.data["acronym"] == ["EV"]
    assert his.save(postal_code="H2X 1Y6").status_code == 302
    organization.refresh_from_db()
    assert (organization.acronym, organization.summary_fr) == ("EV", "Des barrages.")


def test_what_was_signed_for_another_page_tells_of_all_that_differs(desks, marie, organization):
    hers, his = desks
    other = Desk(marie, OrganizationFactory())
    hers.save(summary_fr="Des pompes.")
    his.data["_seen"] = other.data["_seen"]
    assert his.save().status_code == 200
    assert his.told[0][2:4] == ("Des pompes.", "Des puits.")
    his.open()
    his.data["_seen"] = ["n'importe quoi"]
    assert his.save(acronym="EV").status_code == 200


# Rows of other models on the page


def test_rows_that_two_people_changed(marie, luc):
    person = PersonFactory()
    position = PositionFactory(person=person, title="Directrice", email="ana@example.org")
    hers, his = Desk(marie, person), Desk(luc, person)
    hers.save(**{"positions-0-title": "Directrice générale", "positions-0-unit": "Bureau"})
    answer = his.save(**{"positions-0-title": "Direction", "positions-0-email": "d@example.org"})
    assert answer.status_code == 200
    ((what, seen, now, typed, who),) = his.told
    assert (seen, now, typed) == ("Directrice", "Directrice générale", "Direction")
    assert who == "Marie Tremblay"
    assert str(position.organization) in what
    (rows,) = his.answer.context["inline_admin_formsets"]
    assert list(rows.formset.errors[0]) == ["title"]
    assert not rows.is_collapsible  # unfolded: it has something to say
    assert his.save().status_code == 302
    position.refresh_from_db()
    assert (position.title, position.unit) == ("Direction", "Bureau")
    assert position.email == "d@example.org"


def test_position_ended_meanwhile_stays_ended(marie, luc):
    person = PersonFactory()
    position = PositionFactory(person=person, title="Directrice")
    his = Desk(luc, person)
    position.leave(by=marie, on=datetime.date(2024, 6, 30))
    assert his.save(first_name="Anna", **{"positions-0-unit": "Bureau"}).status_code == 302
    position.refresh_from_db()
    assert position.ended_on == datetime.date(2024, 6, 30)
    assert position.unit == "Bureau"


def test_rows_removed_by_another_are_told_and_do_not_come_back(marie, luc, organization):
    for name in ("Eau morte", "Eau dormante"):
        OtherName.objects.create(organization=organization, name=name)
    hers, his = Desk(marie, organization), Desk(luc, organization)
    rows = {hers.data[f"other_names-{n}-name"][0]: n for n in range(2)}
    hers.save(**{f"other_names-{rows['Eau morte']}-DELETE": "on"})
    answer = his.client.post(his.address, his.data | {"acronym": "EV"}, follow=True)
    assert "Eau morte" in answer.content.decode()  # told
    assert list(organization.other_names.values_list("name", flat=True)) == ["Eau dormante"]
    organization.refresh_from_db()
    assert organization.acronym == "EV"


def test_row_changed_here_and_removed_there_is_not_lost(marie, luc, organization):
    for name in ("Eau morte", "Eau dormante"):
        OtherName.objects.create(organization=organization, name=name)
    hers, his = Desk(marie, organization), Desk(luc, organization)
    rows = {hers.data[f"other_names-{n}-name"][0]: n for n in range(2)}
    hers.save(**{f"other_names-{rows['Eau morte']}-DELETE": "on"})
    answer = his.save(**{f"other_names-{rows['Eau morte']}-name": "Eau trouble"})
    assert answer.status_code == 200
    ((_what, seen, _now, typed, who),) = his.told
    assert "Eau morte" in seen
    assert "Eau trouble" in typed
    assert who == "Marie Tremblay"
    assert his.save().status_code == 302
    names = set(organization.other_names.values_list("name", flat=True))
    assert names == {"Eau trouble", "Eau dormante"}


def test_row_changed_there_and_removed_here_is_a_choice(marie, luc, organization):
    OtherName.objects.create(organization=organization, name="Eau morte")
    hers, his = Desk(marie, organization), Desk(luc, organization)
    hers.save(**{"other_names-0-name": "Eau trouble"})
    assert his.save(**{"other_names-0-DELETE": "on"}).status_code == 200
    assert "Eau trouble" in his.told[0][2]
    assert organization.other_names.exists()
    assert his.save(**{"other_names-0-DELETE": "on"}).status_code == 302
    assert not organization.other_names.exists()


def test_both_remove_the_same_row(marie, luc, organization):
    OtherName.objects.create(organization=organization, name="Eau morte")
    hers, his = Desk(marie, organization), Desk(luc, organization)
    hers.save(**{"other_names-0-DELETE": "on"})
    assert his.save(acronym="EV", **{"other_names-0-DELETE": "on"}).status_code == 302
    organization.refresh_from_db()
    assert organization.acronym == "EV"


def test_rows_that_both_added_are_all_there(marie, luc, organization):
    OtherName.objects.create(organization=organization, name="Eau morte")
    hers, his = Desk(marie, organization), Desk(luc, organization)
    for desk, name in ((hers, "Eau claire"), (his, "Eau douce")):
        answer = desk.client.post(
            desk.address,
            desk.data
            | {
                "other_names-TOTAL_FORMS": "2",
                "other_names-1-kind": "former",
                "other_names-1-name": name,
                "other_names-1-organization": str(organization.pk),
            },
            follow=True,
        )
    assert "Eau claire" in answer.content.decode()  # told to the second
    names = set(organization.other_names.values_list("name", flat=True))
    assert names == {"Eau morte", "Eau claire", "Eau douce"}


def test_memberships_added_by_two_people_that_overlap_are_refused_in_words(marie, luc):
    organization = OrganizationFactory(outside=True)
    hers, his = Desk(marie, organization), Desk(luc, organization)
    for desk in (hers, his):
        answer = desk.client.post(
            desk.address,
            desk.data
            | {
                "memberships-TOTAL_FORMS": "1",
                "memberships-0-status": "active",
                "memberships-0-started_on": "2010-01-01",
                "memberships-0-organization": str(organization.pk),
            },
        )
    assert answer.status_code == 200
    assert answer.context["inline_admin_formsets"][0].formset.non_form_errors()
    assert organization.memberships.count() == 1


def test_record_deleted_meanwhile_gives_back_what_was_typed(marie, luc):
    person = PersonFactory(first_name="Ana")
    his = Desk(luc, person)
    Person.objects.filter(pk=person.pk).delete()
    answer = his.client.post(his.address, his.data | {"first_name": "Anastasia"})
    assert answer.status_code == 410
    assert "Anastasia" in answer.content.decode()


def test_what_is_personal_is_neither_signed_nor_told_to_others(marie, luc):
    person = PersonFactory(personal_email="chez.soi@example.org", notes="secret")
    hers, his = Desk(marie, person), Desk(luc, person)
    hers.save(notes="autre secret", personal_email="ailleurs@example.org")
    answer = his.save(first_name="Anastasia", notes="intrus")
    assert answer.status_code == 302
    person.refresh_from_db()
    assert (person.notes, person.personal_email) == ("autre secret", "ailleurs@example.org")
    from django.core import signing

    seen = signing.loads(his.data["_seen"][0], salt=f"members.person:{person.pk}")
    assert not set(seen[""]) & set(Person.personal_fields())


def test_rows_cost_no_query_each_to_be_signed(marie, organization):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            desk.open()
        return len(asked)

    desk = Desk(marie, organization)
    few = queries()
    for number in range(8):
        OtherName.objects.create(organization=organization, name=f"Nom {number}")
    Identifier.objects.create(organization=organization, scheme="neq", value="1181440711")
    assert queries() <= few


def test_accounts_are_compared_too(marie):
    account = make_user(Role.READING, email="nina@example.org", first_name="Nina")
    other = make_user(Role.DIRECTION, email="paul@example.org", first_name="Paul")
    hers, his = Desk(marie, account), Desk(other, account)
    assert hers.save(last_name="Roy").status_code == 302
    assert his.save(first_name="Anina").status_code == 302
    account.refresh_from_db()
    assert account.get_full_name() == "Anina Roy"


def test_no_position_is_lost_when_one_is_added_meanwhile(marie, luc):
    person = PersonFactory()
    his = Desk(luc, person)
    PositionFactory(person=person, title="Trésorier")
    assert his.save(first_name="Anna").status_code == 302
    assert Position.objects.get(person=person).title == "Trésorier"
