import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regions import reference
from regions.models import Municipality, Region

pytestmark = pytest.mark.django_db


def test_all_seventeen_regions_have_their_official_code_and_an_address():
    assert [region.code for region in Region.objects.all()] == [f"{n:02}" for n in range(1, 18)]
    slugs = {region.code: region.slug for region in Region.objects.all()}
    assert slugs["01"] == "bas-saint-laurent"
    assert slugs["02"] == "saguenay-lac-saint-jean"
    assert slugs["11"] == "gaspesie-iles-de-la-madeleine"


def test_a_second_load_writes_nothing():
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert set(reference.load().values()) == {(0, 0)}
    assert not [q for q in queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]


def test_what_differs_is_updated_and_what_staff_added_stays():
    Region.objects.filter(code="06").update(name_en="Wrong")
    Municipality.objects.filter(name="Matane").delete()
    Municipality.objects.filter(name="Rimouski").update(latitude=None, longitude=None)
    added = Municipality.objects.create(name="Saint-Exemple", region_id="01")
    assert reference.load() == {Region: (0, 1), Municipality: (1, 1)}
    assert Region.objects.get(code="06").name_en == "Montréal"
    assert Municipality.objects.get(name="Rimouski").latitude
    assert Municipality.objects.filter(pk=added.pk).exists()
