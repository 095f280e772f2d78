"""What every page of the staff's site has in common."""

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import (
    AutocompleteMixin,
    AutocompleteSelectMultiple,
    RelatedFieldWidgetWrapper,
)
from django.db import models
from django.utils.text import capfirst

from members.admin.history import ReadableHistory
from members.admin.words import field_label
from members.permissions import may


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
    }

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


class StaffModelAdmin(StaffMay, ReadableHistory, ReadableFields, admin.ModelAdmin):
    """A list and a page for one model, in words."""

    class Media:
        css = {"all": ["css/tags.css"]}
        js = ["js/admin.js"]

    # What the button and the page that add one say.
    add_words = ""
    show_full_result_count = False
    show_facets = admin.ShowFacets.ALWAYS
    list_per_page = 50

    def add_view(self, request, form_url="", extra_context=None):
        return super().add_view(
            request, form_url, {"title": self.add_words, **(extra_context or {})}
        )

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """The page of one record, under its name."""
        record = self.get_object(request, unquote(object_id))
        context = {"title": str(record), "subtitle": None} if record else {}
        return super().change_view(
            request, object_id, form_url, {**context, **(extra_context or {})}
        )

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
        return super().changelist_view(request, {"title": title, **(extra_context or {})})


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
