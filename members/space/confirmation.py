"""« All of this is true », in one click: from the yearly mail without signing in, or in the space.

Programs that look for viruses follow the links of mails: asking for the page changes nothing, its
one button does.
"""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from members import freshness, terms
from members.models import Organization
from members.pages import profile_page
from members.space.doors import represented

# What a link that confirms nothing answers: 410 for one that was good once.
STATUSES = {"broken": 404}


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_link(request, token):
    """What the public reads of an organization, and the button that says that it is true."""
    try:
        if request.method == "POST":
            organization, done = freshness.confirm(token)
            context = {"organization": organization, "done": done, "already": not done}
            response = render(request, "space/confirmed.html", context)
        else:
            response = asked_page(request, token)
    except freshness.Unusable as unusable:
        context = {"reason": unusable.reason, "organization": unusable.organization}
        status = STATUSES.get(unusable.reason, 410)
        response = render(request, "space/link_unusable.html", context, status=status)
    add_never_cache_headers(response)
    response["X-Robots-Tag"] = "noindex"
    # The address opens something: other sites are not told it.
    response["Referrer-Policy"] = "same-origin"
    return response


def asked_page(request, token):
    """The question of a link, or that it was answered already."""
    reminder, organization = freshness.asked(token)
    if freshness.is_confirmed_since(reminder, organization):
        context = {"organization": organization, "already": True}
        return render(request, "space/confirmed.html", context)
    return render(request, "space/confirm.html", profile_page(organization, terms.read()))


@represented
@require_POST
def confirm(request, organization):
    """The same, for whoever represents the organization and is signed in."""
    organization.confirm(by=request.user, source=Organization.ConfirmedBy.SPACE)
    on = date_format(organization.last_confirmed_on)
    messages.success(
        request, _("Thank you. The public page says: confirmed on %(on)s.") % {"on": on}
    )
    return redirect("space:state", organization.slug)
