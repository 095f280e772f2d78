"""Every list and every record's page of the staff asks the database as often at 2 rows and at 20.

Generic over the models that the staff's site has: a new one is tried from the day it is there.
"""

import datetime

import pytest
from django.contrib import admin
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from members import profile
from members.admin import lists
from members.models import (
    AccessRequest,
    AccountEvent,
    AdmissionCriterion,
    AdmissionQuestion,
    AllianceMembership,
    Consent,
    Country,
    Crisis,
    CriterionAnswer,
    Document,
    Dossier,
    EditionLink,
    EventProposal,
    ExportRecord,
    FollowUp,
    GovernmentInteraction,
    Identifier,
    Interaction,
    Membership,
    MembershipDecision,
    Merge,
    OtherName,
    Participation,
    Position,
    ProfileProposal,
    Programme,
    ProposedEventField,
    ProposedField,
    PublishedChange,
    SavedList,
    SentMail,
    Tag,
    Theme,
    WelcomeItem,
    WelcomeStep,
)
from members.permissions import Role
from tests.factories import (
    AdmissionFileFactory,
    AllianceFactory,
    EditionFactory,
    EventFactory,
    OrganizationFactory,
    PersonFactory,
    RepresentativeFactory,
    StatementFactory,
    UserFactory,
    invitation_to,
    make_user,
)

pytestmark = pytest.mark.django_db

FEW, MANY = 2, 20
REVIEWED_TEXTS = [
    name
    for name in sorted(profile.REVIEWED)
    if profile.FIELDS[name].shape in ("line", "text")
    and name not in ("municipality", "founded_year")
]
MOST_QUERIES = 15
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)


