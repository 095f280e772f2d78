"""How someone whom nobody invited asks to act for an organization, and what staff answer."""

import re
import time

import pytest
from django.core import signing
from django.core.exceptions import ValidationError
from django.urls import reverse

from members import robots
from members.actions import grant_access, refuse_access
from members.models import AccessRequest, Invitation, Representative, SentMail
from members.permissions import Role
from tests.factories import OrganizationFactory, RepresentativeFactory, make_user

pytestmark = pytest.mark.django_db

ASK, SENT = "/mon-organisme/demande/", "/mon-organisme/demande/envoyee/"


@pytest.fixture(autouse=True)
def site_url(settings):
    settings.SITE_URL = "https://membres.example.org"


@pytest.fixture
def organization():
    return OrganizationFactory(
        name_fr="Eau vive (fictif)", website="https://www.eauvive.example/accueil"
    )


@pytest.fixture
def keeper():
    return make_user(Role.PERMANENCE)


@pytest.fixture
def asked(organization):
    return AccessRequest.objects.create(
        organization=organization, name="Léa Fictive", email="lea@eauvive.example"
    )


def stamp(seconds=60):
    """The hidden time of a page made so long ago."""
    return signing.dumps(time.time() - seconds, salt=robots.SALT)


def typed(organization, **other):
    return {
        "organization": organization.pk,
        "name": "Léa Fictive",
        "email": "lea@eauvive.example",
        "title": "Direction",
        "message": "Bonjour",
        "made": stamp(),
    } | other


def test_request_goes_to_the_staff_who_decide(client, organization, keeper):
    make_user(Role.COMMUNICATIONS)
    assert organization.name in client.get(ASK).text
    assert client.post(ASK, typed(organization)).url == SENT
    assert client.get(SENT).status_code == 200
    kept = AccessRequest.objects.get()
    assert (kept.organization, kept.title, kept.language) == (organization, "Direction", "fr")
    told = SentMail.objects.get()
    assert told.to == keeper.email
    assert "même domaine" in told.text


def test_request_in_english_is_answered_in_english(client, organization):
    client.post("/en/my-organization/request/", typed(organization))
    assert AccessRequest.objects.get().language == "en"


def test_only_members_of_today_are_chosen(client, organization):
    lapsed = OrganizationFactory(lapsed=True)
    assert lapsed.name not in client.get(ASK).text
    client.post(ASK, typed(lapsed))
    assert not AccessRequest.objects.exists()


def test_answer_does_not_tell_whether_the_address_is_known(client, organization):
    known = RepresentativeFactory(organization=organization).user
    answers = [
        client.post(ASK, typed(organization, email=email))
        for email in (known.email, "inconnue@example.org", "inconnue@example.org")
    ]
    assert {(answer.status_code, answer.url) for answer in answers} == {(302, SENT)}


def test_asking_again_makes_no_second_request(client, organization):
    client.post(ASK, typed(organization))
    client.post(ASK, typed(organization, email="LEA@eauvive.example"))
    assert AccessRequest.objects.count() == 1


def test_program_that_fills_every_field_is_thanked_and_forgotten(client, organization):
    assert client.post(ASK, typed(organization, subject="Casino")).url == SENT
    assert not AccessRequest.objects.exists()


@pytest.mark.parametrize(
    "made",
    [
        lambda: "",
        lambda: "n’importe quoi",
        lambda: stamp(0),
        lambda: signing.dumps(1.0, salt="autre"),
        lambda: signing.dumps("hier", salt=robots.SALT),
    ],
)
def test_what_is_too_quick_or_not_ours_comes_back_as_typed(client, organization, made):
    answer = client.post(ASK, typed(organization, made=made()))
    assert answer.status_code == 200
    assert "Léa Fictive" in answer.text
    assert not AccessRequest.objects.exists()


def test_page_that_is_sent_again_carries_a_new_time(client, organization):
    answer = client.post(ASK, typed(organization, made=""))
    (made,) = re.findall(r'name="made" value="([^"]+)"', answer.text)
    assert signing.loads(made, salt=robots.SALT) > time.time() - 60


def test_too_many_requests_are_stopped(client, organization):
    statuses = [
        client.post(ASK, typed(organization, email=f"lea{n}@example.org")).status_code
        for n in range(7)
    ]
    assert statuses == [302] * 5 + [429] * 2


