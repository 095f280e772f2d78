"""Who is shown on an organization's public page: each says for oneself."""

import datetime
import re

import pytest
from django.core import mail, signing
from django.urls import reverse
from django.utils import timezone

from members.models import Position, SentMail
from members.space import people
from tests.factories import (
    OrganizationFactory,
    PersonFactory,
    PositionFactory,
    RepresentativeFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def site_url(settings):
    settings.SITE_URL = "https://membres.example.org"


@pytest.fixture
def organization():
    return OrganizationFactory(name_fr="Eau vive (fictif)")


@pytest.fixture
def representative(organization):
    person = PersonFactory(first_name="Ana", at=organization, email="ana@eauvive.example")
    return RepresentativeFactory(organization=organization, user__person=person)


@pytest.fixture
def own(representative):
    return representative.user.person.positions.get()


@pytest.fixture
def other(organization):
    """The position of somebody else."""
    return PositionFactory(
        person=PersonFactory(first_name="Basile", personal_email="basile@maison.example"),
        organization=organization,
        email="basile@eauvive.example",
        title="Communications",
    )


@pytest.fixture
def signed_in(client, representative):
    client.force_login(representative.user)
    return client


def page(name, position):
    return reverse(f"space:{name}", args=[position.organization.slug, position.pk])


def choice(position):
    return reverse("space:show-publicly", args=[people.link_token(position)])


def test_page_shows_what_is_professional_and_nothing_else(signed_in, own, other):
    PositionFactory(
        person=PersonFactory(last_name="Partie"),
        organization=own.organization,
        ended_on=timezone.localdate() - datetime.timedelta(days=1),
    )
    seen = signed_in.get(reverse("space:people", args=[own.organization.slug])).text
    assert "Basile" in seen
    assert "basile@eauvive.example" in seen
    assert "basile@maison.example" not in seen
    assert "Partie" not in seen


def test_one_shows_and_hides_oneself_and_the_words_are_kept(signed_in, own, representative):
    signed_in.post(page("show", own))
    own.refresh_from_db()
    assert own.is_public
    assert "J’accepte" in own.public_basis
    assert own.public_decided_by == representative.user
    signed_in.post(page("hide", own))
    own.refresh_from_db()
    assert not own.is_public


def test_nobody_shows_or_hides_somebody_else(signed_in, other):
    for name in ("show", "hide"):
        assert signed_in.post(page(name, other)).status_code == 404
    other.refresh_from_db()
    assert not other.is_public


def test_colleague_is_asked_at_the_professional_address_once_a_week(
    signed_in, other, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        signed_in.post(page("ask", other))
    answer = signed_in.post(page("ask", other), follow=True)
    assert "Laissez-lui" in answer.text
    (mailed,) = mail.outbox
    assert mailed.to == ["basile@eauvive.example"]
    kept = SentMail.objects.get()
    path = re.search(r"https://[^/]+(/\S*mon-choix/\S+)", mailed.body)[1]
    assert path not in kept.text, "staff cannot choose in their place"
    other.refresh_from_db()
    assert not other.is_public
    assert signed_in.get(path).status_code == 200


@pytest.mark.parametrize("case", ["without address", "oneself", "shown", "elsewhere"])
def test_question_is_asked_only_where_it_makes_sense(signed_in, own, other, case):
    position = own if case == "oneself" else other
    if case == "without address":
        Position.objects.filter(pk=other.pk).update(email="")
    elif case == "shown":
        other.show_publicly(by=None, basis="Par écrit")
    path = page("ask", position)
    if case == "elsewhere":
        elsewhere = PositionFactory(email="cleo@example.org")
        path = reverse("space:ask", args=[own.organization.slug, elsewhere.pk])
    assert signed_in.post(path).status_code == 404
    assert not SentMail.objects.exists()


def test_person_without_account_chooses_by_the_link_and_changes_their_mind(client, other):
    path = choice(other)
    client.get(path)
    other.refresh_from_db()
    assert not other.is_public, "looking chooses nothing"
    client.post(path, {"choice": "show"})
    other.refresh_from_db()
    assert other.is_public
    assert "basile@eauvive.example" in other.public_basis
    assert other.public_decided_by is None
    client.post(path, {"choice": "hide"})
    other.refresh_from_db()
    assert not other.is_public
    client.post(path, {"choice": "autre"})
    other.refresh_from_db()
    assert not other.is_public


@pytest.mark.parametrize("why", ["forged", "other purpose", "other address", "left", "old"])
def test_link_is_bound_to_its_purpose_position_address_and_days(client, other, monkeypatch, why):
    path = choice(other)
    if why == "forged":
        path = f"{path[:-2]}x/"
    elif why == "other purpose":
        token = signing.dumps([other.pk, other.email], salt="autre")
        path = reverse("space:show-publicly", args=[token])
    elif why == "other address":
        Position.objects.filter(pk=other.pk).update(email="autre@eauvive.example")
    elif why == "left":
        yesterday = timezone.localdate() - datetime.timedelta(days=1)
        Position.objects.filter(pk=other.pk).update(ended_on=yesterday)
    elif why == "old":
        monkeypatch.setattr(people, "ASKED_FOR", datetime.timedelta(seconds=-1))
    for answer in (client.get(path), client.post(path, {"choice": "show"})):
        assert answer.status_code == 404
        assert "Basile" not in answer.text
    other.refresh_from_db()
    assert not other.is_public


def test_page_asks_little_of_the_database(
    signed_in, own, organization, django_assert_max_num_queries
):
    for number in range(12):
        PersonFactory(at=organization, email=f"a{number}@eauvive.example")
    with django_assert_max_num_queries(10):
        signed_in.get(reverse("space:people", args=[organization.slug]))
