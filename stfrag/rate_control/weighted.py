"""One reading of a source, with quantizers that follow weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..model.box import Box
from ..store.plans import NewStore, SlabWriter

if TYPE_CHECKING:
    from ..model.weights import Weights
    from ..store.sinks import Sink

__all__ = ["Weighted"]

_FINEST, _COARSEST = 0, 255


class Weighted:
    """The plan of a store whose fragments are coded better where errors count more.

    Parameters
    ----------
    sink : Sink
    weights : Weights
    frames : int, optional
        Of the video; only for weights over time.
    """

    last = True

    def __init__(self, sink: Sink, weights: Weights, frames: int | None = None) -> None:
        self.sink, self._weights, self._frames = sink, weights, frames
        self.expected: int | None = None

    def begin(self, store: NewStore) -> SlabWriter:
        """A native writer that asks for the quantizer of each fragment.

        Raises
        ------
        ValueError
            For weights over time where the number of frames is not known.
        """
        y, x = store.desc.size
        frames = store.frames or self._frames
        if self._weights.over_time and frames is None:
            raise ValueError("weights= of T×Y×X need the number of frames: give shape=(T, Y, X), or weights of Y×X")
        size, level = (frames or 1, y, x), store.coding.quantizer

        def choose(number: int, box: Box) -> int:
            whole = box if self._weights.over_time else box._replace(t0=0, t1=1)
            return int(np.clip(level + self._weights.steps(np.array([whole]), size)[0], _FINEST, _COARSEST))

        return store.writer(self.sink, choose)

    def describe(self) -> dict[str, Any]:
        """The weights."""
        return {"weights": self._weights.describe()}
