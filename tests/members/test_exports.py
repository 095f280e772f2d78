"""The directory as files: what they hold, who may read them, and that any size is answered."""

import csv
import dataclasses
import datetime
import io
import json
import tracemalloc
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from members import columns
from members.directory import exports, opendata
from members.imports import plan
from members.models import Organization
from tests.members.published import body, publish
from tests.population import populate

pytestmark = pytest.mark.django_db

LISTS = ["/organismes.csv", "/organismes.json", "/organismes.geojson"]
FORMULAS = ["=1+1", "+33 1", "-2", "@SUM(A1)", "\tx", "\rx"]


@pytest.fixture
def network():
    """Three members, and one organization that is not."""
    publish(
        "Éditions solidaires",
        acronym="ÉS",
        name_en="Solidarity Press",
        town="Québec",
        themes=["culture-communication"],
        countries=["HT", "SN"],
    )
    publish(
        "L’Eau pour tous; et toutes",
        themes=["eau-assainissement", "sante"],
        countries=["HT"],
        active_regions=["05", "17"],
        other_names=[("former", "Puits; ouverts"), ("acronym", "EPT")],
        identifiers=[("charity", "887802981RR0001"), ("neq", "1181440711")],
        address="12, rue de la Source",
        postal_code="J1H 1A1",
        website="https://eau.example",
        email="info@eau.example",
        phone="+15145550123",
        phone_extension="12",
        founded_year=1976,
        mission_fr='Deux\nlignes, une « citation » et "des guillemets".',
        last_confirmed_on=datetime.date(2026, 9, 3),
    )
    publish("Zone franche", town=None, membership={"confirmed": False})
    publish("Ancien membre", membership={"ended_on": datetime.date(2020, 1, 31)})


def table(response, delimiter=";"):
    """The rows of a CSV answer, as Python's reader finds them, headings first."""
    text = body(response).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def names_in(response):
    """The French names that an answer holds, whatever its format."""
    if response["Content-Type"].startswith("text/csv"):
        return [row[0] for row in table(response)[1:]]
    data = json.loads(body(response))
    rows = data.get("results") or [f["properties"] for f in data.get("features", [])]
    return [row["name"] for row in rows]


# The same question, the same rows


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["L’Eau pour tous; et toutes", "Éditions solidaires", "Zone franche"]),
        ("?country=HT", ["L’Eau pour tous; et toutes", "Éditions solidaires"]),
        ("?region=05", ["L’Eau pour tous; et toutes"]),
        ("?region=05&region=03", ["L’Eau pour tous; et toutes", "Éditions solidaires"]),
        ("?theme=culture-communication&country=HT", ["Éditions solidaires"]),
        ("?q=eau+haiti", ["L’Eau pour tous; et toutes"]),
        ("?q=solidiares", ["Éditions solidaires"]),
        ("?q=puits", ["L’Eau pour tous; et toutes"]),
        ("?sort=recent", ["Zone franche", "L’Eau pour tous; et toutes", "Éditions solidaires"]),
    ],
)
def test_each_format_gives_the_rows_of_the_question(client, network, query, names):
    for address in LISTS:
        found = names_in(client.get(address + query))
        assert sorted(found) == sorted(names), address
        if "sort" in query or "q=" in query:
            assert found == names, address


@pytest.mark.parametrize("address", LISTS)
def test_organizations_that_left_are_in_no_file(client, network, address):
    assert "Ancien membre" not in body(client.get(address)).decode()


@pytest.mark.parametrize("address", LISTS)
def test_a_directory_without_members_is_a_file_all_the_same(client, address):
    assert names_in(client.get(address)) == []


def test_english_addresses_give_english_names(client, network):
    results = json.loads(client.get("/en/organizations.json").content)["results"]
    press = next(row for row in results if row["acronym"] == "ÉS")
    assert press["name"] == "Solidarity Press"
    assert press["url"] == "http://testserver/en/organizations/editions-solidaires/"
    assert press["themes"] == [
        {"slug": "culture-communication", "name": "Culture and communication"}
    ]
    water = next(row for row in results if row["acronym"] is None and row["website"])
    assert water["name"] == "L’Eau pour tous; et toutes"


# CSV


