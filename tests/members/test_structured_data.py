"""What programs read of one organization and of the site: vCard, JSON-LD, Open Graph."""

import datetime
import json
import re
from html.parser import HTMLParser

import pytest
import vobject
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import reverse
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from members import columns, vcard
from members.directory import schema
from members.directory.caching import directory_version
from members.directory.head import head_meta
from members.models import Organization
from members.templatetags.structured import json_ld
from members.terms import vocabulary
from tests.members.published import publish


@pytest.fixture
def water(db):
    """A member of which everything is known, with every character that needs care."""
    return publish(
        "L’Eau, pour tous; et \\ toutes",
        name_en="Water for All",
        acronym="EPT",
        slug="eau",
        themes=["eau-assainissement", "sante"],
        countries=["HT", "CI"],
        active_regions=["17"],
        other_names=[("former", "Puits; ouverts"), ("acronym", "PO")],
        identifiers=[("charity", "887802981RR0001"), ("neq", "1181440711")],
        address="12, rue de la Source; 2e étage",
        postal_code="J1H1A1",
        website="https://eau.example/à-propos?x=1&y=2",
        email="info@eau.example",
        phone="+15145550123",
        phone_extension="12",
        founded_year=1976,
        summary_fr="Une première phrase, longue, accentuée et française; « éééééééééééééééé ».",
    )


# vCard, as a plain function


@given(st.text())
def test_a_line_is_folded_by_bytes_and_unfolds_to_itself(text):
    text = re.sub(r"[\r\n\ud800-\udfff]", "", text)
    folded = vcard.folded(f"NOTE:{text}")
    lines = folded.split("\r\n")
    assert lines.pop() == ""
    assert all(len(line.encode()) <= 75 for line in lines)
    assert "".join([lines[0], *(line[1:] for line in lines[1:])]) == f"NOTE:{text}"
    assert all(line.startswith(" ") for line in lines[1:])


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"])))
def test_an_escaped_text_is_read_back(text):
    """By vobject, which knows nothing of our escapes."""
    card = vobject.readOne(
        vcard.vcard([("FN", "Une"), ("N", "Une;;;;"), ("NOTE", vcard.escaped(text + "\nfin"))])
    )
    assert card.note.value == text + "\nfin"


def test_no_text_can_end_its_line():
    value = vcard.escaped("une\r\nEND:VCARD\rdeux\ntrois\x00\x0b")
    assert value == "une\\nEND:VCARD\\ndeux\\ntrois"


# vCard, as an address book reads it


def card_at(client, address):
    """The card at that address, as vobject understands it."""
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/vcard; charset=utf-8"
    text = response.content.decode()
    assert text.startswith("BEGIN:VCARD\r\nVERSION:4.0\r\n")
    assert text.endswith("END:VCARD\r\n")
    assert not re.search(r"(?<!\r)\n|\r(?!\n)", text)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    return vobject.readOne(text)


def test_card_says_how_to_reach_the_organization(client, water):
    card = card_at(client, "/organismes/eau.vcf")
    assert card.kind.value == "org"
    assert [fn.value for fn in card.contents["fn"]] == [water.name_fr, "Water for All"]
    assert [fn.params for fn in card.contents["fn"]] == [
        {"LANGUAGE": ["fr"], "ALTID": ["1"]},
        {"LANGUAGE": ["en"], "ALTID": ["1"]},
    ]
    assert card.org.value == [water.name_fr]
    assert card.tel.value == "tel:+15145550123;ext=12"
    assert card.tel.params["VALUE"] == ["uri"]
    assert card.email.value == "info@eau.example"
    address = card.adr.value
    assert address.street == "12, rue de la Source; 2e étage"
    assert (address.city, address.region, address.country) == ("Sherbrooke", "Québec", "Canada")
    assert address.code == "J1H 1A1"
    assert card.url.value == "https://eau.example/%C3%A0-propos?x=1&y=2"
    assert card.note.value == water.summary_fr
    assert card.source.value == "http://testserver/organismes/eau.vcf"
    revised = datetime.datetime.fromisoformat(card.rev.value)
    assert revised == water.updated_at.replace(microsecond=0)


