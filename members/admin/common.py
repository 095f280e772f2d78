"""What every page of the staff's site has in common."""

import re

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import flatten, unquote
from django.contrib.admin.widgets import (
    AutocompleteMixin,
    AutocompleteSelect,
    AutocompleteSelectMultiple,
    RelatedFieldWidgetWrapper,
)
from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from phonenumber_field import modelfields
from phonenumber_field.formfields import PhoneNumberField

from members import display
from members.admin.conflicts import DisputedRows, LosesNothing
from members.admin.exports import Exports
from members.admin.history import ReadableHistory, unseen_fields
from members.admin.lists import SavesLists
from members.admin.words import field_label
from members.merging import can_be_merged, where_is
from members.permissions import can_merge, may


class PhoneField(PhoneNumberField):
    """A phone number, maybe with its extension: « poste 12 » is read like « ext. 12 »."""

    def to_python(self, value):
        return super().to_python(re.sub(r"(?i),?\s*\b(poste|p\.)\s*(?=\d)", " x", value or ""))


def extension_apart(cleaned):
    """What a form cleaned, an extension typed with the phone number moved to its own field."""
    phone = cleaned.get("phone")
    if phone and phone.extension and not cleaned.get("phone_extension"):
        cleaned["phone_extension"] = phone.extension
    return cleaned


def mail_link(address):
    """A link that writes to an e-mail address; empty when there is none."""
    return format_html('<a href="mailto:{0}">{0}</a>', address) if address else ""


def phone_link(number, extension=""):
    """A link that calls a number, its extension included; empty when there is none."""
    if not number:
        return ""
    called = f"{number};ext={extension}" if extension else str(number)
    return format_html('<a href="tel:{}">{}</a>', called, display.phone(number, extension))


class StaffMay:
    """What each may do here is the table of `members.permissions`, for pages and rows alike."""

    def has_module_permission(self, request):
        return self.has_view_permission(request)

    def has_view_permission(self, request, obj=None):
        return may(request.user, "view", self.model)

    def has_add_permission(self, request, obj=None):
        return may(request.user, "add", self.model)

    def has_change_permission(self, request, obj=None):
        return may(request.user, "change", self.model)

    def has_delete_permission(self, request, obj=None):
        return may(request.user, "delete", self.model)

    def has_view_or_change_permission(self, request, obj=None):
        return self.has_view_permission(request, obj)


class ReferenceOnly:
    """Official lists, which a command loads: nobody adds to them or takes from them by hand."""

    def has_add_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class KnownAutocompleteSelect(AutocompleteSelect):
    """A field that completes what one types; it asks nothing about a record that is `known`."""

    known = None

    def optgroups(self, name, value, attr=None):
        if self.known is None or [str(key) for key in value] != [str(self.known.pk)]:
            return super().optgroups(name, value, attr)
        label = self.choices.field.label_from_instance(self.known)
        options = [self.create_option(name, self.known.pk, label, True, 0)]
        if not self.is_required:
            options.insert(0, self.create_option(name, "", "", False, 0))
        return [(None, options, 0)]


class KnownAutocompleteSelectMultiple(AutocompleteSelectMultiple):
    """The same for several records: those that are `known` are all that is chosen, or it asks."""

    known = ()

    def optgroups(self, name, value, attr=None):
        labels = {str(record.pk): record for record in self.known}
        if not value or set(map(str, value)) != set(labels):
            return super().optgroups(name, value, attr)
        label = self.choices.field.label_from_instance
        options = [
            self.create_option(name, key, label(record), True, place)
            for place, (key, record) in enumerate(labels.items())
        ]
        return [(None, options, 0)]


class ReadableFields:
    """Fields that say what they are, and dates that every browser helps to type."""

    formfield_overrides = {
        models.DateField: {
            "widget": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        },
        models.URLField: {
            "widget": forms.URLInput(attrs={"class": "vURLField"}),
            "assume_scheme": "https",
        },
        modelfields.PhoneNumberField: {"form_class": PhoneField},
    }

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if "widget" not in kwargs and db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = KnownAutocompleteSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if "widget" not in kwargs and db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = KnownAutocompleteSelectMultiple(db_field, self.admin_site)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is None:
            return None
        if isinstance(field.widget, RelatedFieldWidgetWrapper):
            # Pictures without a word: only « add » is kept, since a missing town is a common case.
            field.widget.can_change_related = False
            field.widget.can_delete_related = False
            field.widget.can_view_related = False
        inner = getattr(field.widget, "widget", None)
        if isinstance(inner, AutocompleteMixin):
            # What is proposed opens within the page's main part, where screen readers look.
            inner.attrs["data-dropdown-parent"] = "#content-start"
        if isinstance(inner, AutocompleteSelectMultiple):
            # « Remove all » stands as a stray element in the list of what is chosen.
            inner.is_required = True
        if hasattr(db_field, "translated_field"):
            field.label = field_label(db_field)
            widget = getattr(field.widget, "widget", field.widget)
            widget.attrs["lang"] = "fr-CA" if db_field.language == "fr" else db_field.language
        return field


