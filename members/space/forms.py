"""The form of a profile, one step at a time: what someone typed, as `members.profile` wants it.

What is typed is kept as the browser sent it ({key: [texts]}), right or wrong; each field of the
table has one key or a few. Nothing is cut: what is too long is told, and kept in the draft.
"""

import hashlib
import json
from dataclasses import dataclass
from dataclasses import field as default

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from members import display, logos
from members.identifiers import check_identifier, normalize_identifier
from members.models import Logo, Organization
from members.profile import FIELDS

# How many rows are empty below those that are filled, and how many more are added at once.
SPARE_ROWS = 1
MORE_ROWS = 3

HELP = {
    "name_fr": gettext_lazy("As it is written in your letters patent or in the register."),
    "name_en": gettext_lazy("Leave it empty if you have none: the French name is shown then."),
    "other_names": gettext_lazy(
        "When your name changes, the former one is added here by itself, so that people find you."
    ),
    "identifiers": gettext_lazy("Spaces do not matter."),
    "summary_fr": gettext_lazy("One or two sentences: what you do, with whom, where."),
    "municipality": gettext_lazy(
        "It is not in the list? Choose the closest one, and tell the staff its name when you send "
        "your changes: they will add it."
    ),
    "postal_code": gettext_lazy("Like H2X 1Y6."),
    "active_regions": gettext_lazy("Besides that of your head office."),
    "phone": gettext_lazy("Like 514 555-0123. The extension has its own field."),
    "social_links": gettext_lazy("The address of your own page, one a network."),
    "themes": gettext_lazy("Those on which you really work: three or four say more than ten."),
    "logo": logos.HELP,
}

WIDGETS = {
    "text": forms.Textarea(attrs={"rows": 9}),
    "summary": forms.Textarea(attrs={"rows": 4}),
    "email": forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    "website": forms.URLInput(attrs={"autocomplete": "url", "spellcheck": "false"}),
    "phone": forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    "phone_extension": forms.TextInput(attrs={"inputmode": "numeric"}),
    "address": forms.TextInput(attrs={"autocomplete": "street-address"}),
    "postal_code": forms.TextInput(attrs={"autocomplete": "postal-code"}),
    "founded_year": forms.TextInput(attrs={"inputmode": "numeric"}),
}


# What is typed


def keys(field):
    """The names of the controls in which a field of the table is typed."""
    if field.shape == "rows":
        return [f"{field.name}_kind", f"{field.name}_text"]
    if field.shape == "image":
        return [field.name, f"{field.name}_alt_fr", f"{field.name}_alt_en"]
    return [field.name]


def typed(field, data):
    """{key: [texts]} of one field in what a browser sent, as it is kept: plain line ends, and no
    sign that the database refuses."""
    return {
        key: [text.replace("\r\n", "\n").replace("\0", "") for text in data.getlist(key)]
        for key in keys(field)
    }


def as_typed(field, value, lexicon):
    """A value of the field as it would have been typed."""
    name = field.name
    if field.shape == "rows":
        return {
            f"{name}_kind": [kind for kind, _text in value],
            f"{name}_text": [field.said(kind, text) for kind, text in value],
        }
    if field.shape == "image":
        logo = lexicon.logo(value)
        return {
            name: [str(value) if logo else ""],
            f"{name}_alt_fr": [logo.alt_fr if logo else ""],
            f"{name}_alt_en": [logo.alt_en if logo else ""],
        }
    if field.shape == "several":
        return {name: [str(key) for key in value]}
    if name == "phone":
        return {name: [display.phone(value).replace(display.NBSP, " ")]}
    if name == "postal_code":
        return {name: [display.postal_code(value).replace(display.NBSP, " ")]}
    return {name: ["" if value is None else str(value)]}


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


# Fields


class PhoneField(forms.CharField):
    """A phone number, given in E.164; one without a country code is North American."""

    def clean(self, value):
        value = super().clean(value)
        if not value:
            return ""
        try:
            number = phonenumbers.parse(value, "CA")
        except phonenumbers.NumberParseException:
            number = None
        if number is None or not phonenumbers.is_valid_number(number):
            raise ValidationError(
                _("This is not a phone number that can be called. Write it like 514 555-0123.")
            )
        if number.extension:
            raise ValidationError(_("Write the extension in its own field."))
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class RowsWidget(forms.Widget):
    """Rows of a choice and a text: [[kind, text], …]."""

    def value_from_datadict(self, data, files, name):
        rows = zip(data.getlist(f"{name}_kind"), data.getlist(f"{name}_text"), strict=False)
        return [list(row) for row in rows]


