"""How text finds records; nothing else knows about tsvectors or trigrams.

A text is parsed into a `Question`. Every word must be found, as it stands or by its French or
English stem; the last one may be unfinished. When nothing has them all, the closest spellings
answer instead, and the page says so (`approximate`).

Rank: a whole name or acronym first, then words in names, then theme, country and place, then the
prose. Words found as written outrank words that only share a stem, or « équitable » would bring
Equitas before fair trade.
"""

import re
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

from django.contrib.postgres.search import (
    SearchQuery,
    SearchRank,
)
from django.db import connection
from django.db.models import Case, Count, F, FloatField, Q, Value, When
from django.db.models.functions import Round
from django.utils.translation import get_language

from regions.folding import fold

# Longer texts are cut: nobody types them, and each word costs.
MAX_CHARACTERS = 200
MAX_WORDS = 12

# Weights of ts_rank, from D to A: English prose, French prose, labels, names.
WEIGHTS = [0.1, 0.2, 0.4, 1.0]
# The same for `name_search`, whose A are words as written and whose B are stems.
WRITTEN_ONLY = [0.0, 0.0, 0.0, 1.0]
STEMS_ONLY = [0.0, 0.0, 1.0, 0.0]
# What a word found as written counts against one found by its stem.
AS_WRITTEN = 5
# What a word that is only begun counts against one found by its stem.
BEGINNING = 1.5
# What a whole name or acronym counts: more than all the rest together.
WHOLE_NAME = 100

# Beyond, a word is no misspelling of another (and the letters of 255 at most can be compared).
LONGEST_WORD = 60
# How many known words a misspelling may have been meant for.
RESPELLINGS = 4

# Where the known words are: the public's, and with the staff's own of some kinds.
PUBLIC_WORDS = "members_directoryword"
OFFICE_WORDS = """(
    SELECT word FROM members_directoryword
    UNION ALL SELECT word FROM members_officeword WHERE kind = ANY (%(kinds)s::text[])
)"""

# How many matches are ranked when only the first few are shown.
SHORTLIST = 100
# A word of fewer letters than this, while it is typed, may become any other.
FEW_LETTERS = 4

# Words without meaning, folded: the database's own lists know them with their accents only.
STOP_WORDS = frozenset(
    """
    a ai ainsi au aux avec c ce ces cet cette chez d dans de des donc du elle elles en entre est et
    etaient etait ete etre eu eux il ils j je l la le les leur leurs lui m ma mais me meme memes mes
    moi mon n ne nos notre nous on ont ou par pas pour qu que quel quelle quelles quels qui s sa
    sans se ses si son sont sous sur t ta te tes toi ton tu un une vers vos votre vous y
    an and are as at be by for from in into is of or that the their this to which with who
    """.split()
)
# Words about the question, not the answer: dropped while others remain.
ASKING_WORDS = frozenset(
    """
    adresse contact courriel cherche chercher coordonnees liste organisation organisations
    organisme organismes ong ongs site telephone travaillant travaille travaillent trouver web
    address find list looking ngo ngos organization organizations phone website work working works
    """.split()
)

# Short for another word, folded: both are looked for.
ABBREVIATIONS = {
    "st": "saint",
    "ste": "sainte",
    "qc": "quebec",
    "mtl": "montreal",
    "intl": "international",
}

TOKEN = re.compile(r'(?P<minus>(?<!\S)-)?(?:["“«](?P<phrase>[^"”»]*)["”»]?|(?P<word>[^\s"“”«»]+))')
# A phone number, as people write it; as a word, it is its digits.
PHONE = re.compile(r"\s*(\+?[\d\s().-]{10,24}?)(?:\s*,?\s*(?:poste|ext\.?|x|#)\s*\d{1,8})?\s*")
NUMBER = re.compile(r"\d{7,}")
DOTTED = re.compile(r"^\W*((?:[^\W\d_]\.){2,}[^\W\d_]?)\W*$")


@dataclass(frozen=True)
class Question:
    """What a text asks for; every word is folded.

    `whole` is the text as one folded name; `words` must all be found, the last one maybe
    unfinished; `phrases` are words side by side; `excluded` must not be found.
    """

    whole: str = ""
    words: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    excluded: tuple[str, ...] = ()
    unfinished: bool = True

    def __bool__(self):
        return bool(self.words or self.phrases or self.excluded)


