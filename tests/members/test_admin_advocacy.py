"""Dossiers and government relations in the staff's site."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from members.models import Dossier, FollowUp, GovernmentInteraction
from members.permissions import Role
from tests.factories import (
    AllianceFactory,
    InteractionFactory,
    OrganizationFactory,
    PersonFactory,
    make_user,
)

LIST = "/admin/members/dossier/"


@pytest.fixture
def staff(db):
    return make_user(Role.PERMANENCE, email="equipe@example.org", first_name="Ève")


@pytest.fixture
def office(client, staff):
    client.force_login(staff)
    return client


@pytest.fixture
def make(db):
    def make(name="Ombudsman (fictif)", exchanges=0, **fields):
        dossier = Dossier.objects.create(name=name, **fields)
        institution = OrganizationFactory(kind="institution", outside=True)
        for number in range(exchanges):
            person = PersonFactory(at=institution, title=f"Titre {number}")
            exchange = InteractionFactory(
                dossier=dossier, about=[institution], people=[person], minutes=30
            )
            FollowUp.objects.create(what=f"Suite {number}", interaction=exchange)
            GovernmentInteraction.objects.create(interaction=exchange, prep_minutes=15)
        return dossier

    return make


def page(dossier):
    return reverse("admin:members_dossier_change", args=[dossier.pk])


def queries(client, address):
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


def test_list_shows_current_dossiers_and_counts_the_others(office, staff, make):
    make("Actif (fictif)", status="active", lead=staff)
    make("Fermé (fictif)", status="closed")

    def names(**query):
        return [one.name for one in office.get(LIST, query).context["cl"].result_list]

    assert names() == ["Actif (fictif)"]
    assert names(status="closed") == ["Fermé (fictif)"]
    assert len(names(status="all")) == 2
    assert names(status="all", lead="nobody") == ["Fermé (fictif)"]
    assert names(lead="me") == ["Actif (fictif)"]


def test_list_says_the_last_exchange_and_what_is_late(office, make):
    dossier = make(exchanges=2)
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    FollowUp.objects.create(what="Relancer", dossier=dossier, due_on=yesterday)
    done = FollowUp.objects.create(what="Fait", dossier=dossier)
    done.finish(by=None)
    (row,) = office.get(LIST).context["cl"].result_list
    assert row.open_follow_ups == 3
    assert row.has_late
    assert timezone.localdate(row.exchanged_at) == timezone.localdate()


def test_list_finds_without_accents(office, make):
    make("Éthique des entreprises (fictif)")
    make("Autre (fictif)")
    found = office.get(LIST, {"q": "ethique"}).context["cl"].result_list
    assert [one.name for one in found] == ["Éthique des entreprises (fictif)"]


def test_list_asks_as_many_queries_for_two_rows_as_for_twenty(office, make):
    for number in range(2):
        make(f"Dossier {number} (fictif)", exchanges=1)
    office.get(LIST)
    few = queries(office, LIST)
    for number in range(2, 20):
        make(f"Dossier {number} (fictif)", exchanges=1)
    assert queries(office, LIST) == few
    assert few <= 15


def test_page_asks_as_many_queries_for_one_exchange_as_for_ten(office, make):
    few, many = make("Peu (fictif)", exchanges=1), make("Beaucoup (fictif)", exchanges=10)
    for dossier in (few, many):
        dossier.alliances.add(AllianceFactory())
        dossier.institutions.add(OrganizationFactory(kind="institution", outside=True))
    office.get(page(few))
    assert queries(office, page(many)) == queries(office, page(few)) <= 18


def test_page_says_what_matters_at_a_glance(office, staff, make):
    dossier = make(exchanges=1, aim="Créer une instance indépendante.", lead=staff)
    exchange = dossier.interactions.get()
    exchange.staff.add(staff)
    html = office.get(page(dossier)).content.decode()
    assert "Créer une instance indépendante." in html
    assert "Titre 0" in html
    assert "Suite 0" in html
    assert "45\u00a0min" in html  # half an hour there, a quarter to prepare
    assert f"?dossier={dossier.pk}&amp;government=1" in html
    assert " style=" not in html


def test_dossier_is_added_and_its_lead_may_be_chosen(office, staff):
    data = {"name": "Budget (fictif)", "status": "active", "lead": staff.pk}
    assert office.post(LIST + "add/", data).status_code == 302
    assert Dossier.objects.get().lead == staff


def test_dossier_that_ends_before_it_starts_is_refused_in_words(office):
    data = {
        "name": "Budget (fictif)",
        "status": "active",
        "started_on": "2026-02-01",
        "ended_on": "2026-01-01",
    }
    answer = office.post(LIST + "add/", data)
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors
    assert not Dossier.objects.exists()


def test_dossiers_are_for_insiders(client, make):
    dossier = make(exchanges=1)
    for role, status in [
        (Role.READING, 200),
        (Role.COMMUNICATIONS, 403),
        (Role.PRIVACY, 403),
    ]:
        client.force_login(make_user(role))
        assert client.get(LIST).status_code == status
        assert client.get(page(dossier)).status_code == status
    client.force_login(make_user(Role.READING, email="autre@example.org"))
    html = client.get(page(dossier)).content.decode()
    assert "/add/" not in html
