"""Draw a kymograph: what a line across the picture shows, frame after frame.

    python kymograph.py STORE OUT.png Y0,X0 Y1,X1

A row of the result is a frame, a column a point of the line. What moves along the line becomes a slanted streak,
whose slope is its speed. Only the box around the line is read, not the whole stack.
"""

import sys

import numpy as np
from PIL import Image

import stfrag


def kymograph(reader, start, end):
    """Sample the line from `start` to `end` (row, column) in every frame: an array of frames × points."""
    (y0, x0), (y1, x1) = start, end
    points = int(max(abs(y1 - y0), abs(x1 - x0))) + 1
    rows = np.rint(np.linspace(y0, y1, points)).astype(int)
    columns = np.rint(np.linspace(x0, x1, points)).astype(int)
    box = slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1)

    lines = []
    step = reader.chunks[0]  # frames of a fragment: reading as many at once decodes none of them twice
    for first in range(0, len(reader), step):
        stack = reader.read((slice(first, first + step), *box), format="gray")
        lines.append(stack[:, rows - rows.min(), columns - columns.min()])
    return np.concatenate(lines)


def stretched(image):
    """Stretch samples of any range to 0..255, for a picture."""
    low, high = float(image.min()), float(image.max())
    return np.rint((image - low) / max(high - low, 1) * 255).astype(np.uint8)


if __name__ == "__main__":
    path, out, *ends = sys.argv[1:]
    start, end = (tuple(int(number) for number in point.split(",")) for point in ends)
    with stfrag.open(path) as reader:
        image = kymograph(reader, start, end)
        stats = reader.stats
    Image.fromarray(stretched(image)).save(out)
    print(f"{image.shape[0]} frames × {image.shape[1]} points; {stats['fragments']} fragments were decoded")
