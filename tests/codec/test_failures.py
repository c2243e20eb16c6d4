"""Codecs that are missing, fail, or lie: typed errors that name codec and box, and no half of a store."""

import contextlib
import io
import pickle

import numpy as np
import pytest

import stfrag

pytest.importorskip("av")

from support.codecs import needs
from support.coded import content, planes
from support.stores import video_store

from stfrag.codec import catalogue, decoders, encoders
from stfrag.native import codec as _codec
from stfrag.native import fragment as _fragment
from stfrag.native import store as _store

SIZE = 8, 32, 32


@pytest.fixture
def without(monkeypatch):
    """Take encoders or decoders away from this machine."""
    found = catalogue._found.__wrapped__

    def take(*names):
        monkeypatch.setattr(catalogue, "_found", lambda name, mode: None if name in names else found(name, mode))
        catalogue.pixel_formats.cache_clear()
        from stfrag.codec import carriage

        carriage.find.cache_clear()
        decoders._idle.clear()

    yield take
    monkeypatch.undo()
    take()
    monkeypatch.undo()


def mixed_store():
    """A slab a codec, 8 frames each, native one last; and what is in it."""
    array = content(8, 32, 64)
    fmt = _fragment.info(stfrag.encode(array))[0]
    file = io.BytesIO()
    writer = _store.NativeWriter(file, (fmt, (32, 64), (8, 32, 32), (0, 0, 0), (0, 0)), (0, 5, 0, 0, 255, 0, 0, None))
    order = []
    for number, codec in ((1, "h264"), (2, "hevc"), (4, "vp9"), (5, "ffv1"), (0, "stf")):
        tiles = []
        for x in (0, 32):
            data = stfrag.encode(array[:, :, x : x + 32], codec=codec, max_error=0)
            tiles.append((data, (0, 32, x, x + 32), number, (0,)))
        writer.append_coded(8, tiles)
        order.append(codec)
    writer.finish(b"{}")
    return file.getvalue(), array, order


def test_encoder_is_missing(without):
    needs("h264", "hevc")
    array = content(*SIZE)
    without("libx264")
    with pytest.raises(stfrag.UnsupportedError, match=r"codec h264 needs libav's encoder libx264.*has those of hevc"):
        stfrag.encode(array, codec="h264", quality=50)
    bits = array >> 7  # "auto" is one of libav's for single bits, and the next one then
    assert stfrag.encode(bits, bits=1, quality=50) == stfrag.encode(bits, bits=1, quality=50, codec="hevc")
    assert {c["name"]: c["encode"] for c in stfrag.codecs()}["h264"] is False
    without("libx264", "libx265", "libsvtav1", "libvpx-vp9")
    with pytest.raises(stfrag.UnsupportedError, match=r"h264 needs libav's encoder.*has those of ffv1, and stf"):
        stfrag.encode(array, codec="h264", quality=50)
    assert stfrag.encode(array, quality=50) == stfrag.encode(array, quality=50, codec="stf")
    np.testing.assert_array_equal(stfrag.decode(stfrag.encode(array)), array)


def test_decoder_is_missing_and_the_rest_reads(without):
    """Fragments of a codec that this machine cannot decode are named, all others read."""
    needs("h264", "hevc", "vp9", "ffv1")
    data, array, order = mixed_store()
    without("hevc")
    with stfrag.open(data) as v:
        assert v.index.codec.tolist() == [codec for codec in order for _ in range(2)]
        for slab, codec in enumerate(order):
            part = slice(8 * slab, 8 * slab + 8)
            if codec != "hevc":
                np.testing.assert_array_equal(v[part], array)
                continue
            with pytest.raises(
                stfrag.UnsupportedError,
                match=r"fragment 2 .*frames 8:16.*decoder hevc, which this "
                r"PyAV.*lacks.*h264, av1, vp9, ffv1",
            ):
                v[part, :, :32]
        # Its bytes are there for who can.
        coded = v.opened().native.fragment(2)
    stream, found = _codec.unwrap(coded)
    assert stream[0] == 2
    assert len(found) == 8
    assert stfrag.verify(data).ok
    deep = stfrag.verify(data, deep=True)
    assert not deep.ok
    without()
    with stfrag.open(data) as v:
        np.testing.assert_array_equal(v[8:16], array)
    # An encoder whose result cannot be checked is none.
    without("h264")
    with pytest.raises(stfrag.UnsupportedError, match="decoder h264"):
        stfrag.encode(array, codec="h264", quality=50)


