"""The history of a record in words: who, when, before → after.

Database triggers write one event for each row that is added, changed or removed, in tables beside
the rows' own (django-pghistory). Here the events of a record and of the rows that hang on it are
gathered into moments, one for each save, import or command.
"""

import datetime
import itertools
from collections import defaultdict
from dataclasses import dataclass, field

from django.apps import apps
from django.contrib.admin.utils import unquote
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import models
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from modeltranslation.translator import NotRegistered, translator
from pghistory.models import Events
from phonenumber_field.modelfields import PhoneNumberField

from members import documents
from members.admin.together import read_by_key
from members.admin.words import field_label
from members.display import listed, phone, postal_code, quoted
from members.identifiers import display_identifier
from members.merging import can_be_merged, joined_to, merges_into
from members.models import Identifier, Merge, Organization
from members.permissions import RULES, can_merge, can_see_personal, may

EVENTS_PER_PAGE = 100
# How far back one looks for who changed each of several fields last.
EVENTS_LOOKED_AT = 300

# Written by the machine at every save: they say nothing that the moment does not say.
UNSAID = {"id", "created_at", "updated_at", "password", "file", "digest", "size"}


@dataclass
class Change:
    """One thing that changed: its name, then what was there and what is, as lists of texts."""

    what: str
    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)


@dataclass
class Moment:
    """What one save, import or command did to a record.

    `who` is a name, or empty when nobody was signed in; `how` says by which door it came in.
    """

    when: datetime.datetime
    who: str
    how: str
    changes: list[Change]


def events_of(record, related=False):
    """The events of a record, the last first; with `related`, of the rows that point to it too.

    Those of the records that were joined to it are among them.
    """
    records = [record, *(type(record)(pk=key) for key in joined_to(record))]
    asked = Events.objects.references if related else Events.objects.tracks
    events = asked(*records)
    return events.order_by("-pgh_created_at", "pgh_context_id", "pgh_model", "pgh_id")


def last_change(record, field="", label="update"):
    """(who, when) last changed that field of a record, or did to it what the `label` says.

    ("", None) if no history knows.
    """
    if not hasattr(type(record), "pgh_event_models"):
        return "", None
    column = field
    for known in type(record)._meta.concrete_fields:
        if known.name == field:
            column = known.column
    events = Events.objects.tracks(record).filter(pgh_label=label)
    if field:
        events = events.filter(pgh_diff__has_key=column)
    event = events.order_by("-pgh_created_at", "-pgh_id").first()
    if event is None:
        return "", None
    return signature(event, Names([event]))[0], timezone.localtime(event.pgh_created_at)


def last_changes(record, wanted):
    """{key: (who, when)} of what last changed in a record and in the rows that hang on it.

    `wanted` says what, {key: (model, column)}: a column of the record's own, or all of the rows of
    a model, without a column. What the last EVENTS_LOOKED_AT do not tell is absent. Three queries,
    however many keys.
    """
    found = {}
    for event in events_of(record, related=True)[:EVENTS_LOOKED_AT]:
        model = apps.get_model(event.pgh_obj_model)._meta.concrete_model
        for key, (owner, column) in wanted.items():
            if key in found or model is not owner:
                continue
            if not column or (event.pgh_label == "update" and column in (event.pgh_diff or {})):
                found[key] = event
        if len(found) == len(wanted):
            break
    names = Names(found.values())
    return {
        key: (signature(event, names)[0], timezone.localtime(event.pgh_created_at))
        for key, event in found.items()
    }


def events_seen_by(user, events):
    """Of the `events`, those of records that the user may see: consents are not everybody's."""
    hidden = [
        model._meta.label
        for model in apps.get_models()
        if hasattr(model, "pgh_event_models")
        and not all(may(user, "view", owner) for owner in owners(model))
    ]
    return events.exclude(pgh_obj_model__in=hidden)


