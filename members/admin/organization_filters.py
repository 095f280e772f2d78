"""Filters of the list of organizations."""

import datetime

from django.contrib.postgres.fields import ArrayField
from django.db.models import Count, Exists, F, Func, OuterRef, Q, TextField, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.admin.filters import CountedFilter
from members.completeness import INCOMPLETE
from members.models import (
    Alliance,
    AllianceMembership,
    Country,
    DirectoryEntry,
    Membership,
    Organization,
    Theme,
)
from members.models.links import OrganizationCountry
from regions.models import Region


class StandingFilter(CountedFilter):
    """Current members unless another choice is made."""

    title = _("membership")
    parameter_name = "membership"

    def conditions(self):
        # By the memberships themselves: their `standing` asks four questions of each organization.
        current = Membership.objects.current()
        suspended = current.filter(status=Membership.Status.SUSPENDED)
        unconfirmed = current.filter(confirmed=False, status=Membership.Status.ACTIVE)
        return {
            None: (_("current members"), with_one_of(current)),
            "unconfirmed": (_("to be confirmed"), with_one_of(unconfirmed)),
            "suspended": (_("suspended"), with_one_of(suspended)),
            "others": (_("former members and others"), ~with_one_of(current)),
            "all": (_("all"), Q()),
        }


def with_one_of(memberships):
    """The condition that an organization has one of these memberships."""
    return Q(pk__in=memberships.order_by().values("organization"))


class EntryFilter(CountedFilter):
    """A filter of many choices on what the entries hold: one look counts them for all that are not
    in use, rather than a condition a choice."""

    folded = True

    def keys(self):
        """What an entry is counted under, as an array of texts that no other filter uses."""
        raise NotImplementedError

    def key(self, value):
        """What a value of the filter is among the `keys`."""
        return value

    def shares_counts(self):
        return False

    def get_facet_queryset(self, changelist):
        if self.value() in self.known:
            return super().get_facet_queryset(changelist)
        kept = changelist.__dict__
        if "entry_counts" not in kept:
            arrays = [
                spec.keys()
                for spec in changelist.filter_specs
                if isinstance(spec, EntryFilter) and spec.value() not in spec.known
            ]
            together = Func(*arrays, function="unnest", arg_joiner=" || ", output_field=TextField())
            shown = changelist.queryset.order_by().values("pk")
            entries = DirectoryEntry.objects.filter(pk__in=shown).annotate(key=together)
            kept["entry_counts"] = dict(entries.values_list("key").annotate(Count("pk")))
        return {
            f"{place}__c": kept["entry_counts"].get(self.key(value), 0)
            for place, (value, _words) in enumerate(self.lookup_choices)
        }


TEXTS = ArrayField(TextField())


class RegionFilter(EntryFilter):
    title = _("region of the head office")
    parameter_name = "region"

    def conditions(self):
        return {
            region.code: (region.name, Q(region=region.code)) for region in Region.objects.all()
        }

    def keys(self):
        # Themes are digits too.
        return Func(Concat(Value("region "), F("region_id")), template="ARRAY[%(expressions)s]")

    def key(self, value):
        return f"region {value}"


class ThemeFilter(EntryFilter):
    title = _("theme")
    parameter_name = "theme"

    def conditions(self):
        return {
            theme.slug: (theme.name, Q(entry__themes__contains=[theme.pk]))
            for theme in Theme.objects.all()
        }

    def keys(self):
        return Cast("themes", TEXTS)

    def key(self, value):
        _words, condition = self.known[value]
        ((_lookup, (pk,)),) = condition.children
        return str(pk)


class CountryFilter(EntryFilter):
    """Only the countries where some organization works: the others would make a long list of 0."""

    title = _("country of action")
    parameter_name = "country"

    def conditions(self):
        works = OrganizationCountry.objects.filter(country=OuterRef("pk"))
        return {
            country.code: (country.name, Q(entry__countries__contains=[country.code]))
            for country in Country.objects.filter(Exists(works))
        }

    def keys(self):
        return Cast("countries", TEXTS)


class KindFilter(CountedFilter):
    title = _("kind")
    parameter_name = "kind"
    folded = True

    def conditions(self):
        return {value: (words, Q(kind=value)) for value, words in Organization.Kind.choices}


class FreshnessFilter(CountedFilter):
    """When the organization last said that its profile is true."""

    title = _("last confirmation")
    parameter_name = "confirmed"
    folded = True

    def conditions(self):
        a_year_ago = timezone.localdate() - datetime.timedelta(days=365)
        return {
            "recent": (_("less than a year ago"), Q(last_confirmed_on__gt=a_year_ago)),
            "old": (_("more than a year ago"), Q(last_confirmed_on__lte=a_year_ago)),
            "never": (_("never"), Q(last_confirmed_on__isnull=True)),
        }


class ProfileFilter(CountedFilter):
    """Whether all of the public profile is there (`members.completeness`)."""

    title = _("public profile")
    parameter_name = "profile"
    folded = True

    def conditions(self):
        return {
            "complete": (_("complete"), ~INCOMPLETE),
            "incomplete": (_("incomplete"), INCOMPLETE),
        }


class AllianceFilter(CountedFilter):
    """Who takes part in an alliance today."""

    title = _("alliance")
    parameter_name = "alliance"
    folded = True

    def conditions(self):
        current = AllianceMembership.objects.current().order_by()
        return {
            str(alliance.pk): (
                alliance.name,
                Q(pk__in=current.filter(alliance=alliance).values("organization")),
            )
            for alliance in Alliance.objects.current().filter(memberships__isnull=False).distinct()
        }

    def shares_counts(self):
        return False

    def get_facet_queryset(self, changelist):
        """The counts, by grouping the participations: they are few beside the organizations."""
        if self.value() in self.known:
            return super().get_facet_queryset(changelist)
        shown = changelist.queryset.order_by().values("pk")
        current = AllianceMembership.objects.current().filter(organization__in=shown).order_by()
        counts = dict(
            current.values_list("alliance").annotate(Count("organization", distinct=True))
        )
        return {
            f"{place}__c": counts.get(int(value), 0)
            for place, (value, _words) in enumerate(self.lookup_choices)
        }
