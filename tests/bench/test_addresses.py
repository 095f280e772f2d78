"""What `make bench` asks for must be pages that find something, or its times would say nothing."""

import re

import pytest
from django.core.management import call_command

from members.models import Organization
from tests.bench.addresses import addresses, misspelled
from tests.happening import populate_happening
from tests.population import populate

pytestmark = pytest.mark.django_db


@pytest.fixture
def some_organizations(db):
    call_command("load_reference", verbosity=0)
    populate(30)
    populate_happening(events=40)


def test_every_address_answers(some_organizations, client):
    for page, paths in addresses(14).items():
        assert len(paths) == 14, page
        for path in paths:
            assert client.get(path).status_code == 200, path


@pytest.mark.parametrize("page", ["List of one region", "Text search", "Text and two facets"])
def test_every_list_has_organizations(some_organizations, client, page):
    for path in addresses(14)[page]:
        assert client.get(path).context["listing"].total > 0, path


def test_pages_are_of_different_organizations(some_organizations):
    asked = addresses(14)
    assert len(set(asked["Organization"])) == 14
    assert len(set(asked["Text search"])) == 14
    found = addresses(60)["Organization"]
    assert len(set(found)) == Organization.objects.members().count() == 30


def test_addresses_are_the_same_each_time(some_organizations):
    assert addresses(14) == addresses(14)


def test_a_misspelling_exchanges_two_letters():
    wrong = misspelled("Fonds Solidarité Sud")
    assert wrong == "Fonds Soliadrité Sud"
    assert sorted(re.sub(r"\W", "", wrong)) == sorted("FondsSolidaritéSud")
