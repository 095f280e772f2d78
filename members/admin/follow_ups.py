"""What remains to be done: the list of each and of all, and « done » in one click."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, ngettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from members.admin.bulk import BulkAction, BulkActions
from members.admin.common import StaffModelAdmin
from members.admin.filters import CountedFilter
from members.models import Dossier, FollowUp, User
from members.models.engagement import is_due_this_week, is_late
from members.permissions import may

# What a follow-up may be about, in the order in which the list names it.
ABOUT = ["organization", "person", "dossier", "interaction"]


class WhoseFilter(CountedFilter):
    """One's own, unless another choice is made."""

    title = _("who")
    parameter_name = "whose"

    def conditions(self):
        others = User.objects.filter(
            pk__in=FollowUp.objects.open().order_by().values("assigned_to")
        ).exclude(pk=self.request.user.pk)
        return {
            None: (_("mine"), Q(assigned_to=self.request.user)),
            "all": (_("everyone’s"), Q()),
            "nobody": (_("nobody’s yet"), Q(assigned_to=None)),
            **{str(user.pk): (str(user), Q(assigned_to=user)) for user in others.by_name()},
        }


class StateFilter(CountedFilter):
    """What is to be done, unless another choice is made."""

    title = _("state")
    parameter_name = "state"

    def conditions(self):
        to_do = Q(done_at__isnull=True)
        return {
            None: (_("to do"), to_do),
            "late": (pgettext_lazy("follow-ups", "late"), to_do & is_late()),
            "week": (_("this week"), to_do & is_due_this_week()),
            "done": (pgettext_lazy("follow-ups", "done"), ~to_do),
            "all": (_("all"), Q()),
        }


class MarkDone(BulkAction):
    """For what was done elsewhere, all at once."""

    name = "mark_done"
    words = _("Mark as done")

    def may(self, user):
        return may(user, "change", FollowUp)

    def prefetched(self, records):
        return records.select_related("assigned_to")

    def why_not(self, follow_up, choice):
        return gettext("already done") if follow_up.done_at else ""

    def told(self, follow_up, choice):
        return str(follow_up.assigned_to or gettext("nobody yet"))

    def sentence(self, count, choice):
        return ngettext(
            "%(count)d follow-up will be marked as done, today, by you.",
            "%(count)d follow-ups will be marked as done, today, by you.",
            count,
        ) % {"count": count}

    def done(self, count, choice):
        return ngettext("%(count)d follow-up is done.", "%(count)d follow-ups are done.", count) % {
            "count": count
        }

    def do(self, follow_up, *, by, choice):
        follow_up.finish(by=by)


class EntrustForm(forms.Form):
    to = forms.ModelChoiceField(User.objects.none(), label=_("To whom"), empty_label="—")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = User.objects.who_may("view", FollowUp).by_name()


class Entrust(MarkDone):
    """For someone who leaves, or is away."""

    name = "entrust"
    words = _("Entrust to…")
    form_class = EntrustForm

    def why_not(self, follow_up, choice):
        if follow_up.done_at:
            return gettext("already done")
        return gettext("already theirs") if follow_up.assigned_to == choice["to"] else ""

    def sentence(self, count, choice):
        return ngettext(
            "%(count)d follow-up will be entrusted to %(user)s.",
            "%(count)d follow-ups will be entrusted to %(user)s.",
            count,
        ) % {"count": count, "user": choice["to"]}

    def done(self, count, choice):
        return ngettext(
            "%(count)d follow-up entrusted to %(user)s.",
            "%(count)d follow-ups entrusted to %(user)s.",
            count,
        ) % {"count": count, "user": choice["to"]}

    def do(self, follow_up, *, by, choice):
        follow_up.entrust(choice["to"], by=by)


