import pghistory
from modeltranslation.translator import TranslationOptions, register

from regions.models import Municipality, Region


@register(Region)
class RegionTranslation(TranslationOptions):
    fields = ["name"]
    required_languages = ["fr"]


# Here and not on the classes: a tracker copies the fields it sees, translations included.
for model in (Region, Municipality):
    pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())(
        model
    )
