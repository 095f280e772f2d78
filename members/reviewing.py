"""What is asked and decided field by field, of a profile and of an event alike.

`members.profile.changes` and `members.happening.changes` say what is particular to each. A `table`
is that of their fields, {name: Field}.
"""

from dataclasses import dataclass, field

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from members.models.proposals import ChangedMeanwhile, Proposal, ProposedValue
from members.permissions import can_decide

DECISION = ProposedValue.Decision


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
    proposal: Proposal | None = None

    def __bool__(self):
        return bool(self.published or self.proposed or self.withdrawn)


def told_by_field(error, table, also=()):
    """What a record's own check refuses, {field: [messages]} by the names of the table.

    `also` are pairs of other names of Django's and the field that each is about.
    """
    owners = {other: name for name, one in table.items() for other in one.also} | dict(also)
    return {
        owners.get(name, name if name in table else NON_FIELD_ERRORS): [
            message for one in errors for message in one.messages
        ]
        for name, errors in error.error_dict.items()
    }


def amend(sent, values, *, live, proposal, make, is_back, image, by):
    """Put reviewed values in the proposal that waits, held; `make` makes one if there is none.

    A value that `is_back(name, value)`, the same as the public's, is no longer asked for. `image`
    is the field whose value is the key of a picture. `sent` is told what came of each.
    """
    waiting = {one.name: one for one in proposal.fields.all()} if proposal else {}
    for name, value in values.items():
        there = waiting.get(name)
        if is_back(name, value):
            if there:
                there.delete()
                sent.withdrawn.append(name)
            continue
        if there and there.proposed == value:
            continue
        proposal = proposal or make()
        proposal.fields.update_or_create(
            name=name,
            defaults={
                "seen": live[name],
                "proposed": value,
                f"{image}_id": value if name == image else None,
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


def may_be_decided(proposal, version, by):
    """The proposal, held. Raises NotWaiting, ChangedMeanwhile or PermissionDenied."""
    waiting = proposal.locked()
    if waiting.version != version:
        raise ChangedMeanwhile
    if not can_decide(by, waiting):
        raise PermissionDenied
    return waiting


def accepted(fields, choices):
    """{field: value} to publish. Raises ValidationError if a proposed field has no choice."""
    if missing := [one.name for one in fields if one.name not in choices]:
        raise ValidationError({name: _("Accept it or refuse it.") for name in missing})
    return {
        one.name: choices[one.name].value if choices[one.name].edits else one.proposed
        for one in fields
        if choices[one.name].accepts
    }


def note_decision(one, choice, published):
    """Write on a proposed field what became of it; `published` are the values that are."""
    one.note = choice.note
    if not choice.accepts:
        one.decision = DECISION.REFUSED
    elif choice.edits and choice.value != one.proposed:
        one.decision, one.decided = DECISION.EDITED, published[one.name]
    else:
        one.decision, one.decided = DECISION.ACCEPTED, one.proposed
    one.save()


def decided_in_words(fields, table, lexicon):
    """What the mail on a decision says of each field, in the table's order."""
    places = list(table)
    return {
        "any_refused": any(one.decision == DECISION.REFUSED for one in fields),
        "fields": [
            {
                "label": table[one.name].label,
                "decision": one.decision,
                "note": one.note,
                "decided": table[one.name].words(one.decided, lexicon)
                if one.decision == DECISION.EDITED
                else [],
            }
            for one in sorted(fields, key=lambda one: places.index(one.name))
        ],
    }
