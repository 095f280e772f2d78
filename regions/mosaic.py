"""Québec drawn as a mosaic: our own schematic map, one SVG path a region.

The drawing is data/mosaic.txt: 40 lines of 44 cells, a letter per region (A = 01 … Q = 17). The
inhabited south is stretched so that Laval can be clicked. Coordinates are cells: x to the right,
y down, from the top left corner.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

# A row of fewer cells than this is narrow for a label.
NARROW = 7

DRAWING = Path(__file__).parent / "data" / "mosaic.txt"


@dataclass(frozen=True)
class Shape:
    """One region's cells as a closed SVG path, and a point well inside it for a label."""

    code: str
    path: str
    label_x: float
    label_y: float


@dataclass(frozen=True)
class Mosaic:
    """The whole drawing: `width` by `height` cells, its shapes in the order of region codes."""

    width: int
    height: int
    shapes: tuple[Shape, ...]


@cache
def mosaic():
    """The `Mosaic` that data/mosaic.txt draws."""
    lines = [
        line
        for line in DRAWING.read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    cells = {}
    for y, line in enumerate(lines):
        for x, letter in enumerate(line):
            if letter != ".":
                cells.setdefault(f"{ord(letter) - ord('A') + 1:02}", set()).add((x, y))
    shapes = (
        Shape(code, outline(region), *inside(region)) for code, region in sorted(cells.items())
    )
    return Mosaic(max(map(len, lines)), len(lines), tuple(shapes))


def outline(cells):
    """The edge of a set of cells as one SVG path: a closed ring for each part and each hole.

    Every cell's four sides are walked clockwise; a side that two cells share cancels out, and
    what remains is chained into rings.
    """
    sides = set()
    for x, y in cells:
        corners = [(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)]
        for start, end in zip(corners, corners[1:] + corners[:1], strict=True):
            if (end, start) in sides:
                sides.remove((end, start))
            else:
                sides.add((start, end))
    following = {}
    for start, end in sorted(sides):
        following.setdefault(start, []).append(end)
    rings = []
    while following:
        first = min(following)
        ring, here = [first], first
        while True:
            ends = following[here]
            # Where two corners touch, turning right keeps the parts apart.
            end = ends.pop() if len(ends) == 1 else ends.pop(turning_right(ring, ends))
            if not ends:
                del following[here]
            if end == first:
                break
            ring.append(end)
            here = end
        rings.append(ring)
    return "".join(ring_path(ring) for ring in rings)


def turning_right(ring, ends):
    """Which of two `ends` turns right, coming along `ring`."""
    (px, py), (x, y) = ring[-2], ring[-1]
    right = (x - (y - py), y + (x - px))
    return ends.index(right) if right in ends else 0


def ring_path(ring):
    """`M…Z` for a ring of corners, one command a straight line."""
    x, y = ring[0]
    path = f"M{x} {y}"
    for place, (next_x, next_y) in enumerate(ring[1:], start=1):
        after_x, after_y = ring[(place + 1) % len(ring)]
        straight_on = (next_x - x) * (after_y - next_y) == (next_y - y) * (after_x - next_x)
        if not straight_on:
            path += f"H{next_x}" if next_y == y else f"V{next_y}"
            x, y = next_x, next_y
    return path + "Z"


def inside(cells):
    """A point as far as can be from the edge, near the centre of the region.

    Where the region is narrow, the middle of its width there, so that two digits fit.
    """
    depth = {}
    edge = {cell for cell in cells if not neighbours(cell) <= cells}
    level = 0
    while edge:
        depth |= dict.fromkeys(edge, level)
        level += 1
        edge = {n for cell in edge for n in neighbours(cell) & cells if n not in depth}
    centre_x = sum(x for x, _ in cells) / len(cells)
    centre_y = sum(y for _, y in cells) / len(cells)
    x, y = max(
        cells,
        key=lambda cell: (
            depth[cell],
            -abs(cell[0] - centre_x) - abs(cell[1] - centre_y),
            cell,
        ),
    )
    left, right = x, x
    while (left - 1, y) in cells:
        left -= 1
    while (right + 1, y) in cells:
        right += 1
    narrow = right - left < NARROW
    return ((left + right + 1) / 2 if narrow else x + 0.5), y + 0.5


def neighbours(cell):
    """The four cells beside a cell."""
    x, y = cell
    return {(x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)}
