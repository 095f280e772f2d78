"""Two people who save the same record: neither loses what they wrote.

A page carries, signed, what each of its fields held when it was shown. When it comes back, the
record is locked and three values of each field are compared: what was seen, what is there now, what
was typed. What only another person changed is kept; what both changed, each in their way, is shown
to the second, who decides by saving again. Rows of other models on the same page are compared
likewise; of several values in one field (themes, tags), what each added and removed is done.
"""

import dataclasses
import datetime
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms.formsets import DELETION_FIELD_NAME, INITIAL_FORM_COUNT, TOTAL_FORM_COUNT
from django.template.response import TemplateResponse
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from phonenumber_field.formfields import PhoneNumberField

from members.admin.history import last_change
from members.display import phone

# The hidden field of a page that says what its fields held.
SEEN = "_seen"
NOTHING = "—"


@dataclass
class Difference:
    """A field that two people changed: in words, what was seen, what is there now, what was typed.

    `who` wrote what is there, `when`; empty and None where no history says so.
    """

    what: str
    seen: str
    now: str
    typed: str
    who: str = ""
    when: datetime.datetime | None = None


@dataclass
class Comparison:
    """What comparing a form that came back with its record has found."""

    differences: list[Difference] = dataclasses.field(default_factory=list)
    # The names of the record's own fields that differ.
    fields: list[str] = dataclasses.field(default_factory=list)
    # Those of the rows of a formset: {prefix: [(place, name)]}.
    rows: dict[str, list[tuple[int, str]]] = dataclasses.field(default_factory=dict)
    # What happened to other rows, in sentences.
    news: list[str] = dataclasses.field(default_factory=list)


# A field's value as a browser sends it: {suffix of the name: [texts]}.


def bare(widget):
    """The widget itself, without what Django's admin puts around it."""
    return getattr(widget, "widget", widget)


def as_sent(widget, value):
    """A value as the browser sends it when the widget that shows it is left alone."""
    widget = bare(widget)
    if isinstance(widget, forms.MultiWidget):
        values = value if isinstance(value, list) else widget.decompress(value)
        values = [*values, *[None] * (len(widget.widgets) - len(values))]
        parts = zip(widget.widgets_names, widget.widgets, values, strict=False)
        return {
            name + suffix: texts
            for name, inner, part in parts
            for suffix, texts in as_sent(inner, part).items()
        }
    if isinstance(widget, forms.CheckboxInput):
        return {"": ["on"] if widget.check_test(value) else []}
    shown = widget.format_value(value)
    if isinstance(shown, (list, tuple)):
        texts = [str(item) for item in shown if item is not None]
        return {"": texts if holds_several(widget) else texts[:1] or [""]}
    return {"": ["" if shown is None else str(shown).replace("\r\n", "\n")]}


def holds_several(widget):
    return getattr(bare(widget), "allow_multiple_selected", False)


def compared(form, aside=()):
    """The fields of a form that are compared, by name; not those `aside`, nor files."""
    return {
        name: field
        for name, field in form.fields.items()
        if name not in aside
        and not field.disabled
        and not isinstance(bare(field.widget), forms.FileInput)
    }


def as_shown(form, aside=()):
    """{field: value as sent} of what the form's record holds, whatever was typed in it."""
    return {
        name: as_sent(field.widget, field.prepare_value(form[name].initial))
        for name, field in compared(form, aside).items()
    }


def as_typed(field, data, name):
    """The value that came back in `data` under that name."""
    return as_sent(field.widget, bare(field.widget).value_from_datadict(data, {}, name))


def write(data, field, name, sent):
    """Put a value in `data` as if the browser had sent it."""
    for suffix, texts in sent.items():
        if texts:
            data.setlist(name + suffix, texts)
        else:
            data.pop(name + suffix, None)


def same(field, one, other):
    """Whether two values as sent mean the same: a browser may leave out the seconds of an hour."""
    if one == other:
        return True
    if len(one) != 1 or isinstance(field, forms.ModelChoiceField) or holds_several(field.widget):
        return False
    try:
        values = [field.to_python(sent[""][0]) if sent.get("") else None for sent in (one, other)]
    except (ValidationError, ValueError, TypeError):
        return False
    return values[0] == values[1]


