"""What a plot is, and what the plots of several benchmarks share: measures in inches, and the look of a curve."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .. import drawing
from ..drawing import Looks

__all__ = ["KEY", "WIDTH", "Plot", "curve", "key_of_curves", "margins"]

#: Width in inches of a plot that takes the width of a page, and of the key at its right.
WIDTH, KEY = 12.0, 2.3
#: Room in inches at the left and the bottom for the texts of axes, and at the top for a title.
_LEFT, _BOTTOM, _TOP = 0.62, 0.5, 0.32


@dataclass(frozen=True)
class Plot:
    """A picture.

    Attributes
    ----------
    title, caption : str
    svg : str
    clip : str
        The clip that it is about; empty: all clips.
    wide : bool
        Whether it takes the width of the page; else half of it is enough.
    """

    title: str
    caption: str
    svg: str
    clip: str = ""
    wide: bool = True


def margins(width: float, height: float, right: float, left: float = _LEFT) -> dict[str, float]:
    """The edges of the axes of a figure, for `add_gridspec`; all in inches, `right` from the right."""
    return {"left": left / width, "right": 1 - right / width, "bottom": _BOTTOM / height, "top": 1 - _TOP / height}


def curve(looks: Looks, label: str) -> dict[str, Any]:
    """How the curve of a label is drawn, in matplotlib's words."""
    return {
        "color": looks.colour[label], "linestyle": looks.line[label], "marker": looks.marker[label],
        "markersize": 4.5, "linewidth": 1.4, "markeredgecolor": "white", "markeredgewidth": 0.4,
    }  # fmt: skip


def key_of_curves(drawn: Any, looks: Looks, labels: Iterable[str]) -> None:
    """The key of a plot of curves."""
    drawing.key(
        drawn, WIDTH - KEY + 0.12, [drawing.Entry(label, curve(looks, label)) for label in looks.among(labels)]
    )
