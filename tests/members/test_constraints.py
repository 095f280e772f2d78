"""What the data must never do, tried past every form, straight into the database."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from members.models import Identifier, Membership, Organization, OtherName
from regions.models import Municipality, Region
from tests.factories import MembershipFactory, OrganizationFactory

pytestmark = pytest.mark.django_db


def refused(queryset, **changes):
    """Whether the database refuses an UPDATE."""
    try:
        with transaction.atomic():
            queryset.update(**changes)
    except DatabaseError:
        return True
    return False


@pytest.mark.parametrize(
    "changes",
    [
        {"name_fr": "  "},
        {"name_fr": None},
        {"slug": ""},
        {"kind": "club"},
        {"postal_code": "H2X 1Y6"},
        {"postal_code": "D2X1Y6"},
        {"website": "javascript:alert(1)"},
        {"source_url": "ftp://example.org"},
        {"phone_extension": "12"},
        {"founded_year": 1980, "closed_year": 1979},
        {"founded_year": 15},
    ],
)
def test_organization_refuses(changes):
    organization = OrganizationFactory()
    assert refused(Organization.objects.filter(pk=organization.pk), **changes)


def test_region_is_the_municipality_s():
    organization = OrganizationFactory(town="Sherbrooke")
    assert organization.region_id == "05"
    assert refused(Organization.objects.filter(pk=organization.pk), region=Region(code="06"))
    assert refused(Organization.objects.filter(pk=organization.pk), region=None)


def test_region_follows_a_corrected_municipality():
    organization = OrganizationFactory(town="Sherbrooke")
    Municipality.objects.filter(name="Sherbrooke").update(region="16")
    organization.refresh_from_db()
    assert (organization.region_id, organization.entry.region_id) == ("16", "16")


@pytest.mark.parametrize(
    ("scheme", "value"),
    [
        ("neq", "118144071"),
        ("neq", "9981440711"),
        ("charity", "887802981RC0001"),
        ("charity", "88780298RR0001"),
        ("corporation", "784899"),
        ("passport", "AB123456"),
    ],
)
def test_identifier_is_well_formed(scheme, value):
    with pytest.raises(DatabaseError), transaction.atomic():
        Identifier.objects.create(organization=OrganizationFactory(), scheme=scheme, value=value)


def test_identifier_belongs_to_one_organization():
    Identifier.objects.create(organization=OrganizationFactory(), scheme="neq", value="1181440711")
    with pytest.raises(ValidationError, match="Un autre organisme a ce numéro"):
        Identifier(
            organization=OrganizationFactory(), scheme="neq", value="11 8144 0711"
        ).full_clean()


@pytest.mark.parametrize(
    "changes",
    [
        {"ended_on": datetime.date(2000, 12, 31)},
        {"end_reason": "resigned"},
        {"status": "honorary"},
        {"category": "gold"},
    ],
)
def test_membership_refuses(changes):
    membership = MembershipFactory()
    assert refused(Membership.objects.filter(pk=membership.pk), **changes)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((None, None), (datetime.date(2020, 1, 1), None)),
        (
            (datetime.date(2010, 1, 1), datetime.date(2015, 6, 30)),
            (datetime.date(2015, 6, 30), None),
        ),
    ],
)
def test_memberships_of_one_organization_never_overlap(first, second):
    organization = OrganizationFactory(outside=True)
    Membership.objects.create(organization=organization, started_on=first[0], ended_on=first[1])
    again = Membership(organization=organization, started_on=second[0], ended_on=second[1])
    with pytest.raises(ValidationError, match="chevauche"):
        again.full_clean()
    with pytest.raises(DatabaseError), transaction.atomic():
        again.save()


def test_memberships_may_follow_each_other():
    organization = OrganizationFactory(outside=True)
    for start, end in [(2010, 2015), (2016, None)]:
        MembershipFactory(
            organization=organization,
            started_on=datetime.date(start, 1, 1),
            ended_on=end and datetime.date(end, 12, 31),
        )


def test_other_name_is_once_and_not_empty():
    organization = OrganizationFactory(other_names=["Ancien nom"])
    for name in ("Ancien nom", "  "):
        with pytest.raises(DatabaseError), transaction.atomic():
            OtherName.objects.create(organization=organization, name=name)


def test_a_town_is_once_in_its_region_whatever_its_spelling():
    with pytest.raises(DatabaseError), transaction.atomic():
        Municipality.objects.create(name="Val-d’or", region_id="08")
    Municipality.objects.create(name="Val-d’Or", region_id="09")
