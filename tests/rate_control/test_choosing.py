"""The native writer with a quantizer of its own for every fragment."""

from __future__ import annotations

import io

import pytest
from support.rates import ARRAY, EFFORT, box, encode

import stfrag
from stfrag.native import store as _store


def test_fragments_may_be_left_out():
    file = io.BytesIO()
    w = _store.NativeWriter(
        file,
        ((0, 8, 1, 0, 0, 0), (96, 128), (8, 48, 64), (0, 0, 0), (0, 0)),
        (0, EFFORT, -1, 0, 255, 0, 0, None),
        choose=lambda n, place: None if n % 3 else 100 + n,
    )
    w.append((0, 8, 1, 0, 0, 0), ARRAY.shape, (ARRAY,))
    w.finish(b"")
    with stfrag.open(file.getvalue()) as v:
        assert v.index.codec.tolist() == ["stf" if n % 3 == 0 else "missing" for n in range(8)]
        assert v.fragment(3) == encode(box(ARRAY, v.index[3]), codec="stf", qp=103 / 4)


def test_who_chooses_may_fail():
    def choose(number, place):
        raise LookupError(f"{number} {tuple(place)}")

    w = _store.NativeWriter(
        io.BytesIO(),
        ((0, 8, 1, 0, 0, 0), (96, 128), (8, 48, 64), (0, 0, 0), (0, 0)),
        (0, 5, -1, 0, 255, 0, 0, None),
        choose=choose,
    )
    with pytest.raises(LookupError, match=r"0 \(0, 8, 0, 48, 0, 64\)"):
        w.append((0, 8, 1, 0, 0, 0), ARRAY.shape, (ARRAY,))
