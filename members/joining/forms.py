"""The steps of an application: what each asks, and what it makes of what was typed.

A step keeps what was typed even when it is wrong (`AdmissionFile.keep`): its form is always read
from what was kept, so that any page shows the same fields, texts and faults.
"""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members import admissions
from members.documents import AttachmentField
from members.identifiers import check_identifier, normalize_identifier
from members.imports.clean import Refused, Words, field_value, split_extension
from members.models import AdmissionFile, Country, CriterionAnswer, Theme
from members.robots import NotRobot
from regions.folding import fold
from regions.models import Municipality

# The longest text that a draft keeps of one field, in characters, and how many of a field.
LONGEST, MOST = 20_000, 300


class StartForm(NotRobot):
    """The address to which the link is sent."""

    email = forms.EmailField(
        label=gettext_lazy("Your professional e-mail address"),
        max_length=254,
        help_text=gettext_lazy(
            "We send you a link there: it opens your application on any device, for 60 days after "
            "the last time you saved something."
        ),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


# Fields


class Line(forms.CharField):
    """Words on one line: line breaks and rows of spaces are one space."""

    def to_python(self, value):
        return " ".join(super().to_python(value).split())


def text(label, longest, *, required=False, rows=0, lang="", help_text="", **attrs):
    """A field for words: one line, or `rows` of them."""
    if lang:
        attrs["lang"] = lang
    widget = forms.Textarea(attrs={"rows": rows, **attrs}) if rows else forms.TextInput(attrs=attrs)
    return (forms.CharField if rows else Line)(
        label=label, max_length=longest, required=required, help_text=help_text, widget=widget
    )


class WebAddress(forms.URLField):
    default_validators = [URLValidator(schemes=["http", "https"])]


class YearField(forms.IntegerField):
    def __init__(self, **kwargs):
        super().__init__(
            min_value=1800,
            widget=forms.TextInput(attrs={"inputmode": "numeric", "size": 6}),
            **kwargs,
        )

    def validate(self, value):
        super().validate(value)
        if value and value > timezone.localdate().year:
            raise ValidationError(_("This year has not come yet."))


# Steps


class Step(forms.Form):
    """One page of the application: `key` names it, `title` says it, `facts` are of the file."""

    key = title = lead = ""
    template = "joining/step.html"
    # What the browser shows side by side: two fields that say the same in two languages.
    pairs = {}

    def __init__(self, file, *args, **kwargs):
        self.file = file
        kwargs.setdefault("auto_id", "id_%s")
        super().__init__(*args, **kwargs)

    @classmethod
    def of(cls, file):
        """The form with what was kept of the step: bound, so that its faults show, once it was."""
        texts = file.typed.get(cls.key)
        if texts is None:
            return cls(file, initial=cls.first(file))
        return cls(file, bound(texts))

    @classmethod
    def first(cls, file):
        """What the fields hold before anything was typed."""
        return {}

    @property
    def state(self):
        """What the list of steps says of it: "new", "wrong" or "done"."""
        if not self.is_bound:
            return "new"
        return "done" if self.is_valid() else "wrong"

    def texts(self, data):
        """What is kept of a request: the step's own fields, as they were typed."""
        return {
            name: [clean_text(one) for one in data.getlist(name)[:MOST]]
            for name in self.fields
            if name in data
        }

    @property
    def facts(self):
        """{column: value} of what was understood; of a valid form."""
        return dict(self.cleaned_data)

    @property
    def rows(self):
        """The fields as they stand on the page: [[field], [field in French, in English], …]."""
        found, seconds = [], set(self.pairs.values())
        for name in self.fields:
            if name in self.pairs:
                found.append([self[name], self[self.pairs[name]]])
            elif name not in seconds:
                found.append([self[name]])
        return found

    @property
    def faults(self):
        """Each fault with the field that it is about: [(id, label, words)]."""
        return [
            (self[name].id_for_label or f"id_{name}", self[name].label, error)
            for name, errors in self.errors.items()
            if name in self.fields
            for error in errors
        ]

    @property
    def said(self):
        """What was typed, to be read again: [(label, texts, language)]."""
        return [
            (field.label, self.shown(field), field.field.widget.attrs.get("lang", ""))
            for field in self
            if not field.is_hidden
        ]

    def shown(self, field):
        """The texts of one field, as people read them."""
        value = field.value()
        choices = dict(getattr(field.field, "choices", ()))
        values = value if isinstance(value, (list, tuple)) else [value]
        return [str(choices.get(one, one)) for one in values if one not in (None, "")]


def bound(texts):
    """Kept texts as a form takes them."""
    data = QueryDict(mutable=True)
    for name, values in texts.items():
        data.setlist(name, values)
    return data


def clean_text(value):
    """A text as the database takes it, cut where no field is that long."""
    return re.sub("[\0\ud800-\udfff]", "", value)[:LONGEST]


class ContactStep(Step):
    key, title = "contact", gettext_lazy("You")
    lead = gettext_lazy("To whom we write about this application: what concerns your work only.")

    contact_name = text(gettext_lazy("Your name"), 150, required=True, autocomplete="name")
    contact_role = text(
        gettext_lazy("Your role in the organization"),
        150,
        required=True,
        autocomplete="organization-title",
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language in which we write to you"),
        choices=AdmissionFile.Language.choices,
        widget=forms.RadioSelect,
    )

    @classmethod
    def first(cls, file):
        return {"language": file.language}


class IdentityStep(Step):
    key, title = "identity", gettext_lazy("Your organization")
    pairs = {"name_fr": "name_en"}

    name_fr = text(gettext_lazy("Name in French"), 200, required=True, lang="fr-CA")
    name_en = text(gettext_lazy("Name in English, if it has one"), 200, lang="en")
    acronym = text(gettext_lazy("Acronym"), 30)
    founded_year = YearField(label=gettext_lazy("Year of foundation"))
    website = WebAddress(
        label=gettext_lazy("Website"),
        max_length=300,
        required=False,
        assume_scheme="https",
        error_messages={"invalid": gettext_lazy("Give a web address, such as www.example.org.")},
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "url"}),
    )
    email = forms.EmailField(
        label=gettext_lazy("Public e-mail address"),
        max_length=254,
        required=False,
        help_text=gettext_lazy("That of the organization, which the directory may show."),
        widget=forms.TextInput(attrs={"inputmode": "email"}),
    )
    phone = text(
        gettext_lazy("Public phone number"),
        60,
        help_text=gettext_lazy("Such as 514 555-0123, ext. 12."),
        inputmode="tel",
    )

    def clean_phone(self):
        """The number, its extension apart in `extension`."""
        number, self.extension = split_extension(self.cleaned_data["phone"])
        if self.extension and len(self.extension) > 8:
            raise ValidationError(_("An extension has eight digits at most."))
        if self.extension and not number:
            raise ValidationError(_("An extension is digits, and goes with a phone number."))
        return field_value("phone", number)

    @property
    def facts(self):
        return {**self.cleaned_data, "phone_extension": self.extension}


