"""What every file of open data shares: its licence, who may read it, and what a record holds."""

import itertools

from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from members.columns import PUBLIC
from members.directory.addresses import absolute
from members.directory.caching import version_for
from members.filters import OrganizationFilter
from members.terms import BY_SLUG


def terms_of_reuse(request):
    """Where the terms of reuse and the sources are told; it is for the association to set them."""
    return absolute(request, reverse("members:data")) + "#reuse"


def terms(request):
    """What every file says of its reuse, in the current language."""
    return {
        "licence": terms_of_reuse(request),
        "attribution": _("Places: GeoNames (CC BY 4.0), modified."),
    }


def directory(request):
    """The filterset of the request's query string, over the directory as it is now."""
    return OrganizationFilter(request.GET, version=version_for(request))


# One organization


def record(request, organization, words):
    """The organization (see `columns.prefetched`) as a JSON object, made of the public columns.

    Columns keep their keys, but that a region, a theme or a country comes with its name in the
    current language (`words` is the vocabulary). What is not known is null.
    """
    values = {column.key: column.value(organization) for column in PUBLIC}
    values = {key: None if value == "" else value for key, value in values.items()}
    ours, other = ("name_en", "name_fr") if get_language() == "en" else ("name_fr", "name_en")
    first = {
        "id": organization.pk,
        "name": values.get(ours) or values.get(other),
        "acronym": values.pop("acronym", None),
        "slug": values.pop("slug", None),
        "url": absolute(request, organization.get_absolute_url()),
        "region": named(words, "region", values.pop("region_code", None)),
        "municipality": values.pop("city", None),
        "themes": all_named(words, "theme", values.pop("themes", [])),
        "countries": all_named(words, "country", values.pop("countries", [])),
    }
    if "active_regions" in values:
        values["active_regions"] = all_named(words, "region", values["active_regions"])
    if "other_names" in values:
        pairs = [name.split(":", 1) for name in values["other_names"]]
        values["other_names"] = [{"kind": kind, "name": name} for kind, name in pairs]
    return first | {key: value for key, value in values.items() if key not in first}


def named(words, group, value):
    """A term of the vocabulary as {"code" or "slug": …, "name": …}; None for no value."""
    term = words.by_value[group].get(value)
    key = "slug" if group in BY_SLUG else "code"
    return {key: value, "name": term.name} if term else None


def all_named(words, group, values):
    """Several terms, in the order of their names."""
    wanted = set(values)
    return [named(words, group, t.value) for t in words.terms(group) if t.value in wanted]


# Responses


def opened(request, response):
    """`response` with its terms, and readable by any site's scripts: it holds public facts only."""
    response["Link"] = f'<{terms_of_reuse(request)}>; rel="license"'
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def as_json(request, data, *, status=200):
    """An open response in JSON, its letters written as they are."""
    return opened(
        request,
        JsonResponse(data, status=status, json_dumps_params={"ensure_ascii": False, "indent": 1}),
    )


def streamed(request, pieces, content_type):
    """An open response made piece by piece, so that any size takes the same memory.

    The first piece is made now: what fails there is answered as an error, not as half a file.
    A HEAD request gets the same headers, and nothing is made.
    """
    if request.method == "HEAD":
        pieces = []
    else:
        pieces = iter(pieces)
        pieces = itertools.chain([next(pieces)], pieces)
    return opened(request, StreamingHttpResponse(pieces, content_type=content_type))


def downloaded(response, filename):
    """`response`, to be kept under that name (ASCII letters, digits, dots and hyphens only)."""
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


# Addresses that ask for something unknown


def left_out(filterset):
    """The parts of the address that were left out: [{"parameter", "value"}]."""
    return [{"parameter": str(part.label), "value": part.value} for part in filterset.ignored]


def in_words(part):
    """A part that was left out, for people: « Région : 99 »."""
    return _("%(parameter)s: %(value)s") % part


def refused(ignored):
    """A 400 in words, for a file that has no place to name what it would leave out.

    Nobody should take the whole directory for the answer to a question that was mistyped.
    """
    lines = [_("This address asks for something unknown:")]
    lines += [f"- {in_words(part)}" for part in ignored]
    return HttpResponse(
        "\n".join([*lines, ""]), status=400, content_type="text/plain; charset=utf-8"
    )
