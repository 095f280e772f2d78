"""Exchanges and follow-up: titles of that day, weeks, and what is said of each record."""

import datetime

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import timezone

from members.models import FollowUp, GovernmentInteraction, Interaction, Organization, Person, User
from members.permissions import Role
from tests.factories import (
    InteractionFactory,
    OrganizationFactory,
    PersonFactory,
    PositionFactory,
    make_user,
)

pytestmark = pytest.mark.django_db

TODAY = datetime.date(2026, 11, 24)  # a Tuesday


def ago(**span):
    return timezone.now() - datetime.timedelta(**span)


@pytest.fixture
def staff():
    return make_user(Role.PERMANENCE, first_name="Marie")


# Titles


def test_title_of_that_day_stays_when_the_position_changes():
    person = PersonFactory(at=OrganizationFactory(), title="coordonnatrice")
    exchange = InteractionFactory(people=[person])
    position = person.positions.get()
    position.title = "directrice"
    position.save()
    assert exchange.participations.get().title == "coordonnatrice"


def test_title_is_the_one_held_that_day_not_today():
    person = PersonFactory()
    old, new = OrganizationFactory(), OrganizationFactory()
    PositionFactory(
        person=person,
        organization=old,
        title="adjointe",
        started_on=datetime.date(2020, 1, 1),
        ended_on=datetime.date(2024, 12, 31),
    )
    PositionFactory(
        person=person, organization=new, title="directrice", started_on=datetime.date(2025, 1, 1)
    )
    then = datetime.datetime(2024, 5, 6, 15, tzinfo=datetime.UTC)
    participation = InteractionFactory(happened_at=then).add_person(person)
    assert (participation.title, participation.organization) == ("adjointe", old)


def test_day_is_the_local_one():
    """Late on 31 December in Montréal is already January for the clock of the database."""
    person = PersonFactory()
    PositionFactory(person=person, title="adjointe", ended_on=datetime.date(2024, 12, 31))
    late = datetime.datetime(2025, 1, 1, 3, tzinfo=datetime.UTC)
    assert InteractionFactory(happened_at=late).add_person(person).title == "adjointe"


def test_of_two_positions_the_one_in_the_exchanges_organization_counts():
    one, other = OrganizationFactory(), OrganizationFactory()
    person = PersonFactory(at=one, title="présidente")
    PositionFactory(person=person, organization=other, title="bénévole")
    assert InteractionFactory(about=[other]).add_person(person).title == "bénévole"
    assert InteractionFactory().add_person(person).title == ""


def test_office_holder_is_seen_in_a_participation_or_said():
    ministry = OrganizationFactory(outside=True, kind="institution")
    minister = PersonFactory(at=ministry, title="ministre", kinds=["office_holder"])
    met, said, neither = InteractionFactory(people=[minister]), *InteractionFactory.create_batch(2)
    GovernmentInteraction.objects.create(interaction=said)
    assert set(Interaction.objects.with_office_holders()) == {met, said}
    found = Interaction.objects.with_people()
    assert [found.get(pk=one.pk).is_with_office_holder for one in (met, said, neither)] == [
        True,
        True,
        False,
    ]


# Follow-up


@pytest.mark.parametrize(
    ("day", "last"),
    [
        (22, 28),  # Sunday: the whole week
        (23, 28),
        (24, 28),
        (25, 28),
        (26, 28),
        (27, 28),
        (28, 28),  # Saturday: that day only
        (29, 5),  # the next Sunday, to the Saturday of December
    ],
)
def test_week_ends_on_saturday(day, last):
    on = datetime.date(2026, 11, day)
    saturday = datetime.date(2026, 12 if last < day else 11, last)
    days = [on - datetime.timedelta(days=1), on, saturday, saturday + datetime.timedelta(days=1)]
    for due in dict.fromkeys(days):
        FollowUp.objects.create(what=f"{due}", due_on=due)
    found = set(FollowUp.objects.this_week(on).values_list("due_on", flat=True))
    assert found == {on, saturday}


def test_what_is_done_is_neither_late_nor_of_this_week(staff):
    yesterday = TODAY - datetime.timedelta(days=1)
    late = FollowUp.objects.create(what="Rappeler", due_on=yesterday)
    soon = FollowUp.objects.create(what="Écrire", due_on=TODAY)
    assert list(FollowUp.objects.late(TODAY)) == [late]
    late.finish(by=staff)
    soon.finish(by=staff)
    assert not FollowUp.objects.late(TODAY).exists()
    assert not FollowUp.objects.this_week(TODAY).exists()