class World:
    """One record of each kind that has as many of the others as there are rows."""

    def __init__(self, user):
        self.user = user
        self.rows = 0
        today = timezone.localdate()
        self.organization = OrganizationFactory(
            town="Montréal",
            themes=["eau-assainissement"],
            countries=["HT"],
            outside=True,
            last_confirmed_on=today,
        )
        self.membership = Membership.objects.create(
            organization=self.organization, started_on=datetime.date(2015, 1, 1), confirmed=True
        )
        self.institution = OrganizationFactory(outside=True, kind="institution")
        self.person = PersonFactory(at=self.organization, kinds=["direction"])
        self.alliance = AllianceFactory()
        self.proposal = ProfileProposal.objects.create(
            organization=self.organization, proposed_by=user
        )
        self.event = EventFactory(
            by=[self.organization], posted_for=self.organization, town="Montréal"
        )
        self.event_proposal = EventProposal.objects.create(
            organization=self.organization, event=self.event, is_new=False, proposed_by=user
        )
        self.dossier = Dossier.objects.create(name="Permis (fictif)", lead=user, status="active")
        self.dossier.institutions.add(self.institution)
        self.tag = Tag.objects.create(name="Relève")
        self.interaction = self.exchange(0, [])
        self.edition = EditionFactory(year=1976)
        self.campaign = self.edition.campaign
        self.admission = AdmissionFileFactory(neq="1140000018")
        self.statement = StatementFactory(
            open=True, dossier=self.dossier, alliance=self.alliance, edition=EditionFactory()
        )
        for scheme, value in (("neq", "1140000000"), ("charity", "123456789RR0001")):
            Identifier.objects.create(organization=self.organization, scheme=scheme, value=value)

    def exchange(self, number, people):
        """An exchange with everything that an exchange may have."""
        exchange = Interaction.objects.create(
            subject=f"Échange {number}",
            minutes=30,
            alliance=self.alliance,
            dossier=self.dossier,
            recorded_by=self.user,
            happened_at=timezone.now() - datetime.timedelta(hours=1 + number),
        )
        exchange.organizations.add(self.organization, self.institution)
        exchange.staff.add(self.user)
        for person in people:
            exchange.add_person(person)
        GovernmentInteraction.objects.create(interaction=exchange, subjects=["policy"])
        return exchange

    def grow(self, rows):
        """Let there be so many rows of everything, each tied to all it can be tied to."""
        for number in range(self.rows, rows):
            self.add_row(number)
        self.rows = rows

    def add_row(self, number):
        user = make_user(Role.PERMANENCE, email=f"equipe{number}@example.org")
        organization = OrganizationFactory(town="Québec", themes=["sante"], countries=["SN"])
        organization.tags.add(self.tag)
        self.organization.tags.add(Tag.objects.create(name=f"Étiquette {number}"))
        SentMail.objects.create(
            kind="invitation", to=user.email, organization=self.organization, by=self.user
        )
        OtherName.objects.create(organization=self.organization, name=f"Autre nom {number}")
        Membership.objects.create(
            organization=self.organization,
            started_on=datetime.date(1980 + number, 1, 1),
            ended_on=datetime.date(1980 + number, 6, 1),
        )
        MembershipDecision.objects.create(
            membership=self.membership, kind="suspension", recorded_by=user
        )
        colleague = PersonFactory(at=self.organization, kinds=["communications"])
        colleague.tags.add(self.tag)
        Position.objects.create(
            person=self.person,
            organization=organization,
            title=f"Présidence {number}",
            ended_on=timezone.localdate() if number % 2 else None,
            started_on=datetime.date(2020, 1, 1),
        )
        Consent.objects.create(
            person=self.person, purpose="newsletter", evidence="Formulaire", recorded_by=user
        )
        alliance = AllianceFactory(parent=self.alliance)
        alliance.tags.add(self.tag)
        for who, what in ((organization, self.alliance), (self.organization, alliance)):
            AllianceMembership.objects.create(
                organization=who, alliance=what, liaison=self.person, since_year=2020
            )
        dossier = Dossier.objects.create(name=f"Dossier {number} (fictif)", lead=user)
        dossier.institutions.add(self.institution)
        dossier.alliances.add(self.alliance)
        self.dossier.alliances.add(alliance)
        self.exchange(number + 1, [self.person, colleague])
        self.interaction.organizations.add(organization)
        self.interaction.staff.add(user)
        Participation.objects.create(
            interaction=self.interaction, person=colleague, organization=self.organization
        )
        FollowUp.objects.create(
            what=f"Rappeler {number}",
            assigned_to=self.user,
            due_on=timezone.localdate(),
            organization=self.organization,
            person=self.person,
            dossier=self.dossier,
            interaction=self.interaction,
        )
        for owner in Document.OWNERS:
            document = Document(
                title=f"Document {number}",
                name="a.txt",
                content_type="text/plain",
                size=1,
                digest="0" * 64,
                added_by=user,
                **{owner: getattr(self, owner)},
            )
            document.file.save("a.txt", ContentFile(b"a"))
        SavedList.objects.create(
            name=f"Liste {number}", model="members.organization", owner=user, is_shared=True
        )
        ExportRecord.objects.create(
            user=user,
            model="members.person",
            format="csv",
            columns=["name"],
            count=1,
            is_personal=True,
            reason="Assemblée",
        )
        self.campaigns(organization, number)
        self.say(organization, user, number)
        self.send_profile(organization, user, number)
        self.post_event(organization, alliance, user, number)
        self.apply(user, number)
        AccountEvent.objects.create(user=user, kind=AccountEvent.Kind.SIGNED_IN)
        SentMail.objects.create(
            kind="invitation",
            to=f"lea{number}@example.org",
            subject="Invitation",
            text="Bonjour",
            organization=self.organization,
            by=user,
        )
        acting = UserFactory(person=colleague)
        RepresentativeFactory(user=acting, organization=self.organization, started_by=user)
        invitation_to(self.organization, user, email=f"lea{number}@example.org")
        AccessRequest.objects.create(
            organization=self.organization, name="Léa", email=f"lea{number}@example.org"
        )
        gone = OrganizationFactory(outside=True)
        Merge.objects.create(
            model="members.organization",
            kept_id=self.organization.pk,
            removed_id=gone.pk + 1_000_000,
            kept_name=str(self.organization),
            removed_name=str(gone),
            done={},
            merged_by=user,
        )

    def say(self, organization, user, number):
        """One more letter of the dossier, one more signature of the first, one more crisis."""
        StatementFactory(dossier=self.dossier, alliance=self.alliance, edition=EditionFactory())
        self.statement.sign(organization, by=user, title="Présidence")
        self.statement.themes.add(Theme.objects.all()[number % 10])
        self.statement.countries.add(Country.objects.all()[number])
        Crisis.objects.create(
            country_id="HT", title_fr="Crise", text_fr="Voir.", started_on=timezone.localdate()
        )

    def send_profile(self, organization, user, number):
        """What a representative asks for, of which one field changed since, and publishes at once;
        the proposal of the world itself has one field more each time."""
        proposal = ProfileProposal.objects.create(organization=organization, proposed_by=user)
        for name, seen in (("acronym", ""), ("summary_fr", "Avant")):
            ProposedField.objects.create(
                proposal=proposal, name=name, seen=seen, proposed="Après", proposed_by=user
            )
        if number < len(REVIEWED_TEXTS):
            ProposedField.objects.create(
                proposal=self.proposal,
                name=REVIEWED_TEXTS[number],
                seen="Avant",
                proposed="Après",
                proposed_by=user,
            )
        PublishedChange.objects.create(
            organization=self.organization,
            before={"email": "", "social_links": []},
            after={"email": "a@example.org", "social_links": [["facebook", "https://a.example/"]]},
            published_by=user,
        )

    def campaigns(self, organization, number):
        """Another programme, campaign and edition, and one more of all that hangs on them."""
        programme = Programme.objects.create(name_fr=f"Programme {number} (fictif)")
        EditionFactory(campaign__programme=programme)
        EditionFactory(campaign=self.campaign, year=1977 + number)
        self.edition.organizations.add(organization)
        EditionLink.objects.create(
            edition=self.edition, label_fr=f"Affiche {number}", url="https://example.org/"
        )

    def post_event(self, organization, alliance, user, number):
        """Another event, one that waits, and one more of all that hangs on one."""
        EventFactory(by=[organization], posted_for=organization, town="Québec")
        EditionFactory()
        proposal = EventProposal.objects.create(organization=organization, proposed_by=user)
        for name, asked in (("title_fr", "Soirée"), ("organizations", [organization.pk])):
            ProposedEventField.objects.create(
                proposal=proposal, name=name, seen=None, proposed=asked, proposed_by=user
            )
        self.event.organizations.add(organization)
        self.event.alliances.add(alliance)
        self.event.dates.create(starts_at=timezone.now() + datetime.timedelta(days=number))
        names = ["title_fr", "title_en", "text_fr", "venue", "address", "cost_fr", "cost_en"]
        if number < len(names):
            ProposedEventField.objects.create(
                proposal=self.event_proposal,
                name=names[number],
                seen="Avant",
                proposed="Après",
                proposed_by=user,
            )
        PublishedChange.objects.create(
            organization=self.organization,
            event=self.event,
            before={"status": "scheduled"},
            after={"status": "cancelled"},
            published_by=user,
        )

    def apply(self, user, number):
        """Another application, and one more of all that hangs on one."""
        AdmissionFileFactory(name_fr=f"Eau claire {number} (fictif)")
        criterion = AdmissionCriterion.objects.create(text_fr=f"Critère {number}", is_active=False)
        CriterionAnswer.objects.create(
            file=self.admission,
            criterion=criterion,
            asked=criterion.text_fr,
            said="yes",
            finding="met",
            checked_at=timezone.now(),
            checked_by=user,
        )
        AdmissionQuestion.objects.create(file=self.admission, text="Oui?", asked_by=user)
        WelcomeItem.objects.create(
            file=self.admission, text="Accueillir", done_at=timezone.now(), done_by=user
        )
        WelcomeStep.objects.create(text_fr=f"Étape {number}")
        self.exchange(number + 100, []).organizations.set([self.admission.organization])

    def record(self, model):
        """The record of `model` that has the most others."""
        for own in vars(self).values():
            if isinstance(own, model):
                return own
        return model._default_manager.order_by("pk").last()


