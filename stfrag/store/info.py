"""Everything about a store in one dict: sizes, ratios, bits, errors, and its description."""

from __future__ import annotations

import copy
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import rates
from ..errors import StfragError
from ..model.codecs import MISSING, codec_name
from ..model.formats import LAYOUT_INTERLEAVED
from ..native import fragment
from .description import mapping

if TYPE_CHECKING:
    from .opened import OpenStore

__all__ = ["info_of"]

#: How many fragments' headers are read, at most, to tell exact fragments from those whose errors are not known.
_MAX_PROBES = 64


def info_of(store: OpenStore) -> dict[str, Any]:
    """Return what `Reader.info` returns."""
    about, fmt = store.description, store.fmt
    native, view = about.native, store.view
    frames, y, x = native["size"]
    raw = fmt.samples(frames, y, x) * fmt.dtype.itemsize
    fps, base = about.fps, about.time_base
    found: dict[str, Any] = {
        "path": about.source,
        "version": native["version"],
        "kind": about.kind,
        "shape": store.shape_of(view) if view else (frames, y, x),
        "dtype": str(view.dtype if view else fmt.dtype),
        "frames": frames,
        "height": y,
        "width": x,
        "components": fmt.components,
        "bits": fmt.bits,
        "stored_dtype": str(fmt.dtype),
        "subsampling": fmt.subsampling if fmt.components >= 3 else None,
        "interleaved": fmt.layout == LAYOUT_INTERLEAVED,
        "pixel_format": about.pixel_format,
        "fps": _plain(fps),
        "time_base": None if base is None else f"{base.numerator}/{base.denominator}",
        "seconds": None if base is None else float((native["end_pts"] - native["first_pts"]) * base),
        "fragment": tuple(native["fragment"]),
        "cut": tuple("balanced" if cut else "exact" for cut in native["cuts"]),
        "slabs": native["slabs"],
        "fragments": native["fragments"],
        "options": mapping(about.described.get("options")),
        "file_bytes": native["file_bytes"],
        "fragment_bytes": native["fragment_bytes"],
        "stream_bytes": native["stream_bytes"],
        "overhead_bytes": native["file_bytes"] - native["fragment_bytes"] - native["stream_bytes"],
        "raw_bytes": raw,
        "ratio": round(raw / native["file_bytes"], 4) if native["file_bytes"] else None,
        "torn": native["torn"],
        **_rates(store),
    }
    for name, value in about.shown.items():
        if name not in ("kind", "axes", "pixel_format", "rgb", "fps", "options"):
            found.setdefault(name, value)
    found["attributes"] = about.attributes
    found["tags"] = about.tags
    return copy.deepcopy(found)


def _rates(store: OpenStore) -> dict[str, Any]:
    """Return the part about bits and errors, for which the whole index is read."""
    about, fmt, index = store.description, store.fmt, store.index
    native, base = about.native, about.time_base
    frames, y, x = native["size"]
    bits, seconds = 8 * (native["file_bytes"] - native["stream_bytes"]), 0.0  # without other streams
    if base is not None and frames:
        seconds = float((store.end_tick - native["first_pts"]) * base)
    total = rates.totals(index, fmt.components, fmt.subsampling)
    known = index[_errors_known(store)]
    names = store.colour.planes[: fmt.components] if store.colour else tuple(f"c{c}" for c in range(fmt.components))
    psnr = None
    if len(known):
        planes, overall = rates.psnr(known, fmt.bits, fmt.subsampling, "6:1:1" if "cb" in names else None)
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


def _errors_known(store: OpenStore) -> np.ndarray[Any, Any]:
    """Return for each row of the index, as a bool, whether the errors that it states are known.

    Errors are in the index only, not in the fragments. If the page of the index that had them was lost, a repair does
    not know them and writes 0. In lossy stores, the fragments' own headers tell these from fragments that are exact.
    """
    index = store.index
    there: np.ndarray[Any, Any] = index["codec"] != codec_name(MISSING)
    options = mapping(store.description.described.get("options"))
    if not {"crf", "qp"} & options.keys() and not options.get("max_error"):
        return there
    doubtful = there & (index["sse"] == 0).all(1)
    for row in doubtful.nonzero()[0][:_MAX_PROBES].tolist():
        try:
            achieved = fragment.info(store.native.fragment(row)).fields["max_error_achieved"]
        except StfragError:  # damage is reported by verify()
            continue
        if achieved:
            there &= ~doubtful
            break
    return there


def _plain(rate: Fraction | None) -> int | str | None:
    """Return a rate in the form for JSON: a whole number, or ``"30000/1001"``."""
    if rate is None:
        return None
    return rate.numerator if rate.denominator == 1 else f"{rate.numerator}/{rate.denominator}"
