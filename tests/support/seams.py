"""Material for tests of the seam filter: stores of visible borders, and the borders that an index says."""

import numpy as np
from hypothesis import strategies as st

from stfrag.seams import Seam
from support.samples import planes_by
from support.stores import video_store

LOSSY = {"codec": "stf", "qp": 40, "effort": 1}
#: Components, pixel format, bits and shifts of chroma.
KINDS = {
    "gray": (1, "gray", 8, (0, 0)),
    "gray10": (1, "gray10le", 10, (0, 0)),
    "420": (3, "yuv420p", 8, (1, 1)),
    "422": (3, "yuv422p", 8, (1, 0)),
    "444": (3, "yuv444p", 8, (0, 0)),
    "420p10": (3, "yuv420p10le", 10, (1, 1)),
    "444p12": (3, "yuv444p12le", 12, (0, 0)),
    "rgb": (3, "gbrp", 8, (0, 0)),
    "rgb10": (3, "gbrp10le", 10, (0, 0)),
    "420a": (4, "yuva420p", 8, (1, 1)),
}


def picture(t, y, x, bits=8, seed=0):
    """A smooth, moving surface with some noise: what shows borders."""
    rng = np.random.default_rng(seed)
    ti, yi, xi = np.ogrid[:t, :y, :x]
    top = (1 << bits) - 1
    value = 0.5 + 0.25 * np.sin((xi + 3 * ti) / (19 + seed)) + 0.2 * np.cos((yi - ti) / 23)
    return np.clip(np.rint(value * top + rng.normal(0, top / 50, (t, y, x))), 0, top).astype(
        np.uint8 if bits <= 8 else np.uint16
    )


def planes_of(kind, t, y, x):
    """The planes of a kind of pictures, a surface each."""
    count, _, bits, shift = KINDS[kind]
    return planes_by(lambda shape, c: picture(*shape, bits, c), count, shift, t, y, x)


def store(planes, kind="420", **options):
    """The bytes of a store of such planes."""
    return video_store(planes, KINDS[kind][1], **options)


def root_mean_square(v, row, c):
    samples = int(row.t1 - row.t0)
    for axis, shift in zip("yx", shifts(v, c), strict=True):
        low, high = int(row[f"{axis}0"]), int(row[f"{axis}1"])
        samples *= -(-high >> shift) - (low >> shift)
    return (int(row.sse[c]) / samples) ** 0.5 * (1 + 1e-12)  # halves of 1/256 are rounded up


def shifts(v, c):
    """Of a plane: rows, columns."""
    return v.opened().fmt.shift(c)


def seams_from_index(v, c, t):
    """The borders of plane c in frame t, from the index alone."""
    rows = [row for row in v.index if row.t0 <= t < row.t1]
    shift = dict(zip("yx", shifts(v, c), strict=True))
    ends = {"y": v.shape[1], "x": v.shape[2]}

    def span(row, axis):
        low, high = int(row[f"{axis}0"]), int(row[f"{axis}1"])
        return low >> shift[axis], -(-min(high, ends[axis]) >> shift[axis])

    for axis, number, along in (("x", 2, "y"), ("y", 1, "x")):
        for a in rows:
            for b in rows:
                if a[f"{axis}1"] != b[f"{axis}0"]:
                    continue
                begin = max(span(a, along)[0], span(b, along)[0])
                end = min(span(a, along)[1], span(b, along)[1])
                reach = tuple(min(8, (high - low) // 2) for low, high in (span(a, axis), span(b, axis)))
                if begin < end and min(reach) >= 4:
                    noise = root_mean_square(v, a, c), root_mean_square(v, b, c)
                    yield Seam(number, span(b, axis)[0], noise, begin, end, reach)


def crop(plane, box, shift):
    (t0, t1), *spatial = box
    return plane[(slice(t0, t1), *(slice(a >> s, -(-b >> s)) for (a, b), s in zip(spatial, shift, strict=True)))]


def assert_regions_are_crops(data, v, whole, rgb=None):
    """A random region, often a thin one, of all planes and as RGB."""
    box = []
    for size in (len(v), *v.opened().shape_of(v.opened().default())[1:3]):
        low = data.draw(st.integers(0, size - 1))
        length = data.draw(st.integers(1, 20) | st.integers(1, size))
        box.append((low, min(low + length, size)))
    region = tuple(slice(*axis) for axis in box)
    for c, plane in enumerate(v.read_planes(region, seams=True)):
        np.testing.assert_array_equal(plane, crop(whole[c], box, shifts(v, c)))
    if rgb is not None:
        np.testing.assert_array_equal(v.read(region, seams=True), rgb[region])
