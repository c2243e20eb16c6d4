"""Transforms: the exact arithmetic they promise, round trips, closeness to the real DCT, refusals."""

import itertools
import math

import numpy as np
import pytest
import scipy.fft
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st

from stfrag import transform

SIZES = transform.SIZES
BLOCKS = [
    *itertools.product(SIZES),
    *itertools.product(SIZES, repeat=2),
    (4, 8, 8),
    (8, 8, 4),
    (16, 4, 32),
    (4, 4, 4),
    (8, 8, 8),
    (16, 16, 16),
    (32, 32, 32),
]


def by_definition(x, axes, scale_bits=0, inverse=False):
    """Matrix products in Python's own integers, rounded and saturated axis by axis."""
    axes = sorted(a % x.ndim for a in axes)
    x = x.astype(object)
    for axis in axes if inverse else reversed(axes):
        m, shift = transform.dct_matrix(x.shape[axis])
        m = m.astype(object)
        if axis == axes[-1]:
            shift += scale_bits if inverse else -scale_bits
        x = np.moveaxis(np.tensordot(m.T if inverse else m, x, (1, axis)), 0, axis)
        x = np.vectorize(lambda v, s=shift: min(max((v + (1 << s - 1)) >> s, -(2**31)), 2**31 - 1), otypes=[object])(
            x
        )
    return x.astype(np.int64)


