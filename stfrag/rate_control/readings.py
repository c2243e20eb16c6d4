"""How often a source is read, for the options that a store is written with."""

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
    """Write a store whose source can be read again, as its target and weights want it.

    Parameters
    ----------
    options : Options
    sink : Sink
        Where the store goes; given up if anything fails.
    read : callable
        Reads all of the source, once, into a `Writer` with the plan that it is given.
    frames : int, optional
        How many there are, if that is known.

    Returns
    -------
    object
        What the last reading returned.
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
