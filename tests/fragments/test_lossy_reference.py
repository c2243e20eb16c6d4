"""The lossy profile against a second decoder, which is written from docs/format.md, section 14."""

import numpy as np
import pytest
from reference import lossy_decoder, lossy_random
from support.paths import TESTS
from support.samples import SHIFTS

import stfrag

GOLDEN = sorted((TESTS / "golden" / "fragments").glob("lossy_*.stff"))


def moving(shape, bits=8, dtype="uint8", seed=0):
    """Waves that move at fractions of a sample, a box that moves otherwise, noise."""
    rng = np.random.default_rng(seed)
    t, y, x = np.ogrid[: shape[0], : shape[1], : shape[2]]
    top = (1 << bits) - 1
    value = 0.5 + 0.25 * np.sin((y + 1.3 * t) / 7 + seed) + 0.2 * np.cos((x - 2.6 * t + 0.4 * y) / 5)
    box = (abs(y - shape[1] // 2 + 2 * t) < 9) & (abs(x - shape[2] // 3 - 3 * t) < 7)
    value = np.where(box, 0.9 - value / 2, value) * top
    value = np.clip(np.rint(value + rng.normal(0, top / 80, shape)), 0, top)
    return (value - (1 << (bits - 1) if dtype.startswith("int") else 0)).astype(dtype)


def compare(data, components):
    """`components` is what the library makes of `data`."""
    decoded = lossy_decoder.decode(data)
    assert len(decoded) == len(components)
    for c, (slow, fast) in enumerate(zip(decoded, components, strict=True)):
        assert slow.dtype == fast.dtype
        np.testing.assert_array_equal(slow, fast, f"component {c}")


@pytest.mark.parametrize("effort", [1, 5, 9])
@pytest.mark.parametrize("qp", [3, 22, 34, 47])
def test_420(qp, effort):
    planes = [moving((3, 24, 40)), moving((3, 12, 20), seed=1), moving((3, 12, 20), seed=2)]
    data = stfrag.encode_planes(planes, "420", codec="stf", qp=qp, effort=effort)
    compare(data, stfrag.decode_planes(data))


@pytest.mark.parametrize("effort", [2, 7])
@pytest.mark.parametrize("qp", [0.25, 18.5, 30, 41])
def test_gray_of_10_bits(qp, effort):
    data = stfrag.encode(moving((5, 17, 23), 10, "uint16"), bits=10, codec="stf", qp=qp, effort=effort)
    compare(data, (stfrag.decode(data),))


@pytest.mark.parametrize(("components", "bits", "qp"), [(3, 8, 12), (3, 8, 36), (4, 8, 25), (3, 12, 30), (3, 5, 20)])
def test_rgb(components, bits, qp):
    dtype = "uint8" if bits <= 8 else "uint16"
    array = np.stack([moving((3, 33, 29), bits, dtype, c) for c in range(components)], axis=-1)
    data = stfrag.encode(array, bits=bits, codec="stf", qp=qp, effort=6)
    compare(data, [stfrag.decode(data)[..., c] for c in range(components)])


@pytest.mark.parametrize(
    ("subsampling", "alpha", "dtype", "bits"),
    [("444", False, "int8", 8), ("422", True, "uint16", 12), ("440", False, "int16", 11), ("420", True, "uint8", 3)],
)
def test_kinds(subsampling, alpha, dtype, bits):
    sx, sy = SHIFTS[subsampling]
    sizes = [(39, 70), (-(-39 >> sy), -(-70 >> sx)), (-(-39 >> sy), -(-70 >> sx)), (39, 70)][: 3 + alpha]
    planes = [moving((4, *size), bits, dtype, c) for c, size in enumerate(sizes)]
    data = stfrag.encode_planes(planes, subsampling, bits=bits, codec="stf", qp=28, effort=8)
    compare(data, stfrag.decode_planes(data))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_golden(path):
    data = path.read_bytes()
    compare(data, stfrag.decode_planes(data))


def test_coarsest_quantiser():
    """Chroma with an edge that even the largest steps leave: its quantiser ends where the scale does."""
    edge = np.zeros((3, 32, 32), np.uint8)
    edge[:, :, 16:] = 255
    planes = [moving((3, 64, 64)), edge, edge]
    data = stfrag.encode_planes(planes, "420", codec="stf", qp=63.75, effort=5)
    compare(data, stfrag.decode_planes(data))


def test_longer_and_larger():
    """More than one superblock, five levels of frames."""
    planes = [moving((11, 72, 132)), moving((11, 36, 66), seed=1), moving((11, 36, 66), seed=2)]
    data = stfrag.encode_planes(planes, "420", codec="stf", qp=31, effort=5)
    compare(data, stfrag.decode_planes(data))


@pytest.mark.parametrize(("qp", "aq"), [(8, 0.5), (26, 1), (37, 4), (63, 4)])
def test_quantisers_by_group(qp, aq):
    """Half of the picture flat, half of it busy, at a quantiser in the middle and near the ends of the scale."""
    planes = [
        moving((3, *size), seed=c) // (1 + 3 * (np.arange(size[1]) > size[1] // 2)).astype(np.uint8)
        for c, size in enumerate(((70, 136), (35, 68), (35, 68)))
    ]
    data = stfrag.encode_planes(planes, "420", codec="stf", qp=qp, codec_options={"aq": aq})
    compare(data, stfrag.decode_planes(data))


def test_fades(monkeypatch):
    """References are scaled before they are predicted from, of luma and of chroma."""
    scalings = []

    class Section(lossy_decoder.Section):
        def scaling(self):
            scalings.append(super().scaling())
            return scalings[-1]

    still = [moving((1, *size), seed=c) for c, size in enumerate(((56, 72), (28, 36), (28, 36)))]
    bright = np.linspace(1, 0.25, 5)[:, None, None]
    planes = [np.rint(16 + (plane * 0.9 - 16) * bright).astype(np.uint8) for plane in still]
    data = stfrag.encode_planes(planes, "420", codec="stf", qp=24, effort=5)
    monkeypatch.setattr(lossy_decoder.Fragment.pictures, "__defaults__", (Section,))
    compare(data, stfrag.decode_planes(data))
    assert any(weight < 200 for weight, _ in scalings), scalings


def test_chroma_that_no_offset_reaches():
    """Chroma of 12 bits whose deviation grows about a mean far up, while luma fades in."""
    luma = np.rint(moving((1, 64, 96), 12, "uint16") * np.array([0.25, 0.6, 1])[:, None, None]).astype(np.uint16)
    noise = np.random.default_rng(0).normal(0, 1, (2, 1, 32, 48)) * np.array([8, 20, 40])[:, None, None]
    chroma = np.clip(np.rint(3900 + noise), 0, 4095).astype(np.uint16)
    data = stfrag.encode_planes([luma, *chroma], "420", bits=12, codec="stf", qp=10, effort=3)
    compare(data, stfrag.decode_planes(data))


@pytest.mark.parametrize(
    "seed", [*range(12), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(12, 60))]
)
def test_whatever_the_syntax_allows(seed):
    """Fragments of random symbols of every structure, kind and number of bits decode to the same.

    About half of the sections vary their quantiser, scale their references, are filtered.
    """
    rng = np.random.default_rng(seed)
    components, bits = int(rng.integers(1, 5)), int(rng.integers(2, 13))
    sub = tuple(int(v) for v in rng.integers(0, 2, 2)) if components >= 3 else (0, 0)
    t, structure = int(rng.integers(1, 7)), int(rng.integers(4))
    y, x = (int(v) for v in rng.integers(1, 100, 2))
    rgb = components >= 3 and sub == (0, 0) and bool(rng.integers(2))
    least = int(rng.integers(256))
    data, planes = lossy_random.fragment(
        rng,
        t,
        y,
        x,
        components,
        bits,
        sub,
        structure,
        rgb,
        even=float(rng.choice([0, 0.02, 0.1, 0.5, 1])),
        quantisers=(least, min(least + 40, 255)),
    )
    compare(data, stfrag.decode_planes(data))
    for slow, fast in zip(planes, stfrag.decode_planes(data), strict=True):
        np.testing.assert_array_equal(slow, fast)