class PlaceStep(Step):
    key, title = "place", gettext_lazy("Numbers and place")
    lead = gettext_lazy("What identifies the organization. Leave out the numbers it does not have.")

    neq = text(
        gettext_lazy("Québec enterprise number (NEQ)"),
        30,
        help_text=gettext_lazy("Ten digits, such as 1181440711."),
        inputmode="numeric",
    )
    charity = text(
        gettext_lazy("Charity registration number"),
        30,
        help_text=gettext_lazy("Such as 88780 2981 RR 0001."),
    )
    corporation = text(
        gettext_lazy("Federal corporation number"),
        30,
        help_text=gettext_lazy("Such as 123456-7."),
    )
    address = text(gettext_lazy("Street address of the head office"), 200, required=True)
    town = text(gettext_lazy("Municipality"), 80, required=True, list="towns")
    postal_code = text(
        gettext_lazy("Postal code"), 12, help_text=gettext_lazy("Such as H2X 1Y6."), size=9
    )

    def number(self, scheme):
        value = normalize_identifier(scheme, self.cleaned_data[scheme])
        if value:
            check_identifier(scheme, value)
        return value

    def clean_neq(self):
        return self.number("neq")

    def clean_charity(self):
        return self.number("charity")

    def clean_corporation(self):
        return self.number("corporation")

    def clean_postal_code(self):
        code = re.sub(r"[\s-]", "", self.cleaned_data["postal_code"]).upper()
        return field_value("postal_code", code)

    @property
    def options(self):
        """The municipalities that are known, to be chosen as one types."""
        return [town.name for town in Municipality.objects.defer("latitude", "longitude")]

    @property
    def facts(self):
        """With the municipality of that name, when one only has it."""
        wanted = fold(self.cleaned_data["town"])
        found = [town for town in Municipality.objects.all() if fold(town.name) == wanted]
        return {**self.cleaned_data, "municipality": found[0] if len(found) == 1 else None}


