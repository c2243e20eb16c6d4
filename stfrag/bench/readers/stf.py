"""stfrag itself: fragments of a store."""

from __future__ import annotations

from ... import __version__
from ...tiling import Box
from .base import AccessReader, Array

__all__ = ["Stf"]


class Stf(AccessReader):
    name = "stf"
    title = "stfrag: fragments of a store"
    install = ""
    kind, how = "stf", "counted"

    def versions(self) -> dict[str, str]:
        return {"stfrag": __version__}

    def open(self, path: str, threads: int = 1) -> None:
        import stfrag

        self._reader = stfrag.open(path, num_threads=threads)
        self.size = self._reader.shape[:3]  # type: ignore[assignment]

    def read(self, box: Box) -> Array:
        return self._reader[box.slices]

    def frame(self, t: int) -> Array:
        return self._reader[t]

    def decoded(self, box: Box) -> int:
        self._stats = self._reader.stats
        self._reader.reset_stats()
        return self._stats["samples"]

    def coded_bytes(self) -> int:
        return self._stats["bytes"]

    def close(self) -> None:
        self._reader.close()