def parse(text):
    """The `Question` in `text`: any text at all is only words, a phrase in quotes or a -word."""
    text = text.replace("\x00", " ")[:MAX_CHARACTERS]
    if (phone := PHONE.fullmatch(text)) and len(digits := re.sub(r"\D", "", phone[1])) >= 10:
        return Question(whole=digits, words=(digits,))
    words, phrases, excluded = [], [], []
    for token in TOKEN.finditer(text):
        if token["phrase"] is not None:
            found = tuple(fold(token["phrase"]).split())
            if token["minus"]:
                excluded += meaningful(found)
            elif meaningful(found):
                phrases.append(found)
        else:
            dotted = DOTTED.match(token["word"])
            found = fold(dotted[1].replace(".", "") if dotted else token["word"]).split()
            (excluded if token["minus"] else words).extend(meaningful(found))
    asked = [word for word in words if word not in ASKING_WORDS]
    words = asked if asked or phrases else words
    whole = " ".join(
        fold(DOTTED.sub(lambda m: m[1].replace(".", ""), part)) for part in text.split()
    )
    return Question(
        whole=" ".join(whole.split()),
        words=tuple(dict.fromkeys(words))[:MAX_WORDS],
        phrases=tuple(phrases)[:MAX_WORDS],
        excluded=tuple(dict.fromkeys(excluded))[:MAX_WORDS],
        unfinished=bool(words) and not text[-1:].isspace() and text[-1:] not in '"”»',
    )


def beginning(text):
    """The `Question` of a text that says nothing yet, such as « mon »: its last word goes on."""
    words = fold(text).split()
    if not words or len(words[-1]) < 2 or text[-1:].isspace():
        return Question()
    return Question(whole=" ".join(words), words=(words[-1],))


def meaningful(words):
    """The words that say something: neither stop words nor single letters."""
    return [word for word in words if word not in STOP_WORDS and (len(word) > 1 or word.isdigit())]


def inflections(word):
    """`word` and its likely plural and feminine, or singular and masculine, as written in French.

    Stems do not do: once accents are folded « réfugié » and « réfugiée » have two, and a stem
    shared by chance must not count as the word itself.
    """
    forms = [word]
    if word in ABBREVIATIONS:
        forms.append(ABBREVIATIONS[word])
    if len(word) > 3:
        bare = re.sub(r"(es|s|x|e)$", "", word)
        forms += [bare, bare + "e", bare + "s", bare + "es"]
        if word.endswith("aux"):
            forms.append(word[:-3] + "al")
        elif word.endswith("al"):
            forms.append(word[:-2] + "aux")
    return list(dict.fromkeys(f for f in forms if len(f) > 1 and f not in STOP_WORDS)) or [word]


def as_written(word, unfinished=False):
    """The tsquery of a word as it stands, or as the beginning of another."""
    forms = " | ".join(inflections(word)) + (f" | {word}:*" if unfinished else "")
    return SearchQuery(forms, config="plain", search_type="raw")


def by_stem(word):
    """The tsquery of a word's French or English stem."""
    return SearchQuery(word, config="fr") | SearchQuery(word, config="en")


def is_unfinished(question, word):
    """Whether this is the last word typed, which may go on."""
    return question.unfinished and word == question.words[-1]


def has_word(word, prefix, unfinished=False):
    """The condition that a word is there, as written or by its stem."""
    return Q(**{f"{prefix}search": as_written(word, unfinished)}) | Q(
        **{f"{prefix}stems": by_stem(word)}
    )


def has_beginning(word, prefix):
    """The condition that a word is there, or begins a word of a name."""
    return has_word(word, prefix) | Q(**{f"{prefix}name_search": as_written(word, True)})


def matching(queryset, question, prefix="entry__", typing=False):
    """The rows of `queryset` that have everything the question asks, unordered.

    While someone is `typing`, the first letters of a word are looked for in names alone: much of
    all prose has a word that begins so.

    `prefix` leads from the queryset's model to its entry (`members.models.entries.Entry`).
    """
    for word in question.words:
        unfinished = is_unfinished(question, word)
        if typing and unfinished and len(word) < FEW_LETTERS:
            queryset = queryset.filter(has_beginning(word, prefix))
        else:
            queryset = queryset.filter(has_word(word, prefix, unfinished))
    return exactly(queryset, question, prefix)


