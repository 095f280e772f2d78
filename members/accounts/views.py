from allauth.account.adapter import get_adapter
from allauth.account.utils import get_next_redirect_url
from allauth.mfa.models import Authenticator
from allauth.usersessions.adapter import get_adapter as get_sessions_adapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.sessions.models import Session
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from members.accounts import mailbox
from members.accounts.factors import FACTORS, has_factor, has_second_factor
from members.models import Organization
from members.permissions import can_enter

RECENT_EVENTS = 10
RECENT_MESSAGES = 30


@never_cache
@require_safe
def home(request):
    """One's own account: who one is here, how one signs in, where, and what was done."""
    authenticators = list(Authenticator.objects.filter(user=request.user).order_by("created_at"))
    live = Session.objects.filter(expire_date__gt=timezone.now())
    sessions = UserSession.objects.filter(
        user=request.user, session_key__in=live.values("session_key")
    )
    return render(
        request,
        "account/home.html",
        {
            "keys": [one for one in authenticators if one.type == Authenticator.Type.WEBAUTHN],
            "has_app": any(one.type == Authenticator.Type.TOTP for one in authenticators),
            "has_factor": any(one.type in FACTORS for one in authenticators),
            "sessions": sessions.order_by("-created_at"),
            "current": request.session.session_key,
            "events": request.user.account_events.all()[:RECENT_EVENTS],
            "can_enter": can_enter(request.user),
            "represents": Organization.objects.represented_by(request.user).exists(),
            "language_choices": settings.LANGUAGES,
            "contact_email": settings.CONTACT_EMAIL,
        },
    )


@require_POST
def choose_language(request):
    """The language in which one gets mail."""
    language = request.POST.get("language")
    if language in dict(settings.LANGUAGES):
        request.user.language = language
        request.user.save(update_fields=["language"])
        messages.success(request, _("We will write to you in this language."))
    return redirect("account_home")


@require_POST
def end_session(request, pk):
    """End one of one's own sessions; the present one is ended by signing out."""
    session = get_object_or_404(UserSession, pk=pk, user=request.user)
    if session.is_current():
        return redirect("account_logout")
    get_sessions_adapter().end_sessions([session])
    messages.success(request, _("This session is ended."))
    return redirect("account_home")


@never_cache
@require_safe
def second_factor(request):
    """Leads someone of the staff, who signed in, to prove a second factor or to add a first one.

    `next` is where they wanted to go. The pages that add a factor end by a way on to it.
    """
    if not can_enter(request.user):
        return no_role(request)
    then = get_next_redirect_url(request) or reverse("admin:index")
    if has_second_factor(request):
        return redirect(then)
    if has_factor(request.user):
        way = get_adapter().get_reauthentication_methods(request.user)[0]["url"]
        return redirect(f"{way}?{urlencode({'next': then})}")
    request.session["after_factor"] = then
    return render(request, "account/second_factor.html")


def no_role(request):
    """For who signed in and has no role on the staff: whose account it is, and the way out."""
    return render(request, "account/no_role.html", status=403)


@login_not_required
@never_cache
@require_safe
def mail(request):
    """The mail that a development or demonstration site kept; 404 on any other."""
    if not settings.MAILBOX:
        raise Http404
    kept = mailbox.messages()[:RECENT_MESSAGES]
    return render(
        request,
        "account/mailbox.html",
        {
            "kept": [
                (message, message["date"].datetime, mailbox.text_of(message)) for message in kept
            ],
            "codes": mailbox.demonstration_codes(),
        },
    )
