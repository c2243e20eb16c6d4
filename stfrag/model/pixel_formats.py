"""The pixel formats of libav: what their names mean, and where in memory each sample lies.

A store holds whole planes in a fixed order, Y Cb Cr A, R G B A or Y A, whatever the packing of the pictures was. This
module maps the name of any pixel format in which libav gives uncompressed pictures to those planes. It does not need
PyAV: the names follow rules (planar and semi-planar formats) or are listed in the tables below (packed formats), and
the tests compare every one with libav's own descriptors and conversions.

Formats that hold the same samples share one *planar* name, which is what a store's ``pixel_format`` says: ``nv12`` is
stored as ``yuv420p``, ``bgr24`` as ``gbrp``, ``p010be`` as ``yuv420p10le``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from ..errors import UnsupportedError
from .formats import GRAY_SUBSAMPLING, SUBSAMPLINGS

__all__ = ["PixelFormat", "Samples", "pixel_format", "planar_name"]

#: J:a:b notation of (log2 horizontal, log2 vertical) subsampling of the chroma planes.
_NOTATION = {subs: name for name, subs in SUBSAMPLINGS.items() if name != GRAY_SUBSAMPLING}

#: Sample depths for which libav has a planar format.
_DEPTHS = {
    "gray": (8, 9, 10, 12, 14, 16),
    "ya": (8, 16),
    "gbrp": (8, 9, 10, 12, 14, 16),
    "gbrap": (8, 10, 12, 14, 16),
    "yuv420p": (8, 9, 10, 12, 14, 16),
    "yuv422p": (8, 9, 10, 12, 14, 16),
    "yuv444p": (8, 9, 10, 12, 14, 16),
    "yuv440p": (8, 10, 12),
    "yuv411p": (8,),
    "yuv410p": (8,),
    "yuva420p": (8, 9, 10, 16),
    "yuva422p": (8, 9, 10, 12, 16),
    "yuva444p": (8, 9, 10, 12, 16),
}

# Packed formats whose components are whole bytes or 16-bit words: the components as letters in the order of memory
# ("x" is padding) and, for words, the significant bits, which are the upper ones.
_PACKED_8 = {
    **{name: name.rstrip("2348").replace("0", "x") for name in (
        "rgb24", "bgr24", "rgba", "bgra", "argb", "abgr", "0rgb", "rgb0", "0bgr", "bgr0", "ya8", "ayuv", "vuya",
        "uyva", "vyu444", "vuyx")},
    "yuyv422": "yuyv", "yvyu422": "yvyu", "uyvy422": "uyvy",
}  # fmt: skip
_PACKED_16 = {
    "rgb48": ("rgb", 16), "bgr48": ("bgr", 16), "rgba64": ("rgba", 16), "bgra64": ("bgra", 16), "ya16": ("ya", 16),
    "ayuv64": ("ayuv", 16), "xv36": ("uyvx", 12), "xv48": ("uyvx", 16),
    "y210": ("yuyv", 10), "y212": ("yuyv", 12), "y216": ("yuyv", 16),
}  # fmt: skip
# Formats that put several components into one word: its bytes, and (lowest bit, bits) of each component.
_WORDS = {
    "x2rgb10": (4, "rgb", (20, 10), (10, 10), (0, 10)),
    "x2bgr10": (4, "rgb", (0, 10), (10, 10), (20, 10)),
    "xv30": (4, "yuv", (10, 10), (0, 10), (20, 10)),
    "v30x": (4, "yuv", (12, 10), (2, 10), (22, 10)),
    "rgb565": (2, "rgb", (11, 5), (5, 6), (0, 5)),
    "bgr565": (2, "rgb", (0, 5), (5, 6), (11, 5)),
    "rgb555": (2, "rgb", (10, 5), (5, 5), (0, 5)),
    "bgr555": (2, "rgb", (0, 5), (5, 5), (10, 5)),
    "rgb444": (2, "rgb", (8, 4), (4, 4), (0, 4)),
    "bgr444": (2, "rgb", (0, 4), (4, 4), (8, 4)),
    "rgb8": (1, "rgb", (5, 3), (2, 3), (0, 2)),
    "bgr8": (1, "rgb", (0, 3), (3, 3), (6, 2)),
    "rgb4_byte": (1, "rgb", (3, 1), (1, 2), (0, 1)),
    "bgr4_byte": (1, "rgb", (0, 1), (1, 2), (3, 1)),
}
# Formats that stand for surfaces on a device.
_HARDWARE = frozenset((
    "amf", "cuda", "d3d11", "d3d11va_vld", "d3d12", "drm_prime", "dxva2_vld", "mediacodec", "mmal", "ohcodec",
    "opencl", "qsv", "vaapi", "vdpau", "videotoolbox_vld", "vulkan",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Samples:
    """Where one component lies in the memory of a frame.

    A sample is ``(word >> shift) & (2**bits - 1)`` of the word of ``word`` bytes at ``offset + column * step``
    bytes into a row of plane ``plane``.
    """

    plane: int
    offset: int
    step: int
    word: int
    shift: int
    bits: int


@dataclass(frozen=True, slots=True)
class PixelFormat:
    """What one of libav's pixel formats holds.

    Attributes
    ----------
    name : str
        libav's name, such as ``"nv12"``.
    planar : str
        Name of the planar, little-endian format with the same samples, such as ``"yuv420p"``; a store's
        ``pixel_format``.
    model : {"gray", "rgb", "yuv"}
        What the components other than alpha are: Y; R, G, B; or Y, Cb, Cr.
    alpha : bool
        Whether the last component is alpha.
    bits : int
        Significant bits of a stored sample, 8..16.
    sub_x, sub_y : int
        log2 of the subsampling of the chroma components.
    full_range : bool
        True for the formats whose very name says full range (``yuvj420p``).
    big_endian : bool
        Byte order of words in memory.
    samples : tuple of Samples
        Where each stored component lies in memory, in the order Y Cb Cr A, R G B A or Y A; empty for formats
        that must be converted first (``pal8``, ``monow``, ``monob``, ``uyyvyy411``).
    """

    name: str
    planar: str
    model: str
    alpha: bool
    bits: int
    sub_x: int = 0
    sub_y: int = 0
    full_range: bool = False
    big_endian: bool = False
    samples: tuple[Samples, ...] = ()

    @property
    def components(self) -> int:
        """Number of stored components, 1..4."""
        return (1 if self.model == "gray" else 3) + self.alpha

    @property
    def is_rgb(self) -> bool:
        """Whether the components are R, G, B (, A)."""
        return self.model == "rgb"

    @property
    def subsampling(self) -> str:
        """Subsampling in J:a:b notation without colons: ``"420"``; ``"444"`` where there is no chroma."""
        return _NOTATION[self.sub_x, self.sub_y]

    @property
    def dtype(self) -> str:
        """NumPy dtype of the stored samples, ``"uint8"`` or ``"uint16"``."""
        return "uint8" if self.bits <= 8 else "uint16"

    def extent(self, component: int, height: int, width: int) -> tuple[int, int]:
        """Return rows and columns of a component of a picture of ``height`` x ``width``."""
        if component in (1, 2) and self.model == "yuv":
            return -(-height >> self.sub_y), -(-width >> self.sub_x)
        return height, width


def planar_name(model: str, bits: int, alpha: bool = False, subsampling: str = "444") -> str:
    """Return the name of libav's planar little-endian format for samples.

    Where libav has no format of that depth, it is the next deeper one; the samples keep their values.

    Parameters
    ----------
    model : {"gray", "rgb", "yuv"}
        What the components other than alpha are.
    bits : int
        Significant bits of a sample, 1..16.
    alpha : bool
        Whether there is an alpha component.
    subsampling : {"444", "422", "420", "440", "411", "410"}
        Subsampling of chroma; it counts for ``"yuv"`` only.

    Raises
    ------
    UnsupportedError
        If libav has no such format.

    Examples
    --------
    >>> planar_name("yuv", 10, subsampling="420")
    'yuv420p10le'
    >>> planar_name("rgb", 8, alpha=True)
    'gbrap'
    >>> planar_name("gray", 11)
    'gray12le'
    """
    a = "a" if alpha else ""
    family = {"gray": "ya" if alpha else "gray", "rgb": f"gbr{a}p", "yuv": f"yuv{a}{subsampling}p"}[model]
    for depth in _DEPTHS.get(family, ()):
        if depth >= bits:
            if depth > 8:
                return f"{family}{depth}le"
            return "ya8" if family == "ya" else family
    raise UnsupportedError(f"no pixel format for {family} of {bits} bits")


@cache
def pixel_format(name: str) -> PixelFormat:
    """Look up a pixel format by its name in libav.

    Parameters
    ----------
    name : str
        Such as ``"yuv420p"``, ``"nv12"``, ``"gray16le"`` or ``"bgr24"``. Names without a byte order, such as
        ``"yuv420p10"``, are little-endian.

    Raises
    ------
    UnsupportedError
        If the format cannot be stored exactly (floating point, 32 bits, XYZ, hardware surfaces) or is unknown.

    Examples
    --------
    >>> f = pixel_format("p010le")
    >>> f.planar, f.bits, f.components, f.subsampling
    ('yuv420p10le', 10, 3, '420')
    """
    name = {"gray8": "gray", "y8": "gray", "gray8a": "ya8"}.get(name, name)
    base, order = (name[:-2], name[-2:]) if name[-2:] in ("le", "be") else (name, "")
    found = (
        _special(name) or _planar(base, order) or _semi_planar(base, order) or _packed(base, order)
        or _words(base, order) or _bayer(base, order)
    )  # fmt: skip
    if found is None:
        raise UnsupportedError(_why_not(name))
    planar = planar_name(found.model, found.bits, found.alpha, _NOTATION[found.sub])
    return PixelFormat(
        name,
        planar,
        found.model,
        found.alpha,
        found.bits,
        *found.sub,
        samples=found.samples,
        full_range=found.full_range,
        big_endian=order == "be",
    )


class _Layout(NamedTuple):
    """What the name of a pixel format says; the fields are those of `PixelFormat`.

    `sub` is log2 of the (horizontal, vertical) subsampling of chroma. Where `samples` is empty, pictures must be
    converted first.
    """

    model: str
    alpha: bool
    bits: int
    sub: tuple[int, int]
    samples: tuple[Samples, ...] = ()
    full_range: bool = False


def _special(name: str) -> _Layout | None:
    """Read the name of a format whose samples are only there after a conversion, which loses nothing."""
    if name == "pal8":
        return _Layout("rgb", True, 8, (0, 0))
    if name in ("monow", "monob"):
        return _Layout("gray", False, 8, (0, 0))
    if name == "uyyvyy411":
        return _Layout("yuv", False, 8, (2, 0))
    return None


def _planar(base: str, order: str) -> _Layout | None:
    """Read the name of a planar format, each component in its own plane: gray12, yuv420p, yuva444p10, gbrap14, ..."""
    m = re.fullmatch(r"(gray|gbra?p|yuv[aj]?4\d\dp)(\d*)(msb)?", base)
    if not m:
        return None
    family, bits, msb = m[1], int(m[2] or 8), bool(m[3])
    full = family.startswith("yuvj")
    if bits not in _DEPTHS.get(family.replace("j", ""), ()) or (full and bits > 8):
        return None
    word = 1 if bits == 8 else 2
    planes = {"gray": (0,), "gbrp": (2, 0, 1), "gbrap": (2, 0, 1, 3)}.get(family)
    alpha = family == "gbrap" or family.startswith("yuva")
    if planes is None:
        planes = (0, 1, 2, 3) if alpha else (0, 1, 2)
    model = {"gray": "gray", "gbrp": "rgb", "gbrap": "rgb"}.get(family, "yuv")
    sub = SUBSAMPLINGS[family.lstrip("yuvaj")[:3]] if model == "yuv" else (0, 0)
    shift = 16 - bits if msb else 0
    samples = tuple(Samples(p, 0, word, word, shift, bits) for p in planes)
    return _Layout(model, alpha, bits, sub, samples, full)


def _semi_planar(base: str, order: str) -> _Layout | None:
    """Read the name of a semi-planar format, a plane of luma and one of interleaved chroma: nv12, nv20, p010."""
    sizes = {"0": (1, 1), "2": (1, 0), "4": (0, 0)}
    if base in ("nv12", "nv21", "nv16", "nv24", "nv42"):
        word, bits, shift = 1, 8, 0
        sub = {"nv16": (1, 0), "nv24": (0, 0), "nv42": (0, 0)}.get(base, (1, 1))
    elif base == "nv20":
        word, bits, shift, sub = 2, 10, 0, (1, 0)
    elif m := re.fullmatch(r"p([024])(10|12|16)", base):
        word, bits, sub = 2, int(m[2]), sizes[m[1]]
        shift = 16 - bits
    else:
        return None
    first = word if base in ("nv21", "nv42") else 0
    chroma = (first, word - first)
    samples = (
        Samples(0, 0, word, word, shift, bits),
        *(Samples(1, offset, 2 * word, word, shift, bits) for offset in chroma),
    )
    return _Layout("yuv", False, bits, sub, samples)


def _packed(base: str, order: str) -> _Layout | None:
    """Read the name of a format with components side by side, in bytes or 16-bit words: bgr0, uyvy422, y210."""
    if base in _PACKED_8 and not order:
        letters, bits, word = _PACKED_8[base], 8, 1
    elif base in _PACKED_16:
        (letters, bits), word = _PACKED_16[base], 2
    else:
        return None
    model = "rgb" if "r" in letters else "yuv" if "u" in letters else "gray"
    wanted = {"rgb": "rgb", "yuv": "yuv", "gray": "y"}[model] + ("a" if "a" in letters else "")
    pair = letters.count("y") == 2  # two pixels share their chroma
    shift = 0 if word == 1 else 16 - bits
    samples = tuple(
        Samples(0, word * letters.index(c), word * (2 if pair and c == "y" else len(letters)), word, shift, bits)
        for c in wanted
    )
    return _Layout(model, "a" in letters, bits, (1, 0) if pair else (0, 0), samples)


def _words(base: str, order: str) -> _Layout | None:
    """Read the name of a format with several components in one word: x2rgb10, xv30, rgb565, bgr8.

    Components under 8 bits are widened to 8 by repeating their bits. That loses nothing, and black stays black and
    white stays white.
    """
    if base not in _WORDS:
        return None
    word, model, *fields = _WORDS[base]
    samples = tuple(Samples(0, 0, word, word, shift, bits) for shift, bits in fields)
    return _Layout(model, False, max(8, fields[0][1]), (0, 0), samples)


def _bayer(base: str, order: str) -> _Layout | None:
    """Read the name of a colour filter mosaic, which is kept as it is: one gray sample for each pixel."""
    m = re.fullmatch(r"bayer_[rgb]{4}(8|16)", base)
    if not m:
        return None
    bits = int(m[1])
    return _Layout("gray", False, bits, (0, 0), (Samples(0, 0, bits // 8, bits // 8, 0, bits),))


def _why_not(name: str) -> str:
    """Return a message that says why pictures of this format cannot be stored."""
    if name in _HARDWARE:
        return f"pixel format {name} is a surface on a device; decode to memory first"
    if re.search(r"f(16|32)(le|be)$", name):
        return f"pixel format {name} holds floating-point samples; convert to 16-bit integers first"
    if re.search(r"(32|96|128)(le|be)$", name):
        return f"pixel format {name} has samples of more than 16 bits"
    if name.startswith("xyz"):
        return f"pixel format {name} (CIE XYZ) is not supported; convert to RGB first"
    if name in ("rgb4", "bgr4"):
        return f"pixel format {name} is not supported"
    return f"unknown pixel format {name!r}"
