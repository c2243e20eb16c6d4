"""The plots of a benchmark as SVG: a module for each; needs matplotlib."""

from __future__ import annotations

from typing import Any

from .. import drawing
from . import access, lossless, lossy, scaling
from .plot import Plot

__all__ = ["Plot", "plots"]

_BENCHMARKS = {"lossless": lossless, "lossy": lossy, "access": access, "scaling": scaling}


def plots(document: dict[str, Any]) -> list[Plot]:
    """All plots of a document, those over all clips first."""
    looks = drawing.Looks(document)
    with drawing.style():
        return _BENCHMARKS[document["benchmark"]].draw(document, looks)
