"""Staff look at what members publish at once, and put it back in one click."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from members import profile
from members.models import Organization, PublishedChange, User
from members.permissions import Role
from tests.factories import OrganizationFactory, make_user

pytestmark = pytest.mark.django_db

LIST = "/admin/members/publishedchange/"


@pytest.fixture(autouse=True)
def somewhere(settings):
    settings.SITE_URL = "https://membres.example.org"


@pytest.fixture
def organization():
    return OrganizationFactory(
        name_fr="Eau vive (fictif)", email="bonjour@eau.example", phone="+15145550123"
    )


@pytest.fixture
def ana():
    return User.objects.create_user("ana@eau.example", first_name="Ana")


@pytest.fixture
def office(client):
    client.force_login(make_user(Role.COMMUNICATIONS, first_name="Luc"))
    return client


def now(organization):
    return profile.read(Organization.objects.for_profile().get(pk=organization.pk))


def publish(organization, by, **values):
    live = now(organization)
    profile.send(organization=organization, values=live | values, start=live, shown=live, by=by)
    return PublishedChange.objects.filter(organization=organization).latest("published_at")


def address(change, page):
    return reverse(f"admin:members_publishedchange_{page}", args=[change.pk])


def rows(client, state=""):
    return list(client.get(f"{LIST}?state={state}").context["cl"].result_list)


def told(answer):
    return " ".join(str(message) for message in answer.context["messages"])


def test_list_tells_before_and_after_field_by_field(office, organization, ana):
    publish(
        organization,
        ana,
        phone="+18195550199",
        email="",
        volunteering_fr="Venez nous voir.",
        social_links=[["facebook", "https://reseau.example/eau"]],
    )
    html = office.get(LIST).content.decode()
    for said in ("bonjour@eau.example", "Venez nous voir.", "https://reseau.example/eau", "Ana"):
        assert said in html
    assert "<del>" in html
    assert "<ins>" in html


def test_change_that_was_looked_at_leaves_the_list(office, organization, ana):
    change = publish(organization, ana, email="")
    assert rows(office) == [change]
    answer = office.post(address(change, "seen"), {"next": f"{LIST}?q=eau"}, follow=True)
    assert answer.redirect_chain[0][0] == f"{LIST}?q=eau"
    assert "Eau vive" in told(answer)
    assert (rows(office), rows(office, "seen")) == ([], [change])
    change.refresh_from_db()
    assert str(change.seen_by) == "Luc"
    assert now(organization)["email"] == ""


def test_change_is_put_back_in_one_click(office, organization, ana):
    change = publish(organization, ana, email="piege@eau.example", phone="")
    answer = office.post(address(change, "put_back"), follow=True)
    assert "courriel" in told(answer)
    assert now(organization)["email"] == "bonjour@eau.example"
    assert now(organization)["phone"] == "+15145550123"
    assert (rows(office), rows(office, "back"), rows(office, "all")) == ([], [change], [change])
    html = office.get(f"{LIST}?state=back").content.decode()
    assert address(change, "put_back") not in html
    office.post(address(change, "put_back"))
    assert now(organization)["email"] == "bonjour@eau.example"


def test_change_that_was_changed_since_is_refused_in_words(office, organization, ana):
    change = publish(organization, ana, email="piege@eau.example", phone="")
    Organization.objects.filter(pk=organization.pk).update(email="juste@eau.example")
    answer = office.post(address(change, "put_back"), follow=True)
    assert "courriel" in told(answer)
    assert "téléphone" not in told(answer)
    assert now(organization)["email"] == "juste@eau.example"
    assert rows(office) == [change]


def test_buttons_lead_to_no_other_site(office, organization, ana):
    change = publish(organization, ana, email="")
    answer = office.post(address(change, "seen"), {"next": "https://pirate.example/"})
    assert answer.url == LIST


def test_following_a_link_does_nothing(office, organization, ana):
    change = publish(organization, ana, email="")
    assert office.get(address(change, "seen")).status_code == 405
    assert office.get(address(change, "put_back")).status_code == 405


def test_who_only_reads_has_no_buttons(client, organization, ana):
    change = publish(organization, ana, email="")
    client.force_login(make_user(Role.READING))
    html = client.get(LIST).content.decode()
    assert "bonjour@eau.example" in html
    assert address(change, "seen") not in html
    assert client.post(address(change, "seen")).status_code == 403
    assert client.post(address(change, "put_back")).status_code == 403


def test_number_of_a_change_leads_to_its_row(office, organization, ana):
    change = publish(organization, ana, email="")
    publish(OrganizationFactory(), ana, email="autre@example.org")
    answer = office.get(address(change, "change"), follow=True)
    assert list(answer.context["cl"].result_list) == [change]
    assert office.get(f"{LIST}999999/change/").status_code == 302


def test_text_that_is_published_is_never_markup(office, organization, ana):
    attack = "<script>alert(1)</script>"
    publish(organization, ana, volunteering_fr=attack, volunteering_en=attack)
    assert "<script>alert" not in office.get(LIST).content.decode()
    page = reverse("admin:members_organization_change", args=[organization.pk])
    assert "<script>alert" not in office.get(page).content.decode()


def test_page_of_an_organization_shows_its_last_free_changes(office, organization, ana):
    for number in range(5):
        change = publish(organization, ana, email=f"a{number}@eau.example")
        day = timezone.now() - datetime.timedelta(days=10 - number)
        PublishedChange.objects.filter(pk=change.pk).update(published_at=day)
    page = reverse("admin:members_organization_change", args=[organization.pk])
    shown = office.get(page).context["page"].published
    assert len(shown) == 3
    assert shown[0][0] == change
    assert "courriel public" in " ".join(map(str, shown[0][1])).lower()


def test_list_asks_as_often_for_2_as_for_20(office, ana):
    def queries():
        office.get(LIST)
        with CaptureQueriesContext(connection) as asked:
            office.get(LIST)
        return len(asked)

    def grow(count):
        for number in range(count):
            organization = OrganizationFactory()
            publish(organization, ana, email=f"a{number}@eau.example", volunteering_fr="Venez.")

    grow(2)
    few = queries()
    grow(18)
    assert queries() == few
    assert few <= 12