class MissionStep(Step):
    key, title = "mission", gettext_lazy("Mission")
    lead = gettext_lazy(
        "Both languages are welcome, and one is enough: French is what the directory shows first."
    )
    pairs = {"mission_fr": "mission_en", "summary_fr": "summary_en"}

    mission_fr = text(
        gettext_lazy("Mission in French"),
        4000,
        rows=9,
        lang="fr-CA",
        help_text=gettext_lazy("4000 characters at most."),
    )
    mission_en = text(
        gettext_lazy("Mission in English"),
        4000,
        rows=9,
        lang="en",
        help_text=gettext_lazy("4000 characters at most."),
    )
    summary_fr = text(
        gettext_lazy("In a sentence or two, in French"),
        400,
        rows=3,
        lang="fr-CA",
        help_text=gettext_lazy("400 characters at most: what the lists show."),
    )
    summary_en = text(
        gettext_lazy("In a sentence or two, in English"),
        400,
        rows=3,
        lang="en",
        help_text=gettext_lazy("400 characters at most: what the lists show."),
    )
    why = text(
        gettext_lazy("Why do you wish to become a member?"),
        3000,
        required=True,
        rows=6,
        help_text=gettext_lazy(
            "3000 characters at most. Read by staff, the board and nobody else."
        ),
    )

    def clean(self):
        cleaned = super().clean()
        typed = cleaned.get("mission_fr") or cleaned.get("mission_en")
        if not typed and not {"mission_fr", "mission_en"} & self.errors.keys():
            self.add_error("mission_fr", _("Give the mission in French or in English."))
        return cleaned


