"""The first pages of the space: which organization, and how it stands."""

from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from members.permissions import represented_by


@require_safe
@never_cache
def home(request):
    """The space of the one organization that the user represents, or the list of several."""
    organizations = list(represented_by(request.user).by_name())
    if len(organizations) == 1:
        return redirect("space:state", organizations[0].slug)
    return render(request, "space/home.html", {"organizations": organizations})
