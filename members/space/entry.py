"""The public doors: accept an invitation, or ask for access without one."""

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from members import actions
from members.accounts.entry import make_account, start_sign_in
from members.accounts.limits import limited, too_many
from members.models import Invitation, Membership, User
from members.space.access_forms import AccessRequestForm

# How often a visitor may open links or send requests.
OPENING = "20/h/ip"
ASKING = "5/h/ip,20/d/ip"


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request, token):
    """Who invites one to act for which organization, and the button that accepts.

    Accepting makes the account, if there is none, and sends a code to the invited address: whoever
    has the link without the mailbox comes in nowhere. A link that does not work says nothing.
    """
    if limited(request, "space_invitation", OPENING):
        return too_many(request)
    found = open_invitation(token)
    if found is None:
        return dead(request)
    signed_in = request.user.is_authenticated
    is_theirs = signed_in and request.user.email.lower() == found.email.lower()
    if signed_in and not is_theirs:
        return render(request, "space/invitation_other.html", {"invitation": found})
    if request.method != "POST":
        return render(request, "space/invitation.html", {"invitation": found})
    user = accept(found)
    if user is None:
        return dead(request)
    then = reverse("space:state", args=[found.organization.slug])
    return HttpResponseRedirect(then) if is_theirs else start_sign_in(request, user, then=then)


def open_invitation(token):
    """The invitation whose link works, to an organization that is or will be a member; or None.

    Nor does it work for an account that was closed.
    """
    today = timezone.localdate()
    lasting = Membership.objects.filter(Q(ended_on=None) | Q(ended_on__gte=today))
    found = (
        Invitation.objects.open()
        .with_token(token)
        .filter(organization__in=lasting.values("organization"))
        .select_related("organization", "invited_by", "person")
        .first()
    )
    if found is None:
        return None
    closed = User.objects.filter(email__iexact=found.email, is_active=False).exists()
    return None if closed else found


@transaction.atomic
def accept(invitation):
    """Accept an invitation in the name of its address; the account, or None if it was too late."""
    names = {}
    if invitation.person:
        person = invitation.person
        names = {"first_name": person.first_name[:150], "last_name": person.last_name[:150]}
    try:
        # The account is not made if the link was used meanwhile.
        with transaction.atomic():
            user = make_account(invitation.email, language=invitation.language, **names)
            invitation.accept(user=user)
    except ValidationError:
        return None
    return user


def dead(request):
    """The one page of all links that do not work, or no longer: what to do, and no detail."""
    return render(request, "space/invitation_dead.html", status=404)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def request_access(request):
    """Ask to act for a member of the network; the answer is the same whoever is known."""
    form = AccessRequestForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return render(request, "space/request_access.html", {"form": form})
    if limited(request, "space_request", ASKING):
        return too_many(request)
    if form.is_trapped:
        return redirect("space:request-sent")
    if form.is_valid():
        access_request = form.save(commit=False)
        access_request.language = get_language()[:2]
        actions.ask_for_access(access_request)
        return redirect("space:request-sent")
    return render(request, "space/request_access.html", {"form": form})


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD"])
def request_sent(request):
    """What happens once a request was sent."""
    return render(request, "space/request_sent.html")
