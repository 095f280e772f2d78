"""Which fields exist in French and in English, and which models keep their history.

The history is declared here because it must come after the translation: `pghistory.track` copies
the fields it sees, and a class decorator would run before `_fr` and `_en` exist.
"""

import pghistory
from modeltranslation.translator import TranslationOptions, register

from members.models import (
    Country,
    Identifier,
    Membership,
    Organization,
    OtherName,
    Theme,
)


@register(Theme)
class ThemeTranslation(TranslationOptions):
    fields = ["name"]
    required_languages = ["fr"]


@register(Country)
class CountryTranslation(TranslationOptions):
    fields = ["name"]
    required_languages = ["fr"]


@register(Organization)
class OrganizationTranslation(TranslationOptions):
    fields = ["name", "summary", "mission"]
    required_languages = {"fr": ["name"]}


for model in (Organization, OtherName, Identifier, Membership, Theme):
    pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())(
        model
    )
