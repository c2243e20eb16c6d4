from collections.abc import Sequence
from typing import Any

from numpy import ndarray

from .types import EncodeOptions, FragmentInfo, RectangleYX, Work

Buffer = Any  # collections.abc.Buffer is younger than Python 3.11
_Format = Sequence[int]
_Size = tuple[int, ...]
_Plane = ndarray[Any, Any] | None

def bound(fmt: _Format, size: _Size) -> int: ...
def encode(
    fmt: _Format, size: _Size, planes: tuple[ndarray[Any, Any], ...], coding: EncodeOptions, lanes: int = 0
) -> bytes: ...
def info(data: Buffer) -> FragmentInfo: ...
def decode(
    data: Buffer,
    fmt: _Format,
    size: _Size,
    planes: tuple[_Plane, ...],
    box: RectangleYX | None = None,
    frames: Buffer | None = None,
    flags: int = 0,
) -> Work: ...
def crc32c(data: Buffer, crc: int = 0) -> int: ...
def version() -> str: ...
def format_version() -> int: ...
def cpu_name() -> str: ...
def cpu_mask(name: str | None) -> None: ...
