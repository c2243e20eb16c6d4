"""Fragments of libav's codecs: every kind of samples there and back, and what options mean."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import stfrag

pytest.importorskip("av")

from support.codecs import needs
from support.coded import CODECS, KINDS, LOSSLESS, LOSSY, content, planes, round_trip
from support.samples import psnr_of_planes as psnr
from support.stores import video_store

from stfrag.codec import catalogue, quality

#: The most bits of each kind that a codec carries; kinds that are missing are refused. docs/codecs.md has this table.
MOST_BITS = {
    "h264": {"gray": 10, "420": 10, "422": 10, "444": 10, "rgb": 10},
    "hevc": {"gray": 12, "420": 12, "422": 12, "444": 12, "rgb": 12},
    "av1": {"gray": 10, "420": 10},
    "vp9": {"gray": 8, "420": 8, "422": 8, "444": 8, "440": 8, "rgb": 8},
    "ffv1": {
        "gray": 16,
        "ya": 16,
        "420": 16,
        "422": 16,
        "444": 16,
        "440": 12,
        "411": 8,
        "410": 8,
        "rgb": 16,
        "rgba": 16,
        "420a": 16,
    },
}
DEPTHS = (1, 8, 9, 10, 12, 16)
SIZES = ((5, 33, 47), (1, 1, 1), (3, 70, 66))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("codec", CODECS)
def test_every_kind_of_samples(codec, kind):
    """Lossless ones come back exactly, lossy ones nearly, the others are refused with a way out."""
    needs(codec)
    most = MOST_BITS[codec].get(kind, 0)
    modes = [{"max_error": 0}] if codec in LOSSLESS else []
    modes += [{"quality": 80}] if codec in LOSSY else []
    for bits in DEPTHS:
        for size in SIZES:
            samples = planes(kind, *size, bits)
            for mode in modes:
                if bits > most:
                    with pytest.raises(stfrag.UnsupportedError, match=r"takes no .* of \d+ bits.*(codec='|bits=)"):
                        round_trip(kind, samples, bits, codec=codec, effort=3, **mode)
                    continue
                coded, back = round_trip(kind, samples, bits, codec=codec, effort=3, **mode)
                for a, b in zip(samples, back, strict=True):
                    assert a.dtype == b.dtype
                    assert a.shape == b.shape
                    if "max_error" in mode:
                        np.testing.assert_array_equal(a, b)
                if "quality" in mode and bits > 1:
                    assert psnr(samples, back, bits) > 33, (bits, size)
                assert len(coded) <= sum(p.nbytes for p in samples) * 1.005 + 64


@pytest.mark.parametrize("bits", [10, 16])
def test_one_kind_after_another(bits):
    """Streams of FFV1 that differ in nothing but their packets: a decoder of one is no decoder of the next."""
    needs("ffv1")
    for kind in ("ya", "rgba", "420a", "ya"):
        round_trip(kind, planes(kind, 2, 9, 11, bits), bits, codec="ffv1", max_error=0)


@pytest.mark.parametrize("codec", LOSSLESS)
@pytest.mark.parametrize(
    ("dtype", "bits"),
    [("int8", 8), ("int8", 5), ("int16", 10), ("int16", 8), ("uint16", 7), ("uint16", 10), ("bool", 1), ("uint8", 3)],
)
def test_dtypes_come_back_exactly(codec, dtype, bits):
    needs(codec)
    if bits > MOST_BITS[codec]["gray"]:
        pytest.skip("refused: above")
    array = content(6, 40, 50, bits).astype(np.int32)
    if dtype.startswith("int"):
        array -= 1 << (bits - 1)
    array = array.astype(dtype)
    back = stfrag.decode(stfrag.encode(array, codec=codec, bits=bits, max_error=0))
    assert back.dtype == array.dtype
    np.testing.assert_array_equal(back, array)
    if codec in LOSSY and bits > 3:
        back = stfrag.decode(stfrag.encode(array, codec=codec, bits=bits, quality=85))
        assert back.dtype == array.dtype
        assert psnr([array], [back], bits) > 34
        assert int(back.min()) >= (-(1 << (bits - 1)) if dtype.startswith("int") else 0)
        assert int(back.max()) < 1 << (bits - 1 if dtype.startswith("int") else bits)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_lossless_is_exact_for_any_samples(data):
    """Noise of any shape, in any codec and kind that it takes."""
    codec = data.draw(st.sampled_from(LOSSLESS))
    if not catalogue.encodes(catalogue.CODECS[codec]):
        return
    kind = data.draw(st.sampled_from(sorted(MOST_BITS[codec])))
    bits = data.draw(st.integers(1, MOST_BITS[codec][kind]))
    size = data.draw(st.tuples(st.integers(1, 7), st.integers(1, 40), st.integers(1, 72)))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    samples = tuple(rng.integers(0, 1 << bits, p.shape).astype(p.dtype) for p in planes(kind, *size, bits))
    if data.draw(st.booleans()):  # nothing but one value, which encoders skip
        samples = tuple(np.full_like(p, p.flat[0]) for p in samples)
    coded, back = round_trip(kind, samples, bits, codec=codec, effort=data.draw(st.sampled_from([1, 3, 5])))
    for a, b in zip(samples, back, strict=True):
        np.testing.assert_array_equal(a, b)
    assert len(coded) <= sum(p.nbytes for p in samples) * 1.005 + 64


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(LOSSY),
    st.integers(1, 6),
    st.integers(1, 40),
    st.integers(1, 70),
    st.integers(1, 100),
    st.sampled_from([1, 3]),
    st.integers(0, 2**32),
)
def test_lossy_gives_the_right_shape_whatever_the_samples(codec, t, y, x, q, effort, seed):
    if not catalogue.encodes(catalogue.CODECS[codec]):
        return
    rng = np.random.default_rng(seed)
    samples = tuple(rng.integers(0, 256, p.shape, np.uint8) for p in planes("420", t, y, x))
    _, back = round_trip("420", samples, 8, codec=codec, quality=q, effort=effort)
    assert [p.shape for p in back] == [p.shape for p in samples]


@pytest.mark.parametrize("codec", CODECS)
def test_tiles_smaller_than_encoders_allow(codec):
    needs(codec)
    given = planes("420", 6, 34, 50)
    rate = {"quality": 80} if codec in LOSSY else {"max_error": 0}
    with stfrag.open(video_store(given, codec=codec, fragment=(3, 4, 6), effort=2, **rate)) as v:
        assert len(v.index) == 2 * 9 * 9
        back = v.read_planes()
    if codec in LOSSY:
        assert psnr(given, back, 8) > 33
    else:
        assert all((a == b).all() for a, b in zip(given, back, strict=True))


@pytest.mark.parametrize(
    ("codec", "kind", "size", "effort", "options"),
    [
        ("h264", "422", (9, 198, 136), 3, {"quality": 54}),  # x264's mb-tree for AVX-512
        ("h264", "444", (11, 95, 5), 7, {"quality": 97}),
        ("h264", "gray", (8, 164, 92), 7, {"quality": 20}),
        ("hevc", "420", (4, 64, 64), 5, {"quality": 60}),  # x265 on one column or row of coding tree units
        ("hevc", "420", (11, 64, 48), 3, {"max_error": 0}),
        ("hevc", "rgb", (3, 63, 152), 6, {"quality": 32}),
        ("av1", "420", (5, 40, 72), 4, {"quality": 60}),
        ("vp9", "444", (5, 40, 72), 3, {"quality": 60}),
        ("ffv1", "rgb", (5, 40, 72), 3, {"max_error": 0}),
    ],
)
def test_the_same_samples_give_the_same_bytes(codec, kind, size, effort, options):
    """Whatever the memory was used for before: cases that encoders were seen to fail."""
    needs(codec)
    rng = np.random.default_rng(7)
    given = tuple(rng.integers(0, 256, p.shape, np.uint8) for p in planes(kind, *size))
    first = None
    for _ in range(8):
        used = [bytes(rng.integers(1, 9000)) for _ in range(50)]
        coded, _ = round_trip(kind, given, 8, codec=codec, effort=effort, **options)
        del used
        assert first in (None, coded)
        first = coded


@pytest.mark.parametrize("codec", LOSSY)
def test_quality_orders_bytes_and_errors(codec):
    needs(codec)
    given = planes("420", 12, 96, 96)
    results = []
    for q in (20, 50, 75, 95):
        coded, back = round_trip("420", given, 8, codec=codec, quality=q)
        results.append((len(coded), psnr(given[:1], back[:1], 8)))
    sizes, gains = zip(*results, strict=True)
    assert list(sizes) == sorted(sizes)
    assert list(gains) == sorted(gains)
    assert sizes[-1] > 2 * sizes[0]


def test_the_same_quality_is_about_the_same_psnr():
    """Within 4 dB of x264's over codecs, on content that none of the tables came from."""
    found = {}
    given = planes("420", 24, 128, 128)
    for codec in LOSSY:
        if catalogue.encodes(catalogue.CODECS[codec]):
            _, back = round_trip("420", given, 8, codec=codec, quality=75)
            found[codec] = psnr(given[:1], back[:1], 8)
    assert len(found) > 1
    assert max(found.values()) - min(found.values()) < 4, found


