"""Appending to a store that is there: frames are added behind those that it has."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..model.options import DEFAULT_QUALITY, Options, lossy_default, parse_options
from ..native.pools import pool
from ..native.store import NativeReader, NativeWriter
from .clock import Clock
from .description import Description
from .incoming import Incoming
from .plans import Directly
from .sinks import Sink
from .sources import describe_source, open_source
from .writer import Writer, coding_of

__all__ = ["go_on"]

#: The options of a store that say how appended frames are coded.
_KEPT = ("codec", "quality", "qp", "codec_options")


def go_on(source: Any, sink: Sink, options: Options) -> Writer:
    """Return a writer that adds frames to the end of a store.

    Parameters
    ----------
    source : object
        The store, as `normalise_source` returns it.
    sink : Sink
        The end of the same store; it is abandoned if anything fails.
    options : Options
        Only ``effort`` and ``num_threads`` are used; all other options are those that the store was made with.
    """
    try:
        opened = open_source(source)
        there = NativeReader(opened)
        about = Description(there.info, describe_source(source))
        frames, y, x = there.info["size"]
        clock = Clock(about.fps, about.time_base, frames, _last_tick(there), about.time_base is not None)
        said = about.described.get("options") or {}
        again = {"effort": options.effort, "num_threads": options.num_threads}
        options = parse_options({**_as_made(said), **again}, "append")
        coding = coding_of(options, about.fmt, about.described, about.fps)
        native = NativeWriter(sink, None, coding.native(), pool(options.num_threads), opened)
        return Writer.going_on(Directly(sink), options, Incoming(about.fmt, (y, x)), clock, native)
    except BaseException:
        sink.abandon(False)
        raise


def _last_tick(there: NativeReader) -> int | None:
    """Return the tick at which the last frame is shown; None if there are no frames, or they have no times."""
    frames = there.info["size"][0]
    if not frames or not there.info["time_base"][1]:
        return None
    pts = np.zeros(1, np.int64)
    there.times(frames - 1, 1, pts, np.zeros(1, np.int64))
    return int(pts[0])


def _as_made(said: dict[str, Any]) -> dict[str, Any]:
    """Return the options that code new fragments like those of the store, from the options that the store keeps."""
    kept = {name: said[name] for name in _KEPT if said.get(name) is not None}
    if "qp" in kept:  # the quality was translated to it when the store was made
        kept.pop("quality", None)
    if said.get("max_error"):
        kept["max_error"] = said["max_error"]
    if said.get("copy") and lossy_default(kept):
        kept["quality"] = DEFAULT_QUALITY
    return kept
