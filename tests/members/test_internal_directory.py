"""The internal directory: who is in it, with which coordinates, for whom."""

import datetime

import pytest
from django.utils import timezone

from members.models import User
from members.permissions import Role
from tests.factories import OrganizationFactory, PersonFactory, PositionFactory, make_user

PAGE = "/admin/members/organization/directory/"


@pytest.fixture
def office(client, db):
    client.force_login(make_user(Role.READING))
    return client


@pytest.fixture
def eau_vive(db):
    return OrganizationFactory(
        name_fr="Eau vive (fictif)",
        acronym="EVF",
        town="Sherbrooke",
        address="12, rue Fictive",
        postal_code="J1H1A1",
        phone="+18195550111",
    )


def regions(page):
    return [(region, [o.name for o in members]) for region, members in page.context["groups"]]


def test_members_stand_by_region_or_by_name(office, eau_vive):
    OrganizationFactory(name_fr="Zone (fictif)", town="Montréal")
    OrganizationFactory(name_fr="Ailleurs (fictif)")
    OrganizationFactory(name_fr="Ancienne (fictif)", town="Montréal", lapsed=True)
    assert regions(office.get(PAGE)) == [
        ("Estrie", ["Eau vive (fictif)"]),
        ("Montréal", ["Zone (fictif)"]),
        (regions(office.get(PAGE))[-1][0], ["Ailleurs (fictif)"]),
    ]
    assert regions(office.get(PAGE + "?by=name")) == [
        ("", ["Ailleurs (fictif)", "Eau vive (fictif)", "Zone (fictif)"])
    ]


def test_each_has_its_address_and_main_people(office, eau_vive):
    PersonFactory(
        first_name="Ana",
        last_name="Fictive",
        at=eau_vive,
        title="Directrice",
        kinds=["direction"],
        email="ana@eauvive.example",
        personal_email="ana@maison.example",
        personal_phone="+15145550199",
        needs="Chaise",
    )
    PersonFactory(last_name="Comptable", at=eau_vive, kinds=["finance"])
    html = office.get(PAGE).content.decode()
    for shown in ("12, rue Fictive", "J1H", "819", "Ana Fictive", "ana@eauvive.example"):
        assert shown in html
    for hidden in ("maison.example", "0199", "Chaise", "Comptable"):
        assert hidden not in html


def test_who_left_is_not_in_it(office, eau_vive):
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    PositionFactory(organization=eau_vive, kinds=["direction"], ended_on=yesterday)
    archived = PersonFactory(at=eau_vive, kinds=["presidency"], archived_on=yesterday)
    (_region, (organization,)) = office.get(PAGE).context["groups"][0]
    assert organization.main_positions == []
    assert archived.last_name not in office.get(PAGE).content.decode()


@pytest.mark.parametrize("number", [2, 20])
def test_directory_takes_six_queries_at_most(office, number, django_assert_max_num_queries):
    for _ in range(number):
        PersonFactory(at=OrganizationFactory(town="Montréal"), kinds=["direction"])
    with django_assert_max_num_queries(6):
        office.get(PAGE)


def test_only_the_staff_open_it_and_are_led_there(client, eau_vive):
    client.force_login(User.objects.create_user("membre@example.org"))
    assert client.get(PAGE).status_code == 302
    client.force_login(make_user(Role.READING))
    for address in ("/admin/members/organization/", "/admin/"):
        assert f'href="{PAGE}"' in client.get(address).content.decode(), address
