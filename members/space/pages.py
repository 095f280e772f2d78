"""What all the pages of the space have in common."""

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

# The tabs of an organization's space: (name of its first address, words).
TABS = [
    ("state", _("State")),
    ("editing", _("Edit the profile")),
    ("events", _("Events")),
    ("people", _("People")),
    ("access", _("Access")),
    ("statements", _("Signatures")),
]


def space_page(request, template, organization, tab, *, status=200, **context):
    """A page of the space of `organization`, under the tab that begins at the address `tab`."""
    shown = {
        "organization": organization,
        "representative": request.representative,
        "space_tabs": [
            (reverse(f"space:{name}", args=[organization.slug]), words, name == tab)
            for name, words in TABS
        ],
        **context,
    }
    return render(request, template, shown, status=status)
