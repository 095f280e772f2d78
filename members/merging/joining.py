"""The merge itself, and its undoing."""

import logging

import pghistory
from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from members.merging.access import end_access
from members.merging.choices import can_be_merged, choose
from members.merging.following import Ledger, followers, rule_of, words_of
from members.merging.rows import delete, insert, point, rows, write
from members.models import FormerSlug, Merge, NotDouble, Organization, OtherName
from members.permissions import can_merge
from regions.folding import fold

logger = logging.getLogger(__name__)


def merge(*, kept, removed, by, choices=None):
    """Join `removed` to `kept`, by the user `by`; return the `Merge`.

    `choices` says whose value stays: {first field of a unit: KEPT or REMOVED}, and
    {"number-<register>": …} for numbers; the fuller one without a choice. Raises ValidationError
    with a sentence, and nothing is done, if they cannot be joined.
    """
    if not can_merge(by):
        raise PermissionDenied
    return guarded("merge", kept, removed.pk, lambda: joined(kept, removed, choices or {}, by))


def guarded(what, record, other, act):
    """What `act` returns, all of it done or nothing; a failure leaves a line without any value."""
    try:
        with transaction.atomic():
            done = act()
            # Now rather than at the end of the request: whatever was left behind stops it.
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            return done
    except Exception as error:
        logger.warning(
            "%s of %s %s and %s failed: %s",
            what,
            record._meta.label_lower,
            record.pk,
            other,
            type(error).__name__,
        )
        if isinstance(error, IntegrityError):
            raise ValidationError(reason(error)) from error
        raise


def reason(error):
    """The sentence of the constraint that was broken, or one that fits any."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    for model in apps.get_app_config("members").get_models():
        for constraint in model._meta.constraints:
            if constraint.name == name:
                return str(constraint.violation_error_message)
    if name == "organization_slug_was_never_another_s" or (name or "").startswith(
        "members_organization_slug"
    ):
        return _("Another organization now has the address of its page.")
    return _("Something that changed since stands in the way.")


def locked(model, *keys):
    """The records by key, locked in the order of their keys; ValidationError if one is missing."""
    found = model._base_manager.select_for_update(of=["self"]).order_by("pk").in_bulk(list(keys))
    if len(found) < len(keys):
        raise ValidationError(_("One of the two records is no longer there."))
    return [found[key] for key in keys]


def joined(kept, removed, choices, by):
    model = type(kept)
    if not can_be_merged(model) or type(removed) is not model:
        raise ValidationError(_("These two records cannot be joined."))
    if kept.pk == removed.pk:
        raise ValidationError(_("A record is not joined to itself."))
    kept, removed = locked(model, kept.pk, removed.pk)
    record = Merge.objects.create(
        model=model._meta.label_lower,
        kept_id=kept.pk,
        removed_id=removed.pk,
        kept_name=str(kept)[:250],
        removed_name=str(removed)[:250],
        done={},
        merged_by=by,
    )
    ledger = Ledger(choices)
    with pghistory.context(merge=record.pk):
        end_access(ledger, kept, removed, by)
        for field in followers(model):
            rule_of(field)(ledger, field, kept.pk, removed.pk)
        forget_said(ledger, model, removed.pk)
        (before,) = rows(model, model._meta.pk.column, kept.pk)
        names = names_of(kept, removed)
        ledger.delete(model, rows(model, model._meta.pk.column, removed.pk))
        choose(kept, removed, choices, by)
        kept.full_clean(exclude=unchanged(kept))
        kept.save()
        (after,) = rows(model, model._meta.pk.column, kept.pk)
        changed = {
            name: value
            for name, value in after.items()
            if value != before[name] and name != "updated_at"
        }
        if changed:
            ledger.noted_change(model, before, changed)
        if model is Organization:
            keep_names(ledger, kept, names)
            former = FormerSlug.objects.create(slug=removed.slug, organization=kept)
            ledger.created(former)
    record.done = {"steps": ledger.steps}
    record.save(update_fields=["done"])
    return record


def unchanged(record):
    """The fields that keep their value in the database: they are not checked anew."""
    old = type(record)._base_manager.get(pk=record.pk)
    return [
        field.name
        for field in [*record._meta.concrete_fields, *record._meta.many_to_many]
        if field.many_to_many or getattr(record, field.attname) == getattr(old, field.attname)
    ]


def forget_said(ledger, model, removed):
    """What was said of the removed record's not being another's double."""
    column = Q(first_id=removed) | Q(second_id=removed)
    keys = NotDouble.objects.filter(column, model=model._meta.label_lower)
    ledger.delete(NotDouble, rows(NotDouble, "id", list(keys.values_list("pk", flat=True))))


def names_of(*organizations):
    """[(kind, name)] of all that the organizations are called; nothing for people."""
    kinds = OtherName.Kind
    return [
        (kind, getattr(organization, name))
        for organization in organizations
        if isinstance(organization, Organization)
        for kind, name in (
            (kinds.FORMER, "name_fr"),
            (kinds.FORMER, "name_en"),
            (kinds.ACRONYM, "acronym"),
        )
        if getattr(organization, name)
    ]


def keep_names(ledger, kept, names):
    """Names that are no longer the organization's own become other names of it."""
    known = {fold(name) for _kind, name in names_of(kept)}
    known |= {fold(name) for name in kept.other_names.values_list("name", flat=True)}
    for kind, name in names:
        if fold(name) not in known:
            known.add(fold(name))
            other = OtherName.objects.create(organization=kept, kind=kind, name=name)
            ledger.created(other)


