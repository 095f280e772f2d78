"""The history in words: who, when, before → after, for a record and for what hangs on it."""

import datetime

import pghistory
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.admin.history import Change, events_of, moments
from members.models import (
    Country,
    Identifier,
    Membership,
    Organization,
    OtherName,
    Theme,
    User,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def marie():
    return User.objects.create_superuser(
        "marie@example.org", first_name="Marie", last_name="Tremblay"
    )


@pytest.fixture
def organization():
    return Organization.objects.create(name_fr="Eau vive")


@pytest.fixture
def last_moment(organization):
    """What the last save to the organization, or to what hangs on it, is told to have done.

    Within a test's transaction all events have one date: the context tells the saves apart.
    """

    def last_moment(context):
        events = events_of(organization, related=True).filter(pgh_context_id=context.id)
        (moment,) = moments(events, organization)
        return moment

    return last_moment


def test_change_is_told_before_and_after(organization, last_moment):
    with pghistory.context() as context:
        organization.phone = "+15145550123"
        organization.name_en = "Living Water"
        organization.save()
    told = {change.what: (change.before, change.after) for change in last_moment(context).changes}
    assert (["514\xa0555-0123"], []) not in told.values()
    assert ([], ["514\xa0555-0123"]) in told.values()
    assert ([], ["Living Water"]) in told.values()
    assert len(told) == 2


def test_correction_tells_what_was_there(organization, last_moment):
    organization.kind = Organization.Kind.ALLY
    organization.save()
    with pghistory.context() as context:
        organization.kind = Organization.Kind.INSTITUTION
        organization.postal_code = "h2x 1y6"
        organization.save()
    kind, postal_code = last_moment(context).changes
    assert kind.before == [str(Organization.Kind.ALLY.label)]
    assert kind.after == [str(Organization.Kind.INSTITUTION.label)]
    assert postal_code == Change(postal_code.what, [], ["H2X\xa01Y6"])


def test_save_that_changes_nothing_is_not_told(organization):
    with pghistory.context() as context:
        organization.save()
    events = events_of(organization, related=True).filter(pgh_context_id=context.id)
    assert moments(events, organization) == []


def test_themes_and_countries_are_named(organization, last_moment):
    water = Theme.objects.create(slug="eau", name_fr="Eau")
    health = Theme.objects.get(slug="sante")
    haiti = Country.objects.get_or_create(code="HT", defaults={"name_fr": "Haïti"})[0]
    organization.themes.add(water)
    with pghistory.context() as context:
        organization.themes.set([health])
        organization.countries.add(haiti)
    told = sorted((c.before, c.after) for c in last_moment(context).changes)
    assert told == [([], [haiti.name]), (["Eau"], ["Santé"])]


def test_what_was_deleted_since_is_told_as_such(organization, last_moment):
    with pghistory.context() as context:
        theme = Theme.objects.create(slug="eau", name_fr="Eau")
        organization.themes.add(theme)
    key = theme.pk
    theme.delete()
    (change,) = last_moment(context).changes
    assert str(key) in change.after[0]


def test_membership_is_told_whole_when_it_comes_and_goes(organization, last_moment):
    with pghistory.context() as came:
        membership = Membership.objects.create(
            organization=organization, category="associate", started_on=datetime.date(2010, 1, 1)
        )
    (change,) = last_moment(came).changes
    assert not change.before
    assert str(Membership.Category.ASSOCIATE.label) in change.after[0]
    assert "2010" in change.after[0]
    with pghistory.context() as ended:
        membership.ended_on = datetime.date(2020, 12, 31)
        membership.end_reason = "resigned"
        membership.save()
    assert len(last_moment(ended).changes) == 2
    with pghistory.context() as gone:
        membership.delete()
    (change,) = last_moment(gone).changes
    assert not change.after
    assert "2020" in change.before[0]


def test_names_and_numbers_are_told(organization, last_moment):
    with pghistory.context() as context:
        OtherName.objects.create(organization=organization, name="Eau morte", kind="former")
        Identifier.objects.create(organization=organization, scheme="neq", value="1181440711")
    told = " ".join(change.after[0] for change in last_moment(context).changes)
    assert "Eau morte" in told
    assert "1181440711" in told.replace("\xa0", "").replace(" ", "")


def test_history_says_who_and_by_which_door(organization, marie, last_moment):
    with pghistory.context(user=marie.pk, url="/admin/members/organization/1/change/") as by_hand:
        organization.acronym = "EV"
        organization.save()
    with pghistory.context(command="import_organizations") as by_command:
        organization.acronym = "E.V."
        organization.save()
    assert (last_moment(by_hand).who, last_moment(by_hand).how) == ("Marie Tremblay", "")
    assert "import_organizations" in last_moment(by_command).how


def test_page_tells_what_the_form_did(client, marie, organization):
    client.force_login(marie)
    address = reverse("admin:members_organization_change", args=[organization.pk])
    data = {"name_fr": "Eau neuve", "kind": "cooperation"}
    for rows in ("memberships", "other_names", "identifiers"):
        data |= {f"{rows}-TOTAL_FORMS": "0", f"{rows}-INITIAL_FORMS": "0"}
    assert client.post(address, data).status_code == 302
    html = client.get(
        reverse("admin:members_organization_history", args=[organization.pk])
    ).content.decode()
    assert "<del>Eau vive</del>" in html
    assert "<ins>Eau neuve</ins>" in html
    assert "Marie Tremblay" in html


def test_text_of_a_history_is_never_markup(client, marie, organization):
    client.force_login(marie)
    organization.mission_fr = "<script>alert(1)</script>"
    organization.save()
    html = client.get(
        reverse("admin:members_organization_history", args=[organization.pk])
    ).content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html


def test_long_history_asks_no_more_queries_and_has_pages(client, marie, organization):
    def queries(page=""):
        address = reverse("admin:members_organization_history", args=[organization.pk])
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(address + page)
        assert answer.status_code == 200
        return len(asked), answer

    client.force_login(marie)
    with pghistory.context(user=marie.pk):
        organization.confirm()
    few, _answer = queries()
    for number in range(120):
        with pghistory.context(user=marie.pk), transaction.atomic():
            organization.acronym = str(number)
            organization.save()
    many, answer = queries()
    assert many == few
    assert answer.context["page"].has_next()
    assert queries("?p=2")[1].context["moments"]
    assert queries("?p=nonsense")[1].context["page"].number == 1


def test_unknown_record_has_no_history(client, marie):
    client.force_login(marie)
    assert client.get("/admin/members/organization/999999/history/").status_code == 302
