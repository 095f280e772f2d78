"""Which parts of a profile are there: the one list of what a complete profile has."""

from django.contrib.postgres.fields import ArrayField
from django.db.models import Case, Func, Q, TextField, Value, When
from django.utils.translation import gettext_lazy as _

# key: (what it is, the condition that it is missing), in the order in which they matter.
PROFILE = {
    "summary": (_("summary in French"), Q(summary_fr__isnull=True) | Q(summary_fr="")),
    "mission": (_("mission in French"), Q(mission_fr__isnull=True) | Q(mission_fr="")),
    "themes": (_("themes"), Q(entry__themes=[])),
    "countries": (_("countries of action"), Q(entry__countries=[])),
    "municipality": (_("municipality of the head office"), Q(municipality__isnull=True)),
    "website": (_("website"), Q(website="")),
    "email": (_("public e-mail address"), Q(email="")),
    "phone": (_("public phone number"), Q(phone="")),
    "summary_en": (_("summary in English"), Q(summary_en__isnull=True) | Q(summary_en="")),
    "mission_en": (_("mission in English"), Q(mission_en__isnull=True) | Q(mission_en="")),
}

INCOMPLETE = Q(*(condition for _label, condition in PROFILE.values()), _connector=Q.OR)


def missing():
    """An annotation for organizations: the keys of PROFILE that theirs lacks, as a list."""
    keys = [
        Case(When(condition, then=Value(key)), output_field=TextField())
        for key, (_label, condition) in PROFILE.items()
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
    return [str(PROFILE[key][0]) for key in missing_keys]
