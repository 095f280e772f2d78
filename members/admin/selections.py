"""What staff do to a selection of organizations or of memberships, said first (see `bulk`)."""

from django import forms
from django.db.models import Prefetch
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from members.admin.bulk import BulkAction
from members.admin.decisions import EndForm
from members.models import (
    Alliance,
    AllianceMembership,
    Membership,
    MembershipDecision,
    Organization,
    Tag,
)
from members.permissions import can_decide_memberships, can_keep_network, may


class ConfirmProfiles(BulkAction):
    """For those who said, by phone or otherwise, that what is published is true."""

    name = "confirm"
    words = gettext_lazy("Record the profile as confirmed today")

    def may(self, user):
        return may(user, "change", Organization)

    def why_not(self, organization, choice):
        if organization.last_confirmed_on == timezone.localdate():
            return _("already confirmed today")
        return ""

    def told(self, organization, choice):
        if organization.last_confirmed_on is None:
            return _("never confirmed so far")
        return _("last confirmed on %(day)s") % {
            "day": date_format(organization.last_confirmed_on, "SHORT_DATE_FORMAT")
        }

    def sentence(self, count, choice):
        return ngettext(
            "%(count)d profile will be recorded as confirmed by its organization today.",
            "%(count)d profiles will be recorded as confirmed by their organizations today.",
            count,
        ) % {"count": count}

    def done(self, count, choice):
        return ngettext("%(count)d profile confirmed.", "%(count)d profiles confirmed.", count) % {
            "count": count
        }

    def do(self, organization, *, by, choice):
        organization.confirm(by=by)


class TagForm(forms.Form):
    tag = forms.ModelChoiceField(Tag.objects.all(), label=gettext_lazy("Tag"), empty_label="—")


class AddTag(BulkAction):
    """Put a tag on all of a selection: organizations, people or alliances."""

    name = "add_tag"
    words = gettext_lazy("Add a tag")
    form_class = TagForm

    def may(self, user):
        return can_keep_network(user)

    def prefetched(self, records):
        return records.prefetch_related("tags")

    def why_not(self, record, choice):
        return _("already has this tag") if choice["tag"] in record.tags.all() else ""

    def sentence(self, count, choice):
        return ngettext(
            "%(count)d will get the tag “%(tag)s”.", "%(count)d will get the tag “%(tag)s”.", count
        ) % {"count": count, "tag": choice["tag"]}

    def done(self, count, choice):
        return ngettext(
            "%(count)d got the tag “%(tag)s”.", "%(count)d got the tag “%(tag)s”.", count
        ) % {"count": count, "tag": choice["tag"]}

    def do(self, record, *, by, choice):
        record.tags.add(choice["tag"])


class RemoveTag(AddTag):
    name = "remove_tag"
    words = gettext_lazy("Remove a tag")

    def why_not(self, record, choice):
        return "" if choice["tag"] in record.tags.all() else _("does not have this tag")

    def sentence(self, count, choice):
        return ngettext(
            "%(count)d will lose the tag “%(tag)s”.",
            "%(count)d will lose the tag “%(tag)s”.",
            count,
        ) % {"count": count, "tag": choice["tag"]}

    def done(self, count, choice):
        return ngettext(
            "%(count)d lost the tag “%(tag)s”.", "%(count)d lost the tag “%(tag)s”.", count
        ) % {"count": count, "tag": choice["tag"]}

    def do(self, record, *, by, choice):
        record.tags.remove(choice["tag"])


class JoinForm(forms.Form):
    alliance = forms.ModelChoiceField(
        Alliance.objects.current().by_name(), label=gettext_lazy("Alliance"), empty_label="—"
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=AllianceMembership.Role.choices,
        initial=AllianceMembership.Role.MEMBER,
    )
    since_year = forms.IntegerField(
        label=gettext_lazy("Since the year"),
        required=False,
        min_value=1900,
        max_value=2100,
        help_text=gettext_lazy("Leave empty when it is not known."),
    )


