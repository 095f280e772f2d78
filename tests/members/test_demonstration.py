"""What a demonstration site shows, who signs in there, and nothing of it anywhere else."""

import datetime
import importlib
import io
import sys
import tempfile
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError
from django.db import OperationalError
from django.db.models import Q
from django.test import TestCase, override_settings
from django.utils import timezone
from django.utils.translation import override
from pghistory.models import Events

from members import checks, permissions, profile
from members.accounts import mailbox
from members.demonstration import work
from members.demonstration.accounts import ACCOUNTS
from members.demonstration.making import Demonstration, rows
from members.demonstration.space import DELEGATES
from members.models import (
    AdmissionFile,
    Alliance,
    AllianceMembership,
    CampaignEdition,
    Consent,
    Document,
    Dossier,
    Event,
    EventDate,
    FollowUp,
    GovernmentInteraction,
    Interaction,
    Membership,
    MembershipDecision,
    Organization,
    Participation,
    Person,
    Position,
    ProfileProposal,
    Representative,
    SavedList,
    SentMail,
    Statement,
    Tag,
    User,
)
from members.permissions import Role
from regions.models import Region
from tests.factories import OrganizationFactory

pytestmark = pytest.mark.django_db

FICTIONAL = Q(name_fr__contains="(fictif)") | Q(name_fr__contains="(fictive)")


def load(**options):
    """What the command says."""
    out = io.StringIO()
    with override("en"):
        call_command("load_demonstration", stdout=out, **options)
    return out.getvalue()