def test_csv_opens_in_french_excel(client, network):
    response = client.get("/organismes.csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8; header=present"
    day = timezone.localdate().isoformat()
    assert response["Content-Disposition"] == f'attachment; filename="organismes-{day}.csv"'
    content = body(response)
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\xef\xbb\xbf") == 1
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert rows[0] == [str(column.label) for column in columns.PUBLIC]
    assert {len(row) for row in rows} == {len(columns.PUBLIC)}
    # Every line ends as RFC 4180 says; within a cell, the text's own ends stay.
    assert content.endswith(b"\r\n")
    assert content.count(b"\r\n") == len(rows)


def test_standard_csv_has_commas_and_keys_and_no_mark(client, network):
    content = body(client.get("/organismes.csv?dialect=standard"))
    assert not content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode(), newline="")))
    water = next(row for row in rows if row["name_fr"].startswith("L’Eau"))
    assert water["themes"].split(";") == ["eau-assainissement", "sante"]
    assert water["other_names"] == "acronym:EPT;former:Puits\\; ouverts"
    assert water["charity_number"] == "887802981RR0001"
    assert water["org_id"] == "CA-CRA_ACR-887802981"
    assert water["mission_fr"] == 'Deux\nlignes, une « citation » et "des guillemets".'
    assert water["last_confirmed_on"] == "2026-09-03"
    assert water["url"] == "http://testserver/organismes/l-eau-pour-tous-et-toutes/"


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_spreadsheet_takes_a_cell_for_a_formula(client, formula):
    Organization.objects.filter(pk=publish("Innocente").pk).update(summary_fr=formula)
    (row,) = table(client.get("/organismes.csv"))[1:]
    heading = [column.key for column in columns.PUBLIC].index("summary_fr")
    assert row[heading] == "'" + formula


def test_numbers_have_a_comma_in_excel_and_no_apostrophe():
    assert exports.cell(Decimal("-71.89"), "excel") == "-71,89"
    assert exports.cell(Decimal("-71.89"), "standard") == "-71.89"


@pytest.mark.parametrize(
    "address",
    [
        "/organismes.csv",
        "/en/organizations.csv",
        "/organismes.csv?dialect=standard",
        "/en/organizations.csv?dialect=standard",
    ],
)
def test_importing_our_own_file_changes_nothing(client, network, address):
    result = plan(body(client.get(address)))
    assert not result.unknown_headings
    assert (len(result.created), len(result.changed), len(result.refused)) == (0, 0, 0)
    assert len(result.unchanged) == 3


@pytest.mark.parametrize("query", ["region=99", "dialect=pdf", "theme=<script>", "nimporte=1"])
def test_csv_says_what_it_does_not_know_rather_than_give_everything(client, network, query):
    response = client.get(f"/organismes.csv?{query}")
    assert response.status_code == 400
    assert response["Content-Type"].startswith("text/plain")
    assert query.split("=")[1] in response.content.decode()


# JSON


def test_json_holds_what_is_promised(client, network):
    data = json.loads(client.get("/organismes.json?country=HT").content)
    assert (data["count"], data["page"], data["pages"]) == (2, 1, 1)
    assert (data["next"], data["previous"], data["ignored"]) == (None, None, [])
    assert data["licence"] == "http://testserver/donnees/#reuse"
    water, press = data["results"]
    assert press["acronym"] == "ÉS"
    assert water["id"] == Organization.objects.get(slug=water["slug"]).pk
    assert water["name"] == "L’Eau pour tous; et toutes"
    assert water["url"] == "http://testserver/organismes/l-eau-pour-tous-et-toutes/"
    assert water["region"] == {"code": "05", "name": "Estrie"}
    assert water["municipality"] == "Sherbrooke"
    assert water["themes"] == [
        {"slug": "eau-assainissement", "name": "Eau et assainissement"},
        {"slug": "sante", "name": "Santé"},
    ]
    assert water["countries"] == [{"code": "HT", "name": "Haïti"}]
    assert [region["code"] for region in water["active_regions"]] == ["17", "05"]
    assert water["other_names"] == [
        {"kind": "acronym", "name": "EPT"},
        {"kind": "former", "name": "Puits; ouverts"},
    ]
    assert water["year_founded"] == 1976
    assert water["closed_year"] is None
    assert water["membership"] == "confirmed"
    # Beside each choice, what it would give under the other groups' choices.
    assert data["facets"]["region"] == [
        {"code": "03", "name": "Capitale-Nationale", "count": 1},
        {"code": "05", "name": "Estrie", "count": 1},
    ]
    assert {"code": "SN", "name": "Sénégal", "count": 1} in data["facets"]["country"]
    assert {"slug": "sante", "name": "Santé", "count": 1} in data["facets"]["theme"]


