"""Alliances in the staff's site: their list, the page of one, and who takes part."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import AllianceMembership, Document, Dossier, FollowUp
from members.network import association_itself
from members.permissions import Role
from tests.factories import (
    AllianceFactory,
    InteractionFactory,
    OrganizationFactory,
    PersonFactory,
    make_user,
)

pytestmark = pytest.mark.django_db

LIST = "/admin/members/alliance/"
PAST = datetime.date(2022, 6, 30)


@pytest.fixture
def office(client):
    client.force_login(make_user(Role.PERMANENCE))
    return client


def address(alliance, page="change"):
    return reverse(f"admin:members_alliance_{page}", args=[alliance.pk])


def names(answer):
    return [alliance.name_fr for alliance in answer.context["cl"].result_list]


def join(alliance, organization=None, **fields):
    return AllianceMembership.objects.create(
        alliance=alliance, organization=organization or OrganizationFactory(), **fields
    )


def form_of(client, alliance):
    """What its page would send if nothing were changed."""
    page = client.get(address(alliance))
    data = {}
    forms = [page.context["adminform"].form]
    for inline in page.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for bound in form:
            value = bound.value()
            if isinstance(value, list):
                data[bound.html_name] = [getattr(item, "pk", item) for item in value]
            elif value is not None and value is not False:
                data[bound.html_name] = str(value)
    return data


def added(data, number, **fields):
    """The form with one more participation."""
    return (
        data
        | {"memberships-TOTAL_FORMS": str(number + 1), f"memberships-{number}-role": "member"}
        | {f"memberships-{number}-{name}": str(value) for name, value in fields.items()}
    )


# The list


def test_list_shows_current_alliances_and_former_ones_a_click_away(office):
    AllianceFactory(name_fr="Coalition d’aujourd’hui")
    AllianceFactory(name_fr="Réseau endormi", status="dormant", kind="network")
    AllianceFactory(name_fr="Comité d’hier", status="ended")
    assert names(office.get(LIST)) == ["Coalition d’aujourd’hui", "Réseau endormi"]
    assert names(office.get(LIST, {"status": "ended"})) == ["Comité d’hier"]
    assert len(names(office.get(LIST, {"status": "all"}))) == 3
    assert names(office.get(LIST, {"kind": "network"})) == ["Réseau endormi"]
    choices = office.get(LIST).context["cl"].filter_specs[0]
    counts = [c["display"].split(" (")[1] for c in choices.choices(office.get(LIST).context["cl"])]
    assert counts == ["2)", "1)", "1)", "1)", "3)"]


def test_list_counts_who_takes_part_today(office):
    alliance = AllianceFactory(name_fr="Coalition")
    coordinator = OrganizationFactory(name_fr="Eau vive")
    join(alliance, coordinator, role="coordination")
    join(alliance)
    join(alliance, ended_on=PAST)
    exchange = InteractionFactory(alliance=alliance)
    for due in ("2026-12-01", "2026-11-30"):
        FollowUp.objects.create(what="Relire", interaction=exchange, due_on=due)
    (row,) = office.get(LIST).context["cl"].result_list
    assert (row.members_count, row.coordination) == (2, "Eau vive")
    assert row.next_due == datetime.date(2026, 11, 30)
    assert row.last_exchange is not None


def test_list_finds_those_of_the_association(office):
    ours, other = AllianceFactory(name_fr="Avec nous"), AllianceFactory(name_fr="Sans nous")
    join(ours, association_itself(), since_year=1984)
    join(other, association_itself(), ended_on=PAST)
    assert names(office.get(LIST, {"ours": "yes"})) == ["Avec nous"]
    assert names(office.get(LIST, {"ours": "no"})) == ["Sans nous"]


def test_list_is_searched_without_accents(office):
    AllianceFactory(name_fr="Échec à la guerre")
    AllianceFactory(name_fr="Commerce équitable")
    assert names(office.get(LIST, {"q": "echec guerre"})) == ["Échec à la guerre"]


def test_list_asks_as_many_queries_for_two_rows_as_for_twenty(office):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            assert office.get(LIST).status_code == 200
        return len(queries)

    for _number in range(2):
        join(AllianceFactory(), role="coordination")
    office.get(LIST)
    few = asked()
    for _number in range(18):
        join(AllianceFactory(), role="coordination")
    assert asked() == few
    assert few <= 15


# The page of one


def fill(alliance, count):
    user = make_user(email=f"u{count}@example.org")
    for number in range(count):
        organization = OrganizationFactory()
        person = PersonFactory(at=organization)
        join(alliance, organization, liaison=person)
        join(alliance, ended_on=PAST)
        AllianceFactory(parent=alliance)
        exchange = InteractionFactory(alliance=alliance, about=[organization], people=[person])
        exchange.staff.add(user)
        FollowUp.objects.create(what="Relire", interaction=exchange, assigned_to=user)
        Document.objects.create(
            alliance=alliance, name=f"{number}.pdf", size=1, content_type="application/pdf"
        )
        Dossier.objects.create(name=f"Dossier {count} {number}").alliances.add(alliance)


def test_page_asks_fifteen_queries_at_most_whatever_hangs_on_it(office):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            assert office.get(address(alliance)).status_code == 200
        return len(queries)

    alliance = AllianceFactory(parent=AllianceFactory())
    fill(alliance, 2)
    office.get(address(alliance))
    few = asked()
    fill(alliance, 18)
    assert asked() == few
    assert few <= 15


def test_page_tells_mandate_in_both_languages_who_and_what(office):
    alliance = AllianceFactory(mandate_fr="Agir.", mandate_en="To act.", founded_year=2006)
    join(alliance, OrganizationFactory(name_fr="Membre simple"), since_year=2010)
    join(alliance, OrganizationFactory(name_fr="Coordonne"), role="coordination")
    join(alliance, OrganizationFactory(name_fr="Partie"), ended_on=PAST)
    InteractionFactory(alliance=alliance, subject="Réunion de mars")
    Dossier.objects.create(name="Ombudsman").alliances.add(alliance)
    answer = office.get(address(alliance))
    page, html = answer.context["page"], answer.content.decode()
    assert [str(p.organization) for p in page.participations] == ["Coordonne", "Membre simple"]
    assert [str(p.organization) for p in page.past_participations] == ["Partie"]
    for said in ("Agir.", "To act.", "Réunion de mars", "Ombudsman", "2006", "2010"):
        assert said in html, said
    assert f"/admin/members/interaction/add/?alliance={alliance.pk}" in html


def test_tree_shows_the_whole_from_any_of_its_parts(office):
    top = AllianceFactory(name_fr="Conseil")
    group = AllianceFactory(name_fr="Groupe", parent=top)
    other = AllianceFactory(name_fr="Autre groupe", parent=top)
    small = AllianceFactory(name_fr="Sous-groupe", parent=group)
    for alliance in (top, group, small):
        tree = office.get(address(alliance)).context["page"].tree
        assert tree["alliance"] == top
        assert [branch["alliance"] for branch in tree["groups"]] == [other, group]
    assert office.get(address(AllianceFactory())).context["page"].tree is None


def test_cycle_of_parents_is_refused_in_words(office):
    top = AllianceFactory()
    group = AllianceFactory(parent=top)
    small = AllianceFactory(parent=group)
    for parent in (small, group, top):
        answer = office.post(address(top), form_of(office, top) | {"parent": parent.pk})
        assert answer.status_code == 200
        errors = answer.context["adminform"].form.errors
        assert errors
        top.refresh_from_db()
        assert top.parent is None


def test_organization_joins_by_the_page_since_a_year_or_a_day(office):
    alliance = AllianceFactory()
    itself, other = association_itself(), OrganizationFactory()
    data = added(form_of(office, alliance), 0, organization=itself.pk, since_year=1984)
    data = added(data, 1, organization=other.pk, started_on="2020-05-01")
    assert office.post(address(alliance), data).status_code == 302
    assert itself.alliance_memberships.get().since == 1984
    assert other.alliance_memberships.get().since == datetime.date(2020, 5, 1)


@pytest.mark.parametrize(
    "fields",
    [
        {"since_year": 1984, "started_on": "1984-01-01"},
        {"started_on": "2020-01-01", "ended_on": "2019-01-01"},
        {"since_year": 184},
        {"started_on": "20225-01-01"},
        {"ended_on": "1850-01-01"},
    ],
)
def test_bad_period_is_refused_in_words(office, fields):
    alliance = AllianceFactory()
    data = added(form_of(office, alliance), 0, organization=OrganizationFactory().pk, **fields)
    answer = office.post(address(alliance), data)
    assert answer.status_code == 200
    assert answer.context["inline_admin_formsets"][0].formset.forms[0].errors
    assert not AllianceMembership.objects.exists()


def test_organization_takes_part_once_at_a_time(office):
    alliance, organization = AllianceFactory(), OrganizationFactory(name_fr="Eau vive")
    join(alliance, organization)
    data = added(form_of(office, alliance), 1, organization=organization.pk, since_year=2020)
    answer = office.post(address(alliance), data)
    (said,) = answer.context["inline_admin_formsets"][0].formset.non_form_errors()
    assert "Eau vive" in said
    # It ended, and begins again, in one save.
    data = added(data, 1, organization=organization.pk, started_on="2023-01-01", since_year="")
    data["memberships-0-ended_on"] = str(PAST)
    assert office.post(address(alliance), data).status_code == 302
    assert alliance.memberships.count() == 2


def test_participations_change_places_in_one_save(office):
    alliance, organization = AllianceFactory(), OrganizationFactory()
    first = join(alliance, organization, started_on=datetime.date(2010, 1, 1), ended_on=PAST)
    second = join(alliance, organization, started_on=datetime.date(2023, 1, 1))
    data = form_of(office, alliance)
    rows = {data[f"memberships-{n}-id"]: n for n in (0, 1)}
    one, two = rows[str(first.pk)], rows[str(second.pk)]
    data |= {
        f"memberships-{one}-started_on": "2023-01-01",
        f"memberships-{one}-ended_on": "",
        f"memberships-{two}-started_on": "2010-01-01",
        f"memberships-{two}-ended_on": str(PAST),
    }
    assert office.post(address(alliance), data).status_code == 302
    first.refresh_from_db()
    assert (first.started_on, first.ended_on) == (datetime.date(2023, 1, 1), None)


def test_page_saved_as_it_was_changes_nothing(office):
    alliance = AllianceFactory(parent=AllianceFactory(), mandate_fr="Agir.")
    join(alliance, since_year=2010)
    assert office.post(address(alliance), form_of(office, alliance)).status_code == 302
    alliance.refresh_from_db()
    assert alliance.parent is not None
    assert alliance.memberships.get().since_year == 2010


def test_exchanges_are_for_those_who_may_see_them(client):
    alliance = AllianceFactory()
    InteractionFactory(alliance=alliance, subject="Entre nous")
    Dossier.objects.create(name="Discret").alliances.add(alliance)
    client.force_login(make_user(Role.COMMUNICATIONS))
    html = client.get(address(alliance)).content.decode()
    assert "Entre nous" not in html
    assert "Discret" not in html
    assert client.post(address(alliance), {}).status_code == 403
