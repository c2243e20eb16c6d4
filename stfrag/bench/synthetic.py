"""Clips that need no file: like those of cameras, screens and microscopes, made from seeded random numbers.

They are for trying the benchmark and for comparing machines. What holds for real material must be measured on it.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from .job import Planes, Samples

__all__ = ["LARGE", "NAMES", "make"]

#: How many frames a clip has: a fragment of the usual length and a part of a second one.
FRAMES = 40


def make(name: str, frames: int | None = None) -> tuple[Planes, Samples]:
    """Make a clip of the set.

    Parameters
    ----------
    name : str
        One of `NAMES`, or `LARGE`.
    frames : int, optional
        At most so many.

    Raises
    ------
    ValueError
        For another name.
    """
    if name not in _MAKERS:
        raise ValueError(f"there is no synthetic clip {name!r}, but {', '.join(_MAKERS)}")
    count = min(FRAMES, frames or FRAMES)
    planes = tuple(np.ascontiguousarray(plane) for plane in _MAKERS[name](count))
    bits, subsampling = (12, "444") if planes[0].dtype == np.uint16 else (8, "420" if len(planes) == 3 else "444")
    rows, columns = planes[0].shape[1:]
    return planes, Samples(
        count, rows, columns, len(planes), subsampling, bits, str(planes[0].dtype), False, Fraction(25)
    )


def _camera(frames: int) -> Planes:
    """Parallax, clouds and noise: the scene of ``stfrag demo``, smaller."""
    return _scene(frames, 288, 512)


def _camera_720p(frames: int) -> Planes:
    """The same scene, larger, so that several threads have something to do."""
    return _scene(frames, 720, 1280)


def _scene(*size: int) -> Planes:
    from .scene import frames as scene

    return tuple(np.stack(plane) for plane in zip(*scene(size), strict=True))  # type: ignore[arg-type]


def _screen(frames: int) -> Planes:
    """Lines of letters that scroll now and then, and a pointer: flat, sharp and mostly still."""
    rng = np.random.default_rng(11)
    letters = (rng.random((64, 12, 8)) < 0.45).repeat(1, 0)
    letters[:, :2] = letters[:, -2:] = letters[:, :, :1] = False
    page = np.full((900, 512), 235, np.uint8)
    for row in range(8, 880, 16):
        for column in range(16, int(rng.integers(120, 496)), 8):
            if rng.random() < 0.83:
                page[row : row + 12, column : column + 8][letters[rng.integers(64)]] = 16
    y = np.empty((frames, 288, 512), np.uint8)
    u, v = np.full((2, frames, 144, 256), 128, np.uint8)
    for t in range(frames):
        top = 16 * (t // 8)
        y[t] = page[top : top + 288]
        at = 30 + 5 * t, 40 + 9 * t % 460
        y[t, at[0] % 270 : at[0] % 270 + 14, at[1] : at[1] + 8] = 81
        u[t, at[0] % 270 // 2 : at[0] % 270 // 2 + 7, at[1] // 2 : at[1] // 2 + 4] = 90
        v[t, at[0] % 270 // 2 : at[0] % 270 // 2 + 7, at[1] // 2 : at[1] // 2 + 4] = 240
    return y, u, v


def _microscope(frames: int) -> Planes:
    """Particles that drift at random in a fixed, uneven light, with shot and read noise; 12 bits, gray."""
    rng = np.random.default_rng(12)
    rows, columns = 256, 320
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    light = 500 + 250 * np.exp(-((y - 120) ** 2 + (x - 170) ** 2) / 40000)
    places = rng.uniform((0, 0), (rows, columns), (90, 2))
    sizes = rng.uniform(1.5, 4, 90)
    found = np.empty((frames, rows, columns), np.uint16)
    for t in range(frames):
        places += rng.normal(0, 0.7, places.shape)
        picture = light.copy()
        for (cy, cx), size in zip(places, sizes, strict=True):
            y0, x0 = int(cy) - 16, int(cx) - 16
            window = slice(max(y0, 0), max(y0 + 33, 0)), slice(max(x0, 0), max(x0 + 33, 0))
            picture[window] += 900 * np.exp(-((y[window] - cy) ** 2 + (x[window] - cx) ** 2) / (2 * size**2))
        noisy = rng.poisson(picture / 2) * 2 + rng.normal(0, 6, picture.shape)
        found[t] = np.clip(np.rint(noisy), 0, 4095)
    return (found,)


def _volume(frames: int) -> Planes:
    """A head of shells in a black surround, z in the place of time; 8 bits, gray."""
    rng = np.random.default_rng(13)
    rows = columns = 192
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    texture = rng.normal(0, 1, (frames + 4, rows, columns)).astype(np.float32)
    for axis in (0, 1, 2):
        texture += np.roll(texture, 1, axis) + np.roll(texture, -1, axis)
    texture /= 27
    found = np.empty((frames, rows, columns), np.uint8)
    for t in range(frames):
        z = (t - frames / 2) / frames
        radius = np.sqrt(((y - 96) / 80) ** 2 + ((x - 96) / 66) ** 2 + z**2)
        tissue = np.select(
            [radius < 0.25, radius < 0.78, radius < 0.84, radius < 0.92],
            [70 + 0 * y, 120 + 24 * np.sin(9 * radius + 0.06 * x), 20 + 0 * y, 180 + 0 * y],
            0,
        )
        speckle = rng.rayleigh(2.5, tissue.shape) + (tissue > 0) * 14 * texture[t]
        found[t] = np.clip(tissue + speckle, 0, 255)
    return (found,)


_MAKERS: dict[str, Any] = {
    "camera": _camera,
    "screen": _screen,
    "microscope": _microscope,
    "volume": _volume,
    "camera_720p": _camera_720p,
}
#: A larger clip that is not in the set, and the names of the set.
LARGE = "camera_720p"
NAMES = ("camera", "screen", "microscope", "volume")
