"""Which parts of a profile are there: the one list of what a complete profile has."""

from dataclasses import dataclass

from django.contrib.postgres.fields import ArrayField
from django.db.models import Case, Func, Q, TextField, Value, When

from members.profile.fields import FIELDS, Field


@dataclass(frozen=True)
class Part:
    """A part of a profile: the field that holds it, which says why it matters, and the condition
    that it is missing."""

    field: Field
    missing: Q

    @property
    def label(self):
        return self.field.label


def text(name):
    """A part that is a text, or an address."""
    return Part(FIELDS[name], Q(**{f"{name}__isnull": True}) | Q(**{name: ""}))


# In the order in which they matter.
PROFILE = {
    "summary": text("summary_fr"),
    "mission": text("mission_fr"),
    "themes": Part(FIELDS["themes"], Q(entry__themes=[])),
    "countries": Part(FIELDS["countries"], Q(entry__countries=[])),
    "municipality": Part(FIELDS["municipality"], Q(municipality__isnull=True)),
    "website": text("website"),
    "email": text("email"),
    "phone": text("phone"),
    "summary_en": text("summary_en"),
    "mission_en": text("mission_en"),
}

INCOMPLETE = Q(*(part.missing for part in PROFILE.values()), _connector=Q.OR)


def missing():
    """An annotation for organizations: the keys of PROFILE that theirs lacks, as a list."""
    keys = [
        Case(When(part.missing, then=Value(key)), output_field=TextField())
        for key, part in PROFILE.items()
    ]
    gathered = Func(*keys, function="ARRAY", template="%(function)s[%(expressions)s]")
    return Func(
        gathered,
        Value(None, TextField()),
        function="array_remove",
        output_field=ArrayField(TextField()),
    )


def percentage(missing_keys):
    """How complete a profile is, from 0 to 100, given the keys it lacks."""
    return round(100 * (len(PROFILE) - len(missing_keys)) / len(PROFILE))


def labels(missing_keys):
    """The names of the parts that are missing, in their order."""
    return [str(PROFILE[key].label) for key in missing_keys]


def parts(missing_keys):
    """The parts that are missing, in the order in which they matter."""
    return [part for key, part in PROFILE.items() if key in missing_keys]
