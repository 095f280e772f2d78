"""All that hangs on one record, read in one query: a page of many sections asks the database once.

`prefetch_related` asks once for each relation, and once more for each relation of theirs.
"""

import json

from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import F, OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django.forms import BaseInlineFormSet


def read_together(record, relations):
    """Read these `relations` of `record` as `prefetch_related` would, in one query.

    {name of the relation: (queryset, names of the foreign keys to read too)}. The queryset gives
    the rows' order and may leave some out. `record.tags.all()` and the like then ask nothing. What
    hangs on what hangs on the record is (queryset, names, path to the record), and becomes a list.
    """
    wanted = {
        f"read_{name}": ArraySubquery(
            rows.filter(**{(path[0] if path else held_by(record, name)): OuterRef("pk")})
            .annotate(row=as_json(rows.model, followed))
            .values("row")
        )
        for name, (rows, followed, *path) in relations.items()
    }
    model = type(record)
    found = QuerySet(model).filter(pk=record.pk).annotate(**wanted).values(*wanted).get()
    cache = record.__dict__.setdefault("_prefetched_objects_cache", {})
    for name, (rows, followed, *path) in relations.items():
        records = [made(rows.model, row, followed) for row in found[f"read_{name}"]]
        if path:
            setattr(record, name, records)
            continue
        relation = model._meta.get_field(name)
        read = rows.all()
        read._result_cache, read._prefetch_done = records, True
        if relation.one_to_many:
            for row in read._result_cache:
                relation.field.set_cached_value(row, record)
        cache[name] = read


def read_by_key(wanted):
    """The records of several models, in one query: {model: keys} gives {model: {key: record}}.

    With what each must point to, which its name may be made of.
    """
    if not wanted:
        return {}
    texts, values, followed = [], [], {}
    for model, keys in wanted.items():
        followed[model] = [f.name for f in model._meta.fields if f.is_relation and not f.null]
        rows = QuerySet(model).filter(pk__in=keys).annotate(row=as_json(model, followed[model]))
        text, some = rows.order_by().values("row").query.sql_with_params()
        texts.append(f"ARRAY({text})")
        values += some
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(texts)}", values)
        found = cursor.fetchone()
    return {
        model: {
            record.pk: record
            for record in (made(model, parsed(row), followed[model]) for row in rows)
        }
        for model, rows in zip(wanted, found, strict=True)
    }


def parsed(row):
    """A row in JSON, whether or not the database’s driver read it already."""
    return json.loads(row) if isinstance(row, str) else row


def held_by(record, name):
    """The name by which the rows of a relation know the record."""
    relation = type(record)._meta.get_field(name)
    return relation.remote_field.name


def columns(model):
    """The fields of a model that a row holds: a translated one by its languages, none computed."""
    copies = {
        field.translated_field.name
        for field in model._meta.concrete_fields
        if hasattr(field, "translated_field")
    }
    return [
        field
        for field in model._meta.concrete_fields
        if field.name not in copies and not field.generated
    ]


def as_json(model, followed=(), prefix=""):
    """A row as JSON, with those it points to by the foreign keys `followed`."""
    said = {field.attname: F(prefix + field.attname) for field in columns(model)}
    for name in followed:
        said[name] = as_json(model._meta.get_field(name).related_model, prefix=f"{prefix}{name}__")
    return JSONObject(**said)


def made(model, row, followed=()):
    """The record that a row in JSON is."""
    record = model(**{f.attname: f.to_python(row[f.attname]) for f in columns(model)})
    record._state.adding, record._state.db = False, "default"
    for name in followed:
        field = model._meta.get_field(name)
        other = field.related_model
        key = row[name][other._meta.pk.attname]
        field.set_cached_value(record, None if key is None else made(other, row[name]))
    return record


class AtHand(list):
    """Records that were read already, in the place of the query for those that are chosen."""

    def using(self, database):
        return self

    def filter(self, **wanted):
        ((_lookup, keys),) = wanted.items()
        return [record for record in self if str(record.pk) in keys]


class KnowsChosen:
    """A field completed as one types, which need not ask for what is chosen when `known` has it."""

    known = ()

    def optgroups(self, name, value, attr=None):
        chosen = {str(key) for key in value if key}
        if chosen <= {str(record.pk) for record in self.known}:
            asked, self.choices.queryset = self.choices.queryset, AtHand(self.known)
            try:
                return super().optgroups(name, value, attr)
            finally:
                self.choices.queryset = asked
        return super().optgroups(name, value, attr)


class KnowsOne(KnowsChosen, AutocompleteSelect):
    pass


class KnowsSeveral(KnowsChosen, AutocompleteSelectMultiple):
    pass


class FormSetAtHand(BaseInlineFormSet):
    """Rows of a page that were read with the record they hang on."""

    def get_queryset(self):
        if not hasattr(self, "_queryset"):
            name = self.fk.remote_field.get_accessor_name()
            at_hand = getattr(self.instance, "_prefetched_objects_cache", {})
            if name in at_hand:
                self._queryset = list(at_hand[name])
        return super().get_queryset()
