"""Who may act for an organization, and until when."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from members.merging import merge, undo
from members.models import Organization, Position, Representative, User
from members.permissions import Role, can_edit, can_manage
from tests.factories import (
    OrganizationFactory,
    PersonFactory,
    PositionFactory,
    RepresentativeFactory,
    invitation_to,
    make_user,
)

pytestmark = pytest.mark.django_db

YESTERDAY = timezone.localdate() - datetime.timedelta(days=1)


@pytest.fixture
def organization():
    return OrganizationFactory(name_fr="Eau vive (fictif)")


@pytest.fixture
def keeper():
    return make_user(Role.PERMANENCE)


def test_representative_acts_for_their_organization_only(organization):
    user = RepresentativeFactory(organization=organization).user
    assert can_edit(user, organization)
    assert not can_manage(user, organization)
    assert not can_edit(user, OrganizationFactory())
    assert list(Organization.objects.represented_by(user)) == [organization]


def test_manager_manages(organization):
    assert can_manage(
        RepresentativeFactory(organization=organization, manager=True).user, organization
    )


@pytest.mark.parametrize("role", [*Role])
def test_staff_act_for_nobody_by_right(organization, role):
    assert not can_edit(make_user(role), organization)


def test_access_ends_when_it_is_taken_back_and_history_keeps_the_name(organization, keeper):
    representative = RepresentativeFactory(organization=organization)
    representative.end(by=keeper, reason="Départ")
    assert not can_edit(representative.user, organization)
    representative.refresh_from_db()
    assert (representative.ended_by, representative.end_reason) == (keeper, "Départ")
    with pytest.raises(ValidationError):
        Representative.objects.get(pk=representative.pk).end(by=keeper)


def test_access_ends_with_the_account(organization):
    user = RepresentativeFactory(organization=organization).user
    user.is_active = False
    user.save()
    assert not can_edit(user, organization)


def test_access_ends_with_the_membership(organization):
    user = RepresentativeFactory(organization=organization).user
    organization.memberships.update(ended_on=YESTERDAY)
    assert not can_edit(user, organization)


def test_suspended_organization_keeps_its_representatives():
    organization = OrganizationFactory(suspended=True)
    user = RepresentativeFactory(organization=organization).user
    assert can_edit(user, organization)
    assert organization in Organization.objects.visible_to(user)
    assert organization not in Organization.objects.visible_to(None)
    assert organization not in Organization.objects.visible_to(RepresentativeFactory().user)


def test_access_ends_with_the_position_and_not_while_another_goes_on(organization):
    person = PersonFactory(at=organization)
    user = RepresentativeFactory(organization=organization, user__person=person).user
    assert can_edit(user, organization)
    Position.objects.update(ended_on=YESTERDAY)
    assert not can_edit(user, organization)
    PositionFactory(person=person, organization=organization, title="Présidence")
    assert can_edit(user, organization)


def test_position_elsewhere_says_nothing_of_the_access(organization):
    person = PersonFactory(at=OrganizationFactory())
    user = RepresentativeFactory(organization=organization, user__person=person).user
    Position.objects.update(ended_on=YESTERDAY)
    assert can_edit(user, organization)


def test_why_there_is_no_access_is_said_in_words(organization, keeper):
    person = PersonFactory(at=organization)
    representative = RepresentativeFactory(organization=organization, user__person=person)

    def standing():
        return Representative.objects.with_standing().get(pk=representative.pk).standing

    assert standing() == ""
    Position.objects.update(ended_on=YESTERDAY)
    assert standing() == "fonction terminée"
    organization.memberships.update(ended_on=YESTERDAY)
    assert standing() == "adhésion terminée"
    representative.end(by=keeper)
    assert standing() == "accès retiré"


def test_one_access_at_a_time_and_another_after_the_end(organization, keeper):
    first = RepresentativeFactory(organization=organization)
    with pytest.raises(IntegrityError), transaction.atomic():
        RepresentativeFactory(organization=organization, user=first.user)
    first.end(by=keeper)
    RepresentativeFactory(organization=organization, user=first.user)


@pytest.mark.parametrize(
    "fields",
    [
        {"role": "king"},
        {"ended_at": timezone.now()},
        {"end_reason": "Départ"},
    ],
)
def test_database_keeps_the_rules_of_a_representative(organization, fields):
    representative = RepresentativeFactory(organization=organization)
    with pytest.raises(IntegrityError), transaction.atomic():
        Representative.objects.filter(pk=representative.pk).update(**fields)


# Records joined into one


def test_merge_ends_the_access_of_the_removed_organization_and_undo_gives_it_back(keeper):
    kept, removed = OrganizationFactory(), OrganizationFactory()
    own, other = (
        RepresentativeFactory(organization=kept),
        RepresentativeFactory(organization=removed),
    )
    invitation = invitation_to(removed, keeper)
    done = merge(kept=kept, removed=removed, by=keeper)
    assert can_edit(own.user, kept)
    assert not can_edit(other.user, kept)
    invitation.refresh_from_db()
    assert not invitation.is_open
    assert invitation.organization == kept
    assert undo(done, by=keeper) == []
    removed.refresh_from_db()
    assert can_edit(other.user, removed)
    invitation.refresh_from_db()
    assert invitation.is_open
    assert invitation.organization == removed


def test_merge_wakes_no_access_that_had_ended_with_the_membership(keeper):
    kept, removed = OrganizationFactory(lapsed=True), OrganizationFactory()
    user = RepresentativeFactory(organization=kept).user
    merge(kept=kept, removed=removed, by=keeper)
    assert not can_edit(user, kept)


@pytest.mark.parametrize("kept_has_account", [True, False])
def test_merge_of_people_wakes_no_access_that_had_ended_with_the_position(
    organization, keeper, kept_has_account
):
    gone, there = PersonFactory(), PersonFactory()
    PositionFactory(person=gone, organization=organization, ended_on=YESTERDAY)
    PositionFactory(person=there, organization=organization)
    user = RepresentativeFactory(organization=organization, user__person=gone).user
    kept, removed = (gone, there) if kept_has_account else (there, gone)
    done = merge(kept=kept, removed=removed, by=keeper)
    user = User.objects.get(pk=user.pk)
    assert user.person_id == kept.pk
    assert not can_edit(user, organization)
    undo(done, by=keeper)
    user.refresh_from_db()
    assert user.person_id == gone.pk
    assert user.representations.get().ended_at is None


def test_merge_of_two_people_with_accounts_leaves_the_kept_one_s(organization, keeper):
    kept, removed = PersonFactory(at=organization), PersonFactory(at=organization)
    first = RepresentativeFactory(organization=organization, user__person=kept).user
    second = RepresentativeFactory(organization=organization, user__person=removed).user
    done = merge(kept=kept, removed=removed, by=keeper)
    assert can_edit(first, organization)
    assert not can_edit(second, organization)
    assert User.objects.get(pk=second.pk).person is None
    undo(done, by=keeper)
    assert User.objects.get(pk=second.pk).person == removed
    assert can_edit(second, organization)


# The doors of the space


def test_space_is_the_one_organization_or_the_list_of_several(client, organization):
    user = RepresentativeFactory(organization=organization).user
    assert client.get("/mon-organisme/").url.startswith("/")
    client.force_login(user)
    assert client.get("/mon-organisme/").url == f"/mon-organisme/{organization.slug}/"
    other = RepresentativeFactory(user=user).organization
    page = client.get("/mon-organisme/").text
    assert organization.name in page
    assert other.name in page


def test_former_address_leads_to_the_present_one(client, organization):
    client.force_login(RepresentativeFactory(organization=organization).user)
    organization.former_slugs.create(slug="eau-morte")
    answer = client.get("/mon-organisme/eau-morte/acces/")
    assert answer.url == f"/mon-organisme/{organization.slug}/acces/"


def test_whoever_lost_access_reads_why_and_finds_what_they_typed(client, organization, keeper):
    representative = RepresentativeFactory(organization=organization)
    client.force_login(representative.user)
    representative.end(by=keeper)
    path = reverse("space:access", args=[organization.slug])
    answer = client.post(path, {"mission": "De l’eau <b>pour</b> tout le monde"})
    assert answer.status_code == 404
    assert "De l’eau &lt;b&gt;pour" in answer.text