class StaffModelAdmin(
    LosesNothing,
    SavesLists,
    Exports,
    StaffMay,
    ReadableHistory,
    ReadableFields,
    admin.ModelAdmin,
):
    """A list and a page for one model, in words."""

    class Media:
        css = {"all": ["css/tags.css", "css/exchange.css", "css/conflicts.css"]}
        js = ["js/admin.js"]

    # What the button and the page that add one say.
    add_words = ""
    # What the sidebar calls the list, when the plural of its records says too little.
    list_name = ""
    show_full_result_count = False
    show_facets = admin.ShowFacets.ALWAYS
    list_per_page = 50

    def lookup_allowed(self, lookup, value, request):
        """No condition on what the user may not see: finding by a value is reading it."""
        model = self.model
        for name in lookup.split(LOOKUP_SEP):
            if name in unseen_fields(model, request.user):
                return False
            try:
                model = model._meta.get_field(name).related_model
            except FieldDoesNotExist:
                break
            if model is None:
                break
            # Whose an exchange is, or a saved list, is no secret among colleagues.
            if model is not get_user_model() and not may(request.user, "view", model):
                return False
        return super().lookup_allowed(lookup, value, request)

    def get_object(self, request, object_id, from_field=None):
        """The record of a page, asked for once while it is only read."""
        if request.method != "GET":
            return super().get_object(request, object_id, from_field)
        read = request.__dict__.setdefault("records_read", {})
        key = (self.model, object_id, from_field)
        if key not in read:
            read[key] = super().get_object(request, object_id, from_field)
        return read[key]

    def completed(self, record):
        """What the fields that complete what one types say of a record."""
        return str(record)

    def add_view(self, request, form_url="", extra_context=None):
        return super().add_view(
            request, form_url, {"title": self.add_words, **(extra_context or {})}
        )

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """The page of one record, under its name."""
        record = self.get_object(request, unquote(object_id))
        context = {"title": str(record), "subtitle": None} if record else {}
        context["may_merge"] = self.may_merge(request)
        return super().change_view(
            request, object_id, form_url, {**context, **(extra_context or {})}
        )

    def _get_obj_does_not_exist_redirect(self, request, opts, object_id):
        """The number of a record that was joined to another leads to that one."""
        number = unquote(str(object_id))
        kept = (
            can_be_merged(self.model) and number.isdecimal() and where_is(self.model, int(number))
        )
        if not kept:
            return super()._get_obj_does_not_exist_redirect(request, opts, str(object_id))
        self.message_user(
            request, _("The record that you asked for was joined to this one."), messages.INFO
        )
        page = "history" if request.resolver_match.url_name.endswith("_history") else "change"
        return HttpResponseRedirect(
            reverse(f"admin:{opts.app_label}_{opts.model_name}_{page}", args=[kept])
        )

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        """A folded section opens when one of its fields is refused, on whichever line it stands."""
        form = context["adminform"]
        form.fieldsets = [
            (name, unfolded(options) if refuses(form.form, options) else options)
            for name, options in form.fieldsets
        ]
        return super().render_change_form(request, context, add, change, form_url, obj)

    def get_deleted_objects(self, objs, request):
        """What a deletion takes along, in words: the tables that tie records have no name."""
        deleted, counts, lacking, protected = super().get_deleted_objects(objs, request)
        relations = [field.remote_field for field in self.opts.many_to_many]
        relations += [relation for relation in self.opts.related_objects if relation.many_to_many]
        links = [relation.through._meta for relation in relations]
        counts = {
            name: count
            for name, count in counts.items()
            if name not in {link.verbose_name_plural for link in links}
        }
        starts = tuple(f"{capfirst(link.verbose_name)}: " for link in links)
        return without_links(deleted, starts), counts, lacking, protected

    def changelist_view(self, request, extra_context=None):
        title = capfirst(self.opts.verbose_name_plural)
        context = {"title": title, "may_merge": self.may_merge(request)}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def may_merge(self, request):
        """Whether the user may join two records of this list."""
        return can_be_merged(self.model) and can_merge(request.user)


def refuses(form, options):
    """Whether the form refuses a field of a section; Django looks at fields alone on their line."""
    return bool(form.errors.keys() & set(flatten(options["fields"])))


def unfolded(options):
    """The options of a section that is not folded."""
    kept = [name for name in options.get("classes", ()) if name != "collapse"]
    return {**options, "classes": kept}


def without_links(items, links):
    """The tree of what a deletion takes along, without the rows that only tie two records."""
    return [
        without_links(item, links) if isinstance(item, list) else item
        for item in items
        if isinstance(item, list) or not str(item).startswith(links)
    ]


class StaffInline(StaffMay, ReadableFields):
    """Rows of another model on the page of the one that they belong to."""

    extra = 0

    def get_formset(self, request, obj=None, **kwargs):
        """Rows that were read with what they point to are shown without asking for it again."""
        formset = super().get_formset(request, obj, **kwargs)
        return type(formset.__name__, (KnownRows, formset), {})


class KnownRows(DisputedRows):
    """A formset whose rows know the record they hang on, and what their fields already point to."""

    def add_fields(self, form, index):
        super().add_fields(form, index)
        if self.instance.pk:
            form.instance._state.fields_cache.setdefault(self.fk.name, self.instance)
        for name, field in form.fields.items():
            widget = getattr(field.widget, "widget", field.widget)
            if isinstance(widget, KnownAutocompleteSelect):
                widget.known = form.instance._state.fields_cache.get(name)
