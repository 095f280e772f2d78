"""Actions on a selection: what their page says, and that they do just that."""

import datetime
import re

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.utils import timezone

from members.models import AllianceMembership, Membership, Organization, Tag
from members.permissions import Role
from tests.factories import AllianceFactory, MembershipFactory, OrganizationFactory, make_user

pytestmark = pytest.mark.django_db

LIST = "/admin/members/organization/?membership=all"


@pytest.fixture
def office(client):
    client.force_login(make_user(Role.PERMANENCE))
    return client


def ask(client, action, *records, address=LIST, **more):
    """The page that the list answers with."""
    keys = [record.pk for record in records] or [Organization.objects.first().pk]
    return client.post(address, {"action": action, "_selected_action": keys, **more})


def sent_by(answer, step):
    """What the page's button sends."""
    html = answer.content.decode()
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', html)
    return {name: value for name, value in hidden if name != "csrfmiddlewaretoken"} | {"step": step}


def follow(client, answer, step="do", address=LIST, **choice):
    return client.post(address, sent_by(answer, step) | choice)


def shown(answer):
    return [str(record) for record, _told in answer.context["concerned"]]


def said(client, answer):
    """What the list says afterwards."""
    assert answer.status_code == 302
    return [str(message) for message in client.get(answer.url).context["messages"]]


def test_page_says_to_which_and_to_which_not_and_does_nothing_yet(office):
    new = OrganizationFactory(name_fr="Neuve")
    done = OrganizationFactory(name_fr="Faite", last_confirmed_on=timezone.localdate())
    answer = ask(office, "confirm", new, done)
    assert shown(answer) == ["Neuve"]
    ((_reason, others, count, more),) = answer.context["others"]
    assert ([str(record) for record in others], count, more) == (["Faite"], 1, 0)
    new.refresh_from_db()
    assert new.last_confirmed_on is None
    told = said(office, follow(office, answer))
    assert len(told) == 2
    new.refresh_from_db()
    assert new.last_confirmed_on == timezone.localdate()


def test_whole_list_is_what_was_shown_and_no_more(office):
    for number in range(3):
        OrganizationFactory(name_fr=f"Organisme {number}")
    answer = ask(office, "confirm", select_across="1")
    assert answer.context["concerned_count"] == 3
    OrganizationFactory(name_fr="Venue entre-temps")
    follow(office, answer)
    assert Organization.objects.filter(last_confirmed_on=None).get().name_fr == "Venue entre-temps"


def test_more_than_a_thousand_are_chosen(office):
    Organization.objects.bulk_create(
        Organization(name_fr=f"Organisme {n}", slug=f"o-{n}") for n in range(1200)
    )
    answer = ask(office, "confirm", select_across="1")
    assert len(answer.context["concerned"]) == 300
    assert answer.context["concerned_more"] == 900
    follow(office, answer)
    assert not Organization.objects.filter(last_confirmed_on=None).exists()


def test_nothing_to_do_is_said_and_offers_no_button(office):
    done = OrganizationFactory(last_confirmed_on=timezone.localdate())
    answer = ask(office, "confirm", done)
    assert 'name="step"' not in answer.content.decode()


def test_hostile_keys_are_ignored(office):
    answer = office.post(
        LIST,
        {
            "action": "confirm",
            "select_across": "1",
            "step": "do",
            "chosen": "x,;DROP,²,-1,999999",
            ACTION_CHECKBOX_NAME: "0",
        },
    )
    assert answer.status_code == 302


def test_tag_is_chosen_then_put_then_taken_away(office):
    tag = Tag.objects.create(name="Infolettre")
    one, other = OrganizationFactory(), OrganizationFactory()
    other.tags.add(tag)
    answer = ask(office, "add_tag", one, other)
    assert not answer.context["is_preview"]
    refused = follow(office, answer, "preview")
    assert "tag" in refused.context["form"].errors
    preview = follow(office, answer, "preview", **{"choice-tag": tag.pk})
    assert shown(preview) == [str(one)]
    assert "Infolettre" in preview.context["sentence"]
    follow(office, preview)
    assert list(one.tags.all()) == [tag]
    preview = follow(office, ask(office, "remove_tag", one), "preview", **{"choice-tag": tag.pk})
    follow(office, preview)
    assert not one.tags.exists()