def test_done_twice_is_done_once_by_the_first(staff):
    other = make_user(Role.DIRECTION)
    follow_up = FollowUp.objects.create(what="Rappeler")
    assert follow_up.finish(by=staff)
    first = follow_up.done_at
    assert not follow_up.finish(by=other)
    follow_up.refresh_from_db()
    assert (follow_up.done_at, follow_up.done_by) == (first, staff)
    assert follow_up.reopen(by=other)
    assert not follow_up.reopen(by=other)
    follow_up.refresh_from_db()
    assert (follow_up.done_at, follow_up.done_by) == (None, None)


def test_follow_up_is_about_whoever_took_part_in_its_exchange():
    organization, other = OrganizationFactory(), OrganizationFactory()
    person = PersonFactory()
    exchange = InteractionFactory(about=[organization], people=[person])
    after = FollowUp.objects.create(what="Après l’échange", interaction=exchange)
    own = FollowUp.objects.create(what="De l’organisme", organization=organization)
    hers = FollowUp.objects.create(what="De la personne", person=person)
    FollowUp.objects.create(what="D’ailleurs", organization=other)
    assert set(FollowUp.objects.about_organization(organization)) == {after, own}
    assert set(FollowUp.objects.about_person(person)) == {after, hers}


def test_only_those_who_see_follow_ups_are_asked_to_do_them():
    can = [make_user(Role.DIRECTION), make_user(Role.PERMANENCE), make_user(Role.READING)]
    make_user(Role.COMMUNICATIONS)
    make_user(Role.PERMANENCE, email="partie@example.org", is_active=False)
    everything = User.objects.create_superuser("chef@example.org")
    assert set(User.objects.who_may("view", FollowUp)) == {*can, everything}


# What is said of organizations and people


def test_last_exchange_of_each():
    spoken, silent = OrganizationFactory(), OrganizationFactory()
    person, stranger = PersonFactory(), PersonFactory()
    InteractionFactory(about=[spoken], people=[person], happened_at=ago(days=9))
    last = InteractionFactory(about=[spoken], people=[person], happened_at=ago(days=2))
    with_last = Organization.objects.with_last_exchange()
    assert with_last.get(pk=spoken.pk).last_exchange_at == last.happened_at
    assert with_last.get(pk=silent.pk).last_exchange_at is None
    people = Person.objects.with_last_exchange()
    assert people.get(pk=person.pk).last_exchange_at == last.happened_at
    assert people.get(pk=stranger.pk).last_exchange_at is None


def test_next_follow_up_of_each(staff):
    organization, other = OrganizationFactory(), OrganizationFactory()
    person = PersonFactory()
    exchange = InteractionFactory(about=[organization], people=[person])

    def due():
        return (
            Organization.objects.with_next_follow_up().get(pk=organization.pk).next_due_on,
            Person.objects.with_next_follow_up().get(pk=person.pk).next_due_on,
        )

    FollowUp.objects.create(what="Un jour", organization=organization, person=person)
    assert due() == (None, None)
    far = TODAY + datetime.timedelta(days=30)
    FollowUp.objects.create(what="Loin", organization=organization, person=person, due_on=far)
    assert due() == (far, far)
    near = FollowUp.objects.create(what="Proche", interaction=exchange, due_on=TODAY)
    assert due() == (TODAY, TODAY)
    near.finish(by=staff)
    assert due() == (far, far)
    assert Organization.objects.with_next_follow_up().get(pk=other.pk).next_due_on is None


# The timeline


def timeline(user):
    request = RequestFactory().get("/admin/")
    request.user = user
    rows = Interaction.objects.recent().with_people()
    return render_to_string("admin/members/partials/timeline.html", {"interactions": rows}, request)


def fill(count, user):
    organization = OrganizationFactory()
    for _number in range(count):
        person = PersonFactory(at=organization, title="coordonnatrice")
        exchange = InteractionFactory(about=[organization], people=[person])
        exchange.staff.add(user)
        FollowUp.objects.create(what="Rappeler", interaction=exchange, assigned_to=user)


def test_timeline_asks_as_much_for_two_as_for_twenty(staff, django_assert_num_queries):
    # Exchanges, organizations, staff, people, what is to be done; and one's roles.
    for more in (2, 18):
        fill(more, staff)
        reader = User.objects.get(pk=staff.pk)
        with django_assert_num_queries(6):
            timeline(reader)


def test_timeline_shows_what_is_to_be_done_to_those_who_may(staff):
    fill(1, staff)
    done = FollowUp.objects.create(what="Déjà fait", interaction=Interaction.objects.get())
    done.finish(by=staff)
    assert 'formaction="/admin/members/followup/' in timeline(staff)
    assert "Déjà fait" not in timeline(staff)
    reader = timeline(make_user(Role.READING))
    assert "Rappeler" in reader
    assert "formaction" not in reader
