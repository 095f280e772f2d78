"""Lists saved under a name, and lists prepared for a message."""

import csv
import datetime
from io import StringIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from members.mailing import to_organizations, to_people
from members.models import Consent, ExportRecord, Organization, Person, SavedList
from members.permissions import Role
from tests.factories import OrganizationFactory, PersonFactory, PositionFactory, make_user

LISTS = "/admin/members/savedlist/"
ORGANIZATIONS = "/admin/members/organization/"


@pytest.fixture
def marie(db):
    return make_user(Role.PERMANENCE, email="marie@example.org")


@pytest.fixture
def office(client, marie):
    client.force_login(marie)
    return client


def saved(owner, name="Ma liste", model="members.organization", query="", **fields):
    return SavedList.objects.create(owner=owner, name=name, model=model, query=query, **fields)


def shown(page):
    return {row.name: row.total for row in page.context["cl"].result_list}


# Saving


def test_any_list_offers_to_be_saved_as_it_is_filtered(office):
    page = office.get(f"{ORGANIZATIONS}?membership=all&region=06&p=1")
    address = f"{LISTS}add/?model=members.organization&query=membership%3Dall%26region%3D06"
    assert page.context["save_address"] == address
    assert office.get(address).status_code == 200


def test_list_is_saved_for_its_owner_and_shown_again(office, marie):
    data = {"model": "members.organization", "query": "region=06&p=3", "name": " Montréal  "}
    answer = office.post(LISTS + "add/", data)
    assert answer.url == ORGANIZATIONS + "?region=06"
    kept = SavedList.objects.get()
    assert (kept.name, kept.owner, kept.query, kept.is_shared) == (
        "Montréal",
        marie,
        "region=06",
        False,
    )


def test_two_lists_of_one_person_have_two_names(office, marie):
    saved(marie, "Montréal")
    saved(make_user(Role.DIRECTION), "Québec")
    data = {"model": "members.organization", "query": ""}
    refused = office.post(LISTS + "add/", data | {"name": "Montréal"})
    assert refused.context["adminform"].form.errors["name"]
    assert office.post(LISTS + "add/", data | {"name": "Québec"}).status_code == 302


@pytest.mark.parametrize("model", ["members.exportrecord", "auth.group", "rien", ""])
def test_only_a_list_that_one_may_see_is_saved(office, model):
    answer = office.post(LISTS + "add/", {"model": model, "query": "", "name": "X"})
    assert answer.status_code == 200
    assert not SavedList.objects.exists()


def test_nothing_is_saved_from_nowhere(office):
    assert office.get(LISTS + "add/").status_code == 403
    assert "addlink" not in office.get(LISTS).content.decode()


# Running again


def test_counts_are_those_of_today(office, marie):
    saved(marie, "Membres")
    saved(marie, "Autres", query="membership=others")
    saved(marie, "Direction", "members.person", "role=direction")
    saved(marie, "Recherche", query="q=eau")
    assert shown(office.get(LISTS)) == {
        "Membres": 0,
        "Autres": 0,
        "Direction": 0,
        "Recherche": 0,
    }
    at = OrganizationFactory(name_fr="Eau vive (fictif)")
    OrganizationFactory(outside=True)
    PersonFactory(at=at, kinds=["direction", "board"])
    PersonFactory(at=at, kinds=["board"])
    assert shown(office.get(LISTS)) == {
        "Membres": 1,
        "Autres": 1,
        "Direction": 1,
        "Recherche": 1,
    }


def test_saved_list_opens_the_list_with_its_filters(office, marie):
    kept = saved(marie, query="membership=others")
    former = OrganizationFactory(lapsed=True)
    OrganizationFactory()
    answer = office.get(f"{LISTS}{kept.pk}/open/")
    assert answer.url == f"{ORGANIZATIONS}?membership=others"
    assert list(office.get(answer.url).context["cl"].result_list) == [former]


def test_filter_that_is_gone_is_said_and_left_out(office, marie):
    kept = saved(marie, query="disparu__exact=1&membership=others")
    page = office.get(LISTS)
    assert shown(page) == {"Ma liste": None}
    answer = office.get(f"{LISTS}{kept.pk}/open/", follow=True)
    assert answer.redirect_chain[0][0] == f"{ORGANIZATIONS}?membership=others"
    assert answer.status_code == 200
    assert "Ma liste" in str(next(iter(answer.context["messages"])))


def test_list_of_lists_costs_the_same_at_twenty(office, marie):
    counts = []
    for number in (2, 20):
        for place in range(number):
            saved(marie, f"Liste {number} {place}", query="region=06")
            saved(marie, f"Personnes {number} {place}", "members.person", "role=direction")
        with CaptureQueriesContext(connection) as queries:
            office.get(LISTS)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 15


