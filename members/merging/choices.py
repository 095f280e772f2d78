"""Which value of each field stays."""

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from modeltranslation.translator import NotRegistered, translator

from members.models import Organization, Person
from members.permissions import can_see_personal

MERGED = (Organization, Person)

# Fields that go together, or a town would come with another's region.
TOGETHER = [
    ("municipality", "region"),
    ("address", "postal_code"),
    ("phone", "phone_extension"),
    ("source_url", "as_of"),
]
# The kept record's page keeps its address; the other one leads to it.
NOT_CHOSEN = {"slug"}
# Where an empty value says something, so that the other's does not fill it.
KEPT_UNLESS_CHOSEN = {"kind", "language", "archived_on"}

KEPT, REMOVED = "kept", "removed"


def can_be_merged(model):
    """Whether two records of `model` can be joined."""
    return model in MERGED


def units(model):
    """The fields that one chooses between, as tuples of those that go together, in their order."""
    try:
        originals = set(translator.get_options_for_model(model).all_fields)
    except NotRegistered:
        originals = set()
    names = [
        field.name
        for field in model._meta.concrete_fields
        if field.editable
        and not field.primary_key
        and not field.generated
        and field.name not in NOT_CHOSEN | originals
    ]
    found = []
    for name in names:
        unit = next((group for group in TOGETHER if name in group and group[0] in names), (name,))
        if unit not in found:
            found.append(unit)
    return found


def values(record, unit):
    """The values of a unit's fields, as the columns have them."""
    return [getattr(record, record._meta.get_field(name).attname) for name in unit]


def fuller(unit, kept, removed):
    """Whose value says more, KEPT or REMOVED; the kept record's when neither does."""
    ours, theirs = values(kept, unit), values(removed, unit)
    if unit[0] in KEPT_UNLESS_CHOSEN:
        return KEPT
    if unit == ("last_confirmed_on",) and all(ours + theirs):
        return REMOVED if theirs > ours else KEPT
    known = [sum(value not in (None, "") for value in said) for said in (ours, theirs)]
    if known[0] != known[1]:
        return REMOVED if known[1] > known[0] else KEPT
    if unit[0].startswith(("summary", "mission", "volunteering")):
        return REMOVED if len(theirs[0] or "") > len(ours[0] or "") else KEPT
    return KEPT


def is_personal(model, unit):
    """Whether the unit is of those that only some of the staff read."""
    return model is Person and bool(set(unit) & set(Person.personal_fields()))


def choose(kept, removed, choices, by):
    """Give `kept` the chosen values, the fuller ones where nothing is chosen; not saved.

    Of personal fields, only those who see them choose; otherwise empty ones are filled, and what
    differs goes to the notes, which the same people read.
    """
    model, beside = type(kept), []
    for unit in units(model):
        choice = choices.get(unit[0])
        if is_personal(model, unit) and (choice is None or not can_see_personal(by)):
            beside += filled(kept, removed, unit[0])
            continue
        if (choice or fuller(unit, kept, removed)) == REMOVED:
            for name in unit:
                attname = model._meta.get_field(name).attname
                setattr(kept, attname, getattr(removed, attname))
    if beside:
        notes = "\n\n".join(filter(None, [kept.notes, *beside]))
        if len(notes) <= model._meta.get_field("notes").max_length:
            kept.notes = notes


def filled(kept, removed, name):
    """Fill an empty field from the other record; return what is to be noted where both are full."""
    ours, theirs = getattr(kept, name), getattr(removed, name)
    if not theirs or ours == theirs:
        return []
    if not ours:
        setattr(kept, name, theirs)
        return []
    if name == "notes":
        return [theirs] if theirs not in ours else []
    label = capfirst(kept._meta.get_field(name).verbose_name)
    return [_("%(field)s also known: %(value)s") % {"field": label, "value": theirs}]
