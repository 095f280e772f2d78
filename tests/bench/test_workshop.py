"""What `make bench` makes for the staff's pages, and asks of them."""

import pytest
from django.core.management import call_command

from members.models import (
    AllianceMembership,
    FollowUp,
    Interaction,
    Organization,
    Person,
    Position,
    User,
)
from members.permissions import Role
from tests import workshop_population
from tests.bench.workshop_addresses import addresses, space_addresses
from tests.population import populate

pytestmark = pytest.mark.django_db


@pytest.fixture
def workshop(db):
    call_command("load_reference", verbosity=0)
    populate(30)
    workshop_population.populate()


def test_each_organization_has_people_exchanges_and_the_rest(workshop):
    members = Organization.objects.members()
    assert members.count() == 30
    assert Person.objects.filter(positions__organization__in=members).distinct().count() == 90
    assert Interaction.objects.count() == 300
    assert Interaction.objects.filter(government__isnull=False).count() == 6
    assert AllianceMembership.objects.count() == 30
    assert FollowUp.objects.count() == 15
    assert FollowUp.objects.done().exists()
    assert Position.objects.past().exists()
    assert Person.pgh_event_models["insert"].objects.count() == Person.objects.count()


def test_every_page_of_the_staff_answers(workshop, client):
    user = User.objects.get(email="equipe0@example.org")
    assert user.roles == {Role.DIRECTION}
    client.force_login(user)
    asked = addresses(3)
    assert {"Dashboard", "Search", "Organizations: list", "Organizations: page"} <= asked.keys()
    for page, paths in asked.items():
        assert len(paths) == 3, page
        for path in paths:
            assert client.get(path).status_code == 200, path


def test_every_page_of_the_space_answers(workshop, client, django_assert_max_num_queries):
    """Within the ten queries that the space may ask."""
    client.force_login(User.objects.get(email=workshop_population.REPRESENTATIVE))
    for page, paths in space_addresses(3).items():
        assert len(paths) == 3, page
        for path in paths:
            with django_assert_max_num_queries(10):
                assert client.get(path).status_code == 200, path
