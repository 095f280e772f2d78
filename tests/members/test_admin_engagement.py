"""Exchanges and follow-up in the staff's site: the short form, the lists, « done » in a click."""

import pytest
from django.urls import reverse

from members.models import FollowUp
from members.permissions import Role
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff():
    return make_user(Role.PERMANENCE, first_name="Marie")


@pytest.fixture
def office(client, staff):
    """The staff's site as someone of the permanent team sees it."""
    client.force_login(staff)
    return client


# Done in a click


def done(follow_up):
    return reverse("admin:members_followup_done", args=[follow_up.pk])


def test_done_in_one_click_and_back(office, staff):
    follow_up = FollowUp.objects.create(what="Rappeler")
    answer = office.post(done(follow_up), {"next": "/admin/members/organization/?q=eau"})
    assert answer.url == "/admin/members/organization/?q=eau"
    follow_up.refresh_from_db()
    assert follow_up.done_by == staff
    office.post(reverse("admin:members_followup_reopen", args=[follow_up.pk]))
    follow_up.refresh_from_db()
    assert follow_up.done_at is None


@pytest.mark.parametrize(
    "elsewhere", ["https://example.com/", "//example.com", "", "\\\\example.com"]
)
def test_done_leads_nowhere_else(office, elsewhere):
    follow_up = FollowUp.objects.create(what="Rappeler")
    answer = office.post(done(follow_up), {"next": elsewhere})
    assert answer.url == reverse("admin:members_followup_changelist")


def test_reading_does_not_finish(client):
    follow_up = FollowUp.objects.create(what="Rappeler")
    client.force_login(make_user(Role.READING))
    assert client.post(done(follow_up)).status_code == 403
    client.force_login(make_user(Role.COMMUNICATIONS))
    assert client.post(done(follow_up)).status_code == 403
    follow_up.refresh_from_db()
    assert follow_up.done_at is None


def test_looking_does_not_finish(office):
    follow_up = FollowUp.objects.create(what="Rappeler")
    assert office.get(done(follow_up)).status_code == 405
    follow_up.refresh_from_db()
    assert follow_up.done_at is None