class AddToAlliance(BulkAction):
    name = "add_to_alliance"
    words = gettext_lazy("Add to an alliance")
    form_class = JoinForm

    def may(self, user):
        return may(user, "add", AllianceMembership)

    def prefetched(self, organizations):
        current = AllianceMembership.objects.current()
        return organizations.prefetch_related(
            Prefetch("alliance_memberships", current, to_attr="current_participations")
        )

    def why_not(self, organization, choice):
        there = {p.alliance_id for p in organization.current_participations}
        return _("already takes part in it") if choice["alliance"].pk in there else ""

    def sentence(self, count, choice):
        return ngettext(
            "%(count)d organization will take part in “%(alliance)s”, as %(role)s.",
            "%(count)d organizations will take part in “%(alliance)s”, as %(role)s.",
            count,
        ) % self.said(count, choice)

    def done(self, count, choice):
        return ngettext(
            "%(count)d organization takes part in “%(alliance)s”.",
            "%(count)d organizations take part in “%(alliance)s”.",
            count,
        ) % self.said(count, choice)

    def said(self, count, choice):
        role = AllianceMembership.Role(choice["role"]).label
        return {"count": count, "alliance": choice["alliance"], "role": role}

    def do(self, organization, *, by, choice):
        choice["alliance"].welcome(
            organization, by=by, role=choice["role"], since_year=choice["since_year"]
        )


class EndMemberships(BulkAction):
    """For a decision on several at once, such as unpaid fees."""

    name = "end_memberships"
    words = gettext_lazy("End the memberships")
    form_class = EndForm

    def may(self, user):
        return can_decide_memberships(user)

    def prefetched(self, organizations):
        return organizations.prefetch_related(
            Prefetch("memberships", Membership.objects.current(), to_attr="current_memberships")
        )

    def why_not(self, organization, choice):
        if not organization.current_memberships:
            return _("has no current membership")
        (membership,) = organization.current_memberships
        if membership.started_on and membership.started_on > choice["on"]:
            return _("became a member after that day")
        return ""

    def told(self, organization, choice):
        (membership,) = organization.current_memberships
        if membership.ended_on:
            return _("was to end on %(day)s") % {
                "day": date_format(membership.ended_on, "SHORT_DATE_FORMAT")
            }
        return ""

    def sentence(self, count, choice):
        return ngettext(
            "%(count)d membership will end, with %(day)s as its last day (%(reason)s).",
            "%(count)d memberships will end, with %(day)s as their last day (%(reason)s).",
            count,
        ) % {
            "count": count,
            "day": date_format(choice["on"]),
            "reason": Membership.EndReason(choice["reason"]).label,
        }

    def done(self, count, choice):
        return ngettext("%(count)d membership ended.", "%(count)d memberships ended.", count) % {
            "count": count
        }

    def do(self, organization, *, by, choice):
        (membership,) = organization.current_memberships
        decision = MembershipDecision(
            **{name: choice[name] for name in ("body", "decided_on", "resolution", "note")}
        )
        membership.end(by=by, on=choice["on"], reason=choice["reason"], decision=decision)


class SourceForm(forms.Form):
    source_url = forms.URLField(
        label=gettext_lazy("Source"),
        required=False,
        max_length=500,
        assume_scheme="https",
        help_text=gettext_lazy("The page that says so, if there is one."),
        widget=forms.URLInput(attrs={"class": "vURLField"}),
    )


class ConfirmMemberships(BulkAction):
    """For the memberships that a list carried over and that nobody had checked."""

    name = "confirm_memberships"
    words = gettext_lazy("Confirm the memberships")
    form_class = SourceForm

    def may(self, user):
        return can_decide_memberships(user)

    def prefetched(self, memberships):
        return memberships.select_related("organization")

    def why_not(self, membership, choice):
        return _("already confirmed") if membership.confirmed else ""

    def sentence(self, count, choice):
        return ngettext(
            "%(count)d membership will be recorded as confirmed.",
            "%(count)d memberships will be recorded as confirmed.",
            count,
        ) % {"count": count}

    def done(self, count, choice):
        return ngettext(
            "%(count)d membership confirmed.", "%(count)d memberships confirmed.", count
        ) % {"count": count}

    def do(self, membership, *, by, choice):
        membership.confirm(by=by, source_url=choice["source_url"])