def test_selection_joins_an_alliance_once(office):
    alliance = AllianceFactory()
    one, other = OrganizationFactory(), OrganizationFactory()
    AllianceMembership.objects.create(alliance=alliance, organization=other)
    answer = ask(office, "add_to_alliance", one, other)
    choice = {"choice-alliance": alliance.pk, "choice-role": "observer"}
    preview = follow(office, answer, "preview", **choice, **{"choice-since_year": "2019"})
    assert shown(preview) == [str(one)]
    follow(office, preview)
    made = one.alliance_memberships.get()
    assert (made.role, made.since_year) == ("observer", 2019)
    assert other.alliance_memberships.count() == 1


def test_memberships_end_together_each_with_its_decision(office):
    one = OrganizationFactory(name_fr="Une")
    other = OrganizationFactory(name_fr="Autre")
    former = OrganizationFactory(name_fr="Ancienne", lapsed=True)
    young = MembershipFactory(
        organization__name_fr="Jeune", started_on=timezone.localdate()
    ).organization
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    choice = {
        "choice-on": str(yesterday),
        "choice-reason": "removed",
        "choice-body": "assembly",
        "choice-decided_on": str(yesterday),
        "choice-resolution": "AGA-7",
    }
    answer = ask(office, "end_memberships", one, other, former, young)
    preview = follow(office, answer, "preview", **choice)
    assert sorted(shown(preview)) == ["Autre", "Une"]
    assert preview.context["others_count"] == 2
    follow(office, preview)
    for organization in (one, other):
        membership = organization.memberships.get()
        assert (membership.ended_on, membership.end_reason) == (yesterday, "removed")
        assert membership.decisions.get().resolution == "AGA-7"
    assert list(Organization.objects.members()) == [young]


def test_one_refusal_stops_all_and_says_which(office, monkeypatch):
    one, other = OrganizationFactory(name_fr="A"), OrganizationFactory(name_fr="B")
    confirm = Organization.confirm

    def refuse(self, **kwargs):
        if self == other:
            raise ValidationError("Pas celui-là.")
        confirm(self, **kwargs)

    monkeypatch.setattr(Organization, "confirm", refuse)
    answer = follow(office, ask(office, "confirm", one, other))
    assert answer.status_code == 200
    assert "B" in answer.context["error"]
    assert "Pas celui-là." in answer.context["error"]
    one.refresh_from_db()
    assert one.last_confirmed_on is None


def test_memberships_are_confirmed_with_their_source(office):
    unsure, sure = MembershipFactory(confirmed=False), MembershipFactory()
    address = "/admin/members/membership/"
    answer = ask(office, "confirm_memberships", unsure, sure, address=address)
    preview = follow(
        office, answer, "preview", address, **{"choice-source_url": "aqoci.qc.ca/membres"}
    )
    assert shown(preview) == [str(unsure)]
    follow(office, preview, "do", address)
    unsure.refresh_from_db()
    assert (unsure.confirmed, unsure.source_url) == (True, "https://aqoci.qc.ca/membres")


@pytest.mark.parametrize(
    ("role", "offered"),
    [
        (Role.COMMUNICATIONS, {"confirm"}),
        (Role.READING, set()),
        (Role.PRIVACY, set()),
    ],
)
def test_each_is_offered_what_they_may(client, role, offered):
    client.force_login(make_user(role))
    organization = OrganizationFactory()
    own = {"confirm", "add_tag", "remove_tag", "add_to_alliance", "end_memberships"}
    actions = client.get(LIST).context["action_form"]
    choices = {key for key, _words in actions.fields["action"].choices} if actions else set()
    assert choices & own == offered
    ask(client, "end_memberships", organization, step="do", chosen=organization.pk)
    assert Membership.objects.get().ended_on is None
