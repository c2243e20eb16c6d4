"""The arithmetic of targets: curves of size and error, and the allocation at equal slope."""

from __future__ import annotations

import io
import itertools

import numpy as np
import pytest

import stfrag
from stfrag import rates
from stfrag.allocation.aims import Errors, QualityAim, RateAim
from stfrag.allocation.allocate import equal_slope, single_moves
from stfrag.allocation.curves import UNKNOWN, Curves


def random_curves(n, seed):
    rng = np.random.default_rng(seed)
    curves = Curves(n, 1)
    steps = np.arange(60, 160, 10)
    size = rng.uniform(200, 2000, n)[:, None] * 2.0 ** (-rng.uniform(0.02, 0.08, n)[:, None] * (steps - 60))
    sse = rng.uniform(1e3, 1e5, n)[:, None] * 2.0 ** (rng.uniform(0.02, 0.06, n)[:, None] * (steps - 60))
    for i, step in enumerate(steps):
        curves.add(np.full(n, step), size[:, i], sse[:, i, None])
    return curves


@pytest.mark.parametrize("seed", range(4))
def test_no_other_quantizers_are_better(seed):
    """Of all that cost no more bytes none has fewer errors: that is what equal slope means."""
    curves, weights = random_curves(3, seed), np.array([1.0, 2.0, 0.5])
    around = np.full(3, 100)
    total = curves.totals(around)[0]
    q = equal_slope(curves, around, weights, np.ones(1), RateAim(total, 0).error)
    choices = np.arange(84, 117)
    size, cost = (
        np.stack([part[:, 0] for part in column], 1)
        for column in zip(
            *(
                (s, (d[:, :, 0] * weights[:, None]))
                for s, d in (curves.at(np.full((3, 1), step)) for step in choices)
            ),
            strict=True,
        )
    )
    chosen = q - choices[0]
    mine = size[range(3), chosen].sum(), cost[range(3), chosen].sum()
    assert mine[0] == pytest.approx(total, rel=0.05)
    for other in itertools.product(range(len(choices)), repeat=3):
        if size[range(3), other].sum() <= mine[0]:
            assert cost[range(3), other].sum() >= mine[1] * (1 - 1e-9)


def test_moves_come_nearer():
    curves = random_curves(40, 9)
    aim = RateAim(curves.totals(np.full(40, 101))[0] * 1.013, 0)
    q = np.full(40, 101)
    moved = single_moves(curves, q, np.ones(40), np.ones(1), aim.error)
    assert abs(aim.error(*curves.totals(moved))) < 0.001 < abs(aim.error(*curves.totals(q)))
    assert (moved != q).sum() < 40


def test_curves():
    curves = Curves(2, 1)
    curves.add(np.array([100, 100]), np.array([1000, 500]), np.array([[10], [0]]))
    curves.add(np.array([108, UNKNOWN]), np.array([250, 0]), np.array([[40], [0]]))
    size, sse = curves.at(np.array([[100, 104, 108, 116], [100, 92, 108, 100]]))
    np.testing.assert_allclose(size[0, :3], [1000, 500, 250])
    np.testing.assert_allclose(sse[0, [0, 2], 0], [10, 40])
    assert size[0, 3] < 250
    assert size[1, 1] > size[1, 0] == 500 > size[1, 2]
    assert sse[1, 0, 0] == 0
    assert curves.column(np.array([108, 100])).tolist() == [1, 0]
    assert curves.column(np.array([104, 108])).tolist() == [UNKNOWN, UNKNOWN]
    assert curves.nearest(np.array([105, 105])).tolist() == [3, 5]


def test_psnr_is_that_of_info(video):
    data = io.BytesIO()
    stfrag.from_video(video, data, codec="stf", qp=30)
    with stfrag.open(data.getvalue()) as v:
        index = v.index
        samples = rates.samples(index, 3, "420").sum(0).astype(float)
        errors = Errors(samples, 8, True)
        assert errors.psnr(index.sse.sum(0)) == pytest.approx(v.info()["psnr"]["overall"], abs=1e-9)
    assert QualityAim(30, errors).value(0, np.array([0, 100, 100])) == pytest.approx(
        10 * np.log10(255**2 * samples[1] / 100)
    )
    assert np.isinf(errors.psnr(np.zeros(3)))
