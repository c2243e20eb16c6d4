"""The samples that reads are compared with: every fourth row and column of every frame, which is enough."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from ...tiling import Box

__all__ = ["Truth", "TruthWriter", "rgb"]

_STEP = 4
#: Samples of a frame are wrong if their mean error is above this; below, chroma may have been interpolated.
_TOLERANCE = 3.0
#: A frame is taken for the one before or after if its mean error against that, plus this, is under half of that
#: against the wanted one. Without the sum, still parts would be mistaken, where frames differ less than conversions.
_SLACK = 0.1

Array = np.ndarray[Any, Any]


def rgb(y: Array, cb: Array, cr: Array) -> Array:
    """Convert Y'CbCr of BT.709 in limited range to RGB, by the exact matrix, rounded; planes are of one size."""
    luma = (y.astype(np.float32) - 16) * (255 / 219)
    u, v = ((c.astype(np.float32) - 128) * (255 / 224) for c in (cb, cr))
    kr, kb = 0.2126, 0.0722
    kg = 1 - kr - kb
    found = np.stack(
        [luma + 2 * (1 - kr) * v, luma - 2 * (kb * (1 - kb) * u + kr * (1 - kr) * v) / kg, luma + 2 * (1 - kb) * u],
        -1,
    )
    eight: Array = np.clip(np.rint(found), 0, 255).astype(np.uint8)
    return eight


class TruthWriter:
    """Keeps the samples of a file, frame by frame; use it as a context manager.

    Parameters
    ----------
    path : str
        A .npy to be made.
    shape : tuple of int
        Frames, rows, columns.
    dtype : str
        Of the samples.
    colour : bool
        Whether frames come as Y, Cb, Cr in 4:2:0, else as one plane.
    """

    def __init__(self, path: str, shape: tuple[int, int, int], dtype: str, colour: bool) -> None:
        grid = (shape[0], *(-(-n // _STEP) for n in shape[1:]))
        self.truth = Truth(path, colour)
        self._array = np.lib.format.open_memmap(path, "w+", np.dtype(dtype), (*grid, 3) if colour else grid)
        self._count = 0

    def add(self, planes: tuple[Array, ...]) -> None:
        """Keep the next frame."""
        if self.truth.colour:
            y, *chroma = planes
            picked = rgb(y[::_STEP, ::_STEP], *(c[:: _STEP // 2, :: _STEP // 2] for c in chroma))
        else:
            picked = planes[0][::_STEP, ::_STEP]
        self._array[self._count] = picked
        self._count += 1

    def __enter__(self) -> TruthWriter:
        return self

    def __exit__(self, kind: Any, *rest: object) -> None:
        if kind is None and self._count != len(self._array):
            raise ValueError(f"{self._count} of {len(self._array)} frames came back")
        self._array.flush()


@dataclass(frozen=True)
class Truth:
    """The samples of a file, by where they are kept, for other processes."""

    path: str
    colour: bool

    def complaint(self, found: Array, box: Box) -> str:
        """Say what is wrong with samples that were read as those of a box; empty if nothing is."""
        known = _load(self.path)
        shape = (*box.shape, 3) if self.colour else box.shape
        if found.shape != shape or found.dtype != known.dtype:
            return f"wrong samples: {found.shape} {found.dtype} instead of {shape} {known.dtype}"
        rows, columns = (-(-n // _STEP) for n in (box.y0, box.x0))
        picked = found[:, rows * _STEP - box.y0 :: _STEP, columns * _STEP - box.x0 :: _STEP].astype(np.int32)
        if picked.size == 0:
            return ""
        window = slice(rows, rows + picked.shape[1]), slice(columns, columns + picked.shape[2])
        errors = self._errors(picked, known, box, window)
        wrong = np.flatnonzero(errors > (_TOLERANCE if self.colour else 0))
        if wrong.size:
            t = int(wrong[0])
            return f"wrong samples: a mean error of {errors[t]:.2f} in frame {box.t0 + t}"
        if not self.colour:
            return ""
        for shift in (-1, 1):
            beside = self._errors(picked, known, box, window, shift)
            nearer = np.flatnonzero(beside + _SLACK < errors / 2)
            if nearer.size:
                t = box.t0 + int(nearer[0])
                return f"wrong samples: frame {t + shift} instead of frame {t}"
        return ""

    @staticmethod
    def _errors(picked: Array, known: Array, box: Box, window: tuple[slice, slice], shift: int = 0) -> Array:
        """The mean error of every frame against the one `shift` later; infinite where there is none."""
        errors = np.full(len(picked), np.inf)
        first = max(0, -(box.t0 + shift))
        last = min(len(picked), len(known) - box.t0 - shift)
        if first < last:
            there = known[(slice(box.t0 + shift + first, box.t0 + shift + last), *window)]
            errors[first:last] = np.abs(picked[first:last] - there).mean(tuple(range(1, picked.ndim)))
        return errors


@lru_cache(64)
def _load(path: str) -> Array:
    return np.load(path, mmap_mode="r")  # type: ignore[no-any-return]
