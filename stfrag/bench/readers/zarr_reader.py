"""Zarr with Blosc2: chunks in files of their own, each of them read and decoded whole."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from ...tiling import Box
from ..job import Samples
from .base import Array, ArrayReader

__all__ = ["ZarrBlosc2"]

_LEVEL = 5


class ZarrBlosc2(ArrayReader):
    name = "zarr"
    title = f"Zarr, chunks by Blosc2 (zstd {_LEVEL}, bitshuffle)"
    modules = ("zarr", "blosc2")
    kind = "zarr"

    def store(self, array: Array, path: str, chunks: tuple[int, int, int], samples: Samples) -> None:
        import zarr

        shape: Any = tuple(min(n, size) for n, size in zip(chunks, array.shape, strict=True))
        target = zarr.create_array(
            path,
            shape=array.shape,
            dtype=array.dtype,
            chunks=shape,
            compressors=[_codec()(typesize=array.dtype.itemsize)],
            filters=[],
        )
        for t in range(0, array.shape[0], shape[0]):
            target[t : t + shape[0]] = np.asarray(array[t : t + shape[0]])

    def open(self, path: str, threads: int = 1) -> None:
        import blosc2
        import zarr

        _codec()
        blosc2.set_nthreads(threads)
        zarr.config.set({"threading.max_workers": threads, "async.concurrency": max(threads, 1)})
        self._array: Any = zarr.open_array(path, mode="r")
        frames, rows, columns = self._array.shape
        self.size = frames, rows, columns

    def read(self, box: Box) -> Array:
        return np.ascontiguousarray(self._array[box.slices])

    def decoded(self, box: Box) -> int:
        chunks = self._array.chunks  # also those at the borders are whole
        touched = [range(s.start // n, -(-s.stop // n)) for s, n in zip(box.slices, chunks, strict=True)]
        return int(np.prod([len(r) for r in touched]) * np.prod(chunks))

    def close(self) -> None:
        del self._array


@cache
def _codec() -> Any:
    """A codec for Zarr that hands each chunk to Blosc2; Zarr's own is Blosc 1."""
    import asyncio

    import blosc2
    from zarr.abc.codec import BytesBytesCodec
    from zarr.core.buffer.cpu import as_numpy_array_wrapper
    from zarr.registry import register_codec

    @dataclass(frozen=True)
    class Blosc2Codec(BytesBytesCodec):  # type: ignore[misc, unused-ignore]
        is_fixed_size = False
        typesize: int = 1

        @classmethod
        def from_dict(cls, data: dict[str, Any]) -> Any:
            return cls(**data.get("configuration", {}))

        def to_dict(self) -> dict[str, Any]:
            return {"name": "stfrag.bench.blosc2", "configuration": {"typesize": self.typesize}}

        def _compress(self, data: Any) -> Any:
            return blosc2.compress2(
                data,
                codec=blosc2.Codec.ZSTD,
                clevel=_LEVEL,
                typesize=self.typesize,
                filters=[blosc2.Filter.BITSHUFFLE],
                filters_meta=[0],
            )

        async def _decode_single(self, chunk_bytes: Any, chunk_spec: Any) -> Any:
            return await asyncio.to_thread(
                as_numpy_array_wrapper, blosc2.decompress2, chunk_bytes, chunk_spec.prototype
            )

        async def _encode_single(self, chunk_bytes: Any, chunk_spec: Any) -> Any:
            return await asyncio.to_thread(as_numpy_array_wrapper, self._compress, chunk_bytes, chunk_spec.prototype)

        def compute_encoded_size(self, input_byte_length: int, chunk_spec: Any) -> int:
            raise NotImplementedError

    register_codec("stfrag.bench.blosc2", Blosc2Codec)
    return Blosc2Codec
