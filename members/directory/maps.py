"""The mosaic with the members counted on it."""

from dataclasses import dataclass

from django.urls import reverse

from regions.mosaic import mosaic

# Shades of the map, besides « none »; counts are far apart, so each shade doubles or more.
SHADES = (1, 3, 6, 12)


@dataclass(frozen=True)
class MapRegion:
    """A region on the map: its shape, its page, its count and the shade for it (0 to 4)."""

    name: str
    url: str
    path: str
    label_x: str
    label_y: str
    count: int
    shade: int
    is_current: bool


@dataclass(frozen=True)
class Map:
    """The drawing's size in cells and its regions; `counted` when the counts are shown."""

    width: int
    height: int
    regions: list
    counted: bool


def map_of(words, counts, current=None):
    """The mosaic shaded by `counts` ({region code: members}), the region `current` lit."""
    drawing = mosaic()
    most = max(counts.values(), default=0)
    regions = []
    for shape in drawing.shapes:
        term = words.by_key["region"].get(shape.code)
        if term is None:
            continue
        count = counts.get(shape.code, 0)
        regions.append(
            MapRegion(
                term.name,
                reverse("members:region-detail", args=[term.slug]),
                shape.path,
                f"{shape.label_x:.1f}",
                f"{shape.label_y:.1f}",
                count,
                shade(count, most),
                shape.code == current,
            )
        )
    return Map(drawing.width, drawing.height, regions, bool(counts))


def shade(count, most):
    """0 for none, then 1 to 4; thresholds grow with the largest count, so 10 000 still differ."""
    scale = max(1, most / 24)
    return max(1, sum(count >= step * scale for step in SHADES)) if count else 0
