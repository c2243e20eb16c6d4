"""The options of all functions that encode."""

from __future__ import annotations

from .model import options as _options
from .model.codecs import CodecName
from .model.grids import LayoutName
from .model.options import (
    DEFAULT_QUALITY,
    AppendOptions,
    CodecOptions,
    EncodingOptions,
    FragmentOptions,
    StoreOptions,
)

__all__ = [
    "DEFAULT_QUALITY", "AppendOptions", "CodecName", "CodecOptions", "EncodingOptions", "FragmentOptions",
    "LayoutName", "StoreOptions",
]  # fmt: skip

__doc__ = _options.__doc__
