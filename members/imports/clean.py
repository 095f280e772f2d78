"""The texts of a row as values that the models accept, or the reasons why they do not.

There is no rule here of what is valid: that is for the models' fields, their validators and
`identifiers`. What is here is how people write it: a country by its name, « poste 12 », region 6.
"""

import re
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db.models import TextField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override, pgettext_lazy

from members.columns import BY_KEY, split
from members.identifiers import check_identifier, normalize_identifier
from members.imports.rows import Problem, Refused
from members.models import Country, Membership, Organization, OtherName, Theme
from regions.folding import fold
from regions.models import Municipality, Region

# Column → the field of Organization that holds it as it is.
FIELDS = {
    "name_fr": "name_fr",
    "name_en": "name_en",
    "acronym": "acronym",
    "slug": "slug",
    "address": "address",
    "postal_code": "postal_code",
    "website": "website",
    "email": "email",
    "phone": "phone",
    "year_founded": "founded_year",
    "closed_year": "closed_year",
    "summary_fr": "summary_fr",
    "summary_en": "summary_en",
    "mission_fr": "mission_fr",
    "mission_en": "mission_en",
    "source": "source_url",
    "as_of": "as_of",
    "last_confirmed_on": "last_confirmed_on",
}
# Column → the register of its number.
REGISTERS = {"neq": "neq", "charity_number": "charity", "corporation_number": "corporation"}

# What the membership column may say, and what is said of the same by older lists.
MEMBERSHIPS = {
    "confirmed": gettext_lazy("confirmed"),
    "unverified": gettext_lazy("to be confirmed"),
    "former": gettext_lazy("former member"),
    "none": pgettext_lazy("membership", "none"),
}
OTHER_WORDS = {"inferred": "unverified"}

EXTENSION = re.compile(
    r"[\s,;]*(?<![a-z])(?:poste?|p|ext|extension|x|#)[\s.:#]*(\d+)$", re.IGNORECASE
)


@dataclass
class Cleaned:
    """A row's meaning: `values` as the columns print them, `fields` of the organization to set."""

    values: dict = field(default_factory=dict)
    fields: dict = field(default_factory=dict)
    problems: list = field(default_factory=list)


