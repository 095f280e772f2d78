"""What a page says of itself to search engines and social networks."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from members import share_images
from members.directory.addresses import absolute


@dataclass(frozen=True)
class HeadMeta:
    """A page's Open Graph words and structured data, for `partials/head_meta.html`.

    `url` is the page's one address, without the parameters that do not change what it is about;
    `image` is the whole address of its share image, `image_alt` what that image says.
    """

    title: str
    description: str
    url: str
    image: str
    image_alt: str
    data: dict | None = None

    image_type = share_images.CONTENT_TYPE
    image_width = share_images.WIDTH
    image_height = share_images.HEIGHT


def head_meta(request, *, title, description="", path=None, data=None, image=None, image_alt=""):
    """The `HeadMeta` of the page at `path` (the request's own, without its query, if None).

    `image` is the address on this site of the page's share image (see `members.directory.sharing`);
    without one, it has the whole site's.
    """
    if image is None:
        image, image_alt = reverse("members:share-image"), _("AQOCI – Directory of members")
    return HeadMeta(
        title,
        description,
        absolute(request, path or request.path),
        absolute(request, image),
        image_alt,
        data=data,
    )
