"""Two values compared, for whoever has to see what changed: texts word by word, lists by item.

A difference is a list of (what became of it, text): "same", "removed" or "added". Without what was
added it is the old text, without what was removed the new one, to the letter.
"""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

SAME, REMOVED, ADDED = "same", "removed", "added"

# A word with the spaces before it, an article by itself (« l’ », « d' »), or a sign.
TOKEN = re.compile(r"\s*\w+['’]?|\s*[^\w\s]|\s+")
# From how many pairs of words common ones are no longer looked at, so that it stays quick.
MANY = 400_000
# Above as many words, a text is another text.
TOO_MANY = 8_000
# What stays between two changes, and is shorter than that many letters, is read with them.
ISLAND = 4


def words(old, new):
    """What became of each word from `old` to `new`."""
    if old == new:
        return [(SAME, old)] if old else []
    before, after = TOKEN.findall(old), TOKEN.findall(new)
    if len(before) + len(after) > TOO_MANY:
        return pieces([(old, new)])
    start = common_length(before, after)
    end = common_length(before[start:][::-1], after[start:][::-1])
    kept, last = before[:start], before[len(before) - end :]
    before, after = before[start : len(before) - end], after[start : len(after) - end]
    busy = len(before) * len(after) > MANY
    matcher = SequenceMatcher(None, before, after, autojunk=busy)
    pairs = [("".join(kept), None)]
    for tag, i, j, m, n in matcher.get_opcodes():
        text = "".join(before[i:j])
        pairs.append((text, None if tag == "equal" else "".join(after[m:n])))
    pairs.append(("".join(last), None))
    return pieces(without_islands([pair for pair in pairs if pair != ("", None)]))


def common_length(before, after):
    """How many items two lists begin with that are the same."""
    length = 0
    for old, new in zip(before, after, strict=False):
        if old != new:
            break
        length += 1
    return length


def without_islands(pairs):
    """The same pairs (old, new or None when it stays), with the crumbs between changes in them."""
    joined = []
    for place, (old, new) in enumerate(pairs):
        between = 0 < place < len(pairs) - 1
        crumb = new is None and between and len(old.strip()) < ISLAND and "\n" not in old
        becomes = old if crumb else new
        if becomes is not None and joined and joined[-1][1] is not None:
            joined[-1] = (joined[-1][0] + old, joined[-1][1] + becomes)
        else:
            joined.append((old, becomes))
    return joined


def pieces(pairs):
    """Pairs (old, new or None when it stays) as what became of each text."""
    found = []
    for old, new in pairs:
        if new is None:
            found.append((SAME, old))
        else:
            found += [(what, text) for what, text in ((REMOVED, old), (ADDED, new)) if text]
    return found


def items(old, new):
    """What became of each item of two lists of texts: in the new order, what is gone at the end."""
    there, wanted = set(old), set(new)
    return [(SAME if item in there else ADDED, item) for item in new] + [
        (REMOVED, item) for item in old if item not in wanted
    ]


@dataclass
class Change:
    """What a field of a profile was and what it becomes, as people read it.

    `pieces` are as above; of an image, `before` and `after` are its `Logo`s, or None.
    """

    field: object
    pieces: list
    before: object = None
    after: object = None

    @property
    def is_list(self):
        return self.field.shape in ("several", "rows")

    @property
    def is_image(self):
        return self.field.shape == "image"


def change(field, before, after, lexicon):
    """The `Change` of a field of `members.profile` between two of its values."""
    if field.shape == "image":
        return Change(field, [], lexicon.logo(before), lexicon.logo(after))
    old, new = field.words(before, lexicon), field.words(after, lexicon)
    if field.shape in ("several", "rows"):
        return Change(field, items(old, new))
    before, after = "".join(old), "".join(new)
    if field.shape == "text" or field.lang:
        return Change(field, words(before, after))
    # A number or an address is another one, whole: nobody reads it digit by digit.
    return Change(field, pieces([(before, after)]))
