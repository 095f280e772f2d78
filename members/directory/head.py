"""What a page says of itself to search engines and social networks."""

from dataclasses import dataclass

from members.directory.addresses import absolute


@dataclass(frozen=True)
class HeadMeta:
    """A page's Open Graph words and structured data, for `partials/head_meta.html`.

    `url` is the page's one address, without the parameters that do not change what it is about.
    """

    title: str
    description: str
    url: str
    image: str = ""
    data: dict | None = None


def head_meta(request, *, title, description="", path=None, data=None):
    """The `HeadMeta` of the page at `path` (the request's own, without its query, if None)."""
    return HeadMeta(title, description, absolute(request, path or request.path), data=data)