def in_words(field, sent):
    """A value as sent, as people read it."""
    texts = [text for values in sent.values() for text in values if text != ""]
    if isinstance(bare(field.widget), forms.CheckboxInput):
        return _("yes") if texts else _("no")
    if not texts:
        return NOTHING
    if isinstance(field, forms.ModelChoiceField):
        key = field.to_field_name or "pk"
        try:
            found = list(field.queryset.filter(**{f"{key}__in": texts}))
        except (ValueError, TypeError):
            return ", ".join(texts)
        return ", ".join(field.label_from_instance(one) for one in found) or NOTHING
    choices = getattr(bare(field.widget), "choices", None)
    if choices:
        words = {str(key): words for key, words in flat(choices)}
        return ", ".join(str(words.get(text, text)) for text in texts)
    try:
        if isinstance(field, PhoneNumberField):
            return phone(texts[0])
        if type(field) is forms.DateField:
            return date_format(field.to_python(texts[0]))
    except Exception:  # what was typed is no number or no day: as it stands
        return texts[0]
    return " ".join(texts)


def flat(choices):
    """Choices without their groups."""
    for key, words in choices:
        if isinstance(words, (list, tuple)):
            yield from words
        else:
            yield key, words


def meanwhile():
    return _("Changed meanwhile by someone else: see above.")


class DisputedRows:
    """The same for the rows of a formset: `disputed` are [(place, name)]."""

    disputed = ()

    def full_clean(self):
        super().full_clean()
        for place, name in self.disputed:
            self.forms[place].add_error(name, meanwhile())


class Disputed:
    """A form of which another person changed some fields meanwhile: not saved before it is seen."""

    comparison = None

    def clean(self):
        cleaned = super().clean()
        for name in self.comparison.fields:
            self.add_error(name, meanwhile())
        self.add_error(
            None,
            _("Someone else has saved this page since you opened it. Nothing is saved yet."),
        )
        return cleaned


