"""Memberships: on their organization's page, and all together."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from members.admin.bulk import BulkActions
from members.admin.common import StaffInline, StaffModelAdmin
from members.admin.decisions import Decides
from members.admin.filters import CountedFilter
from members.admin.lists import among, found_once
from members.admin.selections import ConfirmMemberships
from members.admin.together import FormSetAtHand
from members.models import Membership, Organization
from members.models.memberships import NO_OVERLAP, counted_days
from members.models.periods import is_current, periods_moving


def overlap(one, other):
    """Whether two memberships have a day in common; an unknown start or end is open."""
    return (
        one.started_on is None or other.ended_on is None or one.started_on <= other.ended_on
    ) and (other.started_on is None or one.ended_on is None or other.started_on <= one.ended_on)


class MembershipForm(forms.ModelForm):
    def _get_validation_exclusions(self):
        # The rows of a page are checked against one another, as they will be once saved: against
        # the database, ending one period and adding the next would be refused.
        return super()._get_validation_exclusions() | {"organization"}


class MembershipFormSet(FormSetAtHand):
    """All the memberships of one organization: their periods must not overlap."""

    def clean(self):
        super().clean()
        if any(self.errors):
            return
        kept = []
        for form in self.forms:
            if not form.has_changed() and not form.instance.pk:
                continue
            if form in self.deleted_forms:
                if form.instance.decisions.exists():
                    raise ValidationError(
                        _(
                            "A membership that was decided upon is not removed: correct its days, "
                            "or end it."
                        )
                    )
                continue
            if any(overlap(form.instance, other) for other in kept):
                raise ValidationError(
                    _("This period overlaps another membership of the same organization.")
                )
            kept.append(form.instance)

    def save(self, commit=True):
        """Write the rows together, so that a period can take the place of another."""
        with periods_moving(NO_OVERLAP):
            return super().save(commit)


class MembershipInline(StaffInline, admin.StackedInline):
    model = Membership
    form = MembershipForm
    formset = MembershipFormSet
    classes = ["collapse"]
    verbose_name_plural = _("Correct the memberships")
    fields = [
        ("category", "status", "confirmed"),
        ("started_on", "ended_on", "end_reason"),
        "source_url",
    ]


class CurrentFilter(CountedFilter):
    """Current memberships unless another choice is made."""

    title = _("period")
    parameter_name = "period"

    def conditions(self):
        current = Membership.objects.current().values("pk")
        return {
            None: (_("current"), Q(pk__in=current)),
            "past": (_("ended"), Q(ended_on__lt=timezone.localdate())),
            "future": (_("to come"), Q(started_on__gt=timezone.localdate())),
            "all": (_("all"), Q()),
        }


class DayFilter(CountedFilter):
    """The memberships that ran on the last day of a year, or that run today."""

    title = _("running on")
    parameter_name = "day"
    folded = True

    def conditions(self):
        return {
            day.isoformat(): (date_format(day, "SHORT_DATE_FORMAT"), is_current(day))
            for day in counted_days()
        }


class ConfirmationFilter(CountedFilter):
    title = _("confirmation")
    parameter_name = "confirmed"

    def conditions(self):
        return {
            "no": (_("to be confirmed"), Q(confirmed=False)),
            "yes": (_("confirmed"), Q(confirmed=True)),
        }


class AdmissionYearFilter(CountedFilter):
    """The memberships that began in a year."""

    title = _("began in")
    parameter_name = "year"
    folded = True

    def conditions(self):
        years = Membership.objects.order_by().dates("started_on", "year", order="DESC")
        known = {str(day.year): (str(day.year), Q(started_on__year=day.year)) for day in years}
        return known | {"unknown": (_("not known"), Q(started_on__isnull=True))}


@admin.register(Membership)
class MembershipAdmin(BulkActions, Decides, StaffModelAdmin):
    decisions = ["suspend", "reinstate", "end"]
    bulk_actions = [ConfirmMemberships()]
    add_words = _("Add a membership")
    list_display = [
        "organization",
        "category",
        "status",
        "started_on",
        "ended_on",
        "confirmed",
    ]
    list_filter = [
        CurrentFilter,
        ConfirmationFilter,
        AdmissionYearFilter,
        DayFilter,
        "status",
        "category",
    ]
    list_per_page = 100
    list_select_related = ["organization"]
    search_fields = ["organization"]
    search_help_text = _("Name, acronym, place, theme or country of the organization.")
    ordering = ["organization__entry__sort_fr", "-started_on"]
    autocomplete_fields = ["organization"]
    fields = [
        "organization",
        ("category", "status", "confirmed"),
        ("started_on", "ended_on", "end_reason"),
        "source_url",
    ]

    def get_search_results(self, request, queryset, search_term):
        """The memberships of the organizations that the public search finds."""
        keys = found_once(request, Organization, search_term)
        return queryset if keys is None else queryset.filter(organization__in=among(keys)), False
