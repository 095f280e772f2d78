"""Saved lists: any list as it was filtered, under a name, run again on what is there that day."""

from django import forms
from django.apps import apps
from django.contrib import admin, messages
from django.db.models import Count, IntegerField, Q, Value
from django.http import HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from members.admin.common import StaffModelAdmin
from members.admin.filters import CountedFilter
from members.admin.lists import StaffList, filters_of, rows_of, what_holds
from members.models import SavedList
from members.permissions import can_change_list


class OwnerFilter(CountedFilter):
    title = gettext_lazy("saved by")
    parameter_name = "by"

    def conditions(self):
        mine = Q(owner=self.request.user)
        return {"me": (_("me"), mine), "others": (_("my colleagues"), ~mine)}


class SavedListForm(forms.ModelForm):
    """A name for the list, and whether colleagues see it."""

    class Meta:
        model = SavedList
        fields = ["name", "is_shared", "model", "query"]
        widgets = {"model": forms.HiddenInput, "query": forms.HiddenInput}

    # What the page knows of who saves: the lists that they may see.
    lists = {}
    user = None

    def clean_model(self):
        label = self.cleaned_data["model"]
        if label not in self.lists:
            raise forms.ValidationError(_("This list does not exist, or is not for you."))
        return label

    def clean(self):
        """The name is the owner's own: the form does not show whose it is."""
        cleaned = super().clean()
        if self.instance.owner_id is None:
            self.instance.owner = self.user
        name = " ".join(cleaned.get("name", "").split())
        cleaned["name"] = name
        same = SavedList.objects.filter(owner=self.instance.owner_id, name=name)
        if name and same.exclude(pk=self.instance.pk).exists():
            self.add_error("name", _("You already have a list of that name."))
        return cleaned


class CountedList(StaffList):
    """The saved lists of a page, each with the `total` of what it shows today."""

    def get_results(self, request):
        super().get_results(request)
        self.result_list = self.model_admin.counted(request, self.result_list)