def test_damaged_fragments_are_named_and_the_rest_reads():
    needs("h264")
    array = content(24, 32, 64)
    file = io.BytesIO()
    stfrag.save(file, array, codec="h264", quality=80, fragment=(8, 32, 32))
    with stfrag.open(file.getvalue()) as v:
        whole, row = v[:], v.index[3]
    broken = bytearray(file.getvalue())
    broken[int(row.offset) + int(row.bytes) // 2] ^= 0xFF
    with stfrag.open(broken) as v:
        with pytest.raises(stfrag.CorruptFragmentError, match="fragment 3") as caught:
            v[:]
        assert caught.value.fragment == 3
        assert caught.value.region == (slice(8, 16), slice(0, 32), slice(32, 64))
        assert pickle.loads(pickle.dumps(caught.value)).fragment == 3
        for box in ((slice(0, 8),), (slice(16, 24),), (slice(None), slice(None), slice(0, 32))):
            np.testing.assert_array_equal(v[box], whole[box])


def _store_of(fragments, size, fmt, codec):
    """A store of one slab a fragment, taken on trust."""
    file = io.BytesIO()
    t, y, x = size
    writer = _store.NativeWriter(file, (fmt, (y, x), size, (0, 0, 0), (0, 0)), (0, 5, 0, 0, 255, 0, 0, None))
    for data in fragments:
        writer.append_coded(t, [(data, (0, y, 0, x), codec, (0,))])
    writer.finish(b"{}")
    return file.getvalue()


def test_a_stream_that_does_not_decode_is_named():
    """Every CRC is right: only the decoder can tell."""
    needs("h264")
    array = content(*SIZE)
    good = stfrag.encode(array, codec="h264", max_error=0)
    fmt, size, _ = _fragment.info(good)
    stream, found = _codec.unwrap(good)
    broken = [(bytes(40), *found[0][1:]), *found[1:]]
    data = _store_of([good, _codec.wrap(fmt, size, stream, broken, False), good], size, fmt, 1)
    with stfrag.open(data) as v:
        for part in (slice(0, 8), slice(16, 24)):
            np.testing.assert_array_equal(v[part], array)
        with pytest.raises(stfrag.CorruptFragmentError, match=r"fragment 1 .*h264") as caught:
            v[:]
        assert caught.value.fragment == 1


# -------------------------------------------------------------------------------------------------- while encoding


class _Dies:
    """An encoder that fails in the n-th fragment that is begun."""

    def __init__(self, monkeypatch, n, error):
        self.begun = 0
        real = encoders.Encoder.encode

        def encode(encoder, frame):
            if frame is not None and frame.pts == 0:
                self.begun += 1
                if self.begun > n:
                    raise error
            return real(encoder, frame)

        monkeypatch.setattr(encoders.Encoder, "encode", encode)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (stfrag.UnsupportedError("libx264 failed: out of luck"), stfrag.UnsupportedError),
        (MemoryError(), MemoryError),
        (RuntimeError("a bug"), stfrag.StfragError),
    ],
)
def test_an_encoder_dies_on_one_tile(tmp_path, monkeypatch, error, kind):
    needs("h264")
    _Dies(monkeypatch, 5, error)
    path = tmp_path / "a.stf"
    array = content(24, 32, 64)
    with pytest.raises(kind) as caught:
        stfrag.save(path, array, codec="h264", quality=80, fragment=(8, 32, 32), num_threads=1)
    assert not path.exists()
    if kind is not MemoryError:
        text = str(caught.value)
        assert "frames 16:24, rows 0:32, columns 32:64" in text
        assert "h264" in text or "libx264" in text
    # What was complete can be had.
    stfrag.repair(f"{path}.part", path)
    with stfrag.open(path) as v:
        assert v.shape == (16, 32, 64)
        assert np.abs(v[:].astype(int) - array[:16]).mean() < 3


