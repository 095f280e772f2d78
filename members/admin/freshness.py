"""Freshness: where each member stands with its profile this year, and what to do about it."""

import csv
import io
from collections import Counter

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import BooleanField, Count, ExpressionWrapper, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django.views.decorators.http import require_POST, require_safe

from members import freshness, mail
from members.admin.mails import back
from members.columns import safe
from members.freshness import State
from members.imports.write import DIALECTS
from members.models import BouncedAddress, Organization, SentMail
from members.permissions import may

ROWS = 50

STEPS = {
    1: gettext_lazy("first message"),
    2: gettext_lazy("second message"),
    3: gettext_lazy("last message"),
}


def choices(on):
    """{value in the address: (words, condition)}: what one may look at, in order."""
    return {
        "": (_("all members"), Q()),
        State.SILENT.value: (State.SILENT.label, Q(freshness=State.SILENT)),
        "bounced": (_("with an address that does not work"), freshness.has_bounced_address(on)),
        "unreachable": (_("without any address that works"), freshness.cannot_be_reached(on)),
        State.REMINDED.value: (State.REMINDED.label, Q(freshness=State.REMINDED)),
        State.TO_ASK.value: (State.TO_ASK.label, Q(freshness=State.TO_ASK)),
        State.CONFIRMED.value: (State.CONFIRMED.label, Q(freshness=State.CONFIRMED)),
    }


def counted(organizations, on):
    """{value of `choices`: how many organizations}, in one query that looks at each once."""
    found = (
        organizations.order_by()
        .values(
            "freshness",
            with_bounced=ExpressionWrapper(freshness.has_bounced_address(on), BooleanField()),
            without_any=ExpressionWrapper(freshness.cannot_be_reached(on), BooleanField()),
        )
        .annotate(number=Count("pk"))
    )
    numbers = Counter()
    for row in found:
        numbers[""] += row["number"]
        numbers[row["freshness"]] += row["number"]
        numbers["bounced"] += row["number"] * row["with_bounced"]
        numbers["unreachable"] += row["number"] * row["without_any"]
    return numbers


def address(**parameters):
    """The page, on one of its choices."""
    return reverse("admin:members_organization_freshness", query=parameters or None)


class ShowsFreshness:
    """Adds to the list of organizations the page of their freshness, and what it does."""

    def get_urls(self):
        view = self.admin_site.admin_view
        name = "members_organization"
        return [
            path("freshness/", view(require_safe(self.freshness_view)), name=f"{name}_freshness"),
            path(
                "freshness/bounced/",
                view(require_POST(self.address_view)),
                {"works": False},
                name=f"{name}_address_bounced",
            ),
            path(
                "freshness/works/",
                view(require_POST(self.address_view)),
                {"works": True},
                name=f"{name}_address_works",
            ),
            path("<int:pk>/remind/", view(require_POST(self.remind_view)), name=f"{name}_remind"),
            *super().get_urls(),
        ]

    def sees_freshness(self, request):
        """Whoever may see organizations and what was written to them."""
        return self.has_view_permission(request) and may(request.user, "view", SentMail)

    def changelist_view(self, request, extra_context=None):
        context = {}
        if self.sees_freshness(request):
            context["freshness_address"] = address()
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def freshness_view(self, request):
        """The members, by where they stand; a constant number of queries for any number."""
        if not self.sees_freshness(request):
            raise PermissionDenied
        on = timezone.localdate()
        known = choices(on)
        chosen = request.GET.get("state", "")
        chosen = chosen if chosen in known else ""
        everyone = freshness.members(on)
        shown = everyone.filter(known[chosen][1]).select_related("entry").by_name()
        if request.GET.get("format") == "csv":
            return self.freshness_file(shown)
        counts = counted(everyone, on)
        paginator = Paginator(shown, ROWS)
        paginator.__dict__["count"] = counts[chosen]
        page = paginator.get_page(request.GET.get("page"))
        found = freshness.reachable(list(page.object_list), on)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "module_name": capfirst(self.opts.verbose_name_plural),
            "title": _("Freshness of the profiles"),
            "subtitle": None,
            "choices": [
                (words, counts[value], address(state=value) if value else address(), value)
                for value, (words, _condition) in known.items()
            ],
            "chosen": chosen,
            "chosen_words": known[chosen][0],
            "page": page,
            "rows": [self.row(one, found[one.pk]) for one in page.object_list],
            "file_address": address(**{"format": "csv", **({"state": chosen} if chosen else {})}),
            "may_decide": may(request.user, "change", SentMail),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/members/organization/freshness.html", context)

    def row(self, organization, found):
        """What the page says of one organization."""
        today, due_on = timezone.localdate(), freshness.due_on(organization)
        return {
            "organization": organization,
            "state": State(organization.freshness),
            "step": STEPS.get(organization.asked_step, ""),
            "due_on": due_on,
            "is_due": due_on <= today,
            "is_asked_today": organization.asked_on == today,
            "recipients": found.recipients,
            "bounced": found.bounced,
        }

    def freshness_file(self, organizations):
        """The same rows as CSV for Excel in French; no address of anyone is in it."""
        delimiter, beginning = DIALECTS["excel"]
        text = io.StringIO()
        text.write(beginning)
        writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
        writer.writerow(
            [
                _("name"),
                _("state"),
                _("last confirmed on"),
                _("last message"),
                pgettext("mail", "sent on"),
            ]
        )
        for one in organizations:
            writer.writerow(
                [
                    safe(one.name),
                    State(one.freshness).label,
                    one.last_confirmed_on or "",
                    STEPS.get(one.asked_step, ""),
                    one.asked_on or "",
                ]
            )
        response = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="fraicheur.csv"'
        response["Cache-Control"] = "no-store"
        return response

    def remind_view(self, request, pk):
        """Write to an organization now."""
        self.check_decides(request)
        organization = get_object_or_404(Organization.objects.members(), pk=pk)
        written = freshness.remind_now(organization, by=request.user)
        said = {"name": organization, "count": len(written)}
        if written:
            words = ngettext(
                "%(name)s: %(count)d message was written.",
                "%(name)s: %(count)d messages were written.",
                len(written),
            )
            messages.success(request, words % said)
        else:
            words = _("%(name)s: nothing was written, it was asked today or cannot be reached.")
            messages.warning(request, words % said)
        return back(request, address())

    def address_view(self, request, works):
        """An address does not work, or works again."""
        self.check_decides(request)
        said = request.POST.get("address", "").strip()
        if not mail.is_address(said):
            messages.error(request, _("This is not an e-mail address."))
        elif works:
            BouncedAddress.clear(said)
            words = _("%(address)s is written to again.")
            messages.success(request, words % {"address": said})
        else:
            mail.bounced(said, by=request.user)
            words = _("%(address)s is marked as not working: reminders go to the next address.")
            messages.success(request, words % {"address": said})
        return back(request, address())

    def check_decides(self, request):
        if not (self.sees_freshness(request) and may(request.user, "change", SentMail)):
            raise PermissionDenied
