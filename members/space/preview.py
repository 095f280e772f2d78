"""The public page as it would be with what a representative wrote; and the logos that only those
who act for the organization see."""

from django.db.models import Q
from django.http import FileResponse, Http404
from django.shortcuts import render
from django.utils.translation import get_language, override
from django.views.decorators.http import require_safe

from members.models import Logo, ProfileDraft, ProposedField
from members.models.documents import documents
from members.pages import LOGO_WIDTHS, profile_page, with_changes
from members.space import drafts
from members.space.doors import represented
from members.space.editing import logo_address
from members.space.pages import space_page

LANGUAGES = ("fr", "en")


@represented
@require_safe
def preview(request, organization):
    """The public page with the draft and what waits, in either language (`in=fr` or `in=en`).

    `only` gives the page alone, for the form to show beside what is typed.
    """
    language = request.GET.get("in")
    if language not in LANGUAGES:
        language = get_language()
    writing = drafts.begin(organization, request.user)
    with override(language):
        shown = page_with(writing)
    if "only" in request.GET:
        return render(request, "space/partials/preview.html", {"shown": shown, "lang": language})
    return space_page(
        request,
        "space/preview.html",
        organization,
        "editing",
        writing=writing,
        shown=shown,
        lang=language,
        errors=writing.errors(),
    )


def page_with(writing):
    """The variables of `members/partials/profile.html`, in the current language."""
    values = writing.values()
    changed = with_changes(
        writing.organization,
        {name: value for name, value in values.items() if value != writing.live[name]},
        writing.lexicon,
    )
    shown = profile_page(changed, writing.lexicon.vocabulary)
    if shown["logo"] and values["logo"] != writing.live["logo"]:
        addresses = [logo_address(writing.organization, changed.logo, w) for w in LOGO_WIDTHS]
        shown["logo"] |= {"src": addresses[0], "srcset": f"{addresses[0]} 1x, {addresses[1]} 2x"}
    return shown


@represented
@require_safe
def logo(request, organization, logo, width):
    """A logo of the organization: the public one, one that it asked for, or that of one's draft."""
    own = ProfileDraft.objects.filter(user=request.user, organization=organization)
    asked = ProposedField.objects.filter(proposal__organization=organization, name="logo")
    found = (
        Logo.objects.filter(organization=organization, pk=logo)
        .filter(
            Q(pk=organization.logo_id)
            | Q(pk__in=own.values("logo"))
            | Q(pk__in=asked.values("logo"))
        )
        .first()
    )
    if found is None or width not in LOGO_WIDTHS:
        raise Http404
    return FileResponse(documents().open(found.file_name(width)), content_type="image/webp")
