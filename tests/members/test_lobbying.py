"""Hours with public office holders, the reports they call for, and what never changes them."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from members import lobbying
from members.lobbying import Level, Reminder
from members.models import GovernmentInteraction, Participation
from members.permissions import Role
from tests.factories import (
    InteractionFactory,
    OrganizationFactory,
    PersonFactory,
    PositionFactory,
    make_user,
)

Report = GovernmentInteraction.Report
TODAY = datetime.date(2026, 11, 24)


def local(year, month, day, hour=12, minute=0):
    zone = timezone.get_default_timezone()
    return datetime.datetime(year, month, day, hour, minute, tzinfo=zone)


@pytest.fixture
def marie(db):
    return make_user(
        Role.PERMANENCE, email="marie@example.org", first_name="Marie", last_name="Fictive"
    )


@pytest.fixture
def holder(db):
    """A minister's position, which makes of its holder a designated public office holder."""
    return PositionFactory(
        organization=OrganizationFactory(
            name_fr="Ministère fédéral (fictif)", kind="institution", outside=True
        ),
        title="Ministre",
        unit="Cabinet",
        is_dpoh=True,
        kinds=["office_holder"],
    )


@pytest.fixture
def meet(marie, holder):
    """Makes an exchange of an hour with the minister on a day at noon; `staff` were there."""

    def meet(day=TODAY, *, at=None, minutes=60, staff=None, people=None, **fields):
        exchange = InteractionFactory(
            kind="meeting", happened_at=at or local(day.year, day.month, day.day), minutes=minutes
        )
        exchange.staff.set([marie] if staff is None else staff)
        for person in [holder.person] if people is None else people:
            exchange.add_person(person)
        return GovernmentInteraction.objects.create(interaction=exchange, **fields)

    return meet


def spent(**fields):
    return GovernmentInteraction.objects.with_time().get(**fields).spent


# Hours


def test_contact_counts_once_for_each_employee_and_preparation_once(meet, marie):
    paul = make_user(Role.DIRECTION, email="paul@example.org", first_name="Paul")
    assert meet(staff=[marie, paul], minutes=90, prep_minutes=45) is not None
    assert spent() == 2 * 90 + 45


def test_volunteers_and_office_holders_do_not_count(meet, holder):
    volunteer = PersonFactory()
    record = meet(staff=[], people=[holder.person, volunteer], minutes=60, prep_minutes=10)
    record.interaction.participations.filter(person=volunteer).update(capacity="volunteer")
    assert spent() == 10


def test_employee_among_the_people_counts(meet, holder):
    ours = OrganizationFactory(name_fr="Notre réseau (fictif)", kind="association", outside=True)
    employee = PersonFactory(first_name="Léa", at=ours, title="Analyste")
    meet(people=[holder.person, employee], minutes=30)
    assert spent() == 2 * 30


@pytest.mark.parametrize(
    "person",
    [
        {"first_name": "Autre", "email": "MARIE@example.org"},
        {"first_name": "marie", "last_name": "FICTIVE"},
    ],
    ids=["same address", "same name"],
)
def test_employee_who_is_there_as_a_user_and_as_a_person_counts_once(meet, holder, person):
    ours = OrganizationFactory(name_fr="Notre réseau (fictif)", kind="association", outside=True)
    employee = PersonFactory(at=ours, title="Analyste", **person)
    meet(people=[holder.person, employee], minutes=30)
    assert spent() == 30


def test_exchange_of_unknown_length_counts_its_preparation(meet):
    meet(minutes=None, prep_minutes=20)
    assert spent() == 20


@pytest.mark.parametrize(
    ("regime", "minutes"), [(False, 60), (True, 120)], ids=["outside the law", "under the law"]
)
def test_hours_with_quebec_count_only_when_its_law_applies(meet, settings, regime, minutes):
    settings.QUEBEC_LOBBY_REGIME = regime
    for jurisdiction in GovernmentInteraction.Jurisdiction.values:
        record = meet(jurisdiction=jurisdiction)
        assert GovernmentInteraction.objects.watched().filter(pk=record.pk).exists() is (
            jurisdiction == "federal" or (regime and jurisdiction == "quebec")
        )
    assert lobbying.window(TODAY).minutes == minutes


def test_four_weeks_hold_their_first_and_last_day_and_no_other(meet):
    for days in (28, 27, 0, -1):
        meet(TODAY - datetime.timedelta(days=days), minutes=60)
    found = lobbying.window(TODAY)
    assert (found.first, found.last) == (datetime.date(2026, 10, 28), TODAY)
    assert found.minutes == 120
    assert len(lobbying.exchanges_of(found)) == 2


