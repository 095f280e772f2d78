"""What other sites show inside their own pages: one line of HTML, an <iframe>.

Any list can be shown that way (`embed_pages.py` has two). It needs:

- a view of its own address, which reads the same parameters as the list's page (from the `data` of
  `asked`, in place of `request.GET`) and answers through `embedded`;

- a template that extends `embed/base.html` and fills its blocks: `title`, `heading`, `list` and
  `whole` (the words of the link to the whole). Links in it lead out of the frame by themselves;
  those that turn its pages say `target="_self"`, and their addresses come from `turned`. Its looks
  are in `css/embed.css`;

- an `Embed` among the `EMBEDS` of `embed_pages.py`, so that the page « Intégrer à votre site »
  offers it;

- its name in `FRAMED` of tests/members/test_embeds.py: nothing else can be framed.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from csp.decorators import csp_replace
from django.shortcuts import render
from django.utils.html import escape
from django.utils.translation import gettext_lazy as _
from django.views.decorators.clickjacking import xframe_options_exempt

from members.directory.addresses import absolute
from members.directory.caching import public_page

# How the frame looks, whatever the visitor's device asks for; "" follows it.
LOOKS = {"": _("As the visitor’s device asks"), "light": _("Light"), "dark": _("Dark")}

# How high the frame is in the line that we give, in pixels; whoever pastes it may change that.
HEIGHT = 600


@dataclass(frozen=True)
class Embed:
    """A list that can be embedded, as the page that gives the line offers it.

    `key` names it in that page's address; `label` says what it shows and `title` what the frame is,
    for those who cannot see it; `address` is the name of its address in `urls.py`. `listing` makes,
    of a request and the parameters asked for, an object whose `groups` are `listing.ChoiceGroup`s,
    and whose `parameters` are the known ones as (name, value) pairs. `searched` when it reads `q`.
    """

    key: str
    label: str
    title: str
    address: str
    listing: Callable
    searched: bool = True


def embeddable(view):
    """A public page that any site may show in a frame; nothing else of the policy is relaxed.

    There is nothing to lure anyone into clicking there: such a page has no form and no session, and
    its links only lead out. Errors keep the strict policy. What is above says how to write one.
    """
    framed = csp_replace({"frame-ancestors": ["*"]})(xframe_options_exempt(view))
    return public_page(functools.wraps(view)(framed))


def asked(request):
    """(look, data): how the frame is to look, and the list's own parameters.

    A look that is not known stays among the parameters, where the list names what it leaves out.
    """
    data = request.GET.copy()
    look = data.get("look", "")
    if look in LOOKS:
        data.pop("look", None)
        return look, data
    return "", data


def turned(path, parameters, *, look="", **more):
    """The address `path` with these (name, value) pairs, the look and what is `more`, if any."""
    pairs = [*parameters, *(more | {"look": look}).items()]
    query = urlencode([(name, value) for name, value in pairs if value])
    return f"{path}?{query}" if query else path


def embedded(request, template, context, *, look, whole):
    """The answer of an embeddable page; `whole` is the address on this site of the same list."""
    frame = {"look": look, "whole": whole, "canonical": absolute(request, whole)}
    return render(request, template, context | {"frame": frame})


def line_of_html(address, title):
    """The one line to paste in a page: a frame as wide as its place, with nothing to run."""
    return (
        f'<iframe src="{escape(address)}" title="{escape(title)}" loading="lazy" '
        f'height="{HEIGHT}" style="border: 0; width: 100%"></iframe>'
    )
