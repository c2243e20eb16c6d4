"""The coders that are measured: a file for each, behind the interface of `stfrag.bench.peers.base`.

A peer is named by its ``name``; one of your own by where it is: ``"module:Class"`` or
``"path/to/file.py:Class"``.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .base import Peer

__all__ = ["PEERS", "load", "load_class"]

#: Name of every coder here, and where it is.
PEERS = {
    "stf": "stf:Stf",
    "stf-h264": "stf:StfH264", "stf-hevc": "stf:StfHevc", "stf-av1": "stf:StfAv1", "stf-vp9": "stf:StfVp9",
    "stf-ffv1": "stf:StfFfv1",
    "x264": "x264:X264",
    "x265": "x265:X265", "svt-av1": "svtav1:SvtAv1", "vp9": "vp9:Vp9",
    "ffv1": "ffv1:Ffv1", "huffyuv": "huffyuv:Huffyuv", "ffvhuff": "huffyuv:Ffvhuff",
    "magicyuv": "magicyuv:MagicYuv", "utvideo": "utvideo:UtVideo",
    "mjpeg": "mjpeg:Mjpeg", "prores": "prores:ProRes",
    "jpeg-ls": "jpegls:JpegLs", "jpeg-xl": "jpegxl:JpegXl", "htj2k": "htj2k:Htj2k", "jpeg2000": "jpeg2000:Jpeg2000",
    "png": "png:Png",
    "zfp": "zfp:Zfp", "blosc2": "blosc2_peer:Blosc2", "zstd": "zstandard_peer:Zstandard", "zarr": "zarr_peer:Zarr",
}  # fmt: skip


@cache
def load(name: str) -> Peer:
    """The peer of that name.

    Raises
    ------
    ValueError
        If there is none.
    """
    if name in PEERS:
        module, kind = PEERS[name].split(":")
        known: type[Peer] = getattr(import_module(f"{__name__}.{module}"), kind)
        return known()
    place, colon, kind = name.rpartition(":")
    if not colon:
        raise ValueError(
            f"there is no peer {name!r}, but {', '.join(PEERS)}; one of your own is named "
            "module:Class or file.py:Class"
        )
    from .base import Peer

    own: Peer = load_class(place, kind, Peer)()
    return own


def load_class(place: str, kind: str, base: type) -> type[Any]:
    """A class of a module or file, which must be a subclass of `base`.

    Raises
    ------
    ValueError
        If there is none, or it cannot be loaded.
    """
    try:
        found = getattr(_module(place), kind)
    except Exception as error:
        reason = " ".join(str(error).split())
        raise ValueError(f"there is no {place}:{kind} ({type(error).__name__}: {reason})") from error
    if not (isinstance(found, type) and issubclass(found, base)):
        raise ValueError(f"{place}:{kind} is no {base.__module__}.{base.__name__}")
    return found


def _module(place: str) -> Any:
    if not place.endswith(".py"):
        return import_module(place)
    import importlib.util
    import sys

    name = f"_stfrag_bench_{place.replace('/', '_').replace('.', '_')}"
    spec = importlib.util.spec_from_file_location(name, place)
    if spec is None or spec.loader is None:
        raise ImportError(f"{place} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
