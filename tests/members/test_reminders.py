"""Reminders: each member once a year, then twice more, to someone who reads them; never twice."""

import datetime
import io
import threading

import pytest
from django.core import mail as outbox
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from members import freshness, mail
from members.models import BouncedAddress, Organization, Representative, SentMail, User
from tests.factories import MembershipFactory, OrganizationFactory, PersonFactory

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)
WEEK = datetime.timedelta(weeks=1)
NOON = datetime.datetime(2030, 3, 4, 12, tzinfo=timezone.get_default_timezone())


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = "https://membres.example.org"


def member(email="bonjour@organisme.example", confirmed=None, **fields):
    """A member, whose turn has come since long unless it confirmed on a day."""
    organization = OrganizationFactory(email=email, last_confirmed_on=confirmed, **fields)
    Organization.objects.filter(pk=organization.pk).update(created_at=NOON - 800 * DAY)
    return organization


def remind(at=NOON, **options):
    """Who was written to, as (step, address)."""
    sent = freshness.remind(now=at, **options)
    return [(one.step, one.recipient.address) for one in sent.reminders]


def represent(organization, email, language="fr", **fields):
    user = User.objects.create_user(email, language=language)
    Representative.objects.create(user=user, organization=organization, started_by=user, **fields)
    return user


class TestWhen:
    def test_a_year_after_the_last_confirmation(self):
        confirmed = datetime.date(2029, 3, 4)
        member(confirmed=confirmed)
        assert remind(NOON - DAY) == []
        assert remind(NOON) == [(1, "bonjour@organisme.example")]

    def test_twice_more_three_weeks_apart_then_silent(self):
        organization = member()
        asked = [remind(NOON + number * WEEK) for number in range(12)]
        steps = [one[0][0] if one else 0 for one in asked]
        assert steps == [1, 0, 0, 2, 0, 0, 3, 0, 0, 0, 0, 0]

        def state(at):
            found = freshness.with_freshness(Organization.objects.all(), at.date())
            return found.get(pk=organization.pk).freshness

        assert state(NOON + 8 * WEEK) == "reminded"
        assert state(NOON + 9 * WEEK) == "silent"

    def test_confirming_ends_the_round(self):
        organization = member()
        remind()
        organization.confirm(on=(NOON + DAY).date())
        assert remind(NOON + 4 * WEEK) == []
        assert remind(NOON + 365 * DAY) == []
        assert remind(NOON + 366 * DAY) == [(1, "bonjour@organisme.example")]

    def test_silent_ones_are_asked_again_a_year_later(self):
        member()
        for weeks in (0, 3, 6):
            remind(NOON + weeks * WEEK)
        assert remind(NOON + 364 * DAY) == []
        assert remind(NOON + 365 * DAY) == [(1, "bonjour@organisme.example")]
        assert remind(NOON + 365 * DAY + 3 * WEEK) == [(2, "bonjour@organisme.example")]

    def test_who_came_on_one_day_is_asked_over_a_year(self):
        made = [OrganizationFactory(email=f"o{n}@organisme.example") for n in range(40)]
        days = {freshness.due_on(one) for one in freshness.members(timezone.localdate())}
        assert len(days) > 30
        came = timezone.localdate(made[0].created_at)
        assert all(came <= day < came + datetime.timedelta(days=364) for day in days)

    def test_late_ones_begin_a_few_a_day(self):
        for number in range(8):
            member(email=f"o{number}@organisme.example")
        assert len(remind()) == 5
        assert remind() == []
        assert len(remind(NOON + DAY)) == 3

    def test_only_members_of_today_are_asked(self):
        member(lapsed=True)
        member(suspended=True)
        OrganizationFactory(outside=True, email="ailleurs@organisme.example")
        MembershipFactory(
            organization=member(email="plus-tard@organisme.example", outside=True),
            started_on=NOON.date() + DAY,
        )
        assert remind() == []


class TestWhom:
    def test_representatives_each_in_their_language(self):
        organization = member()
        represent(organization, "ana@organisme.example")
        represent(organization, "noah@organisme.example", language="en")
        assert remind() == [(1, "ana@organisme.example"), (1, "noah@organisme.example")]
        french, english = outbox.outbox
        assert french.subject.endswith("votre fiche est-elle toujours exacte?")
        assert english.subject.startswith("Is the profile of")
        assert "/mon-organisme/confirmer/" in french.body
        assert "/en/my-organization/confirm/" in english.body
        assert "Hello" not in french.body

    def test_else_the_direction_then_communications_then_the_public_address(self):
        organization = member()
        PersonFactory(at=organization, kinds=["board"], email="ca@organisme.example")
        assert freshness.remind(now=NOON, dry_run=True).reminders[0].recipient.role
        assert remind(dry_run=True) == [(1, "bonjour@organisme.example")]
        PersonFactory(
            at=organization, kinds=["communications"], email="com@organisme.example", language="en"
        )
        assert remind(dry_run=True) == [(1, "com@organisme.example")]
        PersonFactory(at=organization, kinds=["direction"], email="dg@organisme.example")
        assert remind(dry_run=True) == [(1, "dg@organisme.example")]
        represent(organization, "ana@organisme.example")
        assert remind() == [(1, "ana@organisme.example")]

    def test_those_who_left_are_not_written_to(self):
        organization = member()
        gone = PersonFactory(at=organization, kinds=["direction"], email="dg@organisme.example")
        gone.positions.get().leave(by=None, on=NOON.date() - DAY)
        user = represent(organization, "ana@organisme.example")
        User.objects.filter(pk=user.pk).update(is_active=False)
        assert remind() == [(1, "bonjour@organisme.example")]

    def test_personal_address_is_never_used(self):
        organization = member(email="")
        PersonFactory(at=organization, kinds=["direction"], personal_email="ana@maison.example")
        sent = freshness.remind(now=NOON)
        assert (sent.reminders, sent.unreachable) == ([], [organization])

    def test_address_that_does_not_work_is_skipped(self):
        organization = member()
        represent(organization, "Ana@organisme.example")
        BouncedAddress.mark("ana@organisme.example")
        assert remind() == [(1, "bonjour@organisme.example")]
        BouncedAddress.mark("bonjour@organisme.example")
        sent = freshness.remind(now=NOON + 3 * WEEK)
        assert (sent.reminders, sent.unreachable) == ([], [organization])
        conditions = Organization.objects.filter(
            freshness.has_bounced_address(), freshness.cannot_be_reached()
        )
        assert list(conditions) == [organization]

    def test_refused_address_makes_room_for_the_next_at_the_next_run(self, settings):
        organization = member()
        represent(organization, "ana@organisme.example")
        remind()
        SentMail.objects.get().bounce("550 No such user")
        assert remind(NOON + DAY) == [(1, "bonjour@organisme.example")]

    def test_two_roles_of_one_address_are_one_mail(self):
        organization = member()
        for kinds in (["direction"], ["direction", "board"]):
            PersonFactory(at=organization, kinds=kinds, email="dg@organisme.example")
        assert remind() == [(1, "dg@organisme.example")]