@pytest.mark.parametrize(
    ("email", "domain"),
    [
        ("lea@eauvive.example", "same"),
        ("lea@qc.eauvive.example", "same"),
        ("lea@autre.example", "other"),
        ("lea@gmail.com", "common"),
    ],
)
def test_domain_is_compared(organization, email, domain):
    assert AccessRequest(organization=organization, email=email).domain == domain


# What staff answer


def test_request_is_answered_once(asked, keeper):
    refuse_access(access_request=asked, by=keeper, words="Nous ne vous connaissons pas.")
    told = SentMail.objects.get()
    assert (told.kind, told.to) == ("access_refused", asked.email)
    assert "Nous ne vous connaissons pas." in told.text
    with pytest.raises(ValidationError):
        grant_access(access_request=asked, role="editor", by=keeper)
    assert not Invitation.objects.exists()


def test_staff_accept_on_a_page_that_compares_the_domain(client, asked, keeper):
    client.force_login(keeper)
    path = reverse("admin:members_accessrequest_accept", args=[asked.pk])
    assert "même domaine" in client.get(path).text
    assert client.post(path, {"role": "manager", "words": "Bienvenue"}).status_code == 302
    asked.refresh_from_db()
    assert (asked.state, asked.decided_by) == ("accepted", keeper)
    assert Invitation.objects.get().role == Representative.Role.MANAGER


def test_staff_refuse_in_words(client, asked, keeper):
    client.force_login(keeper)
    path = reverse("admin:members_accessrequest_refuse", args=[asked.pk])
    assert client.post(path, {"words": ""}).status_code == 200
    asked.refresh_from_db()
    assert asked.is_waiting
    client.post(path, {"words": "Adressez-vous à la direction."})
    asked.refresh_from_db()
    assert asked.answer == "Adressez-vous à la direction."


def test_acceptance_of_who_has_access_already_is_told_on_the_page(client, asked, keeper):
    RepresentativeFactory(organization=asked.organization, user__email=asked.email)
    client.force_login(keeper)
    path = reverse("admin:members_accessrequest_accept", args=[asked.pk])
    assert "agit déjà" in client.post(path, {"role": "editor"}).text
    asked.refresh_from_db()
    assert asked.is_waiting


def test_home_of_the_staff_counts_the_requests_that_wait(client, asked, keeper):
    client.force_login(keeper)
    assert "demande d’accès" in client.get("/admin/").text


def test_page_of_the_organization_says_who_has_access(client, asked, keeper):
    representative = RepresentativeFactory(organization=asked.organization)
    client.force_login(keeper)
    page = client.get(f"/admin/members/organization/{asked.organization_id}/change/").text
    assert representative.user.email in page
    assert "Léa Fictive" in page


def test_staff_invite_from_the_organization_s_page(client, organization, keeper):
    client.force_login(keeper)
    path = f"{reverse('admin:members_invitation_add')}?organization={organization.pk}"
    assert f'value="{organization.pk}" selected' in client.get(path).text
    data = {
        "organization": organization.pk,
        "email": "lea@example.org",
        "role": "manager",
        "language": "fr",
    }
    assert client.post(path, data).status_code == 302
    invitation = Invitation.objects.get()
    assert invitation.invited_by == keeper
    for step in ("renew", "revoke"):
        page = reverse(f"admin:members_invitation_{step}", args=[invitation.pk])
        assert client.get(page).status_code == 200
        assert client.post(page).status_code == 302
    invitation.refresh_from_db()
    assert not invitation.is_waiting


def test_staff_change_a_role_and_end_an_access(client, organization, keeper):
    representative = RepresentativeFactory(organization=organization, manager=True)
    client.force_login(keeper)
    role = reverse("admin:members_representative_role", args=[representative.pk])
    assert client.post(role, {"role": "editor"}).status_code == 302
    end = reverse("admin:members_representative_end", args=[representative.pk])
    assert client.post(end, {"reason": "Départ"}).status_code == 302
    representative.refresh_from_db()
    assert (representative.role, representative.end_reason) == ("editor", "Départ")
    assert "déjà" in client.post(end, {"reason": "Encore"}).text
