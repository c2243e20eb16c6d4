"""The tables of a benchmark: a module for each, with those over all clips (`overall`) and those `by_clip`."""

from __future__ import annotations

from typing import Any

from ..grid import Grid, shown_once
from . import access, lossless, lossy, scaling

__all__ = ["by_clip", "summary"]

_BENCHMARKS = {"lossless": lossless, "lossy": lossy, "access": access, "scaling": scaling}


def summary(document: dict[str, Any]) -> list[Grid]:
    """The tables over all clips of a document."""
    return shown_once(_BENCHMARKS[document["benchmark"]].overall(document))


def by_clip(document: dict[str, Any]) -> list[Grid]:
    """The tables of each clip, without those that `summary` has already, as it may where there is but one clip."""
    return shown_once(_BENCHMARKS[document["benchmark"]].by_clip(document), summary(document))
