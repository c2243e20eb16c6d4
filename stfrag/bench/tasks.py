"""The tasks of a worker, which are called by name, see `stfrag.bench.process.Worker`."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from .job import Job, Planes, Samples
from .material import read_planes
from .peers import load
from .readers.tasks import access_open, access_read, access_store, access_versions, access_write

__all__ = [
    "access_open",
    "access_read",
    "access_store",
    "access_versions",
    "access_write",
    "check",
    "describe",
    "forget",
    "measure",
]


@lru_cache(1)
def _planes(path: str, samples: Samples) -> Planes:
    return read_planes(path, samples)


def forget(peer: str) -> None:
    """Forget the planes of a clip that is done."""
    _planes.cache_clear()


def describe(peer: str) -> dict[str, Any]:
    """The versions of a peer."""
    return load(peer).versions()


def check(peer: str, job: Job) -> str:
    """The options that a peer's coder is given; NotApplicable if it does not take such samples."""
    found = load(peer)
    found.refuse(job)
    return found.command(found.single(job))


def measure(peer: str, path: str, job: Job, look: bool, **more: Any) -> dict[str, Any]:
    """Have a peer code the clip whose planes lie in the file `path`, see `stfrag.bench.measure.measure`."""
    from .measure import measure

    found = load(peer)
    found.versions()  # so that what it imports is there before the clock starts
    return measure(found, _planes(path, job.samples), job, look=look, **more)