def test_card_is_in_the_language_of_its_address(client, water):
    card = card_at(client, "/en/organizations/eau.vcf")
    assert card.fn.value == card.org.value[0] == "Water for All"
    assert "Health" in card.contents["categories"][0].value


def test_card_keeps_its_name_whatever_changes(client, water):
    before = card_at(client, "/organismes/eau.vcf").uid.value
    assert before.startswith("urn:uuid:")
    assert card_at(client, "/en/organizations/eau.vcf").uid.value == before
    water.slug = "eaux"
    water.save()
    assert card_at(client, "/organismes/eaux.vcf").uid.value == before


def test_card_of_an_organization_of_which_little_is_known(client, db):
    publish("Zone franche", town=None)
    card = card_at(client, "/organismes/zone-franche.vcf")
    assert set(card.contents) == {
        "version",
        "prodid",
        "kind",
        "uid",
        "fn",
        "org",
        "url",
        "source",
        "rev",
    }
    assert card.url.value == "http://testserver/organismes/zone-franche/"


@pytest.mark.parametrize("slug", ["rien", "ancien-membre"])
def test_no_card_for_an_organization_that_nobody_may_see(client, db, slug):
    publish("Ancien membre", membership={"ended_on": datetime.date(2020, 1, 31)})
    assert client.get(f"/organismes/{slug}.vcf").status_code == 404


# JSON-LD


def described(organization, language="fr"):
    """The JSON-LD of the organization's page, as a program reads it."""
    request = RequestFactory().get("/")
    found = (
        Organization.objects.members()
        .with_public_relations()
        .select_related("entry", "municipality")
        .get(pk=organization.pk)
    )
    with override(language):
        data = schema.page_of_organization(request, found, vocabulary(directory_version()))
    return json.loads(element(json_ld(data)))


def element(html):
    """The content of the one script element in `html`, as a browser delimits it."""

    class Reader(HTMLParser):
        tags, text = [], ""

        def handle_starttag(self, tag, attributes):
            self.tags = [*self.tags, (tag, dict(attributes))]

        def handle_data(self, data):
            self.text += data

    reader = Reader()
    reader.feed(html)
    assert reader.tags == [("script", {"type": "application/ld+json"})]
    return reader.text


def test_search_engines_are_told_who_the_organization_is(water):
    data = described(water)
    assert data["@context"] == "https://schema.org"
    assert data["@type"] == "NGO"
    assert data["@id"] == "http://testserver/organismes/eau/#organization"
    assert data["name"] == water.name_fr
    assert set(data["alternateName"]) == {"EPT", "Water for All", "Puits; ouverts", "PO"}
    assert data["url"] == "https://eau.example/%C3%A0-propos?x=1&y=2"
    assert data["mainEntityOfPage"] == "http://testserver/organismes/eau/"
    assert data["sameAs"] == [
        "http://testserver/organismes/eau/",
        "http://testserver/en/organizations/eau/",
    ]
    assert data["address"] == {
        "@type": "PostalAddress",
        "streetAddress": "12, rue de la Source; 2e étage",
        "addressLocality": "Sherbrooke",
        "addressRegion": "QC",
        "postalCode": "J1H 1A1",
        "addressCountry": "CA",
    }
    assert data["telephone"] == "+15145550123"
    assert data["foundingDate"] == "1976"
    assert {area["identifier"] for area in data["areaServed"]} == {"HT", "CI", "CA-QC-17"}
    assert {"Santé", "Eau et assainissement"} == set(data["knowsAbout"])
    numbers = {(number["propertyID"], number["value"]) for number in data["identifier"]}
    assert numbers == {
        ("CHARITY", "887802981RR0001"),
        ("NEQ", "1181440711"),
        ("org-id", "CA-CRA_ACR-887802981"),
        ("org-id", "CA_QC-QBC-1181440711"),
    }
    assert data["memberOf"]["alternateName"] == "AQOCI"


