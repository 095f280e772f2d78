"""The real alliances that a site is filled with, and the association itself."""

import pytest

from members.imports import plan
from members.management.commands.load_demonstration import DATA, FILES
from members.models import Alliance, AllianceMembership, Organization, OtherName
from members.network import association_itself, load_alliances
from tests.factories import OrganizationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def organizations():
    for name in FILES:
        plan((DATA / name).read_bytes(), name).apply()


@pytest.fixture
def folder(tmp_path):
    """Writes files of alliances and participations; returns where they are."""

    def write(alliances, members=""):
        head = "slug,name_fr,name_en,acronym,kind,parent,purpose_fr,purpose_en,website,"
        (tmp_path / "alliances.csv").write_text(f"{head}year_founded,source\n{alliances}")
        (tmp_path / "alliance_members.csv").write_text(
            f"alliance_slug,organization_name_fr,since_year,source\n{members}"
        )
        return tmp_path

    return write


def test_real_alliances_are_loaded_with_their_sources(organizations):
    loaded = load_alliances()
    assert loaded.alliances == Alliance.objects.count() == 32
    assert loaded.participations == AllianceMembership.objects.count() == 39
    assert not Alliance.objects.filter(source_url="").exists()
    assert not AllianceMembership.objects.filter(source_url="").exists()
    assert not AllianceMembership.objects.filter(organization__name_fr__contains="fictif").exists()


def test_what_is_left_out_is_said(organizations):
    left_out = load_alliances().left_out
    assert len(left_out) == 2  # a campaign, and who was in it
    assert left_out[0].startswith("Partenaires solidaires")
    assert "partenaires-solidaires" in left_out[1]


def test_years_and_both_languages_are_kept(organizations):
    load_alliances()
    alliance = Alliance.objects.get(slug="c4d")
    assert (alliance.founded_year, alliance.kind) == (2006, "coalition")
    assert alliance.mandate_fr.startswith("Elle aide")
    assert alliance.mandate_en.startswith("It helps")
    women = AllianceMembership.objects.get(
        alliance__slug="cqfd", organization__kind=Organization.Kind.ASSOCIATION
    )
    assert (women.since_year, women.started_on) == (1984, None)


def test_group_within_an_alliance_belongs_to_it(organizations):
    load_alliances()
    group = Alliance.objects.get(slug="groupe-orientation-ameriques")
    assert group.parent.slug == "cooperation-canada"


def test_second_run_adds_nothing_and_undoes_nothing(organizations):
    load_alliances()
    Alliance.objects.filter(slug="c4d").update(name_fr="Corrigé par l’équipe")
    again = load_alliances()
    assert (again.alliances, again.participations) == (0, 0)
    assert Alliance.objects.get(slug="c4d").name_fr == "Corrigé par l’équipe"
    assert AllianceMembership.objects.count() == 39


def test_participation_that_ended_does_not_begin_again(organizations):
    load_alliances()
    gone = AllianceMembership.objects.filter(alliance__slug="aqce").first()
    gone.ended_on, gone.since_year = "2024-12-31", None
    gone.save()
    assert load_alliances().participations == 0


@pytest.mark.parametrize("said", ["l'eau  vive", "L’Eau-vive", "EAU VIVE"])
def test_names_are_recognized_however_they_are_written(folder, said):
    organization = OrganizationFactory(name_fr="L’Eau vive")
    OtherName.objects.create(organization=organization, name="Eau vive")
    where = folder("c,Coalition C,,,coalition,,,,,,https://c.example", f"c,{said},2003,")
    assert load_alliances(where).left_out == []
    assert organization.alliance_memberships.get().since_year == 2003


def test_unknown_organization_is_said_and_not_invented(folder):
    where = folder("c,Coalition C,,,coalition,,,,,,https://c.example", "c,Inconnue,,")
    loaded = load_alliances(where)
    assert (loaded.alliances, loaded.participations) == (1, 0)
    assert "Inconnue" in loaded.left_out[0]
    assert "Coalition C" in loaded.left_out[0]
    assert not Organization.objects.exclude(kind="association").exists()


def test_namesakes_are_refused_rather_than_guessed(folder):
    for number in range(2):
        OrganizationFactory(name_fr="Carrefour", slug=f"carrefour-{number}x")
    where = folder("c,Coalition C,,,coalition,,,,,,https://c.example", "c,Carrefour,,")
    loaded = load_alliances(where)
    assert loaded.participations == 0
    assert "Carrefour" in loaded.left_out[0]


def test_association_itself_is_one_and_no_member_of_itself(client):
    association = association_itself()
    assert association_itself() == association
    assert (association.acronym, association.founded_year) == ("AQOCI", 1976)
    assert not association.memberships.exists()
    OrganizationFactory(name_fr="Eau vive")
    assert [o.name_fr for o in Organization.objects.members()] == ["Eau vive"]
    assert client.get(association.get_absolute_url()).status_code == 404
    assert association.get_absolute_url() not in client.get("/organismes/").content.decode()
    assert association.name_fr not in client.get("/organismes.csv").getvalue().decode()


def test_alliances_have_the_themes_that_their_purpose_names():
    load_alliances()
    themes = Alliance.objects.get(slug="alliance-8-7").themes.order_by("slug")
    assert [theme.slug for theme in themes] == ["droits-humains", "enfance"]
    assert not Alliance.objects.get(slug="oxfam-international").themes.exists()
