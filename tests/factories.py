"""The least valid record of each kind; traits name situations."""

import datetime

import factory
from django.contrib.auth.models import Group
from django.utils import timezone

from members.models import (
    AdmissionCriterion,
    AdmissionFile,
    Alliance,
    Campaign,
    CampaignEdition,
    CriterionAnswer,
    Event,
    EventDate,
    Interaction,
    Invitation,
    Membership,
    Organization,
    OtherName,
    Person,
    Position,
    Representative,
    Statement,
    Theme,
    User,
)
from regions.models import Municipality


class OrganizationFactory(factory.django.DjangoModelFactory):
    """A member in good standing; `outside=True` has no membership, `lapsed=True` had one.

    `town` is a municipality's name; `themes` slugs, `countries` ISO codes, `other_names` former
    names.
    """

    class Meta:
        model = Organization
        skip_postgeneration_save = True

    name_fr = factory.Sequence(lambda n: f"Organisme {n} (fictif)")

    @classmethod
    def _create(
        cls, model_class, *, town="", outside=False, lapsed=False, suspended=False, **fields
    ):
        if town:
            fields["municipality"] = Municipality.objects.get(name=town)
        organization = super()._create(model_class, **fields)
        if not outside:
            yesterday = timezone.localdate() - datetime.timedelta(days=1)
            MembershipFactory(
                organization=organization,
                ended_on=yesterday if lapsed else None,
                status="suspended" if suspended else "active",
            )
        return organization

    @factory.post_generation
    def themes(self, create, slugs, **kwargs):
        if slugs:
            self.themes.set(Theme.objects.filter(slug__in=slugs))

    @factory.post_generation
    def countries(self, create, codes, **kwargs):
        if codes:
            self.countries.set(codes)

    @factory.post_generation
    def other_names(self, create, names, **kwargs):
        for name in names or ():
            OtherName.objects.create(organization=self, name=name)


class MembershipFactory(factory.django.DjangoModelFactory):
    """A membership that began in 2001 and goes on."""

    class Meta:
        model = Membership

    organization = factory.SubFactory(OrganizationFactory, outside=True)
    started_on = datetime.date(2001, 1, 1)
    confirmed = True


def make_user(*roles, email="", **fields):
    """Someone of the staff with these roles (`members.permissions.Role`); none opens nothing."""
    email = email or f"{'-'.join(role.name.lower() for role in roles) or 'sans-role'}@example.org"
    user = User.objects.create_user(email, is_staff=True, **fields)
    user.groups.set(Group.objects.filter(name__in=[role.value for role in roles]))
    return user


class PersonFactory(factory.django.DjangoModelFactory):
    """Someone with a name; `at=organization` gives a position there, with `title`, `kinds`…"""

    class Meta:
        model = Person

    first_name = "Ana"
    last_name = factory.Sequence(lambda n: f"Fictive {n}")

    @classmethod
    def _create(cls, model_class, *, at=None, title="", kinds=(), email="", **fields):
        person = super()._create(model_class, **fields)
        if at:
            PositionFactory(
                person=person, organization=at, title=title, kinds=list(kinds), email=email
            )
        return person


class PositionFactory(factory.django.DjangoModelFactory):
    """A position that began in 2020 and goes on."""

    class Meta:
        model = Position

    person = factory.SubFactory(PersonFactory)
    organization = factory.SubFactory(OrganizationFactory)
    started_on = datetime.date(2020, 1, 1)

    @classmethod
    def _create(cls, model_class, **fields):
        if not fields.get("title") and not fields.get("kinds"):
            fields["kinds"] = ["other"]
        return super()._create(model_class, **fields)


class AllianceFactory(factory.django.DjangoModelFactory):
    """An active coalition."""

    class Meta:
        model = Alliance

    name_fr = factory.Sequence(lambda n: f"Coalition {n} (fictive)")


class CampaignFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Campaign

    name_fr = factory.Sequence(lambda n: f"Campagne {n} (fictive)")


class EditionFactory(factory.django.DjangoModelFactory):
    """A published edition of this year, without days."""

    class Meta:
        model = CampaignEdition

    campaign = factory.SubFactory(CampaignFactory)
    year = factory.LazyFunction(lambda: timezone.localdate().year)


