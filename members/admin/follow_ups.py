"""What remains to be done: the list of each and of all, and « done » in one click."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from members.admin.common import StaffModelAdmin
from members.models import FollowUp


@admin.register(FollowUp)
class FollowUpAdmin(StaffModelAdmin):
    add_words = _("Add a follow-up")
    list_display = ["what", "assigned_to", "due_on"]
    list_select_related = ["assigned_to"]
    fields = ["what", ("assigned_to", "due_on")]

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
