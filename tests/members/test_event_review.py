"""Staff review what members post: the list, each decision, refusing the whole, conflicts."""

import datetime

import pghistory
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from members import happening
from members.admin import history
from members.happening import Choice
from members.merging import merge
from members.models import Event, EventProposal, PublishedChange, SentMail
from members.models.proposals import ChangedMeanwhile, NotWaiting
from members.permissions import Role
from regions.models import Municipality
from tests.factories import (
    EditionFactory,
    EventFactory,
    OrganizationFactory,
    RepresentativeFactory,
    make_user,
)

pytestmark = pytest.mark.django_db

LIST = "/admin/members/eventproposal/"
YEAR = timezone.localdate().year + 1
DAY = f"{YEAR}-06-10"
YES, NO = Choice(accepts=True), Choice(accepts=False, note="Trop long.")


@pytest.fixture(autouse=True)
def settings_of_mail(settings):
    settings.SITE_URL = "https://annuaire.example"


@pytest.fixture
def organization():
    return OrganizationFactory(name_fr="Eau vive (fictif)")


@pytest.fixture
def ana(organization):
    return RepresentativeFactory(organization=organization).user


@pytest.fixture
def marie():
    return make_user(Role.COMMUNICATIONS, email="marie@example.org", first_name="Marie")


@pytest.fixture
def office(client, marie):
    client.force_login(marie)
    return client


def when(*dates, zone="America/Toronto", all_day=False):
    return {"zone": zone, "all_day": all_day, "dates": [list(date) for date in dates]}


def values_of(event):
    return happening.read(Event.objects.for_values().get(pk=event.pk))


def post(organization, by, **values):
    """A new event that waits."""
    asked = {
        "title_fr": "Soirée sur l’eau",
        "text_fr": "Un film.",
        "when": when([f"{DAY}T19:00", f"{DAY}T21:00"]),
        "organizations": [organization.pk],
        "audience": "all",
        "is_free": True,
    }
    return happening.send(
        organization=organization,
        values=happening.blank() | asked | values,
        start=happening.blank(),
        by=by,
    ).proposal


def propose(event, by, **values):
    """Changes to an event that wait."""
    start = values_of(event)
    return happening.send(
        organization=event.posted_for, event=event, values=start | values, start=start, by=by
    ).proposal


def decide(proposal, by, **choices):
    proposal.refresh_from_db()
    live = values_of(proposal.event) if proposal.event_id else happening.blank()
    every = {one.name: YES for one in proposal.fields.all()}
    return happening.decide(
        proposal=proposal, choices=every | choices, shown=live, version=proposal.version, by=by
    )


def address(proposal, page="change"):
    return reverse(f"admin:members_eventproposal_{page}", args=[proposal.pk])


def form_of(answer):
    """What the decision's form sends when it is left as it is."""
    data = {"shown": answer.context["review"].shown}
    for card in answer.context["review"].cards:
        data[f"{card.name}-choice"] = card.choice
        data[f"{card.name}-note"] = card.note
        data |= card.texts
    return data


# What a decision does


def test_accepted_event_is_public_and_its_author_is_told(organization, ana, marie):
    proposal = post(organization, ana, municipality=Municipality.objects.get(name="Rimouski").pk)
    event = decide(proposal, marie).event
    assert event.is_public
    assert event.posted_for == organization
    assert list(event.organizations.all()) == [organization]
    assert event.dates.get().starts == datetime.datetime(YEAR, 6, 10, 19, tzinfo=event.tz)
    assert event.municipality.name == "Rimouski"
    proposal.refresh_from_db()
    assert (proposal.state, proposal.decided_by) == ("decided", marie)
    mail = SentMail.objects.get(kind="event_decided")
    assert mail.to == ana.email
    assert "Soirée sur l’eau" in mail.subject


def test_history_says_who_asked_and_who_accepted(organization, ana, marie):
    with pghistory.context(user=marie.pk):
        event = decide(post(organization, ana), marie).event
    with override("en"):
        (moment, *_rest) = history.moments(history.events_of(event), event)
    assert str(ana) in moment.who
    assert "Marie" in moment.who


