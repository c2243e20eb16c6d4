"""The tasks of a worker that are about readers, see `stfrag.bench.tasks`; files stay open between calls."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...tiling import Box
from ..job import Samples
from ..material import Clip, read_planes
from . import load
from .files import File, Wanted, write
from .truth import Truth

if TYPE_CHECKING:
    from .base import AccessReader

__all__ = ["access_open", "access_read", "access_store", "access_versions", "access_write"]

#: Readers that are open, by name and path.
_open: dict[tuple[str, str], AccessReader] = {}


def access_versions(peer: str) -> dict[str, str]:
    """The versions of a reader."""
    return load(peer)().versions()


def access_write(peer: str, clip: str, path: str, samples: Samples, folder: str, file: Wanted) -> File:
    """Write a file of a clip whose planes lie in the file `path`."""
    return write(Clip(clip, read_planes(path, samples), samples, None), Path(folder), file)


def access_store(peer: str, source: str, samples: Samples, path: str, chunks: tuple[int, int, int]) -> None:
    """Have a reader of arrays write one, whose samples lie in the file `source`."""
    from .base import ArrayReader

    reader = load(peer)()
    assert isinstance(reader, ArrayReader)
    reader.store(np.memmap(source, samples.dtype, "r", shape=samples.shape), path, chunks, samples)


def access_open(peer: str, path: str, threads: int, repeat: int) -> list[float]:
    """Time how long a file takes to open, several times; one time before them does not count."""
    load(peer)().versions()  # imports are no part of it
    seconds = []
    for _ in range(repeat + 1):
        reader = load(peer)()
        start = time.perf_counter()
        reader.open(path, threads)
        seconds.append(time.perf_counter() - start)
        reader.close()
    return seconds[1:]


def access_read(peer: str, path: str, threads: int, box: Box, frame: bool, truth: Truth) -> dict[str, Any]:
    """Read a box, or the frame that it is, and compare it with what the file holds.

    Returns
    -------
    dict
        ``seconds``; ``samples_decoded``; ``bytes_touched`` by reads from files, and ``bytes_coded``, those of coded
        samples as the library counts them, None where unknown; ``complaint``, empty if all is right.
    """
    reader = _open.get((peer, path))
    if reader is None:
        reader = _open[peer, path] = load(peer)()
        reader.versions()
        reader.open(path, threads)
    own = _read_bytes()
    before = _read_bytes()
    start = time.perf_counter()
    try:
        found = reader.frame(box.t0)[None] if frame else reader.read(box)
    except Exception:
        del _open[peer, path]  # whatever state it is in
        raise
    seconds = time.perf_counter() - start
    after = _read_bytes()
    touched = None
    if own is not None and before is not None and after is not None:
        touched = max(0, after - before - (before - own))  # looking is reading, too
    return {
        "seconds": seconds,
        "bytes_touched": touched,
        "samples_decoded": reader.decoded(box),
        "bytes_coded": reader.coded_bytes(),
        "complaint": truth.complaint(found, box),
    }


def _read_bytes() -> int | None:
    """How many bytes this process has read from files so far, cached or not; None where the system does not tell."""
    try:
        with open("/proc/self/io", "rb", buffering=0) as file:
            return int(file.read(32).split()[1])  # rchar comes first
    except (OSError, IndexError, ValueError):
        return None