class EventFactory(factory.django.DjangoModelFactory):
    """A public event in a week, at 19:00 for two hours; `by=[organization, …]` hold it.

    `days` says in how many days its one date is (negative: past); `dates=False` makes none.
    """

    class Meta:
        model = Event
        skip_postgeneration_save = True

    title_fr = factory.Sequence(lambda n: f"Activité {n} (fictive)")
    published_at = factory.LazyFunction(timezone.now)

    @classmethod
    def _create(cls, model_class, *, town="", days=7, dates=True, **fields):
        if town:
            fields["municipality"] = Municipality.objects.get(name=town)
        event = super()._create(model_class, **fields)
        if dates:
            day = timezone.localdate() + datetime.timedelta(days=days)
            start = datetime.datetime.combine(day, datetime.time(19), event.tz)
            EventDate.objects.create(
                event=event, starts_at=start, ends_at=start + datetime.timedelta(hours=2)
            )
        return event

    @factory.post_generation
    def by(self, create, organizations, **kwargs):
        self.organizations.set(organizations or ())

    @factory.post_generation
    def themes(self, create, slugs, **kwargs):
        if slugs:
            self.themes.set(Theme.objects.filter(slug__in=slugs))


class StatementFactory(factory.django.DjangoModelFactory):
    """A position published today; `open=True` can be signed until next week."""

    class Meta:
        model = Statement

    title_fr = factory.Sequence(lambda n: f"Prise de position {n} (fictive)")
    text_fr = "Nous demandons."
    issued_on = factory.LazyFunction(timezone.localdate)
    is_published = True

    @classmethod
    def _create(cls, model_class, *, open=False, **fields):
        if open:
            today = timezone.localdate()
            fields |= {
                "signing_from": today,
                "signing_until": today + datetime.timedelta(days=7),
            }
        return super()._create(model_class, **fields)


class InteractionFactory(factory.django.DjangoModelFactory):
    """A call, just now; `about=[organization, …]`, `people=[person, …]`."""

    class Meta:
        model = Interaction
        skip_postgeneration_save = True

    subject = factory.Sequence(lambda n: f"Échange {n}")

    @factory.post_generation
    def about(self, create, organizations, **kwargs):
        self.organizations.set(organizations or ())

    @factory.post_generation
    def people(self, create, people, **kwargs):
        for person in people or ():
            self.add_person(person)


class UserFactory(factory.django.DjangoModelFactory):
    """An account that opens nothing by itself."""

    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"ana{n}@example.org")


class RepresentativeFactory(factory.django.DjangoModelFactory):
    """An editor of a member's profile; `manager=True` is a manager."""

    class Meta:
        model = Representative

    user = factory.SubFactory(UserFactory)
    organization = factory.SubFactory(OrganizationFactory)
    started_by = factory.SelfAttribute("user")

    @classmethod
    def _create(cls, model_class, *, manager=False, **fields):
        role = {"role": Representative.Role.MANAGER} if manager else {}
        return super()._create(model_class, **role | fields)


def invitation_to(organization, by, email="lea@example.org", **fields):
    """An invitation that `by` has just sent; its `token` is the secret of its link."""
    invitation = Invitation(organization=organization, email=email, **fields)
    invitation.stamp(by)
    invitation.save()
    return invitation


class AdmissionFileFactory(factory.django.DjangoModelFactory):
    """An application that was sent, about a candidate organization; `said` answers its criteria.

    `draft=True` is one that was begun, and nothing typed.
    """

    class Meta:
        model = AdmissionFile

    contact_email = factory.Sequence(lambda n: f"candidate{n}@candidate.example")

    @classmethod
    def _create(cls, model_class, *, draft=False, said="yes", **fields):
        file = super()._create(
            model_class,
            contact_email=fields.pop("contact_email"),
            language=fields.pop("language", "fr"),
        )
        if draft:
            return file
        facts = {
            "contact_name": "Ana Fictive",
            "contact_role": "Directrice",
            "name_fr": "Eau claire (fictif)",
            "founded_year": 2001,
            "mission_fr": "De l’eau pour tous.",
            "town": "Sherbrooke",
            "why": "Agir ensemble.",
        }
        criteria = AdmissionCriterion.objects.active()
        file.submit(
            facts=facts | fields,
            themes=list(Theme.objects.all()[:1]),
            countries=[],
            answers=[
                CriterionAnswer(
                    criterion=criterion, asked=criterion.text, said=said, explanation="Voir."
                )
                for criterion in criteria
            ],
        )
        return file
