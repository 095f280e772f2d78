import datetime

import pytest
from django.utils import timezone, translation

from members.columns import BY_KEY, COLUMNS, PUBLIC, cells, phone_text, prefetched, text
from members.models import Identifier, Membership, Organization
from tests.factories import MembershipFactory, OrganizationFactory

pytestmark = pytest.mark.django_db

# What must be asked for on purpose, before it is ever given away.
ALL_PUBLIC = (
    "name_fr name_en acronym other_names city region_code region address postal_code website email "
    "phone year_founded closed_year themes countries active_regions neq charity_number "
    "corporation_number org_id summary_fr summary_en mission_fr mission_en membership "
    "member_source source as_of last_confirmed_on slug url"
).split()


def value(organization, key):
    organization = prefetched(Organization.objects.all()).get(pk=organization.pk)
    return BY_KEY[key].value(organization)


def test_only_these_columns_are_public():
    assert [column.key for column in PUBLIC] == ALL_PUBLIC


def test_every_column_has_a_value_and_a_name_in_both_languages():
    organization = OrganizationFactory(
        name_fr="L’AMIE",
        town="Sherbrooke",
        postal_code="h2x 1y6",
        phone="514 555-0111",
        phone_extension="12",
        themes=["sante"],
        countries=["HT", "ML"],
        other_names=["Rallye; Tiers-Monde"],
        last_confirmed_on=datetime.date(2026, 9, 14),
    )
    Identifier.objects.create(organization=organization, scheme="charity", value="887802981RR0001")
    read = {
        column.key: column.value(prefetched(Organization.objects.all()).get(pk=organization.pk))
        for column in COLUMNS
    }
    assert read["city"] == "Sherbrooke"
    assert read["region_code"] == "05"
    assert read["region"] == "Estrie"
    assert read["postal_code"] == "H2X 1Y6"
    assert read["phone"] == "514 555-0111 poste 12"
    assert read["themes"] == ["sante"]
    assert sorted(read["countries"]) == ["HT", "ML"]
    assert text(read["other_names"]) == "former:Rallye\\; Tiers-Monde"
    assert read["charity_number"] == "887802981RR0001"
    assert read["org_id"] == "CA-CRA_ACR-887802981"
    assert text(read["last_confirmed_on"]) == "2026-09-14"
    assert read["slug"] == "l-amie"
    assert read["url"].endswith("/organismes/l-amie/")
    for language in ("fr", "en"):
        with translation.override(language):
            assert all(str(column.label) for column in COLUMNS)


def test_membership_says_what_is_known_of_it_today():
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    member = OrganizationFactory(outside=True)
    assert value(member, "membership") == "none"
    past = MembershipFactory(organization=member, ended_on=yesterday)
    assert value(member, "membership") == "former"
    Membership.objects.create(
        organization=member, started_on=timezone.localdate(), source_url="https://exemple.org/a"
    )
    assert value(member, "membership") == "unverified"
    assert value(member, "member_source") == "https://exemple.org/a"
    member.memberships.exclude(pk=past.pk).update(confirmed=True)
    assert value(member, "membership") == "confirmed"


def test_a_phone_number_from_abroad_has_its_country_code():
    assert phone_text(Organization(phone="+33 1 42 34 56 78")) == "+33 1 42 34 56 78"
    assert phone_text(Organization()) == ""


def test_no_cell_is_a_formula():
    organization = OrganizationFactory(name_fr="=1+1", phone="+33 1 42 34 56 78")
    row = cells(prefetched(Organization.objects.all()).get(pk=organization.pk), PUBLIC)
    assert "'=1+1" in row
    assert "'+33 1 42 34 56 78" in row
    assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@"))]


def test_reading_rows_takes_the_same_queries_for_two_as_for_twenty(django_assert_num_queries):
    for count in (2, 18):
        OrganizationFactory.create_batch(
            count, town="Sherbrooke", themes=["sante"], countries=["HT"], other_names=["Ancien"]
        )
        with django_assert_num_queries(7):
            rows = [cells(o, PUBLIC) for o in prefetched(Organization.objects.all())]
        assert len(rows[0]) == len(PUBLIC)
