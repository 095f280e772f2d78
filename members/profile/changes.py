"""What is done to profiles: a representative sends changes, staff decide them or put them back.

Each is done whole or not at all, on an organization that is held meanwhile; whoever acts says what
they saw (`shown`), and nothing that changed since is written over.
"""

from dataclasses import dataclass, field

import pghistory
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from members import mail
from members.models import (
    Organization,
    OtherName,
    ProfileProposal,
    ProposedField,
    PublishedChange,
)
from members.models.proposals import ChangedMeanwhile
from members.permissions import can_decide
from members.profile.fields import FIELDS, FREE, Lexicon, ordered, read
from regions.folding import fold


@dataclass(frozen=True)
class Choice:
    """What staff chose for a proposed field; `value` is what they rather publish, if `edits`."""

    accepts: bool
    note: str = ""
    edits: bool = False
    value: object = None


@dataclass
class Sent:
    """What a representative’s changes became: names of fields."""

    published: list = field(default_factory=list)
    proposed: list = field(default_factory=list)
    withdrawn: list = field(default_factory=list)
    proposal: ProfileProposal | None = None

    def __bool__(self):
        return bool(self.published or self.proposed or self.withdrawn)


def held(organization):
    """The organization as it is now, held until the end of the transaction."""
    Organization.objects.select_for_update().get(pk=organization.pk)
    return Organization.objects.for_profile().get(pk=organization.pk)


def write(organization, values):
    """Give an organization, read by `for_profile`, these values of fields, and save it.

    A name that it leaves stays among its other names, so that people still find it. Raises
    ValidationError {field: [messages]}, and nothing is done, if the result would not hold.
    """
    values = keeping_former_name(organization, values)
    errors = {}
    with transaction.atomic():
        for name, value in values.items():
            FIELDS[name].write(organization, value)
        try:
            organization.full_clean()
        except ValidationError as error:
            for name, messages in told_by_field(error).items():
                errors.setdefault(name, []).extend(messages)
        if not errors:
            organization.save()
            for name, value in values.items():
                try:
                    with transaction.atomic():
                        FIELDS[name].relate(organization, value)
                except ValidationError as error:
                    errors[name] = error.messages
        if errors:
            raise ValidationError(errors)


def keeping_former_name(organization, values):
    """The same values and, when the French name becomes another, the former one as other name."""
    former, name = organization.name_fr, values.get("name_fr")
    if name is None or fold(name) == fold(former):
        return values
    others = values.get("other_names", FIELDS["other_names"].read(organization))
    if former in [text for _kind, text in others]:
        return values
    return values | {"other_names": sorted([*others, [OtherName.Kind.FORMER.value, former]])}


def told_by_field(error):
    """What an organization's own check refuses, by the names of our table."""
    owners = {other: name for name, field in FIELDS.items() for other in field.also}
    return {
        owners.get(name, name if name in FIELDS else NON_FIELD_ERRORS): [
            message for one in errors for message in one.messages
        ]
        for name, errors in error.error_dict.items()
    }


def check(values, shown, live):
    """Raise ChangedMeanwhile if one of the fields of `values` is no longer what was shown."""
    changed = [name for name in values if live[name] != shown.get(name)]
    if changed:
        raise ChangedMeanwhile(ordered(changed))


@transaction.atomic
def send(*, organization, values, start, shown, by, message=""):
    """Publish the free fields and propose the others: what a representative changed.

    `values` are those of their form, `start` those that it began with: what they left as it was is
    not touched. `shown` are the public values that they saw when they sent it. A field that waits
    already is amended, or withdrawn when it is again what the public sees. Raises ChangedMeanwhile
    if the public profile moved since, ValidationError if a free value cannot stand.
    """
    organization = held(organization)
    live = read(organization)
    touched = {name: value for name, value in values.items() if value != start.get(name)}
    check(touched, shown, live)
    sent = Sent()
    free = {name: v for name, v in touched.items() if name in FREE and v != live[name]}
    if free:
        write(organization, free)
        PublishedChange.objects.create(
            organization=organization,
            before={name: live[name] for name in free},
            after=free,
            published_by=by,
            published_at=timezone.now(),
        )
        sent.published = ordered(free)
        mail.to_staff(
            "published_to_staff",
            model=PublishedChange,
            organization=organization,
            context={"by": str(by), "fields": labels(free)},
        )
    propose(organization, {n: v for n, v in touched.items() if n not in FREE}, live, by, sent)
    if message and sent.proposal and sent.proposal.is_waiting:
        sent.proposal.message = message
        sent.proposal.save(update_fields=["message", "updated_at"])
    if sent.proposed:
        mail.to_staff(
            "proposal_to_staff",
            model=ProfileProposal,
            organization=organization,
            context={
                "by": str(by),
                "fields": labels(sent.proposed),
                "message": message,
                "proposal": sent.proposal,
            },
        )
    return sent


