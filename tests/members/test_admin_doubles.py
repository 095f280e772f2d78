"""The staff's pages on doubles and merges: who sees them, what they show, what they do."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from members.merging import REMOVED, merge
from members.models import Identifier, Merge, NotDouble, Organization, Person
from members.permissions import Role
from tests.factories import (
    InteractionFactory,
    MembershipFactory,
    OrganizationFactory,
    PersonFactory,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper():
    return make_user(Role.PERMANENCE)


@pytest.fixture
def office(client, keeper):
    client.force_login(keeper)
    return client


@pytest.fixture
def eaux():
    """(kept, removed): two organizations that are one."""
    kept = OrganizationFactory(name_fr="Eau vive (fictif)", town="Montréal")
    removed = OrganizationFactory(
        name_fr="Eau vive inc. (fictif)",
        acronym="EVI",
        outside=True,
        mission_fr="De l’eau pour tout le monde.",
    )
    InteractionFactory(about=[removed])
    PersonFactory(at=removed, title="Directrice", first_name="Awa", last_name="Sarr")
    return kept, removed


@pytest.fixture
def anas():
    kept = PersonFactory(first_name="Ana", last_name="Roy", personal_email="ana@secret.example")
    removed = PersonFactory(first_name="Ana", last_name="Roy", notes="Un secret.")
    return kept, removed


def compare(kept, removed):
    return reverse("admin:members_merge_compare", args=[kept._meta.model_name, kept.pk, removed.pk])


def seen(answer):
    return {"seen": answer.context["seen"]}


def addresses(kept, removed, done):
    name = kept._meta.model_name
    return [
        ("get", reverse("admin:members_merge_doubles", args=[name])),
        ("get", reverse("admin:members_merge_with", args=[name, kept.pk])),
        ("get", compare(kept, removed)),
        ("post", compare(kept, removed)),
        ("post", reverse("admin:members_merge_two", args=[name, kept.pk, removed.pk])),
        ("post", reverse("admin:members_merge_undo", args=[done.pk])),
    ]


@pytest.mark.parametrize("role", [Role.COMMUNICATIONS, Role.READING, Role.PRIVACY])
def test_only_those_who_may_merge_come_here(client, keeper, eaux, role):
    done = merge(kept=OrganizationFactory(), removed=OrganizationFactory(), by=keeper)
    client.force_login(make_user(role))
    for method, address in addresses(*eaux, done):
        assert getattr(client, method)(address).status_code == 403, address
    assert Merge.objects.get().undone_at is None
    assert not NotDouble.objects.exists()
    for page in (
        reverse("admin:members_organization_changelist"),
        reverse("admin:members_organization_change", args=[eaux[0].pk]),
        reverse("admin:members_organization_history", args=[done.kept_id]),
    ):
        assert "/admin/members/merge/doubles/" not in client.get(page).text
        assert "/admin/members/merge/with/" not in client.get(page).text
        assert "/undo/" not in client.get(page).text


def test_strangers_sign_in_first(client, eaux):
    answer = client.get(compare(*eaux))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/compte/connexion/")


def test_lists_and_pages_lead_there(office, eaux):
    doubles = reverse("admin:members_merge_doubles", args=["organization"])
    assert doubles in office.get(reverse("admin:members_organization_changelist")).text
    other = reverse("admin:members_merge_with", args=["organization", eaux[0].pk])
    page = reverse("admin:members_organization_change", args=[eaux[0].pk])
    assert other in office.get(page).text


def test_doubles_are_listed_with_their_reasons(office, eaux):
    page = office.get(reverse("admin:members_merge_doubles", args=["organization"]))
    (pair,) = page.context["pairs"]
    assert pair["score"] >= 50
    assert {record for record, _facts in pair["records"]} == set(eaux)
    assert all(reason in page.text.lower() for reason in pair["reasons"])
    assert "EVI" in page.text
    # The member is proposed as the one that stays, whichever was added first.
    kept, removed = eaux
    kept.memberships.update(organization=removed)
    assert compare(kept, removed) in page.text
    assert compare(removed, kept) in office.get(page.request["PATH_INFO"]).text


@pytest.mark.parametrize("name", ["organization", "person"])
def test_list_takes_as_many_queries_whatever_its_length(office, name):
    address = reverse("admin:members_merge_doubles", args=[name])

    def queries(count):
        for number in range(count):
            for _twice in range(2):
                if name == "organization":
                    OrganizationFactory(name_fr=f"Zébulon{number * 7919}", town="Laval")
                else:
                    PersonFactory(last_name=f"Zébulon{number * 7919}", at=OrganizationFactory())
        with CaptureQueriesContext(
            connection,
        ) as asked:
            page = office.get(address)
        assert len(page.context["pairs"]) >= count
        return len(asked)

    few = queries(2)
    assert few <= 15
    assert queries(18) == few


def test_two_that_are_two_are_not_asked_again(office, keeper, eaux):
    kept, removed = eaux
    address = reverse("admin:members_merge_two", args=["organization", removed.pk, kept.pk])
    page = office.post(address, follow=True)
    assert page.context["pairs"] == []
    office.post(address)
    said = NotDouble.objects.get()
    assert (said.first_id, said.second_id, said.said_by) == (kept.pk, removed.pk, keeper)


def test_record_is_found_to_merge_with(office, eaux):
    kept, removed = eaux
    address = reverse("admin:members_merge_with", args=["organization", kept.pk])
    assert office.get(address).context["found"][0][0] == removed
    assert compare(kept, removed) in office.get(address, {"q": "evi"}).text
    found = office.get(address, {"q": "eau vive"}).context["found"]
    assert kept not in [record for record, _facts in found]


def test_person_is_found_to_merge_with(office, anas):
    kept, removed = anas
    address = reverse("admin:members_merge_with", args=["person", kept.pk])
    assert office.get(address).context["found"][0][0] == removed
    assert compare(kept, removed) in office.get(address, {"q": "roy"}).text


def test_comparison_shows_both_and_what_follows(office, eaux, django_assert_max_num_queries):
    kept, removed = eaux
    Identifier.objects.create(organization=kept, scheme="neq", value="1181440711")
    Identifier.objects.create(organization=removed, scheme="neq", value="1181440722")
    office.get(compare(kept, removed))
    with django_assert_max_num_queries(15):
        page = office.get(compare(kept, removed))
    chosen = {choice.name: choice.chosen for choice in page.context["different"]}
    assert chosen["name_fr"] == "kept"
    assert chosen["mission_fr"] == "removed"  # the fuller one
    assert chosen["number-neq"] == "kept"
    assert "De l’eau pour tout le monde." in page.text
    assert len(page.context["follows"]) == 3  # a number, a position and an exchange
    assert not page.context["both_members"]


def test_two_current_members_are_warned_of(office, eaux):
    kept, removed = eaux
    MembershipFactory(organization=removed, started_on=datetime.date(1999, 1, 1))
    page = office.get(compare(kept, removed))
    assert page.context["both_members"]
    ((_what, periods, result),) = page.context["joined"]
    assert periods == ["2001-01-01 – …", "1999-01-01 – …"]
    assert result == "1999-01-01 – …"
    assert result in page.text


def test_merge_is_done_and_undone(office, eaux, keeper):
    kept, removed = eaux
    page = office.get(compare(kept, removed))
    answer = office.post(
        compare(kept, removed),
        seen(page) | {"choice-name_fr": "removed", "choice-acronym": "kept"},
        follow=True,
    )
    change = reverse("admin:members_organization_change", args=[kept.pk])
    assert answer.redirect_chain[-1][0] == change
    done = Merge.objects.get()
    assert reverse("admin:members_merge_change", args=[done.pk]) in answer.text
    kept.refresh_from_db()
    assert kept.name_fr == "Eau vive inc. (fictif)"
    assert kept.acronym == ""
    assert kept.mission_fr == "De l’eau pour tout le monde."
    assert done.merged_by == keeper

    history = office.get(reverse("admin:members_organization_history", args=[kept.pk]))
    undo = reverse("admin:members_merge_undo", args=[done.pk])
    assert undo in history.text
    answer = office.post(undo, follow=True)
    assert answer.redirect_chain[-1][0] == change
    assert Organization.objects.filter(pk=removed.pk).exists()
    assert undo not in office.get(history.request["PATH_INFO"]).text


def test_history_follows(office, eaux, keeper):
    kept, removed = eaux
    removed.summary_fr = "Un sommaire d’avant"
    removed.save()
    merge(kept=kept, removed=removed, by=keeper, choices={"summary_fr": "kept"})
    history = office.get(reverse("admin:members_organization_history", args=[kept.pk]))
    assert "Un sommaire d’avant" in history.text
    changes = [change for moment in history.context["moments"] for change in moment.changes]
    assert any("Eau vive inc. (fictif)" in change.what for change in changes)
    # What a merge moves is said in one line.
    assert len(history.context["moments"][0].changes) <= 4


def test_history_of_what_followed_names_both(office, eaux, keeper):
    kept, removed = eaux
    person = removed.positions.get().person
    merge(kept=kept, removed=removed, by=keeper)
    history = office.get(reverse("admin:members_person_history", args=[person.pk]))
    told = [
        (change.before, change.after)
        for moment in history.context["moments"]
        for change in moment.changes
    ]
    assert (["Eau vive inc. (fictif)"], ["Eau vive (fictif)"]) in told


def test_history_of_the_undone(office, eaux, keeper):
    kept, removed = eaux
    done = merge(kept=kept, removed=removed, by=keeper)
    office.post(reverse("admin:members_merge_undo", args=[done.pk]))
    for record in eaux:
        history = office.get(reverse("admin:members_organization_history", args=[record.pk]))
        assert history.status_code == 200
    assert "Eau vive inc." in history.text


def test_old_number_leads_to_the_kept_one(office, eaux, keeper):
    kept, removed = eaux
    merge(kept=kept, removed=removed, by=keeper)
    for page in ("change", "history"):
        answer = office.get(reverse(f"admin:members_organization_{page}", args=[removed.pk]))
        assert answer.status_code == 302
        assert answer["Location"] == reverse(f"admin:members_organization_{page}", args=[kept.pk])
    answer = office.get(compare(kept, removed))
    assert answer["Location"] == reverse("admin:members_organization_change", args=[kept.pk])
    unknown = office.get(reverse("admin:members_organization_change", args=[999999]))
    assert unknown["Location"] == reverse("admin:index")


def test_record_that_changed_since_is_looked_at_again(office, eaux):
    kept, removed = eaux
    page = office.get(compare(kept, removed))
    removed.phone = "+15145550123"
    removed.save()
    answer = office.post(compare(kept, removed), seen(page) | {"choice-name_fr": "removed"})
    assert answer.context["error"]
    assert not Merge.objects.exists()
    chosen = {choice.name: choice.chosen for choice in answer.context["different"]}
    assert chosen["name_fr"] == REMOVED  # nothing that was chosen is lost
    office.post(compare(kept, removed), seen(answer))
    assert Merge.objects.exists()


def test_refusal_is_told(office, eaux):
    kept, removed = eaux
    Organization.objects.filter(pk=kept.pk).update(founded_year=1990)
    Organization.objects.filter(pk=removed.pk).update(closed_year=1980)
    page = office.get(compare(kept, removed))
    answer = office.post(compare(kept, removed), seen(page))
    assert answer.status_code == 200
    assert answer.context["error"]
    assert not Merge.objects.exists()


def test_record_is_not_compared_with_itself(office, eaux):
    kept, _removed = eaux
    assert office.get(compare(kept, kept)).status_code == 302
    address = reverse("admin:members_merge_two", args=["organization", kept.pk, kept.pk])
    assert office.post(address).status_code == 404
    assert office.get("/admin/members/merge/doubles/user/").status_code == 404


def test_personal_fields_are_not_shown_to_all(office, anas):
    kept, removed = anas
    page = office.get(compare(kept, removed))
    assert page.context["hides_personal"]
    for secret in ("secret.example", "Un secret"):
        assert secret not in page.text
    office.post(compare(kept, removed), seen(page) | {"choice-notes": "kept"})
    kept.refresh_from_db()
    assert (kept.personal_email, kept.notes) == ("ana@secret.example", "Un secret.")
    done = Merge.objects.get()
    for address in (
        reverse("admin:members_merge_change", args=[done.pk]),
        reverse("admin:members_merge_changelist"),
    ):
        page = office.get(address)
        assert page.status_code == 200
        assert "Un secret" not in page.text
        assert "secret.example" not in page.text


def test_personal_fields_are_shown_to_the_direction(client, anas):
    client.force_login(make_user(Role.DIRECTION))
    page = client.get(compare(*anas))
    assert "ana@secret.example" in page.text
    client.post(compare(*anas), seen(page) | {"choice-personal_email": "removed"})
    assert Person.objects.get().personal_email == ""


def test_merges_are_listed_and_nobody_changes_them(office, eaux, keeper):
    done = merge(kept=eaux[0], removed=eaux[1], by=keeper)
    merges = office.get(reverse("admin:members_merge_changelist")).text
    assert "Eau vive inc." in merges
    assert reverse("admin:members_merge_doubles", args=["person"]) in merges
    change = reverse("admin:members_merge_change", args=[done.pk])
    page = office.get(change)
    assert reverse("admin:members_merge_undo", args=[done.pk]) in page.text
    assert office.post(change, {"removed_name": "x"}).status_code == 403
    assert office.get(reverse("admin:members_merge_add")).status_code == 403
    assert office.get(reverse("admin:members_merge_delete", args=[done.pk])).status_code == 403


def test_old_merge_offers_no_undoing(office, eaux, keeper):
    done = merge(kept=eaux[0], removed=eaux[1], by=keeper)
    Merge.objects.update(merged_at=timezone.now() - datetime.timedelta(days=31))
    undo = reverse("admin:members_merge_undo", args=[done.pk])
    for address in (
        reverse("admin:members_merge_change", args=[done.pk]),
        reverse("admin:members_organization_history", args=[done.kept_id]),
    ):
        assert undo not in office.get(address).text
    office.post(undo)
    assert not Organization.objects.filter(pk=done.removed_id).exists()


def test_undoing_says_what_it_left(office, eaux, keeper):
    kept, removed = eaux
    done = merge(kept=kept, removed=removed, by=keeper)
    Organization.objects.filter(pk=kept.pk).update(mission_fr="Autre", mission="Autre")
    answer = office.post(reverse("admin:members_merge_undo", args=[done.pk]), follow=True)
    levels = [message.level_tag for message in answer.context["messages"]]
    assert levels == ["success", "warning"]