@st.composite
def batches(draw):
    ndim = draw(st.integers(1, 3))
    block = draw(st.tuples(*[st.sampled_from(SIZES[:3] if ndim == 3 else SIZES)] * ndim))
    batch = draw(st.lists(st.integers(0, 3), max_size=2))
    shape = [*batch, *block]
    axes = list(range(len(batch), len(shape)))
    order = draw(st.permutations(range(len(shape))))
    magnitude = draw(st.sampled_from([1, 255, 32767, 32768, 65535, 2**20, 2**26, 2**31 - 1]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    if draw(st.booleans()):
        x = rng.integers(-magnitude - 1, magnitude + 1, shape)
    else:
        x = rng.choice([-magnitude - 1, magnitude], shape)
    x = x.transpose(order)
    if draw(st.booleans()):
        x = x[..., ::-1]
    return x, [order.index(a) for a in axes]


@settings(max_examples=60, deadline=None)
@given(batches(), st.integers(0, 8))
def test_is_the_definition(batch, scale_bits):
    x, axes = batch
    for inverse, f in ((False, transform.dct), (True, transform.idct)):
        y = f(x, axes, scale_bits=scale_bits)
        assert y.dtype == np.int32
        assert y.flags.c_contiguous
        np.testing.assert_array_equal(y, by_definition(x, axes, scale_bits, inverse))


@pytest.mark.parametrize("size", SIZES)
def test_matrix(size):
    m, shift = transform.dct_matrix(size)
    assert not m.flags.writeable
    exact = scipy.fft.dct(np.eye(size), axis=0, norm="ortho")
    limits = {4: (1.4e-4, 4e-6), 8: (2.3e-4, 1.6e-4), 16: (1.3e-3, 1.7e-4), 32: (1.5e-3, 4.3e-4)}[size]
    approximate = m / 2.0**shift
    assert np.linalg.norm(approximate - exact, 2) < limits[0]
    assert abs(approximate.T @ approximate - np.eye(size)).sum(1).max() < limits[1]


@pytest.mark.parametrize("block", BLOCKS)
def test_round_trip(block):
    rng = np.random.default_rng(1)
    n = max(1, 65536 // math.prod(block))
    axes = tuple(range(1, len(block) + 1))
    for magnitude, scale_bits in itertools.product((255, 4095, 65535), (0, 3, 6)):
        x = rng.integers(-magnitude, magnitude + 1, (n, *block), np.int32)
        x[: n // 2] = rng.choice([-magnitude, magnitude], x[: n // 2].shape)
        x[0] = magnitude
        error = abs(transform.idct(transform.dct(x, axes, scale_bits=scale_bits), axes, scale_bits=scale_bits) - x)
        assert error.max() <= transform.round_trip_bound(block, magnitude, scale_bits=scale_bits)
        if magnitude == 255:  # what is usual, not only what is possible
            assert error.max() <= (4 if scale_bits == 0 else 1 if scale_bits == 3 else 0)


@pytest.mark.parametrize("block", [(8, 8), (32, 32), (4, 8, 16)])
def test_close_to_the_dct(block):
    x = np.random.default_rng(2).integers(-255, 256, (20, *block))
    axes = tuple(range(1, x.ndim))
    exact = scipy.fft.dctn(x, axes=axes, norm="ortho")
    assert abs(transform.dct(x, axes) - exact).max() < 1.5 + 2e-3 * np.sqrt((x**2).sum(axes)).max()
    assert abs(transform.dct(x, axes, scale_bits=7) / 128 - exact).max() < 2e-3 * np.sqrt((x**2).sum(axes)).max()


def test_saturates():
    x = np.full((32, 32), 2**31 - 1)
    assert transform.dct(x)[0, 0] == 2**31 - 1
    assert transform.dct(-x - 1)[0, 0] == -(2**31)


@pytest.mark.parametrize("block", BLOCKS)
def test_hadamard(block):
    rng = np.random.default_rng(3)
    axes = tuple(range(1, len(block) + 1))
    x = rng.integers(-65535, 65536, (3, *block))
    x[1] = 65535
    y = transform.hadamard(x, axes)
    expected = x
    for axis in axes:
        expected = np.moveaxis(np.tensordot(scipy.linalg.hadamard(x.shape[axis]), expected, (1, axis)), 0, axis)
    np.testing.assert_array_equal(y, expected)
    np.testing.assert_array_equal(transform.ihadamard(y, axes), x)
    z = transform.hadamard(x, axes, order="sequency")
    np.testing.assert_array_equal(transform.ihadamard(z, axes, order="sequency"), x)


@pytest.mark.parametrize("size", SIZES)
def test_sequency(size):
    rows = transform.hadamard(np.eye(size, dtype=int), 0, order="sequency")
    assert [int((np.diff(row) != 0).sum()) for row in rows] == list(range(size))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16])
@pytest.mark.parametrize("size", [(4, 4), (8, 8), (4, 16), (32, 32), (4, 8, 8), (8, 4, 4)])
def test_satd(dtype, size):
    rng = np.random.default_rng(4)
    info = np.iinfo(dtype)
    a, b = rng.integers(info.min, info.max + 1, (2, 8, 64, 96), dtype)
    a[0] = info.max
    b[0] = info.min
    t = size[0] if len(size) == 3 else 1
    y, x = size[-2:]
    d = (a.astype(int) - b).reshape(8 // t, t, 64 // y, y, 96 // x, x).transpose(0, 2, 4, 1, 3, 5)
    axes = (-3, -2, -1) if t > 1 else (-2, -1)
    expected = abs(transform.hadamard(d, axes).astype(int)).sum((-3, -2, -1)) / math.sqrt(math.prod(size))
    np.testing.assert_array_equal(transform.satd(a, b, size, per_block=True), expected)
    assert transform.satd(a, b, size) == pytest.approx(expected.sum())
    # Any strides.
    pairs = np.stack([a, b], -1)[:, :, ::-1]
    np.testing.assert_array_equal(
        transform.satd(pairs[..., 0], pairs[..., 1], size, per_block=True),
        transform.satd(a[:, :, ::-1], b[:, :, ::-1], size, per_block=True),
    )


def test_satd_leading_axes():
    a, b = np.random.default_rng(5).integers(0, 256, (2, 3, 2, 8, 16, 16), np.uint8)
    per_block = transform.satd(a, b, (4, 8, 8), per_block=True)
    assert per_block.shape == (3, 2, 2, 2, 2)
    assert per_block[1, 0, 1, 0, 1] == transform.satd(a[1, 0, 4:, :8, 8:], b[1, 0, 4:, :8, 8:], (4, 8, 8))
    assert transform.satd(a[:0], b[:0]) == 0


X = np.zeros((8, 8), np.int32)


@pytest.mark.parametrize(
    ("error", "match", "call"),
    [
        (ValueError, "4, 8, 16, 32", lambda: transform.dct(np.zeros((8, 12), int))),
        (ValueError, "twice", lambda: transform.dct(X, (0, -2))),
        (ValueError, "2 dimensions", lambda: transform.dct(X, 2)),
        (ValueError, "one to three", lambda: transform.dct(np.zeros((4, 4, 4, 4), int), (0, 1, 2, 3))),
        (ValueError, "one to three", lambda: transform.idct(X, ())),
        (ValueError, "0 to 8", lambda: transform.dct(X, scale_bits=9)),
        (ValueError, "fit int32", lambda: transform.dct(X.astype(np.int64) + 2**31)),
        (TypeError, "round to integers", lambda: transform.dct(X * 1.0)),
        (ValueError, "overflow", lambda: transform.hadamard(X + 2**25)),
        (ValueError, "'sequency'", lambda: transform.hadamard(X, order="walsh")),
        (ValueError, "4, 8, 16, 32", lambda: transform.dct_matrix(64)),
        (ValueError, "4, 8, 16, 32", lambda: transform.satd(X.astype("u1"), X.astype("u1"), (5, 5))),
        (ValueError, "pad", lambda: transform.satd(X.astype("u1"), X.astype("u1"), (16, 16))),
        (ValueError, "pad", lambda: transform.satd(X.astype("u1"), X.astype("u1"), (4, 8, 8))),
        (ValueError, "same", lambda: transform.satd(X.astype("u1"), X[:4].astype("u1"))),
        (TypeError, "convert", lambda: transform.satd(X, X)),
        (TypeError, "convert", lambda: transform.satd(X.astype("u1"), X.astype("u2"))),
    ],
)
def test_refusals(error, match, call):
    with pytest.raises(error, match=match):
        call()
