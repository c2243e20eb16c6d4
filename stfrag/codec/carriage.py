"""How samples travel in the pictures of libav's codecs: in which pixel format, shifted how far, padded to what size.

A codec takes only some pixel formats, while a fragment may hold samples of any kind. So gray is coded as gray where
the codec has it, else as the luma of 4:2:0. Samples with few bits go into the next deeper pixel format: for lossy
coding they are shifted up to fill it, so that quantizers mean the same; for lossless coding they stay as they are.
R, G, B are coded as R, G, B. Alpha, and more bits than a codec has, are refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from ..errors import UnsupportedError
from ..model.formats import SampleKind
from ..model.pixel_formats import PixelFormat
from . import native
from .catalogue import Codec, alternatives, require, takes

__all__ = ["Carriage", "carry", "find", "padded", "what"]

#: By codec: the smallest height and width that its encoder is given, and the number that both are multiples of.
#: x265 writes outside of its memory for widths up to 48, SVT-AV1 fails now and then below 16: docs/codecs.md.
SIZES = {"h264": (2, 2), "hevc": (64, 2), "av1": (16, 2), "vp9": (1, 1), "ffv1": (1, 1)}


@dataclass(frozen=True, slots=True)
class Carriage:
    """The pictures that an encoder is given.

    Attributes
    ----------
    encoder : str
        The encoder's name in libav.
    pixels : PixelFormat
        The pixel format of the pictures.
    shift : int
        How many bits samples are shifted up.
    rgb : bool
        Whether the components are R, G, B (A).
    """

    encoder: str
    pixels: PixelFormat
    shift: int
    rgb: bool


def carry(codec: Codec, samples: SampleKind, lossless: bool) -> Carriage:
    """Choose the pixel format in which a codec carries samples.

    Parameters
    ----------
    codec : Codec
    samples : SampleKind
        What the fragment holds.
    lossless : bool
        Whether the samples must come back exactly.

    Raises
    ------
    UnsupportedError
        If the codec has no pixel format for them; the message names the codecs that have one.
    """
    require(codec, "w")
    found = find(codec, samples, lossless)
    if found is not None:
        return found
    others = alternatives(
        codec.name, lossless, lambda other: find(other, samples, lossless), lossless or native.takes(samples)
    )
    advice = f": use {others}" if others else "; a lossless codec, such as codec='stf', does"
    raise UnsupportedError(
        f"{codec.encoder} of this PyAV takes no {what(samples)}{advice}{_fewer_bits(codec, samples, lossless)}"
    )


def padded(codec: Codec, pixels: PixelFormat, y: int, x: int) -> tuple[int, int]:
    """Return rows and columns of the pictures that a fragment of y × x samples is padded to."""
    least, multiple = SIZES[codec.name]
    return (
        _round_up(max(y, least), max(multiple, 1 << pixels.sub_y)),
        _round_up(max(x, least), max(multiple, 1 << pixels.sub_x)),
    )


def _round_up(n: int, multiple: int) -> int:
    """Return the smallest multiple that is not below `n`."""
    return -(-n // multiple) * multiple


@cache
def find(codec: Codec, samples: SampleKind, lossless: bool) -> Carriage | None:
    """Choose a pixel format as `carry` does, but return None where the codec has none."""
    best: tuple[tuple[int, ...], Carriage] | None = None
    for order, f in enumerate(takes(codec)):
        if f.bits < samples.bits or not _fits(f, samples):
            continue
        # The fewest bits win, then the fewest components; R, G, B go as R, G, B where that is possible.
        rank = (f.bits, f.components, f.is_rgb != samples.rgb, order)
        if best is None or rank < best[0]:
            # H.264 codes R, G, B in pictures of 4:4:4, and notes in the stream that they are no Y'CbCr.
            is_rgb = f.is_rgb or (samples.rgb and samples.components == 3 and codec.name == "h264")
            best = rank, Carriage(codec.encoder, f, 0 if lossless else f.bits - samples.bits, is_rgb)
    return best[1] if best else None


def _fits(f: PixelFormat, samples: SampleKind) -> bool:
    """Tell whether a pixel format has a place for each component, whatever the bits."""
    alpha = samples.components in (2, 4)
    if alpha != f.alpha:
        return False
    if samples.components <= 2:  # gray can be the luma of any format that has luma
        return not f.is_rgb
    subsampling = samples.sub_x, samples.sub_y
    if subsampling != (0, 0):
        return f.model == "yuv" and (f.sub_x, f.sub_y) == subsampling
    return (f.is_rgb and samples.rgb) or (f.model == "yuv" and not (f.sub_x or f.sub_y))


def what(samples: SampleKind) -> str:
    """Describe samples in the words that messages use.

    Examples
    --------
    >>> what(SampleKind(10, 3, 1, 1)), what(SampleKind(8, 4, 0, 0, rgb=True))
    ('4:2:0 of 10 bits', 'RGB with alpha of 8 bits')
    """
    subsampling = {
        (0, 0): "4:4:4",
        (1, 0): "4:2:2",
        (1, 1): "4:2:0",
        (0, 1): "4:4:0",
        (2, 0): "4:1:1",
        (2, 2): "4:1:0",
    }.get((samples.sub_x, samples.sub_y), f"1/{1 << samples.sub_x}×1/{1 << samples.sub_y} chroma")
    kind = "gray" if samples.components <= 2 else "RGB" if samples.rgb else subsampling
    return f"{kind}{' with alpha' if samples.components in (2, 4) else ''} of {samples.bits} bits"


def _fewer_bits(codec: Codec, samples: SampleKind, lossless: bool) -> str:
    """Return the end of a message that says how many bits the codec takes, if only the bits are too many."""
    fewer = range(samples.bits - 1, 7, -1)
    most = next((bits for bits in fewer if find(codec, samples._replace(bits=bits), lossless)), None)
    return f"; it takes up to {most} bits (bits={most}, if the samples fit)" if most else ""