def undo(record, *, by):
    """Part the two records of a merge again; return sentences on what could not be put back.

    What changed since stays as it is. Raises ValidationError with a sentence, and nothing is done,
    if it cannot be undone.
    """
    if not can_merge(by):
        raise PermissionDenied
    return guarded("undoing", record, record.removed_id, lambda: parted(record, by))


def parted(record, by):
    record = Merge.objects.select_for_update(of=["self"]).get(pk=record.pk)
    check_undoable(record)
    model = apps.get_model(record.model)
    locked(model, record.kept_id)
    told = []
    with pghistory.context(merge=record.pk, undone=True):
        for step in reversed(record.done["steps"]):
            part = apps.get_model(step["model"])
            told += UNDONE[step["did"]](part, step) or []
        model._base_manager.filter(pk=record.kept_id).update(updated_at=timezone.now())
    record.undone_at, record.undone_by = timezone.now(), by
    record.save(update_fields=["undone_at", "undone_by"])
    return list(dict.fromkeys(told))


def check_undoable(record):
    """Raise ValidationError if the merge was undone, is too old, or others came on top of it."""
    if record.undone_at:
        raise ValidationError(_("This merge is already undone."), code="undone")
    if not record.can_be_undone:
        raise ValidationError(
            _("A merge is undone within thirty days; this one is older."), code="too_old"
        )
    standing = Merge.objects.filter(model=record.model, undone_at=None)
    after = standing.filter(merged_at__gt=record.merged_at)
    if above := after.filter(Q(kept_id=record.kept_id) | Q(removed_id=record.kept_id)).first():
        raise ValidationError(
            _("Undo first the later merge “%(merge)s”."),
            code="later",
            params={"merge": str(above)},
        )
    if not apps.get_model(record.model)._base_manager.filter(pk=record.kept_id).exists():
        raise ValidationError(_("The record that was kept is no longer there."))


def undo_move(model, step):
    """Rows that are still where the merge put them go back."""
    column, pk = step["column"], model._meta.pk.column
    found = [row for row in rows(model, pk, step["keys"]) if row[column] == step["after"]]
    point(model, found, column, step["before"])
    if len(found) < len(step["keys"]):
        return [
            _("%(rows)s: %(count)d changed or removed since, and left as it is.")
            % {
                "rows": capfirst(str(words_of(model, column))),
                "count": len(step["keys"]) - len(found),
            }
        ]
    return []


def undo_change(model, step):
    """Values that are still those of the merge become what they were."""
    found = rows(model, model._meta.pk.column, step["key"])
    if not found:
        return [_("%(row)s: no longer there.") % {"row": capfirst(str(model._meta.verbose_name))}]
    (row,) = found
    back = {
        name: value
        for name, value in step["before"].items()
        if row.get(name) == step["after"][name]
    }
    if back:
        write(model, step["key"], back)
    return [
        _("%(field)s: changed since, and left as it is.") % {"field": label}
        for label in labels(model, set(step["before"]) - set(back))
    ]


def labels(model, names):
    """What the fields with these columns are called; a translated one as its original."""
    fields = [field for field in model._meta.concrete_fields if field.column in names]
    called = [getattr(field, "translated_field", field).verbose_name for field in fields]
    return list(dict.fromkeys(capfirst(str(name)) for name in called))


def undo_delete(model, step):
    """Rows that were taken away come back, unless what they point to is gone."""
    back, gone = list(step["rows"]), 0
    for field in model._meta.concrete_fields:
        if not field.is_relation:
            continue
        wanted = {row[field.column] for row in back if row[field.column] is not None}
        there = set(
            field.related_model._base_manager.filter(pk__in=wanted).values_list("pk", flat=True)
        )
        if lost := wanted - there:
            if field.null:
                back = [
                    row | {field.column: None} if row[field.column] in lost else row for row in back
                ]
            else:
                gone += sum(row[field.column] in lost for row in back)
                back = [row for row in back if row[field.column] not in lost]
    try:
        with transaction.atomic():
            insert(model, back)
    except IntegrityError as error:
        raise ValidationError(
            _("This merge cannot be undone. %(row)s: %(reason)s"),
            code="taken",
            params={"row": capfirst(str(words_of(model))), "reason": reason(error)},
        ) from error
    if gone:
        return [
            _("%(rows)s: %(count)d not put back, since what it was tied to is no longer there.")
            % {"rows": capfirst(str(words_of(model))), "count": gone}
        ]
    return []


def undo_create(model, step):
    """What the merge added goes, unless it changed since."""
    key = step["row"][model._meta.pk.column]
    found = rows(model, model._meta.pk.column, key)
    if found == [step["row"]]:
        delete(model, [key])
        return []
    return [
        _("%(rows)s: %(count)d changed or removed since, and left as it is.")
        % {"rows": capfirst(str(words_of(model))), "count": 1}
    ]


UNDONE = {
    "move": undo_move,
    "change": undo_change,
    "delete": undo_delete,
    "create": undo_create,
}
