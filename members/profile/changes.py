"""What is done to profiles: a representative sends changes, staff decide them or put them back.

Each is done whole or not at all, on an organization that is held meanwhile; whoever acts says what
they saw (`shown`), and nothing that changed since is written over.
"""

import pghistory
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from members import mail
from members.models import (
    Organization,
    OtherName,
    ProfileProposal,
    PublishedChange,
)
from members.models.proposals import ChangedMeanwhile
from members.profile.fields import FIELDS, FREE, Lexicon, ordered, read
from members.reviewing import (
    Choice,
    Sent,
    accepted,
    amend,
    decided_in_words,
    may_be_decided,
    note_decision,
    told_by_field,
)
from regions.folding import fold

__all__ = ["Choice", "Sent", "decide", "labels", "put_back", "send", "write"]


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
            for name, messages in told_by_field(error, FIELDS).items():
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

    def make():
        return ProfileProposal.objects.create(
            organization=organization, proposed_by=by, proposed_at=timezone.now()
        )

    amend(
        sent,
        {name: values[name] for name in ordered(values)},
        live=live,
        proposal=proposal and proposal.locked(),
        make=make,
        is_back=lambda name, value: value == live[name],
        image="logo",
        by=by,
    )


@transaction.atomic
def decide(*, proposal, choices, shown, version, by):
    """Decide every field of a proposal, and publish what is accepted: {field: `Choice`}.

    `shown` are the public values that the reviewer saw and `version` that of the proposal. Raises
    ChangedMeanwhile if either moved since (with the names of the fields, if it is the profile),
    NotWaiting if it no longer waits, PermissionDenied if it is not for them to decide, and
    ValidationError {field: [messages]} if a field has no choice or its value cannot stand.
    """
    waiting = may_be_decided(proposal, version, by)
    organization = held(waiting.organization)
    live = read(organization)
    fields = list(waiting.fields.select_related("proposed_by"))
    published = accepted(fields, choices)
    check(published, shown, live)
    with pghistory.context(proposal=waiting.pk, proposers=[u.pk for u in waiting.proposers]):
        if changed := {name: v for name, v in published.items() if v != live[name]}:
            write(organization, changed)
        for one in fields:
            note_decision(one, choices[one.name], published)
        waiting.state = ProfileProposal.State.DECIDED
        waiting.decided_at, waiting.decided_by = timezone.now(), by
        waiting.save()
    tell_decision(waiting, organization, fields, by)
    return waiting


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
            context={"proposal": proposal} | decided_in_words(fields, FIELDS, lexicon),
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
