"""The specification of a new store before its first frames: by a shape and a dtype, or by a pixel format."""

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
    """What is known of a new store before its first frames.

    Attributes
    ----------
    fmt : SampleFormat, optional
        The format of the frames. Default: that of the first frames.
    size : tuple of int, optional
        Rows and columns. Default: those of the first frames.
    frames : int, optional
        How many frames there will be; another number is an error then.
    fps, time_base : number or str, optional
        Frames a second; seconds per tick.
    described : dict
        The description of the store, under ``"stfrag"`` in its metadata.
    attributes, tags : dict, optional
        The user's free JSON values; tags.
    dtype : numpy.dtype, optional
        The dtype that the first frames must have if `fmt` is not known.
    components : int, optional
        The number of components that the first frames must have if `fmt` is not known.
    grid : Grid, optional
        How the store is cut. Default: as the options say.
    coding : Coding, optional
        How its fragments are coded. Default: as the options say.
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
    """Return the specification of an array by its shape and its dtype, either of which may be missing.

    Parameters
    ----------
    shape : sequence of int or None
        (T, Y, X) or (T, Y, X, C); T may be None.
    dtype : dtype, optional
    bits : int, optional
        Significant bits of a sample.
    attributes : dict, optional
        The user's free JSON values.

    Raises
    ------
    TypeError, ValueError
        If the shape is none, or the dtype cannot be stored.
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
    """Return the specification of a video by its pixel format and its description.

    Parameters
    ----------
    pixel_format : str
        The pixel format, as libav names it.
    bits : int, optional
        Significant bits of a sample; default those of the pixel format.
    metadata : dict
        The description of the video; ``"tags"`` and ``"attributes"`` are taken out of it.
    like : StoreSpec, optional
        A specification by shape and dtype, which must go with the pixel format.

    Raises
    ------
    ValueError
        If shape or dtype do not go with the pixel format, or there is no such colour.
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
    """Return ((rows, columns), components, frames) of a shape, each None where it is not known."""
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