def test_field_is_corrected_and_another_refused(organization, ana, marie):
    proposal = post(organization, ana, venue="Salle A", text_en="A film.")
    event = decide(
        proposal,
        marie,
        title_fr=Choice(accepts=True, edits=True, value="Soirée film", note="Plus court."),
        text_en=NO,
    ).event
    assert (event.title_fr, event.text_en or "") == ("Soirée film", "")
    decided = {one.name: (one.decision, one.note) for one in proposal.fields.all()}
    assert decided["title_fr"] == ("edited", "Plus court.")
    assert decided["text_en"] == ("refused", "Trop long.")
    assert "Soirée film" in SentMail.objects.get(kind="event_decided").text


def test_event_without_a_title_or_a_date_is_not_made(organization, ana, marie):
    proposal = post(organization, ana)
    with pytest.raises(ValidationError) as refused:
        decide(proposal, marie, title_fr=NO, when=NO, organizations=NO)
    assert {"title_fr", "when", "organizations"} <= refused.value.message_dict.keys()
    assert not Event.objects.exists()
    proposal.refresh_from_db()
    assert proposal.is_waiting


def test_whole_is_refused_with_words(organization, ana, marie):
    proposal = post(organization, ana)
    with pytest.raises(ValidationError):
        happening.refuse(proposal=proposal, note="  ", version=proposal.version, by=marie)
    happening.refuse(proposal=proposal, note="Hors sujet.", version=proposal.version, by=marie)
    proposal.refresh_from_db()
    assert (proposal.state, proposal.note) == ("refused", "Hors sujet.")
    assert not Event.objects.exists()
    assert "Hors sujet." in SentMail.objects.get(kind="event_decided").text
    with pytest.raises(NotWaiting):
        decide(proposal, marie)


def test_nobody_decides_what_they_asked_for(organization, marie):
    proposal = post(organization, marie)
    with pytest.raises(PermissionDenied):
        decide(proposal, marie)
    assert decide(proposal, make_user(Role.DIRECTION)).event


@pytest.mark.parametrize("role", [Role.READING, Role.PRIVACY])
def test_who_keeps_no_public_page_decides_nothing(organization, ana, role):
    with pytest.raises(PermissionDenied):
        decide(post(organization, ana), make_user(role))


def test_what_moved_meanwhile_is_not_written_over(organization, ana, marie):
    event = EventFactory(by=[organization], posted_for=organization)
    proposal = propose(event, ana, title_fr="Titre demandé")
    shown = values_of(event)
    Event.objects.filter(pk=event.pk).update(title_fr="Titre des permanents")
    with pytest.raises(ChangedMeanwhile) as moved:
        happening.decide(
            proposal=proposal,
            choices={"title_fr": YES},
            shown=shown,
            version=proposal.version,
            by=marie,
        )
    assert moved.value.names == ["title_fr"]


def test_one_proposal_waits_an_event_and_is_amended(organization, ana):
    event = EventFactory(by=[organization], posted_for=organization)
    first = propose(event, ana, title_fr="Premier")
    colleague = RepresentativeFactory(organization=organization).user
    second = propose(event, colleague, venue="Salle B")
    assert first.pk == second.pk
    assert {one.name for one in first.fields.all()} == {"title_fr", "venue"}
    assert {user.pk for user in second.proposers} == {ana.pk, colleague.pk}


def test_dates_that_stay_keep_what_they_are(organization, ana, marie):
    event = EventFactory(by=[organization], posted_for=organization)
    first = event.dates.get()
    second = event.dates.create(starts_at=first.starts_at + datetime.timedelta(days=7))
    first.is_cancelled = True
    first.save()
    asked = values_of(event)["when"]
    more = asked | {"dates": [*asked["dates"], [f"{DAY}T10:00", ""]]}
    decide(propose(event, ana, when=more), marie)
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.is_cancelled
    assert event.dates.count() == 3
    decide(propose(event, ana, when=asked | {"dates": asked["dates"][:1]}), marie)
    assert [date.uid for date in event.dates.all()] == [first.uid]


