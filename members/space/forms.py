"""The form of a profile, one step at a time: what someone typed, as `members.profile` wants it.

What is typed is kept as the browser sent it ({key: [texts]}), right or wrong; each field of the
table has one key or a few. Nothing is cut: what is too long is told, and kept in the draft.
"""

import hashlib
import json
from dataclasses import dataclass
from dataclasses import field as default

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from members.profile import FIELDS
from members.profile.forms import HELP, form_field, keys, limit

# How many rows are empty below those that are filled, and how many more are added at once.
SPARE_ROWS = 1
MORE_ROWS = 3


def digest(field, texts):
    """A short text that is the same when two people would say that the same thing is typed."""
    if field.shape == "rows":
        kinds, values = (texts.get(key, []) for key in keys(field))
        said = sorted(
            [kind, " ".join(text.split())]
            for kind, text in zip(kinds, values, strict=False)
            if text.strip()
        )
    elif field.shape == "several":
        said = sorted(texts.get(field.name, []))
    elif field.shape == "text":
        said = [text.strip() for text in texts.get(field.name, [])]
    else:
        said = [" ".join(text.split()) for key in keys(field) for text in texts.get(key) or [""]]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]


# The form


@dataclass
class Box:
    """One field of the form as the page shows it."""

    field: object
    bound: object
    help: str
    errors: list
    limit: int | None
    waits: object = None
    other: list = default(default_factory=list)
    rows: list = default(default_factory=list)
    # Whether it says if it is public at once.
    is_marked: bool = True

    @property
    def name(self):
        return self.field.name

    @property
    def id(self):
        return f"id_{self.field.name}"

    @property
    def kind(self):
        """By which partial it is shown."""
        if self.field.shape in ("rows", "image"):
            return self.field.shape
        if self.field.name == "municipality":
            return "towns"
        return "several" if self.field.shape == "several" else "text"

    @property
    def label(self):
        return self.bound.label

    @property
    def why(self):
        return self.field.why

    @property
    def value(self):
        """What is typed, to be shown again."""
        return self.bound.value() or ""

    @property
    def described_by(self):
        """The ids of what is said of it besides its label."""
        about = {
            "other": self.other,
            "error": self.errors,
            "help": self.help or self.why,
            "limit": self.limit,
            "mark": self.is_marked,
        }
        return " ".join(f"{self.id}_{what}" for what, there in about.items() if there)

    @property
    def left(self):
        """How many characters are left; negative when there are too many."""
        return self.limit - len(self.value.strip()) if self.limit else None

    @property
    def lang(self):
        return {"fr": "fr-CA", "en": "en-CA"}.get(self.field.lang, "")

    @property
    def control(self):
        """The text control itself, with its attributes."""
        attrs = {"id": self.id, "aria-describedby": self.described_by}
        if self.lang:
            attrs["lang"] = self.lang
        if self.errors:
            attrs["aria-invalid"] = "true"
        if self.limit:
            attrs["data-limit"] = self.limit
        return self.bound.as_widget(attrs=attrs)

    @property
    def chosen(self):
        """The keys that are ticked or selected, as texts."""
        value = self.value
        return {str(key) for key in (value if isinstance(value, list) else [value])}


class StepForm(forms.Form):
    """One step of the form of a profile.

    `writing` is what is being written (`members.space.drafts.Writing`); `data` what is typed in
    this step, {key: [texts]}. Valid or not, it says all that may be said of what is typed.
    """

    use_required_attribute = False

    def __init__(self, writing, step, data):
        super().__init__(MultiValueDict(data))
        self.writing, self.step = writing, step
        self.table = [field for field in FIELDS.values() if field.step == step]
        for field in self.table:
            self.fields[field.name] = form_field(field, writing.organization, writing.lexicon)
            # Browsers would cut what is pasted without a word; we say how much is too much.
            self.fields[field.name].widget.attrs.pop("maxlength", None)

    def clean(self):
        self.check_languages()
        cleaned, organization = self.cleaned_data, self.writing.organization
        if cleaned.get("phone_extension") and "phone" in cleaned and not cleaned["phone"]:
            self.add_error("phone_extension", _("An extension goes with a phone number."))
        founded, closed = cleaned.get("founded_year"), organization.closed_year
        if founded and closed and founded > closed:
            self.add_error("founded_year", _("The organization closed before it was founded."))
        return cleaned

    def check_languages(self):
        """What is said in English alone, or twice the same, would mislead; what was so already, and
        nobody touched, stays."""
        for name in [name for name in self.fields if name.endswith("_fr")]:
            other = name.removesuffix("_fr") + "_en"
            french, english = self.cleaned_data.get(name), self.cleaned_data.get(other)
            start = self.writing.start
            if not english or [french, english] == [start[name], start[other]]:
                continue
            if name in self.cleaned_data and not french:
                self.add_error(name, _("Say it in French too: English comes beside it."))
            elif name != "name_fr" and french == english:
                self.add_error(
                    other,
                    _(
                        "It is the same text as in French. Leave it empty instead: the French one "
                        "is shown, and said to be in French."
                    ),
                )

    def values(self):
        """{field: value} of what is right."""
        return {
            name: FIELDS[name].clean(value)
            for name, value in self.cleaned_data.items()
            if name not in self.errors
        }

    def boxes(self, more="", others=None):
        """Its fields as the page shows them; with more rows in the field `more`; `others` are what
        another tab wrote of a field, in words."""
        return [
            Box(
                field=field,
                bound=self[field.name],
                help=HELP.get(field.name, ""),
                errors=list(self.errors.get(field.name, [])),
                limit=limit(field),
                waits=self.writing.waiting.get(field.name),
                other=(others or {}).get(field.name, []),
                rows=self.rows(field, more == field.name) if field.shape == "rows" else [],
            )
            for field in self.table
        ]

    def rows(self, field, more):
        """The rows of a field to be shown, some of them empty: [(place, kind, text)]."""
        filled = [row for row in self[field.name].value() if row[1].strip() or row[0]]
        spare = MORE_ROWS if more else SPARE_ROWS
        return [
            (place, kind, text) for place, (kind, text) in enumerate(filled + [["", ""]] * spare, 1)
        ]
