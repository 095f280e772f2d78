"""Positions and letters that an organization may sign, and those that it signed.

Whoever acts for it reads them here, even before they are public. The dossier that one belongs to is
the staff's: nothing here reads it.
"""

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from members.models import Signature, Statement
from members.models.statements import SigningClosed
from members.pages import in_language
from members.permissions import can_sign
from members.space.doors import represented
from members.space.pages import space_page


class SignForm(forms.Form):
    """What whoever signs does in the organization; asked once, then known."""

    title = forms.CharField(
        label=gettext_lazy("What you do in the organization"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "organization-title"}),
        error_messages={
            "required": gettext_lazy("Say what you do there, such as: executive director.")
        },
    )


@represented
@require_safe
def statements(request, organization):
    """What is open for signing, and what was signed."""
    signatures = list(signed_by(organization))
    signed = {one.statement_id: one for one in signatures}
    open_now = Statement.objects.open_for_signing().for_cards()
    to_sign = [said(one) for one in open_now if one.pk not in signed]
    to_sign.sort(key=lambda one: one["statement"].signing_until)
    return space_page(
        request,
        "space/statements.html",
        organization,
        "statements",
        to_sign=to_sign,
        signed=[said(one.statement) | {"signature": one} for one in signatures],
        **signing(request, organization),
    )


@represented
@require_http_methods(["GET", "HEAD", "POST"])
def statement(request, organization, statement):
    """Read one, then sign it in the organization's name."""
    one, signature = own_statement(organization, statement)
    form = SignForm(request.POST or request.unsent or None)
    if request.method == "POST" and form.is_valid():
        title = form.cleaned_data["title"]
        if made := attempt(
            request, organization, lambda: one.sign(organization, by=request.user, title=title)
        ):
            messages.success(request, signed_in_words(request, organization, made, signature))
            return redirect("space:statement", organization.slug, one.slug)
    is_open = one.is_open()
    shown = signing(request, organization)
    if shown["may_sign"] and is_open and not signature and not form.is_bound:
        title = known_title(request.user, organization)
        form = SignForm(initial={"title": title})
        shown["known_title"] = title
    text, text_lang = in_language(one, "text", get_language())
    is_readable = is_open or signature or one.is_published
    return space_page(
        request,
        "space/statement.html",
        organization,
        "statements",
        one=said(one),
        signature=signature,
        is_open=is_open,
        text=text if is_readable else "",
        text_lang=text_lang,
        url=one.url if is_readable else "",
        form=form,
        **shown,
    )


@represented
@require_http_methods(["GET", "HEAD", "POST"])
def take_back(request, organization, statement):
    """The organization no longer signs. Asked for by its link alone, leads to the page of it."""
    one, signature = own_statement(organization, statement)
    if request.method == "POST":
        if signature is None:
            messages.info(request, _("It was taken back already."))
        elif attempt(request, organization, lambda: signature.take_back(by=request.user)):
            messages.success(
                request, _("The signature is taken back: the organization no longer signs.")
            )
    return redirect("space:statement", organization.slug, one.slug)


def attempt(request, organization, act):
    """What `act` gives, or None when it may not be done any more: then in words, nothing is done.

    Whoever read the page may have lost the right to sign since, and its last day may have passed.
    """
    if not can_sign(request.user, organization):
        messages.warning(request, _("Only the managers of the organization can: nothing was done."))
        return None
    try:
        return act()
    except SigningClosed:
        messages.warning(
            request,
            _("The last day to sign is past: nothing was done. Write to the AQOCI if need be."),
        )
        return None


def signed_by(organization):
    """The signatures that an organization did not take back, the latest first."""
    return (
        Signature.objects.standing()
        .filter(organization=organization)
        .select_related("statement", "signed_by")
        .defer("statement__text", "statement__text_fr", "statement__text_en")
        .order_by("-signed_at", "-pk")
    )


def own_statement(organization, slug):
    """(statement, the organization's signature or None), if it was ever open or is signed.

    Raises Http404 for any other.
    """
    one = Statement.objects.defer("dossier").filter(slug=slug).first()
    if one is None:
        raise Http404
    signature = (
        one.signatures.standing()
        .filter(organization=organization)
        .select_related("signed_by", "statement")
        .first()
    )
    was_opened = one.signing_from and one.signing_from <= timezone.localdate()
    if not signature and not was_opened:
        raise Http404
    return one, signature


def signing(request, organization):
    """Whether the user may sign in the organization's name, and who may."""
    signers = organization.representatives.signers()
    return {"may_sign": request.representative in signers, "signers": signers}


def known_title(user, organization):
    """What the user said they do there when they signed, or what the network knows of it."""
    title = organization.signatures.last_title_of(user)
    if not title and user.person_id:
        own = organization.positions.current().filter(person=user.person_id).exclude(title="")
        title = own.values_list("title", flat=True).first() or ""
    return title


def said(one):
    """A statement as the pages of the space say it."""
    language = get_language()
    title, lang = in_language(one, "title", language)
    addressed_to, addressed_to_lang = in_language(one, "addressed_to", language)
    return {
        "statement": one,
        "title": title,
        "lang": lang,
        "addressed_to": addressed_to,
        "addressed_to_lang": addressed_to_lang,
        "kind": one.get_kind_display(),
        "is_open": one.is_open(),
    }


def signed_in_words(request, organization, made, before):
    """What to say to whoever just signed; that it was signed already, when it was."""
    if before or made.signed_by_id != request.user.pk:
        words = _("%(name)s has signed already, on %(day)s: nothing was signed twice.")
    else:
        words = _("%(name)s has signed. You can take it back until the last day to sign.")
    day = date_format(timezone.localtime(made.signed_at), "DATE_FORMAT")
    return words % {"name": organization, "day": day}
