"""What a store says of itself: the JSON document that Python writes into its metadata, and what is read out of it.

The document is ``{"stfrag": {...}, "attributes": {...}, "tags": {...}}``. Under ``"stfrag"`` stand ``kind``
(``"array"`` or ``"video"``), ``axes``, ``pixel_format``, ``rgb``, ``colour``, ``fps`` as [numerator, denominator],
the resolved ``options``, and what else a video knows (sample aspect ratio, rotation, ...). A store without it, as
other programs may write, reads as well.
"""

from __future__ import annotations

import copy
import json
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import StfragError
from ..model.formats import LAYOUT_INTERLEAVED, LAYOUT_PLANES, SUBSAMPLINGS, SampleFormat
from ..model.views import colour_of

if TYPE_CHECKING:
    from ..native import store as _store
    from .reader import Reader

__all__ = ["CODEC_NAMES", "Description", "document", "dump", "end_tick", "parse_rate"]

#: Fragments that are looked into to tell whether they are exact or their errors are not known.
_MAX_PROBES = 64

CODEC_NAMES = {0: "stf", 1: "h264", 2: "hevc", 3: "av1", 4: "vp9", 5: "ffv1", 255: "missing"}


def parse_rate(name: str, value: Any) -> Fraction:
    """A positive rate given as int, float, Fraction or ``"30000/1001"``; floats mean the nearest simple fraction.

    Examples
    --------
    >>> parse_rate("fps", 29.97002997)
    Fraction(30000, 1001)
    """
    try:
        rate = Fraction(value)
    except (TypeError, ValueError, OverflowError, ZeroDivisionError):
        raise ValueError(f"{name}={value!r} is not a positive number or fraction") from None
    if isinstance(value, float):
        rate = rate.limit_denominator(1001)
    if rate <= 0 or max(rate.numerator, rate.denominator) >= 1 << 32:
        raise ValueError(f"{name}={value!r} is out of range: above 0, numerator and denominator of 32 bits")
    return rate


def end_tick(native: _store.NativeReader) -> int:
    """When the last frame of a store ends; if its duration is not known, it lasts as long as the one before it."""
    frames = native.info["size"][0]
    count = min(2, frames)
    pts, durations = np.zeros((2, count), np.int64)
    native.times(frames - count, count, pts, durations)
    return int(pts[-1] + (durations[-1] or (pts[-1] - pts[0]) or 1)) if count else 0


def document(
    described: dict[str, Any], attributes: dict[str, Any] | None, tags: dict[str, Any] | None
) -> dict[str, Any]:
    """The metadata document of a new store."""
    return {"stfrag": described, "attributes": dict(attributes or {}), "tags": dict(tags or {})}


def dump(doc: dict[str, Any]) -> bytes:
    """A metadata document as it is stored.

    Raises
    ------
    TypeError, ValueError
        If something in it is no JSON value.
    """
    try:
        return json.dumps(doc, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError) as error:
        raise type(error)(f"metadata must be JSON values: {error}") from None