def owners(model):
    """The models whose rules say who sees rows of `model`: its own, or both that a link ties."""
    through = model._meta.concrete_model
    if not through._meta.auto_created:
        return [model]
    tied = [field.related_model for field in through._meta.fields if field.is_relation]
    return [model for model in tied if model is not Group]  # the names of roles are no secret


def unseen_fields(model, viewer):
    """The names of the fields of `model` that are not for `viewer`: without one, all personal.

    Nor is what leads to a record that is not for them, such as the dossier of a statement: but for
    users, since whose something is, is no secret among colleagues.
    """
    unseen = set()
    if hasattr(model, "personal_fields") and not (viewer and can_see_personal(viewer)):
        unseen |= set(model.personal_fields())
    if viewer:
        unseen |= {
            field.name
            for field in model._meta.concrete_fields
            if field.is_relation
            and field.related_model is not get_user_model()
            and field.related_model._meta.label_lower in RULES
            and not may(viewer, "view", field.related_model)
        }
    return unseen


def moments(events, record, viewer=None):
    """The events as a list of `Moment`s, in the events' order; those that changed nothing left out.

    What is personal is told only to a `viewer` who may know it. Names are looked up once for each
    kind, however many events there are.
    """
    events = list(events)
    names = Names(events, viewer)
    found = []
    for (when, _context), together in itertools.groupby(
        events, lambda event: (event.pgh_created_at, event.pgh_context_id)
    ):
        group = list(together)
        if changes := told_of_merge(group, record, names) or changes_in(group, record, names):
            who, how = signature(group[0], names)
            found.append(Moment(timezone.localtime(when), who, how, changes))
    return found


def signature(event, names):
    """Who made an event, and by which door: (name, door), either may be empty."""
    context = event.pgh_context or {}
    who = names.of(get_user_model(), context["user"]) if context.get("user") else ""
    if context.get("confirmed_by") == Organization.ConfirmedBy.LINK:
        return context["confirmed_address"], _("link of a reminder, without signing in")
    if context.get("confirmed_by") == Organization.ConfirmedBy.SPACE:
        return who, _("in the space of the organization")
    if context.get("command"):
        return who, _("command %(name)s") % {"name": context["command"]}
    if context.get("file"):
        return who, _("import of %(file)s") % {"file": context["file"]}
    if proposers := context.get("proposers"):
        asked = [names.of(get_user_model(), key) for key in proposers]
        words = {"proposers": listed(asked), "who": who or _("the system")}
        return _("proposed by %(proposers)s, accepted by %(who)s") % words, ""
    return who or _("the system"), ""


def told_of_merge(events, record, names):
    """What a merge of the record, or its undoing, changed: itself first, then the record's fields.

    Empty for any other moment. What followed is on the merge's own page.
    """
    context = events[0].pgh_context or {}
    merge = names.merges.get(context.get("merge"))
    if merge is None or record._meta.label_lower != merge.model:
        return []
    title = _("Merge undone") if context.get("undone") else pgettext("what happened", "Merge")
    words = _("“%(removed)s” joined to “%(kept)s”") % {
        "removed": merge.removed_name,
        "kept": merge.kept_name,
    }
    told = Change(title, [words], []) if context.get("undone") else Change(title, [], [words])
    own = [event for event in events if is_of(event, record)]
    return [told, *changes_in(own, record, names)]


def is_of(event, record):
    """Whether an event is of the record's own row."""
    return event.pgh_obj_id == str(record.pk) and event.pgh_obj_model == record._meta.label


def changes_in(events, record, names):
    """The `Change`s of one moment: the record's own fields first, then rows that hang on it."""
    own, links, rows = [], {}, []
    for event in events:
        model = apps.get_model(event.pgh_obj_model)
        if model is type(record):
            own += changed_fields(event, model, names, names.joined(event, record))
        elif model._meta.concrete_model._meta.auto_created:
            add_link(links, event, model._meta.concrete_model, record, names)
        else:
            rows += changed_row(event, model, record, names)
    return [*own, *links.values(), *rows]


