"""What a representative is writing: their draft, over what the public sees and what waits.

A draft keeps only what they changed, so that the rest follows the public profile. Two pages of the
same draft, in two tabs, say what they showed: each writes only what was changed in it, and a field
that was changed in both is given back, for its author to choose.
"""

import json
from dataclasses import dataclass, field
from functools import cached_property

from django.db import transaction
from django.utils import timezone

from members import documents, logos
from members.models import Logo, NotKept, Organization, ProfileDraft, ProposedField, User
from members.profile import FIELDS, Lexicon, ordered, read
from members.profile.forms import as_typed, keys, typed
from members.space.forms import StepForm, digest

# The longest text of a step that is kept, in characters: many times what fits.
MOST_KEPT = 100_000


class TooLong(Exception):
    """What was sent is much longer than anything that a profile holds."""


def fields_of(step):
    return [one for one in FIELDS.values() if one.step == step]


@dataclass
class Writing:
    """A profile as someone is writing it.

    `organization` is read by `for_profile`; `waiting` are the fields that wait for the staff, by
    name. `live` are the public values, and `start` those that the form begins with: where they
    typed something, what it began with then.
    """

    organization: Organization
    user: object
    draft: ProfileDraft | None
    waiting: dict
    lexicon: Lexicon = field(default_factory=Lexicon)

    def __post_init__(self):
        self.live = read(self.organization)
        kept = {name: self.draft.start[name] for name in self.touched if name in self.draft.start}
        self.start = self.fresh | kept

    @property
    def fresh(self):
        """What a form would begin with now: the public values, and over them what waits."""
        waiting = {name: one.proposed for name, one in self.waiting.items() if name in FIELDS}
        return self.live | waiting

    @property
    def proposal(self):
        """The proposal that waits, or None."""
        return next((one.proposal for one in self.waiting.values()), None)

    @cached_property
    def touched(self):
        """The names of the fields in which something else was typed."""
        if self.draft is None:
            return []
        there = {key for step in self.draft.typed.values() for key in step}
        return [name for name, one in FIELDS.items() if there & set(keys(one))]

    @property
    def moved(self):
        """The fields that they changed and that the public page changed too, since they began."""
        return [
            name
            for name in self.touched
            if name in self.draft.seen and self.draft.seen[name] != self.live[name]
        ]

    def typed(self, step):
        """{key: [texts]} of all the fields of a step."""
        texts = {}
        for one in fields_of(step):
            texts |= self.typed_field(one)
        return texts

    def typed_field(self, one):
        """{key: [texts]} of a field: what they typed, or else what it begins with."""
        if one.name in self.touched:
            kept = self.draft.typed[one.step]
            return {key: kept[key] for key in keys(one)}
        return as_typed(one, self.start[one.name], self.lexicon)

    def shown(self, step):
        """What a page that shows this step says to have shown: {field: digest}."""
        return {one.name: digest(one, self.typed_field(one)) for one in fields_of(step)}

    def form(self, step, data=None):
        """The form of a step, with what is typed in it, or with `data`."""
        return StepForm(self, step, self.typed(step) if data is None else data)

    @cached_property
    def forms(self):
        """{step: form} of the steps in which something was typed."""
        steps = dict.fromkeys(FIELDS[name].step for name in self.touched)
        return {step: self.form(step) for step in steps}

    def values(self):
        """{field: value} of what they wrote, where it is right; elsewhere what it began with."""
        values = dict(self.start)
        for form in self.forms.values():
            form.is_valid()
            values |= form.values()
        return values

    def errors(self):
        """{field: [messages]} of what is wrong in what they wrote, in the table's order."""
        errors = {}
        for form in self.forms.values():
            errors |= {name: list(messages) for name, messages in form.errors.items()}
        return {name: errors[name] for name in ordered(errors)}

    def changes(self):
        """{field: value} of what they changed, in the table's order."""
        values = self.values()
        touched = ordered(self.touched)
        return {name: values[name] for name in touched if values[name] != self.start[name]}


def begin(organization, user, *, locked=False):
    """The `Writing` of someone about an organization: three queries, and one when it waits.

    With `locked`, their draft is held until the end of the transaction.
    """
    drafts = ProfileDraft.objects.filter(organization=organization, user=user)
    if locked:
        drafts = drafts.select_for_update()
    draft = drafts.first()
    waiting = ProposedField.objects.filter(
        proposal__organization=organization, proposal__state="waiting"
    ).select_related("proposal__proposed_by", "proposed_by")
    return Writing(
        organization=Organization.objects.for_profile().get(pk=organization.pk),
        user=user,
        draft=draft,
        waiting={one.name: one for one in waiting},
    )


@dataclass
class Saved:
    """What became of what was sent: what was written, what another tab had changed too, and what
    is wrong with the image that came along (messages)."""

    writing: Writing
    written: list = field(default_factory=list)
    conflicts: dict = field(default_factory=dict)
    refused: list = field(default_factory=list)


