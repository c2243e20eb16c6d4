"""The options of encoding: one set for all functions that encode.

At most one of ``max_error``, ``quality``, ``qp`` and ``target`` may be given. With none of them :func:`stfrag.save`,
:func:`stfrag.create` and :func:`stfrag.encode` are lossless. :func:`stfrag.from_video` then takes ``quality=75``,
unless ``codec`` says ``"stf"`` or ``"ffv1"``: these lose nothing until they are told to.

{options}
"""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from textwrap import fill, indent
from typing import Any, Literal, TypedDict, TypeVar, get_args

import numpy.typing as npt

from .checks import check_choice, check_integer, check_real
from .codecs import CodecName
from .grids import LAYOUTS, LayoutName
from .target import Target, TargetKind, parse_target
from .weights import Weights, parse_weights

__all__ = [
    "DEFAULT_QUALITY", "AppendOptions", "CodecOptions", "EncodingOptions", "FragmentOptions", "Options",
    "StoreOptions", "lossy_default", "parse_options", "with_options",
]  # fmt: skip

MAX_ERROR = 32767

#: The ``quality=`` that :func:`stfrag.from_video` takes if no option says how much may be lost.
DEFAULT_QUALITY = 75

#: The options that say how much may be lost, of which one may be given.
_QUALITIES = ("max_error", "quality", "qp", "target")

Effort = Literal[1, 2, 3, 4, 5, 6, 7, 8, 9]

# --------------------------------------------------------------------------------------------- for users and checkers


class AppendOptions(TypedDict, total=False):
    """Options of :func:`stfrag.append`."""

    effort: Effort | int | None
    num_threads: int | None


class CodecOptions(AppendOptions, total=False):
    """Options of :func:`stfrag.encode_planes`, which has ``bits`` as a parameter."""

    codec: CodecName | None
    max_error: int | None
    quality: float | None
    qp: float | None
    target: str | Mapping[TargetKind, float] | None
    codec_options: Mapping[str, str | float] | None


class FragmentOptions(CodecOptions, total=False):
    """Options of :func:`stfrag.encode`: all but those that make sense only for several fragments."""

    bits: int | None


class StoreOptions(CodecOptions, total=False):
    """Options of :func:`stfrag.create`, which has ``bits`` as a parameter."""

    fragment: tuple[int, int, int] | None
    layout: LayoutName | None
    weights: npt.ArrayLike | None
    overwrite: bool | None


class EncodingOptions(StoreOptions, total=False):
    """All options: those of :func:`stfrag.save` and :func:`stfrag.from_video`."""

    bits: int | None


#: The text about each option, in the order in which they are shown.
_TEXTS = {
    "fragment": """\
``(T, Y, X)``: size of a fragment in frames, rows and columns, taken exactly (clipped to the picture). Rows and
columns must be multiples of the chroma subsampling.""",
    "layout": """\
A named way to cut instead: ``"balanced"`` (default; about 32×256×256, no slivers), ``"frame"`` (8 whole frames:
for reading frames), ``"time"`` (256×64×64: for reading pixels over time), ``"compact"`` (64×512×512: for the
smallest store).""",
    "codec": """\
``"stf"``, the native one, lossless or lossy; ``"h264"``, ``"hevc"``, ``"av1"``, ``"vp9"``, ``"ffv1"`` through
libav (:func:`stfrag.codecs`). ``"auto"`` (default) is the native one, unless something may be lost of samples
that it takes without loss alone: then it is the first of h264, hevc, av1 and vp9 that takes them.""",
    "max_error": """\
Bound on the error of a sample, 0 to 32767, with the native codec. 0 is lossless; the other codecs take 0 only.""",
    "quality": """\
1 to 100, lossy: about the same PSNR whatever the codec. 75 is hard to tell from the source.""",
    "qp": """\
Quantizer in the codec's own scale, lossy; needs a codec. That of ``"stf"`` is H.264's, in steps of 1/4 up to
63.75, and does not depend on the bits.""",
    "target": """\
What the whole store is to have, with the native codec: ``{"psnr": 40}`` (overall, in dB), ``{"bytes":
2_000_000}``, ``{"bits_per_sample": 0.25}``, ``{"bits_per_pixel": 0.4}`` or ``{"kbit_per_s": 800}``, also as a
string, ``"bytes=2M"``. It is met within 2 %, by reading the source several times.""",
    "weights": """\
How much errors count where, with the native codec, lossy: Y×X or T×Y×X of positive numbers, stretched over the
picture or the video. Only their ratios count.""",
    "effort": """\
1 (fastest) to 9 (densest), default 5. For libav's codecs it chooses their presets.""",
    "bits": """\
Significant bits of a sample, default all of its dtype's. Samples outside are refused.""",
    "codec_options": """\
Passed to the codec's encoder as it is, such as ``{"tune": "psnr"}`` for h264. The native codec has ``structure``:
``"auto"``, ``"dyadic"``, ``"outward"``, ``"chain"`` or ``"intra"``; and with loss ``aq``, the strength of
variance-adaptive quantisation: 0 (default, none) to 4, usually 1.""",
    "num_threads": """\
Threads, 1 to 256. Default: the environment variable ``STFRAG_NUM_THREADS``, else the processors that this process
may use.""",
    "overwrite": """\
Whether to replace a store that exists (default True; the command line asks for ``--force``). It is replaced when
the new one is whole.""",
}
#: The type of each option, as docstrings name it.
_TYPES = {
    "fragment": "tuple of int",
    "layout": "str",
    "codec": "str",
    "max_error": "int",
    "quality": "float",
    "qp": "float",
    "target": "dict or str",
    "weights": "array_like",
    "effort": "int",
    "bits": "int",
    "codec_options": "dict",
    "num_threads": "int",
    "overwrite": "bool",
}


