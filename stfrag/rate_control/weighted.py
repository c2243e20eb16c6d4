"""A single reading of a source, in which the quantizers follow weights."""

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
    """The plan of a store whose fragments are coded the better the more errors count in them.

    Parameters
    ----------
    sink : Sink
        Where the store goes.
    weights : Weights
    frames : int, optional
        How many frames the video has; needed only for weights that change over time.
    """

    last = True

    def __init__(self, sink: Sink, weights: Weights, frames: int | None = None) -> None:
        self.sink, self._weights, self._frames = sink, weights, frames
        self.expected: int | None = None

    def begin(self, store: NewStore) -> SlabWriter:
        """Return a writer that chooses the quantizer of each fragment by its weight.

        Raises
        ------
        ValueError
            For weights that change over time, if the number of frames is not known.
        """
        y, x = store.desc.size
        frames = store.frames or self._frames
        if self._weights.over_time and frames is None:
            raise ValueError("weights= of T×Y×X need the number of frames: give shape=(T, Y, X), or weights of Y×X")
        size, level = (frames or 1, y, x), store.coding.quantizer

        def choose(number: int, box: Box) -> int:
            """Return the quantizer of the fragment that covers a box."""
            whole = box if self._weights.over_time else box._replace(t0=0, t1=1)
            return int(np.clip(level + self._weights.steps(np.array([whole]), size)[0], _FINEST, _COARSEST))

        return store.writer(self.sink, choose)

    def describe(self) -> dict[str, Any]:
        """Return what the store keeps of the weights."""
        return {"weights": self._weights.describe()}