def test_the_organization_is_the_same_thing_in_english(water):
    data = described(water, "en")
    assert data["name"] == "Water for All"
    assert data["@id"] == described(water)["@id"]
    assert data["mainEntityOfPage"] == "http://testserver/en/organizations/eau/"


def test_nothing_says_it_is_a_member_until_that_is_confirmed(db):
    assert "memberOf" not in described(publish("Zone franche", membership={"confirmed": False}))


def test_what_is_not_known_is_left_out(db):
    data = described(publish("Zone franche", town=None))
    assert set(data) == {
        "@context",
        "@type",
        "@id",
        "name",
        "url",
        "sameAs",
        "mainEntityOfPage",
        "memberOf",
    }


def test_cards_and_descriptions_hold_public_columns_only():
    """They read these facts by name: whoever makes one private must take it out of them."""
    told = {
        "name_fr", "name_en", "acronym", "other_names", "city", "region_code", "address",
        "postal_code", "website", "email", "phone", "year_founded", "closed_year", "themes",
        "countries", "active_regions", "neq", "charity_number", "corporation_number", "org_id",
        "summary_fr", "summary_en", "membership", "slug",
    }  # fmt: skip
    assert told <= {column.key for column in columns.PUBLIC}


HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!-- <script>",
    "]]>",
    "&lt;/script&gt;",
    "\u2028\u2029",
    "'\"\\",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_can_end_its_element(text):
    html = json_ld({"name": text})
    assert json.loads(element(html)) == {"name": text}
    assert html.count("<") == 2


@given(st.text())
def test_any_text_is_read_back_from_its_element(text):
    assert json.loads(element(json_ld({text: [text]}))) == {text: [text]}


def test_the_home_page_says_how_to_search():
    with override("en"):
        data = schema.website(RequestFactory().get("/en/"))
    target = data["potentialAction"]["target"]["urlTemplate"]
    assert target == "http://testserver/en/organizations/?q={search_term_string}"
    assert data["@type"] == "WebSite"
    assert data["inLanguage"] == "en-CA"


def test_the_data_page_describes_files_that_exist(client, db):
    request = RequestFactory().get("/")
    moment = datetime.datetime(2026, 3, 9, 12, tzinfo=datetime.UTC)
    data = json.loads(element(json_ld(schema.dataset(request, moment))))
    assert data["@type"] == "Dataset"
    assert data["dateModified"] == "2026-03-09T12:00:00+00:00"
    assert data["license"] == "http://testserver/donnees/#reuse"
    assert len(data["distribution"]) == 4
    for file in data["distribution"]:
        response = client.get(file["contentUrl"].removeprefix("http://testserver"))
        assert response.status_code == 200
        assert response["Content-Type"].startswith(file["encodingFormat"])


# Open Graph


def test_a_page_says_what_it_is_to_social_networks(settings):
    settings.SITE_URL = "https://membres.example.org"
    request = RequestFactory().get("/organismes/eau/?utm_source=x")
    meta = head_meta(
        request, title='L’« Eau » & "toutes"', description="<b>", data={"@type": "NGO"}
    )

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attributes):
            attributes = dict(attributes)
            said[attributes.get("property") or attributes.get("rel") or tag] = attributes

    said = {}
    Reader().feed(render_to_string("members/partials/head_meta.html", {"meta": meta}))
    assert said["canonical"]["href"] == "https://membres.example.org/organismes/eau/"
    assert said["og:url"]["content"] == "https://membres.example.org/organismes/eau/"
    assert said["og:title"]["content"] == 'L’« Eau » & "toutes"'
    assert said["og:description"]["content"] == "<b>"
    assert said["og:locale"]["content"] == "fr_CA"
    assert said["script"]["type"] == "application/ld+json"
    image = said["og:image"]["content"]
    assert image == "https://membres.example.org" + reverse("members:share-image")
