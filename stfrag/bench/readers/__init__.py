"""The libraries whose random access is measured: a file each, behind the interface of `stfrag.bench.readers.base`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..peers import load as load_class

if TYPE_CHECKING:
    from .base import AccessReader

__all__ = ["READERS", "load"]

#: Name of every reader here, and where it is.
READERS = {
    "stf": "stf:Stf",
    "pyav": "pyav:PyAV",
    "torchcodec": "torchcodec_reader:TorchCodec", "torchcodec-approximate": "torchcodec_reader:Approximate",
    "decord": "decord_reader:Decord",
    "opencv": "opencv:OpenCV",
    "zarr": "zarr_reader:ZarrBlosc2", "blosc2": "blosc2_reader:Blosc2",
}  # fmt: skip


def load(name: str) -> type[AccessReader]:
    """The reader of that name; or, as ``"module:Class"`` or ``"path/to/file.py:Class"``, one that is not of stfrag's.

    Raises
    ------
    ValueError
        If there is none.
    """
    if name not in READERS and ":" not in name:
        raise ValueError(f"there is no reader {name!r}, but {', '.join(READERS)}; one of your own is named "
                         "module:Class or file.py:Class")
    return type(load_class(f"{__name__}.{READERS[name]}" if name in READERS else name))
