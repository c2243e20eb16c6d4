"""A file of what was measured so far, from which an interrupted run goes on."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

__all__ = ["Journal", "OtherRun"]


class OtherRun(Exception):
    """The journal belongs to a run with other inputs or options, or to one that is at work."""


def _plain(value: Any) -> Any:
    """Turn NumPy's numbers to Python's, for JSON."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{value!r} is no plain value")


class Journal:
    """A file with a line of JSON for each thing that is done.

    Parameters
    ----------
    path : path, optional
        Where it lies; None keeps nothing.
    plan : dict
        What the run is of: only a run of the same plan goes on from it.
    fresh : bool
        Whether to begin anew whatever is there.

    Raises
    ------
    OtherRun
        If there is one of another plan, saying in what they differ.
    """

    def __init__(self, path: str | os.PathLike[str] | None, plan: dict[str, Any], fresh: bool = False) -> None:
        self._path = Path(path) if path is not None else None
        self._lines: list[dict[str, Any]] = []
        self._file: IO[str] | None = None
        if self._path is None:
            return
        self._plan = json.loads(json.dumps(plan))
        if not fresh and self._path.exists():
            self._read()

    def _read(self) -> None:
        assert self._path is not None
        end = 0
        with open(self._path, "rb") as file:
            for line in file:
                try:
                    found = json.loads(line)
                except ValueError:
                    break  # cut off when it was written: measured again
                if not line.endswith(b"\n") or not isinstance(found, dict):
                    break
                self._lines.append(found)
                end += len(line)
        if not self._lines:
            return
        was = self._lines[0].get("plan", {})
        plan = self._plan
        different = sorted(name for name in {*was, *plan} if was.get(name) != plan.get(name))
        if different:
            raise OtherRun(f"{self._path} is of an unfinished run with other {', '.join(different)}")
        os.truncate(self._path, end)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """The lines that were there when it was opened, without the plan."""
        return iter(self._lines[1:])

    def __len__(self) -> int:
        return max(0, len(self._lines) - 1)

    def add(self, line: dict[str, Any]) -> None:
        """Write a line."""
        if self._path is not None:
            self._write(line)

    def _write(self, line: dict[str, Any]) -> None:
        if self._file is None:  # not before there is something to keep
            assert self._path is not None
            self._file = open(self._path, "a", encoding="utf-8")  # noqa: SIM115  (see close)
            self._lock(self._file)
            if not self._lines:
                self._file.truncate(0)
                self._file.write(json.dumps({"plan": self._plan}) + "\n")
        self._file.write(json.dumps(line, default=_plain) + "\n")
        self._file.flush()

    def _lock(self, file: IO[str]) -> None:
        try:
            import fcntl
        except ImportError:  # not there on Windows
            return
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            raise OtherRun(f"{self._path} is of a run that is at work just now") from None

    def close(self) -> None:
        """Close the file. It is not removed: the caller does that when the results are safe."""
        if self._file is not None:
            self._file.close()
