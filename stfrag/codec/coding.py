"""From the options of a user to a `Coding`, which says everything about how fragments are coded."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ..errors import UnsupportedError
from ..model.codecs import CODEC_IDS, CodecName, Rate
from ..model.formats import SampleKind
from ..native.types import EncodeOptions
from . import native

if TYPE_CHECKING:
    from ..model.formats import SampleFormat
    from ..model.options import Options
    from .catalogue import Codec
    from .encoders import Encoder

__all__ = ["Coding", "resolve"]

#: The number of the native codec (stf_codec_id).
_STF = CODEC_IDS["stf"]
#: What the C core takes as max_error where errors have no bound.
_NO_MAX_ERROR = -1
#: The structures of the native codec by name (stf_structure); 255 leaves the choice to the encoder.
_STRUCTURES = {"auto": 255, "dyadic": 0, "chain": 1, "intra": 2, "outward": 3}
_DEFAULT_FPS = Fraction(25)
_LOSSLESS = Rate("lossless", 0)
#: The QP with which the store of a ``target=`` is described before each fragment has a quantizer of its own.
_ANY_QP = 28


@dataclass(frozen=True, slots=True)
class Coding:
    """How the fragments of a store are coded, with everything decided.

    Attributes
    ----------
    codec : Codec or None
        One of libav's codecs; None for the native codec.
    rate : Rate
        How much may be lost. A plain tuple of its two fields will do.
    quality : float or None
        The ``quality=`` that the rate was derived from, if it was.
    effort : int
        1 (fastest) to 9 (densest).
    options : dict
        The user's own options for the encoder; those of the native codec are ``structure`` and ``aq``.
    rgb : bool
        Whether three or four components are R, G, B (A).
    colour : dict
        Code points of the colour description, which go into the stream.
    fps : Fraction
        Frames a second.
    """

    codec: Codec | None = None
    rate: Rate = _LOSSLESS
    quality: float | None = None
    effort: int = 5
    options: dict[str, str] = field(default_factory=dict)
    rgb: bool = False
    colour: dict[str, int] = field(default_factory=dict)
    fps: Fraction = _DEFAULT_FPS

    def __post_init__(self) -> None:
        object.__setattr__(self, "rate", Rate(*self.rate))

    @property
    def lossless(self) -> bool:
        """Whether decoding must give back what was encoded, exactly or within the bound of the rate."""
        return self.rate.kind == "lossless"

    def native(self) -> EncodeOptions:
        """Return the options as the C core takes them."""
        codec, rate = self.codec, self.rate
        return EncodeOptions(
            codec=codec.id if codec else _STF,
            effort=self.effort,
            max_error=int(rate.value) if self.lossless else _NO_MAX_ERROR,
            quantizer=native.quantizer(rate.value) if rate.kind == "qp" and codec is None else 0,
            structure=_STRUCTURES["auto" if codec else self.options.get("structure", "auto")],
            rgb=int(self.rgb),
            aq=0 if codec else native.aq(self.options.get("aq", 0)),
            settings=self,
        )

    def describe(self) -> dict[str, Any]:
        """Return what a store keeps of the coding.

        These are the codec, the effort, the codec's options, and one of ``max_error``, ``crf`` and ``qp``, beside
        the ``quality`` that it was derived from; of copied fragments the codec, and that they were copied.
        """
        name = self.codec.name if self.codec else "stf"
        if self.rate.kind == "copy":
            return {"codec": name, "copy": True}
        kept: dict[str, Any] = {"codec": name, "effort": self.effort, "codec_options": self.options}
        if self.quality is not None:
            kept["quality"] = self.quality
        kept["max_error" if self.lossless else self.rate.kind] = round(self.rate.value, 3)
        return kept

    def start(self, samples: tuple[int, int, int, int], size: tuple[int, int, int]) -> Encoder:
        """Open an encoder for one fragment. The C core calls this, on any thread.

        Parameters
        ----------
        samples : tuple of int
            bits, components, and log2 of the horizontal and vertical subsampling.
        size : tuple of int
            Frames, rows, columns.
        """
        from .carriage import carry, padded
        from .encoders import Encoder, EncoderSettings

        assert self.codec is not None
        carriage = carry(self.codec, SampleKind(*samples, self.rgb), self.lossless)
        frames, y, x = size
        settings = EncoderSettings(self.codec, carriage, self.rate, self.effort, self.options, self.colour, self.fps)
        return Encoder(settings, frames, *padded(self.codec, carriage.pixels, y, x))


def resolve(
    options: Options,
    fmt: SampleFormat,
    *,
    rgb: bool = False,
    colour: dict[str, Any] | None = None,
    fps: Fraction | None = None,
) -> Coding:
    """Decide how samples of a format are coded.

    Parameters
    ----------
    options : Options
        What the user asked for.
    fmt : SampleFormat
        The format of the samples.
    rgb : bool
        Whether three or four components are R, G, B (A).
    colour : dict, optional
        A video's colour description, see `stfrag.model.colour`.
    fps : Fraction, optional
        Frames a second, default 25: some encoders spend bits by it.

    Raises
    ------
    UnsupportedError
        If the codec cannot code such samples so; the message names the codecs that can.
    ValueError
        For options that the codec does not have.
    """
    if options.weights is not None and not options.lossy:
        raise ValueError(
            "weights= say where loss is to be, and nothing is lost here: give quality=, qp= or target= too"
        )
    samples = fmt.kind(rgb)
    chosen = _choose_codec(options, samples)
    if chosen == "stf":
        return _with_native_codec(options, fmt, rgb)
    from ..model.colour import TABLES, code
    from .carriage import carry
    from .catalogue import CODECS

    codec = CODECS[chosen]
    _check_modes(options, codec)
    rate = _rate_for(options, codec, fmt.bits)
    carry(codec, samples, not options.lossy)  # raises where there is no pixel format
    said = colour or {}
    coding = Coding(
        codec,
        rate,
        options.quality,
        options.effort,
        {str(name): str(value) for name, value in options.codec_options.items()},
        rgb,
        {kind: code(kind, said.get(kind)) for kind in TABLES},
        _DEFAULT_FPS if fps is None else fps,
    )
    if coding.options:
        _try_options(coding, samples)
    return coding


def _needs_native_codec(options: Options) -> str | None:
    """Return the first of the given options that only the native codec has, as messages name it; None without any."""
    return next((f"{name}=" for name in ("target", "weights") if getattr(options, name) is not None), None)


def _choose_codec(options: Options, samples: SampleKind) -> CodecName:
    """Return the codec that ``codec=`` names, or the one that ``codec="auto"`` stands for with these samples.

    For lossy coding that is the native codec if it takes the samples, else the first of libav's that can carry them.
    If none can, as without PyAV, the native codec is returned, whose error says what to do.
    """
    if options.codec != "auto":
        return options.codec
    if _needs_native_codec(options) or not options.lossy or native.takes(samples):
        return "stf"
    from .carriage import find
    from .catalogue import CODECS, encodes

    for codec in CODECS.values():
        if codec.lossy and encodes(codec) and find(codec, samples, False):
            return codec.name
    return "stf"


def _check_modes(options: Options, codec: Codec) -> None:
    """Raise UnsupportedError unless one of libav's codecs has the modes that are asked for."""
    needed = _needs_native_codec(options)
    if needed:
        has = "has quality= and qp=" if codec.lossy else "is lossless only"
        raise UnsupportedError(f"{needed} is for codec='stf': codec {codec.name} {has}")
    if options.lossy and not codec.lossy:
        raise UnsupportedError(f"codec {codec.name} is lossless only: leave quality= and qp= out, or use another")
    if options.max_error:
        raise UnsupportedError(
            f"codec {codec.name} keeps no bound on the error of a sample: max_error= above 0 is for codec='stf'"
        )
    if not options.lossy and not codec.lossless:
        raise UnsupportedError(
            f"codec {codec.name} has no lossless mode here: give quality= or qp=, or use another codec, such as 'stf'"
        )


