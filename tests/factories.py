"""The least valid record of each kind; traits name situations."""

import datetime

import factory
from django.utils import timezone

from members.models import Membership, Organization, OtherName, Theme
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