@pytest.mark.parametrize("codec", LOSSY)
def test_qp_is_in_the_codecs_scale(codec):
    needs(codec)
    low, high = catalogue.CODECS[codec].qp
    given = planes("420", 4, 64, 64)
    sizes = [len(round_trip("420", given, 8, codec=codec, qp=q)[0]) for q in (low + (high - low) // 3, high)]
    assert sizes[0] > sizes[1]
    for q in (low - 1, high + 0.5, high + 1):
        with pytest.raises(ValueError, match=rf"(qp=.* is out of range: {low} to {high} for codec {codec}|0 to 255)"):
            round_trip("420", given, 8, codec=codec, qp=q)


@pytest.mark.parametrize("codec", CODECS)
def test_every_effort_works(codec):
    needs(codec)
    given = planes("420", 3, 32, 64)
    rate = {"quality": 60} if codec in LOSSY else {"max_error": 0}
    for effort in range(1, 10):
        _, back = round_trip("420", given, 8, codec=codec, effort=effort, **rate)
        assert psnr(given, back, 8) > 30


def test_auto_is_one_of_libavs_where_the_native_codec_only_loses_nothing(monkeypatch):
    needs("h264", "hevc")
    for array, bits in ((content(3, 20, 20) > 90, None), (content(3, 20, 20) >> 7, 1)):
        with_auto = stfrag.encode(array, bits=bits, quality=75)
        assert with_auto == stfrag.encode(array, bits=bits, quality=75, codec="h264")
    monkeypatch.setattr(catalogue, "encodes", lambda codec: codec.name != "h264")
    assert stfrag.encode(array, bits=1, quality=75) == stfrag.encode(array, bits=1, quality=75, codec="hevc")
    monkeypatch.setattr(catalogue, "encodes", lambda codec: False)
    with pytest.raises(stfrag.UnsupportedError, match="no lossy codec here takes gray of 1 bits: max_error=0"):
        stfrag.encode(array, bits=1, quality=75)


ARRAY = np.zeros((2, 8, 8), np.uint8)


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"codec": "ffv1", "quality": 75}, stfrag.UnsupportedError, "lossless only"),
        ({"codec": "ffv1", "qp": 2}, stfrag.UnsupportedError, "lossless only"),
        ({"codec": "av1"}, stfrag.UnsupportedError, "no lossless mode here: give quality="),
        ({"codec": "av1", "max_error": 0}, stfrag.UnsupportedError, "'stf'"),
        ({"qp": 20}, ValueError, "give codec="),
        ({"codec": "auto", "qp": 20}, ValueError, "give codec="),
        (
            {"quality": 75, "codec_options": {"tune": "psnr"}},
            ValueError,
            "codec 'stf' has no option 'tune'.*give codec=",
        ),
        ({"codec": "h264", "quality": 75, "qp": 20}, ValueError, "exclude each other"),
        ({"codec": "h264", "quality": 101}, ValueError, "1 to 100"),
        (
            {"codec": "h264", "quality": 75, "codec_options": {"no_such_thing": 1}},
            ValueError,
            "codec_options: libx264 has no option 'no_such_thing'",
        ),
        (
            {"codec": "h264", "quality": 75, "codec_options": {"preset": "warp"}},
            ValueError,
            "codec_options: libx264 does not take",
        ),
        ({"codec": "stf", "codec_options": {"preset": "fast"}}, ValueError, "no option 'preset'"),
        ({"codec": "h264", "codec_options": {"preset": [1]}}, TypeError, "string or number"),
    ],
)
def test_options_that_make_no_sense(options, error, match):
    needs("h264")
    with pytest.raises(error, match=match):
        stfrag.encode(ARRAY, **options)


