"""What is done to events: a representative sends one, or changes; staff decide, or put back.

As for profiles (`members.profile.changes`): each is done whole or not at all, on an event that is
held meanwhile; whoever acts says what they saw, and nothing that changed since is written over.
"""

import pghistory
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from members import mail
from members.happening.fields import (
    FIELDS,
    FREE,
    TYPED,
    EventLexicon,
    blank,
    labels,
    ordered,
    read,
    zone_of,
)
from members.models import (
    Event,
    EventProposal,
    Organization,
    Picture,
    ProposedEventField,
    PublishedChange,
)
from members.models.proposals import ChangedMeanwhile
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

__all__ = ["Choice", "Sent", "decide", "put_back", "refuse", "send", "unused_pictures", "write"]


def held(event):
    """The event as it is now, held until the end of the transaction."""
    Event.objects.select_for_update().get(pk=event.pk)
    return Event.objects.for_values().get(pk=event.pk)


def write(event, values):
    """Give an event, read by `for_values` or new, these values of fields, and save it.

    Raises ValidationError {field: [messages]}, and nothing is done, if the result would not hold.
    """
    errors, values = {}, {name: values[name] for name in ordered(values)}
    with transaction.atomic():
        for name, value in values.items():
            FIELDS[name].write(event, value)
        try:
            event.full_clean()
        except ValidationError as error:
            errors = told_by_field(error, FIELDS, also=[("title", "title_fr")])
        for name, message in stands_in_the_way(event, values):
            errors.setdefault(name, []).append(message)
        if not errors:
            event.save()
            for name, value in values.items():
                try:
                    with transaction.atomic():
                        FIELDS[name].relate(event, value)
                except ValidationError as error:
                    errors[name] = error.messages
        if errors:
            raise ValidationError(errors)


def stands_in_the_way(event, values):
    """[(field, message)] of what no column of the event says by itself."""
    if event.pk is None and not values.get("when", {}).get("dates"):
        yield "when", _("Give at least one date.")
    if "organizations" in values or "alliances" in values or event.pk is None:
        said = read(event) | values
        if not (said["organizations"] or said["alliances"]):
            yield "organizations", _("Say who holds it.")
    if event.municipality_id and {"municipality", "when"} & values.keys():
        fits = zone_of(event.municipality)
        if event.zone != fits:
            yield "when", not_the_time_of(event.municipality, fits)


def not_the_time_of(town, zone):
    """Why dates told in another zone cannot stand."""
    return _("In %(town)s it is %(zone)s: tell the dates in it.") % {
        "town": town.name,
        "zone": Event.Zone(zone).label,
    }


# A representative sends


@transaction.atomic
def send(*, organization, values, start, by, event=None, proposal=None, message=""):
    """Publish what is free and propose the rest: a new event, or what changed in one.

    `values` are those of the form, `start` those that it began with (what waits included): what was
    left as it was is not touched. Without an `event` it is a new one; `proposal` is then what waits
    already and is amended, if any. Raises ChangedMeanwhile if what the form began with is no longer
    so, NotWaiting if the proposal was decided meanwhile, ValidationError if a free value cannot
    stand.
    """
    Organization.objects.select_for_update().get(pk=organization.pk)
    sent = Sent()
    if event is not None:
        event = held(event)
        proposal = EventProposal.objects.waiting().filter(event=event).first()
    if proposal is not None:
        proposal = proposal.locked()
    live = read(event) if event else blank()
    waiting = {one.name: one for one in proposal.fields.all()} if proposal else {}
    if event is None and proposal is None:
        # Whether it is held is not asked of what is to come.
        touched = {name: values[name] for name in TYPED if is_said(values.get(name))}
        if same := sent_already(organization, touched, by):
            sent.proposal = same
            return sent
    else:
        fresh = live | {name: one.proposed for name, one in waiting.items() if name in FIELDS}
        touched = {name: value for name, value in values.items() if value != start.get(name)}
        moved = [n for n, value in touched.items() if fresh[n] not in (start.get(n), value)]
        if moved:
            raise ChangedMeanwhile(ordered(moved))
    free = {}
    if event is not None and event.is_public:
        free = {name: v for name, v in touched.items() if name in FREE and v != live[name]}
        touched = {name: v for name, v in touched.items() if name not in FREE}
    if free:
        publish(organization, event, free, live, by)
        sent.published = ordered(free)
    propose(organization, event, touched, live, proposal, by, sent)
    if message and sent.proposal and sent.proposal.is_waiting:
        sent.proposal.message = message
        sent.proposal.save(update_fields=["message", "updated_at"])
    if sent.proposed:
        mail.to_staff(
            "event_to_staff",
            model=EventProposal,
            organization=organization,
            context={
                "by": str(by),
                "title": sent.proposal.title,
                "fields": labels(sent.proposed),
                "message": message,
                "proposal": sent.proposal,
            },
        )
    return sent


def is_said(value):
    """Whether a value of a new event says something."""
    return value not in (None, "", [])


