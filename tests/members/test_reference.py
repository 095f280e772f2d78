from io import StringIO

import pytest
from django.core.management import call_command

from members import reference
from members.models import Country, DirectoryChange, Theme

pytestmark = pytest.mark.django_db


def test_every_country_of_iso_3166_is_there_with_both_names():
    countries = {country.code: country for country in Country.objects.all()}
    assert len(countries) == 249
    assert countries["HT"].name_fr == "Haïti"
    assert countries["CD"].name_fr == "République démocratique du Congo"
    assert countries["CD"].name_en == "Democratic Republic of the Congo"
    assert not {"XK", "EU", "UN", "ZZ", "AC"} & countries.keys()
    for country in countries.values():
        for name in (country.name_fr, country.name_en):
            assert name
            assert name[0] == name[0].upper()
            assert "'" not in name


def test_themes_are_mapped_to_goals_and_purpose_codes():
    theme = Theme.objects.get(slug="egalite-genres")
    assert theme.name_fr == "Égalité des genres"
    assert theme.sdgs == [5, 10]
    assert theme.dac_codes == ["15170", "15180"]
    for theme in Theme.objects.all():
        theme.full_clean()


def test_a_second_load_leaves_the_directorys_version_alone():
    before = DirectoryChange.objects.count()
    out = StringIO()
    call_command("load_reference", stdout=out)
    assert DirectoryChange.objects.count() == before
    assert out.getvalue().count("0") == 12


def test_what_differs_is_updated_and_what_is_used_stays():
    Theme.objects.filter(slug="sante").update(sdgs=[])
    Theme.objects.create(slug="ancien", name_fr="Ancien thème", name_en="Former theme")
    Country.objects.get(code="HT").delete()
    loaded = reference.load()
    assert (loaded[Theme], loaded[Country]) == ((0, 1), (1, 0))
    assert Theme.objects.filter(slug="ancien").exists()