def _rate_for(options: Options, codec: Codec, bits: int) -> Rate:
    """Return the rate of one of libav's codecs; ValueError for a QP that is not in its scale."""
    if options.quality is not None:
        from .quality import crf_of

        return Rate("crf", crf_of(codec.name, options.quality, bits))
    if options.qp is not None:
        low, high = codec.qp
        if not low <= options.qp <= high:
            raise ValueError(f"qp={options.qp:g} is out of range: {low} to {high} for codec {codec.name}")
        return Rate("qp", options.qp)
    return Rate("lossless", 0.0)  # a float: stores say so


def _try_options(coding: Coding, samples: SampleKind) -> None:
    """Open an encoder once, so that a wrong option is reported now and not when half of a store is written."""
    try:
        coding.start(samples[:4], (2, 64, 64))
    except UnsupportedError as error:
        raise ValueError(f"codec_options: {error}") from None


def _with_native_codec(options: Options, fmt: SampleFormat, rgb: bool) -> Coding:
    """Return the coding of samples by the native codec, lossless or lossy."""
    own = _native_options(options)
    if options.quality is not None:
        from .quality import qp_of

        qp = qp_of(options.quality)
    elif options.qp is not None:
        qp = options.qp
    elif options.target is not None:
        qp = _ANY_QP
    else:
        if own.get("aq"):
            raise ValueError("codec_options: aq= is for lossy coding: give quality=, qp= or target=, or leave it out")
        return Coding(rate=Rate("lossless", options.max_error), effort=options.effort, options=own, rgb=rgb)
    steps = native.quantizer(qp)  # raises where it is out of range
    _check_native_codec(fmt, rgb, options.codec == "auto")
    return Coding(
        rate=Rate("qp", steps / native.STEPS), quality=options.quality, effort=options.effort, options=own, rgb=rgb
    )


