"""Draw where the bits of a store are: a heat map over the picture, dark where it is cheap, bright where it is dear.

    python bits_map.py STORE OUT.png

Every fragment is coded by itself, so each part of the picture has a price of its own. The index knows all prices,
and nothing is decoded for this. The same loop gives any other measure, such as the squared error in `index.sse`.
"""

import sys

import numpy as np
from PIL import Image

import stfrag


def bits_per_pixel(index, height, width, cell=16):
    """Spread the bits of every fragment evenly over its box: a map of cells × cells, in bits per pixel."""
    shape = -(-height // cell), -(-width // cell)
    bits, pixels = np.zeros(shape), np.zeros(shape)
    for row in index:
        y0, y1, x0, x1, frames = (int(n) for n in (row.y0, row.y1, row.x0, row.x1, row.t1 - row.t0))
        for y in range(y0 // cell, -(-y1 // cell)):
            for x in range(x0 // cell, -(-x1 // cell)):
                rows = min(y1, (y + 1) * cell) - max(y0, y * cell)
                columns = min(x1, (x + 1) * cell) - max(x0, x * cell)
                share = rows * columns / ((y1 - y0) * (x1 - x0))  # of the fragment that lies in this cell
                bits[y, x] += share * row.bits
                pixels[y, x] += rows * columns * frames
    return bits / pixels


def heat(values):
    """Black, red, yellow, white: the colours of hot iron, the highest value white."""
    level = values / max(values.max(), 1e-9)
    return (np.stack([level * 3, level * 3 - 1, level * 3 - 2], axis=-1).clip(0, 1) * 255).astype(np.uint8)


if __name__ == "__main__":
    path, out = sys.argv[1:]
    with stfrag.open(path) as reader:
        height, width = reader.shape[1:3]
        density = bits_per_pixel(reader.index, height, width)
    Image.fromarray(heat(density)).resize((width, height), Image.Resampling.NEAREST).save(out)
    y, x = np.unravel_index(density.argmax(), density.shape)
    print(
        f"{density.min():.4f} to {density.max():.4f} bits per pixel; the dearest is at row {y * 16}, column {x * 16}"
    )
