"""Store a stack of a microscope or camera, and see what an error of a few counts would save.

    python microscopy_stack.py STACK.tif

The lowest bits of such samples are mostly noise of the sensor. `max_error=n` lets every sample be off by at most n,
which is a promise for every single sample. `max_error=0` loses nothing.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageSequence

import stfrag


def read_tiff(path):
    """All pages of a TIFF file as an array: frames × rows × columns."""
    with Image.open(path) as tiff:
        return np.stack([np.array(page) for page in ImageSequence.Iterator(tiff)])


def stored(stack, path, max_error):
    """Store a stack; return the size of the file and the largest error that there really is."""
    stfrag.save(path, stack, max_error=max_error, attributes={"instrument": "example", "pixel_size_um": 0.16})
    with stfrag.open(path) as reader:
        worst = 0
        for first in range(0, len(reader), 32):  # a part at a time: a stack may be larger than memory
            off = reader[first : first + 32].astype(int) - stack[first : first + 32].astype(int)
            worst = max(worst, int(abs(off).max()))
    return Path(path).stat().st_size, worst


if __name__ == "__main__":
    source = Path(sys.argv[1])
    stack = read_tiff(source)
    print(f"{stack.shape} of {stack.dtype}, {stack.nbytes:,} bytes of samples")
    for bound in (0, 1, 2, 4):
        size, worst = stored(stack, source.with_suffix(f".{bound}.stf"), bound)
        print(f"max_error={bound}: {size:>12,} bytes, 1/{stack.nbytes / size:.2f}; the largest error is {worst}")
