"""How many threads a call may use."""

from __future__ import annotations

import os
from functools import cache

from .checks import check_integer

__all__ = ["resolve_threads", "usable_processors"]

MAX_THREADS = 256


def resolve_threads(num_threads: int | None) -> int:
    """The number of threads that ``num_threads=`` means.

    Parameters
    ----------
    num_threads : int or None
        1..256. None: the environment variable ``STFRAG_NUM_THREADS``, else :func:`usable_processors`.

    Raises
    ------
    TypeError, ValueError
        If it, or the environment variable, is no such number.

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
    """Processors that this process may use: its affinity, within the CPU quota of its control group."""
    try:
        count = len(os.sched_getaffinity(0))
    except (AttributeError, OSError):  # not Linux
        count = os.cpu_count() or 1
    return max(1, min(count, _quota()))


@cache
def _quota() -> int:
    """The CPU quota of the control group (version 1 or 2) in whole processors, rounded up."""
    quota = float(MAX_THREADS)
    for files in _quota_files():
        try:
            words = [word for name in files for word in _read(name).split()]
            limit, period = float(words[0]), float(words[1])
        except (OSError, ValueError, IndexError):
            continue  # "max": no limit
        if limit > 0 and period > 0:
            quota = min(quota, limit / period)
    return max(1, -int(-quota // 1))


def _quota_files() -> list[tuple[str, ...]]:
    """Files that hold (quota, period) for this process, its group's ancestors included."""
    found: list[tuple[str, ...]] = []
    try:
        groups = _read("/proc/self/cgroup").splitlines()
    except OSError:
        return found
    for line in groups:
        _, controllers, path = line.split(":", 2)
        parts = [part for part in path.split("/") if part and part != ".."]
        # In a container the mount shows its own group as the root, whatever the path says.
        for depth in range(len(parts), -1, -1):
            group = "/".join(["", *parts[:depth]])
            if not controllers:
                found.append((f"/sys/fs/cgroup{group}/cpu.max",))
            elif "cpu" in controllers.split(","):
                folder = f"/sys/fs/cgroup/cpu{group}"
                found.append((f"{folder}/cpu.cfs_quota_us", f"{folder}/cpu.cfs_period_us"))
    return found


def _read(name: str) -> str:
    with open(name, encoding="ascii", errors="replace") as file:
        return file.read()