class LosesNothing:
    """For a page of the staff's site: what two people write at the same time is kept, or told."""

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        if request.method != "POST" or object_id is None or SEEN not in request.POST:
            return super().changeform_view(request, object_id, form_url, extra_context)
        with transaction.atomic():
            record = self.locked(request, object_id)
            if record is None:
                return self.gone(request)
            context = extra_context or {}
            if self.has_change_permission(request, record):
                comparison = self.compare(request, record)
                request.comparison = comparison
                context = {**context, "differences": comparison.differences}
                for news in comparison.news:
                    messages.info(request, news)
            return super().changeform_view(request, object_id, form_url, context)

    def locked(self, request, object_id):
        """The record, which nobody else saves before this request ends; None if it is no more."""
        try:
            key = self.opts.pk.to_python(unquote(object_id))
        except ValidationError:
            return None
        if not self.model._base_manager.select_for_update().filter(pk=key).exists():
            return None
        return self.get_object(request, unquote(object_id))

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        comparison = getattr(request, "comparison", None)
        if comparison is None or not comparison.differences:
            return form
        return type(form)(form.__name__, (Disputed, form), {"comparison": comparison})

    def _create_formsets(self, request, obj, change):
        """With what two people changed in each, once compared."""
        formsets, inlines = super()._create_formsets(request, obj, change)
        if comparison := getattr(request, "comparison", None):
            for formset in formsets:
                formset.disputed = comparison.rows.get(formset.prefix, ())
        return formsets, inlines

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        """Besides, sign what the page shows, unless it is only read."""
        if obj is not None and change and self.has_change_permission(request, obj):
            formsets = [
                (inline.opts, inline.formset) for inline in context["inline_admin_formsets"]
            ]
            context["seen"] = self.signed(request, obj, context["adminform"].form, formsets)
        return super().render_change_form(request, context, add, change, form_url, obj)

    # What was seen

    def salt(self, record):
        return f"{self.opts.label_lower}:{record.pk}"

    def signed(self, request, record, form, formsets):
        """What the page shows, for itself to bring back."""
        seen = {"": as_shown(form)}
        for inline, formset in formsets:
            if inline.has_change_permission(request, record):
                seen[formset.prefix] = {
                    str(row.instance.pk): as_shown(row, set_aside(formset))
                    for row in formset.initial_forms
                    if row.instance.pk
                }
        return signing.dumps(seen, salt=self.salt(record), compress=True)

    def seen(self, request, record):
        """What the page showed; {} if what came back is not what we signed."""
        try:
            return signing.loads(request.POST[SEEN], salt=self.salt(record))
        except signing.BadSignature:
            return {}

    # Comparing

    def compare(self, request, record):
        """Compare what was seen, what is there and what was typed; merge into `request.POST` what
        can be, and tell the rest."""
        seen = self.seen(request, record)
        fields = flatten_fieldsets(self.get_fieldsets(request, record))
        form = self.get_form(request, record, change=True, fields=fields)(instance=record)
        data = request.POST.copy()
        comparison = Comparison()
        comparison.fields = compare_fields(
            data, compared(form), as_shown(form), seen.get(""), record, comparison
        )
        prefixes = {}
        for formset_class, inline in self.get_formsets_with_inlines(request, record):
            prefix = formset_class.get_default_prefix()
            prefixes[prefix] = prefixes.get(prefix, 0) + 1
            if prefixes[prefix] != 1 or not prefix:
                prefix = f"{prefix}-{prefixes[prefix]}"
            if inline.has_change_permission(request, record):
                rows = inline.get_queryset(request)
                list(rows.select_for_update(of=("self",)).filter(**{formset_class.fk.name: record}))
                formset = formset_class(instance=record, prefix=prefix, queryset=rows)
                compare_rows(data, formset, seen.get(prefix), comparison)
        request.POST = data
        return comparison

    def gone(self, request):
        """The record was deleted meanwhile: what was typed, to keep elsewhere or type again."""
        form = self.get_form(request, None, change=False)()
        typed = [
            (capfirst(field.label), in_words(field, as_typed(field, request.POST, name)))
            for name, field in compared(form).items()
        ]
        return TemplateResponse(
            request,
            "admin/gone.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": _("Deleted meanwhile"),
                "subtitle": None,
                "typed": [(what, words) for what, words in typed if words != NOTHING],
            },
            status=410,
        )


def compare_fields(data, fields, now, seen, record, comparison, prefix="", row=""):
    """Merge into `data` the fields that another person changed; return those that both did."""
    disputed = []
    for name, field in fields.items():
        sent_as = f"{prefix}{name}"
        typed = as_typed(field, data, sent_as)
        there, before = now[name], seen.get(name) if seen is not None else None
        if typed == there:
            continue
        if before is not None and holds_several(field.widget):
            write(data, field, sent_as, both(typed, there, before))
        elif before is not None and same(field, there, before):
            continue
        elif before is not None and same(field, typed, before):
            write(data, field, sent_as, there)
        elif not same(field, typed, there):
            disputed.append(name)
            who, when = last_change(record, name)
            comparison.differences.append(
                Difference(
                    what=f"{row}{capfirst(field.label)}",
                    seen=in_words(field, before) if before is not None else NOTHING,
                    now=in_words(field, there),
                    typed=in_words(field, typed),
                    who=who,
                    when=when,
                )
            )
    return disputed


def both(typed, there, before):
    """Of several values, what is there with what one added to what they saw and without what they
    removed."""
    typed, there, before = typed[""], there[""], before[""]
    kept = [value for value in there if value in typed or value not in before]
    added = [value for value in typed if value not in before and value not in there]
    return {"": kept + added}


def set_aside(formset):
    """The fields of a row that tie it to its record, or say what becomes of it."""
    return {formset.model._meta.pk.name, formset.fk.name, DELETION_FIELD_NAME, "ORDER"}