def test_json_pages_lead_to_one_another_and_keep_the_question(client, network, monkeypatch):
    monkeypatch.setattr(exports, "PAGE_SIZE", 1)
    address, seen = "/organismes.json?country=HT&sort=name", []
    while address:
        data = json.loads(client.get(address).content)
        assert data["page"] == len(seen) + 1
        assert data["pages"] == data["count"] == 2
        seen += [row["name"] for row in data["results"]]
        address = data["next"] and "?".join(urlsplit(data["next"])[2:4])
    assert sorted(seen) == ["L’Eau pour tous; et toutes", "Éditions solidaires"]
    assert data["previous"].startswith("http://testserver/organismes.json?country=HT")


@pytest.mark.parametrize("page", ["0", "-1", "2", "1000000000", "x", "²", "1.0", "9" * 500])
def test_a_page_that_does_not_exist_is_left_out_and_named(client, network, page):
    data = json.loads(client.get("/organismes.json", {"page": page}).content)
    assert data["page"] == 1
    assert len(data["results"]) == 3
    assert [part["parameter"] for part in data["ignored"]] == ["Page"]


@pytest.mark.parametrize("address", ["/organismes.json", "/organismes.geojson"])
def test_values_that_are_not_known_are_named(client, network, address):
    data = json.loads(body(client.get(f"{address}?region=99&country=XX")))
    assert [part["value"] for part in data["ignored"]] == ["99", "XX"]


def test_nothing_found_is_an_empty_list_and_says_so(client, network):
    data = json.loads(client.get("/organismes.json?q=zzzzqqqq").content)
    assert (data["count"], data["pages"], data["results"]) == (0, 1, [])


# GeoJSON


def test_geojson_is_rfc_7946(client, network):
    response = client.get("/organismes.geojson")
    assert response["Content-Type"] == "application/geo+json"
    data = json.loads(body(response))
    assert data["type"] == "FeatureCollection"
    assert "crs" not in data
    by_name = {feature["properties"]["name"]: feature for feature in data["features"]}
    water = by_name["L’Eau pour tous; et toutes"]
    assert water["type"] == "Feature"
    longitude, latitude = water["geometry"]["coordinates"]
    assert water["geometry"]["type"] == "Point"
    assert longitude == pytest.approx(-71.9, abs=0.1)
    assert latitude == pytest.approx(45.4, abs=0.1)
    assert water["properties"]["precision"] == "municipality"
    assert "address" not in water["properties"]
    assert by_name["Zone franche"]["geometry"] is None
    assert by_name["Zone franche"]["properties"]["precision"] is None


def test_geojson_is_whole_whatever_the_batches(client, network, monkeypatch):
    for size in (1, 2, 3, 4):
        monkeypatch.setattr(exports, "BATCH", size)
        assert len(json.loads(body(client.get("/organismes.geojson")))["features"]) == 3


# One organization


def test_an_organization_gives_itself_in_json(client, network):
    response = client.get("/organismes/l-eau-pour-tous-et-toutes.json")
    assert response["Content-Type"] == "application/json"
    data = json.loads(response.content)
    assert data["phone"] == "514 555-0123 poste 12"
    assert datetime.datetime.fromisoformat(data["updated_at"]).tzinfo
    (listed,) = json.loads(client.get("/organismes.json?q=eau").content)["results"]
    assert {key: data[key] for key in listed} == listed


@pytest.mark.parametrize("address", ["/organismes/rien.json", "/organismes/ancien-membre.json"])
def test_unknown_organization_is_a_404_in_json(client, network, address):
    response = client.get(address)
    assert response.status_code == 404
    assert response.json() == {"error": "not found"}


@pytest.mark.parametrize("suffix", ["json", "vcf"])
def test_a_former_address_leads_to_the_present_one_in_its_format(client, network, suffix):
    organization = Organization.objects.get(slug="zone-franche")
    organization.slug = "zone-libre"
    organization.save()
    response = client.get(f"/organismes/zone-franche.{suffix}")
    assert response.status_code == 301
    assert response["Location"] == f"/organismes/zone-libre.{suffix}"
    assert client.get(f"/en/organizations/zone-franche.{suffix}")["Location"] == (
        f"/en/organizations/zone-libre.{suffix}"
    )
    organization.memberships.all().delete()
    assert client.get(f"/organismes/zone-franche.{suffix}").status_code == 404


# What is public, and to whom


