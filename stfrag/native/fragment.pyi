from collections.abc import Sequence
from typing import Any

from numpy import ndarray

Buffer = Any  # collections.abc.Buffer is younger than Python 3.11
_Format = Sequence[int]
_Size = tuple[int, ...]
_Plane = ndarray[Any, Any] | None

def bound(fmt: _Format, size: _Size) -> int: ...
def encode(
    fmt: _Format,
    size: _Size,
    planes: tuple[ndarray[Any, Any], ...],
    effort: int,
    structure: int = 255,
    lanes: int = 0,
    rgb: int = 0,
    max_error: int = 0,
    codec: int = 0,
    quantizer: int = 0,
    aq: int = 0,
    settings: Any = None,
) -> bytes: ...
def info(data: Buffer) -> tuple[tuple[int, int, int, int, int, int], tuple[int, int, int], dict[str, int]]: ...
def decode(
    data: Buffer,
    fmt: _Format,
    size: _Size,
    planes: tuple[_Plane, ...],
    box: tuple[int, int, int, int] | None = None,
    frames: Buffer | None = None,
    flags: int = 0,
) -> tuple[int, int, int, int, int]: ...
def crc32c(data: Buffer, crc: int = 0) -> int: ...
def version() -> str: ...
def format_version() -> int: ...
def cpu_name() -> str: ...
def cpu_mask(name: str | None) -> None: ...
