"""A single fragment that meets a target, as near as the steps of its quantizer, a quarter of a QP each, allow."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .. import metrics
from ..model.target import Target
from .aims import Aim, Errors, QualityAim, RateAim
from .curves import Curves
from .search import Problem, first_guess, search

if TYPE_CHECKING:
    from ..model.formats import SampleFormat

__all__ = ["encode_to_target"]

Planes = tuple[npt.NDArray[Any], ...]


def encode_to_target(
    target: Target,
    fmt: SampleFormat,
    planes: Planes,
    encode: Callable[[int], bytes],
    decode: Callable[[bytes], Planes],
) -> bytes:
    """Encode a fragment with the quantizer that comes nearest to a target.

    Parameters
    ----------
    target : Target
        What the coded form alone is to have. Its PSNR weighs planes 6:1:1 where chroma is subsampled, else it is that
        of all errors pooled.
    fmt : SampleFormat
    planes : tuple of ndarray
        T×Y×X each.
    encode : callable
        Called with a quantizer, 0..255: returns the coded form.
    decode : callable
        Called with a coded form: returns its planes.

    Returns
    -------
    bytes
        The coded form.

    Raises
    ------
    ValueError
        If the target is beyond what the finest or the coarsest quantizer gives; the message names what that is.
        Between them the nearest quantizer is taken, however far off it is.
    """
    t, y, x = planes[0].shape
    samples, positions = fmt.samples(t, y, x), t * y * x
    counts = np.array([float(plane.size) for plane in planes])
    errors = Errors(counts, fmt.bits, fmt.components >= 3 and fmt.subsampled)
    aim: Aim
    if target.kind == "psnr":
        aim = QualityAim(target.value, errors)
    elif target.kind == "kbit_per_s":
        raise ValueError(
            "target= in kbit_per_s is for stores, whose frames have times: give bytes= or bits_per_sample="
        )
    else:
        unit = {"bytes": 1.0, "bits_per_sample": 8 / samples, "bits_per_pixel": 8 / positions}[target.kind]
        aim = RateAim(target.value / unit, 0, unit)
    coded: dict[int, bytes] = {}
    curves = Curves(1, fmt.components)

    def add(q: npt.NDArray[np.int64]) -> None:
        """Encode the fragment with q[0], and add the point to its curve."""
        step = int(q[0])
        coded[step] = encode(step)
        sse = [0.0] * fmt.components
        if target.kind == "psnr":  # no other target needs the errors
            sse = [float(metrics.sse(a, b)) for a, b in zip(planes, decode(coded[step]), strict=True)]
        curves.add(q, np.array([len(coded[step])]), np.array([sse]))

    add(np.array([first_guess(target, samples, positions)]))
    whole = Problem(target, aim, errors, curves, np.ones(1), np.zeros(1, np.int64), np.ones(1), strict=False)
    steps = search(whole, lambda q: None)
    try:
        while True:
            add(next(steps))
    except StopIteration as found:
        return coded[int(found.value[0])]
