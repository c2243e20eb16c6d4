"""The places that are read: boxes and frames in orders in which people look into videos, drawn from a seed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...tiling import Box

__all__ = ["PATTERNS", "draw"]

#: How many reads a burst has, which are near to each other.
_BURST = 8
#: How far from its middle a burst reaches: boxes in rows and columns, by their size, and all in frames.
_NEAR, _NEAR_FRAMES = 0.5, 8

PATTERNS = (
    "boxes, uniform",
    "boxes, aligned",
    "boxes, clustered",
    "boxes, sequential",
    "frames, uniform",
    "frames, clustered",
    "frames, sequential",
)

Triple = tuple[int, int, int]


def draw(pattern: str, shape: Triple, box: Triple, fragment: Triple, count: int, seed: int) -> list[Box]:
    """Draw the boxes of a pattern, the same ones for the same arguments.

    Parameters
    ----------
    pattern : str
        One of `PATTERNS`.
    shape : tuple of int
        Of the clip.
    box : tuple of int
        Size of the boxes, clipped to the clip; frames are whole, one at a time.
    fragment : tuple of int
        To which aligned boxes keep in rows and columns; in time, they begin at multiples of their own length.
    count, seed : int
    """
    what, _, how = pattern.partition(", ")
    size = (1, *shape[1:]) if what == "frames" else box
    fitted = tuple(min(n, whole) for n, whole in zip(size, shape, strict=True))
    rng = np.random.default_rng([seed, PATTERNS.index(pattern)])
    room = np.array(shape, np.int64) - fitted  # the last place that a box can have
    places = _PLACES[how](rng, room, np.array(fitted, np.int64), np.array([fitted[0], *fragment[1:]], np.int64))
    found = []
    for _, (t, y, x) in zip(range(count), places, strict=False):
        found.append(Box(int(t), int(t) + fitted[0], int(y), int(y) + fitted[1], int(x), int(x) + fitted[2]))
    return found


_Array = np.ndarray[tuple[int, ...], np.dtype[np.int64]]


def _uniform(rng: np.random.Generator, room: _Array, size: _Array, step: _Array) -> Iterator[_Array]:
    while True:
        yield rng.integers(0, room + 1)


def _aligned(rng: np.random.Generator, room: _Array, size: _Array, step: _Array) -> Iterator[_Array]:
    while True:
        yield rng.integers(0, room // step + 1) * step


def _clustered(rng: np.random.Generator, room: _Array, size: _Array, step: _Array) -> Iterator[_Array]:
    reach = np.array([_NEAR_FRAMES, *(_NEAR * size[1:]).astype(np.int64)])
    while True:
        middle = rng.integers(0, room + 1)
        for _ in range(_BURST):
            yield np.clip(middle + rng.integers(-reach, reach + 1), 0, room)


def _sequential(rng: np.random.Generator, room: _Array, size: _Array, step: _Array) -> Iterator[_Array]:
    """Boxes from the first frame to the last at one place, then at another."""
    while True:
        _, y, x = rng.integers(0, room + 1)
        for t in range(0, int(room[0]) + 1, int(size[0])):
            yield np.array([t, y, x])


_PLACES = {"uniform": _uniform, "aligned": _aligned, "clustered": _clustered, "sequential": _sequential}