def propose(organization, values, live, by, sent):
    """Put reviewed values in the proposal that waits, a new one if there is none."""
    proposal = ProfileProposal.objects.waiting().filter(organization=organization).first()
    waiting = {}
    if proposal:
        proposal = proposal.locked()
        waiting = {field.name: field for field in proposal.fields.all()}
    for name in ordered(values):
        value, there = values[name], waiting.get(name)
        if value == live[name]:
            if there:
                there.delete()
                sent.withdrawn.append(name)
            continue
        if there and there.proposed == value:
            continue
        proposal = proposal or ProfileProposal.objects.create(
            organization=organization, proposed_by=by, proposed_at=timezone.now()
        )
        ProposedField.objects.update_or_create(
            proposal=proposal,
            name=name,
            defaults={
                "seen": live[name],
                "proposed": value,
                "logo_id": value if name == "logo" else None,
                "proposed_by": by,
                "proposed_at": timezone.now(),
            },
        )
        sent.proposed.append(name)
    sent.proposal = proposal
    if not (sent.proposed or sent.withdrawn):
        return
    proposal.version += 1
    proposal.save(update_fields=["version", "updated_at"])
    if not proposal.fields.exists():
        proposal.withdraw(by=by)


@transaction.atomic
def decide(*, proposal, choices, shown, version, by):
    """Decide every field of a proposal, and publish what is accepted: {field: `Choice`}.

    `shown` are the public values that the reviewer saw and `version` that of the proposal. Raises
    ChangedMeanwhile if either moved since (with the names of the fields, if it is the profile),
    NotWaiting if it no longer waits, PermissionDenied if it is not for them to decide, and
    ValidationError {field: [messages]} if a field has no choice or its value cannot stand.
    """
    waiting = proposal.locked()
    if waiting.version != version:
        raise ChangedMeanwhile
    if not can_decide(by, waiting):
        raise PermissionDenied
    organization = held(waiting.organization)
    live = read(organization)
    fields = list(waiting.fields.select_related("proposed_by"))
    if missing := [one.name for one in fields if one.name not in choices]:
        raise ValidationError({name: _("Accept it or refuse it.") for name in missing})
    accepted = {
        one.name: choices[one.name].value if choices[one.name].edits else one.proposed
        for one in fields
        if choices[one.name].accepts
    }
    check(accepted, shown, live)
    with pghistory.context(proposal=waiting.pk, proposers=[u.pk for u in waiting.proposers]):
        if changed := {name: v for name, v in accepted.items() if v != live[name]}:
            write(organization, changed)
        for one in fields:
            note_decision(one, choices[one.name], accepted)
        waiting.state = ProfileProposal.State.DECIDED
        waiting.decided_at, waiting.decided_by = timezone.now(), by
        waiting.save()
    tell_decision(waiting, organization, fields, by)
    return waiting


def note_decision(one, choice, accepted):
    """Write on a proposed field what became of it."""
    decisions = ProposedField.Decision
    one.note = choice.note
    if not choice.accepts:
        one.decision = decisions.REFUSED
    elif choice.edits and choice.value != one.proposed:
        one.decision, one.decided = decisions.EDITED, accepted[one.name]
    else:
        one.decision, one.decided = decisions.ACCEPTED, one.proposed
    one.save()


def tell_decision(proposal, organization, fields, by):
    """One mail to each person who asked for something: what was accepted, refused, and why."""
    lexicon = Lexicon()
    for user in proposal.proposers:
        if not user.is_active:
            continue
        mail.send(
            "proposal_decided",
            user.email,
            language=user.language,
            organization=organization,
            by=by,
            context={
                "proposal": proposal,
                "any_refused": any(
                    one.decision == ProposedField.Decision.REFUSED for one in fields
                ),
                "fields": [
                    {
                        "label": FIELDS[one.name].label,
                        "decision": one.decision,
                        "note": one.note,
                        "decided": FIELDS[one.name].words(one.decided, lexicon)
                        if one.decision == ProposedField.Decision.EDITED
                        else [],
                    }
                    for one in sorted(fields, key=lambda one: list(FIELDS).index(one.name))
                ],
            },
        )


@transaction.atomic
def put_back(change, *, by):
    """Give the fields that a representative published at once what they had before.

    Raises ChangedMeanwhile if one of them was changed again since; put back twice is once.
    """
    change = PublishedChange.objects.select_for_update().get(pk=change.pk)
    if change.reverted_at:
        return change
    organization = held(change.organization)
    check(change.after, change.after, read(organization))
    write(organization, change.before)
    change.reverted_at, change.reverted_by = timezone.now(), by
    if not change.seen_at:
        change.seen_at, change.seen_by = change.reverted_at, by
    change.save()
    if change.published_by.is_active:
        mail.send(
            "published_put_back",
            change.published_by.email,
            language=change.published_by.language,
            organization=organization,
            by=by,
            context={"fields": labels(change.before)},
        )
    return change


def labels(names):
    """The names of fields in words, in the table's order."""
    return [FIELDS[name].label for name in ordered(names)]