def test_what_was_there_stays_when_encoding_fails(tmp_path, monkeypatch):
    needs("h264")
    path = tmp_path / "a.stf"
    array = content(8, 32, 64)
    stfrag.save(path, array)
    _Dies(monkeypatch, 0, stfrag.UnsupportedError("libx264 failed"))
    with pytest.raises(stfrag.UnsupportedError):
        stfrag.save(path, array, codec="h264", quality=50)
    with stfrag.open(path) as v:
        np.testing.assert_array_equal(v[:], array)


def test_the_command_says_it_in_one_line(tmp_path, monkeypatch, capsys):
    needs("h264")
    from stfrag.cli import main

    _Dies(monkeypatch, 1, stfrag.UnsupportedError("libx264 failed: out of luck"))
    np.save(tmp_path / "a.npy", content(16, 32, 64))
    code = main(
        [
            "encode",
            str(tmp_path / "a.npy"),
            str(tmp_path / "a.stf"),
            "--codec",
            "h264",
            "--quality",
            "50",
            "--fragment",
            "8,32,32",
        ]
    )
    assert code == 4
    lines = capsys.readouterr().err.strip().splitlines()
    assert any("rows 0:32" in line and "libx264" in line for line in lines)
    assert not any("Traceback" in line for line in lines)
    assert not (tmp_path / "a.stf").exists()


def test_an_interrupt_while_encoding(tmp_path, monkeypatch):
    needs("h264")
    _Dies(monkeypatch, 1, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        stfrag.save(tmp_path / "a.stf", content(16, 32, 32), codec="h264", quality=50, fragment=(8, 32, 32))
    assert not (tmp_path / "a.stf").exists()


@pytest.mark.parametrize("codec", ["h264", "hevc", "vp9", "ffv1"])
def test_a_lossless_mode_that_is_not_is_refused(monkeypatch, codec):
    """One sample that comes back wrong by one is enough."""
    needs(codec)
    real = encoders.Encoder.encode

    def encode(encoder, frame):
        if frame is not None and frame.pts == 3:
            memory = np.frombuffer(frame.planes[0], np.uint8)
            memory[0] = min(memory[0] ^ 1, 255)
        return real(encoder, frame)

    monkeypatch.setattr(encoders.Encoder, "encode", encode)
    with pytest.raises(stfrag.UnsupportedError, match=rf"codec {codec} is not lossless here.* by 1: use another"):
        stfrag.encode(content(8, 64, 64), codec=codec, max_error=0)


@pytest.mark.parametrize("lie", ["twice", "none", "no key", "other frame"])
def test_packets_that_make_no_fragment(monkeypatch, lie):
    needs("h264")
    real = encoders.Encoder.encode

    def encode(encoder, frame):
        found = real(encoder, frame)
        if lie == "twice":
            return found * 2
        if lie == "none":
            return []
        if lie == "no key":
            return [(data, number, 0) for data, number, _ in found]
        return [(data, 7 if number == 0 else number, flags) for data, number, flags in found]

    monkeypatch.setattr(encoders.Encoder, "encode", encode)
    with pytest.raises(stfrag.UnsupportedError):
        stfrag.encode(content(*SIZE), codec="h264", quality=50)


def test_a_writer_that_failed_cannot_go_on(monkeypatch):
    needs("h264")
    given = planes("420", 8, 32, 32)
    _Dies(monkeypatch, 0, stfrag.UnsupportedError("libx264 failed"))
    file = io.BytesIO()
    with (
        contextlib.suppress(stfrag.UnsupportedError),
        stfrag.create(file, pixel_format="yuv420p", fps=25, codec="h264", quality=50, fragment=(8, 32, 32)) as w,
    ):
        w.append(given)
    monkeypatch.undo()
    assert stfrag.open(video_store(given, codec="h264", quality=50)).shape == (8, 32, 32, 3)