class FollowUpForm(forms.ModelForm):
    class Meta:
        widgets = {"what": forms.TextInput(attrs={"class": "vTextField", "autofocus": True})}
        error_messages = {
            "what": {"required": _("Say what is to be done.")},
            "due_on": {"invalid": _("Give the day, like 2026-11-24.")},
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "assigned_to" not in self.fields:
            return
        # Without the sign that adds one: it leads away from here.
        for name in ("assigned_to", *ABOUT):
            self.fields[name].widget = self.fields[name].widget.widget
        # Whoever has it keeps it, even if they left since.
        able = User.objects.who_may("view", FollowUp).values("pk")
        self.fields["assigned_to"].queryset = User.objects.filter(
            Q(pk__in=able) | Q(pk=self.instance.assigned_to_id)
        ).by_name()
        self.fields["dossier"].queryset = Dossier.objects.filter(
            Q(pk__in=Dossier.objects.current().values("pk")) | Q(pk=self.instance.dossier_id)
        )


@admin.register(FollowUp)
class FollowUpAdmin(BulkActions, StaffModelAdmin):
    class Media:
        css = {"all": ["css/timeline.css"]}

    add_words = _("Add a follow-up")
    form = FollowUpForm
    list_display = ["what", "about", "who", "due", "finish"]
    list_filter = [StateFilter, WhoseFilter]
    list_select_related = [*ABOUT, "assigned_to"]
    bulk_actions = [MarkDone(), Entrust()]
    search_fields = ["what"]
    search_help_text = _("What is to be done, or about whom.")
    autocomplete_fields = ["organization", "person", "interaction"]
    readonly_fields = ["done"]
    fieldsets = [
        (None, {"fields": ["what", ("assigned_to", "due_on")]}),
        (_("About"), {"fields": [("organization", "person"), ("interaction", "dossier")]}),
        (_("Who and when"), {"classes": ["collapse"], "fields": ["done"]}),
    ]

    def get_ordering(self, request):
        """The most urgent first; of what is done, the last first."""
        if request.GET.get("state") == "done":
            return ["-done_at", "-pk"]
        return super().get_ordering(request)

    def get_list_display(self, request):
        """Without the button for those who only read."""
        if self.has_change_permission(request):
            return self.list_display
        return [*self.list_display[:-1], "done_on"]

    def get_fieldsets(self, request, obj=None):
        return self.fieldsets if obj else self.fieldsets[:2]

    def get_changeform_initial_data(self, request):
        """What the page one comes from says; for oneself unless it says otherwise."""
        return {"assigned_to": request.user.pk, **super().get_changeform_initial_data(request)}

    def save_model(self, request, obj, form, change):
        if not change:
            obj.recorded_by = request.user
        if not change or form.has_changed():
            super().save_model(request, obj, form, change)

    def response_post_save_add(self, request, obj):
        """Back to the record that one came from, if there is one."""
        for name in ABOUT:
            key = request.GET.get(name, "")
            model = FollowUp._meta.get_field(name).related_model
            has_page = self.admin_site.is_registered(model) and may(request.user, "view", model)
            if has_page and key == str(getattr(obj, f"{name}_id")):
                return HttpResponseRedirect(reverse(f"admin:members_{name}_change", args=[key]))
        return super().response_post_save_add(request, obj)

    def get_search_results(self, request, queryset, search_term):
        return queryset.matching(search_term), False

    @admin.display(description=_("about"))
    def about(self, follow_up):
        """What it is about, each a link."""
        records = [record for name in ABOUT if (record := getattr(follow_up, name))]
        return format_html_join(", ", "{}", ([self.link_to(record)] for record in records))

    def link_to(self, record):
        """The record's name, a link if it has a page here."""
        if not self.admin_site.is_registered(type(record)):
            return str(record)
        address = reverse(f"admin:members_{record._meta.model_name}_change", args=[record.pk])
        return format_html('<a href="{}">{}</a>', address, record)

    @admin.display(description=_("who"), ordering="assigned_to__first_name")
    def who(self, follow_up):
        return follow_up.assigned_to or format_html(
            '<span class="quiet">{}</span>', _("nobody yet")
        )

    @admin.display(description=_("by when"), ordering="due_on")
    def due(self, follow_up):
        if follow_up.due_on is None:
            return None
        on = date_format(follow_up.due_on, "SHORT_DATE_FORMAT")
        if not follow_up.is_late:
            return on
        return format_html(
            '{} <span class="pill late">{}</span>', on, pgettext("follow-up", "late")
        )

    @admin.display(description=pgettext_lazy("column", "done"), ordering="done_at")
    def finish(self, follow_up):
        """The day it was done, or the button that says that it is."""
        if follow_up.done_at:
            return date_format(timezone.localtime(follow_up.done_at), "SHORT_DATE_FORMAT")
        return format_html(
            '<button type="submit" class="finish" form="one-click" formaction="{}">{}'
            '<span class="visually-hidden"> – {}</span></button>',
            reverse("admin:members_followup_done", args=[follow_up.pk]),
            pgettext("button", "Done"),
            follow_up.what,
        )

    @admin.display(description=pgettext_lazy("column", "done"), ordering="done_at")
    def done_on(self, follow_up):
        at = follow_up.done_at
        return at and date_format(timezone.localtime(at), "SHORT_DATE_FORMAT")

    @admin.display(description=pgettext_lazy("column", "done"))
    def done(self, follow_up):
        """When, and by whom."""
        if follow_up.done_at is None:
            return _("not yet")
        when = date_format(timezone.localtime(follow_up.done_at), "DATETIME_FORMAT")
        return f"{when}, {follow_up.done_by}" if follow_up.done_by else when

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/done/", view(self.done_view), name="members_followup_done"),
            path("<int:pk>/reopen/", view(self.reopen_view), name="members_followup_reopen"),
            *super().get_urls(),
        ]

    @method_decorator(require_POST)
    def done_view(self, request, pk):
        """It is done: one click from wherever it is shown, and back there."""
        follow_up = self.to_change(request, pk)
        if follow_up.finish(by=request.user):
            words = _("“%(what)s” is done.")
        else:
            words = _("“%(what)s” was already done.")
        return self.back(request, words % {"what": follow_up.what})

    @method_decorator(require_POST)
    def reopen_view(self, request, pk):
        """It was not done after all."""
        follow_up = self.to_change(request, pk)
        if follow_up.reopen(by=request.user):
            words = _("“%(what)s” is to be done again.")
        else:
            words = _("“%(what)s” was not done yet.")
        return self.back(request, words % {"what": follow_up.what})

    def to_change(self, request, pk):
        """The follow-up, for those who may change it."""
        follow_up = get_object_or_404(FollowUp, pk=pk)
        if not self.has_change_permission(request, follow_up):
            raise PermissionDenied
        return follow_up

    def back(self, request, words):
        """Say what happened on the page one came from, or on the list."""
        messages.success(request, words)
        address = request.POST.get("next", "")
        if not url_has_allowed_host_and_scheme(
            address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        ):
            address = reverse("admin:members_followup_changelist")
        return HttpResponseRedirect(address)
