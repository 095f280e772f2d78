"""The steps of the profile’s form in addresses: in the language of the page, either one is read."""

from django.utils.translation import override, pgettext_lazy

from members.profile import STEPS

# msgctxt "address": words that make an address, without accents or spaces.
SLUGS = {
    "identity": pgettext_lazy("address", "names"),
    "presentation": pgettext_lazy("address", "presentation"),
    "contact": pgettext_lazy("address", "place-and-contact"),
    "themes": pgettext_lazy("address", "themes-and-countries"),
    "logo": pgettext_lazy("address", "logo"),
}
FIRST = next(iter(STEPS))
ORDER = list(STEPS)


def after(step):
    """The step that follows, or None after the last."""
    place = ORDER.index(step) + 1
    return ORDER[place] if place < len(ORDER) else None


def before(step):
    """The step that comes before, or None before the first."""
    place = ORDER.index(step)
    return ORDER[place - 1] if place else None


class StepConverter:
    """A step in an address."""

    regex = "[a-z-]+"

    def to_python(self, value):
        for language in ("fr", "en"):
            with override(language):
                for step, slug in SLUGS.items():
                    if str(slug) == value:
                        return step
        raise ValueError

    def to_url(self, step):
        if step not in SLUGS:
            raise ValueError
        return str(SLUGS[step])
