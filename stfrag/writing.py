"""The functions that write a store: from a whole array, frame by frame, or to the end of a store that is there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Unpack

import numpy as np

from .model.formats import as_samples, format_of_array
from .model.grids import resolve_grid
from .model.options import AppendOptions, EncodingOptions, Options, StoreOptions, parse_options, with_options
from .rate_control.readings import write_planned
from .rate_control.weighted import Weighted
from .store.appending import go_on
from .store.plans import Directly, Plan
from .store.sinks import append_sink, open_sink
from .store.sources import normalise_source
from .store.spec import StoreSpec, array_spec, video_spec
from .store.writer import Writer

__all__ = ["append", "create", "save"]


@with_options(EncodingOptions)
def save(
    path: Any,
    array: Any,
    *,
    fps: Any = None,
    attributes: dict[str, Any] | None = None,
    progress: Callable[[int, int], object] | None = None,
    **options: Unpack[EncodingOptions],
) -> None:
    """Store an array.

    The array is read and encoded slab by slab, so it may be a memory map, or any object with ``shape``, ``dtype`` and
    slices that :func:`numpy.asarray` takes. With ``target=`` it is read several times.

    Parameters
    ----------
    path : path or file object
        Where the store goes. A file appears under its name when it is whole.
    array : array_like
        T×Y×X or T×Y×X×C (C = 1..4) of uint8, uint16, int8, int16 or bool.
    fps : number or str, optional
        Frames a second. With it the frames have times.
    attributes : dict, optional
        Free JSON values that are kept in the store.
    progress : callable, optional
        Called as ``progress(frames_done, frames)``; it starts again with every reading of the array.
    {options}

    Raises
    ------
    TypeError
        For a dtype that cannot be stored, or an unknown option.
    ValueError
        For a shape that cannot be stored, an option out of its range, or a target that cannot be met.
    FileExistsError
        With ``overwrite=False``, if there is a file at the path.
    OSError
        If the store cannot be written.

    Examples
    --------
    >>> import io, numpy as np, stfrag
    >>> file = io.BytesIO()
    >>> stfrag.save(file, np.zeros((10, 64, 64), np.int16), layout="frame", attributes={"unit": "HU"})
    >>> stfrag.open(file.getvalue()).attributes
    {'unit': 'HU'}
    """
    if not (hasattr(array, "shape") and hasattr(array, "dtype")):
        array = np.asarray(array)
    # The format depends on shape and dtype only: find it for an array that has no memory for its samples.
    like = as_samples(np.broadcast_to(np.zeros((), array.dtype), array.shape))
    checked = parse_options(options, "save")
    fmt = format_of_array(like, checked.bits)
    frames, y, x = array.shape[:3]
    step = resolve_grid(checked, fmt, y, x).fragment[0]
    spec = StoreSpec(fmt, (y, x), frames, fps, attributes=attributes)

    def read(plan: Plan) -> None:
        """Read the array once, slab by slab, into a writer with this plan."""
        with Writer(plan, checked, spec) as writer:
            for first in range(0, frames, step):
                writer.append(np.asarray(array[first : first + step]))
                if progress is not None:
                    progress(min(first + step, frames), frames)

    write_planned(checked, open_sink(path, checked.overwrite), read, frames)


@with_options(StoreOptions)
def create(
    path: Any,
    shape: Sequence[int | None] | None = None,
    dtype: Any = None,
    pixel_format: str | None = None,
    fps: Any = None,
    bits: int | None = None,
    *,
    time_base: Any = None,
    attributes: dict[str, Any] | None = None,
    metadata: dict[str, Any] | None = None,
    **options: Unpack[StoreOptions],
) -> Writer:
    """Start a store to which frames are appended.

    Parameters
    ----------
    path : path or file object
        Where the store goes. A file is called ``path.part`` until the writer is closed, and then appears whole under
        its name. If something fails before that, a file of that name is left as it was, and the ``.part`` is kept if
        :func:`stfrag.repair` can save frames of it.
    shape : tuple, optional
        (T, Y, X), or (T, Y, X, C) for components; T may be None if it is not known. Default: that of the first
        frames.
    dtype : dtype, optional
        uint8, uint16, int8, int16 or bool. Default: that of the first frames.
    pixel_format : str, optional
        The pixel format of a video, as libav names it (``"gray10le"``, ``"yuv420p"``, ``"rgb24"``, ...); a video
        reads as gray or RGB. Without it the store holds an array, unless the first frame is an ``av.VideoFrame``.
    fps : number or str, optional
        Frames a second, such as 25 or ``"30000/1001"``. Frames that are appended without times get them by this rate.
    bits : int, optional
        Significant bits of a sample; default all of the dtype's, or the pixel format's.
    time_base : Fraction, optional
        Seconds per tick, in which times are kept. Default: 1/fps, or 1/3000000 s if `times` are given.
    attributes : dict, optional
        Free JSON values that are kept in the store.
    metadata : dict, optional
        More of a video's description: ``"colour"`` with ``"matrix"``, ``"range"``, ..., ``"tags"``, ...
    {options}

    Returns
    -------
    Writer

    Raises
    ------
    FileExistsError
        With ``overwrite=False``, if there is a file at the path.
    OSError
        If the store cannot be written.
    TypeError, ValueError, UnsupportedError
        If an argument makes no sense, or asks for what cannot be stored.

    Examples
    --------
    >>> import io, numpy as np, stfrag
    >>> file = io.BytesIO()
    >>> with stfrag.create(file, pixel_format="rgb24", fps=30) as w:
    ...     for level in (0, 128, 255):
    ...         w.append(np.full((48, 64, 3), level, np.uint8))
    >>> v = stfrag.open(file.getvalue())
    >>> v.shape, v.timestamps.tolist()
    ((3, 48, 64, 3), [0.0, 0.03333333333333333, 0.06666666666666667])
    """
    checked = parse_options({**options, "bits": bits}, "create")
    if checked.target is not None:
        raise ValueError(
            "create() takes frames once, and target= needs them several times: use stfrag.save() or "
            "stfrag.from_video(), which read their source again, or quality= or qp="
        )
    spec = array_spec(shape, dtype if pixel_format is None else None, checked.bits, attributes)
    if pixel_format is not None:
        if dtype is not None:
            spec = replace(spec, dtype=np.dtype(dtype))
        spec = video_spec(pixel_format, checked.bits, metadata or {}, spec)
    elif metadata:
        described = dict(metadata)
        tags = described.pop("tags", None)
        attributes = {**described.pop("attributes", {}), **(attributes or {})}
        spec = replace(spec, described=described, tags=tags, attributes=attributes)
    spec = replace(spec, fps=fps, time_base=time_base)
    sink = open_sink(path, checked.overwrite)
    return Writer(Directly(sink) if checked.weights is None else Weighted(sink, checked.weights), checked, spec)


@with_options(AppendOptions)
def append(path: Any, **options: Unpack[AppendOptions]) -> Writer:
    """Append frames to a store that is there.

    Frames are added in place, behind those that the store has. Until the writer is closed, and if it never is, the
    store reads as before. Times follow those of the last frame. All options except the ones below are those that the
    store was made with.

    Parameters
    ----------
    path : path or file object
        The store, which must be whole. A file object must read, write and seek.
    {options}

    Returns
    -------
    Writer

    Raises
    ------
    CorruptStoreError
        If it is no store, or a damaged one.
    TypeError, ValueError
        For any other option, or one out of its range.
    OSError
        If the store cannot be read or written.

    Examples
    --------
    >>> import io, numpy as np, stfrag
    >>> file = io.BytesIO()
    >>> stfrag.save(file, np.zeros((10, 32, 32), np.uint8))
    >>> with stfrag.append(file) as w:
    ...     w.append(np.ones((5, 32, 32), np.uint8))
    >>> len(stfrag.open(file))
    15
    """
    if options.get("target") is not None or options.get("weights") is not None:
        raise ValueError(
            "append() goes on at the QP that the store has: target= and weights= are for whole stores, "
            "of stfrag.save() and stfrag.from_video()"
        )
    refused = tuple(name for name in Options.__dataclass_fields__ if name not in ("effort", "num_threads"))
    checked = parse_options(options, "append", refused)
    source = normalise_source(path)
    return go_on(source, append_sink(path), checked)
