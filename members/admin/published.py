"""What representatives published at once, in a profile or an event: looked at, or put back as it
was, in one click each."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.text import capfirst
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from members import differences, happening, profile
from members.admin.common import StaffModelAdmin
from members.admin.filters import CountedFilter
from members.display import listed
from members.models import Organization, PublishedChange
from members.models.proposals import ChangedMeanwhile


class LookedAtFilter(CountedFilter):
    """Those that nobody has looked at yet, unless another choice is made."""

    title = _("state")
    parameter_name = "state"

    def conditions(self):
        return {
            None: (_("to look at"), Q(seen_at__isnull=True, reverted_at__isnull=True)),
            "seen": (_("looked at"), Q(seen_at__isnull=False, reverted_at__isnull=True)),
            "back": (_("put back"), Q(reverted_at__isnull=False)),
            "all": (_("all"), Q()),
        }


def owner(change):
    """The package that knows the fields of a change: `members.happening` or `members.profile`."""
    return happening if change.event_id else profile


def told(change, lexicon):
    """What a change did, field by field: [(label, `differences.Change`)].

    `lexicon` is that of profiles; what is free in an event needs no words of another table.
    """
    table = owner(change).FIELDS
    if change.event_id:
        lexicon = happening.EventLexicon()
    return [
        (
            capfirst(table[name].label),
            differences.change(table[name], change.before.get(name), change.after[name], lexicon),
        )
        for name in owner(change).ordered(change.after)
        if name in table
    ]


@admin.register(PublishedChange)
class PublishedChangeAdmin(StaffModelAdmin):
    class Media:
        css = {"all": ["css/timeline.css", "css/differences.css", "css/review.css"]}

    list_name = _("Published by members")
    list_display = ["whose", "what", "author", "gestures"]
    list_display_links = None
    list_filter = [LookedAtFilter]
    list_select_related = ["organization", "event", "published_by", "seen_by", "reverted_by"]
    search_fields = ["organization__name"]
    search_help_text = _("As on the public site: name, acronym, theme, country, place, mission.")
    list_per_page = 50

    # The list

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {"title": self.list_name, **(extra_context or {})})

    def get_list_display(self, request):
        """Without the buttons for those who only read."""
        if self.has_change_permission(request):
            return self.list_display
        return [*self.list_display[:-1], "outcome"]

    def get_search_results(self, request, queryset, search_term):
        if not search_term.strip():
            return queryset, False
        found = Organization.objects.matching(search_term).order_by()
        return queryset.filter(organization__in=found.values("pk")), False

    @admin.display(description=_("organization"), ordering="organization__entry__sort_fr")
    def whose(self, change):
        whose = format_html(
            '<a href="{}">{}</a>',
            reverse("admin:members_organization_change", args=[change.organization_id]),
            change.organization,
        )
        if not change.event:
            return whose
        return format_html(
            '{}<br><a href="{}">{}</a>',
            whose,
            reverse("admin:members_event_change", args=[change.event_id]),
            change.event,
        )

    @admin.display(description=_("what changed"))
    def what(self, change):
        return render_to_string(
            "admin/members/publishedchange/what.html", {"told": told(change, profile.Lexicon())}
        )

    @admin.display(description=_("published by"), ordering="published_at")
    def author(self, change):
        return format_html(
            '{}<br><span class="quiet">{}</span>',
            change.published_by,
            date_format(timezone.localtime(change.published_at), "SHORT_DATETIME_FORMAT"),
        )

    @admin.display(description=pgettext_lazy("column", "looked at"), ordering="seen_at")
    def gestures(self, change):
        """What became of it, and the buttons for what may still."""
        return self.outcome(change, may_change=True)

    @admin.display(description=pgettext_lazy("column", "looked at"), ordering="seen_at")
    def outcome(self, change, may_change=False):
        return render_to_string(
            "admin/members/publishedchange/gestures.html",
            {"change": change, "may_change": may_change},
        )

    # Who

    def has_add_permission(self, request, obj=None):
        return False

    # What is done

    def get_urls(self):
        view, name = self.admin_site.admin_view, "members_publishedchange"
        return [
            path("<int:pk>/vu/", view(self.seen_view), name=f"{name}_seen"),
            path("<int:pk>/remettre/", view(self.put_back_view), name=f"{name}_put_back"),
            *super().get_urls(),
        ]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """It has no page but its place in the list."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method != "GET" or self.get_object(request, object_id) is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        address = reverse("admin:members_publishedchange_changelist")
        return HttpResponseRedirect(f"{address}?state=all&id={object_id}")

    def to_change(self, request, pk):
        """The change, for those who may deal with it."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        changes = PublishedChange.objects.select_related("organization", "event", "published_by")
        return get_object_or_404(changes, pk=pk)

    @method_decorator(require_POST)
    def seen_view(self, request, pk):
        """Someone has looked at it: it stays as it is."""
        change = self.to_change(request, pk)
        change.see(by=request.user)
        words = gettext("Looked at: what %(name)s published stays.")
        messages.success(request, words % {"name": change.organization})
        return self.back(request)

    @method_decorator(require_POST)
    def put_back_view(self, request, pk):
        """Give the fields what they had before, unless one was changed again since."""
        change = self.to_change(request, pk)
        kept = owner(change)
        names = {"name": change.organization, "fields": listed(kept.labels(change.before))}
        try:
            kept.put_back(change, by=request.user)
        except ChangedMeanwhile as moved:
            names["fields"] = listed(kept.labels(moved.names))
            words = gettext(
                "Nothing was put back for %(name)s: this was changed again since (%(fields)s). "
                "Correct it in the organization’s file."
            )
            if change.event_id:
                words = gettext(
                    "Nothing was put back for %(name)s: this was changed again since (%(fields)s). "
                    "Correct it on the page of the event."
                )
            messages.error(request, words % names)
        except ValidationError as error:
            words = gettext("Nothing was put back for %(name)s: %(problem)s")
            problem = " ".join(error.messages)
            messages.error(request, words % {**names, "problem": problem})
        else:
            words = gettext("Put back for %(name)s: %(fields)s. Whoever changed it is told.")
            messages.success(request, words % names)
        return self.back(request)

    def back(self, request):
        """To the page one came from, or to the list."""
        address = request.POST.get("next", "")
        if not url_has_allowed_host_and_scheme(
            address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        ):
            address = reverse("admin:members_publishedchange_changelist")
        return HttpResponseRedirect(address)