def test_a_column_that_is_not_public_is_in_no_file(client, network, monkeypatch):
    hidden = tuple(
        dataclasses.replace(column, public=column.key != "email") for column in columns.COLUMNS
    )
    public = tuple(column for column in hidden if column.public)
    addresses = [*LISTS, "/organismes/l-eau-pour-tous-et-toutes.json"]
    assert any(b"info@eau.example" in body(client.get(address)) for address in addresses)
    monkeypatch.setattr(columns, "PUBLIC", public)
    monkeypatch.setattr(opendata, "PUBLIC", public)
    for address in addresses:
        assert b"info@eau.example" not in body(client.get(address)), address


ALL = [*LISTS, "/organismes.atom", "/organismes/zone-franche.json", "/organismes/zone-franche.vcf"]


@pytest.mark.parametrize("address", ALL)
def test_anybody_may_read_and_nobody_may_write(client, network, address):
    response = client.get(address)
    assert response.status_code == 200
    assert not response.cookies
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Link"] == '<http://testserver/donnees/#reuse>; rel="license"'
    assert body(response)
    for method in (client.post, client.put, client.delete):
        assert method(address).status_code == 405


@pytest.mark.parametrize("address", ALL)
def test_an_unchanged_file_is_not_sent_again(client, network, address):
    response = client.get(address)
    again = client.get(address, headers={"If-None-Match": response["ETag"]})
    assert again.status_code == 304
    publish("Nouvelle venue")
    changed = client.get(address, headers={"If-None-Match": response["ETag"]})
    assert changed.status_code == 200


@pytest.mark.parametrize("address", ALL)
def test_head_has_the_headers_of_get(client, network, address):
    got, head = client.get(address), client.head(address)
    assert head.status_code == 200
    assert head.headers.get("Content-Type") == got.headers.get("Content-Type")
    assert head["ETag"] == got["ETag"]
    assert body(client.get(address)) == body(got)


def test_a_failing_file_is_an_error_not_half_a_file(client, network, monkeypatch):
    def away(*args):
        raise OperationalError

    monkeypatch.setattr(exports, "csv_row", away)
    assert client.get("/organismes.csv").status_code == 503


def test_addresses_are_those_of_the_site_when_it_has_one(client, network, settings):
    settings.SITE_URL = "https://membres.example.org"
    data = json.loads(client.get("/organismes.json").content)
    urls = [row["url"] for row in data["results"]]
    assert all(url.startswith("https://membres.example.org/organismes/") for url in urls)
    rows = table(client.get("/organismes.csv"))
    assert rows[1][-1].startswith("https://membres.example.org/organismes/")


HOSTILE = [
    "q=%00%01%ff%fe",
    "q=" + "a%20" * 3000,
    "q=%22%22%20-%20(%26|!%3A*",
    "&".join(["region=05"] * 500 + ["region=%F0%9F%8C%8D"]),
    "theme=%3Cscript%3E&sort=x&display=%27&page=%00",
    "%00=%00&=&&?",
    "dialect=%00",
]


@pytest.mark.parametrize("query", HOSTILE)
def test_no_address_is_a_server_error(client, network, query):
    for address in [*LISTS, "/organismes.atom", "/sitemap.xml"]:
        response = client.get(f"{address}?{query}")
        assert response.status_code in (200, 400), address
        assert body(response)


# Any size


@pytest.mark.parametrize(
    "address",
    [
        *ALL,
        "/sitemap.xml",
        "/organismes.csv?q=zone&region=05",
        "/organismes.json?q=zone&theme=sante",
    ],
)
def test_queries_do_not_grow_with_the_rows(client, address):
    def queries():
        client.get(address)  # reads the vocabulary of this version
        with CaptureQueriesContext(connection) as captured:
            body(client.get(address))
        return len(captured)

    facts = {
        "themes": ["sante"],
        "countries": ["HT"],
        "active_regions": ["05"],
        "other_names": [("former", "Autrefois")],
    }
    publish("Zone franche", **facts)
    publish("Zone 1", **facts)
    few = queries()
    for number in range(2, 20):
        publish(f"Zone {number}", **facts)
    assert queries() == few
    assert few <= 10


@pytest.mark.parametrize("address", ["/organismes.csv", "/organismes.geojson"])
def test_the_end_of_a_long_file_takes_no_more_memory_than_its_beginning(
    client, monkeypatch, address
):
    monkeypatch.setattr(exports, "BATCH", 20)
    populate(400)
    body(client.get(address + "?region=05"))  # reads what is read only once
    tracemalloc.start()
    peaks = []
    for _piece in client.get(address):
        peaks.append(tracemalloc.get_traced_memory()[1])
    tracemalloc.stop()
    assert len(peaks) > 20
    # Four hundred organizations take some eight million bytes; Python clears up now and then.
    assert peaks[-1] < peaks[2] + 1_000_000
