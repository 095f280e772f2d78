"""The pages of text, and the error pages: each says only what is known, whatever is missing."""

import pytest
from django.template.loader import get_template
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from members.columns import PUBLIC


@pytest.fixture
def html_of(client, db):
    """Reads a page of text in English by the name of its address."""

    def read(name):
        with override("en"):
            response = client.get(reverse(f"members:{name}"))
        assert response.status_code == 200
        return response.content.decode()

    return read


@pytest.mark.parametrize("name", ["about", "accessibility"])
def test_page_gives_the_address_to_write_to(html_of, settings, name):
    settings.CONTACT_EMAIL = "bonjour@example.org"
    html = html_of(name)
    assert 'href="mailto:bonjour@example.org"' in html
    assert "has not been set" not in html


@pytest.mark.parametrize("name", ["about", "accessibility"])
def test_page_says_when_there_is_no_address_to_write_to(html_of, settings, name):
    settings.CONTACT_EMAIL = ""
    html = html_of(name)
    assert "has not been set on this site yet" in html
    assert "mailto:" not in html


def test_only_a_demonstration_explains_fictional_organizations(html_of, settings):
    settings.DEMONSTRATION = False
    assert "(fictional)" not in html_of("about")
    settings.DEMONSTRATION = True
    assert "<em>(fictional)</em> do not exist" in html_of("about")


def test_privacy_page_names_the_person_in_charge(html_of, settings):
    settings.PRIVACY_OFFICER_TITLE = "Direction générale"
    settings.PRIVACY_OFFICER_EMAIL = "vie-privee@example.org"
    html = html_of("privacy")
    assert "Direction générale" in html
    assert 'href="mailto:vie-privee@example.org"' in html
    assert "have not been set" not in html


@pytest.mark.parametrize(
    ("title", "email"), [("", ""), ("Direction générale", ""), ("", "vie-privee@example.org")]
)
def test_privacy_page_says_when_the_person_in_charge_is_not_known(html_of, settings, title, email):
    settings.PRIVACY_OFFICER_TITLE, settings.PRIVACY_OFFICER_EMAIL = title, email
    html = html_of("privacy")
    assert "have not been set on this site yet" in html
    assert "mailto:" not in html


def test_public_pages_give_no_cookie(client, db):
    with override("en"):
        names = ["home", "organization-list", "about", "accessibility", "privacy", "data"]
        for name in names:
            assert not client.get(reverse(f"members:{name}")).cookies, name


def test_data_page_explains_every_public_column_and_credits_its_sources(html_of):
    html = html_of("data")
    for column in PUBLIC:
        assert f"<code>{column.key}</code>" in html
    assert "Places: GeoNames (CC BY 4.0), modified." in html
    assert "Unicode CLDR" in html
    assert "Institut de la statistique du Québec" in html


def test_addresses_on_the_data_page_answer(html_of, client):
    html = html_of("data")
    with override("en"):
        stem = reverse("members:organization-list").rstrip("/")
    for suffix in (".csv", ".csv?dialect=standard", ".json", ".geojson", ".atom"):
        assert f'href="{stem}{suffix}"' in html
        assert client.get(stem + suffix).status_code == 200, suffix


@pytest.mark.parametrize("name", ["400.html", "500.html", "503.html"])
def test_error_page_needs_neither_context_nor_database(name):
    html = get_template(name).render()
    assert '<html lang="fr-CA">' in html
    assert html.count("<h1>") == 1
    assert '<div class="prose" lang="en">' in html


def test_server_error_is_answered_in_words(client, db, monkeypatch):
    def fail(request):
        raise RuntimeError

    monkeypatch.setattr("members.directory.views.directory", fail)
    client.raise_request_exception = False
    response = client.get(reverse("members:data"))
    assert response.status_code == 500
    assert "Une erreur est survenue" in response.content.decode()


def test_unknown_address_answers_with_the_search_box(client, db):
    response = client.get("/en/nowhere/")
    assert response.status_code == 404
    html = response.content.decode()
    with override("en"):
        assert f'action="{reverse("members:organization-list")}"' in html
    assert 'name="q"' in html
    assert 'content="noindex"' in html


def test_refused_form_says_that_nothing_was_saved(db):
    client = Client(enforce_csrf_checks=True)
    response = client.post("/compte/connexion/", {"login": "a@example.org"})
    assert response.status_code == 403
    assert "403_csrf.html" in [template.name for template in response.templates]