class TestBadDays:
    def test_second_run_sends_nothing(self):
        member()
        assert remind()
        assert remind() == []
        assert SentMail.objects.count() == 1

    def test_run_that_dies_between_two_batches_is_taken_up(self, monkeypatch):
        for number in range(4):
            member(email=f"o{number}@organisme.example")
        monkeypatch.setattr(freshness, "BATCH", 2)
        deliver, calls = mail.deliver, []

        def dies(keys):
            calls.append(keys)
            if len(calls) == 2:
                raise KeyboardInterrupt
            return deliver(keys)

        monkeypatch.setattr(mail, "deliver", dies)
        with pytest.raises(KeyboardInterrupt):
            freshness.remind(now=NOON)
        monkeypatch.setattr(mail, "deliver", deliver)
        assert remind() == []  # all were written
        call_command("deliver_mail")
        addresses = sorted(message.to[0] for message in outbox.outbox)
        assert addresses == [f"o{number}@organisme.example" for number in range(4)]

    def test_server_away_keeps_them_all(self, settings):
        settings.EMAIL_BACKEND = "tests.members.test_mail.Server"
        from tests.members.test_mail import Server

        member()
        Server.is_away = True
        try:
            assert remind()
        finally:
            Server.is_away = False
        assert outbox.outbox == []
        SentMail.objects.update(tried_at=timezone.now() - DAY)
        call_command("deliver_mail")
        assert len(outbox.outbox) == 1

    @pytest.mark.django_db(transaction=True)
    def test_two_runs_at_once_are_one(self):
        holds, over = threading.Event(), threading.Event()

        def other():
            try:
                with freshness.alone():
                    holds.set()
                    over.wait(10)
            finally:
                connection.close()

        thread = threading.Thread(target=other)
        thread.start()
        holds.wait(10)
        try:
            with pytest.raises(CommandError, match="Un autre envoi"):
                call_command("send_reminders")
        finally:
            over.set()
            thread.join(10)
        call_command("send_reminders")


class TestCommand:
    def run(self, **options):
        said = io.StringIO()
        call_command("send_reminders", stdout=said, **options)
        return said.getvalue()

    def test_dry_run_says_what_would_leave_and_writes_nothing(self):
        organization = member(name_fr="Eau vive (fictif)")
        member(email="", name_fr="Sans adresse (fictif)")
        said = self.run(dry_run=True, on=NOON.date())
        assert organization.name in said
        assert "bonjour@organisme.example" in said
        assert "Sans adresse (fictif)" in said
        assert not SentMail.objects.exists()
        assert outbox.outbox == []

    def test_limit(self):
        for number in range(3):
            member(email=f"o{number}@organisme.example", confirmed=datetime.date(2020, 1, 1))
        assert "2" in self.run(limit=2)
        assert SentMail.objects.count() == 2

    def test_another_day_is_only_for_looking(self):
        with pytest.raises(CommandError, match="--dry-run"):
            self.run(on=NOON.date())

    def test_without_the_address_of_the_site_it_refuses(self, settings):
        settings.SITE_URL, settings.DEBUG = "", False
        with pytest.raises(CommandError, match="SITE_URL"):
            self.run()


@pytest.mark.parametrize("count", [2, 20])
def test_queries_do_not_grow_with_the_organizations(count, django_assert_num_queries):
    for number in range(count):
        represent(member(email=""), f"ana{number}@organisme.example")
    with django_assert_num_queries(6):
        freshness.remind(now=NOON, limit=50, dry_run=True)


def test_staff_write_at_once(cast, django_capture_on_commit_callbacks):
    organization = member()
    with django_capture_on_commit_callbacks(execute=True):
        (first,) = freshness.remind_now(organization, by=cast["staff"], now=NOON)
    assert (first.step, first.by) == (1, cast["staff"])
    assert freshness.remind_now(organization, by=cast["staff"], now=NOON) == []
    steps = [
        freshness.remind_now(organization, by=cast["staff"], now=NOON + days * DAY)[0].step
        for days in (1, 2, 3)
    ]
    assert steps == [2, 3, 3]
    assert len(outbox.outbox) == 1  # the others wait for a commit
