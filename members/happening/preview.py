"""An event as it would be, from its values: to be read again before it is sent or accepted."""

from dataclasses import dataclass, field

from django.utils.text import capfirst

from members import markdown
from members.happening.fields import FIELDS, ordered, shown_title


@dataclass
class Said:
    """One thing that an event says: its `words`, or `html` made of its text."""

    label: str
    words: list = field(default_factory=list)
    html: str = ""
    lang: str = ""


# Said in one piece at the top, or beside what they go with.
ELSEWHERE = {"title_fr", "title_en", "picture", "status"}


def shown(values, lexicon):
    """What an event of these values would say, in the current language:
    {title, picture, said: [`Said`]}; what is empty is left out."""
    found = []
    for name in ordered(values):
        one, value = FIELDS.get(name), values[name]
        if one is None or name in ELSEWHERE:
            continue
        if words := one.words(value, lexicon):
            lang = {"fr": "fr-CA", "en": "en-CA"}.get(one.lang, "")
            html = markdown.html(value) if one.shape == "text" else ""
            found.append(Said(capfirst(one.label), [] if html else words, html, lang))
    return {
        "title": shown_title(values),
        "picture": lexicon.logo(values.get("picture")),
        "said": found,
    }
