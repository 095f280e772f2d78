"""Which organization a row speaks of."""

from collections import defaultdict

from django.utils.translation import gettext as _

from members.imports.clean import REGISTERS
from members.imports.rows import Problem
from members.models import FormerSlug, Identifier, Organization, OtherName
from regions.folding import fold

# Words that say nothing of which organization it is.
SMALL_WORDS = frozenset(
    "a au aux d de des du en et l la le les pour sans sur the of for and in to inc".split()
)


class Mismatch(Exception):
    """The row may speak of several organizations, or contradicts itself; holds the `Problem`."""

    def __init__(self, column, value, reason):
        self.problem = Problem(column, value, reason)
        super().__init__(reason)


class Index:
    """What every known organization is recognized by, read in four queries.

    A row speaks of the organization that has, in this order:

    1. its page address (`slug`, present or former), which our own exports carry;
    2. its NEQ, charity number or federal corporation number. Numbers of two organizations in one
       row contradict each other;
    3. its name, in either language: case, accents, apostrophes, hyphens and spacing do not count.
       Of namesakes, the one in the row's region; the row is refused if that does not tell, or if
       it gives another number than the one we have;
    4. one of its other names that is not an acronym, or the reverse: a former name that the row
       gives is its name here;
    5. its acronym, dots and spaces aside, when no other organization bears it and nothing speaks
       against: the words of one name are all in the other's, and the regions, where both are
       known, are the same. A name that is itself an acronym (« CECI ») counts as one, and is
       refused when several organizations share it.

    So of three « CSI », each is recognized by its name, and a fourth one is a new organization;
    « Oxfam » alone is Oxfam-Québec as long as one organization only is called so for short.

    Rows that make new organizations are added as they come, under negative numbers.
    """

    def __init__(self):
        self.slugs = {}
        self.numbers = {}
        self.names = defaultdict(set)
        self.other_names = defaultdict(set)
        self.acronyms = defaultdict(set)
        self.regions = {}
        self.own_names = defaultdict(list)
        self.own_numbers = defaultdict(dict)
        self.slugs |= FormerSlug.objects.values_list("slug", "organization_id")
        for pk, slug, french, english, acronym, region in Organization.objects.order_by(
            "pk"
        ).values_list("pk", "slug", "name_fr", "name_en", "acronym", "region_id"):
            self.slugs[slug] = pk
            self.add_names(pk, [french, english], acronym, region)
        for pk, scheme, value in Identifier.objects.values_list(
            "organization_id", "scheme", "value"
        ):
            self.add_number(pk, scheme, value)
        for pk, kind, name in OtherName.objects.values_list("organization_id", "kind", "name"):
            self.add_other_name(pk, kind, name)

    def add_names(self, pk, names, acronym, region):
        for name in names:
            if name:
                self.names[fold(name)].add(pk)
                self.own_names[pk].append(name)
        if acronym:
            self.acronyms[compact(acronym)].add(pk)
        self.regions[pk] = region

    def add_number(self, pk, scheme, value):
        self.numbers[scheme, value] = pk
        self.own_numbers[pk][scheme] = value

    def add_other_name(self, pk, kind, name):
        if kind == OtherName.Kind.ACRONYM:
            self.acronyms[compact(name)].add(pk)
        else:
            self.other_names[fold(name)].add(pk)

    def add(self, pk, values):
        """Know the organization `pk` by what a row says of it too."""
        names = [values.get("name_fr"), values.get("name_en")]
        region = values.get("region_code") or self.regions.get(pk)
        self.add_names(pk, names, values.get("acronym"), region)
        for key, scheme in REGISTERS.items():
            if key in values:
                self.add_number(pk, scheme, values[key])
        for item in values.get("other_names", []):
            self.add_other_name(pk, *item.split(":", 1))

    def find(self, values):
        """The organization's number, or None for a new one; raises Mismatch."""
        found = self.by_slug(values) or self.by_number(values)
        if not found:
            found = self.by_name(values)
            if found:
                self.check_numbers(found, values)
        found = found or self.by_acronym(values)
        for key, scheme in REGISTERS.items():
            owner = self.numbers.get((scheme, values.get(key)))
            if owner and owner != found:
                raise Mismatch(
                    key,
                    values[key],
                    _("This number is another organization’s: %(name)s.")
                    % {"name": self.name(owner)},
                )
        return found

    def by_slug(self, values):
        return self.slugs.get(values.get("slug"))

    def by_number(self, values):
        owners = {
            self.numbers[scheme, values[key]]: key
            for key, scheme in REGISTERS.items()
            if (scheme, values.get(key)) in self.numbers
        }
        if len(owners) > 1:
            raise Mismatch(
                *(key := list(owners.values())[1], values[key]),
                _("The numbers of this row belong to different organizations: %(names)s.")
                % {"names": "; ".join(map(self.name, owners))},
            )
        return next(iter(owners), None)

    def by_name(self, values):
        said = [values[key] for key in ("name_fr", "name_en") if key in values]
        former = [
            name
            for kind, name in (item.split(":", 1) for item in values.get("other_names", []))
            if kind == OtherName.Kind.FORMER
        ]
        for index, names in (
            (self.names, said),
            (self.other_names, said),
            (self.names, former),
        ):
            found = set().union(*(index.get(fold(name), ()) for name in names))
            if len(found) > 1 and (region := values.get("region_code")):
                found = {pk for pk in found if self.regions.get(pk) == region} or found
            if len(found) > 1:
                raise Mismatch(
                    "name_fr",
                    "; ".join(said),
                    _(
                        "Several organizations have this name: %(names)s. Say which one with its "
                        "NEQ, its charity number or its page address (“slug”)."
                    )
                    % {"names": "; ".join(sorted(map(self.name, found)))},
                )
            if found:
                return found.pop()
        return None

    def by_acronym(self, values):
        said = [values[key] for key in ("name_fr", "name_en") if key in values]
        for name in said:
            found = self.bearers(name)
            if len(found) > 1:
                raise Mismatch(
                    "name_fr",
                    name,
                    _("Several organizations have this acronym: %(names)s. Give the full name.")
                    % {"names": "; ".join(sorted(map(self.name, found)))},
                )
            if found and not self.elsewhere(min(found), values):
                return min(found)
        found = self.bearers(values.get("acronym", ""))
        if len(found) == 1:
            (pk,) = found
            if not self.elsewhere(pk, values) and agree(said, self.own_names[pk]):
                return pk
        return None

    def bearers(self, acronym):
        """Those that have the acronym: the organizations we know, or else the file's new ones."""
        found = self.acronyms.get(compact(acronym), set()) if compact(acronym) else set()
        return {pk for pk in found if pk > 0} or found

    def elsewhere(self, pk, values):
        """Whether the row puts the head office in another region than we do."""
        here, there = self.regions.get(pk), values.get("region_code")
        return bool(here and there and here != there)

    def check_numbers(self, pk, values):
        """Refuse a namesake that has another number: it may be another organization."""
        for key, scheme in REGISTERS.items():
            ours = self.own_numbers.get(pk, {}).get(scheme)
            if ours and key in values and values[key] != ours:
                raise Mismatch(
                    key,
                    values[key],
                    _(
                        "The organization of this name has the number %(number)s. If that is to be "
                        "corrected, do it on its page, or give its page address (“slug”)."
                    )
                    % {"number": ours},
                )

    def name(self, pk):
        """What to call the organization in a message."""
        return next(iter(self.own_names.get(pk, [])), str(pk))


def compact(acronym):
    """An acronym without dots, spaces, case and accents: « É.É.M. » is « eem »."""
    return fold(acronym).replace(" ", "")


def agree(names, others):
    """Whether all words that matter of one name are in one of the others', or the reverse."""
    mine, theirs = ([words(name) for name in group] for group in (names, others))
    return any(a and b and (a <= b or b <= a) for a in mine for b in theirs)


def words(name):
    return {word for word in fold(name).split() if word not in SMALL_WORDS}
