"""An organization's page in the staff's site: what it tells at a glance, to whom, at what cost."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from members.models import (
    AllianceMembership,
    Document,
    FollowUp,
    MembershipDecision,
    Organization,
    OtherName,
    Tag,
)
from members.permissions import Role
from tests.factories import (
    AllianceFactory,
    InteractionFactory,
    OrganizationFactory,
    PersonFactory,
    PositionFactory,
    make_user,
)
from tests.members.test_admin import form_of

pytestmark = pytest.mark.django_db

PAST = datetime.date(2022, 6, 30)


@pytest.fixture
def organization():
    return OrganizationFactory(
        name_fr="Eau vive", acronym="EV", town="Sherbrooke", themes=["sante"], countries=["HT"]
    )


@pytest.fixture
def office(client):
    client.force_login(make_user(Role.PERMANENCE))
    return client


def address(organization, page="change"):
    return reverse(f"admin:members_organization_{page}", args=[organization.pk])


def page_of(client, organization):
    return client.get(address(organization)).context["page"]


def html_of(client, organization):
    answer = client.get(address(organization))
    assert answer.status_code == 200
    return answer.content.decode()


def fill(organization, count):
    """Give the organization `count` of everything."""
    user = make_user(email=f"u{count}@example.org")
    for number in range(count):
        person = PersonFactory(at=organization, title="Direction", kinds=["direction"])
        PositionFactory(person=PersonFactory(), organization=organization, ended_on=PAST)
        AllianceMembership.objects.create(
            alliance=AllianceFactory(), organization=organization, liaison=person
        )
        exchange = InteractionFactory(about=[organization], people=[person])
        exchange.staff.add(user)
        FollowUp.objects.create(
            what=f"Rappeler {number}",
            organization=organization,
            interaction=exchange,
            assigned_to=user,
        )
        Document.objects.create(
            organization=organization, name=f"{number}.pdf", size=1, content_type="application/pdf"
        )
        OtherName.objects.create(organization=organization, name=f"Nom {count} {number}")
        organization.tags.add(Tag.objects.create(name=f"Étiquette {count} {number}"))
        membership = organization.memberships.get()
        MembershipDecision(note="x").record(membership, "reinstatement", user)


def queries(client, organization):
    with CaptureQueriesContext(connection) as asked:
        html_of(client, organization)
    return len(asked)


def test_page_asks_fifteen_queries_at_most_whatever_hangs_on_it(office, organization):
    html_of(office, organization)
    fill(organization, 2)
    few = queries(office, organization)
    fill(organization, 18)
    assert queries(office, organization) == few
    assert few <= 15


def test_glance_tells_who_where_and_how_far(office, organization):
    direction = PersonFactory(
        at=organization, title="Directrice", kinds=["direction"], email="dir@example.org"
    )
    PersonFactory(at=organization, kinds=["finance"])
    InteractionFactory(about=[organization], subject="Rencontre annuelle")
    FollowUp.objects.create(what="Envoyer le guide", organization=organization)
    organization.tags.add(Tag.objects.create(name="À revoir", colour="red"))
    page = page_of(office, organization)
    assert page.main_people[0].person == direction
    assert page.last_exchange.subject == "Rencontre annuelle"
    assert page.next_follow_up.what == "Envoyer le guide"
    assert page.membership.started_on == datetime.date(2001, 1, 1)
    assert [is_lit for _path, is_lit in page.shapes].count(True) == 1
    html = html_of(office, organization)
    for said in (
        "mailto:dir@example.org",
        "Rencontre annuelle",
        "Envoyer le guide",
        "À revoir",
        "2001-01-01",
        "Sherbrooke",
        f"/admin/members/interaction/add/?organizations={organization.pk}",
        f"/admin/members/followup/add/?organization={organization.pk}",
        f"/admin/members/document/add/?organization={organization.pk}",
    ):
        assert said in html, said


def test_main_people_are_five_current_ones(office, organization):
    for _number in range(7):
        PersonFactory(at=organization)
    PositionFactory(organization=organization, kinds=["direction"], ended_on=PAST)
    page = page_of(office, organization)
    assert len(page.main_people) == 5
    assert len(page.people) == 7
    assert len(page.past_people) == 1


def test_what_is_missing_leads_to_its_field(office, organization):
    page = page_of(office, organization)
    html = html_of(office, organization)
    assert 0 < page.percentage < 100
    assert len(page.missing) == len(set(page.missing))
    for _label, anchor in page.missing:
        assert f'id="{anchor[1:]}"' in html, anchor
    assert "#id_themes" not in dict(page.missing).values()


def test_complete_profile_has_nothing_missing(office, organization):
    Organization.objects.filter(pk=organization.pk).update(
        **dict.fromkeys(["summary_fr", "summary_en", "mission_fr", "mission_en", "email"], "x"),
        phone="+15145550123",
        website="https://example.org",
    )
    page = page_of(office, organization)
    assert (page.percentage, page.missing) == (100, [])


@pytest.mark.parametrize(
    ("fields", "standing", "offers", "offers_not"),
    [
        ({}, "current", ["suspend", "end"], ["reinstate", "admit"]),
        ({"suspended": True}, "suspended", ["reinstate", "end"], ["suspend", "admit"]),
        ({"lapsed": True}, "former", ["admit"], ["suspend", "end", "reinstate"]),
        ({"outside": True}, "none", ["admit"], ["suspend", "end", "reinstate"]),
        (
            {"outside": True, "kind": "association"},
            "none",
            [],
            ["admit", "suspend", "end", "reinstate"],
        ),
    ],
)
def test_page_offers_the_decisions_that_can_be_taken(office, fields, standing, offers, offers_not):
    organization = OrganizationFactory(**fields)
    answer = office.get(address(organization))
    assert answer.context["page"].organization.standing == standing
    html = answer.content.decode()
    for key in offers:
        assert f"/{key}/" in html
    for key in offers_not:
        assert f"/{key}/" not in html


def test_decisions_are_told_with_their_period(office, organization):
    membership = organization.memberships.get()
    MembershipDecision(resolution="CA-2026-041", note="Cotisation impayée.").record(
        membership, "suspension", make_user(email="luc@example.org", first_name="Luc")
    )
    html = html_of(office, organization)
    for said in ("CA-2026-041", "Cotisation impayée.", "Luc"):
        assert said in html


def test_sections_tell_the_past_apart(office, organization):
    AllianceMembership.objects.create(
        alliance=AllianceFactory(name_fr="Coalition d’hier"),
        organization=organization,
        ended_on=PAST,
    )
    AllianceMembership.objects.create(
        alliance=AllianceFactory(name_fr="Coalition d’aujourd’hui"),
        organization=organization,
        since_year=2019,
    )
    page = page_of(office, organization)
    assert [str(p.alliance) for p in page.alliances] == ["Coalition d’aujourd’hui"]
    assert [str(p.alliance) for p in page.past_alliances] == ["Coalition d’hier"]
    assert "2019" in html_of(office, organization)


def test_history_in_words_is_on_the_page(office, organization):
    data = form_of(office, organization) | {"acronym": "EVI"}
    assert office.post(address(organization), data).status_code == 302
    told = page_of(office, organization).moments
    assert told[0].changes[0].after == ["EVI"]
    assert len(told) <= 10


@pytest.mark.parametrize("role", [Role.COMMUNICATIONS, Role.PRIVACY])
def test_what_one_may_not_view_is_absent(client, organization, role):
    InteractionFactory(about=[organization], subject="Entre nous")
    FollowUp.objects.create(what="Ne pas ébruiter", organization=organization)
    Document.objects.create(
        organization=organization, name="secret.pdf", size=1, content_type="application/pdf"
    )
    client.force_login(make_user(role))
    html = html_of(client, organization)
    for hidden in (
        "Entre nous",
        "Ne pas ébruiter",
        "secret.pdf",
        'id="exchanges"',
        "/interaction/",
    ):
        assert hidden not in html, hidden
    for hidden in ("/admit/", "/suspend/", "/end/"):
        assert hidden not in html


def test_communications_write_the_public_profile_only(client, organization):
    client.force_login(make_user(Role.COMMUNICATIONS))
    tag = Tag.objects.create(name="Interne")
    data = form_of(client, organization)
    assert "kind" not in data
    assert "tags" not in data
    assert not any(name.startswith("memberships-") for name in data)
    data |= {
        "mission_fr": "De l’eau pour toutes et tous.",
        "kind": "ally",
        "tags": [tag.pk],
        "memberships-TOTAL_FORMS": "1",
        "memberships-INITIAL_FORMS": "1",
        "memberships-0-id": organization.memberships.get().pk,
        "memberships-0-organization": organization.pk,
        "memberships-0-status": "suspended",
    }
    assert client.post(address(organization), data).status_code == 302
    organization.refresh_from_db()
    assert organization.mission_fr == "De l’eau pour toutes et tous."
    assert organization.kind == "cooperation"
    assert not organization.tags.exists()
    assert organization.memberships.get().status == "active"


def test_readers_read_and_save_nothing(client, organization):
    client.force_login(make_user(Role.READING))
    html = html_of(client, organization)
    assert 'name="_save"' not in html
    assert 'name="name_fr"' not in html
    assert "interaction/add/" not in html
    assert client.post(address(organization), {"name_fr": "Autre"}).status_code == 403


def test_refused_form_loses_nothing_and_the_glance_stays_true(office, organization):
    data = form_of(office, organization) | {"name_fr": "Typed", "postal_code": "12345"}
    answer = office.post(address(organization), data)
    assert answer.status_code == 200
    assert answer.context["page"].organization.name_fr == "Eau vive"
    html = answer.content.decode()
    assert 'value="Typed"' in html
    # The section of the error is open: its fields stand in no <details>.
    before = html[: html.index("field-postal_code")]
    assert before.rindex("<fieldset") > before.rfind("<details>")


def test_themes_and_countries_chosen_are_in_the_form(office, organization):
    html = html_of(office, organization)
    assert '<option value="HT" selected' in html
    data = form_of(office, organization)
    assert data["countries"] == ["HT"]
    assert office.post(address(organization), data).status_code == 302
    assert [country.pk for country in organization.countries.all()] == ["HT"]


def test_periods_change_places_without_losing_their_decisions(client, organization):
    client.force_login(make_user(Role.DIRECTION))
    first = organization.memberships.get()
    first.ended_on = PAST
    first.save()
    second = organization.memberships.create(started_on=datetime.date(2023, 1, 1))
    for membership in (first, second):
        MembershipDecision().record(membership, "admission", None)
    data = form_of(client, organization)
    rows = {data[f"memberships-{n}-id"]: n for n in (0, 1)}
    one, two = rows[str(first.pk)], rows[str(second.pk)]
    data |= {
        f"memberships-{one}-started_on": "2023-01-01",
        f"memberships-{one}-ended_on": "",
        f"memberships-{two}-started_on": "2001-01-01",
        f"memberships-{two}-ended_on": str(PAST),
    }
    assert client.post(address(organization), data).status_code == 302
    first.refresh_from_db()
    assert (first.started_on, first.ended_on) == (datetime.date(2023, 1, 1), None)
    assert MembershipDecision.objects.count() == 2
    # A period that was decided upon is not removed.
    data = form_of(client, organization) | {"memberships-0-DELETE": "on"}
    answer = client.post(address(organization), data)
    assert answer.status_code == 200
    assert organization.memberships.count() == 2


def test_unknown_organization_leads_back_to_the_list(office):
    for key in ("999999", "eau", "1_5F"):
        answer = office.get(f"/admin/members/organization/{key}/change/")
        assert answer.status_code == 302


def test_page_is_light_for_a_former_member_too(office):
    organization = OrganizationFactory(lapsed=True, outside=False)
    html = html_of(office, organization)
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    assert str(yesterday) in html


# The list


LIST = "/admin/members/organization/"


def counts(answer, parameter):
    """{words: number} of a filter's choices."""
    changelist = answer.context["cl"]
    (spec,) = [s for s in changelist.filter_specs if s.parameter_name == parameter]
    told = [choice["display"] for choice in spec.choices(changelist)]
    return {said.rsplit(" (")[0]: int(said.rsplit("(")[1][:-1]) for said in told if "(" in said}


