"""« All of this is true »: by the link of a mail, without signing in, or in the space."""

import datetime
import re

import pytest
from django.core import mail as outbox
from django.core import signing
from django.test import Client
from django.utils import timezone

from members import freshness
from members.admin.history import events_of, moments
from members.merging import merge
from members.models import Membership, Organization, Representative, SentMail
from tests.factories import OrganizationFactory

pytestmark = pytest.mark.django_db

LONG_AGO = datetime.date(2020, 1, 1)


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = "https://membres.example.org"


@pytest.fixture
def organization():
    return OrganizationFactory(
        name_fr="Eau vive (fictif)",
        name_en="Living Water (fictional)",
        mission_fr="Creuser des puits.",
        email="bonjour@eauvive.example",
        last_confirmed_on=LONG_AGO,
    )


@pytest.fixture
def link(organization):
    """The path of the link in the mail that was sent."""
    freshness.remind()
    return re.search(r"https://membres\.example\.org(/\S+)", outbox.outbox[0].body)[1]


def confirmed_on(organization):
    return Organization.objects.get(pk=organization.pk).last_confirmed_on


def test_asking_for_the_page_shows_the_profile_and_changes_nothing(client, organization, link):
    for method in (client.get, client.head, client.get):
        response = method(link)
        assert response.status_code == 200
    page = response.text
    assert "Creuser des puits." in page
    assert "Tout est exact" in page
    assert page.count('<form method="post"') == 1
    assert confirmed_on(organization) == LONG_AGO
    assert response["X-Robots-Tag"] == "noindex"
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "same-origin"


def test_button_confirms_and_the_public_page_says_so(client, organization, link):
    response = client.post(link)
    today = timezone.localdate()
    assert "Merci" in response.text
    assert confirmed_on(organization) == today
    public = client.get(organization.get_absolute_url()).text
    assert "Fiche confirmée par l’organisme" in public
    (moment, *_rest) = moments(events_of(organization), organization)
    assert moment.who == "bonjour@eauvive.example"
    assert moment.how == "lien d’un rappel, sans connexion"


def test_button_needs_the_page_that_shows_it(organization, link):
    assert Client(enforce_csrf_checks=True).post(link).status_code == 403
    assert confirmed_on(organization) == LONG_AGO


def test_second_use_says_when_it_was_confirmed(client, organization, link):
    client.post(link)
    Organization.objects.filter(pk=organization.pk).update(
        last_confirmed_on=timezone.localdate() + datetime.timedelta(days=3)
    )
    after = confirmed_on(organization)
    for response in (client.get(link), client.post(link)):
        assert response.status_code == 200
        assert "déjà été confirmée" in response.text
        assert "<form" not in response.text
    assert confirmed_on(organization) == after


def test_link_in_english(client, organization, link):
    english = link.replace("/mon-organisme/confirmer/", "/en/my-organization/confirm/")
    page = client.get(english).text
    assert "Living Water (fictional)" in page
    assert "All of this is true" in page


@pytest.mark.parametrize("method", ["get", "post"])
class TestLinksThatConfirmNothing:
    def refused(self, client, method, link, status, words):
        response = getattr(client, method)(link)
        assert response.status_code == status
        assert words in response.text
        assert not Organization.objects.filter(last_confirmed_on__gt=LONG_AGO).exists()

    def test_expired(self, client, method, link, monkeypatch):
        monkeypatch.setattr(freshness, "LINK_DAYS", -1)
        self.refused(client, method, link, 410, "quatre-vingt-dix jours")

    def test_tampered(self, client, method, organization, link):
        other = OrganizationFactory()
        said = signing.loads(link.split("/")[-2], salt=freshness.SALT)
        for token in (
            link.split("/")[-2] + "x",
            link.split("/")[-2].swapcase(),
            signing.dumps(said),
            signing.dumps(said, salt="members.other"),
            signing.dumps("x", salt=freshness.SALT),
            signing.dumps({"mail": "x", "organization": other.pk}, salt=freshness.SALT),
        ):
            self.refused(client, method, f"/mon-organisme/confirmer/{token}/", 404, "incomplète")

    def test_of_an_organization_that_left(self, client, method, organization, link):
        yesterday = timezone.localdate() - datetime.timedelta(days=1)
        Membership.objects.update(ended_on=yesterday)
        self.refused(client, method, link, 410, "n’est plus membre")

    def test_of_an_organization_joined_to_another(self, client, method, organization, link, cast):
        kept = OrganizationFactory(outside=True, name_fr="Eaux vives (fictif)")
        merge(kept=kept, removed=organization, by=cast["superuser"])
        Organization.objects.update(last_confirmed_on=None)
        self.refused(client, method, link, 410, "Eaux vives (fictif)")

    def test_of_a_round_before(self, client, method, organization, link):
        SentMail.objects.update(round_on=LONG_AGO)
        freshness.remind_now(organization, by=None, now=timezone.now() + freshness.A_YEAR)
        self.refused(client, method, link, 410, "dernier message")


def test_representative_confirms_in_the_space(client, organization, cast):
    user = cast["visitor"]
    Representative.objects.create(user=user, organization=organization, started_by=user)
    client.force_login(user)
    page = client.get(f"/mon-organisme/{organization.slug}/").text
    assert f'action="/mon-organisme/{organization.slug}/confirmer/"' in page
    response = client.post(f"/mon-organisme/{organization.slug}/confirmer/", follow=True)
    assert confirmed_on(organization) == timezone.localdate()
    assert "Merci" in response.text
    (moment, *_rest) = moments(events_of(organization), organization)
    assert (moment.who, moment.how) == (str(user), "dans l’espace de l’organisme")


def test_nobody_else_confirms_in_the_space(client, organization, cast):
    address = f"/mon-organisme/{organization.slug}/confirmer/"
    assert client.post(address).status_code == 302
    for who in ("visitor", "superuser"):
        client.force_login(cast[who])
        assert client.post(address).status_code == 404
    assert confirmed_on(organization) == LONG_AGO


def test_page_of_the_link_asks_little(client, link, django_assert_max_num_queries):
    with django_assert_max_num_queries(10):
        client.get(link)


def test_link_is_not_in_what_staff_read(link):
    token = link.split("/")[-2]
    kept = SentMail.objects.get()
    assert token not in kept.text
    assert kept.delivery is None