def changed_fields(event, model, names, prefix=""):
    """One `Change` for each field that an event gave another value."""
    fields = shown_fields(model, names.viewer)
    if event.pgh_label == "insert":
        changed = {column: (None, value) for column, value in event.pgh_data.items()}
    elif event.pgh_label == "delete":
        changed = {column: (value, None) for column, value in event.pgh_data.items()}
    else:
        changed = event.pgh_diff or {}
    for column, shown in fields.items():
        if column in changed:
            before, after = (names.shown(shown, value) for value in changed[column])
            if before != after:
                yield Change(
                    prefix + field_label(shown),
                    [before] if before else [],
                    [after] if after else [],
                )


def changed_row(event, model, record, names):
    """The `Change`s of a row that hangs on the record: whole if it came or went, else by field."""
    name = capfirst(model._meta.verbose_name)
    if event.pgh_label == "update":
        prefix = _("%(row)s, ") % {"row": name}
        return [
            Change(prefix + change.what[:1].lower() + change.what[1:], change.before, change.after)
            for change in changed_fields(event, model, names)
        ]
    told = names.told(model, event.pgh_data, type(record))
    return [Change(name, [], [told]) if event.pgh_label == "insert" else Change(name, [told], [])]


def add_link(links, event, through, record, names):
    """Add a theme, a country or another record that was tied to this one, or untied."""
    options = type(record)._meta
    for relation in options.many_to_many:
        if relation.remote_field.through is through:
            what, other = relation.verbose_name, relation.m2m_reverse_field_name()
    for reverse in options.related_objects:
        if reverse.many_to_many and reverse.through is through:
            what = reverse.related_model._meta.verbose_name_plural
            other = reverse.field.m2m_field_name()
    end = through._meta.get_field(other)
    change = links.setdefault(through, Change(capfirst(what)))
    texts = change.before if event.pgh_label == "delete" else change.after
    texts.append(names.of(end.related_model, event.pgh_data[end.column]))


def shown_fields(model, viewer=None):
    """The fields that a history tells, by column: neither keys nor the copies of translations, nor
    what is personal unless `viewer` may know it.
    """
    try:
        originals = set(translator.get_options_for_model(model).all_fields)
    except NotRegistered:
        originals = set()
    return {
        field.column: field
        for field in model._meta.concrete_fields
        if field.name not in UNSAID | originals | unseen_fields(model, viewer)
        and not field.primary_key
        and not field.generated
    }


