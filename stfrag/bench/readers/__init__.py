"""The libraries whose random access is measured: a file for each, see `stfrag.bench.readers.base`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..peers import load_class

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
    """The reader of that name, or one of your own: ``"module:Class"`` or ``"path/to/file.py:Class"``.

    Raises
    ------
    ValueError
        If there is none.
    """
    from .base import AccessReader

    if name in READERS:
        module, kind = READERS[name].split(":")
        return load_class(f"{__name__}.{module}", kind, AccessReader)
    place, colon, kind = name.rpartition(":")
    others = f"there is no reader {name!r}, but {', '.join(READERS)}"
    if not colon:
        raise ValueError(f"{others}; one of your own is named module:Class or file.py:Class")
    try:
        return load_class(place, kind, AccessReader)
    except ValueError as error:
        raise ValueError(f"{others} ({error})") from error
