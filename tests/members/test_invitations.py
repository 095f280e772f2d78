"""How someone is invited to act for an organization, comes in, and goes."""

import datetime
import re

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from members.actions import end_access, give_role, grant_access, invite, renew
from members.models import AccessRequest, Invitation, Representative, SentMail, User
from members.permissions import Role, can_edit, can_manage
from tests.factories import (
    OrganizationFactory,
    PersonFactory,
    PositionFactory,
    RepresentativeFactory,
    UserFactory,
    invitation_to,
    make_user,
)

pytestmark = pytest.mark.django_db

EDITOR, MANAGER = Representative.Role.EDITOR, Representative.Role.MANAGER


@pytest.fixture(autouse=True)
def site_url(settings):
    settings.SITE_URL = "https://membres.example.org"


@pytest.fixture
def organization():
    return OrganizationFactory(name_fr="Eau vive (fictif)")


@pytest.fixture
def keeper():
    return make_user(Role.PERMANENCE)


@pytest.fixture
def manager(organization):
    return RepresentativeFactory(organization=organization, manager=True)


@pytest.fixture
def colleague(organization):
    return RepresentativeFactory(organization=organization)


def link(mailed):
    """The address of the invitation that a mail holds."""
    return re.search(r"https?://[^/]+(/\S*invitation/\S+)", mailed.body)[1]


def page(name, organization, *args):
    return reverse(f"space:{name}", args=[organization.slug, *args])


# The action