class Names:
    """The words for what events hold: keys become names, codes become what they mean.

    `merges` are those that the events were made by.
    """

    def __init__(self, events, viewer=None):
        self.viewer = viewer
        wanted = defaultdict(set)
        for event in events:
            model = apps.get_model(event.pgh_obj_model)
            for relation in model._meta.concrete_fields:
                if relation.is_relation:
                    wanted[relation.related_model] |= self.keys(event, relation)
            context = event.pgh_context or {}
            wanted[get_user_model()] |= {context.get("user"), *context.get("proposers", ())} - {
                None
            }
        self.merges = {merge.pk: merge for merge in merges_told(events)}
        self.joined_names = None
        self.found = read_by_key({model: keys for model, keys in wanted.items() if keys})
        self.gone = names_before_merge(wanted, self.found)

    def joined(self, event, record):
        """How a change begins that was made to a record joined to this one since."""
        if is_of(event, record):
            return ""
        if self.joined_names is None:
            self.joined_names = {
                str(merge.removed_id): merge.removed_name for merge in merges_into(record)
            }
        name = self.joined_names.get(event.pgh_obj_id, event.pgh_obj_id)
        return _("%(row)s, ") % {"row": quoted(name)}

    @staticmethod
    def keys(event, relation):
        """The keys that an event holds for a relation, the former one included."""
        values = [event.pgh_data.get(relation.column)]
        values += (event.pgh_diff or {}).get(relation.column, [])
        return {value for value in values if value is not None}

    def of(self, model, key):
        """The name of one record, or that it had before it was joined to another; its key, said to
        be deleted, if it is no more."""
        if record := self.found.get(model, {}).get(key):
            return str(record)
        if name := self.gone.get((model._meta.label_lower, key)):
            return name
        return _("%(key)s (deleted)") % {"key": key}

    def shown(self, field, value):
        """A stored value as people read it; empty when there is none."""
        if value is None or value == "" or value == []:
            return ""
        if field.is_relation:
            return self.of(field.related_model, value)
        if field.choices:
            return str(dict(field.flatchoices).get(value, value))
        if isinstance(field, models.BooleanField):
            return _("yes") if value else _("no")
        if isinstance(field, models.DateTimeField):
            when = timezone.localtime(datetime.datetime.fromisoformat(value))
            return date_format(when, "DATETIME_FORMAT")
        if isinstance(field, models.DateField):
            return date_format(datetime.date.fromisoformat(value))
        if isinstance(field, ArrayField):
            return ", ".join(str(item) for item in value)
        if isinstance(field, PhoneNumberField):
            return phone(value)
        if field.name == "postal_code":
            return postal_code(value)
        if field.name == "content_type":
            return documents.label(value)
        return str(value)

    def told(self, model, data, parent):
        """A whole row in one line, without the record that it hangs on."""
        if model is Identifier:
            scheme = Identifier.Scheme(data["scheme"]).label
            return f"{scheme} {display_identifier(data['scheme'], data['value'])}"
        texts = []
        for column, shown in shown_fields(model, self.viewer).items():
            if shown.is_relation and shown.related_model is parent:
                continue
            if text := self.shown(shown, data.get(column)):
                texts.append(f"{field_label(shown).lower()} {text}")
        return ", ".join(texts)


def names_before_merge(wanted, found):
    """{(model, key): name} of records that are no more since they were joined to others."""
    missing = {
        model._meta.label_lower: keys - set(found.get(model, {}))
        for model, keys in wanted.items()
        if can_be_merged(model)
    }
    keys = set().union(*missing.values())
    if not keys:
        return {}
    merges = Merge.objects.filter(model__in=missing, removed_id__in=keys)
    return {(merge.model, merge.removed_id): merge.removed_name for merge in merges}


def merges_told(events):
    """The merges that made some of the events."""
    made = {(event.pgh_context or {}).get("merge") for event in events} - {None}
    if not made:
        return []
    return Merge.objects.filter(pk__in=made)


class ReadableHistory:
    """Puts the readable history in the place of Django's, for models whose changes are recorded."""

    # Whether the rows that point to the record belong to its history.
    history_of_related = False

    def history_view(self, request, object_id, extra_context=None):
        if not hasattr(self.model, "pgh_event_models"):
            return super().history_view(request, object_id, extra_context)
        record = self.get_object(request, unquote(object_id))
        if record is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_or_change_permission(request, record):
            raise PermissionDenied
        events = events_seen_by(request.user, events_of(record, self.history_of_related))
        paginator = Paginator(events, EVENTS_PER_PAGE)
        page = paginator.get_page(request.GET.get("p"))
        context = {
            **self.admin_site.each_context(request),
            "title": _("History: %(record)s") % {"record": record},
            "subtitle": None,
            "moments": moments(page.object_list, record, request.user),
            "merges": merges_into(record) if can_merge(request.user) else [],
            "page": page,
            "page_range": paginator.get_elided_page_range(page.number),
            "module_name": capfirst(self.opts.verbose_name_plural),
            "object": record,
            "opts": self.opts,
            "preserved_filters": self.get_preserved_filters(request),
            **(extra_context or {}),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/object_history.html", context)
