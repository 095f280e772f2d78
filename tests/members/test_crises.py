"""What the news is about: pinned by the staff, it leads the home page while it lasts."""

import datetime

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from members.crises import country_address, crisis_of
from members.directory.caching import directory_version
from members.models import Crisis
from members.permissions import Role
from tests.factories import OrganizationFactory, make_user

pytestmark = pytest.mark.django_db

LIST = "/admin/members/crisis/"


def day(days=0):
    return timezone.localdate() + datetime.timedelta(days=days)


def crisis(country="HT", *, since=-1, until=None, **fields):
    """A crisis whose first and last days are so many days from today."""
    return Crisis.objects.create(
        **{
            "country_id": country,
            "title_fr": "Séisme",
            "text_fr": "Voir **là**.",
            "started_on": day(since),
            "ended_on": None if until is None else day(until),
        }
        | fields
    )


def home(client):
    with override("en"):
        response = client.get(reverse("members:home"))
    assert response.status_code == 200
    return response.content.decode()


def test_home_says_who_works_there_while_it_lasts(client):
    for _number in range(2):
        OrganizationFactory(countries=["HT"])
    OrganizationFactory(countries=["HT"], lapsed=True)
    crisis(title_en="Earthquake", until=0)
    html = home(client)
    assert "<strong>Haiti</strong>:" in html
    assert "Earthquake" in html
    assert "2 organizations work there" in html
    with override("en"):
        assert f'href="{country_address("HT")}"' in html


@pytest.mark.parametrize(("since", "until"), [(1, None), (-3, -1)])
def test_home_says_nothing_before_nor_after(client, since, until):
    crisis(since=since, until=until)
    html = home(client)
    assert "Séisme" not in html
    assert "crisis.css" not in html


def test_latest_comes_first_and_nobody_there_is_not_counted(client):
    crisis("ML", since=-9, title_fr="Ancienne")
    crisis("HT", since=-1, title_fr="Récente <b>")
    html = home(client)
    assert html.index("Récente &lt;b&gt;") < html.index("Ancienne")
    assert "works there" not in html
    assert "work there" not in html


def test_country_has_its_latest_crisis_of_today():
    crisis("HT", since=-9, title_fr="Ancienne")
    crisis("HT", since=-1, title_fr="Récente")
    crisis("ML", since=0, title_fr="Ailleurs")
    found = crisis_of("HT", directory_version())
    assert found["title"] == "Récente"
    assert crisis_of("PE", directory_version()) is None
    with override("en"):
        html = render_to_string("members/partials/crisis.html", {"crisis": found})
    assert "Voir <strong>là</strong>." in html


@pytest.mark.parametrize("count", [1, 20])
def test_crises_cost_one_query_a_version(client, count):
    for number in range(count):
        crisis(since=-number)
    home(client)
    with CaptureQueriesContext(connection) as captured:
        home(client)
    assert not [query for query in captured if "members_crisis" in query["sql"]]


# The staff


@pytest.fixture
def office(client):
    client.force_login(make_user(Role.COMMUNICATIONS, email="comm@example.org"))
    return client


def test_staff_pin_a_country_and_take_it_off(office):
    data = {
        "country": "HT",
        "title_fr": "Séisme",
        "text_fr": "Voir.",
        "title_en": "Earthquake",
        "text_en": "See.",
        "started_on": day().isoformat(),
    }
    assert office.post(f"{LIST}add/", data).status_code == 302
    assert "Earthquake" in home(office)
    pinned = Crisis.objects.get()
    ended = data | {"started_on": day(-2).isoformat(), "ended_on": day(-1).isoformat()}
    office.post(f"{LIST}{pinned.pk}/change/", ended)
    assert "Earthquake" not in home(office)


@pytest.mark.parametrize(
    "wrong",
    [
        {"title_fr": ""},
        {"text_fr": " "},
        {"started_on": ""},
        {"ended_on": day(-1).isoformat()},
        {"started_on": "2026-02-30"},
        {"url": "javascript:alert(1)"},
        {"country": "XX"},
    ],
)
def test_what_is_wrong_is_said(office, wrong):
    data = {
        "country": "HT",
        "title_fr": "Séisme",
        "text_fr": "Voir.",
        "started_on": day().isoformat(),
    }
    response = office.post(f"{LIST}add/", data | wrong)
    assert response.status_code == 200
    assert response.context["errors"]
    assert not Crisis.objects.exists()


def test_list_shows_those_of_today_and_others_on_demand(office):
    crisis(title_fr="En cours")
    crisis(title_fr="Finie", since=-9, until=-1)
    current = office.get(LIST).content.decode()
    assert "En cours" in current
    assert "Finie" not in current
    assert "Finie" in office.get(LIST, {"state": "past"}).content.decode()