def exactly(queryset, question, prefix):
    """The rows that have the question's phrases and none of the words it excludes."""
    parts = [
        SearchQuery(" ".join(phrase), config="plain", search_type="phrase")
        for phrase in question.phrases
    ] + [~as_written(word) for word in question.excluded]
    return queryset.filter(**{f"{prefix}search": reduce(and_, parts)}) if parts else queryset


def ranked(queryset, question, prefix="entry__"):
    """`queryset` with the best answers first; `score` says how good."""
    wanted = [
        *question.words,
        *(word for phrase in question.phrases for word in phrase),
    ]
    if not wanted:
        return queryset.annotate(score=Value(0.0))
    search, names = F(f"{prefix}search"), F(f"{prefix}name_search")
    score = Case(
        When(
            **{f"{prefix}exact__contains": [question.whole]},
            then=Value(float(WHOLE_NAME)),
        ),
        default=Value(0.0),
        output_field=FloatField(),
    )
    # ts_rank divides by the number of forms asked for; having more must not weaken a word.
    forms = sum(len(inflections(word)) for word in wanted) / len(wanted)
    written = reduce(or_, [as_written(word) for word in wanted])
    score += AS_WRITTEN * forms * SearchRank(search, written, weights=WEIGHTS)
    stems = reduce(or_, [by_stem(word) for word in wanted])
    score += SearchRank(names, stems, weights=STEMS_ONLY)
    if question.unfinished:
        # By itself: ts_rank takes a word and its beginning for one and the same.
        beginning = SearchQuery(f"{question.words[-1]}:*", config="plain", search_type="raw")
        score += BEGINNING * SearchRank(names, beginning, weights=WRITTEN_ONLY)
    return queryset.annotate(score=score).order_by("-score")


def shortlist(entries, question, near=None, first=("pk",)):
    """The SHORTLIST of `entries` that are worth ranking, however many match.

    Whole names, then names with all the words, then the others, and among equals in the order of
    `first`. With `near` (see `respelled`), the approximate ones.
    """
    if near is not None:
        found = approximate(entries, question, near, "").order_by(*first)
    else:
        whole = Q(exact__contains=[question.whole])
        lexemes = [as_written(word, is_unfinished(question, word)) for word in question.words]
        named = Q(name_search=reduce(and_, lexemes)) if lexemes else Q(pk=None)
        place = Case(When(whole, then=0), When(named, then=1), default=2)
        found = matching(entries, question, "", typing=True).order_by(place, *first)
    return entries.filter(pk__in=found.values("pk")[:SHORTLIST])


# The order of records whose day matters more than a shade of rank.
COARSELY = Round("score").desc()


def best(entries, question, limit, near=None, first=("pk",), by="-score"):
    """The `limit` best of `entries`, whatever their number; `score` says how good.

    Cheap enough to be asked of several kinds of records at each key typed, and such querysets may
    be joined by `union`. `by` is the order of their scores, `first` of those that are equal.
    """
    found = shortlist(entries, question, near, first)
    if near is None:
        found = ranked(found, question, "")
    else:
        found = ranked_approximately(found, question, near, "")
    return found.order_by(by, *first)[:limit]


def suggested(entries, question, limit):
    """Up to `limit` of `entries` whose name the text may be the beginning of, the likeliest first.

    Whole names and acronyms, then names that begin so, then names with those words. Made for
    typing: it reads a few rows of each, whatever their number.
    """
    column = "sort_en" if get_language() == "en" else "sort_fr"
    if not question.words:
        return entries.none()
    whole = Q(exact__contains=[question.whole])
    begins = Q(**{f"{column}__startswith": question.whole})
    lexemes = " & ".join(
        f"{word}:*" if is_unfinished(question, word) else word for word in question.words
    )
    words = Q(name_search=SearchQuery(lexemes, config="plain", search_type="raw"))
    first, *others = (
        entries.filter(condition).order_by().values("pk")[: limit * 2]
        for condition in (whole, begins, words)
    )
    place = Case(When(whole, then=0), When(begins, then=1), default=2)
    return entries.filter(pk__in=first.union(*others)).order_by(place, column)[:limit]