class Cleaner:
    """Reads rows with the vocabulary as it stands: four queries when made, none a row."""

    def __init__(self):
        with override("fr"):
            themes = list(Theme.objects.all())
            countries = list(Country.objects.all())
            regions = list(Region.objects.all())
        self.themes = Words(themes, key="slug")
        self.countries = Words(countries, key="code")
        self.regions = Words(regions, key="code")
        self.theme_ids = {theme.slug: theme.pk for theme in themes}
        self.region_names = {region.code: region.name_fr for region in regions}
        self.towns = {}
        for town in Municipality.objects.defer("sort_name"):
            self.towns.setdefault(fold(town.name), {})[town.region_id] = town
        self.memberships = {fold(key): key for key in MEMBERSHIPS} | OTHER_WORDS
        self.kinds = {kind.value: kind.value for kind in OtherName.Kind}
        for language in ("fr", "en"):
            with override(language):
                self.memberships |= {fold(str(word)): key for key, word in MEMBERSHIPS.items()}
                self.kinds |= {fold(str(kind.label)): kind.value for kind in OtherName.Kind}

    def clean(self, cells):
        """The `Cleaned` of {column key: text}; texts that are empty are to be left out."""
        cleaned = Cleaned()
        if "region" in cells:
            region = cells["region"]
            cells = {key: text for key, text in cells.items() if key != "region"}
            cells.setdefault("region_code", region)
        for key, text in cells.items():
            try:
                self.clean_cell(key, text, cleaned)
            except Refused as refusal:
                cleaned.problems.append(Problem(key, text, str(refusal)))
            except ValidationError as error:
                cleaned.problems.append(Problem(key, text, " ".join(error.messages)))
        self.settle(cleaned)
        if not cleaned.problems or {"city", "region_code"} & cells.keys():
            try:
                self.place(cells, cleaned)
            except Refused as refusal:
                key = "city" if "city" in cells else "region_code"
                if not any(problem.column == key for problem in cleaned.problems):
                    cleaned.problems.append(Problem(key, cells[key], str(refusal)))
        return cleaned

    def clean_cell(self, key, text, cleaned):
        """Write one cell's meaning into `cleaned`; raise Refused or ValidationError."""
        values = cleaned.values
        if key == "phone":
            number, extension = split_extension(text)
            cleaned.fields["phone"] = field_value("phone", number)
            cleaned.fields["phone_extension"] = field_value("phone_extension", extension)
        elif key in FIELDS:
            cleaned.fields[FIELDS[key]] = field_value(FIELDS[key], text)
        elif key in REGISTERS:
            number = normalize_identifier(REGISTERS[key], text)
            check_identifier(REGISTERS[key], number)
            values[key] = number
        elif key == "themes":
            values[key] = self.themes.several(text)
        elif key == "countries":
            values[key] = self.countries.several(text)
        elif key == "active_regions":
            values[key] = self.regions.several(text)
        elif key == "region_code":
            values[key] = self.regions.one(text)
        elif key == "other_names":
            values[key] = [self.other_name(item) for item in split(text)]
        elif key == "membership":
            if fold(text) not in self.memberships:
                raise Refused(_("Write confirmed, unverified, former or none."))
            values[key] = self.memberships[fold(text)]
        elif key == "member_source":
            values[key] = Membership._meta.get_field("source_url").clean(text, None)

    def settle(self, cleaned):
        """Let the model write its fields the one way they are stored, and print them so."""
        if cleaned.fields:
            scratch = Organization(**({"slug": "-"} | cleaned.fields))
            scratch.normalize()
            for name in cleaned.fields:
                cleaned.fields[name] = getattr(scratch, name)
            for key, name in FIELDS.items():
                if name in cleaned.fields:
                    cleaned.values[key] = BY_KEY[key].value(scratch)
            cleaned.fields.pop("slug", None)  # it says which organization; no import changes it

    def place(self, cells, cleaned):
        """Find the head office's municipality and region, each from the other where it can be.

        A municipality that we do not know is a new one if its region is given.
        """
        city = " ".join(cells.get("city", "").split())
        region = cleaned.values.get("region_code")
        if "region_code" in cells and region is None:
            return  # its own problem is already told
        if city:
            known = self.towns.setdefault(fold(city), {})
            if not fold(city):
                raise Refused(_("This is not the name of a municipality."))
            if region is None:
                if not known:
                    raise Refused(
                        _("This municipality is not known: give its region in “region_code”.")
                    )
                if len(known) > 1:
                    raise Refused(
                        _("Several regions have this municipality: give “region_code” (%(codes)s).")
                        % {"codes": ", ".join(sorted(known))}
                    )
                region = next(iter(known))
            elif known and region not in known:
                raise Refused(
                    _("This municipality is in region %(known)s, not in %(given)s.")
                    % {
                        "known": ", ".join(
                            f"{code} {self.region_names[code]}" for code in sorted(known)
                        ),
                        "given": f"{region} {self.region_names[region]}",
                    }
                )
            if region not in known:
                town = Municipality(name=city, region_id=region)
                try:
                    town.clean_fields()
                except ValidationError as error:
                    raise Refused(" ".join(error.messages)) from None
                known[region] = town
            cleaned.values["city"] = known[region].name
            cleaned.fields["municipality"] = known[region]
        if region:
            cleaned.values["region_code"] = region
            cleaned.fields["region_id"] = region

    def other_name(self, item):
        """`kind:name` from what was written; a name without a kind is a former one."""
        kind, colon, name = item.partition(":")
        kind = self.kinds.get(fold(kind)) if colon else None
        name = " ".join((name if kind else item).split())
        if len(name) > OtherName._meta.get_field("name").max_length or not fold(name):
            raise Refused(_("“%(name)s” cannot be another name.") % {"name": name})
        return f"{kind or OtherName.Kind.FORMER.value}:{name}"


class Words:
    """Finds records of a vocabulary by their key or by a name in either language."""

    def __init__(self, records, key):
        self.known, self.also = {}, {}
        for record in records:
            value = getattr(record, key)
            for name in (value, record.name_fr, record.name_en):
                if name:
                    self.known.setdefault(fold(name), set()).add(value)
            for name in getattr(record, "other_names", "").split(";"):
                if fold(name):
                    self.also.setdefault(fold(name), set()).add(value)

    def one(self, text):
        """The key of the record that `text` means; Refused if none, or more than one, does."""
        folded = fold(text)
        if folded.isdigit():
            folded = folded.zfill(2)  # a spreadsheet makes 6 of 06
        found = self.known.get(folded) or self.also.get(folded)
        if not found:
            raise Refused(_("“%(value)s” is not known.") % {"value": text})
        if len(found) > 1:
            raise Refused(
                _("“%(value)s” may be any of these: %(keys)s.")
                % {"value": text, "keys": ", ".join(sorted(found))}
            )
        return next(iter(found))

    def several(self, text):
        """The keys that a list means; commas and line breaks also separate, outside names."""
        keys = []
        for item in split(re.sub(r"[|\n]", ";", text)):
            whole = fold(item) in self.known or fold(item) in self.also
            for part in [item] if whole else item.split(","):
                if part.strip():
                    keys.append(self.one(part.strip()))
        return list(dict.fromkeys(keys))


def field_value(name, text, model=Organization):
    """`text` as the value of the model's field, checked by its validators."""
    field = model._meta.get_field(name)
    if not isinstance(field, TextField):
        return field.clean(" ".join(text.split()), None)
    value = field.clean(text, None)
    MaxLengthValidator(field.max_length)(value)  # which a model leaves to its forms
    return value


def split_extension(text):
    """(number, extension) of a phone number as people write it: « 514 555-0111, poste 12 »."""
    if match := EXTENSION.search(text):
        return text[: match.start()], match[1]
    return text, ""