def test_invitation_is_mailed_with_a_link_that_staff_cannot_read(
    organization, keeper, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        invitation = invite(
            organization=organization,
            email=" lea@example.org ",
            role=EDITOR,
            by=keeper,
            message="Bienvenue!",
        )
    (mailed,) = mail.outbox
    assert mailed.to == ["lea@example.org"]
    assert organization.name in mailed.subject
    assert "Bienvenue!" in mailed.body
    assert invitation.token in mailed.body
    kept = SentMail.objects.get(kind="invitation")
    assert invitation.token not in kept.text
    assert kept.organization == organization


def test_mail_and_its_link_are_in_the_language_of_the_invitation(
    organization, keeper, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        invite(
            organization=organization,
            email="lea@example.org",
            role=EDITOR,
            by=keeper,
            language="en",
        )
    assert "invites you" in mail.outbox[0].body
    assert link(mail.outbox[0]).startswith("/en/my-organization/invitation/")


def test_whoever_acts_for_the_organization_is_not_invited(organization, keeper, colleague):
    with pytest.raises(ValidationError):
        invite(
            organization=organization, email=colleague.user.email.upper(), role=EDITOR, by=keeper
        )
    assert not SentMail.objects.exists()


def test_whoever_lost_access_may_be_invited_again(organization, keeper, colleague):
    colleague.end(by=keeper)
    assert invite(organization=organization, email=colleague.user.email, role=EDITOR, by=keeper)


def test_inviting_again_renews_with_the_new_choices(organization, keeper):
    first = invite(organization=organization, email="lea@example.org", role=EDITOR, by=keeper)
    again = invite(organization=organization, email="LEA@example.org", role=MANAGER, by=keeper)
    assert again.pk == first.pk
    assert again.role == MANAGER
    assert list(Invitation.objects.with_token(again.token)) == [again]
    assert not Invitation.objects.with_token(first.token).exists()


def test_person_known_by_that_address_is_linked(organization, keeper):
    person = PersonFactory(at=organization, email="Lea@example.org")
    PersonFactory(at=OrganizationFactory(), email="lea@example.org")
    invitation = invite(organization=organization, email="lea@example.org", role=EDITOR, by=keeper)
    assert invitation.person == person


@pytest.mark.parametrize("case", ["two people", "left", "other account", "other person"])
def test_person_is_not_linked_when_something_contradicts(organization, keeper, case):
    person = PersonFactory()
    left = timezone.localdate() - datetime.timedelta(days=1) if case == "left" else None
    PositionFactory(
        person=person, organization=organization, email="lea@example.org", ended_on=left
    )
    if case == "two people":
        PersonFactory(at=organization, email="lea@example.org")
    elif case == "other account":
        UserFactory(person=person)
    elif case == "other person":
        UserFactory(email="lea@example.org", person=PersonFactory())
    invitation = invite(organization=organization, email="lea@example.org", role=EDITOR, by=keeper)
    assert invitation.person is None


def test_renewing_kills_the_former_link(client, organization, keeper):
    invitation = invitation_to(organization, keeper)
    former = invitation.token
    renew(invitation=invitation, by=keeper)
    assert client.get(reverse("space:invitation", args=[former])).status_code == 404
    assert client.get(reverse("space:invitation", args=[invitation.token])).status_code == 200


# Accepting


def test_invited_person_accepts_and_is_asked_for_the_code(
    client, organization, keeper, django_capture_on_commit_callbacks
):
    person = PersonFactory(first_name="Léa", at=organization, email="lea@example.org")
    with django_capture_on_commit_callbacks(execute=True):
        invite(
            organization=organization,
            email="lea@example.org",
            role=MANAGER,
            by=keeper,
            language="en",
        )
    path = link(mail.outbox[0])
    seen = client.get(path)
    assert organization.name in seen.text
    assert not User.objects.filter(email="lea@example.org").exists(), "looking makes nothing"
    answer = client.post(path)
    assert answer.url.startswith(reverse("account_confirm_login_code"))
    user = User.objects.get(email="lea@example.org")
    assert (user.person, user.first_name, user.language) == (person, "Léa", "en")
    assert can_manage(user, organization)
    code = re.search(r"^\s*([A-Z0-9-]{6,9})\s*$", mail.outbox[-1].body, re.M)[1]
    came_in = client.post(answer.url, {"code": code})
    assert came_in.status_code == 302
    assert client.get(f"/mon-organisme/{organization.slug}/").status_code == 200


def test_link_works_once(client, organization, keeper):
    path = reverse("space:invitation", args=[invitation_to(organization, keeper).token])
    assert client.post(path).status_code == 302
    again = client.post(path)
    assert again.status_code == 404
    assert Representative.objects.count() == 1


@pytest.mark.parametrize("why", ["unknown", "expired", "revoked", "membership ended", "closed"])
def test_all_dead_links_say_the_same(client, organization, keeper, why):
    invitation = invitation_to(organization, keeper)
    yesterday = timezone.now() - datetime.timedelta(days=1)
    if why == "expired":
        Invitation.objects.update(sent_at=yesterday - datetime.timedelta(1), expires_at=yesterday)
    elif why == "revoked":
        invitation.revoke(by=keeper)
    elif why == "membership ended":
        organization.memberships.update(ended_on=yesterday.date())
    elif why == "closed":
        UserFactory(email="lea@example.org", is_active=False)
    token = "a" * 43 if why == "unknown" else invitation.token
    path = reverse("space:invitation", args=[token])
    for answer in (client.get(path), client.post(path)):
        assert answer.status_code == 404
        assert "Ce lien ne fonctionne pas" in answer.text
        assert organization.name not in answer.text
    assert not Representative.objects.exists()


def test_link_opens_nothing_to_somebody_else_who_is_signed_in(client, organization, keeper):
    client.force_login(UserFactory(email="max@example.org"))
    path = reverse("space:invitation", args=[invitation_to(organization, keeper).token])
    for answer in (client.get(path), client.post(path)):
        assert "max@example.org" in answer.text
        assert reverse("account_logout") in answer.text
    assert not Representative.objects.exists()


def test_whoever_is_signed_in_with_that_address_needs_no_code(client, organization, keeper):
    client.force_login(UserFactory(email="Lea@example.org"))
    answer = client.post(
        reverse("space:invitation", args=[invitation_to(organization, keeper).token])
    )
    assert answer.url == f"/mon-organisme/{organization.slug}/"


# The page of access


def test_manager_invites_renews_and_revokes(client, organization, manager):
    client.force_login(manager.user)
    data = {"email": "lea@example.org", "role": "editor", "language": "fr", "message": "Bonjour"}
    assert client.post(page("invite", organization), data).url == page("access", organization)
    invitation = Invitation.objects.get()
    assert (invitation.invited_by, invitation.message) == (manager.user, "Bonjour")
    before = invitation.token_digest
    client.post(page("renew", organization, invitation.pk))
    invitation.refresh_from_db()
    assert invitation.token_digest != before
    assert "lea@example.org" in client.get(page("access", organization)).text
    client.post(page("revoke", organization, invitation.pk))
    invitation.refresh_from_db()
    assert invitation.revoked_by == manager.user
    answer = client.post(page("renew", organization, invitation.pk), follow=True)
    assert "révoquée" in answer.text


def test_what_cannot_be_invited_is_told_beside_what_was_typed(
    client, organization, manager, colleague
):
    client.force_login(manager.user)
    data = {"email": colleague.user.email, "role": "editor", "language": "fr", "message": "Salut"}
    answer = client.post(page("invite", organization), data)
    assert answer.status_code == 200
    assert "Salut" in answer.text
    assert "agit déjà" in answer.text


def test_manager_removes_a_colleague_who_is_told(client, organization, manager, colleague):
    client.force_login(manager.user)
    remove = page("remove", organization, colleague.pk)
    assert client.get(remove).status_code == 200
    assert can_edit(colleague.user, organization), "looking removes nobody"
    client.post(remove, {"reason": "Fin de mandat"})
    assert not can_edit(colleague.user, organization)
    told = SentMail.objects.get(kind="access_ended")
    assert told.to == colleague.user.email
    assert "Fin de mandat" in told.text


def test_manager_changes_a_role(client, organization, manager, colleague):
    client.force_login(manager.user)
    client.post(page("role", organization, colleague.pk), {"role": "manager"})
    assert can_manage(colleague.user, organization)


def test_invitations_and_colleagues_of_others_are_not_found(client, organization, manager, keeper):
    other = RepresentativeFactory(manager=True)
    invitation = invitation_to(other.organization, keeper)
    client.force_login(manager.user)
    for name, pk in [
        ("renew", invitation.pk),
        ("revoke", invitation.pk),
        ("role", other.pk),
        ("remove", other.pk),
    ]:
        assert client.post(page(name, organization, pk), {"role": "editor"}).status_code == 404
    assert can_manage(other.user, other.organization)


def test_editor_leaves_by_themself_and_gets_no_mail(client, organization, manager, colleague):
    client.force_login(colleague.user)
    client.post(page("leave", organization))
    assert not can_edit(colleague.user, organization)
    assert not SentMail.objects.exists()


def test_only_manager_names_another_before_leaving(client, organization, manager, colleague):
    client.force_login(manager.user)
    assert client.post(page("leave", organization)).status_code == 200
    assert can_manage(manager.user, organization)
    client.post(page("leave", organization), {"heir": colleague.pk})
    assert not can_edit(manager.user, organization)
    assert can_manage(colleague.user, organization)


def test_only_manager_names_another_before_stepping_down(client, organization, manager, colleague):
    client.force_login(manager.user)
    role = page("role", organization, manager.pk)
    assert "Choisissez" in client.post(role, {"role": "editor"}).text
    assert can_manage(manager.user, organization)
    client.post(role, {"role": "editor", "heir": colleague.pk})
    assert not can_manage(manager.user, organization)
    assert can_manage(colleague.user, organization)


def test_heir_is_somebody_who_acts_for_the_same_organization(client, organization, manager):
    client.force_login(manager.user)
    stranger = RepresentativeFactory()
    client.post(page("leave", organization), {"heir": stranger.pk})
    assert can_manage(manager.user, organization)


def test_organization_is_not_left_without_a_manager(organization, manager, colleague):
    for change in (
        lambda: end_access(representative=manager, by=manager.user),
        lambda: end_access(representative=manager, by=colleague.user),
        lambda: give_role(representative=manager, role=EDITOR, by=manager.user),
    ):
        with pytest.raises(ValidationError):
            change()


def test_staff_may_end_the_last_access(organization, manager, keeper):
    end_access(representative=manager, by=keeper)
    assert not can_edit(manager.user, organization)


def test_page_asks_little_of_the_database(
    client, organization, manager, keeper, django_assert_max_num_queries
):
    for number in range(8):
        RepresentativeFactory(organization=organization)
        invitation_to(organization, keeper, email=f"lea{number}@example.org")
    client.force_login(manager.user)
    with django_assert_max_num_queries(10):
        assert client.get(page("access", organization)).status_code == 200


def test_what_others_wrote_is_text(client, organization, keeper, manager):
    invitation = invitation_to(organization, keeper, message="<script>alert(1)</script>")
    answer = client.get(reverse("space:invitation", args=[invitation.token]))
    assert "<script>alert" not in answer.text


# Requests that are accepted


def test_accepted_request_is_one_mail_with_the_link(organization, keeper):
    asked = AccessRequest.objects.create(
        organization=organization, name="Léa", email="lea@example.org", language="en"
    )
    invitation = grant_access(access_request=asked, role=EDITOR, by=keeper, words="Welcome")
    assert asked.state == "accepted"
    assert (invitation.language, invitation.message) == ("en", "Welcome")
    (told,) = SentMail.objects.all()
    assert told.kind == "access_granted"
    assert "You asked to act" in told.text
