"""Who has access to an organization's space: its managers say; everyone who acts for it reads."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members import actions
from members.accounts.limits import limited, too_many
from members.space.access_forms import EndForm, HeirForm, InvitationForm, RoleForm
from members.space.doors import represented
from members.space.pages import space_page

# How many invitations a manager may send or renew.
INVITING = "30/d/key"


@represented
@require_safe
def access(request, organization):
    """Who has access, since when, and who is invited."""
    colleagues = organization.representatives.active().select_related("user").by_name()
    waiting = organization.invitations.waiting().select_related("invited_by").order_by("email")
    return space_page(
        request,
        "space/access.html",
        organization,
        "access",
        colleagues=list(colleagues),
        invitations=list(waiting),
    )


@represented(manager=True)
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request, organization):
    """Invite a colleague."""
    first = {"language": get_language()[:2]}
    form = InvitationForm(request.POST or request.unsent, initial=first)
    if request.method == "POST" and form.is_valid():
        if limited(request, "space_invite", INVITING, key=str(request.user.pk)):
            return too_many(request)
        try:
            invitation = actions.invite(
                organization=organization, by=request.user, **form.cleaned_data
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, sent(invitation))
            return redirect("space:access", organization.slug)
    return space_page(request, "space/invite.html", organization, "access", form=form)


@represented(manager=True)
@require_POST
def renew(request, organization, pk):
    """Mail a new link to someone who was invited."""
    invitation = get_object_or_404(organization.invitations, pk=pk)
    if limited(request, "space_invite", INVITING, key=str(request.user.pk)):
        return too_many(request)
    done(request, lambda: actions.renew(invitation=invitation, by=request.user))
    if invitation.token:
        messages.success(request, sent(invitation))
    return redirect("space:access", organization.slug)


@represented(manager=True)
@require_POST
def revoke(request, organization, pk):
    """Kill the link of an invitation."""
    invitation = get_object_or_404(organization.invitations, pk=pk)
    if done(request, lambda: invitation.revoke(by=request.user)):
        words = _("The invitation of %(email)s is revoked: its link opens nothing.")
        messages.success(request, words % {"email": invitation.email})
    return redirect("space:access", organization.slug)


@represented(manager=True)
@require_http_methods(["GET", "HEAD", "POST"])
def role(request, organization, pk):
    """What a colleague, or oneself, may do."""
    colleague = colleague_or_404(organization, pk)
    form = RoleForm(colleague, request.POST or None, initial={"role": colleague.role})
    if (
        request.method == "POST"
        and form.is_valid()
        and went_well(
            form,
            lambda: actions.give_role(
                representative=colleague,
                role=form.cleaned_data["role"],
                by=request.user,
                heir=form.chosen,
            ),
        )
    ):
        words = _("%(name)s: %(role)s from now on.")
        told = {"name": colleague.user, "role": colleague.get_role_display()}
        messages.success(request, words % told)
        return redirect("space:access", organization.slug)
    return space_page(
        request, "space/role.html", organization, "access", colleague=colleague, form=form
    )


@represented(manager=True)
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request, organization, pk):
    """Take a colleague's access back; one's own is left by `leave`."""
    colleague = colleague_or_404(organization, pk)
    if colleague.user_id == request.user.pk:
        return redirect("space:leave", organization.slug)
    form = EndForm(request.POST if request.method == "POST" else None)
    if (
        request.method == "POST"
        and form.is_valid()
        and went_well(
            form,
            lambda: actions.end_access(
                representative=colleague, by=request.user, reason=form.cleaned_data["reason"]
            ),
        )
    ):
        words = _("%(name)s no longer acts for the organization.")
        messages.success(request, words % {"name": colleague.user})
        return redirect("space:access", organization.slug)
    return space_page(
        request, "space/remove.html", organization, "access", colleague=colleague, form=form
    )


@represented
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request, organization):
    """Give one's own access back; the only manager names another first."""
    form = HeirForm(request.representative, request.POST if request.method == "POST" else None)
    if (
        request.method == "POST"
        and form.is_valid()
        and went_well(
            form,
            lambda: actions.end_access(
                representative=request.representative, by=request.user, heir=form.chosen
            ),
        )
    ):
        words = _("You no longer act for %(name)s.")
        messages.success(request, words % {"name": organization.name})
        return redirect("space:home")
    return space_page(request, "space/leave.html", organization, "access", form=form)


def colleague_or_404(organization, pk):
    """Someone who acts for the organization today."""
    return get_object_or_404(organization.representatives.active().select_related("user"), pk=pk)


def sent(invitation):
    """What to say of an invitation that just left."""
    return _("The invitation leaves to %(email)s. Its link works until %(date)s.") % {
        "email": invitation.email,
        "date": date_format(invitation.expires_at, "DATE_FORMAT"),
    }


def went_well(form, do):
    """Whether `do` was done; what it refuses is told in the form."""
    try:
        with transaction.atomic():
            do()
    except ValidationError as error:
        form.add_error(None, ValidationError(error.messages))
        return False
    return True


def done(request, do):
    """Whether `do` was done; what it refuses is told in a message."""
    try:
        with transaction.atomic():
            do()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return False
    return True
