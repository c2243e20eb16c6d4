"""Metrics against NumPy, scikit-image, SciPy and the figures of the bjontegaard package."""

import doctest
import math

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from scipy.interpolate import Akima1DInterpolator, PchipInterpolator
from scipy.ndimage import correlate1d
from skimage.metrics import structural_similarity

from stfrag import _bjontegaard, metrics


def noisy(shape, peak, dtype, seed=0, strength=0.03):
    """A picture with edges, slopes and texture, and a damaged copy."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: shape[-2], : shape[-1]]
    a = 0.5 + 0.25 * np.sin(x / 9) * np.cos(y / 13) + 0.2 * ((x // 16 + y // 24) % 2)
    a = a + rng.normal(0, 0.02, shape)
    b = a * 0.97 + rng.normal(0, strength, shape)
    return [np.clip(np.rint(v * peak), 0, peak).astype(dtype) for v in (a, b)]


# ---------------------------------------------------------------------------------------------------- squared errors


@settings(max_examples=50, deadline=None)
@given(
    st.sampled_from(["u1", "u2", "i1", "i2", ">u2", "?"]),
    st.integers(0, 2**32 - 1),
    st.tuples(st.integers(1, 4), st.integers(1, 40), st.integers(1, 70), st.integers(1, 4)),
    st.data(),
)
def test_squared_errors(dtype, seed, shape, data):
    rng = np.random.default_rng(seed)
    high = 2 if dtype == "?" else 2 ** (8 * np.dtype(dtype).itemsize)
    extremes = data.draw(st.booleans())
    numbers = rng.choice([0, high - 1], (2, *shape)) if extremes else rng.integers(0, high, (2, *shape))
    a, b = numbers.astype("u2" if dtype[-1] == "2" else "u1").view(dtype.replace(">", "")).astype(dtype)
    step = data.draw(st.sampled_from([1, -1, 2]))
    a, b = a[:, ::-1, ::step], b[:, ::-1, ::step]
    squares = (a.astype(np.int64) - b.astype(np.int64)) ** 2
    assert metrics.sse(a, b) == squares.sum()
    np.testing.assert_array_equal(metrics.sse(a, b, per="plane"), squares.sum((0, 1, 2)))
    np.testing.assert_array_equal(metrics.sse(a, b, per="frame"), squares.sum((1, 2, 3)))
    np.testing.assert_array_equal(metrics.sse(a, b, per="both"), squares.sum((1, 2)))
    np.testing.assert_allclose(metrics.mse(a, b, per="both"), squares.mean((1, 2)))
    planes = [tuple(np.moveaxis(v, 3, 0)) for v in (a, b)]
    assert metrics.sse(*planes) == squares.sum()
    assert metrics.mse(*planes) == pytest.approx(squares.mean())


def test_long_rows_do_not_overflow():
    a = np.zeros((1, 2, 65535), np.uint8)
    assert metrics.sse(a, ~a) == 2 * 65535 * 255**2
    a = np.zeros((1, 2, 65535), np.uint16)
    assert metrics.sse(a, ~a) == 2 * 65535**3


def test_unaligned():
    raw = np.arange(2 * 8 * 8 + 1, dtype=np.uint8)
    a = raw[1:].view(np.uint16).reshape(1, 8, 8)
    assert metrics.sse(a, np.zeros_like(a)) == (a.astype(np.int64) ** 2).sum()


def test_psnr():
    y, v = noisy((3, 40, 60), 1023, np.uint16)
    u, w = noisy((3, 20, 30), 1023, np.uint16, 1)
    a, b = (y, u, u), (v, w, u)

    def expected(*pairs):
        errors = np.concatenate([(p.astype(float) - q).ravel() for p, q in pairs])
        return 10 * math.log10(1023**2 / np.mean(errors**2))

    assert metrics.psnr(y, v, bits=10) == pytest.approx(expected((y, v)))
    assert metrics.psnr(y, v, data_range=1023) == metrics.psnr(y, v, bits=10)
    assert metrics.psnr(y, v) == pytest.approx(expected((y, v)) + 20 * math.log10(65535 / 1023))
    assert metrics.psnr(a, b, bits=10) == pytest.approx(expected((y, v), (u, w), (u, u)))
    per_plane = metrics.psnr(a, b, bits=10, per="plane")
    np.testing.assert_allclose(per_plane, [expected((y, v)), expected((u, w)), math.inf])
    np.testing.assert_allclose(
        metrics.psnr(a, b, bits=10, per="frame"),
        [expected((y[i], v[i]), (u[i], w[i]), (u[i], u[i])) for i in range(3)],
    )
    assert metrics.psnr(a, b, bits=10, per="both").shape == (3, 3)
    assert metrics.psnr(a, b, bits=10, weights="6:1:1") == math.inf
    assert metrics.psnr((y, u, u), (v, w, w), bits=10, weights="6:1:1") == pytest.approx(
        (6 * expected((y, v)) + 2 * expected((u, w))) / 8
    )
    by_frame = metrics.psnr((y, u, u), (v, w, w), bits=10, weights=[3, 1, 0], per="frame")
    np.testing.assert_allclose(
        by_frame, [(3 * expected((y[i], v[i])) + expected((u[i], w[i]))) / 4 for i in range(3)]
    )


# -------------------------------------------------------------------------------------------------------- similarity


@pytest.mark.parametrize(("dtype", "peak"), [("u1", 255), ("u2", 1023), ("u2", 65535)])
@pytest.mark.parametrize("shape", [(11, 11), (12, 60), (75, 64), (33, 107)])
@pytest.mark.parametrize("strength", [0.003, 0.05, 0.5])
def test_ssim_is_scikit_image(dtype, peak, shape, strength):
    a, b = noisy(shape, peak, dtype, strength=strength)
    expected = structural_similarity(
        a, b, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=peak
    )
    assert metrics.ssim(a, b, data_range=peak) == pytest.approx(expected, abs=1e-6)


def test_ssim_of_bright_small_ranges():
    """Large values and a small range: variances are small differences of large numbers."""
    rng = np.random.default_rng(0)
    a = rng.integers(61000, 61400, (64, 64), np.uint16)
    b = a + rng.integers(0, 200, a.shape, np.uint16)
    expected = structural_similarity(
        a, b, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=400
    )
    assert metrics.ssim(a, b, data_range=400) == pytest.approx(expected, abs=1e-4)


def reference_ms_ssim(a, b, peak):
    """One picture, in double precision."""
    window = np.exp(-(np.arange(-5, 6) ** 2) / 4.5)
    window /= window.sum()

    def smooth(v):
        return correlate1d(correlate1d(v, window, 0), window, 1)[5:-5, 5:-5]

    a, b = a.astype(float), b.astype(float)
    c1, c2 = (0.01 * peak) ** 2, (0.03 * peak) ** 2
    result = 1.0
    for scale, weight in enumerate(metrics.MS_SSIM_WEIGHTS):
        ma, mb = smooth(a), smooth(b)
        cs = (2 * (smooth(a * b) - ma * mb) + c2) / (smooth(a * a) - ma**2 + smooth(b * b) - mb**2 + c2)
        if scale == 4:
            cs *= (2 * ma * mb + c1) / (ma**2 + mb**2 + c1)
        result *= max(cs.mean(), 0) ** weight
        h, w = a.shape[0] // 2, a.shape[1] // 2
        a, b = (v[: 2 * h, : 2 * w].reshape(h, 2, w, 2).mean((1, 3)) for v in (a, b))
    return result


@pytest.mark.parametrize(("dtype", "peak"), [("u1", 255), ("u2", 4095)])
@pytest.mark.parametrize("shape", [(176, 176), (203, 250)])
def test_ms_ssim(dtype, peak, shape):
    a, b = noisy((2, *shape), peak, dtype, strength=0.1)
    expected = [reference_ms_ssim(p, q, peak) for p, q in zip(a, b, strict=True)]
    np.testing.assert_allclose(metrics.ms_ssim(a, b, data_range=peak, per="frame"), expected, atol=1e-6)
    assert metrics.ms_ssim(a, b, data_range=peak) == pytest.approx(np.mean(expected), abs=1e-6)
    assert metrics.ms_ssim(a, (peak - a).astype(dtype), data_range=peak) == 0


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["u1", "u2", "?"]), st.integers(11, 40), st.integers(11, 60))
def test_ssim_properties(seed, dtype, h, w):
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, 2 if dtype == "?" else np.iinfo(dtype).max + 1, (2, 3, h, w, 2)).astype(dtype)
    assert metrics.ssim(a, a) == 1
    both = metrics.ssim(a, b, per="both")
    assert both.shape == (3, 2)
    assert (abs(both) <= 1).all()
    np.testing.assert_allclose(metrics.ssim(b, a, per="both"), both, atol=1e-6)
    np.testing.assert_allclose(metrics.ssim(a, b, per="plane"), both.mean(0))
    np.testing.assert_allclose(metrics.ssim(a, b, per="frame"), both.mean(1))
    assert metrics.ssim(a, b) == pytest.approx(both.mean())
    assert metrics.ssim(a, b, weights=[3, 1]) == pytest.approx((both @ [0.75, 0.25]).mean())
    # Strides change nothing.
    np.testing.assert_array_equal(metrics.ssim(np.ascontiguousarray(a[..., 1]), b[..., 1], per="frame"), both[:, 1])


A = np.zeros((2, 16, 16), np.uint8)


@pytest.mark.parametrize(
    ("error", "match", "call"),
    [
        (TypeError, "a is uint8 and b is uint16", lambda: metrics.psnr(A, A.astype("u2"))),
        (TypeError, "round and convert", lambda: metrics.mse(A * 1.0, A * 1.0)),
        (TypeError, "int32", lambda: metrics.mse(A.astype("i4"), A.astype("i4"))),
        (TypeError, "one dtype", lambda: metrics.mse((A, A.astype("u2")), (A, A))),
        (TypeError, "offset", lambda: metrics.ssim(A.view("i1"), A.view("i1"))),
        (ValueError, "must be the same", lambda: metrics.sse(A, A[:1])),
        (ValueError, "must be the same", lambda: metrics.sse((A, A), (A,))),
        (ValueError, "T×H×W×C", lambda: metrics.sse(A[0, 0], A[0, 0])),
        (ValueError, "h×w or T×h×w", lambda: metrics.sse((A[0, 0],), (A[0, 0],))),
        (ValueError, "h×w or T×h×w", lambda: metrics.sse((), ())),
        (ValueError, "as many", lambda: metrics.sse((A, A[:1]), (A, A[:1]))),
        (ValueError, "no samples", lambda: metrics.sse(A[:0], A[:0])),
        (ValueError, "'both'", lambda: metrics.sse(A, A, per="row")),
        (ValueError, "not both", lambda: metrics.psnr(A, A, bits=8, data_range=255)),
        (ValueError, "1 to 8", lambda: metrics.psnr(A, A, bits=10)),
        (ValueError, "above 0", lambda: metrics.psnr(A, A, data_range=0)),
        (ValueError, "1 planes", lambda: metrics.psnr(A, A, weights="6:1:1")),
        (ValueError, "not negative", lambda: metrics.ssim((A, A), (A, A), weights=[1, -1])),
        (ValueError, "one of them", lambda: metrics.psnr((A, A), (A, A), weights=[1, 1], per="plane")),
        (ValueError, "11×11", lambda: metrics.ssim(A[:, :10], A[:, :10])),
        (ValueError, "176×176", lambda: metrics.ms_ssim(A, A)),
    ],
)
def test_refusals(error, match, call):
    with pytest.raises(error, match=match):
        call()


# ------------------------------------------------------------------------------------------------------------ BD-rate

CURVES = {
    "close": (
        [1520.3, 811.7, 430.2, 239.8],
        [41.92, 38.87, 35.71, 32.68],
        [1391.5, 744.4, 401.3, 224.6],
        [41.75, 38.81, 35.79, 32.83],
    ),
    "five points": (
        [95.1, 170.4, 322.9, 640.2, 1302.5],
        [28.31, 30.92, 33.75, 36.52, 39.44],
        [101.3, 188.8, 340.0, 655.9, 1222.2],
        [29.66, 32.40, 34.88, 37.59, 39.97],
    ),
    "uneven": ([10, 20, 40, 80], [30, 31, 35, 36], [12, 18, 50, 100], [30.5, 31.2, 34, 37]),
}


@pytest.mark.parametrize(
    ("name", "method", "rate", "quality"),
    [  # as the package bjontegaard 1.3.0 has them
        ("close", "akima", -7.531194151729825, 0.3882884971407289),
        ("close", "pchip", -7.531051507551789, 0.3882661543812638),
        ("five points", "akima", -20.515737924792788, 0.9646398662053333),
        ("five points", "pchip", -20.522702591289487, 0.9648403261411886),
        ("uneven", "akima", 21.653962474674728, -0.5584041495964386),
        ("uneven", "pchip", 21.784110564510396, -0.5528761355401667),
    ],
)
def test_bjontegaard_figures(name, method, rate, quality):
    assert metrics.bd_rate(*CURVES[name], method) == pytest.approx(rate, rel=1e-10)
    assert metrics.bd_psnr(*CURVES[name], method) == pytest.approx(quality, rel=1e-10)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0.01, 10), st.floats(-5, 20).map(lambda step: round(step, 6))), min_size=4, max_size=9
    ),
    st.floats(0, 1),
    st.floats(0, 1),
)
@example([(1.850705588717335, 0.0), (1.0, 0.0), (1.6190348606036542, 1.0), (6.0, 0.0)], 0.0, 1.0)
def test_interpolation_is_scipys(steps, low, high):
    x = np.cumsum([s[0] for s in steps])  # and steps in y that are 0 or not tiny: SciPy divides by them
    y = np.cumsum([s[1] for s in steps])
    # Rounding must not lead past the last point, where SciPy's answer is NaN.
    low, high = sorted(np.minimum(x[0] + (x[-1] - x[0]) * np.array([low, high]), x[-1]))
    changes = abs(np.diff(np.diff(y) / np.diff(x)))
    for slopes, scipy_kind in ((_bjontegaard._akima, Akima1DInterpolator), (_bjontegaard._pchip, PchipInterpolator)):
        if scipy_kind is Akima1DInterpolator:  # near-collinear points are decided by rounding
            assume((changes > 1e-6 * changes.max()).all() and changes.max() > 0)
        expected = float(scipy_kind(x, y).integrate(low, high))
        scale = 1e-9 * (1 + abs(y).max()) * (x[-1] - x[0])
        assert _bjontegaard._integral(x, y, slopes(x, y), low, high) == pytest.approx(expected, rel=1e-9, abs=scale)


def test_bd_is_relative_and_unordered():
    rate, quality = np.array([100, 210, 390, 850]), np.array([30, 33, 36.5, 38.0])
    order = [2, 0, 3, 1]
    for method in ("akima", "pchip"):
        assert metrics.bd_rate(rate, quality, rate * 1.25, quality, method) == pytest.approx(25)
        assert metrics.bd_rate(rate[order], quality[order], rate * 1.25, quality, method) == pytest.approx(25)
        assert metrics.bd_psnr(rate, quality, rate, quality - 0.7, method) == pytest.approx(-0.7)
        assert metrics.bd_rate(rate, quality, rate, quality, method) == 0


def test_bd_warns():
    rate, quality = np.array([100, 200, 400, 800]), np.array([30, 33, 36, 39.0])
    with pytest.warns(RuntimeWarning, match="no qualities in common"):
        assert math.isnan(metrics.bd_rate(rate, quality, rate, quality + 9))
    with pytest.warns(RuntimeWarning, match="no rates in common"):
        assert math.isnan(metrics.bd_psnr(rate, quality, rate * 100, quality))
    with pytest.warns(RuntimeWarning, match="29% of their qualities"):
        assert metrics.bd_rate(rate, quality, rate, quality + 5) < 0
    assert metrics.bd_rate(rate, quality, rate, quality + 5, min_overlap=0.25) < 0
    with pytest.warns(RuntimeWarning, match="rate_b falls while psnr_b rises"):
        metrics.bd_rate(rate, quality, [100, 250, 240, 800], quality)


@pytest.mark.parametrize(
    ("match", "rate", "quality", "method"),
    [
        ("at least 4", [1, 2, 3], [1, 2, 3], "akima"),
        ("same length", [1, 2, 3, 4], [1, 2, 3], "akima"),
        ("above 0", [0, 2, 3, 4], [1, 2, 3, 4], "akima"),
        ("finite", [1, 2, 3, 4], [1, 2, 3, math.inf], "akima"),
        ("twice", [1, 2, 3, 4], [1, 2, 2, 4], "akima"),
        ("'pchip'", [1, 2, 3, 4], [1, 2, 3, 4], "cubic"),
    ],
)
def test_bd_refusals(match, rate, quality, method):
    with pytest.raises(ValueError, match=match):
        metrics.bd_rate(rate, quality, rate, quality, method)


def test_bd_examples():
    results = doctest.testmod(_bjontegaard)
    assert results.attempted >= 4
    assert results.failed == 0
