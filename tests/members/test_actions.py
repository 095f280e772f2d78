"""Changes that no single record owns: whole, or not at all."""

import datetime

import pytest
from django.core.exceptions import ValidationError

from members.actions import succeed
from members.models import Person, Position
from tests.factories import PersonFactory, PositionFactory

pytestmark = pytest.mark.django_db

LAST = datetime.date(2024, 6, 30)


@pytest.fixture
def position():
    return PositionFactory(
        title="Directrice", kinds=["direction"], unit="Bureau", email="ana@example.org"
    )


def test_successor_takes_the_position_the_day_after(position, cast):
    position.show_publicly(by=cast["staff"], basis="Courriel")
    taken = succeed(
        position=position, last_day=LAST, by=cast["staff"], first_name="Noé", last_name="Roy"
    )
    position.refresh_from_db()
    assert position.ended_on == LAST
    assert taken.organization == position.organization
    assert (taken.title, taken.kinds, taken.unit) == ("Directrice", ["direction"], "Bureau")
    assert taken.started_on == datetime.date(2024, 7, 1)
    assert str(taken.person) == "Noé Roy"
    # What was the other's own stays theirs.
    assert (taken.email, taken.is_public) == ("", False)


def test_known_person_may_succeed_on_another_day_with_another_title(position, cast):
    person = PersonFactory()
    taken = succeed(
        position=position,
        last_day=LAST,
        first_day=datetime.date(2024, 9, 1),
        by=cast["staff"],
        successor=person,
        title="Direction générale",
        kinds=["direction", "delegate"],
    )
    assert taken.person == person
    assert taken.started_on == datetime.date(2024, 9, 1)
    assert taken.kinds == ["direction", "delegate"]
    assert Person.objects.count() == 2


def test_departure_already_recorded_that_day_is_followed(position, cast):
    position.leave(by=cast["staff"], on=LAST)
    taken = succeed(position=position, last_day=LAST, by=cast["staff"], last_name="Roy")
    assert taken.started_on == datetime.date(2024, 7, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"last_name": " "},
        {"last_day": datetime.date(2001, 1, 1)},
        {"title": "", "kinds": []},
        {"phone_extension": "12"},
        {"email": "pas une adresse"},
        {"first_day": datetime.date(1800, 1, 1)},
    ],
)
def test_what_is_wrong_leaves_all_as_it_was(position, cast, wrong):
    asked = {"position": position, "last_day": LAST, "by": cast["staff"], "last_name": "Roy"}
    with pytest.raises(ValidationError):
        succeed(**asked | wrong)
    position.refresh_from_db()
    assert position.ended_on is None
    assert (Person.objects.count(), Position.objects.count()) == (1, 1)


def test_nobody_succeeds_themself(position, cast):
    with pytest.raises(ValidationError):
        succeed(position=position, last_day=LAST, by=cast["staff"], successor=position.person)
    position.refresh_from_db()
    assert position.ended_on is None


def test_position_that_ended_on_another_day_is_refused(position, cast):
    position.leave(by=cast["staff"], on=datetime.date(2024, 1, 31))
    with pytest.raises(ValidationError):
        succeed(position=position, last_day=LAST, by=cast["staff"], last_name="Roy")
