"""One peer codes one clip once: bytes, times, threads and memory are measured, and samples compared."""

from __future__ import annotations

import gc
import hashlib
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np

from ..tiling import Box
from .crops import Crop, png
from .job import Job, Planes, part
from .peers.base import Peer
from .quality import quality

__all__ = ["Watch", "counting_memory", "counting_threads", "measure"]


class Watch:
    """A stop watch: seconds on the clock and of the processors, between entering and leaving."""

    def __enter__(self) -> Watch:
        gc.collect()
        gc.disable()
        self._cpu, self._wall = time.process_time(), time.perf_counter()
        return self

    def __exit__(self, *rest: object) -> None:
        self.seconds = time.perf_counter() - self._wall
        self.cpu_seconds = time.process_time() - self._cpu
        gc.enable()


def measure(
    peer: Peer,
    planes: Planes,
    job: Job,
    *,
    look: bool,
    vmaf: str | None = None,
    region: Box | None = None,
    crop: Crop | None = None,
) -> dict[str, Any]:
    """Encode and decode once.

    Parameters
    ----------
    peer : Peer
    planes : tuple of ndarray
    job : Job
    look : bool
        Whether threads and memory are looked at (which disturbs the time a little) and the quality is measured.
    vmaf : str, optional
        An ffmpeg that has libvmaf, for VMAF among the measures.
    region : Box, optional
        A box that is read, too.
    crop : Crop, optional
        A part that is kept as a picture, if `look`.

    Returns
    -------
    dict
        ``bytes``, ``overhead_bytes``, ``digest`` of what is stored; ``encode_seconds``, ``encode_cpu_seconds``,
        ``decode_seconds``, ``decode_cpu_seconds``; ``exact`` and ``max_error`` of what came back; if `look`,
        ``encode_threads`` and ``decode_threads``, the most at a time, ``encode_peak_bytes`` and
        ``decode_peak_bytes``, the most memory at a time beyond what there was before, and ``quality``.
        ``region_seconds`` and ``region_cpu_seconds`` of a region; ``crop``, a PNG in base64, of a crop.
    """
    peer.refuse(job)
    record: dict[str, Any] = {}
    coded = _encode(peer, planes, job, look, record)
    found = _decode(peer, coded, job, look, record)
    _check_planes(found, planes)
    exact = all(map(np.array_equal, planes, found))
    record |= {"exact": exact, "max_error": 0 if exact else _max_error(planes, found)}
    if look and not job.lossless:
        record["quality"] = quality(planes, found, job.samples, vmaf)
    if look and crop is not None:
        record["crop"] = png(found, job.samples, crop)
    if region is not None:
        record |= _read_region(peer, coded, found, job, region)
    return record


def _encode(peer: Peer, planes: Planes, job: Job, look: bool, record: dict[str, Any]) -> Any:
    """Encode, and put into a record how large the result is and how long it took."""
    prepared = peer.prepare(planes, job)
    with counting_threads(look) as threads, counting_memory(look) as memory, Watch() as watch:
        coded = peer.encode(prepared, job)
    del prepared
    total, overhead = peer.size(coded, job)
    digest = hashlib.blake2b(digest_size=8)
    for data in peer.content(coded):
        digest.update(data)
    record |= {"bytes": total, "overhead_bytes": overhead, "digest": digest.hexdigest()}
    record |= {"encode_seconds": watch.seconds, "encode_cpu_seconds": watch.cpu_seconds}
    if look:
        record |= {"encode_threads": threads.most, "encode_peak_bytes": memory.most}
    return coded


def _decode(peer: Peer, coded: Any, job: Job, look: bool, record: dict[str, Any]) -> Planes:
    """Decode to planes, and put into a record how long it took."""
    peer.forget()
    with counting_threads(look) as threads, counting_memory(look) as memory, Watch() as watch:
        decoded = peer.decode(coded, job)
    found = peer.planes(decoded, job)
    del decoded
    if look:  # once more, warm and without the counting, which takes time
        peer.forget()
        with Watch() as watch:
            peer.decode(coded, job)
        record |= {"decode_threads": threads.most, "decode_peak_bytes": memory.most}
    record |= {"decode_seconds": watch.seconds, "decode_cpu_seconds": watch.cpu_seconds}
    return found


def _read_region(peer: Peer, coded: Any, whole: Planes, job: Job, region: Box) -> dict[str, float]:
    """The times of reading a region, which must give the same samples as decoding the whole."""
    peer.forget()
    with Watch() as read:
        found = peer.region(coded, job, region)
    if not all(map(np.array_equal, found, part(whole, job.samples, region))):
        raise ValueError(f"the region {tuple(region)} is not the crop of the whole")
    return {"region_seconds": read.seconds, "region_cpu_seconds": read.cpu_seconds}


def _check_planes(found: Planes, planes: Planes) -> None:
    shapes = [[f"{p.shape} {p.dtype}" for p in each] for each in (planes, found)]
    if shapes[0] != shapes[1]:
        raise ValueError(f"what came back is {', '.join(shapes[1])}, not {', '.join(shapes[0])}")


def _max_error(a: Planes, b: Planes) -> int:
    return max(int(np.abs(x.astype(np.int32) - y.astype(np.int32)).max()) for x, y in zip(a, b, strict=True))


# ------------------------------------------------------------------------------------------------------- threads


class _Most:
    #: The most that was counted; None where the system does not tell.
    most: int | None = None


@contextmanager
def counting_threads(wanted: bool = True) -> Iterator[_Most]:
    """Count the threads of this process, every half millisecond; the most is kept.

    Threads that began meanwhile count, busy or not; of those that were there before, such as the caller's and those
    of pools, the ones that did something.
    """
    found = _Most()
    before = _running_times() if wanted else None
    if before is None:
        yield found
        return
    done = threading.Event()
    counted: list[int] = []

    def look() -> None:
        watcher = threading.get_native_id()
        while True:
            now = _running_times() or {}
            counted.append(sum(time > before.get(thread, -1) for thread, time in now.items() if thread != watcher))
            if done.wait(0.0005):
                return

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield found
    finally:
        done.set()
        watcher.join()
        found.most = max(1, *counted)


def _running_times() -> dict[int, int] | None:
    """Nanoseconds that each thread of this process has run; None where the system does not tell."""
    found = {}
    try:
        for name in os.listdir("/proc/self/task"):
            with suppress(FileNotFoundError, ProcessLookupError), open(f"/proc/self/task/{name}/schedstat") as file:
                found[int(name)] = int(file.read().split()[0])
    except (OSError, ValueError, IndexError):
        return None
    return found or None


# -------------------------------------------------------------------------------------------------------- memory


@contextmanager
def counting_memory(wanted: bool = True) -> Iterator[_Most]:
    """Find the most memory that this process has resident meanwhile, beyond what it had before, in bytes."""
    found = _Most()
    if not wanted or not _reset_peak():
        yield found
        return
    before = _resident("VmRSS")
    yield found
    peak = _resident("VmHWM")
    if before is not None and peak is not None:
        found.most = max(0, peak - before)


def _reset_peak() -> bool:
    try:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
    except OSError:
        return False
    return True


def _resident(name: str) -> int | None:
    with open("/proc/self/status") as file:
        for line in file:
            if line.startswith(f"{name}:"):
                return 1024 * int(line.split()[1])
    return None
