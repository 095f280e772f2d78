"""The directory's entries follow every change, whatever door it comes through."""

import contextlib
import datetime

import pytest

from members.directory.caching import directory_version
from members.models import Country, DirectoryEntry, Membership, Organization, OtherName, Theme
from members.models.directory import refreshed_together
from tests.factories import OrganizationFactory

pytestmark = pytest.mark.django_db


def entry_of(organization):
    return DirectoryEntry.objects.get(pk=organization.pk)


def test_entry_has_names_labels_and_whole_names():
    organization = OrganizationFactory(
        name_fr="L’Œuvre – Solidarité/Nord (fictif)",
        acronym="O.S.N.",
        town="Sherbrooke",
        themes=["sante"],
        countries=["HT"],
        other_names=["Vieux-Pont"],
    )
    entry = entry_of(organization)
    assert "osn" in entry.names.split()
    assert "vieux pont" in entry.names
    assert {"sherbrooke", "estrie", "sante", "health", "haiti"} <= set(entry.labels.split())
    assert {"osn", "vieux pont", "l oeuvre", "l oeuvre solidarite nord"} <= set(entry.exact)
    assert entry.countries == ["HT"]


@pytest.mark.parametrize(
    ("change", "before", "after"),
    [
        (lambda o: o.themes.clear(), "sante", None),
        (lambda o: o.countries.set(["ML"]), "haiti", "mali"),
        (lambda o: o.other_names.all().delete(), "pont", None),
        (lambda o: o.other_names.update(name="Jeune-Pont"), "vieux", "jeune"),
        (lambda o: Organization.objects.update(name_fr="Rive"), "oeuvre", "rive"),
        (
            lambda o: Theme.objects.filter(slug="sante").update(name_en="Healing"),
            "health",
            "healing",
        ),
        (lambda o: Country.objects.filter(code="HT").update(other_names="Ayiti"), None, "ayiti"),
    ],
)
def test_entry_follows(change, before, after):
    organization = OrganizationFactory(
        name_fr="Œuvre", themes=["sante"], countries=["HT"], other_names=["Vieux-Pont"]
    )
    Theme.objects.filter(slug="sante").update(other_names="")
    change(organization)
    words = set(entry_of(organization).haystack.split())
    assert before not in words
    assert after is None or after in words


@pytest.mark.parametrize("together", [False, True])
def test_a_row_that_goes_to_another_organization_changes_both_entries(together):
    giving = OrganizationFactory(themes=["sante"], countries=["HT"], other_names=["Vieux-Pont"])
    taking = OrganizationFactory(outside=True)
    with refreshed_together() if together else contextlib.nullcontext():
        for rows in (
            Membership.objects,
            OtherName.objects,
            Organization.themes.through.objects,
            Organization.countries.through.objects,
        ):
            rows.filter(organization=giving).update(organization=taking)
    left, taken = entry_of(giving), entry_of(taking)
    assert (left.themes, left.countries) == ([], [])
    assert "vieux pont" not in left.names
    assert not Organization.objects.members().filter(pk=giving.pk).exists()
    assert taken.countries == ["HT"]
    assert "vieux pont" in taken.names
    assert Organization.objects.members().filter(pk=taking.pk).exists()


def test_entry_goes_with_its_organization():
    organization = OrganizationFactory(themes=["sante"])
    organization.delete()
    assert not DirectoryEntry.objects.exists()


@pytest.mark.parametrize(
    ("situation", "listed"),
    [
        ({}, True),
        ({"outside": True}, False),
        ({"lapsed": True}, False),
        ({"suspended": True}, False),
    ],
)
def test_directory_lists_members_in_good_standing(situation, listed):
    organization = OrganizationFactory(**situation)
    assert Organization.objects.members().filter(pk=organization.pk).exists() == listed


def test_membership_begins_and_ends_on_its_days():
    organization = OrganizationFactory(outside=True)
    Membership.objects.create(
        organization=organization,
        started_on=datetime.date(2030, 5, 1),
        ended_on=datetime.date(2030, 5, 3),
    )
    listed = [
        day
        for day in range(1, 6)
        if Organization.objects.members(on=datetime.date(2030, 5, day) - datetime.timedelta(1))
    ]
    assert listed == [2, 3, 4]


def test_many_changes_refresh_together():
    with refreshed_together():
        organization = OrganizationFactory(themes=["sante"])
        assert not DirectoryEntry.objects.exists()
    assert "sante" in entry_of(organization).labels
    organization.themes.clear()
    assert "sante" not in entry_of(organization).labels


def test_version_moves_with_every_public_change():
    organization = OrganizationFactory()
    versions = [directory_version()]
    for change in (
        lambda: organization.themes.add(Theme.objects.first()),
        lambda: Organization.objects.update(phone="+15145550123"),
        lambda: organization.other_names.create(name="Autre"),
        lambda: organization.identifiers.create(scheme="neq", value="1181440711"),
        lambda: organization.memberships.update(confirmed=False),
        lambda: Country.objects.filter(code="HT").update(name_en="Hayti"),
    ):
        change()
        versions.append(directory_version())
    assert len(set(versions)) == len(versions)