def test_holder_that_was_joined_to_another_is_said(organization, ana, marie):
    twin = OrganizationFactory()
    proposal = post(organization, ana, organizations=[organization.pk, twin.pk])
    merge(kept=organization, removed=twin, by=make_user(Role.PERMANENCE))
    with pytest.raises(ValidationError) as refused:
        decide(proposal, marie)
    assert "organizations" in refused.value.message_dict
    correction = Choice(accepts=True, edits=True, value=[organization.pk])
    assert decide(proposal, marie, organizations=correction).event


# The list


def test_list_shows_those_that_wait_the_oldest_first(office, organization, ana):
    made = []
    for days in (3, 12, 0):
        proposal = post(organization, ana, title_fr=f"Activité {days}")
        sent = timezone.now() - datetime.timedelta(days=days)
        EventProposal.objects.filter(pk=proposal.pk).update(proposed_at=sent)
        made.append(proposal)
    made[2].withdraw(by=ana)
    answer = office.get(LIST)
    assert list(answer.context["cl"].result_list) == [made[1], made[0]]
    assert answer.content.decode().count('class="pill late"') == 1
    assert list(office.get(f"{LIST}?q=activité+3").context["cl"].result_list) == [made[0]]
    assert len(office.get(f"{LIST}?q=eau+vive").context["cl"].result_list) == 2
    withdrawn = office.get(f"{LIST}?state=withdrawn").context["cl"].result_list
    assert list(withdrawn) == [made[2]]


def test_list_counts_conflicts(office, organization, ana):
    event = EventFactory(by=[organization], posted_for=organization)
    propose(event, ana, title_fr="Titre", venue="Salle")
    Event.objects.filter(pk=event.pk).update(title_fr="Autre titre")
    (row,) = office.get(LIST).context["cl"].result_list
    assert (len(row.fields.all()), row.conflicts) == (2, 1)


def test_dashboard_counts_them(office, organization, ana):
    post(organization, ana)
    numbers = {n.url: n.count for n in office.get("/admin/").context["to_do"]}
    assert numbers[LIST] == 1


# The page


def test_event_is_accepted_with_a_correction_on_its_page(office, organization, ana):
    proposal = post(organization, ana, edition=EditionFactory().pk, languages=["fr"])
    page = office.get(address(proposal))
    data = form_of(page) | {
        "title_fr-choice": "edit",
        "title_fr": "Soirée film",
        "when-choice": "edit",
        "when_start_time": ["18:30"],
    }
    answer = office.post(address(proposal), data, follow=True)
    event = Event.objects.get()
    assert answer.status_code == 200
    assert event.title_fr == "Soirée film"
    assert event.dates.get().starts.hour == 18
    assert event.languages == ["fr"]


def test_correction_that_cannot_stand_is_said(office, organization, ana):
    proposal = post(organization, ana)
    data = form_of(office.get(address(proposal))) | {
        "when-choice": "edit",
        "when_end_time": ["12:00"],
    }
    answer = office.post(address(proposal), data)
    (card,) = [card for card in answer.context["review"].cards if card.errors]
    assert card.name == "when"
    assert not Event.objects.exists()


def test_everything_is_accepted_in_one_click(office, organization, ana):
    proposal = post(organization, ana)
    shown = office.get(address(proposal)).context["review"].shown
    office.post(address(proposal), {"shown": shown, "accept_all": "1"})
    assert Event.objects.get().is_public


def test_event_is_refused_on_its_page(office, organization, ana):
    proposal = post(organization, ana)
    shown = office.get(address(proposal)).context["review"].shown
    answer = office.post(address(proposal), {"shown": shown, "refuse_all": "1", "refusal": ""})
    assert answer.context["review"].errors
    office.post(address(proposal), {"shown": shown, "refuse_all": "1", "refusal": "Hors sujet."})
    proposal.refresh_from_db()
    assert (proposal.state, proposal.note) == ("refused", "Hors sujet.")
    assert "Hors sujet." in office.get(address(proposal)).content.decode()


def test_conflict_shows_three_values(office, organization, ana):
    event = EventFactory(by=[organization], posted_for=organization, title_fr="Titre vu")
    proposal = propose(event, ana, title_fr="Titre demandé")
    event.title_fr = "Titre des permanents"
    event.save()
    answer = office.get(address(proposal))
    (card,) = answer.context["review"].conflicts
    assert card.choice == ""
    html = answer.content.decode()
    assert "Titre vu" in html
    assert "permanents" in html