def test_four_weeks_over_the_new_year(meet):
    meet(datetime.date(2025, 12, 20), minutes=100)
    meet(datetime.date(2026, 1, 5), minutes=10)
    assert lobbying.window(datetime.date(2026, 1, 16)).minutes == 110
    assert lobbying.window(datetime.date(2026, 1, 17)).minutes == 10


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (local(2026, 11, 24, 23, 59), datetime.date(2026, 11, 24)),  # already the 25th in UTC
        (local(2026, 11, 24, 0, 0), datetime.date(2026, 11, 24)),
        (local(2026, 3, 8, 23, 30), datetime.date(2026, 3, 8)),  # clocks go forward that day
        (local(2026, 11, 1, 23, 30), datetime.date(2026, 11, 1)),  # and back
        (local(2026, 12, 31, 22, 0), datetime.date(2026, 12, 31)),  # next year in UTC
    ],
)
def test_day_is_the_local_one(meet, at, day):
    meet(at=at)
    after = day + datetime.timedelta(days=1)
    assert lobbying.Hours(day, day).between(day, day) == 60
    assert lobbying.Hours(after, after).between(after, after) == 0
    assert len(GovernmentInteraction.objects.between(day, day)) == 1
    assert not GovernmentInteraction.objects.between(after, after)
    weeks_after = day + datetime.timedelta(days=27)
    assert lobbying.window(weeks_after).minutes == 60
    assert lobbying.window(weeks_after + datetime.timedelta(days=1)).minutes == 0


@pytest.mark.parametrize(
    ("minutes", "expected", "left"),
    [
        (359, Level.BELOW, 121),
        (360, Level.NEAR, 120),
        (479, Level.NEAR, 1),
        (480, Level.REACHED, 0),
        (500, Level.REACHED, 0),
    ],
)
def test_level_is_near_at_six_hours_and_reached_at_eight(meet, minutes, expected, left):
    meet(minutes=minutes)
    found = lobbying.window(TODAY)
    assert (found.level, found.left) == (expected, left)


def test_highest_four_weeks_of_a_year(meet):
    for day in (1, 20, 27):
        meet(datetime.date(2026, 3, day), minutes=100)
    meet(datetime.date(2026, 8, 1), minutes=150)
    hours = lobbying.Hours(TODAY - datetime.timedelta(days=364), TODAY)
    highest = hours.highest()
    assert highest.minutes == 300
    assert highest.first <= datetime.date(2026, 3, 1)
    assert highest.last >= datetime.date(2026, 3, 27)


def test_weeks_go_from_sunday_to_saturday_and_add_up(meet):
    meet(datetime.date(2026, 11, 21), minutes=10)  # a Saturday
    meet(datetime.date(2026, 11, 22), minutes=20)  # a Sunday
    weeks = lobbying.weeks(lobbying.Hours(TODAY - datetime.timedelta(days=90), TODAY))
    assert [week.minutes for week in weeks[-2:]] == [10, 20]
    assert weeks[-2].first.isoweekday() == 7
    assert weeks[-1].last == TODAY
    assert weeks[-1].window.minutes == 30
    assert sum(week.minutes for week in weeks) == 30


def test_hours_take_one_query(meet, django_assert_num_queries):
    meet()
    meet(datetime.date(2026, 5, 1))
    with django_assert_num_queries(1):
        hours = lobbying.Hours(TODAY - datetime.timedelta(days=364), TODAY)
        hours.highest()
        lobbying.weeks(hours)


# Reports


@pytest.mark.parametrize(
    ("fields", "needed"),
    [
        ({}, True),
        ({"mode": "phone"}, True),
        ({"mode": "video"}, True),
        ({"mode": "event"}, True),
        ({"mode": "email"}, False),
        ({"mode": "letter"}, False),
        ({"mode": "grassroots"}, False),
        ({"arranged_in_advance": False}, False),
        ({"jurisdiction": "quebec"}, False),
        ({"people": []}, False),
    ],
)
def test_report_is_for_what_is_federal_oral_arranged_with_a_holder(meet, fields, needed):
    record = meet(**fields)
    assert record.needs_report is needed
    assert GovernmentInteraction.objects.reportable().exists() is needed
    assert GovernmentInteraction.objects.to_report().exists() is needed
    record.assess()
    assert record.report == (Report.TO_FILE if needed else Report.TO_ASSESS)


def test_what_is_decided_goes_before_what_is_guessed(meet, marie):
    meet(report=Report.TO_FILE, mode="email")
    meet(report=Report.NOT_REQUIRED, report_reason="Annulée")
    meet(report=Report.FILED, filed_on=TODAY)
    assert [one.mode for one in GovernmentInteraction.objects.to_report()] == ["email"]


@pytest.mark.parametrize(
    ("on", "month", "count", "late", "level"),
    [
        ("2026-10-31", "2026-10", 1, 0, Reminder.EARLY),
        ("2026-11-01", "2026-10", 1, 0, Reminder.EARLY),
        ("2026-11-04", "2026-10", 1, 0, Reminder.EARLY),
        ("2026-11-05", "2026-10", 1, 0, Reminder.FIRST),
        ("2026-11-10", "2026-10", 1, 0, Reminder.SECOND),
        ("2026-11-14", "2026-10", 1, 0, Reminder.LAST),
        ("2026-11-15", "2026-10", 1, 0, Reminder.LAST),
        ("2026-11-16", "2026-11", 0, 1, Reminder.LATE),
        ("2026-12-01", "2026-11", 0, 1, Reminder.LATE),
    ],
)
def test_reminders_come_nearer_to_the_fifteenth(meet, on, month, count, late, level):
    meet(at=local(2026, 10, 31, 23, 30))  # in November already in UTC
    due = lobbying.due_reports(datetime.date.fromisoformat(on))
    assert (f"{due.month:%Y-%m}", due.count, due.late, due.level) == (month, count, late, level)
    assert due.deadline.day == 15