class Description:
    """A store's description, read from what its native reader says."""

    def __init__(self, native: dict[str, Any], source: str) -> None:
        self._native = native
        self._source = source
        self.fmt = SampleFormat(*native["format"])
        doc = _parse(native["metadata"])
        self.described: dict[str, Any] = _mapping(doc.get("stfrag"))
        self._attributes = _mapping(doc.get("attributes"))
        self._tags = _mapping(doc.get("tags"))
        self.colour = colour_of(self.fmt, self.described, native["size"][1])
        name = self.described.get("pixel_format")
        self.pixel_format: str | None = name if isinstance(name, str) else None
        num, den = native["time_base"]
        self.time_base = Fraction(num, den) if num and den else None

    @property
    def kind(self) -> str:
        """``"array"`` or ``"video"``."""
        return str(self.described.get("kind") or ("video" if self.fmt.layout == LAYOUT_PLANES else "array"))

    @property
    def fps(self) -> Fraction | None:
        """The rate that was given, else the average of the frame times."""
        said = self.described.get("fps")
        if isinstance(said, list) and len(said) == 2 and all(isinstance(n, int) and n > 0 for n in said):
            return Fraction(*said)
        frames = self._native["size"][0]
        if self.time_base is None or not frames:
            return None
        ticks = self._native["end_pts"] - self._native["first_pts"]
        return Fraction(frames) / (ticks * self.time_base) if ticks > 0 else None

    @property
    def streams(self) -> list[dict[str, Any]]:
        """The streams beside the pictures, without what only libav understands of them. A copy."""
        said = self.described.get("streams")
        return [
            {name: copy.deepcopy(value) for name, value in about.items() if name not in ("container", "stub")}
            for about in (said if isinstance(said, list) else ())
            if isinstance(about, dict)
        ]

    @property
    def _shown(self) -> dict[str, Any]:
        """What is under ``"stfrag"``, for people."""
        return {**self.described, **({"streams": self.streams} if "streams" in self.described else {})}

    @property
    def metadata(self) -> dict[str, Any]:
        """The document, what is under ``"stfrag"`` lifted to the top. A copy."""
        return copy.deepcopy(
            {"bits": self.fmt.bits, **self._shown, "attributes": self._attributes, "tags": self._tags}
        )

    def info(self, reader: Reader) -> dict[str, Any]:
        """What Reader.info() gives."""
        native, fmt = self._native, self.fmt
        frames, y, x = native["size"]
        raw = fmt.samples(frames, y, x) * fmt.dtype.itemsize
        fps, base = self.fps, self.time_base
        found: dict[str, Any] = {
            "path": self._source,
            "version": native["version"],
            "kind": self.kind,
            "shape": reader.shape if reader._core().view else (frames, y, x),
            "dtype": str(reader.dtype) if reader._core().view else str(fmt.dtype),
            "frames": frames,
            "height": y,
            "width": x,
            "components": fmt.components,
            "bits": fmt.bits,
            "stored_dtype": str(fmt.dtype),
            "subsampling": self._subsampling if fmt.components >= 3 else None,
            "interleaved": fmt.layout == LAYOUT_INTERLEAVED,
            "pixel_format": self.pixel_format,
            "fps": _plain(fps),
            "time_base": None if base is None else f"{base.numerator}/{base.denominator}",
            "seconds": None if base is None else float((native["end_pts"] - native["first_pts"]) * base),
            "fragment": tuple(native["fragment"]),
            "cut": tuple("balanced" if cut else "exact" for cut in native["cuts"]),
            "slabs": native["slabs"],
            "fragments": native["fragments"],
            "options": _mapping(self.described.get("options")),
            "file_bytes": native["file_bytes"],
            "fragment_bytes": native["fragment_bytes"],
            "stream_bytes": native["stream_bytes"],
            "overhead_bytes": native["file_bytes"] - native["fragment_bytes"] - native["stream_bytes"],
            "raw_bytes": raw,
            "ratio": round(raw / native["file_bytes"], 4) if native["file_bytes"] else None,
            "torn": native["torn"],
            **self._rates(reader),
        }
        for name, value in self._shown.items():
            if name not in ("kind", "axes", "pixel_format", "rgb", "fps", "options"):
                found.setdefault(name, value)
        found["attributes"] = self._attributes
        found["tags"] = self._tags
        return copy.deepcopy(found)

    @property
    def _subsampling(self) -> str:
        names = {(h, v): name for name, (h, v) in SUBSAMPLINGS.items() if name != "400"}
        return names[self.fmt.sub_x, self.fmt.sub_y]

    def _rates(self, reader: Reader) -> dict[str, Any]:
        """What info() says of bits and errors, for which the whole index is read."""
        from .. import rates

        native, fmt, index = self._native, self.fmt, reader._index()
        frames, y, x = native["size"]
        bits, seconds = 8 * (native["file_bytes"] - native["stream_bytes"]), 0.0  # of the pictures
        if self.time_base is not None and frames:
            seconds = float((reader._core().end_tick() - native["first_pts"]) * self.time_base)
        total = rates.totals(index, fmt.components, self._subsampling)
        known = index[self._errors_known(reader, index)]
        names = self.colour.planes[: fmt.components] if self.colour else tuple(f"c{c}" for c in range(fmt.components))
        psnr = None
        if len(known):
            planes, overall = rates.psnr(known, fmt.bits, self._subsampling, "6:1:1" if "cb" in names else None)
            psnr = {**dict(zip(names, planes.tolist(), strict=True)), "overall": overall}
        return {
            "file_bits": 8 * native["file_bytes"],
            "bits_per_sample": bits / fmt.samples(frames, y, x) if frames else None,
            "bits_per_pixel": bits / (frames * y * x) if frames else None,
            "kbit_per_s": bits / seconds / 1000 if seconds > 0 else None,
            "psnr": psnr,
            "codecs": total.codecs,
            "fragment_bytes_min": total.smallest,
            "fragment_bytes_mean": total.mean,
            "fragment_bytes_max": total.largest,
        }

    def _errors_known(self, reader: Reader, index: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Which fragments' errors stand in the index: a bool a row.

        Fragments have no place for them: of those whose page was lost, a repair knows none and says 0. In lossy
        stores such are told from exact ones by what their own headers say.
        """
        there = index["codec"] != CODEC_NAMES[255]
        options = _mapping(self.described.get("options"))
        if not {"crf", "qp"} & options.keys() and not options.get("max_error"):
            return there
        from ..native import fragment as _fragment

        doubtful = there & (index["sse"] == 0).all(1)
        for row in doubtful.nonzero()[0][:_MAX_PROBES].tolist():
            try:
                achieved = _fragment.info(reader.fragment(row))[2]["max_error_achieved"]
            except StfragError:  # verify()'s business
                continue
            if achieved:
                return there & ~doubtful
        return there


def _plain(rate: Fraction | None) -> int | str | None:
    if rate is None:
        return None
    return rate.numerator if rate.denominator == 1 else f"{rate.numerator}/{rate.denominator}"


def _parse(text: bytes) -> dict[str, Any]:
    try:
        return _mapping(json.loads(text)) if text else {}
    except (ValueError, RecursionError):  # some other program's
        return {}


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
