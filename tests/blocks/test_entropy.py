"""stfrag.entropy: round trips on any bytes, sizes near the entropy, typed errors for damaged streams."""

import contextlib
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import stfrag
from stfrag import entropy

ENCODERS = [(entropy.rans_encode, entropy.rans_decode), (entropy.range_encode, entropy.range_decode)]


@st.composite
def symbols_and_contexts(draw):
    n = draw(st.integers(0, 700))
    top = draw(st.sampled_from([0, 1, 2, 15, 16, 17, 40, 255]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    symbols = np.minimum.reduce(rng.integers(0, top + 1, (draw(st.integers(1, 6)), n))).astype(np.uint8)
    contexts = rng.integers(0, draw(st.sampled_from([1, 2, 9, 256])), n).astype(np.uint8)
    return symbols, draw(st.sampled_from([None, contexts]))


@settings(max_examples=150, deadline=None)
@given(symbols_and_contexts(), st.integers(0, 32))
def test_round_trip(data, lanes):
    symbols, contexts = data
    coded = entropy.rans_encode(symbols, contexts, lanes=lanes or None)
    assert np.array_equal(entropy.rans_decode(coded, contexts), symbols)
    coded = entropy.range_encode(symbols, contexts)
    assert np.array_equal(entropy.range_decode(coded, contexts), symbols)
    coded = entropy.range_encode(symbols, contexts, alphabet=256)
    assert np.array_equal(entropy.range_decode(coded, contexts), symbols)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes(data):
    for encode, decode in ENCODERS:
        coded = encode(data)
        assert decode(coded).tobytes() == data
        assert encode(data) == coded
        assert decode(bytearray(coded)).tobytes() == data


@settings(max_examples=60, deadline=None)
@given(symbols_and_contexts(), st.integers(1, 32))
def test_given_tables(data, lanes):
    symbols, contexts = data
    which = np.zeros(symbols.size, np.uint8) if contexts is None else contexts
    alphabet = int(symbols.max(initial=0)) + 1
    counts = np.zeros((int(which.max(initial=0)) + 1, alphabet), np.int64)
    np.add.at(counts, (which, symbols), 1)
    tables = entropy.normalize(counts)
    assert (tables.sum(axis=1) == 4096).all()
    assert ((tables > 0) == (counts > 0))[counts.any(axis=1)].all()
    coded = entropy.rans_encode(symbols, contexts, lanes=lanes, tables=tables)
    assert np.array_equal(entropy.rans_decode(coded, contexts, tables=tables), symbols)
    with pytest.raises(ValueError, match="tables"):
        entropy.rans_decode(coded, contexts)


@given(hnp.arrays(np.uint8, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0)))
@settings(max_examples=60, deadline=None)
def test_statistics_against_numpy(symbols):
    counts = entropy.histogram(symbols, minlength=5)
    assert np.array_equal(counts, np.bincount(symbols.reshape(-1), minlength=5))
    p = counts[counts > 0] / max(symbols.size, 1)
    assert entropy.entropy_bits(symbols) == pytest.approx(-symbols.size * (p * np.log2(p)).sum(), abs=1e-9)


def test_sizes_near_the_entropy():
    rng = np.random.default_rng(1)
    contexts = np.repeat(np.arange(4, dtype=np.uint8), 20000)
    symbols = np.minimum(rng.geometric(0.1 + 0.2 * contexts), 60).astype(np.uint8)
    ideal = entropy.entropy_bits(symbols, contexts) / 8
    assert ideal < 0.95 * entropy.entropy_bits(symbols) / 8
    assert len(entropy.rans_encode(symbols, contexts)) < 1.003 * ideal + 200
    assert len(entropy.range_encode(symbols, contexts)) < 1.03 * ideal
    noise = rng.integers(0, 256, 50000).astype(np.uint8)
    assert len(entropy.rans_encode(noise)) < 1.005 * noise.size + 300
    # Alike contexts share a table: labels without meaning cost next to nothing.
    labels = rng.integers(0, 50, symbols.size)
    assert len(entropy.rans_encode(symbols, labels)) < len(entropy.rans_encode(symbols)) + 200


@pytest.mark.parametrize(("encode", "decode"), ENCODERS)
def test_truncated_and_extended(encode, decode):
    symbols = np.minimum(np.random.default_rng(2).geometric(0.2, 900), 30).astype(np.uint8)
    coded = encode(symbols)
    for size in range(len(coded)):
        with pytest.raises(stfrag.StfragError):
            decode(coded[:size])
    for more in (b"\0\0", b"\0" * 100):
        with pytest.raises(stfrag.CorruptFragmentError) as caught:
            decode(coded + more)
        assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@pytest.mark.parametrize(("encode", "decode"), ENCODERS)
def test_mutated(encode, decode):
    rng = np.random.default_rng(3)
    coded = np.frombuffer(encode(np.minimum(rng.geometric(0.3, 400), 30)), np.uint8)
    outcomes = set()
    for _ in range(1500):
        bad = coded.copy()
        bad[rng.integers(0, bad.size, 2)] = rng.integers(0, 256, 2)
        try:
            out = decode(bad.tobytes(), max_symbols=10_000)
            outcomes.add(out.dtype)
        except (stfrag.StfragError, ValueError) as error:
            outcomes.add(type(error))
    assert stfrag.CorruptFragmentError in outcomes


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80))
def test_hostile(data):
    for _, decode in ENCODERS:
        with contextlib.suppress(stfrag.StfragError, ValueError):
            assert decode(data, max_symbols=4096).size <= 4096


def test_huge_claims_are_refused():
    for _, decode in ENCODERS:
        with pytest.raises(stfrag.StfragError, match="max_symbols"):
            decode(b"\xff\xff\xff\xff\xff\xff\xff\xff\x7f\x00\x00")


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: entropy.rans_encode([0.5]), TypeError, "integers"),
        (lambda: entropy.rans_encode([300]), ValueError, "0..255"),
        (lambda: entropy.rans_encode([-1]), ValueError, "0..255"),
        (lambda: entropy.rans_encode([1], lanes=33), ValueError, "lanes"),
        (lambda: entropy.rans_encode([1], lanes=0), ValueError, "lanes"),
        (lambda: entropy.rans_encode([1, 2], [0]), ValueError, "one context for each symbol"),
        (lambda: entropy.rans_encode([2], tables=[4096, 0]), ValueError, "alphabet"),
        (lambda: entropy.rans_encode([1], tables=[4096, 0]), ValueError, "probability 0"),
        (lambda: entropy.rans_encode([0], tables=[4095, 0]), ValueError, "sum to 4095"),
        (lambda: entropy.rans_encode([0], [1], tables=[4096, 0]), ValueError, "no table"),
        (lambda: entropy.range_encode([4], alphabet=4), ValueError, "alphabet"),
        (lambda: entropy.range_encode([4], alphabet=257), ValueError, "alphabet"),
        (lambda: entropy.rans_decode(entropy.rans_encode([1, 2], [0, 1])), ValueError, "with contexts"),
        (lambda: entropy.range_decode(entropy.range_encode([1, 2]), [0, 0]), ValueError, "without contexts"),
        (lambda: entropy.normalize([0.5]), ValueError, "integers"),
        (lambda: entropy.normalize([[-1]]), ValueError, r"0..2\*\*32"),
        (lambda: entropy.histogram("text"), TypeError, "integers"),
    ],
)
def test_bad_arguments(call, error, match):
    with pytest.raises(error, match=match):
        call()
