"""An organization's profile at a glance, for those who act for it; and what they asked for."""

from dataclasses import dataclass

from django.contrib import messages
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from members import completeness, differences, profile
from members.models import (
    EventProposal,
    Organization,
    ProfileDraft,
    ProfileProposal,
    ProposedField,
    Statement,
)
from members.models.proposals import NotWaiting
from members.pages import in_language
from members.profile import FIELDS, Lexicon
from members.space import drafts
from members.space.doors import represented
from members.space.editing import logo_address, step_address
from members.space.pages import space_page

# How many decided proposals are shown at a glance.
LATELY = 3


@represented
@require_safe
def state(request, organization):
    """What the public sees, what lacks, what waits, what was decided, what is being written, and
    how many letters are to be signed."""
    organization = (
        Organization.objects.select_related("municipality")
        .annotate(missing=completeness.missing())
        .get(pk=organization.pk)
    )
    proposals = list(
        ProfileProposal.objects.filter(organization=organization)
        .select_related("proposed_by", "decided_by")
        .prefetch_related("fields")
        .order_by("-proposed_at", "-pk")[: LATELY + 1]
    )
    draft = ProfileDraft.objects.filter(organization=organization, user=request.user).first()
    summary, summary_lang = in_language(organization, "summary", get_language())
    colleagues = organization.representatives.active().select_related("user").by_name()
    return space_page(
        request,
        "space/state.html",
        organization,
        "state",
        summary=summary,
        summary_lang=summary_lang,
        percentage=completeness.percentage(organization.missing),
        missing=[
            (
                capfirst(part.label),
                part.field.why,
                step_address(organization, part.field.step, part.field.name),
            )
            for part in completeness.parts(organization.missing)
        ],
        waiting=next((said(one) for one in proposals if one.is_waiting), None),
        decided=[said(one) for one in proposals if one.state == "decided"][:LATELY],
        draft=draft,
        drafted=profile.labels(drafted(draft)),
        colleagues=list(colleagues),
        events_waiting=EventProposal.objects.waiting().filter(organization=organization).count(),
        letters_to_sign=Statement.objects.open_for_signing().not_signed_by(organization).count(),
    )


def drafted(draft):
    """The fields that a draft changes."""
    return [name for name in draft.start if name in FIELDS] if draft else []


@dataclass
class Said:
    """A proposal with its fields as pages say them."""

    proposal: ProfileProposal
    fields: list

    @property
    def labels(self):
        return [capfirst(FIELDS[one.name].label) for one in self.fields]

    @property
    def refused(self):
        return [one for one in self.fields if one.decision == ProposedField.Decision.REFUSED]


def said(proposal):
    known = [one for one in proposal.fields.all() if one.name in FIELDS]
    order = list(FIELDS)
    fields = sorted(known, key=lambda one: order.index(one.name))
    for one in fields:
        one.label = capfirst(FIELDS[one.name].label)
    return Said(proposal, fields)


def own_proposal(organization, key):
    """The proposal of that key, of this organization; raises Http404 for any other."""
    found = (
        ProfileProposal.objects.filter(organization=organization, pk=key)
        .select_related("proposed_by", "decided_by")
        .prefetch_related("fields__proposed_by")
        .first()
    )
    if found is None:
        raise Http404
    return found


@represented
@require_safe
def proposal(request, organization, proposal):
    """What was asked for, field by field, and what the staff decided."""
    shown, lexicon = said(own_proposal(organization, proposal)), Lexicon()
    rows = []
    for one in shown.fields:
        before, after = one.seen, one.proposed
        change = differences.change(FIELDS[one.name], before, after, lexicon)
        row = {"one": one, "change": change, "decided": []}
        if one.decision == ProposedField.Decision.EDITED:
            row["decided"] = FIELDS[one.name].words(one.decided, lexicon) or [_("(nothing)")]
        if change.is_image:
            row["before_src"], row["after_src"] = (
                logo_address(organization, logo, 384) if logo else ""
                for logo in (change.before, change.after)
            )
        rows.append(row)
    asked = shown.proposal
    return space_page(
        request,
        "space/proposal.html",
        organization,
        "state",
        proposal=asked,
        rows=rows,
        can_take_up=bool(to_take_up(asked)),
    )


def to_take_up(proposal):
    """{field: value} of what was asked for and not published: refused, withdrawn or put aside."""
    if proposal.is_waiting:
        return {}
    return {
        one.name: one.proposed
        for one in proposal.fields.all()
        if one.name in FIELDS and (one.decision in ("", ProposedField.Decision.REFUSED))
    }


@represented
@require_POST
def withdraw(request, organization, proposal):
    """Take back what waits, whole. Its texts stay on its page, to be taken up again."""
    asked = own_proposal(organization, proposal)
    try:
        asked.withdraw(by=request.user)
    except NotWaiting:
        asked.refresh_from_db()
        if asked.state == ProfileProposal.State.WITHDRAWN:
            messages.info(request, _("It was withdrawn already."))
        else:
            messages.warning(
                request, _("The staff decided it meanwhile: it can no longer be withdrawn.")
            )
    else:
        messages.success(
            request, _("It is withdrawn. The public page did not change; the texts are kept here.")
        )
    return redirect("space:proposal", organization.slug, asked.pk)


@represented
@require_POST
@transaction.atomic
def take_up(request, organization, proposal):
    """Put what was refused or withdrawn in one's draft, to be mended and sent again."""
    values = to_take_up(own_proposal(organization, proposal))
    if name := request.POST.get("field"):
        values = {name: values[name]} if name in values else {}
    if not values:
        messages.info(request, _("Nothing of it is left to take up."))
        return redirect("space:proposal", organization.slug, proposal)
    writing = drafts.begin(organization, request.user, locked=True)
    drafts.take_up(writing, values)
    messages.success(
        request,
        _("In your draft now: %(fields)s. Mend it, then send it.")
        % {"fields": ", ".join(str(label) for label in profile.labels(values))},
    )
    first = FIELDS[profile.ordered(values)[0]]
    return redirect(
        reverse("space:edit", args=[organization.slug, first.step]) + f"#id_{first.name}"
    )