@admin.register(SavedList)
class SavedListAdmin(StaffModelAdmin):
    form = SavedListForm
    may_be_saved = False
    list_display = ["opened", "of", "total", "saved_by", "shared", "more"]
    list_display_links = None
    list_filter = [OwnerFilter]
    list_select_related = ["owner"]
    search_fields = ["name"]
    search_help_text = gettext_lazy(
        "To save a list: filter it, then “This list”, “Save this list”."
    )

    # Who may what

    def has_add_permission(self, request):
        """From a list only, which says what is saved."""
        named = "model" in request.GET or "model" in request.POST
        return named and super().has_add_permission(request)

    def has_change_permission(self, request, obj=None):
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or can_change_list(request.user, obj))

    def has_delete_permission(self, request, obj=None):
        allowed = super().has_delete_permission(request, obj)
        return allowed and obj is not None and can_change_list(request.user, obj)

    def lists(self, request):
        """{label: model_admin} of the lists that the user may see."""
        return {
            model._meta.label_lower: listed
            for model, listed in self.admin_site._registry.items()
            if getattr(listed, "may_be_saved", False) and listed.has_view_permission(request)
        }

    def get_queryset(self, request):
        """Their own and those that are shared, of lists that they may see."""
        own = super().get_queryset(request).visible_to(request.user)
        return own.filter(model__in=self.lists(request))

    # The list

    def get_urls(self):
        view = self.admin_site.admin_view(require_safe(self.open_view))
        return [path("<int:pk>/open/", view, name="members_savedlist_open"), *super().get_urls()]

    def get_changelist(self, request, **kwargs):
        return CountedList

    def counted(self, request, saved_lists):
        """Saved lists with the `total` of what each shows now: one query for all of them."""
        saved_lists, lists, counts = list(saved_lists), self.lists(request), []
        for saved in saved_lists:
            saved.listed = lists[saved.model]
            rows = rows_of(saved.listed, request, saved.query)
            saved.holds = rows is not None
            if saved.holds:
                model = saved.listed.model
                found = model._base_manager.filter(pk__in=rows.order_by().values("pk"))
                found = found.annotate(saved=Value(saved.pk, IntegerField())).values("saved")
                counts.append(found.annotate(total=Count("pk")).order_by())
        totals = {}
        if counts:
            rows = counts[0].union(*counts[1:], all=True) if len(counts) > 1 else counts[0]
            totals = {row["saved"]: row["total"] for row in rows}
        for saved in saved_lists:
            saved.total = totals.get(saved.pk, 0) if saved.holds else None
            saved.may_change = can_change_list(request.user, saved)
            saved.may_export = saved.listed.may_export(request)
            saved.is_mine = saved.owner_id == request.user.pk
        return saved_lists

    @admin.display(description=gettext_lazy("name"), ordering="name")
    def opened(self, saved):
        address = reverse("admin:members_savedlist_open", args=[saved.pk])
        return format_html('<a href="{}">{}</a>', address, saved.name)

    @admin.display(description=gettext_lazy("list"), ordering="model")
    def of(self, saved):
        return capfirst(saved.listed.opts.verbose_name_plural)

    @admin.display(description=gettext_lazy("today"))
    def total(self, saved):
        return saved.total if saved.holds else _("filters to be looked at again")

    @admin.display(description=gettext_lazy("saved by"), ordering="owner__email")
    def saved_by(self, saved):
        return _("me") if saved.is_mine else str(saved.owner)

    @admin.display(description=gettext_lazy("seen by"), ordering="is_shared")
    def shared(self, saved):
        return _("all colleagues") if saved.is_shared else _("me alone")

    @admin.display(description=gettext_lazy("also"))
    def more(self, saved):
        """What else may be done with it, by this user."""
        links = []
        if saved.may_change:
            change = reverse("admin:members_savedlist_change", args=[saved.pk])
            links.append((change, _("Rename")))
        if saved.may_export and saved.holds:
            links.append((saved.listed.address_of("export", saved.query), _("Export")))
            if hasattr(saved.listed, "mailing_view"):
                links.append((saved.listed.address_of("mailing", saved.query), _("Mailing")))
        return format_html_join(
            " · ",
            '<a href="{}">{}<span class="visually-hidden"> – {}</span></a>',
            ((address, words, saved.name) for address, words in links),
        )

    def open_view(self, request, pk):
        """The list itself, with its filters; those that no longer exist are left out and said."""
        saved = get_object_or_404(self.get_queryset(request), pk=pk)
        listed, query = self.lists(request)[saved.model], saved.query
        if rows_of(listed, request, query) is None:
            query = what_holds(listed, request, query)
            messages.warning(
                request,
                _("Some filters of “%(name)s” no longer exist: the list is shown without them.")
                % {"name": saved.name},
            )
        return HttpResponseRedirect(listed.address_of("changelist", query))

    # Its page

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        return type("SavedListForm", (form,), {"lists": self.lists(request), "user": request.user})

    def get_changeform_initial_data(self, request):
        query = request.GET.get("query", "")
        return {"model": request.GET.get("model", ""), "query": query, "name": ""}

    def get_fields(self, request, obj=None):
        return ["name", "is_shared"] if obj else ["name", "is_shared", "model", "query"]

    def add_view(self, request, form_url="", extra_context=None):
        """A name for the list that one comes from."""
        label = request.GET.get("model") or request.POST.get("model")
        title = _("Save a list")
        if label in self.lists(request):
            plural = apps.get_model(label)._meta.verbose_name_plural
            title = _("Save this list: %(list)s") % {"list": plural}
        context = {
            "title": title,
            "show_save_and_add_another": False,
            "show_save_and_continue": False,
        }
        return super().add_view(request, form_url, {**context, **(extra_context or {})})

    def save_model(self, request, obj, form, change):
        if not change:
            obj.owner = request.user
            obj.query = filters_of(QueryDict(obj.query))
        super().save_model(request, obj, form, change)

    def response_add(self, request, obj, post_url_continue=None):
        """Back to the list that was saved."""
        message = _("The list “%(name)s” is saved.") % {"name": obj.name}
        messages.success(request, message)
        return HttpResponseRedirect(
            self.lists(request)[obj.model].address_of("changelist", obj.query)
        )
