"""Planes of every subsampling, and how far samples are off."""

import numpy as np

#: How many times chroma is halved, by the name of the subsampling: (columns, rows).
SHIFTS = {"444": (0, 0), "422": (1, 0), "420": (1, 1), "440": (0, 1), "411": (2, 0), "410": (2, 2)}


def planes_by(make, count, shifts, t, y, x):
    """Make `count` planes of a picture, each by ``make((t, rows, columns), number)``.

    The second and third of three or four are chroma, which `shifts` (columns, rows) makes smaller.
    """
    across, down = shifts
    small = (t, -(-y >> down), -(-x >> across))
    return tuple(make(small if count > 2 and c in (1, 2) else (t, y, x), c) for c in range(count))


def mse(a, b):
    """The mean squared error of integer samples."""
    return float(np.mean((a.astype(np.int64) - b) ** 2))


def psnr(a, b, bits):
    """The peak signal-to-noise ratio of integer samples, in dB; finite where they are equal."""
    return 10 * np.log10(((1 << bits) - 1) ** 2 / max(mse(a, b), 1e-12))


def psnr_of_planes(a, b, bits):
    """The PSNR of all samples of all planes together."""
    joined = (np.concatenate([plane.ravel() for plane in planes]) for planes in (a, b))
    return psnr(*joined, bits)