def swaps(word):
    """`word` with each two neighbouring letters exchanged."""
    return [
        word[:place] + word[place + 1] + word[place] + word[place + 2 :]
        for place in range(len(word) - 1)
    ]


def respelled(question, vocabulary=()):
    """{word: known words it may have been meant for, the likeliest first}; one query.

    Words that nothing has are compared with every known one: by two neighbours exchanged, by
    letters changed (one up to four letters, two up to eight, three beyond), or by trigrams. Known
    are those of the public directory and, for staff, those of each kind in their `vocabulary`.
    """
    words = [
        word
        for word in question.words
        if 2 < len(word) <= LONGEST_WORD and not NUMBER.fullmatch(word)
    ]
    words_known = OFFICE_WORDS if vocabulary else PUBLIC_WORDS
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT asked.word, near.word
            FROM unnest(%(words)s::text[], %(swapped)s::text[]) AS asked (word, swapped)
            CROSS JOIN LATERAL (
                SELECT known.word
                FROM (
                    SELECT word FROM {words_known} changed
                    WHERE levenshtein_less_equal(asked.word, changed.word, 3)
                        <= CASE WHEN length(asked.word) <= 4 THEN 1
                                WHEN length(asked.word) <= 8 THEN 2 ELSE 3 END
                    -- Apart, so that their indexes serve: likeness costs most.
                    UNION SELECT word FROM {words_known} alike WHERE alike.word %% asked.word
                    UNION SELECT word FROM {words_known} swapped
                    WHERE swapped.word = ANY (string_to_array(asked.swapped, ' '))
                ) known
                ORDER BY (left(known.word, 1) <> left(asked.word, 1))::int
                         + levenshtein_less_equal(asked.word, known.word, 3)
                         - 2 * similarity(asked.word, known.word)
                         - 3 * (known.word = ANY (string_to_array(asked.swapped, ' ')))::int,
                         known.word
                LIMIT %(limit)s
            ) near
            WHERE NOT EXISTS (
                SELECT FROM {words_known} known
                WHERE known.word = asked.word
            )
            """,
            {
                "words": words,
                "swapped": [" ".join(swaps(word)) for word in words],
                "limit": RESPELLINGS,
                "kinds": list(vocabulary),
            },
        )
        near = {}
        for word, known in cursor:
            near.setdefault(word, []).append(known)
    return near


def approximate(queryset, question, near, prefix="entry__"):
    """The rows that have each word, or one it may have been meant for; `near` is `respelled`'s."""
    if not near:
        return queryset.none()
    for word in question.words:
        if word in near:
            begun = [f"{word}:*"] if is_unfinished(question, word) else []
            meant = SearchQuery(" | ".join(near[word] + begun), config="plain", search_type="raw")
            queryset = queryset.filter(**{f"{prefix}search": meant})
        else:
            queryset = queryset.filter(has_word(word, prefix, is_unfinished(question, word)))
    return exactly(queryset, question, prefix)


def ranked_approximately(queryset, question, near, prefix="entry__"):
    """`queryset` with the likeliest spellings first, then as `ranked` would have it."""
    search = F(f"{prefix}search")
    score = Value(0.0)
    for word in question.words:
        for place, known in enumerate(near.get(word, [word])):
            score += SearchRank(search, as_written(known), weights=WEIGHTS) / (1 + place)
    return queryset.annotate(score=score).order_by("-score")


def understood(near, haystack):
    """{word typed: the word it was taken for} in an answer's `haystack`, the likeliest there."""
    present = haystack.split()
    return {
        word: next((known for known in choices if known in present), choices[0])
        for word, choices in near.items()
    }


def count_without(entries, question):
    """{word: how many `entries` the question would find without it}, in one query."""
    counts = {}
    for place, word in enumerate(question.words):
        others = [has_word(other, "") for other in question.words if other != word]
        counts[f"without_{place}"] = Count("pk", filter=reduce(and_, others))
    found = exactly(entries, question, "").aggregate(**counts)
    return dict(zip(question.words, found.values(), strict=True))