def sent_already(organization, values, by):
    """What waits already of the same author and says the same: a form that was sent twice."""
    mine = EventProposal.objects.waiting().filter(
        organization=organization, is_new=True, proposed_by=by
    )
    for one in mine.prefetch_related("fields"):
        if {field.name: field.proposed for field in one.fields.all()} == values:
            return one
    return None


def publish(organization, event, free, live, by):
    """Write free fields of a public event, and tell the staff."""
    write(event, free)
    PublishedChange.objects.create(
        organization=organization,
        event=event,
        before={name: live[name] for name in free},
        after=free,
        published_by=by,
        published_at=timezone.now(),
    )
    lexicon = EventLexicon()
    mail.to_staff(
        "event_published_to_staff",
        model=PublishedChange,
        organization=organization,
        context={
            "by": str(by),
            "event": event,
            "fields": [
                {"label": FIELDS[name].label, "words": FIELDS[name].words(free[name], lexicon)}
                for name in ordered(free)
            ],
        },
    )


def propose(organization, event, values, live, proposal, by, sent):
    """Put reviewed values in the proposal that waits, a new one if there is none."""

    def make():
        return EventProposal.objects.create(
            organization=organization,
            event=event,
            is_new=event is None,
            proposed_by=by,
            proposed_at=timezone.now(),
        )

    amend(
        sent,
        {name: values[name] for name in ordered(values)},
        live=live,
        proposal=proposal,
        make=make,
        is_back=lambda name, value: value == live[name] if event else not is_said(value),
        image="picture",
        by=by,
    )


def unused_pictures(before):
    """The pictures added before that moment that lead no page, and that nobody asked for."""
    asked = ProposedEventField.objects.filter(picture__isnull=False).values("picture")
    unused = Picture.objects.filter(added_at__lt=before, activities=None, editions=None)
    return unused.exclude(pk__in=asked)


# Staff decide


@transaction.atomic
def decide(*, proposal, choices, shown, version, by):
    """Decide every field of a proposal, and publish what is accepted: {field: `Choice`}.

    Of a new event, the event is made, public at once, and belongs to the organization. `shown` are
    the public values that the reviewer saw and `version` that of the proposal. Raises
    ChangedMeanwhile if either moved since (with the names of the fields, if it is the event),
    NotWaiting if it no longer waits, PermissionDenied if it is not for them to decide, and
    ValidationError {field: [messages]} if a field has no choice or its value cannot stand.
    """
    waiting = may_be_decided(proposal, version, by)
    event = held(waiting.event) if waiting.event_id else Event(posted_for=waiting.organization)
    live = read(event)
    fields = list(waiting.fields.select_related("proposed_by"))
    published = accepted(fields, choices)
    if changed := [name for name in published if live[name] != shown.get(name)]:
        raise ChangedMeanwhile(ordered(changed))
    with pghistory.context(event_proposal=waiting.pk, proposers=[u.pk for u in waiting.proposers]):
        changes = {name: v for name, v in published.items() if v != live[name]}
        if waiting.is_new:
            event.published_at = timezone.now()
        if changes or waiting.is_new:
            write(event, changes)
        for one in fields:
            note_decision(one, choices[one.name], published)
        waiting.event = event
        waiting.state = EventProposal.State.DECIDED
        waiting.decided_at, waiting.decided_by = timezone.now(), by
        waiting.save()
    tell_decision(waiting, fields, by)
    return waiting


@transaction.atomic
def refuse(*, proposal, note, version, by):
    """Refuse the whole of a proposal, and say why. Raises as `decide` does."""
    waiting = may_be_decided(proposal, version, by)
    note = " ".join(note.split())
    if not note:
        raise ValidationError({"refusal": _("Say why: whoever sent it can then mend it.")})
    waiting.refuse(by=by, note=note)
    tell_decision(waiting, [], by)
    return waiting


def tell_decision(proposal, fields, by):
    """One mail to each person who asked for something: what was accepted, refused, and why."""
    lexicon = EventLexicon()
    for user in proposal.proposers:
        if not user.is_active:
            continue
        mail.send(
            "event_decided",
            user.email,
            language=user.language,
            organization=proposal.organization,
            by=by,
            context={
                "proposal": proposal,
                "title": proposal.title,
                "event": proposal.event,
            }
            | decided_in_words(fields, FIELDS, lexicon),
        )


@transaction.atomic
def put_back(change, *, by):
    """Give the free fields of an event what they had before a representative changed them.

    Raises ChangedMeanwhile if one of them was changed again since; put back twice is once.
    """
    change = PublishedChange.objects.select_for_update().get(pk=change.pk)
    if change.reverted_at:
        return change
    event = held(change.event)
    live = read(event)
    if changed := [name for name, value in change.after.items() if live[name] != value]:
        raise ChangedMeanwhile(ordered(changed))
    write(event, change.before)
    change.reverted_at, change.reverted_by = timezone.now(), by
    if not change.seen_at:
        change.seen_at, change.seen_by = change.reverted_at, by
    change.save()
    if change.published_by.is_active:
        mail.send(
            "event_put_back",
            change.published_by.email,
            language=change.published_by.language,
            organization=change.organization,
            by=by,
            context={"event": event, "fields": labels(change.before)},
        )
    return change
