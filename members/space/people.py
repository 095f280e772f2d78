"""The people of an organization, and which of them its public page shows: each says for oneself."""

import datetime

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.db import transaction
from django.db.models import Max
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members.accounts.limits import limited, too_many
from members.mail import send
from members.models import Position, SentMail
from members.space.doors import represented
from members.space.pages import space_page

# The purpose of the link that asks someone whether they agree, and how long it works.
SALT = "members.space.show-publicly"
ASKED_FOR = datetime.timedelta(days=30)
# How long before the same person may be asked again.
ASKED_AGAIN_AFTER = datetime.timedelta(days=7)
ASKING = "30/d/key"


def wording():
    """What someone agrees to, kept as the basis of their choice."""
    return _(
        "I agree that my name, title and professional address and phone number be on the public "
        "page of the organization."
    )


@represented
@require_safe
def people(request, organization):
    """Those who have a position today: what they do, how to reach them, who is shown publicly."""
    positions = list(organization.positions.current().select_related("person").main_first())
    asked = asked_lately(organization)
    for position in positions:
        position.is_own = position.person_id == request.user.person_id
        position.asked_at = asked.get(position.email.lower())
        position.may_be_asked = bool(position.email) and not (position.is_own or position.is_public)
    return space_page(
        request,
        "space/people.html",
        organization,
        "people",
        positions=positions,
        wording=wording(),
        contact_email=settings.CONTACT_EMAIL,
    )


def asked_lately(organization):
    """{address: when} of the people who were asked within ASKED_AGAIN_AFTER."""
    mails = SentMail.objects.filter(
        organization=organization,
        kind=SentMail.Kind.SHOW_PUBLICLY,
        created_at__gt=timezone.now() - ASKED_AGAIN_AFTER,
    )
    found = mails.order_by().values_list("to").annotate(at=Max("created_at"))
    return {to.lower(): at for to, at in found}


@represented
@require_POST
def show(request, organization, pk):
    """Show oneself publicly: nobody does it for somebody else."""
    position = own_position_or_404(request, organization, pk)
    basis = _("Their own choice in the members’ space: “%(wording)s”") % {"wording": wording()}
    position.show_publicly(by=request.user, basis=basis[:200])
    messages.success(request, _("The public page shows you."))
    return redirect("space:people", organization.slug)


@represented
@require_POST
def hide(request, organization, pk):
    """No longer show oneself publicly."""
    own_position_or_404(request, organization, pk).hide(by=request.user)
    messages.success(request, _("The public page no longer shows you."))
    return redirect("space:people", organization.slug)


@represented
@require_POST
def ask(request, organization, pk):
    """Ask a colleague, at their professional address, whether the public page may show them."""
    position = position_or_404(organization, pk)
    if not position.email or position.is_public or position.person_id == request.user.person_id:
        raise Http404
    if limited(request, "space_ask", ASKING, key=str(request.user.pk)):
        return too_many(request)
    with transaction.atomic():
        Position.objects.select_for_update(of=["self"]).get(pk=position.pk)
        if at := asked_lately(organization).get(position.email.lower()):
            words = _("%(name)s was already asked on %(date)s. Let them answer.")
            told = {"name": position.person, "date": day(at)}
            messages.warning(request, words % told)
        else:
            send(
                "show_publicly",
                position.email,
                language=position.person.language or "fr",
                context={"position": position, "by": request.user, "token": link_token(position)},
                organization=organization,
                by=request.user,
                reply_to=request.user.email,
            )
            words = _("We ask %(name)s, at %(email)s. Nothing is shown until they agree.")
            messages.success(request, words % {"name": position.person, "email": position.email})
    return redirect("space:people", organization.slug)


def position_or_404(organization, pk):
    """A position that someone has there today."""
    found = organization.positions.current().select_related("person", "organization")
    return get_object_or_404(found, pk=pk)


def own_position_or_404(request, organization, pk):
    """A position that the user themself has there today."""
    position = position_or_404(organization, pk)
    if position.person_id != request.user.person_id:
        raise Http404
    return position


def day(moment):
    return date_format(timezone.localtime(moment), "DATE_FORMAT")


# The choice of someone without an account


def link_token(position):
    """The secret of the link that lets the person of a position choose, at its very address."""
    return signing.dumps([position.pk, position.email.lower()], salt=SALT)


def position_of(token):
    """The position that such a link is about, or None: too old, or the position or its address
    is no longer the same."""
    try:
        pk, email = signing.loads(token, salt=SALT, max_age=ASKED_FOR)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    members = Position.objects.current().select_related("person", "organization")
    return members.filter(pk=pk, email__iexact=email).first()


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def show_publicly(request, token):
    """Whoever has the link says whether the public page shows them; within its days, again."""
    if limited(request, "space_choice", "30/h/ip"):
        return too_many(request)
    position = position_of(token)
    if position is None:
        return render(request, "space/choice_dead.html", status=404)
    if request.method == "POST":
        choose(position, request.POST.get("choice"))
        return redirect("space:show-publicly", token)
    context = {"position": position, "wording": wording(), "has_chosen": position.public_since}
    return render(request, "space/choice.html", context)


def choose(position, choice):
    """Record the choice, "show" or "hide", made by the link: by nobody who has an account."""
    if choice == "show":
        basis = _("Their own choice by the link sent to %(email)s: “%(wording)s”") % {
            "email": position.email,
            "wording": wording(),
        }
        position.show_publicly(by=None, basis=basis[:200])
    elif choice == "hide":
        position.hide(by=None)
