"""The number of threads that a call may use."""

from __future__ import annotations

import os
from functools import cache

from .checks import check_integer

__all__ = ["resolve_threads", "usable_processors"]

MAX_THREADS = 256


def resolve_threads(num_threads: int | None) -> int:
    """Return the number of threads that ``num_threads=`` stands for.

    Parameters
    ----------
    num_threads : int or None
        1..256. None: the environment variable ``STFRAG_NUM_THREADS``, else :func:`usable_processors`.

    Raises
    ------
    TypeError, ValueError
        If `num_threads`, or the environment variable, is no number from 1 to 256.

    Examples
    --------
    >>> resolve_threads(3)
    3
    """
    if num_threads is not None:
        return check_integer("num_threads", num_threads, 1, MAX_THREADS)
    text = os.environ.get("STFRAG_NUM_THREADS", "").strip()
    if not text:
        return min(usable_processors(), MAX_THREADS)
    try:
        number = int(text)
    except ValueError:
        raise ValueError(f"STFRAG_NUM_THREADS={text!r} is not an integer") from None
    return check_integer("STFRAG_NUM_THREADS", number, 1, MAX_THREADS)


def usable_processors() -> int:
    """Count the processors that this process may use: those of its affinity, within its control group's CPU quota."""
    try:
        count = len(os.sched_getaffinity(0))
    except (AttributeError, OSError):  # not Linux
        count = os.cpu_count() or 1
    return max(1, min(count, _quota()))


@cache
def _quota() -> int:
    """Return the CPU quota of the process's control group (version 1 or 2) in whole processors, rounded up."""
    quota = float(MAX_THREADS)
    for files in _quota_files():
        try:
            words = [word for name in files for word in _read(name).split()]
            limit, period = float(words[0]), float(words[1])
        except (OSError, ValueError, IndexError):
            continue  # such a file is not there, or says "max": no limit
        if limit > 0 and period > 0:
            quota = min(quota, limit / period)
    return max(1, -int(-quota // 1))


def _quota_files() -> list[tuple[str, ...]]:
    """List the files that hold (quota, period) of this process's control group and of the groups above it."""
    found: list[tuple[str, ...]] = []
    try:
        groups = _read("/proc/self/cgroup").splitlines()
    except OSError:
        return found
    for line in groups:
        _, controllers, path = line.split(":", 2)
        parts = [part for part in path.split("/") if part and part != ".."]
        # In a container the mount's root is the container's own group, so the path may not exist there: try all
        # shorter ones, too.
        for depth in range(len(parts), -1, -1):
            group = "/".join(["", *parts[:depth]])
            if not controllers:
                found.append((f"/sys/fs/cgroup{group}/cpu.max",))
            elif "cpu" in controllers.split(","):
                folder = f"/sys/fs/cgroup/cpu{group}"
                found.append((f"{folder}/cpu.cfs_quota_us", f"{folder}/cpu.cfs_period_us"))
    return found


def _read(name: str) -> str:
    """Return the text of a file."""
    with open(name, encoding="ascii", errors="replace") as file:
        return file.read()