class RowsField(forms.Field):
    """Rows that are filled, checked one by one; a row without a text is none."""

    widget = RowsWidget

    def __init__(self, row, **kwargs):
        super().__init__(required=False, **kwargs)
        self.row = row
        self.texts = row.model._meta.get_field(row.text).formfield(
            **({"assume_scheme": "https"} if row.text == "url" else {})
        )
        if row.text == "url":
            self.texts.validators.append(URLValidator(schemes=["http", "https"]))

    def clean(self, rows):
        kinds, problems, seen, kept = self.row.kinds(), [], set(), []
        for place, (kind, text) in enumerate(rows, 1):
            if not text.strip():
                continue
            try:
                kept.append(self.clean_row(kind, text, kinds, seen))
            except ValidationError as error:
                problems += [
                    _("Line %(place)d: %(problem)s") % {"place": place, "problem": problem}
                    for problem in error.messages
                ]
        if problems:
            raise ValidationError(problems)
        return kept

    def clean_row(self, kind, text, kinds, seen):
        if kind not in kinds:
            raise ValidationError(_("Choose in the list what it is."))
        if self.row.text == "value":
            text = normalize_identifier(kind, text)
            check_identifier(kind, text)
        text = self.texts.clean(text)
        once = kind if self.row.once == "kind" else " ".join(text.split())
        if once in seen:
            raise ValidationError(_("“%(what)s” is there twice.") % {"what": kinds.get(once, once)})
        seen.add(once)
        return [kind, text]


class ImageWidget(forms.Widget):
    """The logo that is chosen (a key) and its words: (key, French, English)."""

    def value_from_datadict(self, data, files, name):
        return tuple(data.get(key, "") for key in (name, f"{name}_alt_fr", f"{name}_alt_en"))


class ImageField(forms.Field):
    """The key of a logo of this very organization, or None. Its words are kept with it."""

    widget = ImageWidget

    def __init__(self, organization, lexicon, **kwargs):
        super().__init__(required=False, **kwargs)
        self.organization, self.lexicon = organization, lexicon

    def clean(self, value):
        key, alt_fr, alt_en = value
        if not key:
            return None
        logo = self.lexicon.logo(int(key)) if key.isascii() and key.isdecimal() else None
        if logo is None or logo.organization_id != self.organization.pk:
            raise ValidationError(_("This image is no more: send it again."))
        limit = Logo._meta.get_field("alt_fr").max_length
        if max(len(alt_fr), len(alt_en)) > limit:
            raise ValidationError(
                ngettext(
                    "What it shows is said in %(count)d character at most.",
                    "What it shows is said in %(count)d characters at most.",
                    limit,
                )
                % {"count": limit}
            )
        return logo.pk


def form_field(field, organization, lexicon):
    """The Django field that reads a field of the table."""
    name, label = field.name, capfirst(field.label)
    if field.shape == "rows":
        return RowsField(field, label=label)
    if field.shape == "image":
        return ImageField(organization, lexicon, label=label)
    if name in GROUPS:
        return forms.TypedMultipleChoiceField(
            label=label,
            required=False,
            choices=choices(name, lexicon),
            coerce=int if name == "themes" else str,
        )
    if name == "municipality":
        return forms.TypedChoiceField(
            label=label,
            required=False,
            choices=[("", ""), *((str(key), town.name) for key, town in lexicon.towns.items())],
            coerce=int,
            empty_value=None,
        )
    if name == "founded_year":
        return forms.IntegerField(
            label=label,
            required=False,
            min_value=1600,
            max_value=timezone.localdate().year,
            widget=WIDGETS[name],
        )
    model = Organization._meta.get_field(name)
    options = {
        "label": label,
        "required": name == "name_fr",
        "max_length": model.max_length,
        "widget": WIDGETS.get(
            "summary" if name.startswith("summary") else name,
            WIDGETS["text"] if field.shape == "text" else forms.TextInput(),
        ),
    }
    if name == "phone":
        return PhoneField(**options)
    if name == "email":
        return forms.EmailField(**options)
    if name == "website":
        return forms.URLField(
            assume_scheme="https", validators=[URLValidator(schemes=["http", "https"])], **options
        )
    own = model.validators if name in ("postal_code", "phone_extension") else []
    return forms.CharField(validators=[v for v in own if hasattr(v, "regex")], **options)


GROUPS = {"themes": "theme", "countries": "country", "active_regions": "region"}


def choices(name, lexicon):
    """[(key, name)] of what a list of boxes to tick offers, in the order of names."""
    return [(term.key, term.name) for term in lexicon.vocabulary.terms(GROUPS[name])]


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
            "mark": True,
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


def limit(field):
    """How many characters a text may have; None when it has no limit worth saying."""
    if field.shape not in ("line", "text") or not field.lang:
        return None
    return Organization._meta.get_field(field.name).max_length
