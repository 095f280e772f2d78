"""The doors of the space: whoever does not represent an organization finds nothing behind them.

What someone typed is never lost at a door: it waits in the session while they sign in again, and
is written back to them when their access has ended.
"""

import functools

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.db.models import Q
from django.http import Http404, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

from members.models import Representative

# Where, in the session, what was sent without being signed in waits; and how long it may be, in
# characters.
UNSENT = "unsent"
MOST_KEPT = 100_000


def represented(view=None, *, manager=False):
    """Open `view(request, organization, …)` to those who represent the organization of its slug.

    With `manager`, to its managers only; anyone else finds nothing (404). `request.representative`
    says who they are there. Whoever is not signed in is sent to sign in, and what they had sent
    comes back as `request.unsent` (a QueryDict, else None) when they ask for the same page again.
    A former address leads to the present one. It goes above every other decorator of the view.
    """
    if view is None:
        return functools.partial(represented, manager=manager)

    @login_not_required  # it is asked for here, so that what was sent is kept
    @functools.wraps(view)
    def wrapped(request, slug, **kwargs):
        if not request.user.is_authenticated:
            keep_unsent(request)
            return redirect_to_login(request.get_full_path())
        representative = found(request.user, slug)
        if representative is None:
            response = ended(request, slug)
        elif manager and not representative.is_manager:
            raise Http404
        elif request.method in ("GET", "HEAD") and representative.organization.slug != slug:
            match = request.resolver_match
            kept = match.kwargs | {"slug": representative.organization.slug}
            return redirect(reverse(match.view_name, kwargs=kept), permanent=False)
        else:
            request.representative = representative
            request.unsent = take_unsent(request)
            response = view(request, representative.organization, **kwargs)
        add_never_cache_headers(response)
        response.headers.setdefault("X-Robots-Tag", "noindex")
        return response

    wrapped.asks_to_sign_in = True
    return wrapped


def found(user, slug):
    """The `Representative` that the user is today for the organization at that address, which may
    be a former one; None if they are not."""
    active = Representative.objects.active().filter(user=user)
    active = active.select_related("organization")
    return (
        active.filter(organization__slug=slug).first()
        or active.filter(organization__former_slugs__slug=slug).first()
    )


def ended(request, slug):
    """The page, as a 404, of someone whose access to that organization has ended.

    It gives back what they had just typed. Raises Http404 for anybody else.
    """
    former = (
        Representative.objects.filter(user=request.user)
        .filter(Q(organization__slug=slug) | Q(organization__former_slugs__slug=slug))
        .select_related("organization")
        .first()
    )
    if former is None:
        raise Http404
    typed = [
        text
        for name, text in request.POST.items()
        if name != "csrfmiddlewaretoken" and text.strip()
    ]
    context = {"organization": former.organization, "typed": typed}
    return render(request, "space/ended.html", context, status=404)


def keep_unsent(request):
    """Keep what a form sent until its author has signed in; a longer text is not kept."""
    if request.method != "POST":
        return
    typed = request.POST.copy()
    typed.pop("csrfmiddlewaretoken", None)
    data = typed.urlencode()
    if len(data) <= MOST_KEPT:
        request.session[UNSENT] = {"path": request.path, "data": data}


def take_unsent(request):
    """What was kept for this very page, once: a QueryDict, or None."""
    kept = request.session.get(UNSENT) if request.method == "GET" else None
    if kept is None or kept["path"] != request.path:
        return None
    del request.session[UNSENT]
    return QueryDict(kept["data"])