def test_codec_options_reach_the_encoder():
    needs("h264", "hevc", "av1", "vp9")
    given = planes("420", 24, 96, 96)
    for codec, options in (
        ("h264", {"tune": "psnr"}),
        ("h264", {"x264-params": "bframes=0"}),
        ("hevc", {"x265-params": "bframes=0"}),
        ("av1", {"svtav1-params": "tune=0"}),
        ("vp9", {"sharpness": 7}),
    ):
        plain = round_trip("420", given, 8, codec=codec, quality=60)[0]
        told, back = round_trip("420", given, 8, codec=codec, quality=60, codec_options=options)
        assert told != plain, (codec, options)
        assert psnr(given, back, 8) > 30
    data = video_store(given, codec="h264", quality=60, codec_options={"tune": "psnr"})
    with stfrag.open(data) as v:
        assert v.metadata["options"]["codec_options"] == {"tune": "psnr"}


def test_options_that_would_break_the_fragment_are_told():
    """What was asked for is done, or refused: decoding proves it."""
    needs("h264")
    array = content(8, 32, 32)
    with pytest.raises(stfrag.UnsupportedError, match="not lossless here"):
        stfrag.encode(array, codec="h264", max_error=0, codec_options={"x264-params": "qp=30"})


def test_codecs_list_what_they_take():
    found = {c["name"]: c for c in stfrag.codecs()}
    assert list(found) == ["stf", *CODECS]
    assert all(catalogue.CODECS[name].id == n for n, name in enumerate(CODECS, 1))
    for name in CODECS:
        needs(name)
        assert found[name]["encode"]
        assert found[name]["decode"]
        assert found[name]["bits"] == [1, max(MOST_BITS[name].values())]
    assert found["av1"]["pixel_formats"] == ["yuv420p", "yuv420p10le"]
    assert set(found["vp9"]["subsampling"]) == {"444", "440", "422", "420"}


@pytest.mark.parametrize("codec", LOSSY)
def test_quality_tables_descend_within_the_encoders_scale(codec):
    for bits in (8, 10):
        crf = [quality.crf_of(codec, q, bits) for q in np.linspace(1, 100, 200)]
        assert crf == sorted(crf, reverse=True)
        assert 0 <= crf[-1] < crf[0] <= {"h264": 51, "hevc": 51, "av1": 70, "vp9": 63}[codec]
