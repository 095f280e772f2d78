"""Themes and countries, from the files in `data/` and the CLDR, and the first words of the lists
that staff word themselves; see `load`."""

from pathlib import Path

from babel import Locale
from django.db import transaction

from members.models import AdmissionCriterion, Country, Theme, WelcomeStep
from regions.reference import bring, read

DATA = Path(__file__).resolve().parent / "data"

# Two-letter codes of the CLDR that ISO 3166-1 does not assign: reserved ones, groupings, private.
NOT_ISO = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"}


def themes():
    """The network's themes, unsaved."""
    for row in read(DATA / "themes.csv"):
        yield Theme(
            slug=row["slug"],
            name_fr=row["name_fr"],
            name_en=row["name_en"],
            sdgs=[int(goal) for goal in row["sdgs"].split(";") if goal],
            dac_codes=[code for code in row["dac_codes"].split(";") if code],
            other_names=row["other_names"],
        )


def countries():
    """The 249 countries and territories of ISO 3166-1, unsaved.

    Names are the CLDR's (French of Canada, English), unless country_names.csv has a better one.
    """
    french, english = Locale("fr", "CA").territories, Locale("en").territories
    better = {row["code"]: row for row in read(DATA / "country_names.csv")}
    for code in sorted(french):
        if len(code) == 2 and code.isalpha() and code not in NOT_ISO:
            row = better.get(code, {})
            yield Country(
                code=code,
                name_fr=row.get("name_fr") or capitalized(french[code]),
                name_en=row.get("name_en") or capitalized(english[code]),
                other_names=row.get("other_names", ""),
            )


def capitalized(name):
    """`name` with a capital first letter, the rest as it is, and a typographic apostrophe."""
    return (name[:1].upper() + name[1:]).replace("'", "’")


def begin(model, name):
    """Add the lines of a file to a list that has none yet; (added, updated).

    From then on the list is worded by staff, and nothing here touches it.
    """
    if model.objects.exists():
        return 0, 0
    lines = [model(order=place, **row) for place, row in enumerate(read(DATA / name), start=1)]
    model.objects.bulk_create(lines)
    return len(lines), 0


@transaction.atomic
def load():
    """Bring themes and countries up to these files; {model: (added, updated)}.

    A second run writes nothing. A theme or country that is no longer there stays, since records
    may point to it. The criteria of admission (those that the association publishes) and the
    welcome list are begun, once.
    """
    return {
        Theme: bring(Theme, themes(), key=lambda theme: theme.slug),
        Country: bring(Country, countries(), key=lambda country: country.code),
        AdmissionCriterion: begin(AdmissionCriterion, "admission_criteria.csv"),
        WelcomeStep: begin(WelcomeStep, "welcome_steps.csv"),
    }
