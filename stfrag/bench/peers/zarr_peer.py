"""Zarr (version 3): arrays in a store in memory, whose chunks are the boxes.

What is counted is every value in the store, metadata included, and for every chunk what an index takes, as for other
peers: the names of its files say where chunks are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from ...tiling import Box
from ..job import Job, Planes
from .base import INDEX_BYTES, Peer, Setting, Size

__all__ = ["Zarr"]

#: A store: its keys, and what is kept under them.
_Store = Mapping[str, Any]


class Zarr(Peer):
    name = "zarr"
    title = "Zarr 3 of raw samples"
    modules = ("zarr", "numcodecs")

    def settings(self, lossless: bool) -> Sequence[Setting]:
        if not lossless:
            return []
        return [
            Setting("default", {}, speed=60),
            Setting("blosc-zstd5-bit", {"cname": "zstd", "clevel": 5, "shuffle": "bitshuffle"}, False, 45),
        ]

    def prepare(self, planes: Planes, job: Job) -> Planes:
        from zarr.core import sync

        sync.cleanup_resources()  # its workers, of which there may have been another number
        return tuple(map(np.ascontiguousarray, planes))

    def encode(self, prepared: Planes, job: Job) -> _Store:
        import zarr
        from zarr.codecs import BloscCodec

        store: dict[str, Any] = {}
        codec: dict[str, Any] = {}
        if job.options:
            typesize = prepared[0].itemsize
            codec = {"compressors": BloscCodec(typesize=typesize, **job.options)}
        with _threads(job):
            for c, plane in enumerate(prepared):
                chunks = job.samples.plane_shape(c, job.largest)
                array = zarr.create_array(
                    zarr.storage.MemoryStore(store),
                    name=f"{c}",
                    shape=plane.shape,
                    chunks=chunks,
                    dtype=plane.dtype,
                    **codec,
                )
                array[...] = plane
        return store

    def size(self, coded: _Store, job: Job) -> Size:
        chunks = [len(value) for key, value in coded.items() if not key.endswith("zarr.json")]
        index = INDEX_BYTES * len(chunks)
        total = sum(map(len, coded.values())) + index
        return Size(total, total - sum(chunks))

    def decode(self, coded: _Store, job: Job) -> Planes:
        return self._read(coded, job, (slice(None),) * job.samples.components)

    def planes(self, decoded: Planes, job: Job) -> Planes:
        return decoded

    def region(self, coded: _Store, job: Job, box: Box) -> Planes:
        return self._read(
            coded, job, [box.subsampled(*job.samples.subs(c)).slices for c in range(job.samples.components)]
        )

    def _read(self, coded: _Store, job: Job, parts: Iterable[Any]) -> Planes:
        import zarr

        with _threads(job):
            store = zarr.storage.MemoryStore(dict(coded), read_only=True)
            return tuple(
                np.asarray(zarr.open_array(store, path=f"{c}", mode="r")[where]) for c, where in enumerate(parts)
            )

    def content(self, coded: _Store) -> Iterable[bytes]:
        for key in sorted(coded):
            yield key.encode()
            yield coded[key].to_bytes()


def _threads(job: Job) -> AbstractContextManager[Any]:
    """Limit zarr's workers to the threads of a job; the loop that runs beside them only hands out work."""
    import zarr

    found: AbstractContextManager[Any] = zarr.config.set(
        {"threading.max_workers": job.threads, "async.concurrency": job.threads}
    )
    return found
