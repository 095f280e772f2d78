"""Exchanges and follow-up in the staff's site: the short form, the lists, « done » in a click."""

import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from members.admin.interaction_form import Due
from members.models import Dossier, FollowUp, Interaction
from members.permissions import Role
from tests.factories import (
    AllianceFactory,
    InteractionFactory,
    OrganizationFactory,
    PersonFactory,
    PositionFactory,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff():
    return make_user(Role.PERMANENCE, first_name="Marie")


@pytest.fixture
def office(client, staff):
    """The staff's site as someone of the permanent team sees it."""
    client.force_login(staff)
    return client


# Done in a click


def done(follow_up):
    return reverse("admin:members_followup_done", args=[follow_up.pk])


def test_done_in_one_click_and_back(office, staff):
    follow_up = FollowUp.objects.create(what="Rappeler")
    answer = office.post(done(follow_up), {"next": "/admin/members/organization/?q=eau"})
    assert answer.url == "/admin/members/organization/?q=eau"
    follow_up.refresh_from_db()
    assert follow_up.done_by == staff
    office.post(reverse("admin:members_followup_reopen", args=[follow_up.pk]))
    follow_up.refresh_from_db()
    assert follow_up.done_at is None


@pytest.mark.parametrize(
    "elsewhere", ["https://example.com/", "//example.com", "", "\\\\example.com"]
)
def test_done_leads_nowhere_else(office, elsewhere):
    follow_up = FollowUp.objects.create(what="Rappeler")
    answer = office.post(done(follow_up), {"next": elsewhere})
    assert answer.url == reverse("admin:members_followup_changelist")


def test_reading_does_not_finish(client):
    follow_up = FollowUp.objects.create(what="Rappeler")
    client.force_login(make_user(Role.READING))
    assert client.post(done(follow_up)).status_code == 403
    client.force_login(make_user(Role.COMMUNICATIONS))
    assert client.post(done(follow_up)).status_code == 403
    follow_up.refresh_from_db()
    assert follow_up.done_at is None


def test_looking_does_not_finish(office):
    follow_up = FollowUp.objects.create(what="Rappeler")
    assert office.get(done(follow_up)).status_code == 405
    follow_up.refresh_from_db()
    assert follow_up.done_at is None


# The short form

ADD = "/admin/members/interaction/add/"


def sent(client, address, **typed):
    """What the form at `address` sends once `typed` is filled in."""
    page = client.get(address)
    data = {}
    forms = [page.context["adminform"].form]
    for inline in page.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for bound in form:
            value = bound.value()
            value = bound.field.widget.format_value(value) if hasattr(value, "year") else value
            if isinstance(value, list):
                data[bound.html_name] = [getattr(item, "pk", item) for item in value]
            elif value is True:
                data[bound.html_name] = "on"
            elif value is not None and value is not False:
                data[bound.html_name] = value
    return data | typed


def log(client, address=ADD, **typed):
    return client.post(address, sent(client, address, **typed))


def test_from_an_organizations_page_the_subject_is_enough(office, staff):
    organization = OrganizationFactory()
    address = f"{ADD}?organizations={organization.pk}"
    answer = log(office, address, subject="Renouvellement")
    assert answer.url == reverse("admin:members_organization_change", args=[organization.pk])
    exchange = Interaction.objects.get()
    assert exchange.kind == "call"
    assert abs(timezone.now() - exchange.happened_at) < datetime.timedelta(minutes=2)
    assert list(exchange.organizations.all()) == [organization]
    assert list(exchange.staff.all()) == [staff]
    assert exchange.recorded_by == staff
    assert not FollowUp.objects.exists()


def test_from_a_persons_page_their_organization_comes_along(office):
    organization = OrganizationFactory()
    person = PersonFactory(at=organization, title="directrice")
    log(office, f"{ADD}?people={person.pk}", subject="Bonjour")
    exchange = Interaction.objects.get()
    assert list(exchange.organizations.all()) == [organization]
    assert exchange.participations.get().title == "directrice"


def test_of_two_organizations_none_is_guessed(office):
    person = PersonFactory(at=OrganizationFactory())
    PositionFactory(person=person, organization=OrganizationFactory())
    log(office, f"{ADD}?people={person.pk}", subject="Bonjour")
    assert not Interaction.objects.get().organizations.exists()


def test_person_brings_their_organization_if_none_is_given(office):
    organization = OrganizationFactory()
    person = PersonFactory(at=organization)
    log(office, subject="Bonjour", participants=[person.pk])
    assert list(Interaction.objects.get().organizations.all()) == [organization]


def test_people_of_the_organization_are_one_touch_away(office):
    organization = OrganizationFactory()
    person = PersonFactory(at=organization, first_name="Zoé", last_name="Roy", title="présidente")
    gone = PersonFactory(first_name="Léo", last_name="Parti")
    PositionFactory(
        person=gone,
        organization=organization,
        ended_on=timezone.localdate() - datetime.timedelta(days=1),
    )
    html = office.get(f"{ADD}?organizations={organization.pk}").content.decode()
    assert f'type="checkbox" name="participants" value="{person.pk}"' in html
    assert "présidente" in html
    assert "Léo Parti" not in html


@pytest.mark.parametrize("key", ["abc", "999999", "9" * 40, "-1", "²", "1,x"])
def test_a_key_that_leads_nowhere_is_ignored(office, key):
    names = ("people", "organizations", "alliance", "dossier")
    answer = office.get(ADD + "?" + "&".join(f"{name}={key}" for name in names))
    assert answer.status_code == 200


def test_follow_up_is_written_with_the_exchange(office, staff):
    organization = OrganizationFactory()
    log(
        office,
        f"{ADD}?organizations={organization.pk}",
        subject="Renouvellement",
        follow_up_what="Envoyer le formulaire",
    )
    follow_up = FollowUp.objects.get()
    assert follow_up.interaction == Interaction.objects.get()
    assert follow_up.organization == organization
    assert follow_up.assigned_to == follow_up.recorded_by == staff
    assert follow_up.due_on == timezone.localdate() + datetime.timedelta(days=7)


def test_day_that_is_typed_counts_before_the_quick_choices(office):
    day = timezone.localdate() + datetime.timedelta(days=40)
    log(office, subject="Bonjour", follow_up_what="Écrire", follow_up_on=str(day))
    assert FollowUp.objects.get().due_on == day


@pytest.mark.parametrize(
    ("today", "month"),
    [("2026-01-31", "2026-02-28"), ("2026-12-15", "2027-01-15"), ("2028-01-30", "2028-02-29")],
)
def test_in_a_month_is_the_same_day_or_the_last(today, month):
    days = Due.days(datetime.date.fromisoformat(today))
    assert days[Due.MONTH] == datetime.date.fromisoformat(month)


def test_only_those_who_may_see_it_are_offered(office):
    outsider = make_user(Role.COMMUNICATIONS)
    data = sent(office, ADD, subject="Bonjour", follow_up_what="Écrire")
    answer = office.post(ADD, data | {"follow_up_who": outsider.pk})
    assert answer.context["adminform"].form.errors["follow_up_who"]
    assert not Interaction.objects.exists()
    answer = office.post("/admin/members/followup/add/", {"what": "x", "assigned_to": outsider.pk})
    assert answer.context["adminform"].form.errors["assigned_to"]


@pytest.mark.parametrize(
    "when",
    ["20225-11-24T14:05", "2225-11-24T14:05", "1875-01-01T00:00", "0001-01-01T00:00", "hier", ""],
)
def test_a_day_that_cannot_be_is_refused_in_words_and_nothing_is_lost(office, when):
    organization = OrganizationFactory()
    person = PersonFactory(at=organization)
    data = sent(office, ADD, subject="Bonjour", notes="Tout ce qui fut dit.")
    answer = office.post(
        ADD,
        data
        | {
            "happened_at": when,
            "participants": [person.pk],
            "organizations": [organization.pk],
            "follow_up_what": "Écrire",
        },
    )
    form = answer.context["adminform"].form
    assert list(form.errors) == ["happened_at"]
    html = answer.content.decode()
    assert "Tout ce qui fut dit." in html
    assert 'value="Écrire"' in html
    for record in (person, organization):
        assert f'<option value="{record.pk}" selected' in html
    assert not Interaction.objects.exists()
    assert not FollowUp.objects.exists()


def test_a_meeting_to_come_is_a_follow_up(office):
    soon = timezone.localtime() + datetime.timedelta(hours=20)
    far = timezone.localtime() + datetime.timedelta(hours=30)
    answer = log(office, subject="À venir", happened_at=f"{far:%Y-%m-%dT%H:%M}")
    assert answer.context["adminform"].form.errors["happened_at"]
    assert log(office, subject="Ce soir", happened_at=f"{soon:%Y-%m-%dT%H:%M}").status_code == 302


def test_time_is_montreals(office):
    log(office, subject="Bonjour", happened_at="2026-07-01T14:05")
    at = Interaction.objects.get().happened_at
    assert at == datetime.datetime(2026, 7, 1, 18, 5, tzinfo=datetime.UTC)


def test_subject_and_what_to_do_are_asked_for_in_words(office):
    answer = log(office, subject="  ", follow_up_on=str(timezone.localdate()))
    errors = answer.context["adminform"].form.errors
    assert set(errors) == {"subject", "follow_up_what"}


def test_exchange_and_follow_up_are_one_thing(office, monkeypatch):
    def refuse(*args, **kwargs):
        raise RuntimeError("the server stops here")

    monkeypatch.setattr(FollowUp, "full_clean", refuse)
    with pytest.raises(RuntimeError):
        log(office, subject="Bonjour", follow_up_what="Écrire")
    assert not Interaction.objects.exists()


# The page of an exchange


def change(exchange):
    return reverse("admin:members_interaction_change", args=[exchange.pk])


def test_page_saved_as_it_was_changes_nothing(office):
    exchange = InteractionFactory(about=[OrganizationFactory()], people=[PersonFactory()])
    exchange.refresh_from_db()
    before = exchange.updated_at
    assert log(office, change(exchange)).status_code == 302
    exchange.refresh_from_db()
    assert exchange.updated_at == before


def test_title_that_was_written_survives_those_who_come_and_go(office):
    organization = OrganizationFactory()
    stays = PersonFactory(at=organization, title="adjointe")
    leaves = PersonFactory(at=organization)
    comes = PersonFactory(at=organization, title="trésorière")
    exchange = InteractionFactory(about=[organization], people=[stays, leaves])
    stays.positions.update(title="directrice")
    log(office, change(exchange), participants=[stays.pk, comes.pk])
    titles = dict(exchange.participations.values_list("person", "title"))
    assert titles == {stays.pk: "adjointe", comes.pk: "trésorière"}


def test_title_of_that_day_is_set_right_on_the_page(office):
    exchange = InteractionFactory(people=[PersonFactory(at=OrganizationFactory())])
    log(office, change(exchange), **{"participations-0-title": "vice-présidente"})
    assert exchange.participations.get().title == "vice-présidente"


def test_another_follow_up_from_the_page(office):
    exchange = InteractionFactory()
    log(office, change(exchange), follow_up_what="Écrire")
    assert exchange.follow_ups.get().what == "Écrire"


def test_readers_read(client):
    person = PersonFactory(at=OrganizationFactory(), title="directrice")
    exchange = InteractionFactory(people=[person], notes="Ce qui fut dit")
    FollowUp.objects.create(what="Rappeler", interaction=exchange)
    client.force_login(make_user(Role.READING))
    html = client.get(change(exchange)).content.decode()
    for words in (str(person), "directrice", "Ce qui fut dit", "Rappeler"):
        assert words in html
    assert 'name="subject"' not in html
    assert "formaction" not in html
    assert client.get(ADD).status_code == 403


@pytest.mark.parametrize("role", [Role.COMMUNICATIONS, Role.PRIVACY])
def test_exchanges_are_nobody_elses_business(client, role):
    exchange = InteractionFactory()
    client.force_login(make_user(role))
    for address in (EXCHANGES, FOLLOW_UPS, ADD, change(exchange)):
        assert client.get(address).status_code == 403


# The lists

EXCHANGES = "/admin/members/interaction/"
FOLLOW_UPS = "/admin/members/followup/"


def rows(answer):
    return list(answer.context["cl"].result_list)


def facets(answer, title):
    """The choices of a filter as they are shown."""
    [spec] = [s for s in answer.context["cl"].filter_specs if s.parameter_name == title]
    return [str(choice["display"]) for choice in spec.choices(answer.context["cl"])]


def test_exchanges_come_last_first_and_are_found_by_what_they_hold(office):
    organization = OrganizationFactory(name_fr="Écho d’Haïti (fictif)")
    person = PersonFactory(first_name="Zoé", last_name="Côté")
    old = InteractionFactory(
        subject="Adhésion",
        about=[organization],
        people=[person],
        happened_at=timezone.now() - datetime.timedelta(days=3),
    )
    new = InteractionFactory(subject="Autre chose", notes="parler de l’assemblée")
    assert rows(office.get(EXCHANGES)) == [new, old]
    for text, found in {
        "adhesion": [old],
        "HAITI": [old],
        "cote": [old],
        "assemblee": [new],
    }.items():
        assert rows(office.get(EXCHANGES, {"q": text})) == found, text


def test_page_of_a_record_leads_to_its_exchanges(office):
    organization, person = OrganizationFactory(), PersonFactory()
    theirs = InteractionFactory(about=[organization], people=[person])
    other = InteractionFactory()
    for query in (f"organization={organization.pk}", f"person={person.pk}"):
        page = office.get(f"{EXCHANGES}?{query}")
        assert rows(page) == [theirs]
        assert page.context["cl"].has_active_filters
    for query in ("organization=abc", "person=999999", ""):
        assert rows(office.get(f"{EXCHANGES}?{query}")) == [other, theirs]


def test_exchanges_are_filtered_and_counted(office, staff):
    ministry = OrganizationFactory(outside=True, kind="institution")
    minister = PersonFactory(at=ministry, kinds=["office_holder"])
    mine = InteractionFactory(kind="meeting", people=[minister])
    mine.staff.add(staff)
    dossier = Dossier.objects.create(name="Ombudsman")
    old = InteractionFactory(
        happened_at=timezone.now() - datetime.timedelta(days=500), dossier=dossier
    )
    page = office.get(EXCHANGES)
    assert "meeting (1)" in facets(page, "kind") or "rencontre (1)" in facets(page, "kind")
    assert [words.rsplit(" ", 1)[1] for words in facets(page, "period")[1:]] == ["(1)"] * 3
    for query, found in {
        "kind=meeting": [mine],
        "whose=mine": [mine],
        "holder=with": [mine],
        "period=month": [mine],
        "period=older": [old],
        f"dossier={dossier.pk}": [old],
    }.items():
        assert rows(office.get(f"{EXCHANGES}?{query}")) == found, query


def fill(count, user):
    organization, dossier = OrganizationFactory(), Dossier.objects.create(name="Ombudsman")
    alliance = AllianceFactory()
    for _number in range(count):
        exchange = InteractionFactory(
            about=[organization],
            people=[PersonFactory(at=organization)],
            dossier=dossier,
            alliance=alliance,
        )
        exchange.staff.add(user)
        FollowUp.objects.create(
            what="Rappeler",
            interaction=exchange,
            organization=organization,
            dossier=dossier,
            assigned_to=user,
        )


def queries(client, address):
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


@pytest.mark.parametrize("address", [EXCHANGES, FOLLOW_UPS, f"{EXCHANGES}?q=rappel"])
def test_lists_ask_as_much_for_two_as_for_twenty(office, staff, address):
    fill(2, staff)
    few = queries(office, address)
    fill(18, staff)
    assert queries(office, address) == few <= 15


def test_page_of_an_exchange_asks_little(office, staff):
    fill(2, staff)
    exchange = Interaction.objects.first()
    queries(office, change(exchange))  # what the process keeps is read once
    few = queries(office, change(exchange))
    for _number in range(9):
        exchange.add_person(PersonFactory(at=exchange.organizations.first()))
        FollowUp.objects.create(what="Écrire", interaction=exchange, assigned_to=staff)
    assert queries(office, change(exchange)) == few <= 15


def test_my_follow_ups_of_every_state(office, staff):
    other = make_user(Role.READING, first_name="Alex")
    today = timezone.localdate()
    late = FollowUp.objects.create(
        what="Tard", assigned_to=staff, due_on=today - datetime.timedelta(days=1)
    )
    soon = FollowUp.objects.create(what="Tôt", assigned_to=staff, due_on=today)
    free = FollowUp.objects.create(what="Sans personne")
    theirs = FollowUp.objects.create(what="Sien", assigned_to=other)
    done = FollowUp.objects.create(what="Fini", assigned_to=staff)
    done.finish(by=staff)
    for query, found in {
        "": [late, soon],
        "state=late": [late],
        "state=week": [soon],
        "state=done": [done],
        "state=all": [late, soon, done],
        "whose=all": [late, soon, free, theirs],
        "whose=nobody": [free],
        f"whose={other.pk}": [theirs],
        "whose=x&state=x": [late, soon],
    }.items():
        assert rows(office.get(f"{FOLLOW_UPS}?{query}")) == found, query
    page = office.get(FOLLOW_UPS)
    assert [words.rsplit(" ", 1)[1] for words in facets(page, "state")] == [
        "(2)",
        "(1)",
        "(1)",
        "(1)",
        "(3)",
    ]
    html = page.content.decode()
    assert html.count("formaction=") == 2


def test_follow_up_is_found_by_what_it_is_about(office, staff):
    organization = OrganizationFactory(name_fr="Écho d’Haïti (fictif)")
    follow_up = FollowUp.objects.create(
        what="Rappeler", assigned_to=staff, organization=organization
    )
    FollowUp.objects.create(what="Écrire", assigned_to=staff)
    for text in ("rappeler", "haiti echo", "L'ECHO".replace("L'", "")):
        assert rows(office.get(FOLLOW_UPS, {"q": text})) == [follow_up], text


def test_follow_up_is_added_from_a_record(office, staff):
    organization = OrganizationFactory()
    address = f"{FOLLOW_UPS}add/?organization={organization.pk}"
    answer = log(office, address, what="Rappeler")
    assert answer.url == reverse("admin:members_organization_change", args=[organization.pk])
    follow_up = FollowUp.objects.get()
    assert (follow_up.assigned_to, follow_up.recorded_by) == (staff, staff)


@pytest.mark.parametrize("day", ["20225-01-01", "2225-01-01", "demain"])
def test_follow_up_for_a_day_that_cannot_be_is_refused(office, day):
    answer = office.post(f"{FOLLOW_UPS}add/", {"what": "Rappeler", "due_on": day})
    assert answer.context["adminform"].form.errors
    assert b'value="Rappeler"' in answer.content


def test_documents_come_with_the_exchange(office, staff):
    file = SimpleUploadedFile("notes.txt", b"Ce qui fut dit.")
    data = sent(office, ADD, subject="Bonjour") | {"attachments": [file]}
    office.post(ADD, data)
    document = Interaction.objects.get().documents.get()
    assert (document.name, document.added_by) == ("notes.txt", staff)


def test_document_that_lies_keeps_all_that_was_typed(office):
    file = SimpleUploadedFile("notes.pdf", b"MZ this is a program")
    data = sent(office, ADD, subject="Bonjour", notes="Tout ce qui fut dit.")
    answer = office.post(ADD, data | {"attachments": [file]})
    assert answer.context["adminform"].form.errors["attachments"]
    assert "Tout ce qui fut dit." in answer.content.decode()
    assert not Interaction.objects.exists()


# Several follow-ups at once


def act(client, action, follow_ups, **more):
    """Answer of the list to an action on these follow-ups."""
    keys = [follow_up.pk for follow_up in follow_ups]
    return client.post(
        f"{FOLLOW_UPS}?whose=all&state=all",
        {"action": action, "_selected_action": keys, **more},
    )


def confirm(client, action, follow_ups, **more):
    keys = ",".join(str(follow_up.pk) for follow_up in follow_ups)
    return act(client, action, follow_ups, chosen=keys, step="do", select_across=1, **more)


def test_several_are_done_once_it_was_said_which(office, staff):
    two = [FollowUp.objects.create(what=what) for what in ("Rappeler", "Écrire")]
    past = FollowUp.objects.create(what="Fini")
    past.finish(by=staff)
    page = act(office, "mark_done", [*two, past]).content.decode()
    for words in ("Rappeler", "Écrire", "Fini"):
        assert words in page
    assert FollowUp.objects.open().count() == 2
    confirm(office, "mark_done", [*two, past])
    assert set(FollowUp.objects.done().values_list("done_by", flat=True)) == {staff.pk}
    assert not FollowUp.objects.open().exists()


def test_several_are_entrusted_to_someone_who_sees_them(office, staff):
    other, outsider = make_user(Role.DIRECTION), make_user(Role.COMMUNICATIONS)
    two = [FollowUp.objects.create(what=what) for what in ("Rappeler", "Écrire")]
    confirm(office, "entrust", two, **{"choice-to": outsider.pk})
    assert not FollowUp.objects.exclude(assigned_to=None).exists()
    confirm(office, "entrust", two, **{"choice-to": other.pk})
    assert FollowUp.objects.filter(assigned_to=other).count() == 2


def test_reading_is_offered_no_action(client):
    follow_up = FollowUp.objects.create(what="Rappeler")
    client.force_login(make_user(Role.READING))
    confirm(client, "mark_done", [follow_up])
    follow_up.refresh_from_db()
    assert follow_up.done_at is None


# With public office holders


def test_what_the_law_wants_is_asked_for_when_it_may_be_wanted(office):
    ministry = OrganizationFactory(outside=True, kind="institution")
    minister = PersonFactory(at=ministry, kinds=["office_holder"])
    for exchange, asked in (
        (InteractionFactory(about=[ministry]), True),
        (InteractionFactory(people=[minister]), True),
        (InteractionFactory(about=[OrganizationFactory()]), False),
    ):
        html = office.get(change(exchange)).content.decode()
        assert ("government-0-jurisdiction" in html) == asked


def test_exchange_that_is_asked_for_as_such_keeps_its_facts(office):
    address = f"{ADD}?government=1"
    log(office, address, subject="Ombudsman", **{"government-0-jurisdiction": "quebec"})
    record = Interaction.objects.get().government
    assert (record.jurisdiction, record.mode, record.report) == ("quebec", "phone", "to_assess")
    log(office, change(record.interaction), **{"government-0-subjects": ["bill", "funding"]})
    record.refresh_from_db()
    assert record.subjects == ["bill", "funding"]


def test_exchange_with_an_institution_is_no_lobbying_until_it_is_said(office):
    ministry = OrganizationFactory(outside=True, kind="institution")
    exchange = InteractionFactory(about=[ministry])
    log(office, change(exchange), subject="Autre sujet")
    exchange = Interaction.objects.get()
    assert not hasattr(exchange, "government")
    log(
        office,
        change(exchange),
        **{"government-0-jurisdiction": "federal", "government-0-prep_minutes": "30"},
    )
    assert Interaction.objects.get().government.prep_minutes == 30