# Whose


def test_lists_are_ones_own_unless_shared(client, marie):
    saved(marie, "Privée")
    saved(marie, "Partagée", is_shared=True)
    client.force_login(make_user(Role.READING))
    assert set(shown(client.get(LISTS))) == {"Partagée"}
    private = SavedList.objects.get(name="Privée")
    assert client.get(f"{LISTS}{private.pk}/open/").status_code == 404


def test_list_of_what_one_may_not_see_is_not_shown(client, marie):
    kept = saved(marie, "Échanges", "members.interaction", is_shared=True)
    client.force_login(make_user(Role.COMMUNICATIONS))
    assert shown(client.get(LISTS)) == {}
    assert client.get(f"{LISTS}{kept.pk}/open/").status_code == 404


def test_owner_and_direction_rename_and_remove(client, marie):
    kept = saved(marie, is_shared=True)
    change, delete = f"{LISTS}{kept.pk}/change/", f"{LISTS}{kept.pk}/delete/"
    client.force_login(make_user(Role.COMMUNICATIONS))
    assert client.post(change, {"name": "Volée"}).status_code == 403
    assert client.post(delete, {"post": "yes"}).status_code == 403
    selection = {"action": "delete_selected", "_selected_action": [kept.pk], "post": "yes"}
    client.post(LISTS, selection)
    assert SavedList.objects.get().name == "Ma liste"
    client.force_login(marie)
    client.post(change, {"name": "Renommée", "is_shared": "on"})
    kept.refresh_from_db()
    assert (kept.name, kept.model) == ("Renommée", "members.organization")
    client.force_login(make_user(Role.DIRECTION))
    client.post(delete, {"post": "yes"})
    assert not SavedList.objects.exists()


def test_saved_list_is_exported_and_mailed_by_those_who_may(client, marie):
    saved(marie, query="region=06", is_shared=True)
    for role, may in ((Role.COMMUNICATIONS, True), (Role.READING, False)):
        client.force_login(make_user(role))
        html = client.get(LISTS).content.decode()
        assert (f'href="{ORGANIZATIONS}export/?region=06"' in html) is may
        assert (f'href="{ORGANIZATIONS}mailing/?region=06"' in html) is may


# For a message


@pytest.fixture
def eau_vive(db):
    return OrganizationFactory(name_fr="Eau vive (fictif)", email="info@eauvive.example")


def mailed(people=None, purpose="newsletter", is_commercial=False):
    return to_people(people or Person.objects.all(), purpose=purpose, is_commercial=is_commercial)


def mailed_to(kinds, organizations=None, public=False, is_commercial=False):
    return to_organizations(
        organizations or Organization.objects.all(),
        kinds=kinds,
        with_public_address=public,
        purpose="newsletter",
        is_commercial=is_commercial,
    )


def consent(person, **fields):
    values = {"purpose": "newsletter", "evidence": "Formulaire", "given_on": "2025-01-01"}
    return Consent.objects.create(person=person, **values | fields)


def test_each_person_gets_it_at_the_address_of_their_main_position(eau_vive):
    ana = PersonFactory(
        first_name="Ana", last_name="Fictive", at=eau_vive, kinds=["board"], email="ca@x.example"
    )
    PositionFactory(
        person=ana, organization=eau_vive, kinds=["direction"], email="direction@x.example"
    )
    PersonFactory(first_name="Béa", last_name="Sans", personal_email="bea@maison.example")
    result = mailed()
    (recipient,) = result.recipients
    assert (recipient.name, recipient.email) == ("Ana Fictive", "direction@x.example")
    assert (recipient.organization, recipient.language) == ("Eau vive (fictif)", "fr")
    assert result.without_address == ["Béa Sans"]


def test_those_with_the_chosen_roles_get_it_in_each_organization(eau_vive):
    PersonFactory(last_name="Un", at=eau_vive, kinds=["communications"], email="com@x.example")
    PersonFactory(last_name="Deux", at=eau_vive, kinds=["finance"], email="argent@x.example")
    OrganizationFactory(name_fr="Terre vive (fictif)")
    result = mailed_to(["communications", "delegate"])
    assert [r.email for r in result.recipients] == ["com@x.example"]
    assert result.without_address == ["Terre vive (fictif)"]
    general = mailed_to(["delegate"], public=True)
    assert [r.email for r in general.recipients] == ["info@eauvive.example"]


