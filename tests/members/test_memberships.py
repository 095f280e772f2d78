"""Admitting, suspending, reinstating and ending: the rules, the pages, and what the public sees."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from members.admin.history import events_of, moments
from members.models import Membership, MembershipDecision, Organization
from members.permissions import Role
from tests.factories import MembershipFactory, OrganizationFactory, make_user

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def marie():
    return make_user(Role.PERMANENCE, email="marie@example.org", first_name="Marie")


@pytest.fixture
def office(client, marie):
    client.force_login(marie)
    return client


def decision(**fields):
    return MembershipDecision(**{"resolution": "CA-2026-041", **fields})


def listed(organization, on=None):
    """Whether the public directory shows it that day."""
    return Organization.objects.members(on).filter(pk=organization.pk).exists()


def address(record, page):
    return reverse(f"admin:members_{record._meta.model_name}_{page}", args=[record.pk])


# Admission


def test_admission_opens_a_confirmed_membership_with_its_decision(marie, today):
    organization = OrganizationFactory(outside=True)
    assert not listed(organization)
    membership = organization.admit(by=marie, on=today, decision=decision(), category="regular")
    assert (membership.started_on, membership.ended_on) == (today, None)
    assert (membership.confirmed, membership.category) == (True, "regular")
    taken = membership.decisions.get()
    assert (taken.kind, taken.resolution, taken.recorded_by) == ("admission", "CA-2026-041", marie)
    assert listed(organization)


def test_former_member_is_readmitted_and_keeps_its_past(marie, today):
    organization = OrganizationFactory(lapsed=True)
    first = organization.memberships.get()
    membership = organization.admit(by=marie, on=today, decision=decision())
    assert membership.decisions.get().kind == "readmission"
    assert set(organization.memberships.all()) == {first, membership}


def test_readmission_begins_the_day_after_the_end_at_the_earliest(marie, today):
    organization = OrganizationFactory(lapsed=True)  # until yesterday included
    with pytest.raises(ValidationError, match="chevauche"):
        organization.admit(by=marie, on=today - DAY, decision=decision())
    assert organization.memberships.count() == 1
    assert not MembershipDecision.objects.exists()
    organization.admit(by=marie, on=today, decision=decision())


@pytest.mark.parametrize("started_on", [None, datetime.date(2001, 1, 1)])
@pytest.mark.parametrize("days", [-9000, 0, 9000])
def test_member_is_not_admitted_twice(marie, today, started_on, days):
    """A membership that goes on overlaps whatever comes after, and before if its start is not
    known."""
    organization = MembershipFactory(started_on=started_on).organization
    if started_on and days < 0:
        days = -1
    with pytest.raises(ValidationError, match="chevauche"):
        organization.admit(by=marie, on=today + days * DAY, decision=decision())


def test_admission_in_the_future_waits_for_its_day(marie, today):
    organization = OrganizationFactory(outside=True)
    organization.admit(by=marie, on=today + DAY, decision=decision())
    assert not listed(organization)
    assert listed(organization, today + DAY)


def test_admission_before_a_known_membership_is_open_and_overlaps_it(marie):
    organization = MembershipFactory(started_on=datetime.date(2001, 1, 1)).organization
    with pytest.raises(ValidationError, match="chevauche"):
        organization.admit(by=marie, on=datetime.date(1999, 1, 1), decision=decision())


def test_association_is_not_a_member_of_itself(marie, today):
    association = OrganizationFactory(kind="association", outside=True)
    with pytest.raises(ValidationError):
        association.admit(by=marie, on=today, decision=decision())
    assert not Membership.objects.exists()


def test_decision_that_is_refused_leaves_no_membership(marie, today):
    organization = OrganizationFactory(outside=True)
    with pytest.raises(ValidationError):
        organization.admit(by=marie, on=today, decision=decision(body="the cat"))
    with pytest.raises(ValidationError):
        organization.admit(
            by=marie, on=today, decision=decision(decided_on=datetime.date(20225 % 9999, 1, 1))
        )
    assert not Membership.objects.exists()


# Suspension


def test_suspension_hides_from_the_directory_and_reinstatement_shows_again(marie):
    organization = OrganizationFactory()
    membership = organization.memberships.get()
    membership.suspend(by=marie, decision=decision())
    assert not listed(organization)
    membership.reinstate(by=marie, decision=decision(resolution="CA-2026-050"))
    assert listed(organization)
    assert [d.kind for d in membership.decisions.order_by("pk")] == ["suspension", "reinstatement"]


def test_what_is_not_current_is_neither_suspended_nor_reinstated(marie):
    lapsed = OrganizationFactory(lapsed=True, outside=False).memberships.get()
    for method in (lapsed.suspend, lapsed.reinstate):
        with pytest.raises(ValidationError, match="en cours"):
            method(by=marie, decision=decision())
    assert not MembershipDecision.objects.exists()


def test_suspended_twice_or_reinstated_without_suspension_is_refused(marie):
    membership = OrganizationFactory(suspended=True).memberships.get()
    with pytest.raises(ValidationError):
        membership.suspend(by=marie, decision=decision())
    active = OrganizationFactory().memberships.get()
    with pytest.raises(ValidationError):
        active.reinstate(by=marie, decision=decision())
    assert not MembershipDecision.objects.exists()


def test_suspended_member_may_end(marie, today):
    membership = OrganizationFactory(suspended=True).memberships.get()
    membership.end(by=marie, on=today, reason="removed", decision=decision())
    membership.refresh_from_db()
    assert (membership.ended_on, membership.status) == (today, "suspended")


# End


@pytest.mark.parametrize(("days", "shown_today"), [(-30, False), (-1, False), (0, True), (9, True)])
def test_directory_shows_until_the_last_day_included(marie, today, days, shown_today):
    organization = OrganizationFactory()
    last = today + days * DAY
    organization.memberships.get().end(by=marie, on=last, reason="resigned", decision=decision())
    assert listed(organization) is shown_today
    assert listed(organization, last)
    assert not listed(organization, last + DAY)


def test_end_before_the_start_is_refused_and_changes_nothing(marie):
    membership = MembershipFactory(started_on=datetime.date(2001, 1, 1))
    with pytest.raises(ValidationError, match="précède"):
        membership.end(
            by=marie, on=datetime.date(2000, 12, 31), reason="other", decision=decision()
        )
    membership.refresh_from_db()
    assert (membership.ended_on, membership.end_reason) == (None, "")
    assert not MembershipDecision.objects.exists()


def test_membership_of_unknown_start_ends_on_any_day(marie):
    membership = MembershipFactory(started_on=None)
    membership.end(by=marie, on=datetime.date(1990, 6, 30), reason="closed", decision=decision())
    assert not listed(membership.organization)


def test_end_to_come_is_moved_and_past_one_is_not(marie, today):
    membership = MembershipFactory()
    membership.end(by=marie, on=today + 30 * DAY, reason="resigned", decision=decision())
    membership.end(by=marie, on=today + 60 * DAY, reason="resigned", decision=decision())
    assert membership.decisions.count() == 2
    membership.end(by=marie, on=today - DAY, reason="resigned", decision=decision())
    with pytest.raises(ValidationError, match="en cours"):
        membership.end(by=marie, on=today, reason="resigned", decision=decision())


def test_end_moved_past_the_next_admission_is_refused(marie, today):
    membership = MembershipFactory()
    organization = membership.organization
    membership.end(by=marie, on=today + 10 * DAY, reason="other", decision=decision())
    organization.admit(by=marie, on=today + 20 * DAY, decision=decision())
    with pytest.raises(ValidationError, match="chevauche"):
        membership.end(by=marie, on=today + 20 * DAY, reason="other", decision=decision())
    membership.refresh_from_db()
    assert membership.ended_on == today + 10 * DAY


def test_membership_to_come_is_not_ended(marie, today):
    membership = MembershipFactory(started_on=today + DAY)
    with pytest.raises(ValidationError, match="en cours"):
        membership.end(by=marie, on=today + 9 * DAY, reason="other", decision=decision())


def test_decision_is_a_change_of_the_organization(marie, today):
    organization = OrganizationFactory()
    before = organization.updated_at
    organization.memberships.get().suspend(by=marie, decision=decision())
    organization.refresh_from_db()
    assert organization.updated_at > before


def test_confirming_keeps_the_source(marie):
    membership = MembershipFactory(confirmed=False, source_url="https://avant.example")
    membership.confirm(by=marie)
    membership.refresh_from_db()
    assert (membership.confirmed, membership.source_url) == (True, "https://avant.example")
    membership.confirm(by=marie, source_url="https://liste.example")
    membership.refresh_from_db()
    assert membership.source_url == "https://liste.example"


# Pages


def test_admission_page_admits_and_the_public_page_opens(office, client, marie, today):
    organization = OrganizationFactory(name_fr="Eau vive", outside=True)
    page = address(organization, "admit")
    assert office.get(page).status_code == 200
    answer = office.post(
        page,
        {
            "on": str(today),
            "category": "associate",
            "body": "assembly",
            "decided_on": "2026-06-11",
            "resolution": "AGA-2026-07",
            "note": "À l’unanimité.",
        },
        follow=True,
    )
    assert answer.redirect_chain[0][0] == address(organization, "change")
    assert "Eau vive" in str(next(iter(answer.context["messages"])))
    taken = MembershipDecision.objects.get()
    assert (taken.kind, taken.body, taken.resolution) == ("admission", "assembly", "AGA-2026-07")
    assert (taken.recorded_by, taken.membership.category) == (marie, "associate")
    client.logout()
    assert client.get(organization.get_absolute_url()).status_code == 200


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"on": ""}, "on"),
        ({"on": "20225-01-01"}, "on"),
        ({"on": "1850-01-01"}, "on"),
        ({"on": "2000-01-01"}, "on"),  # overlaps
        ({"decided_on": "demain"}, "decided_on"),
        ({"decided_on": "1850-01-01"}, "decided_on"),
        ({"body": ""}, "body"),
        ({"body": "roi"}, "body"),
        ({"category": "roi"}, "category"),
        ({"resolution": "x" * 41}, "resolution"),
        ({"note": "x" * 1001}, "note"),
    ],
)
def test_bad_admission_is_told_beside_its_field_and_loses_nothing(office, today, sent, field):
    organization = OrganizationFactory(lapsed=True)
    data = {"on": str(today), "body": "board", "decided_on": str(today), "note": "À garder"} | sent
    answer = office.post(address(organization, "admit"), data)
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [field]
    if "note" not in sent:
        assert "À garder" in answer.content.decode()
    assert organization.memberships.count() == 1
    assert not MembershipDecision.objects.exists()


def test_end_page_ends_for_a_reason(office, client, today):
    organization = OrganizationFactory(name_fr="Eau vive")
    membership = organization.memberships.get()
    sent = {"on": str(today - DAY), "body": "member", "decided_on": str(today)}
    refused = office.post(address(membership, "end"), sent)
    assert list(refused.context["form"].errors) == ["reason"]
    office.post(address(membership, "end"), sent | {"reason": "resigned"})
    membership.refresh_from_db()
    assert (membership.ended_on, membership.end_reason) == (today - DAY, "resigned")
    client.logout()
    assert client.get(organization.get_absolute_url()).status_code == 404
    assert "Eau vive" not in client.get("/organismes/").content.decode()


def test_end_before_the_start_is_told_beside_the_day(office):
    membership = MembershipFactory(started_on=datetime.date(2001, 1, 1))
    answer = office.post(
        address(membership, "end"),
        {"on": "2000-01-01", "reason": "other", "body": "board", "decided_on": "2026-01-01"},
    )
    assert list(answer.context["form"].errors) == ["on"]


def test_suspension_and_reinstatement_by_their_pages(office, client, today):
    organization = OrganizationFactory()
    membership = organization.memberships.get()
    sent = {"body": "board", "decided_on": str(today), "resolution": "CA-1"}
    assert office.post(address(membership, "suspend"), sent).status_code == 302
    assert not listed(organization)
    again = office.post(address(membership, "suspend"), sent)
    assert again.context["form"].non_field_errors()
    assert office.post(address(membership, "reinstate"), sent).status_code == 302
    assert listed(organization)
    assert membership.decisions.count() == 2


def test_history_says_who_decided_what(office):
    organization = OrganizationFactory()
    membership = organization.memberships.get()
    office.post(
        address(membership, "suspend"),
        {"body": "board", "decided_on": "2026-06-11", "resolution": "CA-2026-041"},
    )
    told = moments(events_of(membership, related=True), membership)[0]
    assert told.who == "Marie"
    words = " ".join(f"{c.what} {c.before} {c.after}" for c in told.changes)
    assert "suspendu" in words.lower()
    assert "CA-2026-041" in words


@pytest.mark.parametrize("role", [Role.COMMUNICATIONS, Role.READING, Role.PRIVACY])
def test_only_those_who_record_decisions_reach_the_pages(client, role):
    client.force_login(make_user(role))
    organization = OrganizationFactory()
    membership = organization.memberships.get()
    pages = [address(organization, "admit")]
    pages += [address(membership, key) for key in ("suspend", "reinstate", "end")]
    for page in pages:
        assert client.get(page).status_code == 403
        assert client.post(page, {}).status_code == 403
    assert not MembershipDecision.objects.exists()


def test_decision_on_what_is_not_there_is_not_found(office):
    assert office.get(reverse("admin:members_membership_end", args=[0])).status_code == 404
    assert office.get(reverse("admin:members_organization_admit", args=[0])).status_code == 404


def test_page_of_a_decision_says_what_holds_so_far(office):
    organization = OrganizationFactory(lapsed=True)
    html = office.get(address(organization, "admit")).content.decode()
    assert "2001-01-01" in html
    assert "réadmission" in html


# Their list


def test_list_shows_what_is_to_be_confirmed_and_who_came_in_a_year(office, today):
    MembershipFactory(organization__name_fr="Sûre")
    MembershipFactory(organization__name_fr="Peut-être", confirmed=False, started_on=None)
    MembershipFactory(organization__name_fr="Neuve", started_on=today.replace(month=1, day=1))

    def shown(**query):
        answer = office.get("/admin/members/membership/", query)
        return [row.organization.name_fr for row in answer.context["cl"].result_list]

    assert shown() == ["Neuve", "Peut-être", "Sûre"]
    assert shown(confirmed="no") == ["Peut-être"]
    assert shown(confirmed="yes") == ["Neuve", "Sûre"]
    assert shown(year=str(today.year)) == ["Neuve"]
    assert shown(year="2001") == ["Sûre"]
    assert shown(year="unknown") == ["Peut-être"]
