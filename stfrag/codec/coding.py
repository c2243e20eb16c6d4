"""Options of a user become what fragments are coded with."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ..errors import UnsupportedError
from ..model.codecs import CODEC_IDS, CodecName
from ..native.types import EncodeOptions
from . import native

if TYPE_CHECKING:
    from ..model.formats import SampleFormat
    from ..model.options import Options
    from .catalogue import Codec
    from .encoders import Encoder

__all__ = ["Coding", "resolve"]

#: stf_codec_id of the native codec, and max_error where there is no bound on the error of a sample.
_STF, _NO_MAX_ERROR = CODEC_IDS["stf"], -1
#: stf_structure, and the value that leaves it to the encoder.
_STRUCTURES = {"auto": 255, "dyadic": 0, "chain": 1, "intra": 2, "outward": 3}
_DEFAULT_FPS = Fraction(25)
#: Where every fragment gets a quantizer of its own.
_ANY_QP = 28


@dataclass(frozen=True, slots=True)
class Coding:
    """How the fragments of a store are coded, with everything decided.

    Attributes
    ----------
    codec : Codec or None
        None: the native one.
    rate : tuple
        ("lossless", bound on the error of a sample), ("crf", rate factor) or ("qp", quantizer, of the native codec
        too); ("copy", 0): fragments come coded.
    quality : float or None
        What the rate factor, or the native codec's quantizer, came from.
    effort : int
    options : dict
        The user's own for the encoder; of the native codec ``structure`` and ``aq``.
    rgb : bool
        Whether three or four components are R, G, B (A).
    colour : dict
        Code points that go into the stream.
    fps : Fraction
        Frames a second.
    """

    codec: Codec | None = None
    rate: tuple[str, float] = ("lossless", 0)
    quality: float | None = None
    effort: int = 5
    options: dict[str, str] = field(default_factory=dict)
    rgb: bool = False
    colour: dict[str, int] = field(default_factory=dict)
    fps: Fraction = _DEFAULT_FPS

    @property
    def lossless(self) -> bool:
        """Whether what is decoded must be what was encoded, or within a bound of it."""
        return self.rate[0] == "lossless"

    def native(self) -> EncodeOptions:
        """What the native layer is told."""
        kind, value = self.rate
        quantizer = native.quantizer(value) if kind == "qp" and self.codec is None else 0
        structure = _STRUCTURES["auto" if self.codec else self.options.get("structure", "auto")]
        aq = 0 if self.codec else native.aq(self.options.get("aq", 0))
        return EncodeOptions(
            self.codec.id if self.codec else _STF,
            self.effort,
            int(value) if self.lossless else _NO_MAX_ERROR,
            quantizer,
            structure,
            int(self.rgb),
            aq,
            self,
        )

    def describe(self) -> dict[str, Any]:
        """What a store keeps of it: codec, effort, and max_error, quality with the crf or qp that it became, or qp;
        or that it is a copy."""
        kind, value = self.rate
        name = self.codec.name if self.codec else "stf"
        if kind == "copy":
            return {"codec": name, "copy": True}
        kept: dict[str, Any] = {"codec": name, "effort": self.effort, "codec_options": self.options}
        if self.quality is not None:
            kept["quality"] = self.quality
        kept["max_error" if self.lossless else kind] = round(value, 3)
        return kept

    def start(self, samples: tuple[int, int, int, int], size: tuple[int, int, int]) -> Encoder:
        """An encoder for one fragment; called by the native layer, on any thread.

        Parameters
        ----------
        samples : tuple of int
            bits, components, and log2 of the horizontal and vertical subsampling.
        size : tuple of int
            Frames, rows, columns.
        """
        from .carriage import carry, padded
        from .encoders import Encoder

        assert self.codec is not None
        bits, components, sub_x, sub_y = samples
        carriage = carry(self.codec, bits, components, sub_x, sub_y, self.lossless, self.rgb)
        frames, y, x = size
        chroma = carriage.pixels.sub_x, carriage.pixels.sub_y
        return Encoder(
            self.codec,
            carriage,
            self.rate,
            self.effort,
            frames,
            *padded(self.codec, y, x, *chroma),
            self.options,
            self.colour,
            self.fps,
        )


def resolve(
    options: Options,
    fmt: SampleFormat,
    *,
    rgb: bool = False,
    colour: dict[str, Any] | None = None,
    fps: Fraction | None = None,
) -> Coding:
    """Decide how to code samples of a format.

    Parameters
    ----------
    options : Options
    fmt : SampleFormat
    rgb : bool
        Whether three or four components are R, G, B (A).
    colour : dict, optional
        A video's colour description, see `stfrag.model.colour`.
    fps : Fraction, optional

    Raises
    ------
    UnsupportedError
        If the codec cannot do it, naming those that can.
    ValueError
        For options that it does not have.
    """
    lossy = options.lossy
    given = [f"{name}=" for name in ("target", "weights") if getattr(options, name) is not None]
    if given == ["weights="] and not lossy:
        raise ValueError(
            "weights= say where loss is to be, and nothing is lost here: give quality=, qp= or target= too"
        )
    samples = fmt.bits, fmt.components, fmt.sub_x, fmt.sub_y
    chosen = options.codec
    if chosen == "auto":
        chosen = "stf" if given or not lossy else _lossy_codec(*samples, rgb)
    if chosen == "stf":
        return _native(options, fmt, rgb)
    from ..model.colour import TABLES, code
    from .carriage import carry
    from .catalogue import CODECS
    from .quality import crf_of

    codec = CODECS[chosen]
    if given:
        has = "has quality= and qp=" if codec.lossy else "is lossless only"
        raise UnsupportedError(f"{given[0]} is for codec='stf': codec {codec.name} {has}")
    if lossy and not codec.lossy:
        raise UnsupportedError(f"codec {codec.name} is lossless only: leave quality= and qp= out, or use another")
    if options.max_error:
        raise UnsupportedError(
            f"codec {codec.name} keeps no bound on the error of a sample: max_error= above 0 is for codec='stf'"
        )
    if not lossy and not codec.lossless:
        raise UnsupportedError(
            f"codec {codec.name} has no lossless mode here: give quality= or qp=, or use another codec, such as 'stf'"
        )
    rate = ("lossless", 0.0)
    if options.quality is not None:
        rate = "crf", crf_of(codec.name, options.quality, fmt.bits)
    elif options.qp is not None:
        low, high = codec.qp
        if not low <= options.qp <= high:
            raise ValueError(f"qp={options.qp:g} is out of range: {low} to {high} for codec {codec.name}")
        rate = "qp", options.qp
    carry(codec, *samples, not lossy, rgb)  # raises where it cannot
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
    if coding.options:  # told now, not in the midst of a store
        try:
            coding.start(samples, (2, 64, 64))
        except UnsupportedError as error:
            raise ValueError(f"codec_options: {error}") from None
    return coding


def _lossy_codec(bits: int, components: int, sub_x: int, sub_y: int, rgb: bool) -> CodecName:
    """What ``codec="auto"`` is for lossy coding: the native codec for what it takes, else the first of libav's that
    can carry such samples. Where none can, as where there is no PyAV, the native one says what to do."""
    if native.takes(bits, sub_x, sub_y):
        return "stf"
    from .carriage import find
    from .catalogue import CODECS, encodes

    return next(
        (
            codec.name
            for codec in CODECS.values()
            if codec.lossy and encodes(codec) and find(codec, bits, components, sub_x, sub_y, False, rgb)
        ),
        "stf",
    )


def _native(options: Options, fmt: SampleFormat, rgb: bool) -> Coding:
    """The native codec, lossless or lossy."""
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
        return Coding(rate=("lossless", options.max_error), effort=options.effort, options=own, rgb=rgb)
    steps = native.quantizer(qp)  # raises where it is out of range
    _check_native(fmt, rgb, options.codec == "auto")
    return Coding(
        rate=("qp", steps / native.STEPS), quality=options.quality, effort=options.effort, options=own, rgb=rgb
    )


def _check_native(fmt: SampleFormat, rgb: bool, auto: bool = False) -> None:
    """Raise UnsupportedError unless the native codec takes such samples with loss, saying what to do instead.

    Parameters
    ----------
    fmt : SampleFormat
    rgb : bool
        Whether three or four components are R, G, B (A).
    auto : bool
        Whether it is here because no other codec can either.
    """
    if native.takes(fmt.bits, fmt.sub_x, fmt.sub_y):
        return
    from .carriage import find, what
    from .catalogue import alternatives

    samples = fmt.bits, fmt.components, fmt.sub_x, fmt.sub_y
    kind = "bool" if fmt.dtype.kind == "b" else what(*samples, rgb)
    least, most = native.BITS
    advice = "max_error=0 stores it as it is"
    if kind != "bool":
        advice += ", max_error=n within n of it"
    if fmt.bits > most:
        advice += f"; {least} to {most} bits are taken (bits={most}, if the samples fit)"
    others = alternatives("stf", False, lambda codec: find(codec, *samples, False, rgb), False)
    if others:
        advice += f"; with loss use {others}"
    who = "no lossy codec here takes" if auto else "codec stf has no lossy mode for"
    raise UnsupportedError(f"{who} {kind}: {advice}")
