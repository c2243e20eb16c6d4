"""The moving test scene of ``stfrag demo``: ridges in parallax, drifting clouds, two balloons, sensor noise.

Every number comes from a seeded generator, so the scene is the same on every run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

Bytes: TypeAlias = npt.NDArray[np.uint8]
Floats: TypeAlias = npt.NDArray[np.float32]

SIZE = (64, 640, 1152)  # frames, rows, columns
RATE = 25


class _Layer(NamedTuple):
    """One ridge of mountains: where its crest is in parts of the height, how rough that is, its pixels a frame, and
    its luma, Cb and Cr in limited range."""

    base: float
    roughness: float
    speed: int
    colour: tuple[int, int, int]


class _Ridge(NamedTuple):
    """A drawn layer: which pixels it covers, and its planes at full resolution, wide enough to pan over."""

    speed: int
    covers: npt.NDArray[np.bool_]
    luma: Bytes
    chroma: list[Bytes]


class _Balloon(NamedTuple):
    """A balloon: centre and radius in pixels, and its luma, Cb and Cr."""

    column: float
    row: float
    radius: float
    colour: tuple[int, int, int]


# Far to near.
_LAYERS = (
    _Layer(0.52, 0.10, 1, (118, 136, 122)),
    _Layer(0.64, 0.16, 3, (92, 130, 120)),
    _Layer(0.80, 0.14, 6, (58, 122, 122)),
)


def _noise(rng: np.random.Generator, rows: int, columns: int, cell: int) -> Floats:
    """Smooth noise in about -1..1: random values on a coarse lattice, interpolated linearly."""
    lattice = rng.uniform(-1, 1, (rows // cell + 2, columns // cell + 2)).astype(np.float32)
    y, x = np.arange(rows, dtype=np.float32) / cell, np.arange(columns, dtype=np.float32) / cell
    top, left = y.astype(int), x.astype(int)
    fy, fx = (y - top)[:, None], (x - left)[None, :]
    upper = lattice[top][:, left] * (1 - fx) + lattice[top][:, left + 1] * fx
    lower = lattice[top + 1][:, left] * (1 - fx) + lattice[top + 1][:, left + 1] * fx
    smooth: Floats = upper * (1 - fy) + lower * fy
    return smooth


def _fractal(
    rng: np.random.Generator, rows: int, columns: int, cells: Sequence[int] = (160, 64, 24, 9, 4, 2)
) -> Floats:
    """Noise of several scales, as in stone and cloud."""
    total = np.zeros((rows, columns), np.float32)
    for octave, cell in enumerate(cells):
        total += _noise(rng, rows, columns, cell) * np.float32(0.6**octave)
    return total


def _draw_ridge(rng: np.random.Generator, rows: int, columns: int, layer: _Layer) -> _Ridge:
    """Draw one ridge."""
    line = _fractal(rng, 1, columns, (400, 150, 50, 16))[0]
    height = (layer.base + layer.roughness * line) * rows
    depth = np.arange(rows, dtype=np.float32)[:, None] - height[None, :]
    texture = _fractal(rng, rows, columns)
    haze = np.clip(depth / (0.3 * rows), 0, 1)
    luma = layer.colour[0] + 20 * texture - 22 * haze
    chroma = [layer.colour[c] + 3 * texture + 4 * haze * (-1) ** c for c in (1, 2)]
    return _Ridge(
        layer.speed,
        depth > 0,
        np.clip(luma, 16, 235).astype(np.uint8),
        [np.clip(plane, 16, 240).astype(np.uint8) for plane in chroma],
    )


def frames(size: tuple[int, int, int] = SIZE) -> Iterator[tuple[Bytes, Bytes, Bytes]]:
    """The scene, frame by frame.

    Parameters
    ----------
    size : tuple of int
        Frames, rows, columns; rows and columns even.

    Yields
    ------
    tuple of numpy.ndarray
        Y (rows×columns), Cb and Cr (half of it), uint8, 4:2:0, BT.709, limited range.
    """
    count, rows, columns = size
    rng = np.random.default_rng(20)
    clouds = _fractal(rng, rows, columns + 2 * count, (240, 90, 36, 14))
    sky = 205 - 50 * np.linspace(1, 0, rows, dtype=np.float32)[:, None] ** 1.5
    sky = np.clip(sky + 14 * clouds, 16, 235).astype(np.uint8)
    ridges = [_draw_ridge(rng, rows, columns + layer.speed * count, layer) for layer in _LAYERS]
    grain = np.rint(rng.normal(scale=1.3, size=(rows + 64, columns + 64))).astype(np.int8)
    y, x = np.mgrid[:rows, :columns].astype(np.float32)

    for t in range(count):
        luma = sky[:, 2 * t : 2 * t + columns].copy()
        cb, cr = (np.full((rows // 2, columns // 2), value, np.uint8) for value in (140, 118))
        planes = (luma, cb, cr)
        balloons = (
            _Balloon(0.30 * columns + 3.3 * t, (0.30 + 0.04 * np.sin(t / 9)) * rows, 0.11 * rows, (150, 92, 184)),
            _Balloon(0.74 * columns - 2.1 * t, (0.44 + 0.05 * np.cos(t / 7)) * rows, 0.075 * rows, (168, 66, 140)),
        )
        for number, ridge in enumerate(ridges):
            window = slice(ridge.speed * t, ridge.speed * t + columns)
            covered = ridge.covers[:, window]
            luma[covered] = ridge.luma[:, window][covered]
            half = covered[::2, ::2]
            for plane, drawn in zip((cb, cr), ridge.chroma, strict=True):
                plane[half] = drawn[:, window][::2, ::2][half]
            if number < len(balloons):  # each balloon floats in front of one ridge and behind the next
                _draw_balloon(planes, y, x, balloons[number], t)
        dy, dx = rng.integers(0, 64, 2)
        noisy = luma.astype(np.int16) + grain[dy : dy + rows, dx : dx + columns]
        yield np.clip(noisy, 16, 235).astype(np.uint8), cb, cr


def _draw_balloon(planes: Sequence[Bytes], y: Floats, x: Floats, balloon: _Balloon, t: int) -> None:
    """Draw a shaded, striped disc that turns slowly, and its basket; `y` and `x` are the places of all pixels."""
    cx, cy, radius, colour = balloon
    rows, columns = planes[0].shape
    top, bottom = max(int(cy - radius) & ~1, 0), min(int(cy + 1.5 * radius) + 2 & ~1, rows)
    left, right = max(int(cx - radius) & ~1, 0), min(int(cx + radius) + 2 & ~1, columns)
    if top >= bottom or left >= right:
        return
    v = (y[top:bottom, left:right] - cy) / radius
    u = (x[top:bottom, left:right] - cx) / radius
    inside = u * u + v * v < 1
    angle = np.arcsin(np.clip(u / np.sqrt(np.maximum(1 - v * v, 1e-3)), -1, 1))
    stripe = np.sin(8 * angle + t / 10) > 0
    shade = colour[0] - 45 * np.clip(0.5 * u + 0.6 * v + 0.3, 0, 1) + 18 * stripe
    basket = (np.abs(u) < 0.16) & (v > 1.16) & (v < 1.4)
    luma = planes[0][top:bottom, left:right]
    luma[inside] = np.clip(shade, 16, 235).astype(np.uint8)[inside]
    luma[basket] = 52
    for plane, value in zip(planes[1:], colour[1:], strict=True):
        part = plane[top // 2 : bottom // 2, left // 2 : right // 2]
        part[(inside & stripe)[::2, ::2]] = value
        part[(inside & ~stripe)[::2, ::2]] = (value + 2 * 128) // 3
        part[basket[::2, ::2]] = 126


def write_video(
    path: Path, size: tuple[int, int, int] = SIZE, report: Callable[[int, int], object] = lambda done, total: None
) -> None:
    """Write the scene to a video file: FFV1 in Matroska, yuv420p.

    Parameters
    ----------
    path : pathlib.Path
    size : tuple of int
        Frames, rows, columns.
    report : callable, optional
        Called as ``report(done, total)`` after every frame.
    """
    import av

    from ..codec.frames import frame_from_planes

    with av.open(str(path), "w", format="matroska") as container:
        stream: Any = container.add_stream("ffv1", rate=RATE, options={"slices": "4", "level": "3"})
        stream.height, stream.width = size[1:]
        stream.pix_fmt = "yuv420p"
        stream.time_base = Fraction(1, RATE)
        stream.codec_context.colorspace, stream.codec_context.color_range = 1, 1  # BT.709, limited
        stream.thread_type = "SLICE"
        for number, planes in enumerate(frames(size)):
            picture = frame_from_planes(planes, "yuv420p")
            picture.pts, picture.time_base = number, Fraction(1, RATE)
            picture.colorspace, picture.color_range = 1, 1
            container.mux(stream.encode(picture))
            if report is not None:
                report(number + 1, size[0])
        container.mux(stream.encode(None))