def shown(answer):
    return {organization.name_fr for organization in answer.context["cl"].result_list}


def test_filters_count_what_each_choice_gives(office, organization):
    other = OrganizationFactory(name_fr="Autre", town="Sherbrooke", countries=["HT", "ML"])
    OrganizationFactory(name_fr="Partie", lapsed=True, countries=["HT"])
    alliance = AllianceFactory(name_fr="Coalition")
    AllianceMembership.objects.create(alliance=alliance, organization=other)
    AllianceMembership.objects.create(alliance=alliance, organization=organization, ended_on=PAST)
    answer = office.get(LIST)
    assert shown(answer) == {"Eau vive", "Autre"}
    assert counts(answer, "country") == {"Haïti": 2, "Mali": 1}
    assert counts(answer, "alliance") == {"Coalition": 1}
    assert counts(answer, "region")["Estrie"] == 2
    assert counts(answer, "theme")["Santé"] == 1
    assert sorted(counts(answer, "profile").values()) == [0, 2]
    answer = office.get(LIST, {"alliance": alliance.pk, "membership": "all"})
    assert shown(answer) == {"Autre"}
    assert counts(answer, "country") == {"Haïti": 1, "Mali": 1}
    answer = office.get(LIST, {"country": "HT"})
    assert counts(answer, "country") == {"Haïti": 2, "Mali": 1}
    assert shown(office.get(LIST, {"profile": "complete"})) == set()
    assert shown(office.get(LIST, {"profile": "incomplete", "q": "eau"})) == {"Eau vive"}


def test_choosing_all_chooses_all_the_members(office):
    for number in range(64):
        OrganizationFactory(name_fr=f"Organisme {number}")
    assert len(shown(office.get(LIST))) == 64
