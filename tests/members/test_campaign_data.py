"""The real campaigns that a site is filled with: what the pages read established, no more."""

import pytest
from django.core.exceptions import ValidationError

from members.campaigns import load_campaigns
from members.models import Campaign, CampaignEdition, Programme

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path):
    """Writes a file of editions; returns where it is."""

    def write(*rows):
        head = "programme_slug,name_fr,name_en,year,theme_fr,theme_en,starts_on,ends_on,source"
        (tmp_path / "campaigns.csv").write_text("\n".join([head, *rows]))
        return tmp_path

    return write


def test_real_editions_are_loaded_with_their_sources():
    assert load_campaigns() == CampaignEdition.objects.count() == 32
    assert not CampaignEdition.objects.filter(source_url="").exists()
    assert CampaignEdition.objects.published().count() == 32
    assert {(c.slug, c.programme.slug) for c in Campaign.objects.all()} == {
        ("12-jours", "droits-des-femmes"),
        ("jqsi", "education-citoyennete-mondiale"),
        ("sdi", "education-citoyennete-mondiale"),
    }


def test_no_edition_is_invented_for_this_year():
    load_campaigns()
    assert not CampaignEdition.objects.filter(year__gt=2025).exists()


def test_missing_themes_and_days_stay_missing():
    load_campaigns()
    women = CampaignEdition.objects.get(campaign__slug="12-jours", year=2021)
    assert (women.theme_fr, str(women.starts_on)) == ("", "2021-11-25")
    opening = CampaignEdition.objects.get(campaign__slug="jqsi", year=2009)
    assert (str(opening.starts_on), opening.ends_on) == ("2009-11-04", None)
    closing = CampaignEdition.objects.get(campaign__slug="sdi", year=2016)
    assert (closing.starts_on, str(closing.ends_on)) == (None, "2016-02-13")


def test_both_languages_are_kept_with_their_typography():
    load_campaigns()
    edition = CampaignEdition.objects.get(campaign__slug="jqsi", year=2009)
    assert edition.theme_fr == (
        "Les changements climatiques\N{NO-BREAK SPACE}: impacts humains et sociaux"
    )
    assert edition.theme_en == "Climate change: human and social impacts"
    assert edition.campaign.name_en == "Québec Days of International Solidarity"


def test_second_run_adds_nothing_and_undoes_nothing():
    load_campaigns()
    Campaign.objects.filter(slug="jqsi").update(name_fr="Corrigé par l’équipe")
    Programme.objects.filter(slug="droits-des-femmes").update(name_fr="Féminismes")
    CampaignEdition.objects.filter(year=2021).update(theme_fr="Retrouvé")
    assert load_campaigns() == 0
    assert Campaign.objects.get(slug="jqsi").name_fr == "Corrigé par l’équipe"
    assert Programme.objects.get(slug="droits-des-femmes").name_fr == "Féminismes"
    assert set(CampaignEdition.objects.filter(year=2021).values_list("theme_fr", flat=True)) == {
        "Retrouvé"
    }


def test_campaign_without_a_programme_stands_alone(folder):
    where = folder("c,Campagne C (fictive),,2020,,,,,https://c.example")
    assert load_campaigns(where) == 1
    assert Campaign.objects.get().programme is None
    assert not Programme.objects.exists()


def test_days_outside_the_year_are_refused_and_nothing_is_kept(folder):
    where = folder("c,Campagne C (fictive),,2020,,,2021-01-01,,https://c.example")
    with pytest.raises(ValidationError):
        load_campaigns(where)
    assert not Campaign.objects.exists()
