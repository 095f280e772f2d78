"""Every address of the space, walked as everybody: nobody finds what is not theirs.

The addresses are the site's own, gathered here: a new one is walked from the day it is there. It
must take its organization from `slug`, or be listed as OPEN with its reason.
"""

import datetime
import logging

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from members.models import Position, Representative, User
from members.permissions import Role
from members.space import urls
from members.space.steps import SLUGS
from tests.factories import (
    OrganizationFactory,
    PersonFactory,
    RepresentativeFactory,
    StatementFactory,
    UserFactory,
    invitation_to,
    make_user,
)

pytestmark = pytest.mark.django_db

# Addresses that are about no organization, or whose link is the key: who comes there is asked
# nothing, or only to sign in.
OPEN = {"home", "invitation", "request-access", "request-sent", "show-publicly", "confirm-link"}
# What only managers of the organization may ask for.
MANAGERS = {"invite", "renew", "revoke", "role", "remove"}
STRANGERS = ["B", "ended", "position ended", "visitor", *(role.value for role in Role), "superuser"]


def addresses():
    """{name: names of its arguments} of all that the space has."""
    return {pattern.name: [*pattern.pattern.converters] for pattern in urls.urlpatterns}


@pytest.fixture
def organization(db):
    return OrganizationFactory(name_fr="Eau vive (fictif)")


@pytest.fixture
def walked(organization):
    """[(name, address)] of all that is about the organization; its numbers are of real rows."""
    manager = RepresentativeFactory(organization=organization, manager=True)
    person = PersonFactory(at=organization, email="ana@example.org")
    keys = {
        "renew": invitation_to(organization, manager.user).pk,
        "revoke": invitation_to(organization, manager.user, email="max@example.org").pk,
        "role": manager.pk,
        "remove": manager.pk,
    }
    given = {
        "slug": organization.slug,
        "step": next(iter(SLUGS)),
        "statement": StatementFactory(open=True).slug,
    }
    found = []
    for name, arguments in addresses().items():
        if name in OPEN:
            continue
        assert "slug" in arguments, f"{name}: say in this test why it is open"
        values = {
            one: given.get(one, keys.get(name, person.positions.get().pk)) for one in arguments
        }
        found.append((name, reverse(f"space:{name}", kwargs=values)))
    return found


def someone(who, organization):
    """The user of one of STRANGERS, or "editor", "manager"."""
    if who == "B":
        return RepresentativeFactory(manager=True).user
    if who == "ended":
        representative = RepresentativeFactory(organization=organization, manager=True)
        representative.end(by=representative.user)
        return representative.user
    if who == "position ended":
        person = PersonFactory(at=organization)
        Position.objects.filter(person=person).update(
            ended_on=timezone.localdate() - datetime.timedelta(days=1)
        )
        return RepresentativeFactory(
            organization=organization, manager=True, user__person=person
        ).user
    if who == "visitor":
        return UserFactory()
    if who == "superuser":
        return User.objects.create_superuser("chef@example.org")
    if who in ("editor", "manager"):
        manages = who == "manager"
        return RepresentativeFactory(organization=organization, manager=manages).user
    return make_user(Role(who))


def visit(client, method, path):
    """What an address answers; whatever it did is taken back."""
    client.raise_request_exception = False
    with transaction.atomic():
        answer = getattr(client, method)(path)
        transaction.set_rollback(True)
    return answer


@pytest.fixture(autouse=True)
def quiet(caplog, settings):
    """Refusals are what is asked for."""
    caplog.set_level(logging.CRITICAL, "django")
    settings.SITE_URL = "https://membres.example.org"


@pytest.mark.parametrize("method", ["get", "post"])
def test_who_is_not_signed_in_is_sent_to_sign_in(client, walked, method):
    wrong = [
        (name, answer.status_code)
        for name, path in walked
        for answer in [visit(client, method, path)]
        if answer.status_code != 302 or not answer.url.startswith(reverse("account_login"))
    ]
    assert wrong == []


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("who", STRANGERS)
def test_who_does_not_act_for_the_organization_finds_nothing(
    client, walked, organization, who, method
):
    client.force_login(someone(who, organization))
    statuses = {name: visit(client, method, path).status_code for name, path in walked}
    assert {name: status for name, status in statuses.items() if status != 404} == {}


@pytest.mark.parametrize("method", ["get", "post"])
def test_editor_finds_nothing_of_what_managers_do(client, walked, organization, method):
    client.force_login(someone("editor", organization))
    for name, path in walked:
        answer = visit(client, method, path)
        assert answer.status_code < 500, name
        if name in MANAGERS:
            assert answer.status_code == 404, name


@pytest.mark.parametrize("method", ["get", "post"])
def test_manager_finds_all_of_it(client, walked, organization, method):
    client.force_login(someone("manager", organization))
    for name, path in walked:
        answer = visit(client, method, path)
        assert answer.status_code < 500, name
        if name in MANAGERS:
            assert answer.status_code != 404, name


@pytest.mark.parametrize("who", [None, *STRANGERS, "editor", "manager"])
def test_open_addresses_say_nothing_of_an_organization(client, organization, who):
    if who:
        client.force_login(someone(who, organization))
    for name in OPEN - {"home"}:
        arguments = ["a" * 43] if "token" in addresses()[name] else []
        for method in ("get", "post"):
            answer = visit(client, method, reverse(f"space:{name}", args=arguments))
            assert answer.status_code in ((404,) if arguments else (200, 302, 405)), name
    assert not Representative.objects.filter(started_by=None).exists()


def test_guessed_numbers_find_nothing(client, organization):
    other = RepresentativeFactory(manager=True)
    theirs = invitation_to(other.organization, other.user)
    position = PersonFactory(at=other.organization, email="ana@example.org").positions.get()
    client.force_login(someone("manager", organization))
    for name, arguments in addresses().items():
        if set(arguments) != {"slug", "pk"}:
            continue
        for pk in (other.pk, theirs.pk, position.pk, 10**9):
            if organization.representatives.filter(pk=pk).exists():
                continue
            path = reverse(f"space:{name}", kwargs={"slug": organization.slug, "pk": pk})
            for method in ("get", "post"):
                assert visit(client, method, path).status_code in (404, 405), (name, pk)
