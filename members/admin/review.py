"""What the page of a proposal shows and brings back: one card for each field, and what is chosen.

The page carries, signed, what it showed: the public values and what was asked. When it comes back,
`profile.decide` compares them with what is there; whatever moved meanwhile is shown again, chosen
by nobody, and everything that was typed stays.
"""

import copy
import datetime
from functools import cached_property

from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members import differences
from members.admin.history import last_changes
from members.differences import ADDED, REMOVED, SAME
from members.models import Logo, Organization, ProposedField
from members.profile import FIELDS, Choice, Lexicon, labels, ordered, read
from members.profile import forms as profile_forms
from members.profile.changes import keeping_former_name

ACCEPT, EDIT, REFUSE = "accept", "edit", "refuse"
# The hidden field of the page that says what it showed.
SHOWN = "shown"
# How many empty rows follow those that a correction begins with.
SPARE_ROWS = 2
LONGEST_NOTE = ProposedField._meta.get_field("note").max_length


class Card:
    """One proposed field: what is public, what is asked, and what is chosen about it.

    `live` is the public value; `data` what came back, None when the page opens. `table` has the
    field, and `forms` says how it is typed.
    """

    table, forms = FIELDS, profile_forms
    # The partial of its control, of a kind that the others do not have.
    template = ""

    def __init__(self, asked, organization, live, lexicon, data=None):
        self.asked, self.organization, self.live, self.lexicon = asked, organization, live, lexicon
        self.field = self.table[asked.name]
        self.errors = []
        # (who, when) gave the public value that the proposer had not seen.
        self.who, self.when = "", None
        # What moved since the page was shown, in words.
        self.moved = ""
        if data is None:
            self.choice = "" if self.is_conflict else ACCEPT
            self.note = ""
            self.texts = self.forms.as_typed(self.field, asked.proposed, lexicon)
        else:
            self.choice = data.get(f"{asked.name}-choice", "")
            self.note = data.get(f"{asked.name}-note", "").replace("\0", "").strip()
            self.texts = self.forms.typed(self.field, data)
        # Whether a correction was being written, whatever has to be chosen again.
        self.is_corrected = self.choice == EDIT

    @property
    def name(self):
        return self.asked.name

    @property
    def label(self):
        return capfirst(self.field.label)

    @property
    def lang(self):
        return {"fr": "fr-CA", "en": "en-CA"}.get(self.field.lang, "")

    @property
    def is_conflict(self):
        """Whether the public value changed since the proposer saw it, and not to what they ask."""
        return self.asked.seen != self.live and self.live != self.asked.proposed

    @property
    def is_there_already(self):
        return not self.is_new and self.live == self.asked.proposed

    @property
    def is_new(self):
        """Whether it is asked for something that is not there yet: nothing is compared."""
        return False

    @property
    def asked_words(self):
        return self.field.words(self.asked.proposed, self.lexicon)

    @property
    def is_amended(self):
        """Whether it was asked by someone else, or later, than the proposal itself."""
        proposal = self.asked.proposal
        later = self.asked.proposed_at - proposal.proposed_at > datetime.timedelta(minutes=1)
        return later or self.asked.proposed_by_id != proposal.proposed_by_id

    # What changes

    def between(self, before, after):
        return differences.change(self.field, before, after, self.lexicon)

    @cached_property
    def change(self):
        return self.between(self.live, self.asked.proposed)

    @property
    def old(self):
        """The public text, what would go marked."""
        return [piece for piece in self.change.pieces if piece[0] != ADDED]

    @property
    def new(self):
        """The text that is asked for, what would come marked."""
        return [piece for piece in self.change.pieces if piece[0] != REMOVED]

    @property
    def came(self):
        return [text for what, text in self.change.pieces if what == ADDED]

    @property
    def went(self):
        return [text for what, text in self.change.pieces if what == REMOVED]

    @property
    def stayed(self):
        return [text for what, text in self.change.pieces if what == SAME]

    @property
    def seen_words(self):
        return self.field.words(self.asked.seen, self.lexicon)

    @property
    def seen_logo(self):
        return self.lexicon.logo(self.asked.seen) if self.field.shape == "image" else None

    @property
    def from_seen_to_live(self):
        return self.between(self.asked.seen, self.live)

    @property
    def from_seen_to_asked(self):
        return self.between(self.asked.seen, self.asked.proposed)

    # What was decided

    @property
    def decided_change(self):
        """From what the proposer saw to what was published or, refused, to what they asked for."""
        accepted = self.asked.decision in ("accepted", "edited")
        return self.between(
            self.asked.seen, self.asked.decided if accepted else self.asked.proposed
        )

    # What is typed

    @cached_property
    def form_field(self):
        return self.forms.form_field(self.field, self.organization, self.lexicon)

    @property
    def kind(self):
        """By which sort of control it is corrected."""
        if self.field.shape in ("rows", "image", "several"):
            return self.field.shape
        return "towns" if self.name == "municipality" else "text"

    def text(self, key=""):
        texts = self.texts.get(key or self.name) or [""]
        return texts[0]

    @property
    def control(self):
        """The control in which a text is corrected."""
        attrs = {"id": f"id_{self.name}", "aria-label": self.correction_label}
        if self.lang:
            attrs["lang"] = self.lang
        field = self.form_field
        field.widget.is_required = False
        return field.widget.render(
            self.name, self.text(), {**field.widget_attrs(field.widget), **attrs}
        )

    @property
    def correction_label(self):
        return _("%(field)s, corrected") % {"field": self.label}

    @property
    def towns(self):
        """[(key, name, whether it is chosen)]."""
        return [(key, words, key == self.text()) for key, words in self.form_field.choices]

    @property
    def boxes(self):
        """What may be ticked: what is or was asked first, then all the rest."""
        return self.ticked(True)

    @property
    def other_boxes(self):
        return self.ticked(False)

    def ticked(self, near):
        chosen = set(self.texts.get(self.name, ()))
        at_hand = {str(key) for key in [*self.asked.proposed, *self.live]} | chosen
        return [
            (key, words, key in chosen)
            for key, words in self.forms.choices(self.name, self.lexicon)
            if (key in at_hand) == near
        ]

    @property
    def rows(self):
        """[(place, kind, text)], some of them empty."""
        kinds, texts = (self.texts.get(f"{self.name}_{what}", []) for what in ("kind", "text"))
        filled = [row for row in zip(kinds, texts, strict=False) if row[1].strip()]
        return [
            (place, kind, text)
            for place, (kind, text) in enumerate(filled + [("", "")] * SPARE_ROWS, 1)
        ]

    @property
    def kinds(self):
        return self.field.kinds().items()

    @property
    def alt_fr(self):
        return self.text(f"{self.name}_alt_fr")

    @property
    def alt_en(self):
        return self.text(f"{self.name}_alt_en")

    def cleaned(self, data):
        """The corrected value of the field. Raises ValidationError."""
        field = self.form_field
        value = field.clean(field.widget.value_from_datadict(data, {}, self.name))
        if self.kind == "image" and value and not self.alt_fr.strip():
            raise ValidationError(_("Say in French what the logo shows."))
        return self.field.clean(value)

    def read(self, data):
        """The `Choice` that came back, or None with the reason in `errors`."""
        if len(self.note) > LONGEST_NOTE:
            self.errors.append(
                ngettext(
                    "A note has %(count)d character at most.",
                    "A note has %(count)d characters at most.",
                    LONGEST_NOTE,
                )
                % {"count": LONGEST_NOTE}
            )
        value = None
        if self.choice not in (ACCEPT, EDIT, REFUSE):
            self.errors.append(_("Accept it or refuse it."))
        elif self.choice == EDIT:
            try:
                value = self.cleaned(data)
            except ValidationError as error:
                self.errors += error.messages
        if self.errors:
            return None
        return Choice(
            accepts=self.choice != REFUSE,
            note=" ".join(self.note.split()),
            edits=self.choice == EDIT,
            value=value,
        )

    @property
    def typed_words(self):
        """What was typed besides the choice, in one text: to keep elsewhere."""
        texts = [text for texts in self.texts.values() for text in texts if text]
        return "\n".join(texts) if self.is_corrected else ""


