"""The staff's home: numbers that are the lengths of lists, and what others did."""

import datetime
import re
from html import unescape

import pghistory
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import gettext, pgettext

from members.admin.activity import changes_by_others
from members.admin.dashboard import members_over_time
from members.models import FollowUp, GovernmentInteraction, Membership, Organization
from members.permissions import Role
from tests.factories import InteractionFactory, OrganizationFactory, PersonFactory, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def marie():
    return make_user(Role.PERMANENCE, email="marie@example.org", first_name="Marie")


@pytest.fixture
def paul():
    return make_user(Role.PERMANENCE, email="paul@example.org", first_name="Paul")


@pytest.fixture
def board(client, marie):
    """The home page, as someone of the staff sees it."""
    client.force_login(marie)
    return lambda: client.get("/admin/")


def changed_by(user, change):
    """Do `change` as `user` would through a page."""
    with pghistory.context(user=user.pk):
        change()


def days_ago(days):
    return timezone.localdate() - datetime.timedelta(days=days)


# Numbers


def figures(html):
    """(address, number) of every figure and bar of the page."""
    found = re.findall(
        r'<a href="([^"]+)">(?:<span class="label">[^<]*</span> )?<b>([^<]+)</b>', html
    )
    return [(unescape(url), int(number)) for url, number in found]


def test_every_number_is_the_length_of_the_list_behind_it(client, board, marie):
    for town, themes, countries in (
        ("Montréal", ["eau-assainissement"], ["HT"]),
        ("Québec", ["eau-assainissement", "enfance"], ["HT", "ML"]),
        ("", [], []),
    ):
        OrganizationFactory(town=town, themes=themes, countries=countries)
    OrganizationFactory(town="Gatineau", suspended=True, last_confirmed_on=days_ago(30))
    OrganizationFactory(town="Gatineau", lapsed=True)
    OrganizationFactory(outside=True, last_confirmed_on=days_ago(900))
    OrganizationFactory(last_confirmed_on=days_ago(700)).memberships.update(confirmed=False)
    for due in (-3, 0, 30, None):
        day = None if due is None else timezone.localdate() + datetime.timedelta(days=due)
        FollowUp.objects.create(what="Rappeler", assigned_to=marie, due_on=day)
    numbers = figures(board().content.decode())
    assert len(numbers) > 20
    for url, number in numbers:
        answer = client.get(url)
        assert answer.status_code == 200, url
        listed = answer.context.get("cl")
        count = listed.result_count if listed else answer.context["page"].paginator.count
        assert count == number, url


def test_reports_to_file_lead_to_the_work_list(client, board):
    institution = OrganizationFactory(outside=True, kind="institution")
    deputy = PersonFactory(at=institution, kinds=["office_holder"])
    deputy.positions.update(is_dpoh=True)
    exchange = InteractionFactory(about=[institution], people=[deputy])
    GovernmentInteraction.objects.create(interaction=exchange, report="to_file")
    answer = board()
    due = answer.context["lobbying"]
    (link,) = re.findall(r'class="report-due[^"]*">\s*<a href="([^"]+)"', answer.content.decode())
    listed = client.get(unescape(link)).context
    assert due.count + due.late == len(listed["to_file"]) + len(listed["late"])


def test_home_asks_as_many_queries_whatever_there_is(board, marie, paul):
    def fill(number):
        for _ in range(number):
            organization = OrganizationFactory(town="Montréal", themes=["enfance"])
            person = PersonFactory(at=organization, title="Direction")
            changed_by(paul, lambda organization=organization: organization.save())
            changed_by(paul, lambda person=person: person.save())
            InteractionFactory(about=[organization], people=[person])
            FollowUp.objects.create(
                what="Rappeler", assigned_to=marie, organization=organization, person=person
            )

    fill(2)
    board()
    with CaptureQueriesContext(connection) as few:
        board()
    fill(10)
    with CaptureQueriesContext(connection) as many:
        board()
    assert len(many) == len(few)
    assert len(many) <= 14


def test_role_sees_only_its_own_panels(client):
    OrganizationFactory(town="Montréal")
    client.force_login(make_user(Role.COMMUNICATIONS))
    context = client.get("/admin/").context
    assert "follow_ups" not in context
    assert "lobbying" not in context
    assert context["to_do"]


def test_empty_site_has_a_home(board):
    assert board().status_code == 200


# Over time


def test_members_are_counted_on_the_last_day_of_each_year():
    today = timezone.localdate()
    organization = OrganizationFactory(outside=True)
    Membership.objects.create(
        organization=organization,
        started_on=datetime.date(today.year - 3, 6, 1),
        ended_on=datetime.date(today.year - 1, 6, 1),
    )
    counts = {bar.label: bar.count for bar in members_over_time()["bars"]}
    assert [counts[str(today.year - back)] for back in (4, 3, 2, 1)] == [0, 1, 1, 0]
    assert counts[gettext("today")] == 0


def test_memberships_without_a_start_are_said():
    organization = OrganizationFactory(outside=True)
    Membership.objects.create(organization=organization)
    over_time = members_over_time()
    assert over_time["undated"] == 1
    assert all(bar.count == 1 for bar in over_time["bars"])


# What others did


def test_my_own_changes_are_not_news(marie, paul):
    organization = OrganizationFactory()
    changed_by(marie, organization.confirm)
    assert changes_by_others(marie) == []
    (change,) = changes_by_others(paul)
    assert (change.who, change.name) == ("Marie", organization.name)


def test_a_change_of_position_is_told_on_its_person(marie, paul):
    person = PersonFactory(at=OrganizationFactory(), title="Direction")
    changed_by(paul, lambda: person.positions.get().leave(by=paul))
    (change,) = changes_by_others(marie)
    assert change.name == str(person)
    assert change.url.endswith(f"/person/{person.pk}/history/")


def test_an_import_is_one_change(marie, paul):
    organizations = [OrganizationFactory() for _ in range(3)]
    with pghistory.context(user=paul.pk, file="membres.csv"):
        for organization in organizations:
            organization.save()
    (change,) = changes_by_others(marie)
    assert "membres.csv" in change.what


def test_what_one_may_not_see_is_no_news(paul):
    changed_by(paul, InteractionFactory)
    assert changes_by_others(make_user(Role.COMMUNICATIONS)) == []
    assert changes_by_others(make_user(Role.READING)) != []


def test_deleted_record_is_told_without_a_link(marie, paul):
    organization = OrganizationFactory(outside=True)
    changed_by(paul, lambda: Organization.objects.get(pk=organization.pk).delete())
    (change,) = changes_by_others(marie)
    assert (str(change.what), change.url) == (pgettext("someone", "deleted"), "")