def test_proposal_that_was_amended_meanwhile_is_shown_again(office, organization, ana):
    proposal = post(organization, ana)
    data = form_of(office.get(address(proposal)))
    start = happening.blank() | {one.name: one.proposed for one in proposal.fields.all()}
    happening.send(
        organization=organization,
        proposal=proposal,
        values=start | {"title_fr": "Titre amendé"},
        start=start,
        by=ana,
    )
    answer = office.post(address(proposal), data)
    assert answer.context["review"].has_moved
    assert not Event.objects.exists()


def test_preview_shows_what_would_be_accepted(office, organization, ana):
    proposal = post(organization, ana, text_fr="Un **débat**.", text_en="A **debate**.")
    assert "<strong>débat</strong>" in office.get(address(proposal, "preview")).content.decode()
    data = form_of(office.get(address(proposal))) | {"text_en-choice": "refuse"}
    html = office.post(address(proposal, "preview"), data).content.decode()
    assert "<strong>débat" in html
    assert "<strong>debate" not in html


def test_text_of_a_proposal_is_never_markup(office, organization, ana):
    attack = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'"
    proposal = post(
        organization,
        ana,
        title_fr=attack,
        text_fr=attack + "\n\n[ici](javascript:alert(3))",
        venue=attack,
        access_note_fr=attack,
    )
    pages = [
        office.get(address(proposal)),
        office.get(address(proposal, "preview")),
        office.get(LIST),
    ]
    decide(proposal, make_user(Role.PERMANENCE))
    event = Event.objects.get()
    pages += [
        office.get(address(proposal)),
        office.get(reverse("admin:members_event_preview", args=[event.pk])),
        office.get(reverse("admin:members_event_change", args=[event.pk])),
    ]
    for page in pages:
        html = page.content.decode()
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert 'href="javascript' not in html


def test_proposal_of_who_is_no_longer_a_member_is_closed(office, organization, ana):
    proposal = post(organization, ana)
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    organization.memberships.update(ended_on=yesterday)
    organization.refresh_from_db()
    assert office.get(address(proposal)).context["is_outside"]
    office.post(address(proposal, "close"))
    proposal.refresh_from_db()
    assert proposal.state == "closed"


def test_pages_ask_little(office, organization, ana, django_assert_max_num_queries):
    town = Municipality.objects.get(name="Rimouski").pk
    proposal = post(organization, ana, municipality=town, edition=EditionFactory().pk)
    event = EventFactory(by=[organization], posted_for=organization)
    changed = propose(event, ana, title_fr="Titre", municipality=town)
    event.title_fr = "Autre"
    event.save()
    for path in (LIST, address(proposal), address(changed)):
        office.get(path)
        with django_assert_max_num_queries(12):
            assert office.get(path).status_code == 200


# Put back


def test_what_was_published_at_once_is_put_back_by_the_staff(office, organization, ana):
    event = EventFactory(by=[organization], posted_for=organization)
    propose(event, ana, status="cancelled", status_note_fr="Salle fermée.")
    change = PublishedChange.objects.get()
    listed = office.get("/admin/members/publishedchange/").content.decode()
    assert event.title_fr in listed
    office.post(reverse("admin:members_publishedchange_put_back", args=[change.pk]))
    event.refresh_from_db()
    assert (event.status, event.status_note_fr) == ("scheduled", "")
    assert SentMail.objects.get(kind="event_put_back").to == ana.email


def test_what_was_changed_again_is_not_put_back(office, organization, ana):
    event = EventFactory(by=[organization], posted_for=organization)
    propose(event, ana, registration_url="https://eau.example/1")
    change = PublishedChange.objects.get()
    Event.objects.filter(pk=event.pk).update(registration_url="https://eau.example/2")
    office.post(reverse("admin:members_publishedchange_put_back", args=[change.pk]))
    event.refresh_from_db()
    assert event.registration_url == "https://eau.example/2"
