"""The packets inside of fragments: what is kept of them, which are needed, and what damage does."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import stfrag

pytest.importorskip("av")

from support.codecs import needs
from support.coded import CODECS, LOSSY, content, planes
from support.samples import psnr_of_planes as psnr

from stfrag.codec import StreamFormat, packets
from stfrag.native import codec as _codec
from stfrag.native import fragment as _fragment

T, Y, X = 16, 64, 80


@pytest.fixture(scope="module")
def coded():
    made = {}

    def make(codec):
        needs(codec)
        if codec not in made:
            rate = {"quality": 60} if codec in LOSSY else {"max_error": 0}
            made[codec] = stfrag.encode_planes(planes("420", T, Y, X), "420", codec=codec, **rate)
        return made[codec]

    return make


@pytest.mark.parametrize("codec", CODECS)
def test_one_closed_gop(coded, codec):
    stream, found = _codec.unwrap(coded(codec))
    format_ = StreamFormat(*stream)
    assert (format_.codec, format_.components, format_.bits) == (CODECS.index(codec) + 1, 3, 8)
    assert sorted(frame for _, frame, _ in found if frame != _codec.HIDDEN) == list(range(T))
    keys = [frame for _, frame, flags in found if flags & _codec.KEY]
    assert keys == [0]
    assert found[0][1] == 0
    assert packets.is_closed_key(codec, found[0][0])
    if codec in ("h264", "hevc", "vp9"):
        assert not any(packets.is_closed_key(codec, data) for data, _, _ in found[1:])


@pytest.mark.parametrize("effort", [1, 5])
@pytest.mark.parametrize("codec", CODECS)
def test_no_text_of_the_encoder(codec, effort):
    """x264's and x265's settings are 0.6 and 2.3 kB in every GOP."""
    needs(codec)
    modes = [{"quality": 60}] if codec in LOSSY else []
    modes += [{"max_error": 0}] if codec != "av1" else []
    for mode in modes:
        data = stfrag.encode_planes(planes("420", 4, 64, 64), "420", codec=codec, effort=effort, **mode)
        for word in (b"x264", b"x265", b"264 - core", b"options:", b"Lavc", b"Lavf", b"SVT", b"vpx", b"build"):
            assert word not in data
        assert not re.search(rb"[ -~]{16}", data[:400]), "readable text"


@pytest.mark.parametrize("codec", CODECS)
def test_wrap_and_unwrap(coded, codec):
    data = coded(codec)
    fmt, size, _ = _fragment.info(data)
    stream, found = _codec.unwrap(data)
    assert _codec.unwrap(_codec.wrap(fmt, size, stream, found, False)) == (stream, found)
    for verify in (True, False):
        again = _codec.wrap(fmt, size, stream, found, verify)
        for a, b in zip(stfrag.decode_planes(again), stfrag.decode_planes(data), strict=True):
            np.testing.assert_array_equal(a, b)
    with pytest.raises(ValueError, match="native codec"):
        _codec.unwrap(stfrag.encode(np.zeros((2, 3, 4), np.uint8)))


@pytest.mark.parametrize("codec", CODECS)
def test_disposable_packets_are_needed_by_nobody(coded, codec):
    """Whatever is left out of them, the others decode to the same pictures."""
    data = coded(codec)
    _, found = _codec.unwrap(data)
    disposable = [frame for _, frame, flags in found if flags & _codec.DISPOSABLE]
    if codec in ("h264", "hevc", "av1"):
        assert disposable
    else:
        assert not disposable
    whole = stfrag.decode_planes(data)
    rng = np.random.default_rng(0)
    for _ in range(8):
        frames = np.sort(rng.choice(T, rng.integers(1, 5), replace=False)).astype(np.uint32)
        for a, b in zip(_decode_frames(data, frames), whole, strict=True):
            np.testing.assert_array_equal(a, b[frames])


def _decode_frames(data, frames):
    import io

    from stfrag.native import store as _store

    fmt, (t, y, x), _ = _fragment.info(data)
    file = io.BytesIO()
    writer = _store.NativeWriter(file, (fmt, (y, x), (t, y, x), (0, 0, 0), (0, 0)), (0, 5, 0, 0, 255, 0, 0, None))
    writer.append_coded(t, [(data, (0, y, 0, x), _codec.unwrap(data)[0][0], (0, 0, 0))])
    writer.finish(b"{}")
    reader = _store.NativeReader(file.getvalue())
    out = tuple(np.empty((len(frames), *plane.shape[1:]), plane.dtype) for plane in stfrag.decode_planes(data))
    reader.read(out, (0, y, 0, x), len(frames), frames.astype(np.uint64))
    return out


# -------------------------------------------------------------------------------------------------------- damage


def _attempt(data, source, *, may_decode):
    """Decode; CorruptFragmentError or pictures of the right shape are all that may come."""
    try:
        back = stfrag.decode_planes(data)
    except (stfrag.CorruptFragmentError, stfrag.UnsupportedError):
        return False
    assert may_decode
    assert [p.shape for p in back] == [p.shape for p in source]
    return True


@pytest.mark.parametrize("codec", CODECS)
def test_damaged_packets_with_right_crcs(coded, codec):
    """Nothing that libav does with nonsense leaves the process: a typed error, or samples of some kind."""
    data = coded(codec)
    fmt, size, _ = _fragment.info(data)
    stream, found = _codec.unwrap(data)
    source = planes("420", T, Y, X)
    rng = np.random.default_rng(5)
    refused = 0
    for round_ in range(40):
        broken = list(found)
        which = int(rng.integers(len(broken))) if round_ else 0
        body = bytearray(broken[which][0])
        kind = round_ % 4
        if kind == 0:
            body = body[: len(body) // 2]
        elif kind == 1:
            for _ in range(8):
                if body:
                    body[int(rng.integers(len(body)))] = int(rng.integers(256))
        elif kind == 2:
            body = bytearray(rng.integers(0, 256, 200, np.uint8).tobytes())
        else:
            body = bytearray()
        broken[which] = (bytes(body), *broken[which][1:])
        refused += not _attempt(_codec.wrap(fmt, size, stream, broken, False), source, may_decode=True)
    assert refused > 5
    # None of it is left in decoders that are used again.
    for a, b in zip(stfrag.decode_planes(data), stfrag.decode_planes(coded(codec)), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("codec", CODECS)
def test_a_stream_of_another_kind(coded, codec):
    """The description is not what the packets are: another size, depth, codec, or frames in a wrong order."""
    data = coded(codec)
    fmt, size, _ = _fragment.info(data)
    stream, found = _codec.unwrap(data)
    source = planes("420", T, Y, X)
    s = StreamFormat(*stream)
    others = [s._replace(codec=c) for c in range(1, 6) if c != s.codec]
    others += [
        s._replace(y=s.y + 2),
        s._replace(x=s.x + 16),
        s._replace(bits=10),
        s._replace(start_codes=1 - s.start_codes),
        s._replace(extradata=b"nonsense" * 20),
    ]
    wrong = 0
    for other in others:
        wrong += not _attempt(_codec.wrap(fmt, size, tuple(other), found, False), source, may_decode=True)
    assert wrong >= len(others) - 3
    swapped = [*found[:1], *reversed(found[1:])]
    _attempt(_codec.wrap(fmt, size, stream, swapped, False), source, may_decode=True)
    # Another subsampling is not even wrapped.
    with pytest.raises(ValueError, match="subsampling"):
        _codec.wrap(fmt, size, tuple(s._replace(sub_y=0)), found, False)


def test_flipped_bytes_are_told(coded):
    data = coded("h264")
    rng = np.random.default_rng(3)
    for at in {*range(0, 200, 3), *rng.integers(0, len(data), 60).tolist()}:
        broken = bytearray(data)
        broken[at] ^= 0x10
        with pytest.raises(stfrag.StfragError):
            stfrag.decode_planes(broken)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(CODECS))
def test_any_bytes_as_a_packet(data, codec):
    stripped = packets.strip(codec, data)
    assert len(stripped) <= len(data) + 4
    assert packets.refers_to_nothing(codec, stripped) in (True, False)
    assert packets.is_closed_key(codec, stripped) in (True, False)
    assert packets.strip(codec, b"\0\0\0\1" + stripped if codec in ("h264", "hevc") else stripped) == stripped


def test_strip_leaves_messages_that_pictures_need():
    """A SEI that holds more than text stays; text and delimiters go."""
    text = b"\x06\x05\x11" + bytes(16) + b"x\x80"
    timing = b"\x06\x01\x01\x50\x80"
    both = b"\x06\x05\x11" + b"\1" * 16 + b"x\x01\x01\x50\x80"
    slice_ = b"\x65\x88\x84"
    stream = b"".join(b"\0\0\0\1" + unit for unit in (b"\x09\xf0", text, timing, both, slice_))
    assert packets.strip("h264", stream) == b"\0\0\0\1".join((timing, both, slice_))
    hevc = b"\0\0\1\x46\x01\x50" + b"\0\0\1\x4e\x01\x05\x11" + b"\1" * 16 + b"x\x80" + b"\0\0\1\x26\x01\xaf"
    assert packets.strip("hevc", hevc) == b"\x26\x01\xaf"


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("effort", [1, 6, 8])
def test_a_packet_a_frame(codec, effort):
    """Pictures that are only referred to lie in the packets of others."""
    needs(codec)
    array = content(32, 64, 64)
    data = stfrag.encode(array, codec=codec, effort=effort, **({"quality": 60} if codec in LOSSY else {}))
    _, found = _codec.unwrap(data)
    assert sorted(frame for _, frame, _ in found) == list(range(32))
    assert psnr([array], [stfrag.decode(data)], 8) > 33
