"""The mails that the site sent, or could not: read by staff, who may have one leave once more."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, linebreaks
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST

from members import mail
from members.admin.common import StaffModelAdmin
from members.admin.filters import CountedFilter
from members.models import BouncedAddress, SentMail
from members.permissions import may
from regions.folding import fold

State = SentMail.State


class MailStateFilter(CountedFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def conditions(self):
        return {value: (words, Q(state=value)) for value, words in State.choices}


class MailKindFilter(CountedFilter):
    title = gettext_lazy("kind")
    parameter_name = "kind"

    def conditions(self):
        return {value: (words, Q(kind=value)) for value, words in SentMail.Kind.choices}


def moment(at):
    return date_format(timezone.localtime(at), "DATETIME_FORMAT") if at else ""


def state_pill(sent):
    """The state of a mail, in a word that stands out when someone has to look."""
    words = _("maybe sent: it was interrupted") if sent.is_interrupted else sent.get_state_display()
    warns = sent.state in (State.FAILED, State.BOUNCED) or sent.is_interrupted
    return format_html('<span class="pill{}">{}</span>', " late" if warns else "", words)


def back(request, address):
    """To the page that one came from, or else to `address`."""
    asked = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(
        asked, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        address = asked
    return HttpResponseRedirect(address)


@admin.register(SentMail)
class SentMailAdmin(StaffModelAdmin):
    """Read only: a mail says for ever what it said."""

    class Media:
        css = {"all": ["css/timeline.css", "css/freshness.css"]}

    change_form_template = "admin/members/sentmail/change_form.html"
    list_display = ["day", "what", "said_kind", "said_state"]
    list_display_links = ["what"]
    list_filter = [MailStateFilter, MailKindFilter]
    list_select_related = ["organization"]
    search_fields = ["to"]
    search_help_text = gettext_lazy("Address, subject, or the organization that it is about.")
    date_hierarchy = "created_at"
    ordering = ["-created_at", "-pk"]
    may_be_saved = False
    fields = [
        "to",
        "said_state",
        "error",
        "said_kind",
        "organization",
        "when",
        "left",
        "by",
        "what_it_said",
    ]
    readonly_fields = fields

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("organization", "by")

    def get_search_results(self, request, queryset, search_term):
        """Every word, in the address, the subject or the organization's name."""
        for word in search_term.split()[:10]:
            queryset = queryset.filter(
                Q(to__icontains=word)
                | Q(subject__icontains=word)
                | Q(organization__entry__names__contains=fold(word))
            )
        return queryset, False

    def change_view(self, request, object_id, form_url="", extra_context=None):
        sent = self.get_object(request, object_id)
        context = {"title": sent.subject} if sent else {}
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        """Nothing is saved here; two things are done in one click."""
        decides = may(request.user, "change", SentMail)
        context |= {
            "show_save": False,
            "show_save_and_continue": False,
            "may_retry": decides and obj.can_be_retried,
            "may_mark": decides
            and obj.state == State.SENT
            and not BouncedAddress.objects.filter(address=obj.to.lower()).exists(),
        }
        return super().render_change_form(request, context, add, change, form_url, obj)

    @admin.display(description=gettext_lazy("written on"), ordering="created_at")
    def day(self, sent):
        return date_format(timezone.localtime(sent.created_at), "SHORT_DATE_FORMAT")

    @admin.display(description=gettext_lazy("mail sent"), ordering="subject")
    def what(self, sent):
        """The subject, and to whom."""
        return format_html('{} <span class="quiet">{}</span>', sent.subject, sent.to)

    @admin.display(description=gettext_lazy("written on"))
    def when(self, sent):
        return moment(sent.created_at)

    @admin.display(description=pgettext_lazy("mail", "sent on"), ordering="sent_at")
    def left(self, sent):
        return moment(sent.sent_at) or "—"

    @admin.display(description=gettext_lazy("kind"), ordering="kind")
    def said_kind(self, sent):
        return sent.get_kind_display()

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def said_state(self, sent):
        return state_pill(sent)

    @admin.display(description=gettext_lazy("text"))
    def what_it_said(self, sent):
        """What it said; what opened something is masked."""
        return format_html(
            '<div class="mail-text" lang="{}">{}</div>',
            "en-CA" if sent.language == "en" else "fr-CA",
            mark_safe(linebreaks(sent.text, autoescape=True)),
        )

    def get_urls(self):
        def page(address, view, name):
            return path(address, self.admin_site.admin_view(require_POST(view)), name=name)

        return [
            page("<int:pk>/retry/", self.retry_view, "members_sentmail_retry"),
            page("<int:pk>/bounced/", self.bounced_view, "members_sentmail_bounced"),
            *super().get_urls(),
        ]

    def retry_view(self, request, pk):
        """Have a mail leave now; it says at once whether it did."""
        sent = self.to_decide(request, pk)
        try:
            sent.retry()
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            mail.deliver([sent.pk])
            sent.refresh_from_db()
            if sent.state == State.SENT:
                words = _("The mail to %(address)s has left.") % {"address": sent.to}
                messages.success(request, words)
            else:
                words = _("The mail to %(address)s did not leave: %(reason)s")
                said = {"address": sent.to, "reason": sent.error or sent.get_state_display()}
                messages.error(request, words % said)
        return back(request, reverse("admin:members_sentmail_change", args=[pk]))

    def bounced_view(self, request, pk):
        """The address of a mail does not work."""
        sent = self.to_decide(request, pk)
        mail.bounced(sent.to, by=request.user)
        words = _("%(address)s is marked as not working: reminders go to the next address.")
        messages.success(request, words % {"address": sent.to})
        return back(request, reverse("admin:members_sentmail_change", args=[pk]))

    def to_decide(self, request, pk):
        """The mail, for those who may do something about it."""
        if not may(request.user, "change", SentMail):
            raise PermissionDenied
        return get_object_or_404(SentMail, pk=pk)
