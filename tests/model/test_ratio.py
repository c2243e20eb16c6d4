"""Fractions that users get: formatted on every Python, and fractions in all else."""

import copy
import io
import pickle
from fractions import Fraction

import numpy as np
import pytest

import stfrag
from stfrag.model.ratio import Ratio


def test_formats_of_a_rate_that_a_reader_gives():
    file = io.BytesIO()
    stfrag.save(file, np.zeros((4, 16, 16), np.uint8), fps="30000/1001")
    with stfrag.open(file) as v:
        assert f"{v.fps:.2f} {v.fps:6.1f}|{v.fps:.3e}|{v.fps:g}" == "29.97   30.0|2.997e+01|29.97"
        assert (f"{v.fps}", f"{v.fps:>11}", str(v.fps)) == ("30000/1001", " 30000/1001", "30000/1001")
        assert f"{v.time_base:.6f}" == "0.033367"
        assert v.fps == Fraction(30000, 1001)
        assert v.fps * v.time_base == 1


def test_the_mean_rate_of_frame_times_formats_too():
    file = io.BytesIO()
    with stfrag.create(file, pixel_format="gray", time_base=Fraction(1, 1000)) as w:
        w.append(np.zeros((3, 16, 16), np.uint8), pts=[0, 40, 100], durations=[40, 60, 40])
    with stfrag.open(file) as v:
        assert f"{v.fps:.3f}" == "21.429"


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_copies(again):
    one = again(Ratio(30000, 1001))
    assert type(one) is Ratio
    assert one == Ratio(30000, 1001)
    assert f"{one:.2f}" == "29.97"


def test_a_fraction_in_all_else():
    one = Ratio(25, 2)
    assert isinstance(one, Fraction)
    assert repr(one) == "Fraction(25, 2)"
    assert hash(one) == hash(Fraction(25, 2))
    assert {Fraction(25, 2): "found"}[one] == "found"
    assert type(one + 1) is Fraction
    assert (one > 12, int(one), round(one), float(one)) == (True, 12, 12, 12.5)
    with pytest.raises(ValueError, match="format"):
        format(one, "d")
