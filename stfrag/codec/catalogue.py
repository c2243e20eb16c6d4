"""The catalogue of libav's codecs: their names, and which of them the libav of this machine can encode and decode."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from ..errors import UnsupportedError
from ..model.codecs import CODEC_IDS, CodecName
from ..model.pixel_formats import PixelFormat, pixel_format

__all__ = [
    "CODECS",
    "Codec",
    "alternatives",
    "by_id",
    "decodes",
    "describe",
    "encodes",
    "pixel_formats",
    "require",
    "takes",
]


@dataclass(frozen=True, slots=True)
class Codec:
    """One of libav's codecs.

    Attributes
    ----------
    name : str
        What ``codec=`` calls it.
    encoder, decoder : str
        The names of its encoder and decoder in libav.
    lossy, lossless : bool
        Whether fragments can be coded with loss and without loss by it.
    qp : tuple of int
        The lowest and the highest value of ``qp=``, in the encoder's own scale; (0, 0) if it has no quantizers.
    description : str
        A line for people.
    """

    name: CodecName
    encoder: str
    decoder: str
    lossy: bool
    lossless: bool
    qp: tuple[int, int]
    description: str

    @property
    def id(self) -> int:
        """The number that stands for the codec in stores."""
        return CODEC_IDS[self.name]


#: The codecs by name. ``codec="auto"`` tries them in this order where the native codec has no lossy mode.
CODECS: dict[str, Codec] = {codec.name: codec for codec in (
    Codec("h264", "libx264", "h264", True, True, (0, 51), "H.264 / AVC by x264"),
    Codec("hevc", "libx265", "hevc", True, True, (0, 51), "H.265 / HEVC by x265"),
    Codec("av1", "libsvtav1", "libdav1d", True, False, (1, 63), "AV1 by SVT-AV1; decoded by dav1d"),
    Codec("vp9", "libvpx-vp9", "vp9", True, True, (0, 63), "VP9 by libvpx"),
    Codec("ffv1", "ffv1", "ffv1", False, True, (0, 0), "FFV1, version 1; 3 for RGB"),
)}  # fmt: skip


def by_id(number: int) -> Codec:
    """Return the codec that a stored number stands for."""
    return next(codec for codec in CODECS.values() if codec.id == number)


@cache
def _found(name: str, mode: Literal["r", "w"]) -> Any:
    """Return libav's encoder ("w") or decoder ("r") of a name; None without it, or without PyAV."""
    try:
        import av
    except ImportError:
        return None
    try:
        return av.codec.Codec(name, mode)
    except ValueError:  # UnknownCodecError
        return None


def encodes(codec: Codec) -> bool:
    """Tell whether this machine's libav has the encoder."""
    return _found(codec.encoder, "w") is not None


def decodes(codec: Codec) -> bool:
    """Tell whether this machine's libav has the decoder."""
    return _found(codec.decoder, "r") is not None


def require(codec: Codec, mode: Literal["r", "w"]) -> None:
    """Raise UnsupportedError, naming what there is, unless libav has a codec's encoder ("w") or decoder ("r")."""
    if _found(codec.encoder if mode == "w" else codec.decoder, mode) is not None:
        return
    try:
        import av
    except ImportError as error:
        raise UnsupportedError(f"codec {codec.name} needs PyAV (pip install av): {error}") from None
    what = f"encoder {codec.encoder}" if mode == "w" else f"decoder {codec.decoder}"
    there = [c.name for c in CODECS.values() if _found(c.encoder if mode == "w" else c.decoder, mode) is not None]
    raise UnsupportedError(
        f"codec {codec.name} needs libav's {what}, which this PyAV ({av.__version__}) lacks; it "
        f"has those of {', '.join(there) or 'none of them'}, and stf needs none"
    )


@cache
def pixel_formats(name: str) -> tuple[PixelFormat, ...]:
    """Return the pixel formats that an encoder takes and stfrag can fill, planar little-endian ones first.

    Parameters
    ----------
    name : str
        The encoder's name in libav.
    """
    encoder = _found(name, "w")
    formats = []
    for offered in (encoder.video_formats or []) if encoder is not None else []:
        try:
            known = pixel_format(offered.name)
        except UnsupportedError:  # floating point and the like
            continue
        if (
            known.samples
            and not known.full_range
            and not known.big_endian
            and all(s.word <= 2 and s.shift == 0 and s.bits == known.bits for s in known.samples)
        ):
            formats.append(known)
    return tuple(sorted(formats, key=lambda f: f.name != f.planar))


def takes(codec: Codec) -> tuple[PixelFormat, ...]:
    """Return the pixel formats that the pictures of a codec can have.

    A lossy codec has none with alpha: encoders put it beside the stream, where decoders do not look.
    """
    return tuple(f for f in pixel_formats(codec.encoder) if not (f.alpha and codec.lossy))


def alternatives(refused: str, lossless: bool, can: Any, stf: bool) -> str:
    """List the codecs that can do what another one refused, as messages name them: ``codec='stf' or codec='vp9'``.

    Parameters
    ----------
    refused : str
        The codec that cannot do it.
    lossless : bool
        Whether it is lossless or lossy coding.
    can : callable
        Called with each Codec: whether it can do the rest.
    stf : bool
        Whether the native codec can do it.
    """
    names = ["stf"] if stf else []
    names += [
        c.name
        for c in CODECS.values()
        if c.name != refused and (c.lossless if lossless else c.lossy) and encodes(c) and can(c)
    ]
    return " or ".join(f"codec={name!r}" for name in names)


def describe() -> list[dict[str, Any]]:
    """Return what `stfrag.codecs()` says of libav's codecs."""
    found = []
    for codec in CODECS.values():
        known = takes(codec)
        found.append({
            "name": codec.name,
            "encode": encodes(codec),
            "decode": decodes(codec),
            "lossless": codec.lossless,
            "lossy": codec.lossy,
            "dtypes": ["uint8", "int8", "uint16", "int16", "bool"],
            "bits": [1, max((f.bits for f in known), default=8)],
            "components": [1, max((f.components for f in known), default=3)],
            "subsampling": sorted({f.subsampling for f in known if f.model == "yuv"}, reverse=True),
            "effort": [1, 9],
            "qp": list(codec.qp) if codec.lossy else None,
            "pixel_formats": sorted({f.planar for f in known}),
            "encoder": codec.encoder,
            "decoder": codec.decoder,
            "description": codec.description,
        })  # fmt: skip
    return found
