"""Pictures to compare by eye: the same small part of a frame, of the original and of what each coder made of it.

Workers cut them out when quality is measured; the document keeps, of each label, the one of the point with about as
many bits as the others have.
"""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..tiling import Box
from .curves import ANCHOR
from .job import WHOLE, Planes, Samples, part
from .readers.truth import rgb

__all__ = ["MOST_BYTES", "Crop", "choose", "png", "sheet"]

#: Rows and columns of a crop; a PNG of so many samples of colour takes about 10 kB.
ROWS, COLUMNS = 96, 128
#: Labels whose bits differ from those of the others by more than this factor are not shown.
_MOST_APART = 1.5
#: The pictures of a document take no more than this; those of the last clips are left out.
MOST_BYTES = 3_000_000


@dataclass(frozen=True)
class Crop:
    """Where a crop lies, and which samples of gray are shown as black and as white.

    Attributes
    ----------
    box : Box
        Of one frame.
    low, high : int
    """

    box: Box
    low: int
    high: int


def choose(planes: Planes, samples: Samples) -> Crop:
    """The part of the middle frame that has the most detail."""
    t = samples.frames // 2
    picture = planes[0][t].astype(np.int32)
    rows, columns = min(ROWS, samples.y), min(COLUMNS, samples.x)
    detail = np.abs(np.diff(picture, axis=0, append=0)) + np.abs(np.diff(picture, axis=1, append=0))
    detail[-1], detail[:, -1] = 0, 0
    y, x = max(
        ((y, x) for y in range(0, samples.y - rows + 1, 16) for x in range(0, samples.x - columns + 1, 16)),
        key=lambda at: int(detail[at[0] : at[0] + rows, at[1] : at[1] + columns].sum()),
    )
    low, high = 0, (1 << samples.bits) - 1
    if samples.model == "gray" and (samples.bits > 8 or samples.signed):  # few cameras use all that samples can hold
        found = np.percentile(picture[y : y + rows, x : x + columns], (0.5, 99.5))
        low, high = int(found[0]), max(int(found[1]), int(found[0]) + 1)
    return Crop(Box(t, t + 1, y, y + rows, x, x + columns), low, high)


def png(planes: Planes, samples: Samples, crop: Crop) -> str:
    """A crop as a PNG, in base64."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(_picture(planes, samples, crop)).save(file, "PNG", optimize=True)
    return base64.b64encode(file.getvalue()).decode("ascii")


def _picture(planes: Planes, samples: Samples, crop: Crop) -> np.ndarray[Any, Any]:
    """The samples of a crop in 8 bits, with an axis of R, G and B unless gray; Y'CbCr is taken for limited BT.709."""
    cut = [plane[0] for plane in part(planes, samples, crop.box)]
    if samples.model == "gray":
        scaled = (cut[0].astype(np.float32) - crop.low) * (255 / (crop.high - crop.low))
        gray: np.ndarray[Any, Any] = np.clip(np.rint(scaled), 0, 255).astype(np.uint8)
        return gray
    eight = [_in_8_bits(plane, samples.bits) for plane in cut[:3]]
    if samples.rgb:
        return np.stack(eight, -1)
    rows, columns = eight[0].shape
    for c in (1, 2):
        sub_y, sub_x = samples.subs(c)
        eight[c] = eight[c].repeat(1 << sub_y, 0).repeat(1 << sub_x, 1)[:rows, :columns]
    return rgb(*eight)


def _in_8_bits(plane: np.ndarray[Any, Any], bits: int) -> np.ndarray[Any, Any]:
    shifted = plane >> (bits - 8) if bits > 8 else plane << (8 - bits)
    return shifted.astype(np.uint8)


def sheet(
    clip: str, crop: Crop, original: str, records: Sequence[dict[str, Any]], pictures: Iterable[str | None]
) -> dict[str, Any]:
    """The pictures of a clip, for its document: the original's, and of every label and cut the one of a point.

    Parameters
    ----------
    clip : str
    crop : Crop
    original : str
        A PNG in base64.
    records : sequence of dict
        Those of the clip.
    pictures : iterable of str or None
        The crop of each record; None where there is none.
    """
    pairs = [(r, each) for r, each in zip(records, pictures, strict=True) if each is not None]
    curves: dict[tuple[str, str], list[tuple[dict[str, Any], str]]] = {}
    for record, picture in pairs:
        curves.setdefault((record["label"], record["cut"]), []).append((record, picture))
    wanted = _wanted_bits([[record for record, _ in points] for points in curves.values()])
    shown = []
    for points in curves.values():
        record, picture = min(points, key=lambda pair: _apart(pair[0], wanted))
        if _apart(record, wanted) <= math.log(_MOST_APART):
            quality = record.get("quality", {})
            shown.append({
                "label": record["label"], "cut": record["cut"], "point": record["point"],
                "bits_per_pixel": record["bits_per_pixel"], "psnr": quality.get("psnr_y") or quality.get("psnr"),
                "png": picture,
            })  # fmt: skip
    t, _, y0, y1, x0, x1 = crop.box
    return {
        "clip": clip, "frame": t, "rows": [y0, y1], "columns": [x0, x1], "bits_per_pixel": wanted,
        "original": original, "pictures": shown,
    }  # fmt: skip


def _apart(record: dict[str, Any], bits: float) -> float:
    """How far the bits of a point are from those that are wanted, as the logarithm of a factor."""
    return abs(math.log(record["bits_per_pixel"] / bits))


def _wanted_bits(curves: Sequence[Sequence[dict[str, Any]]]) -> float:
    """The bits a pixel at which labels are compared: the anchor's second lowest, where differences are well seen.

    Without the anchor, the median of what the second lowest is for all labels.
    """
    seconds = []
    for points in curves:
        found = sorted(record["bits_per_pixel"] for record in points)[:2]
        if (points[0]["label"], points[0]["cut"]) == (ANCHOR, WHOLE):
            return float(found[-1])
        seconds.append(found[-1])
    return float(np.median(seconds)) if seconds else 1.0