def compare_rows(data, formset, seen, comparison):
    """Compare the rows of a formset: changed, removed or added by another person."""
    prefix, aside = formset.prefix, set_aside(formset)
    count, initial = (
        number(data, f"{prefix}-{key}") for key in (TOTAL_FORM_COUNT, INITIAL_FORM_COUNT)
    )
    if count is None or initial is None:
        return
    key = formset.model._meta.pk.name
    there = {str(row.instance.pk): row for row in formset.initial_forms}
    blank = compared(formset.empty_form, aside)
    kept, restored, new, came = [], [], [], set()
    for place in range(min(count, formset.absolute_max)):
        start = f"{prefix}-{place}-"
        pk = data.get(start + key, "")
        before = (seen or {}).get(pk) if seen is not None else None
        deleted = formset.can_delete and data.get(start + DELETION_FIELD_NAME)
        if place >= initial or not pk:
            new.append(sent_row(data, start))
            continue
        came.add(pk)
        if row := there.get(pk):
            name = f"{row.instance}, "
            now = as_shown(row, aside)
            if not deleted:
                disputed = compare_fields(
                    data, compared(row, aside), now, before, row.instance, comparison, start, name
                )
                found = comparison.rows.setdefault(prefix, [])
                found += [(len(kept), field) for field in disputed]
            elif before is not None and now != before:
                comparison.differences.append(deletion(row, now, before, compared(row, aside)))
            kept.append(sent_row(data, start))
        elif not deleted:
            typed = {name: as_typed(field, data, start + name) for name, field in blank.items()}
            touched = before is None or any(
                not same(blank[name], typed[name], before[name])
                for name in typed.keys() & before.keys()
            )
            told = row_in_words(blank, typed)
            who, when = last_change(formset.model(pk=pk), label="delete")
            words = {"row": capfirst(formset.model._meta.verbose_name), "told": told, "who": who}
            if touched:
                restored.append({**sent_row(data, start), key: [""]})
                comparison.differences.append(
                    Difference(
                        what=words["row"],
                        seen=row_in_words(blank, before) if before else NOTHING,
                        now=_("removed; saving again adds it anew"),
                        typed=told,
                        who=who,
                        when=when,
                    )
                )
            else:
                comparison.news.append(
                    _("Removed meanwhile by %(who)s: %(row)s, %(told)s.") % words
                )
    added = []
    for pk, row in there.items():
        if pk in came or seen is None or pk in seen:
            continue
        values = as_shown(row, aside)
        sent = {
            name + suffix: texts
            for name, value in values.items()
            for suffix, texts in value.items()
            if texts
        }
        added.append({key: [pk], formset.fk.name: [str(formset.instance.pk)], **sent})
        who = last_change(row.instance, label="insert")[0]
        comparison.news.append(
            _("Added meanwhile by %(who)s: %(row)s, %(told)s.")
            % {
                "who": who,
                "row": capfirst(formset.model._meta.verbose_name),
                "told": row_in_words(blank, values),
            }
        )
    rows = [*kept, *added, *restored, *new]
    for place in range(count):
        for name in sent_row(data, f"{prefix}-{place}-"):
            data.pop(f"{prefix}-{place}-{name}")
    for place, row in enumerate(rows):
        for name, texts in row.items():
            data.setlist(f"{prefix}-{place}-{name}", texts)
    data[f"{prefix}-{TOTAL_FORM_COUNT}"] = str(len(rows))
    data[f"{prefix}-{INITIAL_FORM_COUNT}"] = str(len(kept) + len(added))


def number(data, name):
    """A whole number that came back, or None."""
    value = data.get(name, "")
    return int(value) if value.isdecimal() and len(value) < 6 else None


def sent_row(data, start):
    """{name: [texts]} of what came back for one row."""
    return {name[len(start) :]: data.getlist(name) for name in data if name.startswith(start)}


def row_in_words(fields, sent):
    """A row in one line: what is said of it, without what is empty."""
    told = [
        in_words(field, sent[name])
        for name, field in fields.items()
        if name in sent and any(texts not in ([], [""]) for texts in sent[name].values())
    ]
    return ", ".join(told) or NOTHING


def deletion(row, now, before, fields):
    """Someone deletes a row that another person changed."""
    changed = [name for name in now if now[name] != before.get(name)]
    who, when = last_change(row.instance, changed[0])
    return Difference(
        what=str(row.instance),
        seen=row_in_words(fields, {name: before.get(name, {}) for name in changed}),
        now=row_in_words(fields, {name: now[name] for name in changed}),
        typed=_("to be deleted"),
        who=who,
        when=when,
    )
