"""Reading a region in blocks of one slab, so that memory does not grow with the video."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .progress import Report
from .region import Region
from .sinks import Sink

if TYPE_CHECKING:
    import stfrag

#: A slab may be long, and is decoded in one piece; what is read of it at once is kept under this many bytes.
_BLOCK_BYTES = 256 << 20


def size_of(reader: stfrag.Reader) -> tuple[int, int, int]:
    """Return frames, rows and columns of a store; one whose colours cannot be converted has no ``shape``."""
    index = reader.index
    if not len(index):
        frames, rows, columns = reader.shape[:3]
        return frames, rows, columns
    return len(reader), int(index["y1"].max()), int(index["x1"].max())


def blocks(reader: stfrag.Reader, region: Region, format: str | None) -> Iterator[npt.NDArray[Any]]:
    """Yield the frames of a region, a slab at a time, or less if a slab is too large.

    Parameters
    ----------
    reader : stfrag.Reader
    region : tuple of Axis
    format : str or None
        As for ``Reader.read``; None is what ``reader[...]`` gives.

    Yields
    ------
    numpy.ndarray
        T×Y×X[×C].
    """
    t, y, x = region
    wanted = range(t.start, t.stop, t.step)
    most = max(_BLOCK_BYTES // (_pixel_bytes(reader, format) * len(y) * len(x)), 1)
    borders = [*np.unique(reader.index["t0"]).tolist(), len(reader)]
    done = 0
    for stop in borders[1:]:
        while done < len(wanted) and wanted[done] < stop:
            first = wanted[done]
            count = min(len(range(first, min(stop, t.stop), t.step)), most)
            part = slice(first, first + (count - 1) * t.step + 1, t.step)
            done += count
            yield read(reader, (part, y.slice, x.slice), format)


def _pixel_bytes(reader: stfrag.Reader, format: str | None) -> int:
    """Return the bytes of a pixel in memory: 8, the most that there are, for formats that are not listed."""
    if format is None:
        return reader.dtype.itemsize * math.prod(reader.shape[3:])
    return {"gray": 2, "rgb24": 3, "rgba": 4, "rgb48": 6}.get(format, 8)


def read(reader: stfrag.Reader, box: tuple[slice, slice, slice], format: str | None) -> npt.NDArray[Any]:
    """Read one box in the given format."""
    return reader[box] if format is None else reader.read(box, format=format)


def copy(reader: stfrag.Reader, region: Region, format: str | None, sink: Sink, report: Report) -> int:
    """Write a region's frames to a sink; returns the number of frames."""
    done, total = 0, len(region[0])
    for block in blocks(reader, region, format):
        sink.write(block)
        done += len(block)
        report(done, total)
    return done
