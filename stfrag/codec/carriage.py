"""How samples are carried in the pictures of a codec: in which pixel format, shifted how far, padded to what size.

A codec takes some pixel formats; a fragment may be of any. Gray goes as it is where there is gray, else as the luma
of 4:2:0; few bits go into the next deeper format, for lossy coding shifted to its top so that quantizers mean the
same, for lossless coding as they are; R, G, B go as such. Alpha and more bits than a codec has are refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from ..errors import UnsupportedError
from ..model.pixel_formats import PixelFormat
from . import native
from .catalogue import Codec, alternatives, require, takes

__all__ = ["Carriage", "carry", "find", "padded", "what"]

#: Smallest height and width that an encoder gets, and what both are multiples of. x265 writes outside of its memory
#: for widths up to 48, SVT-AV1 fails now and then below 16: docs/codecs.md.
SIZES = {"h264": (2, 2), "hevc": (64, 2), "av1": (16, 2), "vp9": (1, 1), "ffv1": (1, 1)}


@dataclass(frozen=True, slots=True)
class Carriage:
    """What an encoder is given.

    Attributes
    ----------
    encoder : str
        libav's name.
    pixels : PixelFormat
    shift : int
        How far samples are shifted up.
    rgb : bool
        Whether they are R, G, B (A).
    """

    encoder: str
    pixels: PixelFormat
    shift: int
    rgb: bool


def carry(codec: Codec, bits: int, components: int, sub_x: int, sub_y: int, lossless: bool, rgb: bool) -> Carriage:
    """Find a pixel format.

    Parameters
    ----------
    codec : Codec
    bits, components, sub_x, sub_y : int
        Of the fragment's samples.
    lossless : bool
    rgb : bool
        Whether three or four components are R, G, B (A).

    Raises
    ------
    UnsupportedError
        If there is none, naming the codecs that have one.
    """
    require(codec, "w")
    found = find(codec, bits, components, sub_x, sub_y, lossless, rgb)
    if found is not None:
        return found
    others = alternatives(
        codec.name,
        lossless,
        lambda c: find(c, bits, components, sub_x, sub_y, lossless, rgb),
        lossless or native.takes(bits, sub_x, sub_y),
    )
    advice = f": use {others}" if others else "; a lossless codec, such as codec='stf', does"
    raise UnsupportedError(
        f"{codec.encoder} of this PyAV takes no {what(bits, components, sub_x, sub_y, rgb)}"
        f"{advice}{_fewer_bits(codec, bits, components, sub_x, sub_y, lossless, rgb)}"
    )


def padded(codec: Codec, y: int, x: int, sub_x: int, sub_y: int) -> tuple[int, int]:
    """The size of the pictures for a fragment of y × x."""
    least, multiple = SIZES[codec.name]
    return _up(max(y, least), max(multiple, 1 << sub_y)), _up(max(x, least), max(multiple, 1 << sub_x))


def _up(n: int, multiple: int) -> int:
    return -(-n // multiple) * multiple


@cache
def find(
    codec: Codec, bits: int, components: int, sub_x: int, sub_y: int, lossless: bool, rgb: bool
) -> Carriage | None:
    """As `carry`, but None where there is no pixel format."""
    best: tuple[tuple[int, ...], Carriage] | None = None
    for order, f in enumerate(takes(codec)):
        if f.bits < bits or not _fits(f, components, sub_x, sub_y, rgb):
            continue
        # As few bits as can be, then as few components, then R, G, B as what they are.
        rank = (f.bits, f.components, f.is_rgb != rgb, order)
        if best is None or rank < best[0]:
            # H.264 has R, G, B by saying so of 4:4:4.
            is_rgb = f.is_rgb or (rgb and components == 3 and codec.name == "h264")
            best = rank, Carriage(codec.encoder, f, 0 if lossless else f.bits - bits, is_rgb)
    return best[1] if best else None


def _fits(f: PixelFormat, components: int, sub_x: int, sub_y: int, rgb: bool) -> bool:
    alpha = components in (2, 4)
    if alpha != f.alpha:
        return False
    if components <= 2:  # luma is carried by anything that has it
        return not f.is_rgb
    if sub_x or sub_y:
        return f.model == "yuv" and (f.sub_x, f.sub_y) == (sub_x, sub_y)
    return (f.is_rgb and rgb) or (f.model == "yuv" and not (f.sub_x or f.sub_y))


def what(bits: int, components: int, sub_x: int, sub_y: int, rgb: bool) -> str:
    """Samples as messages call them.

    Examples
    --------
    >>> what(10, 3, 1, 1, False), what(8, 4, 0, 0, True)
    ('4:2:0 of 10 bits', 'RGB with alpha of 8 bits')
    """
    subsampling = {
        (0, 0): "4:4:4",
        (1, 0): "4:2:2",
        (1, 1): "4:2:0",
        (0, 1): "4:4:0",
        (2, 0): "4:1:1",
        (2, 2): "4:1:0",
    }.get((sub_x, sub_y), f"1/{1 << sub_x}×1/{1 << sub_y} chroma")
    kind = "gray" if components <= 2 else "RGB" if rgb else subsampling
    return f"{kind}{' with alpha' if components in (2, 4) else ''} of {bits} bits"


def _fewer_bits(codec: Codec, bits: int, *rest: object) -> str:
    """What to say if only the depth is too much."""
    least = next((b for b in range(bits - 1, 7, -1) if find(codec, b, *rest)), None)
    return f"; it takes up to {least} bits (bits={least}, if the samples fit)" if least else ""
