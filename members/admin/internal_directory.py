"""The internal directory: the members and their main people, on pages to print."""

from itertools import groupby

from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from members.models import Organization, Person, Position
from members.permissions import may

# Who is named: those that colleagues of other members call first.
MAIN = [
    Position.Kind.DIRECTION,
    Position.Kind.PRESIDENCY,
    Position.Kind.DELEGATE,
    Position.Kind.COMMUNICATIONS,
]


class PrintsDirectory:
    """Adds to the list of organizations the directory that is printed."""

    def get_urls(self):
        view = self.admin_site.admin_view(require_safe(self.directory_view))
        return [
            path("directory/", view, name="members_organization_directory"),
            *super().get_urls(),
        ]

    def may_print(self, request):
        """Whoever may see organizations and people."""
        return self.has_view_permission(request) and may(request.user, "view", Person)

    def changelist_view(self, request, extra_context=None):
        context = {}
        if self.may_print(request):
            context["directory_address"] = reverse("admin:members_organization_directory")
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def directory_view(self, request):
        """Current members by region, or by name (`?by=name`): two queries for any number."""
        if not self.may_print(request):
            raise PermissionDenied
        by_name = request.GET.get("by") == "name"
        members = with_main_people(Organization.objects.members().by_name())
        return TemplateResponse(
            request,
            "admin/internal_directory.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": _("Internal directory"),
                "subtitle": None,
                "count": len(members),
                "by_name": by_name,
                "groups": [("", members)] if by_name else by_region(members),
                "today": timezone.localdate(),
            },
        )


def with_main_people(organizations):
    """The organizations as a list, each with its `main_positions` of today."""
    positions = Position.objects.current().filter(
        kinds__overlap=MAIN, person__archived_on__isnull=True
    )
    return list(
        organizations.select_related("municipality", "region").prefetch_related(
            Prefetch(
                "positions",
                positions.select_related("person").main_first(),
                to_attr="main_positions",
            )
        )
    )


def by_region(organizations):
    """[(name of the region, its organizations)]; those without a region come last."""
    ordered = sorted(organizations, key=lambda organization: organization.region_id or "~")
    return [
        (capfirst(region.name) if region else _("Without a region"), list(members))
        for region, members in groupby(ordered, key=lambda organization: organization.region)
    ]