class Review:
    """A proposal beside the profile as the public reads it now; `data` is what came back.

    `accepts_all`: by the button that chooses nothing else, so that nothing was typed. `subject` is
    what the proposal is about, in whose history one reads who changed it.
    """

    card_class = Card
    table, labels, ordered = FIELDS, staticmethod(labels), staticmethod(ordered)
    # The name of the field that is an image, and what its images are.
    image, images = "logo", Logo

    def __init__(self, proposal, data=None, accepts_all=False):
        self.proposal, self.data = proposal, data
        self.organization = Organization.objects.for_profile().get(pk=proposal.organization_id)
        self.read_subject()
        fields = {one.name: one for one in proposal.fields.all() if one.name in self.table}
        self.read_images(fields)
        self.cards = [
            self.card_class(
                fields[name],
                self.organization,
                self.live[name],
                self.lexicon,
                None if accepts_all else data,
            )
            for name in self.ordered(fields)
        ]
        # What is wrong with no field in particular.
        self.errors = []
        self.tell_conflicts()
        if data is not None:
            self.compare()

    def read_subject(self):
        """Find what the proposal is about, as the public reads it, and the words for it."""
        self.subject, self.live, self.lexicon = (
            self.organization,
            read(self.organization),
            Lexicon(),
        )

    def read_images(self, fields):
        """All the images that the cards show: one query."""
        if one := fields.get(self.image):
            keys = {one.seen, one.proposed, one.decided, self.live[self.image]} - {None}
            found = self.images.objects.in_bulk(keys)
            self.lexicon.logos.update({key: found.get(key) for key in keys})

    @property
    def conflicts(self):
        return [card for card in self.cards if card.is_conflict]

    def tell_conflicts(self):
        """Say who changed what the proposer had not seen."""
        if not (self.proposal.is_waiting and self.conflicts):
            return
        wanted = {card.name: self.written_in(card.name) for card in self.conflicts}
        told = last_changes(self.subject, wanted)
        for card in self.conflicts:
            card.who, card.when = told.get(card.name, ("", None))

    # What was shown

    @property
    def salt(self):
        return f"{self.proposal._meta.label_lower}:{self.proposal.pk}"

    @property
    def shown(self):
        """What this page shows, signed, for itself to bring back."""
        state = {
            "version": self.proposal.version,
            "live": {card.name: card.live for card in self.cards},
            "asked": {card.name: card.asked.proposed for card in self.cards},
        }
        return signing.dumps(state, salt=self.salt, compress=True)

    @cached_property
    def seen(self):
        """What the page that came back had shown; nothing if we did not sign it."""
        try:
            return signing.loads(self.data.get(SHOWN, ""), salt=self.salt)
        except signing.BadSignature:
            return {"version": None, "live": {}, "asked": {}}

    def compare(self):
        """Say what moved since the page was shown: those fields are to be chosen again."""
        if self.seen["version"] is None:
            self.errors.append(_("This page did not come back whole. Look at it again."))
        for card in self.cards:
            if card.name not in self.seen["asked"]:
                card.moved = _("Asked meanwhile.")
            elif self.seen["asked"][card.name] != card.asked.proposed:
                card.moved = _("What is asked was changed meanwhile.")
            elif self.seen["live"][card.name] != card.live:
                card.moved = _("What the public reads was changed meanwhile.")
            if card.moved and card.choice != EDIT:
                card.texts = card.forms.as_typed(card.field, card.asked.proposed, self.lexicon)
            if card.moved:
                card.choice = ""
        if gone := self.labels(self.seen["asked"].keys() - set(self.names)):
            self.errors.append(
                _("No longer asked: %(fields)s.") % {"fields": ", ".join(map(str, gone))}
            )

    @property
    def names(self):
        return [card.name for card in self.cards]

    @property
    def has_moved(self):
        """Whether the page that came back had shown something else."""
        return self.seen["version"] != self.proposal.version or any(c.moved for c in self.cards)

    # What is chosen

    def choices(self):
        """{field: Choice}, or None with the reasons beside the fields."""
        found = {card.name: card.read(self.data) for card in self.cards}
        return None if self.is_refused else found

    def all_accepted(self):
        return {card.name: Choice(accepts=True) for card in self.cards}

    def with_words(self, found, by):
        """The same choices; a logo whose words were corrected is another logo."""
        choice = found.get(self.image)
        if choice and choice.edits and choice.value:
            card = next(card for card in self.cards if card.name == self.image)
            image = self.lexicon.logo(choice.value)
            image = image.said_otherwise(alt_fr=card.alt_fr, alt_en=card.alt_en, by=by)
            found = found | {self.image: Choice(True, choice.note, True, image.pk)}
        return found

    @property
    def is_refused(self):
        return bool(self.errors) or any(card.errors for card in self.cards)

    @property
    def problems(self):
        """How many fields are refused."""
        return sum(bool(card.errors) for card in self.cards)

    def refuse(self, error):
        """Show what the model refused beside the field that it is about."""
        told = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        cards = {card.name: card for card in self.cards}
        for name, messages in told.items():
            if name in cards:
                cards[name].errors += messages
            elif name in self.table:
                words = {"field": capfirst(self.table[name].label), "problem": " ".join(messages)}
                self.errors.append(_("%(field)s: %(problem)s") % words)
            else:
                self.errors += messages

    def result(self):
        """{field: value} of what is chosen so far: what a preview shows. A correction that is
        refused is told in its card's `errors`."""
        found = {}
        for card in self.cards:
            if card.choice == ACCEPT:
                found[card.name] = card.asked.proposed
            elif card.choice == EDIT and (choice := card.read(self.data)):
                found[card.name] = choice.value
                if card.name == self.image and choice.value:
                    said = copy.copy(self.lexicon.logo(choice.value))
                    said.alt_fr, said.alt_en = card.alt_fr, card.alt_en
                    self.lexicon.logos[choice.value] = said
        return self.completed(found)

    def completed(self, values):
        """The same values, with those that follow from them."""
        return keeping_former_name(self.organization, values)

    @property
    def typed(self):
        """What was typed, by field: [(label, note, correction)]; for who came too late."""
        told = [(card.label, card.note, card.typed_words) for card in self.cards]
        return [one for one in told if any(one[1:])]

    def written_in(self, name):
        """(model, column) that hold a field of the table; no column for rows."""
        field = self.table[name]
        if field.shape == "rows":
            return field.model, ""
        if field.shape == "several":
            return getattr(Organization, name).through, ""
        return Organization, Organization._meta.get_field(name).column