@transaction.atomic
def save(*, organization, user, step, data, shown, image=None):
    """Keep in the draft what someone changed in a step, right or wrong; return `Saved`.

    `data` is what their browser sent and `shown` what the page said to have shown. A field that
    another tab changed meanwhile is left as it is there, unless it was not changed here. Raises
    TooLong, and nothing is kept.
    """
    sent = {one.name: typed(one, data) for one in fields_of(step) if was_sent(one, data, shown)}
    if len(json.dumps(sent)) > MOST_KEPT:
        raise TooLong
    # Two saves that would each begin the draft wait for each other here.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    writing = begin(organization, user, locked=True)
    saved = Saved(writing)
    if "logo" in sent:
        saved.refused = prepare_logo(writing, sent["logo"], data, image)
    for name, texts in sent.items():
        mine, there = (
            digest(FIELDS[name], texts),
            digest(FIELDS[name], writing.typed_field(FIELDS[name])),
        )
        if mine in (there, shown.get(name)):
            continue
        if shown.get(name, there) != there:
            saved.conflicts[name] = texts
        else:
            saved.written.append(name)
    if saved.written:
        keep(writing, {name: sent[name] for name in saved.written})
        saved.writing = Writing(
            writing.organization, user, writing.draft, writing.waiting, writing.lexicon
        )
    return saved


def was_sent(one, data, shown):
    """Whether a field was on the page: of boxes that are not ticked, browsers send nothing."""
    if one.shape in ("several", "rows"):
        return one.name in shown
    return all(key in data for key in keys(one))


def keep(writing, sent):
    """Write fields ({name: texts}) in the draft, which begins with the first and ends with the
    last of them."""
    draft = writing.draft or ProfileDraft(
        organization=writing.organization, user=writing.user, seen={}, start={}
    )
    for name, texts in sent.items():
        one = FIELDS[name]
        step = draft.typed.setdefault(one.step, {})
        for key in keys(one):
            step.pop(key, None)
        fresh = writing.fresh[name]
        if digest(one, texts) == digest(one, as_typed(one, fresh, writing.lexicon)):
            draft.seen.pop(name, None)
            draft.start.pop(name, None)
            continue
        step |= texts
        draft.seen.setdefault(name, writing.live[name])
        draft.start.setdefault(name, fresh)
    draft.typed = {step: texts for step, texts in draft.typed.items() if texts}
    if "logo" in sent:
        keep_logo(writing, draft)
    if not draft.typed:
        if draft.pk:
            draft.delete()
        writing.draft = None
        return
    if draft.pk:
        draft.version += 1
    draft.save()
    writing.draft = draft


def take_up(writing, values):
    """Put values of fields ({name: value}) in the draft, over what is typed there."""
    texts = {
        name: as_typed(FIELDS[name], value, writing.lexicon)
        for name, value in values.items()
        if name in FIELDS
    }
    keep(writing, texts)


def prepare_logo(writing, texts, data, image):
    """Turn what was done to the logo into what is kept: the key of an image, and its words.

    A new image is kept at once, so that it need not be sent again. Returns what is wrong with it.
    """
    name = str(writing.organization.name_fr)
    if data.get("logo_remove"):
        for key in texts:
            texts[key] = [""]
    elif image is not None:
        try:
            checked = logos.check(image)
            logo = Logo.keep(
                writing.organization,
                checked,
                alt_fr=texts["logo_alt_fr"][0].strip()[:200] or f"Logo : {name}"[:200],
                alt_en=texts["logo_alt_en"][0].strip()[:200],
                by=writing.user,
            )
        except documents.Refused as refused:
            return refused.messages
        except NotKept as error:
            return [str(error)]
        texts |= as_typed(FIELDS["logo"], logo.pk, writing.lexicon)
    elif texts["logo"] != [""] and not texts["logo_alt_fr"][0].strip():
        texts["logo_alt_fr"] = [f"Logo : {name}"[:200]]
    return []


def keep_logo(writing, draft):
    """Have the draft hold the logo that is typed in it, with its words; a former one of its own,
    that nothing else shows, goes."""
    former, draft.logo = draft.logo, None
    texts = draft.typed.get("logo")
    key = texts["logo"][0] if texts else ""
    if key.isascii() and key.isdecimal():
        logo = Logo.objects.filter(organization=writing.organization, pk=int(key)).first()
        words = texts["logo_alt_fr"][0], texts["logo_alt_en"][0]
        if logo and max(map(len, words)) <= 200:
            logo = logo.said_otherwise(alt_fr=words[0], alt_en=words[1], by=writing.user)
            texts |= as_typed(FIELDS["logo"], logo.pk, writing.lexicon)
        draft.logo = logo
    if former and former.pk not in (draft.logo_id, writing.organization.logo_id):
        if draft.pk:
            ProfileDraft.objects.filter(pk=draft.pk).update(logo=draft.logo)
        if Logo.objects.unused(before=timezone.now()).filter(pk=former.pk).exists():
            former.delete()