def test_reports_of_december_are_due_in_january(meet):
    meet(datetime.date(2025, 12, 31))
    due = lobbying.due_reports(datetime.date(2026, 1, 10))
    assert (due.month, due.deadline) == (datetime.date(2025, 12, 1), datetime.date(2026, 1, 15))
    assert (due.count, due.level) == (1, Reminder.SECOND)


def test_nothing_to_file_is_no_reminder(meet, django_assert_num_queries):
    meet(mode="email")
    with django_assert_num_queries(1):
        due = lobbying.due_reports(datetime.date(2026, 12, 14))
    assert (due.count, due.late, due.level) == (0, 0, Reminder.NONE)


def test_filing_says_when_and_under_which_number(meet, marie):
    record = meet(datetime.date(2024, 10, 2))
    record.file(by=marie, number=" 123-456 ", on=datetime.date(2024, 11, 3))
    record.refresh_from_db()
    assert (record.report, record.report_number) == (Report.FILED, "123-456")
    assert record.filed_on == datetime.date(2024, 11, 3)
    assert not GovernmentInteraction.objects.to_report()


@pytest.mark.parametrize("days", [-1, 10_000])
def test_report_is_not_filed_before_the_exchange_nor_tomorrow(meet, marie, days):
    record = meet(datetime.date(2024, 10, 2))
    with pytest.raises(ValidationError):
        record.file(by=marie, number="1", on=datetime.date(2024, 10, 2) + datetime.timedelta(days))
    record.refresh_from_db()
    assert record.report == Report.TO_ASSESS


def test_report_that_is_not_required_says_why(meet, marie):
    record = meet()
    with pytest.raises(ValidationError):
        record.dismiss(by=marie, reason=" ")
    record.dismiss(by=marie, reason="Rencontre annulée")
    record.refresh_from_db()
    assert record.report == Report.NOT_REQUIRED


# What is guessed


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("call", "phone"), ("video", "video"), ("letter", "letter"), ("meeting", "in_person")],
)
def test_mode_follows_the_kind_of_exchange(db, kind, mode):
    assert GovernmentInteraction.guessed(InteractionFactory(kind=kind)).mode == mode


@pytest.mark.parametrize(
    ("name", "website", "jurisdiction"),
    [
        ("Affaires mondiales Canada", "", "federal"),
        ("Ministère (fictif)", "https://www.international.gc.ca/", "federal"),
        ("Ministère des Relations internationales", "https://www.mri.gouv.qc.ca/", "quebec"),
        ("Assemblée nationale du Québec", "", "quebec"),
        ("Ville de Québec", "", "municipal"),
        ("MRC de Rouville (fictive)", "", "municipal"),
        ("Institution (fictive)", "", "federal"),
    ],
)
def test_jurisdiction_follows_the_institution(db, name, website, jurisdiction):
    institution = OrganizationFactory(
        name_fr=name, website=website, kind="institution", outside=True
    )
    exchange = InteractionFactory(about=[institution])
    assert GovernmentInteraction.guessed(exchange).jurisdiction == jurisdiction


def test_guess_tells_that_a_report_is_to_be_filed(holder):
    exchange = InteractionFactory(kind="video", people=[holder.person])
    assert GovernmentInteraction.guessed(exchange).report == Report.TO_FILE


# What never changes


def test_election_or_shuffle_never_rewrites_an_exchange(meet, holder, marie):
    """The minister leaves for another portfolio, the ministry changes its name, their title too."""
    record = meet(datetime.date(2026, 2, 3))
    other = OrganizationFactory(name_fr="Autre ministère (fictif)", kind="institution")
    holder.title, holder.unit, holder.is_dpoh = "Ministre sans portefeuille", "", False
    holder.save()
    holder.leave(by=marie, on=datetime.date(2026, 6, 1))
    PositionFactory(
        person=holder.person,
        organization=other,
        title="Députée",
        started_on=datetime.date(2026, 6, 2),
        is_dpoh=True,
    )
    kept = record.interaction.participations.get()
    kept.save()
    kept = Participation.objects.get()
    assert (kept.title, kept.unit, kept.is_dpoh) == ("Ministre", "Cabinet", True)
    assert kept.organization == holder.organization
    assert GovernmentInteraction.objects.get().needs_report
    assert lobbying.due_reports(datetime.date(2026, 3, 10)).count == 1


def test_position_that_is_deleted_leaves_the_title_of_that_day(meet, holder):
    record = meet()
    holder.delete()
    kept = record.interaction.participations.get()
    assert (kept.position, kept.title, kept.is_dpoh) == (None, "Ministre", True)