class TestLoaded(TestCase):
    """A demonstration site that was just filled, once for all of these tests."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.settings = override_settings(DEMONSTRATION=True)
        cls.settings.enable()
        super().setUpClass()

    @classmethod
    def setUpTestData(cls):
        cls.said = load()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.settings.disable()
        cls.folder.cleanup()

    # What is there

    def test_fictional_edition_is_on_and_everyone_in_it_is_fictional(self):
        edition = CampaignEdition.objects.leading().first()
        assert edition.is_on()
        assert "(fictive)" in edition.campaign.name_fr
        part = edition.organizations.all()
        assert part.count() > 3
        assert part.filter(FICTIONAL).count() == part.count()
        assert edition.activities.exists()
        assert edition.picture.alt_en
        assert {link.kind for link in edition.links.all()} == {"page", "share", "download"}

    def test_real_campaigns_have_no_edition_that_is_not_in_the_file(self):
        real = CampaignEdition.objects.exclude(campaign__name_fr__contains="(fictive)")
        assert real.count() == 32
        assert not real.filter(activities__isnull=False).exists()
        assert not real.filter(organizations__isnull=False).exists()

    def test_events_are_the_fictional_organizations_own(self):
        events = Event.objects.public()
        assert events.count() == Event.objects.count() == len(rows("events"))
        for event in events:
            hosts = list(event.organizations.all())
            assert hosts
            assert all("(fictif)" in host.name_fr for host in hosts)
        assert {event.status for event in events} == set(Event.Status.values)
        assert {event.place for event in events} == {"here", "online"}
        assert events.filter(zone=Event.Zone.ATLANTIC).exists()
        assert EventDate.objects.past().exists()
        assert EventDate.objects.coming().count() >= 12

    def test_one_statement_is_public_and_one_is_open_to_fictional_members(self):
        public = Statement.objects.published().get()
        waiting = Statement.objects.open_for_signing().get()
        assert not waiting.is_published
        for statement in (public, waiting):
            assert "(fictive)" in statement.title_fr
            signatures = statement.signatures.standing()
            assert signatures.count() >= 3
            assert all("(fictif)" in one.organization.name_fr for one in signatures)
            assert all(one.signed_at < timezone.now() for one in signatures)
        # A manager of the demonstration may try it.
        maree = Organization.objects.get(website="https://coeur-de-maree.example")
        assert not waiting.signatures.filter(organization=maree).exists()

    def test_two_proposals_wait_and_the_profile_moved_under_one(self):
        moved = []
        for proposal in ProfileProposal.objects.waiting():
            organization = Organization.objects.for_profile().get(pk=proposal.organization_id)
            assert organization.name_fr.endswith("(fictif)")
            live = profile.read(organization)
            moved += [f.name for f in proposal.fields.all() if f.seen != live[f.name]]
        assert ProfileProposal.objects.waiting().count() == 2
        assert moved == ["summary_fr"]

    def test_three_people_represent_fictional_members_and_one_candidate_waits(self):
        active = Representative.objects.active()
        assert active.values("user").distinct().count() == 3
        assert all(one.organization.name_fr.endswith("(fictif)") for one in active)
        assert all(delegate.email in self.said for delegate in DELEGATES)
        assert AdmissionFile.objects.open().get().name_fr.endswith("(fictif)")

    def test_no_mail_of_the_demonstration_is_left_to_send(self):
        assert not SentMail.objects.exclude(state="sent").exists()

    def test_there_are_64_members_in_13_regions(self):
        assert "77 organizations, 64 of them members; 60 people." in self.said
        members = Organization.objects.members()
        assert members.count() == 64
        assert Region.objects.filter(organizations__in=members).distinct().count() == 13
        fictional = members.filter(FICTIONAL)
        assert fictional.count() == fictional.values("region").distinct().count() == 13
        # What the list of real organizations says: 24 inferred and 15 unverified are to be
        # confirmed.
        assert members.filter(memberships__confirmed=False).count() == 39
        assert members.filter(FICTIONAL, memberships__confirmed=False).count() == 0
        outside = Organization.objects.exclude(pk__in=members).exclude(FICTIONAL)
        real = outside.filter(kind="cooperation")
        assert {organization.closed_year for organization in real} == {2018, 2022, None}
        assert not real.filter(memberships__isnull=False).exists()

    def test_every_screen_has_something_to_show(self):
        today = timezone.localdate()
        assert Person.objects.count() == 60
        assert Person.objects.past().count() > 3
        assert Position.objects.public().count() > 9
        fictional = Organization.objects.filter(FICTIONAL)
        assert AllianceMembership.objects.filter(organization__in=fictional).count() == 25
        assert Dossier.objects.count() == 3
        assert Interaction.objects.count() == 120
        first = Interaction.objects.order_by("happened_at").first().happened_at.date()
        assert datetime.timedelta(1000) < today - first < datetime.timedelta(1150)
        last_four_weeks = GovernmentInteraction.objects.filter(
            interaction__happened_at__date__gt=today - datetime.timedelta(28)
        )
        assert last_four_weeks.filter(jurisdiction="federal").count() == 3
        assert FollowUp.objects.count() == 40
        assert FollowUp.objects.late().count() > 5
        assert FollowUp.objects.this_week().exists()
        assert FollowUp.objects.done().count() > 9
        assert set(MembershipDecision.objects.values_list("kind", flat=True)) == {
            "admission",
            "suspension",
            "reinstatement",
            "end",
        }
        assert Consent.objects.filter(withdrawn_on__isnull=False).exists()
        for model in (Tag, SavedList, Document):
            assert model.objects.count() > 3
        assert Organization.objects.filter(website__contains="puits-partages.example").count() == 2
        assert Position.objects.filter(email="me.thibodeau@puits-partages.example").count() == 2

    def test_real_organizations_carry_none_of_it(self):
        real = Organization.objects.exclude(FICTIONAL)
        assert real.count() > 50
        for relation in (
            "positions",
            "interactions",
            "participations",
            "follow_ups",
            "dossiers",
            "documents",
            "tags",
        ):
            assert not real.filter(**{f"{relation}__isnull": False}).exists(), relation
        assert not MembershipDecision.objects.filter(membership__organization__in=real).exists()
        # What real organizations are in, and who is in real alliances, rests on a page.
        assert not AllianceMembership.objects.filter(organization__in=real, source_url="").exists()
        invented = Alliance.objects.filter(source_url="")
        assert invented.count() == invented.filter(FICTIONAL).count() == 6
        assert not AllianceMembership.objects.filter(
            alliance__in=invented, organization__in=real
        ).exists()
        assert not Interaction.objects.filter(organizations=None).exists()
        assert not Dossier.objects.exclude(name__endswith="(fictif)").exists()
        holders = Position.objects.filter(organization__kind="institution")
        assert holders.count() == holders.filter(title__contains="(fictif)").count() > 8

    def test_people_are_reached_nowhere(self):
        """Addresses and numbers are those reserved for fiction."""
        for model, fields in {
            Person: ["personal_email", "personal_phone"],
            Position: ["email", "phone"],
        }.items():
            for record in model.objects.all():
                email, phone = (getattr(record, name) for name in fields)
                assert not email or email.endswith(".example"), email
                assert not phone or "55501" in phone.as_e164, phone

    def test_all_of_it_passes_as_if_it_had_been_typed(self):
        for model in (
            Alliance,
            AllianceMembership,
            Consent,
            Document,
            Dossier,
            FollowUp,
            GovernmentInteraction,
            Interaction,
            Membership,
            MembershipDecision,
            Organization,
            Participation,
            Person,
            Position,
            SavedList,
        ):
            for record in model.objects.all():
                record.full_clean()

    def test_a_document_is_what_it_says(self):
        for document in Document.objects.all():
            with document.file.open() as file:
                content = file.read()
            assert len(content) == document.size
            begins = {"application/pdf": b"%PDF-", "image/png": b"\x89PNG"}
            assert content.startswith(begins[document.content_type])

    def test_history_tells_who_changed_a_phone_number_last_month(self):
        person = Person.objects.get(last_name="Lachaîne-Éthier")
        events = Events.objects.tracks(person.positions.get()).order_by("pgh_created_at")
        changed = [event for event in events if "phone" in (event.pgh_diff or {})]
        assert [event.pgh_diff["phone"] for event in changed] == [["+18195550121", "+18195550129"]]
        event = changed[0]
        assert str(User.objects.get(pk=event.pgh_context["user"])) == "Noémie Lalancette-Duarte"
        last_month = timezone.localdate().replace(day=1) - datetime.timedelta(days=1)
        assert timezone.localtime(event.pgh_created_at).strftime("%Y-%m") == f"{last_month:%Y-%m}"

    def test_nothing_is_done_in_the_future(self):
        now = timezone.now()
        assert not Interaction.objects.filter(
            Q(happened_at__gt=now) | Q(created_at__gt=now)
        ).exists()
        assert not FollowUp.objects.filter(Q(done_at__gt=now) | Q(created_at__gt=now)).exists()
        assert not Events.objects.filter(pgh_created_at__gt=timezone.now()).exists()

    def test_what_is_exported_changes_nothing_when_it_comes_back(self):
        for name in ("a.csv", "a.xlsx"):
            path = str(Path(self.folder.name) / name)
            out = io.StringIO()
            with override("en"):
                call_command("export_organizations", path, stdout=out)
                call_command("import_organizations", path, stdout=out)
            assert out.getvalue() == "0 created, 0 changed, 77 unchanged, 0 refused.\n"

    def test_a_missing_organization_comes_back_when_asked(self):
        Organization.objects.get(name_fr__startswith="CASIRA").delete()
        load()
        assert Organization.objects.count() == 76
        load(again=True)
        assert Organization.objects.count() == 77

    def test_it_is_loaded_once(self):
        counted = {
            model: model.objects.count() for model in (Person, Interaction, Alliance, Document)
        }
        Person.objects.filter(last_name="Fauchon-Desbiens").update(first_name="Hermès")
        load(again=True)
        load()
        assert {model: model.objects.count() for model in counted} == counted
        assert Person.objects.filter(first_name="Hermès").exists()

    def test_the_same_day_gives_the_same_exchanges(self):
        def told():
            return list(
                Interaction.objects.order_by(
                    "pk", "people__last_name", "organizations__name_fr"
                ).values_list(
                    "subject", "happened_at__date", "people__last_name", "organizations__name_fr"
                )
            )

        first = told()
        for model in (FollowUp, Document, GovernmentInteraction, Interaction):
            model.objects.all().delete()
        again = Demonstration(
            people={
                row["key"]: Person.objects.get(last_name=row["last_name"]) for row in rows("people")
            },
            alliances={
                row["key"]: Alliance.objects.get(name_fr=row["name_fr"])
                for row in rows("alliances")
            },
            dossiers={
                row["key"]: Dossier.objects.get(name=row["name"]) for row in rows("dossiers")
            },
        )
        again.organizations |= {
            row["key"]: Organization.objects.get(name_fr=row["name_fr"])
            for row in rows("organizations")
        }
        work.exchanges(again)
        work.routine(again)
        assert told() == first

    # Accounts

    def test_there_is_an_account_for_each_role(self):
        assert len(ACCOUNTS) == len(Role) + 1
        for account in ACCOUNTS:
            assert f"{account.email} " in self.said
            user = User.objects.get(email=account.email)
            assert not user.has_usable_password()
            assert EmailAddress.objects.get(user=user).verified
            assert user.get_full_name()
            assert user.is_superuser == (account.role is None)
            assert permissions.roles_of(user) == (
                {account.role} if account.role else permissions.ALL
            )

    def test_each_account_has_an_authenticator_whose_code_can_be_read(self):
        codes = dict(mailbox.demonstration_codes())
        assert {user.email for user in codes} == {account.email for account in ACCOUNTS}
        for user, code in codes.items():
            assert Authenticator.objects.get(user=user).wrap().validate_code(code)
        load()
        assert Authenticator.objects.count() == len(ACCOUNTS)
        with override_settings(DEMONSTRATION=False):
            assert mailbox.demonstration_codes() == []


# Nothing of it on a real site


@pytest.fixture
def left_over(settings):
    """A real site, on a database that a demonstration used."""
    settings.DEMONSTRATION = False
    return User.objects.create_superuser("Equipe@demonstration.example")


def test_a_real_site_refuses_to_start_with_the_demonstrations_accounts(left_over):
    with pytest.raises(ImproperlyConfigured, match=r"demonstration\.example"):
        checks.refuse_left_over()
    with pytest.raises(SystemCheckError, match=r"members\.E001"):
        call_command("check", deploy=True, databases=["default"])
    call_command("check")
    call_command("migrate", verbosity=0)


def test_the_demonstrations_accounts_open_nothing_on_a_real_site(left_over, client):
    assert permissions.roles_of(left_over) == frozenset()
    client.force_login(left_over)
    assert client.get("/admin/").status_code == 302


def test_a_real_site_starts_without_them(settings, left_over):
    left_over.delete()
    User.objects.create_superuser("direction@example.org")
    assert checks.left_over() == ""


def test_a_demonstration_starts_with_them(settings, left_over):
    settings.DEMONSTRATION = True
    assert checks.left_over() == ""


def test_a_database_that_is_away_is_no_reason_to_stop(settings, monkeypatch):
    settings.DEMONSTRATION = False

    def away(*arguments, **options):
        raise OperationalError

    monkeypatch.setattr(User.objects, "filter", away)
    assert checks.left_over() == ""


@pytest.mark.parametrize("name", ["wsgi", "asgi"])
def test_the_servers_door_is_the_one_that_refuses(left_over, monkeypatch, name):
    monkeypatch.delitem(sys.modules, f"aqoci.{name}", raising=False)
    monkeypatch.setattr(checks, "left_over", lambda: "because")
    with pytest.raises(ImproperlyConfigured, match="because"):
        importlib.import_module(f"aqoci.{name}")


def test_only_a_demonstration_site_is_filled(settings):
    settings.DEMONSTRATION = False
    with override("en"), pytest.raises(CommandError, match="DEMONSTRATION"):
        load()
    assert not Organization.objects.exists()
    assert not User.objects.exists()


def test_what_is_not_the_demonstrations_is_left_alone(settings):
    settings.DEMONSTRATION = True
    OrganizationFactory()
    with override("en"), pytest.raises(CommandError, match="already holds"):
        load()
    assert not Person.objects.exists()
