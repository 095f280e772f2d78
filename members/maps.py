"""The mosaic with the members counted on it."""

from dataclasses import dataclass

from django.core.cache import caches
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language

from regions.mosaic import mosaic

# Shades of the map, besides « none »; counts are far apart, so each shade doubles or more.
SHADES = (1, 3, 6, 12)


@dataclass(frozen=True)
class MapRegion:
    """A region on the map: its shape, its page, its count and the shade for it (0 to 4).

    `said` is what its link is called, when its count is not of members.
    """

    name: str
    url: str
    path: str
    label_x: str
    label_y: str
    count: int
    shade: int
    is_current: bool
    said: str = ""


@dataclass(frozen=True)
class Map:
    """The drawing's size in cells and its regions; `counted` when the counts are shown.

    `label` is what it is called, when it counts something else than members.
    """

    width: int
    height: int
    regions: list
    counted: bool
    key: str
    label: str = ""

    def svg(self):
        """The map as HTML, made once for each version of the directory and language."""
        return caches["counts"].get_or_set(
            self.key, lambda: render_to_string("partials/mosaic.html", {"map": self})
        )


def map_of(directory, current=None, counted=True):
    """The mosaic of the whole `directory` (its filterset without choices).

    Shaded by the members counted in each region, unless `counted` is false; the region of code
    `current` is lit.
    """
    words = directory.vocabulary
    base_url = reverse("members:region-list")
    known = {
        code: (term.name, f"{base_url}{term.slug}/")
        for code, term in words.by_key["region"].items()
    }
    counts = directory.counts.by["region"] if counted else {}
    key = f"map:{directory.version}:{get_language()}:{counted}:{current}"
    return drawn(known, counts, current=current, counted=counted, key=key)


def drawn(known, counts, *, key, current=None, counted=True, label="", said=None):
    """The mosaic of regions {code: (name, address)}, shaded by {code: count}.

    `key` is where it is kept once drawn: it says all that the drawing depends on. When it counts
    something else than members, `label` says what, and `said(name, count)` a region's link.
    """
    most = max(counts.values(), default=0)
    drawing = mosaic()
    regions = []
    for shape in drawing.shapes:
        if shape.code in known:
            name, url = known[shape.code]
            count = counts.get(shape.code, 0)
            regions.append(
                MapRegion(
                    name,
                    url,
                    shape.path,
                    f"{shape.label_x:.1f}",
                    f"{shape.label_y:.1f}",
                    count,
                    shade(count, most),
                    shape.code == current,
                    said(name, count) if said else "",
                )
            )
    return Map(drawing.width, drawing.height, regions, counted, key, label)


def shade(count, most):
    """0 for none, then 1 to 4; thresholds grow with the largest count, so 10 000 still differ."""
    scale = max(1, most / 24)
    return max(1, sum(count >= step * scale for step in SHADES)) if count else 0