def _described(names: Mapping[str, Any]) -> str:
    """Return the text about some options in the form that docstrings have for parameters."""
    return "\n".join(
        f"{name} : {_TYPES[name]}, optional\n{indent(fill(' '.join(text.split()), 106, **_WORDS), '    ')}"
        for name, text in _TEXTS.items()
        if name in names
    )


#: How `textwrap.fill` breaks the text: never inside of a word.
_WORDS: Any = {"break_on_hyphens": False, "break_long_words": False}

F = TypeVar("F", bound=Callable[..., Any])


def with_options(options: type) -> Callable[[F], F]:
    """Make a decorator that adds the options of a function to its signature and its docstring.

    Parameters
    ----------
    options : type
        The TypedDict that the function unpacks as ``**options``. The function's docstring has ``{options}`` on a line
        of its own among the parameters.
    """

    def decorate(function: F) -> F:
        """Add the options to the signature and the docstring of `function`."""
        names = options.__annotations__
        signature = inspect.signature(function)
        own = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
        added = [
            inspect.Parameter(
                name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=names[name].__forward_arg__
            )
            for name in _TEXTS
            if name in names and name not in signature.parameters
        ]
        function.__signature__ = signature.replace(parameters=[*own, *added])  # type: ignore[attr-defined]
        if function.__doc__:  # there are no docstrings under python -OO
            text = indent(_described({p.name: None for p in added}), "    ").strip()
            function.__doc__ = function.__doc__.replace("{options}", text)
        return function

    return decorate


if __doc__:
    __doc__ = __doc__.replace("{options}", _described(_TEXTS))

# --------------------------------------------------------------------------------------------------------- checked


@dataclass(frozen=True, slots=True)
class Options:
    """Options that were checked, with their defaults filled in. The module's docstring says what each does."""

    fragment: tuple[int, int, int] | None = None
    layout: LayoutName = "balanced"
    codec: CodecName = "auto"
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
        """Return what a store keeps of these options; `stfrag.codec.coding.Coding.describe` has the rest."""
        return {"layout": None if self.fragment else self.layout}

    @property
    def lossy(self) -> bool:
        """Whether a quality, a quantizer or a target is asked for, so that something may be lost."""
        return any(value is not None for value in (self.quality, self.qp, self.target))


_NAMES = tuple(Options.__dataclass_fields__)


def parse_options(given: Mapping[str, Any], function: str, refuse: tuple[str, ...] = ()) -> Options:
    """Check the options that a function was given, and fill in the defaults.

    Parameters
    ----------
    given : mapping
        Options by name; None stands for the default.
    function : str
        The function's name, for messages.
    refuse : tuple of str
        Options that the function does not take.

    Raises
    ------
    TypeError
        For a name that is no option, an option that is refused, or a value of the wrong type.
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


def lossy_default(given: Mapping[str, Any]) -> bool:
    """Tell whether :func:`stfrag.from_video` must choose a quality itself.

    It must if no option says how much may be lost, and the codec is not one that loses nothing unless told to.
    """
    return all(given.get(name) is None for name in _QUALITIES) and given.get("codec") not in ("stf", "ffv1")


def _check_fragment(value: Any) -> tuple[int, int, int]:
    """Return ``fragment=`` as three integers from 1 on; TypeError or ValueError otherwise."""
    try:
        numbers = tuple(operator.index(number) for number in value)
    except TypeError:
        raise TypeError(f"fragment={value!r} is not (T, Y, X), three integers") from None
    if len(numbers) != 3 or min(numbers) < 1:
        raise ValueError(f"fragment={value!r} is not (T, Y, X), three integers from 1 on")
    return numbers


def _check_codec_options(value: Any) -> dict[str, Any]:
    """Return ``codec_options=`` as a dict of strings and numbers; TypeError otherwise."""
    try:
        found = dict(value)
    except (TypeError, ValueError):
        raise TypeError(f"codec_options={value!r} is not a dict") from None
    for name, setting in found.items():
        if not isinstance(name, str) or not isinstance(setting, (str, int, float)):
            raise TypeError(f"codec_options: {name!r}: {setting!r} is not a name and a string or number")
    return found


#: What checks the value of each option and returns it as `Options` keeps it.
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
    """Return the end of a message about an unknown option: the nearest option, or all of them."""
    from difflib import get_close_matches

    close = get_close_matches(name, _NAMES, 1)
    return f"; did you mean {close[0]!r}?" if close else f" (options: {', '.join(_NAMES)})"