def _native_options(options: Options) -> dict[str, Any]:
    """Return the checked ``codec_options=`` of the native codec; ValueError for one that it does not have."""
    own = dict(options.codec_options)
    for name in own:
        if name not in ("structure", "aq"):
            advice = "; give codec= for those of another" if options.codec == "auto" else ""
            raise ValueError(f"codec 'stf' has no option {name!r}, but 'structure' and 'aq'{advice}")
    if own.get("structure", "auto") not in _STRUCTURES:
        names = ", ".join(map(repr, _STRUCTURES))
        raise ValueError(f"codec_options: structure={own['structure']!r} is none of {names}")
    if "aq" in own:
        own["aq"] = native.aq(own["aq"]) / native.AQ_STEPS  # raises where it is out of range
    return own


def _check_native_codec(fmt: SampleFormat, rgb: bool, auto: bool = False) -> None:
    """Raise UnsupportedError, saying what to do instead, unless the native codec takes such samples with loss.

    Parameters
    ----------
    fmt : SampleFormat
    rgb : bool
        Whether three or four components are R, G, B (A).
    auto : bool
        Whether ``codec="auto"`` fell back to the native codec because no other one takes the samples either.
    """
    samples = fmt.kind(rgb)
    if native.takes(samples):
        return
    from .carriage import find, what
    from .catalogue import alternatives

    kind = "bool" if fmt.dtype.kind == "b" else what(samples)
    least, most = native.BITS
    advice = "max_error=0 stores it as it is"
    if kind != "bool":
        advice += ", max_error=n within n of it"
    if fmt.bits > most:
        advice += f"; {least} to {most} bits are taken (bits={most}, if the samples fit)"
    others = alternatives("stf", False, lambda codec: find(codec, samples, False), False)
    if others:
        advice += f"; with loss use {others}"
    who = "no lossy codec here takes" if auto else "codec stf has no lossy mode for"
    raise UnsupportedError(f"{who} {kind}: {advice}")
