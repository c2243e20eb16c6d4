"""The choice of how often a source is read, by the options that its store is written with."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, TypeVar

from ..store.plans import Directly, Plan
from .encode import counting
from .session import Session
from .weighted import Weighted

if TYPE_CHECKING:
    from ..model.options import Options
    from ..store.sinks import Sink

__all__ = ["write_planned"]

T = TypeVar("T")


def write_planned(options: Options, sink: Sink, read: Callable[[Plan], T], frames: int | None = None) -> T:
    """Write a store whose source can be read several times, so that it meets its target and follows its weights.

    Parameters
    ----------
    options : Options
    sink : Sink
        Where the store goes; it is abandoned if anything fails.
    read : callable
        Called with a plan: reads all of the source once into a `Writer` with that plan.
    frames : int, optional
        How many frames there are, if that is known.

    Returns
    -------
    object
        What the last call of `read` returned.
    """
    try:
        if options.target is not None:
            with closing(Session(options, sink, frames)) as session:
                return session.run(read)
        if options.weights is None:
            return read(Directly(sink))
        if options.weights.over_time and frames is None:
            with closing(counting(getattr(sink, "folder", None))) as count:
                read(count)
                frames = int(count.reader.info["size"][0])
        return read(Weighted(sink, options.weights, frames))
    except BaseException:
        sink.abandon(True)
        raise
