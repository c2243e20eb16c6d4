"""The plots of a benchmark as SVG: a module for each; needs matplotlib."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import drawing
from . import access, lossless, lossy, scaling
from .plot import Plot

__all__ = ["Plot", "plots"]

_DRAW: dict[str, Callable[[dict[str, Any], drawing.Looks], list[Plot]]] = {
    "lossless": lossless.draw,
    "lossy": lossy.draw,
    "access": access.draw,
    "scaling": scaling.draw,
}


def plots(document: dict[str, Any]) -> list[Plot]:
    """All plots of a document, those over all clips first."""
    looks = drawing.Looks(document)
    with drawing.style():
        return _DRAW[document["benchmark"]](document, looks)