class ThemesStep(Step):
    key, title = "themes", gettext_lazy("Themes and countries")
    template = "joining/themes.html"

    themes = forms.ModelMultipleChoiceField(
        Theme.objects.all(),
        label=gettext_lazy("What does it work on?"),
        widget=forms.CheckboxSelectMultiple,
    )
    countries = forms.MultipleChoiceField(
        label=gettext_lazy("Countries where it works"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    country = text(
        gettext_lazy("Add countries"),
        2000,
        list="countries",
        help_text=gettext_lazy("Their names, with commas between them; then press Add."),
        autocomplete="off",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["countries"].choices = [
            (country.code, country.name) for country in self.every_country
        ]

    @cached_property
    def every_country(self):
        return sorted(Country.objects.all(), key=lambda country: fold(country.name))

    def texts(self, data):
        """Names that are known go among the countries at once; what is left is what is not."""
        kept = super().texts(data)
        words, left = Words(self.every_country, key="code"), []
        for name in re.split(r"[,;\n]", " ".join(kept.pop("country", []))):
            if not name.strip():
                continue
            try:
                code = words.one(name.strip())
            except Refused:
                left.append(name.strip())
            else:
                kept["countries"] = [*kept.get("countries", []), code]
        kept["countries"] = list(dict.fromkeys(kept.get("countries", [])))
        return {**kept, "country": [", ".join(left)]}

    def clean_country(self):
        if unknown := self.cleaned_data["country"]:
            raise ValidationError(
                _("Not known: %(names)s. Choose the name from the list, or leave it out.")
                % {"names": unknown}
            )
        return ""

    @property
    def chosen(self):
        """The countries that are chosen, as boxes to untick: [(code, name)]."""
        codes = set(self["countries"].value() or ())
        return [
            (country.code, country.name) for country in self.every_country if country.code in codes
        ]

    @property
    def options(self):
        return [country.name for country in self.every_country]

    def shown(self, field):
        if field.name == "countries":
            return [name for _code, name in self.chosen]
        if field.name == "themes":
            keys = {str(key) for key in field.value() or ()}
            return [theme.name for theme in field.field.queryset if str(theme.pk) in keys]
        return super().shown(field)

    @property
    def said(self):
        return [row for row in super().said if row[1] or row[0] != self.fields["country"].label]

    @property
    def facts(self):
        return {}

    @property
    def relations(self):
        codes = set(self.cleaned_data["countries"])
        return {
            "themes": list(self.cleaned_data["themes"]),
            "countries": [country for country in self.every_country if country.code in codes],
        }


class CriteriaStep(Step):
    key, title = "criteria", gettext_lazy("Criteria")
    lead = gettext_lazy(
        "A “no” is not a refusal: explain it, and the people who read your application will see."
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.criteria = list(admissions.criteria())
        for criterion in self.criteria:
            self.fields[f"said_{criterion.pk}"] = forms.ChoiceField(
                label=criterion.text,
                help_text=criterion.help,
                choices=CriterionAnswer.Said.choices,
                widget=forms.RadioSelect,
            )
            self.fields[f"explanation_{criterion.pk}"] = text(
                _("Explanation, if one is needed"), 2000, rows=2
            )

    def clean(self):
        cleaned = super().clean()
        for criterion in self.criteria:
            name = f"explanation_{criterion.pk}"
            said_no = cleaned.get(f"said_{criterion.pk}") == "no"
            if said_no and not cleaned.get(name) and name not in self.errors:
                self.add_error(name, _("Explain the answer “no”."))
        return cleaned

    @property
    def facts(self):
        return {}

    @property
    def answers(self):
        """What was answered, as unsaved rows."""
        return [
            CriterionAnswer(
                criterion=criterion,
                asked=criterion.text,
                said=self.cleaned_data[f"said_{criterion.pk}"],
                explanation=self.cleaned_data[f"explanation_{criterion.pk}"],
            )
            for criterion in self.criteria
        ]


STEPS = {
    step.key: step
    for step in (
        ContactStep,
        IdentityStep,
        PlaceStep,
        MissionStep,
        ThemesStep,
        CriteriaStep,
    )
}


class DocumentsForm(forms.Form):
    """Files to join to the application."""

    files = AttachmentField(required=True, label=gettext_lazy("Files to add"))


class SendForm(forms.Form):
    """What one says by sending."""

    is_true = forms.BooleanField(
        label=gettext_lazy("What is written here is true, and I may speak for the organization.")
    )
    may_write = forms.BooleanField(
        label=gettext_lazy(
            "I have read how this information is used, and agree to be written to about this "
            "application."
        )
    )


class AnswerForm(forms.Form):
    """The answer to what staff asked: words, files, or both."""

    text = forms.CharField(
        label=gettext_lazy("Your answer"),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    files = AttachmentField(required=False, label=gettext_lazy("Files to add"))

    def clean(self):
        cleaned = super().clean()
        if not self.errors and not cleaned["text"] and not cleaned["files"]:
            raise ValidationError(_("Write an answer, or choose a file."))
        return cleaned


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why, if you wish to say it"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
