"""The thread pools of the C core, in which decoding and encoding run.

There is one pool for each number of threads. It is made when it is first needed, and everything in the process shares
it. A forked child starts without pools, because the threads of its parent do not exist there.
"""

from __future__ import annotations

import os
import threading

from ..model.threads import resolve_threads
from .store import Pool

__all__ = ["pool"]

_pools: dict[int, Pool] = {}
_lock = threading.Lock()


def pool(num_threads: int | None = None) -> Pool | None:
    """Return the pool for ``num_threads=``; None if that means one thread, which needs no pool."""
    count = resolve_threads(num_threads)
    if count == 1:
        return None
    with _lock:
        found = _pools.get(count)
        if found is None:
            found = _pools[count] = Pool(count)
    return found


def _after_fork() -> None:
    """Forget the pools of the parent process."""
    global _lock
    _lock = threading.Lock()
    _pools.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
