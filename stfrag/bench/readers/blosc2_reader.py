"""Blosc2's own arrays: a file of chunks, of which only the blocks are decoded that a box touches."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...tiling import Box
from ..job import Samples
from .base import Array, ArrayReader

__all__ = ["Blosc2"]

_LEVEL = 5


class Blosc2(ArrayReader):
    name = "blosc2"
    title = f"Blosc2's NDArray (zstd {_LEVEL}, bitshuffle)"
    modules = ("blosc2",)
    kind = "blosc2"

    def store(self, array: Array, path: str, chunks: tuple[int, int, int], samples: Samples) -> None:
        import blosc2

        shape = tuple(min(n, size) for n, size in zip(chunks, array.shape, strict=True))
        parameters: Any = {
            "codec": blosc2.Codec.ZSTD,
            "clevel": _LEVEL,
            "typesize": array.dtype.itemsize,
            "filters": [blosc2.Filter.BITSHUFFLE],
            "filters_meta": [0],
        }
        target: Any = blosc2.empty(array.shape, array.dtype, chunks=shape, urlpath=path, mode="w", cparams=parameters)
        for t in range(0, array.shape[0], shape[0]):
            target[t : t + shape[0]] = np.ascontiguousarray(array[t : t + shape[0]])

    def open(self, path: str, threads: int = 1) -> None:
        import blosc2

        blosc2.set_nthreads(threads)
        self._array: Any = blosc2.open(path, mode="r", dparams={"nthreads": threads})
        self.size = self._array.shape

    def read(self, box: Box) -> Array:
        return np.ascontiguousarray(self._array[box.slices])

    def decoded(self, box: Box) -> int:
        total = 1
        for part, chunk, block in zip(box.slices, self._array.chunks, self._array.blocks, strict=True):
            # Blocks start anew in each chunk, whose last one is padded.
            first, last = (n // chunk * -(-chunk // block) + n % chunk // block for n in (part.start, part.stop - 1))
            total *= (last - first + 1) * block
        return int(total)

    def close(self) -> None:
        del self._array
