"""What is known of a store before its first frames: from a shape and a dtype, or from a pixel format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..model.formats import SampleFormat
from .description import video_format
from .incoming import declared_format

if TYPE_CHECKING:
    from ..codec.coding import Coding
    from ..model.grids import Grid

__all__ = ["StoreSpec", "array_spec", "video_spec"]


@dataclass(frozen=True, slots=True)
class StoreSpec:
    """What is known of a store before its first frames.

    Attributes
    ----------
    fmt : SampleFormat, optional
        Default: that of the first frames.
    size : tuple of int, optional
        Rows and columns; default: those of the first frames.
    frames : int, optional
        How many there will be; another number is an error.
    fps, time_base : number or str, optional
        Frames a second, seconds a tick.
    described : dict
        What it says of itself.
    attributes, tags : dict, optional
        Free JSON values; tags.
    dtype : numpy.dtype, optional
        What the first frames must have where `fmt` is not known.
    components : int, optional
        Likewise.
    grid : Grid, optional
        How it is cut; default: as the options say.
    coding : Coding, optional
        How its fragments are coded; default: as the options say.
    """

    fmt: SampleFormat | None = None
    size: tuple[int, int] | None = None
    frames: int | None = None
    fps: Any = None
    time_base: Any = None
    described: dict[str, Any] = field(default_factory=dict)
    attributes: dict[str, Any] | None = None
    tags: dict[str, Any] | None = None
    dtype: np.dtype[Any] | None = None
    components: int | None = None
    grid: Grid | None = None
    coding: Coding | None = None


def array_spec(shape: Sequence[int | None] | None, dtype: Any, bits: int | None, attributes: Any = None) -> StoreSpec:
    """What a shape and a dtype, either of which may be missing, say of an array.

    Raises
    ------
    TypeError, ValueError
        If they are none.
    """
    size, components, frames = _parse_shape(shape)
    fmt = None
    if dtype is not None:
        declared = declared_format(dtype, components, bits)
        fmt = declared if shape is not None else None
    return StoreSpec(
        fmt,
        size,
        frames,
        attributes=attributes,
        dtype=None if dtype is None else np.dtype(dtype),
        components=components,
    )


def video_spec(
    pixel_format: str, bits: int | None, metadata: dict[str, Any], like: StoreSpec | None = None
) -> StoreSpec:
    """What a pixel format and a description say of a video.

    Parameters
    ----------
    pixel_format : str
        As libav names it.
    bits : int, optional
        Significant bits of a sample; default those of the pixel format.
    metadata : dict
        What the store is to say of itself; ``"tags"`` and ``"attributes"`` in it are kept apart.
    like : StoreSpec, optional
        What a shape and a dtype said; both must fit.

    Raises
    ------
    ValueError
        If they do not, or there is no such colour.
    UnsupportedError
        For a pixel format that cannot be stored.
    """
    like = like or StoreSpec()
    described = dict(metadata)
    tags = described.pop("tags", None)
    attributes = {**described.pop("attributes", {}), **(like.attributes or {})}
    fmt, described = video_format(pixel_format, bits, described)
    if like.dtype is not None and like.dtype != fmt.dtype:
        raise ValueError(f"dtype={like.dtype} is not that of pixel format {pixel_format}, {fmt.dtype}")
    if like.components is not None and like.components != fmt.components:
        raise ValueError(
            f"the shape has {like.components} components, pixel format {pixel_format} has {fmt.components}"
        )
    return replace(like, fmt=fmt, described=described, tags=tags, attributes=attributes)


def _parse_shape(shape: Sequence[int | None] | None) -> tuple[tuple[int, int] | None, int | None, int | None]:
    """((y, x), components or None, frames or None) of a shape."""
    if shape is None:
        return None, None, None
    numbers = tuple(shape)
    if (
        len(numbers) not in (3, 4)
        or any(not isinstance(n, (int, np.integer)) or n < 1 for n in numbers[1:])
        or (numbers[0] is not None and (not isinstance(numbers[0], (int, np.integer)) or numbers[0] < 1))
    ):
        raise ValueError(f"shape={shape} is not (T, Y, X) or (T, Y, X, C) of positive integers; T may be None")
    components = None if len(numbers) == 3 else int(numbers[3])  # type: ignore[arg-type]
    if components is not None and components > 4:
        raise ValueError(f"shape={shape}: there are 1 to 4 components, not {components}")
    frames = None if numbers[0] is None else int(numbers[0])
    return (int(numbers[1]), int(numbers[2])), components, frames  # type: ignore[arg-type]
