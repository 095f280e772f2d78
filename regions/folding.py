"""One idea of "the same text": accents, case, ligatures, apostrophes and dashes do not count.

The database folds with `f_fold` (regions/migrations/0001), Python with `fold`; a test keeps the
two in agreement on the letters of French and English.
"""

import re
import unicodedata

from django.db.models import Func, TextField

LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ß": "ss", "ł": "l", "đ": "d", "ı": "i"})
NOT_A_LETTER = re.compile(r"[\W_]+")


def fold(text):
    """`text` in lower case, without accents; any run of other signs becomes one space.

    "L’Œuvre Léger" becomes "l oeuvre leger". Empty text gives empty text.
    """
    text = unicodedata.normalize("NFKD", text.casefold()).translate(LIGATURES)
    text = "".join(character for character in text if not unicodedata.combining(character))
    return NOT_A_LETTER.sub(" ", text).strip()


class Fold(Func):
    """`fold`, done by the database: immutable, so it can be generated and indexed."""

    function = "f_fold"
    arity = 1
    output_field = TextField()


class SortKey(Func):
    """The folded text without a leading article, for lists: « L’AMIE » stands under A."""

    function = "f_sort"
    arity = 1
    output_field = TextField()
