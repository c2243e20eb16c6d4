"""How to encode: one set of options for everything that does.

======================  ===========================================================================================
``fragment=(T, Y, X)``  size of a fragment in frames, rows and columns, taken exactly (clipped to the picture);
                        rows and columns must be multiples of the chroma subsampling
``layout=``             a named way to cut instead: ``"balanced"`` (default; about 32×256×256, no slivers),
                        ``"frame"`` (8 whole frames: for reading frames), ``"time"`` (256×64×64: for reading
                        pixels over time), ``"compact"`` (64×512×512: for the smallest store)
``codec=``              ``"stf"``, the native one, lossless or lossy; ``"h264"``, ``"hevc"``, ``"av1"``, ``"vp9"``,
                        ``"ffv1"`` through libav (:func:`stfrag.codecs`); ``"auto"`` (default): the native one, unless
                        something may be lost of samples that it takes without loss alone: then the first of
                        h264, hevc, av1 and vp9 that takes them
``max_error=``          bound on the error of a sample, 0 to 32767, with the native codec; 0 is lossless, and all that
                        the others have
``quality=``            1 to 100, lossy: about the same PSNR whatever the codec; 75 is hard to tell from the source
``qp=``                 quantizer in the codec's own scale, lossy; needs a codec. That of ``"stf"`` is H.264's, in
                        steps of 1/4 up to 63.75, and does not depend on the bits
``target=``             what the whole store is to have, with the native codec: ``{"psnr": 40}`` (overall, in dB),
                        ``{"bytes": 2_000_000}``, ``{"bits_per_sample": 0.25}``, ``{"bits_per_pixel": 0.4}`` or
                        ``{"kbit_per_s": 800}``, also as a string, ``"bytes=2M"``; met within 2 %, by reading
                        the source several times: docs/rate.md
``weights=``            how much errors count where, with the native codec, lossy: Y×X or T×Y×X of positive numbers,
                        stretched over the picture or the video; only their ratios count
``effort=``             1 (fastest) to 9 (densest), default 5; for libav's codecs their presets
``bits=``               significant bits of a sample, default all of its dtype's; samples outside are refused
``codec_options={}``    passed to the codec's encoder as it is, such as ``{"tune": "psnr"}`` for h264; the native
                        codec has ``structure``: ``"auto"``, ``"dyadic"``, ``"outward"``, ``"chain"`` or
                        ``"intra"``; and with loss ``aq``, the strength of variance-adaptive quantisation: 0 (default,
                        none) to 4, usually 1
``num_threads=``        default: ``STFRAG_NUM_THREADS``, else the processors that this process may use
``overwrite=``          replace an existing store (default True; it is replaced when the new one is whole)
======================  ===========================================================================================

At most one of ``max_error``, ``quality``, ``qp`` and ``target`` may be given. With none of them arrays are lossless,
and so is what :func:`stfrag.create` and :func:`stfrag.encode` are given; :func:`stfrag.from_video` takes
``quality=75``, unless ``codec`` says ``"stf"`` or ``"ffv1"``, which lose nothing until they are told to.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, get_args

from .checks import check_choice, check_integer, check_real
from .codecs import CodecName
from .formats import SampleFormat
from .target import Target, parse_target
from .weights import Weights, parse_weights

__all__ = ["DEFAULT_QUALITY", "LAYOUTS", "Grid", "Options", "lossy_default", "parse_options", "resolve_grid"]

MAX_T, MAX_YX, MAX_SAMPLES = 1024, 16384, 1 << 28  # of one fragment; format limits

MAX_ERROR = 32767

#: Nominal fragments of the named layouts; None: the whole picture.
LAYOUTS: dict[str, tuple[int, int | None, int | None]] = {
    "balanced": (32, 256, 256),
    "frame": (8, None, None),
    "time": (256, 64, 64),
    "compact": (64, 512, 512),
}
_QUALITIES = ("max_error", "quality", "qp", "target")
_CUT_EXACT, _CUT_BALANCED = 0, 1

#: ``quality=`` of videos where nothing is said.
DEFAULT_QUALITY = 75


@dataclass(frozen=True, slots=True)
class Options:
    """Options that were checked, with their defaults filled in."""

    fragment: tuple[int, int, int] | None = None
    layout: str = "balanced"
    codec: str = "auto"
    max_error: int = 0
    quality: float | None = None
    qp: float | None = None
    target: Target | None = None
    weights: Weights | None = None
    effort: int = 5
    bits: int | None = None
    codec_options: dict[str, Any] = field(default_factory=dict)
    num_threads: int | None = None
    overwrite: bool = True

    def describe(self) -> dict[str, Any]:
        """What a store keeps of them, beside what is kept of the coding."""
        return {"layout": None if self.fragment else self.layout}

    @property
    def lossy(self) -> bool:
        """Whether a quality, a quantizer or a target is asked for."""
        return any(value is not None for value in (self.quality, self.qp, self.target))


_NAMES = tuple(Options.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Grid:
    """Nominal fragment and how axes are cut, as stf_store_desc has them."""

    fragment: tuple[int, int, int]
    cuts: tuple[int, int, int]


def parse_options(given: dict[str, Any], function: str, refuse: tuple[str, ...] = ()) -> Options:
    """Check keyword arguments of `function`; those named in `refuse` make no sense there.

    Raises
    ------
    TypeError
        For a name that is no option, or a value of the wrong type.
    ValueError
        For a value out of its range, or options that exclude each other.
    """
    for name in given:
        if name not in _NAMES:
            raise TypeError(f"{function}() got an unexpected option {name!r}{_did_you_mean(name)}")
        if name in refuse and given[name] is not None:
            raise TypeError(f"{function}() takes no {name}=")
    values = {name: value for name, value in given.items() if value is not None}
    both = [name for name in _QUALITIES if name in values]
    if len(both) > 1:
        raise ValueError(f"{both[0]}= and {both[1]}= exclude each other: give one")
    if "fragment" in values and "layout" in values:
        raise ValueError("fragment= and layout= exclude each other: give one")
    checked = {name: _CHECKS[name](value) for name, value in values.items() if name in _CHECKS}
    if "qp" in values and checked.get("codec", "auto") == "auto":
        raise ValueError("qp= is in the scale of a codec: give codec=, or quality= instead")
    return Options(**checked)


def lossy_default(given: dict[str, Any]) -> bool:
    """Whether options leave it to the function to choose a quality: none is said, nor a codec that
    loses nothing unless told to."""
    return all(given.get(name) is None for name in _QUALITIES) and given.get("codec") not in ("stf", "ffv1")


def resolve_grid(options: Options, fmt: SampleFormat, y: int, x: int) -> Grid:
    """The nominal fragment for pictures of y × x.

    Raises
    ------
    ValueError
        If an explicit fragment is not a multiple of the chroma subsampling, or larger than a fragment may be.
    """
    if options.fragment is not None:
        t, fy, fx = options.fragment
        for name, piece, size, shift in (("rows", fy, y, fmt.sub_y), ("columns", fx, x, fmt.sub_x)):
            if piece < size and piece % (1 << shift):
                raise ValueError(
                    f"fragment={options.fragment}: {piece} {name} are not a multiple of the chroma "
                    f"subsampling, {1 << shift}"
                )
        fragment = (t, min(fy, y), min(fx, x))
        check_fragment_size(fmt, fragment, f"fragment={options.fragment}")
        return Grid(fragment, (_CUT_EXACT,) * 3)
    t, ny, nx = LAYOUTS[options.layout]
    # Whole frames are cut only where they are over the limits.
    fy, fx = (min(size, nominal or (size if size <= MAX_YX else MAX_YX // 2)) for size, nominal in ((y, ny), (x, nx)))
    while fmt.samples(t + t // 2, _longest(y, fy), _longest(x, fx)) > MAX_SAMPLES:
        if t > 1:
            t //= 2
        elif fy >= fx:
            fy = -(-fy // 32) * 16
        else:
            fx = -(-fx // 32) * 16
    return Grid((t, fy, fx), (_CUT_BALANCED,) * 3)


def _longest(size: int, piece: int) -> int:
    """The longest piece that a balanced cut makes."""
    return size if piece >= size else min(size, piece + piece // 2)


def check_fragment_size(fmt: SampleFormat, size: tuple[int, int, int], what: str) -> None:
    """Raise ValueError for a fragment over the limits of the format."""
    t, y, x = size
    if t > MAX_T or y > MAX_YX or x > MAX_YX:
        raise ValueError(f"{what} is too large: a fragment has at most {MAX_T} frames of {MAX_YX}×{MAX_YX}")
    if fmt.samples(t, y, x) > MAX_SAMPLES:
        raise ValueError(f"{what} is too large: {fmt.samples(t, y, x)} samples; a fragment has at most {MAX_SAMPLES}")


def _check_fragment(value: Any) -> tuple[int, int, int]:
    try:
        numbers = tuple(operator.index(number) for number in value)
    except TypeError:
        raise TypeError(f"fragment={value!r} is not (T, Y, X), three integers") from None
    if len(numbers) != 3 or min(numbers) < 1:
        raise ValueError(f"fragment={value!r} is not (T, Y, X), three integers from 1 on")
    return numbers


def _check_codec_options(value: Any) -> dict[str, Any]:
    try:
        found = dict(value)
    except (TypeError, ValueError):
        raise TypeError(f"codec_options={value!r} is not a dict") from None
    for name, setting in found.items():
        if not isinstance(name, str) or not isinstance(setting, (str, int, float)):
            raise TypeError(f"codec_options: {name!r}: {setting!r} is not a name and a string or number")
    return found


_CHECKS: dict[str, Callable[[Any], Any]] = {
    "fragment": _check_fragment,
    "layout": lambda value: check_choice("layout", value, tuple(LAYOUTS)),
    "codec": lambda value: check_choice("codec", value, get_args(CodecName)),
    "max_error": lambda value: check_integer("max_error", value, 0, MAX_ERROR),
    "quality": lambda value: check_real("quality", value, 1, 100),
    "qp": lambda value: check_real("qp", value, 0, 255),
    "target": parse_target,
    "weights": parse_weights,
    "effort": lambda value: check_integer("effort", value, 1, 9),
    "bits": lambda value: check_integer("bits", value, 1, 16),
    "codec_options": _check_codec_options,
    "num_threads": lambda value: check_integer("num_threads", value, 1, 256),
    "overwrite": bool,
}


def _did_you_mean(name: str) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, _NAMES, 1)
    return f"; did you mean {close[0]!r}?" if close else f" (options: {', '.join(_NAMES)})"