def test_past_positions_and_archived_people_get_nothing(eau_vive):
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    gone = PersonFactory(last_name="Partie")
    PositionFactory(
        person=gone, organization=eau_vive, kinds=["direction"], email="a@x.example",
        ended_on=yesterday,
    )  # fmt: skip
    PersonFactory(
        last_name="Archivée", at=eau_vive, kinds=["direction"], email="b@x.example",
        archived_on=yesterday,
    )  # fmt: skip
    assert mailed_to(["direction"]).recipients == []
    assert mailed().recipients == []


def test_one_address_gets_it_once(eau_vive):
    for name in ("Un", "Deux"):
        PersonFactory(last_name=name, at=eau_vive, kinds=["board"], email="ca@x.example")
    result = mailed_to(["board"])
    assert len(result.recipients) == result.repeated == 1


def test_whoever_withdrew_is_held_back_for_that_purpose_only(eau_vive):
    ana = PersonFactory(last_name="Fictive", at=eau_vive, title="A", email="ana@x.example")
    consent(ana, withdrawn_on="2025-06-01")
    result = mailed()
    assert result.recipients == []
    ((name, reason),) = result.held_back
    assert name == "Ana Fictive"
    assert "2025-06-01" in reason
    assert mailed_to(["other"], public=False).recipients == []
    assert len(mailed(purpose="membership").recipients) == 1
    consent(ana, given_on="2025-09-01")
    assert len(mailed().recipients) == 1


def test_commercial_message_needs_a_basis(eau_vive):
    outside = OrganizationFactory(outside=True)
    member = PersonFactory(last_name="Membre", at=eau_vive, title="A", email="a@x.example")
    agreed = PersonFactory(last_name="Accord", at=outside, title="A", email="b@x.example")
    consent(agreed)
    lapsed = PersonFactory(last_name="Échue", at=outside, title="A", email="c@x.example")
    consent(lapsed, expires_on="2025-02-01")
    PersonFactory(last_name="Rien", at=outside, title="A", email="d@x.example")
    assert len(mailed().recipients) == 4
    result = mailed(is_commercial=True)
    assert {r.name for r in result.recipients} == {str(member), str(agreed)}
    assert {name for name, _reason in result.held_back} == {str(lapsed), "Ana Rien"}
    assert len({r.basis for r in result.recipients}) == 2


@pytest.mark.parametrize("number", [2, 20])
def test_mailing_takes_the_same_queries_for_two_as_for_twenty(
    db, number, django_assert_max_num_queries
):
    for place in range(number):
        at = OrganizationFactory()
        person = PersonFactory(at=at, kinds=["direction"], email=f"p{place}@x.example")
        consent(person)
    with django_assert_max_num_queries(4):
        assert len(mailed().recipients) == number
    with django_assert_max_num_queries(4):
        assert len(mailed_to(["direction"]).recipients) == number


MAILING = {"purpose": "newsletter", "kinds": ["direction"]}


def test_mailing_is_shown_then_taken_with_a_reason(office, eau_vive):
    PersonFactory(last_name="Un", at=eau_vive, kinds=["direction"], email="un@x.example")
    address = ORGANIZATIONS + "mailing/?membership=all"
    assert office.get(address).context["mailing"] is None
    page = office.post(address, MAILING | {"step": "see"})
    assert "un@x.example" in page.content.decode()
    assert not page.context["send"].is_bound
    refused = office.post(address, MAILING | {"step": "send", "format": "standard", "reason": " "})
    assert refused.context["send"].errors["reason"]
    assert not ExportRecord.objects.exists()
    sending = MAILING | {"step": "send", "format": "standard", "reason": "Infolettre"}
    answer = office.post(address, sending)
    (row,) = csv.DictReader(StringIO(b"".join(answer.streaming_content).decode()))
    assert (row["email"], row["organization"], row["language"]) == (
        "un@x.example",
        "Eau vive (fictif)",
        "fr",
    )
    record = ExportRecord.objects.get()
    assert (record.model, record.query, record.format, record.count) == (
        "members.organization",
        "membership=all",
        "mailing-standard",
        1,
    )
    assert (record.reason, record.is_personal) == ("Infolettre", False)


def test_mailing_of_people_follows_their_list(office, eau_vive):
    PersonFactory(last_name="Un", at=eau_vive, kinds=["direction"], email="un@x.example")
    PersonFactory(last_name="Deux", at=eau_vive, kinds=["board"], email="deux@x.example")
    page = office.post("/admin/members/person/mailing/?role=board", MAILING | {"step": "see"})
    assert [r.email for r in page.context["mailing"].recipients] == ["deux@x.example"]


def test_reader_prepares_no_mailing(client, db):
    client.force_login(make_user(Role.READING))
    for address in (ORGANIZATIONS, "/admin/members/person/"):
        assert client.get(address + "mailing/").status_code == 403
        assert client.post(address + "mailing/", MAILING).status_code == 403
