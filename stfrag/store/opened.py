"""An open store: the C core's reader, and what is known of the store and never changes."""

from __future__ import annotations

import contextlib
from functools import cached_property
from typing import Any

import numpy as np

from ..errors import CorruptStoreError, UnsupportedError
from ..model.views import View, default_view
from ..native.pools import pool
from ..native.store import NativeReader
from .description import Description, end_tick
from .foreign import with_kind
from .index import read_index
from .sources import describe_source, open_source

__all__ = ["OpenStore"]

Array = np.ndarray[Any, Any]


class OpenStore:
    """A store that a `Reader` has opened. All threads that use the reader share it.

    Attributes
    ----------
    native : NativeReader
        The reader of the C core.
    description : Description
    fmt : SampleFormat
    colour : Colour or None
        None for an array.
    view : View or None
        The view that indexing gives; None if the colours of the store cannot be converted.
    frames, y, x : int
        The size of the video.
    """

    def __init__(self, source: Any, num_threads: int | None) -> None:
        opened = open_source(source)
        try:
            self.native = NativeReader(opened, pool(num_threads))
        except CorruptStoreError as error:
            raise with_kind(error, opened) from None
        info = self.native.info
        self.description = Description(info, describe_source(source))
        self.fmt = self.description.fmt
        self.colour = self.description.colour
        self.view: View | None = None
        with contextlib.suppress(ValueError, UnsupportedError):  # raised again where a view is asked for
            self.view = default_view(self.fmt, self.colour)
        self.frames, self.y, self.x = info["size"]

    def default(self) -> View:
        """Return the view that indexing gives; ValueError or UnsupportedError if there is none."""
        return self.view or default_view(self.fmt, self.colour)

    def shape_of(self, view: View) -> tuple[int, ...]:
        """Return the shape of the whole video in a view."""
        channels = (view.channels,) if view.channels else ()
        return (self.frames, self.y, self.x, *channels)

    @cached_property
    def end_tick(self) -> int:
        """The tick at which the last frame ends, see `stfrag.store.description.end_tick`."""
        return end_tick(self.native)

    @cached_property
    def times(self) -> tuple[Array, Array]:
        """Presentation times and durations of all frames in ticks, as arrays that must not be written to."""
        pts, durations = np.empty((2, self.frames), np.int64)
        self.native.times(0, self.frames, pts, durations)
        pts.flags.writeable = durations.flags.writeable = False
        return pts, durations

    @cached_property
    def index(self) -> np.recarray[Any, Any]:
        """The index of fragments, which must not be written to."""
        return read_index(self.native, self.fmt.components)