def name_of(model):
    return f"admin:{model._meta.app_label}_{model._meta.model_name}"


def pages(world):
    """{what it is: address} of every page that is tried."""
    found = {
        "home": reverse("admin:index"),
        "search": f"{reverse('admin:search')}?q=fictif",
    }
    for model in MODELS:
        record = world.record(model)
        found[f"list of {model.__name__}"] = reverse(f"{name_of(model)}_changelist")
        found[f"page of {model.__name__}"] = reverse(f"{name_of(model)}_change", args=[record.pk])
    return found


def queries(client, address):
    """How often a page asks, the second time: what a process keeps, it keeps."""
    first = client.get(address)
    if first.status_code == 302:  # shown on the page of another record
        return queries(client, first.url)
    assert first.status_code == 200, address
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    return len(captured)


def test_every_page_asks_as_often_at_2_rows_and_at_20(client):
    user = make_user(Role.DIRECTION)
    client.force_login(user)
    world = World(user)
    world.grow(FEW)
    tried = pages(world)
    few = {what: queries(client, address) for what, address in tried.items()}
    world.grow(MANY)
    many = {what: queries(client, address) for what, address in tried.items()}
    assert {what: (few[what], many[what]) for what in tried if few[what] != many[what]} == {}
    assert {what: many[what] for what in tried if many[what] > MOST_QUERIES} == {}


def test_the_choices_of_a_long_list_are_counted_when_one_asks(client, monkeypatch):
    monkeypatch.setattr(lists, "COUNTED_AT_ONCE", 1)
    client.force_login(make_user(Role.DIRECTION))
    address = reverse("admin:members_organization_changelist")
    OrganizationFactory()
    assert "(1)" in client.get(address).content.decode()
    OrganizationFactory()
    long = client.get(address).content.decode()
    assert "(2)" not in long
    assert "?_facets=True" in long
    assert "(2)" in client.get(f"{address}?_facets=True").content.decode()
