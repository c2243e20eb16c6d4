"""Writing stores: every kind of input, options, files that appear whole or not at all, appending."""

import errno
import io
import json
import os
import stat
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import stfrag
import stfrag.store.sinks
from stfrag.model.formats import SampleFormat
from stfrag.model.grids import resolve_grid
from stfrag.model.options import Options
from stfrag.native import store as _store

RNG = np.random.default_rng(5)
ARRAY = RNG.integers(0, 40, (20, 48, 64), dtype=np.uint8)


def reopen(array, **options):
    file = io.BytesIO()
    stfrag.save(file, array, **options)
    return stfrag.open(file.getvalue())


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_arrays_come_back(data):
    """Every dtype, size, stride, byte order and cut."""
    dtype = np.dtype(data.draw(st.sampled_from(["u1", "i1", "u2", "i2", "?", ">u2", ">i2"])))
    shape = tuple(data.draw(st.integers(1, n)) for n in (12, 40, 40))
    shape += data.draw(st.sampled_from([(), (1,), (3,), (4,)]))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    info = np.iinfo(dtype) if dtype.kind in "iu" else None
    wide = (shape[0], shape[1] * 2, *shape[2:])
    array = (rng.integers(info.min, info.max, wide, endpoint=True) if info else rng.random(wide) < 0.5).astype(dtype)
    array = array[::-1, ::2]
    how = data.draw(
        st.sampled_from(
            [
                {},
                {"layout": "frame"},
                {"layout": "time"},
                {"layout": "compact"},
                {"fragment": (3, 8, 16)},
                {"fragment": (1, 1, 40)},
                {"fragment": (1024, 99, 99)},
            ]
        )
    )
    with reopen(array, num_threads=data.draw(st.sampled_from([1, 3])), **how) as reader:
        assert reader.shape == array.shape
        assert reader.dtype == array.dtype.newbyteorder("=")
        np.testing.assert_array_equal(reader[:], array)
        index = reader.index
        assert int(((index.t1 - index.t0) * (index.y1 - index.y0) * (index.x1 - index.x0)).sum()) == int(
            np.prod(shape[:3])
        )
        if "fragment" in how:
            assert reader.chunks[:3] == tuple(min(n, size) for n, size in zip(how["fragment"], shape, strict=False))
        info = reader.info()
        assert info["file_bytes"] == info["fragment_bytes"] + info["stream_bytes"] + info["overhead_bytes"]
        assert info["fragment_bytes"] == index.bytes.sum()


def test_layouts():
    array = np.zeros((2, 600, 700), np.uint8)
    nominal = {"balanced": (32, 256, 256), "frame": (8, 600, 700), "time": (256, 64, 64), "compact": (64, 512, 512)}
    for layout, expected in nominal.items():
        reader = reopen(array, layout=layout, effort=1)
        assert reader.info()["fragment"] == expected
        assert reader.chunks == (2, *expected[1:])
        assert reader.info()["options"]["layout"] == layout
        if layout != "compact":  # nothing under half a fragment
            assert ((reader.index.y1 - reader.index.y0) * 2 >= expected[1]).all()


@pytest.mark.parametrize("size", [(1, 1), (16384, 16384), (16385, 3), (20000, 30000), (7, 100000), (4320, 7680)])
@pytest.mark.parametrize("components", [1, 3, 4])
@pytest.mark.parametrize("layout", ["balanced", "frame", "time", "compact"])
def test_layouts_keep_to_the_limits(layout, components, size):
    """The native writer takes what every layout makes of pictures of any size."""
    fmt = SampleFormat(2, 16, components, layout=1)
    grid = resolve_grid(Options(layout=layout), fmt, *size)
    _store.NativeWriter(io.BytesIO(), (fmt, size, grid.fragment, grid.cuts, (0, 0)), (5, 0, 0, 0, 255, 0, 0, None))
    if layout == "frame" and max(size) <= 8192:
        assert grid.fragment[1:] == size


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"fragment": (0, 8, 8)}, ValueError, "from 1 on"),
        ({"fragment": (8, 8)}, ValueError, "three integers"),
        ({"fragment": 8}, TypeError, "three integers"),
        ({"fragment": (8, 8.5, 8)}, TypeError, "three integers"),
        ({"fragment": (2000, 8, 8)}, ValueError, "too large"),
        ({"fragment": (8, 8, 8), "layout": "frame"}, ValueError, "exclude each other"),
        ({"layout": "tall"}, ValueError, "'tall' is none of 'balanced'"),
        ({"codec": "stf", "qp": 64}, ValueError, "0 to 63.75 for codec stf"),
        ({"quality": 0}, ValueError, "1 to 100"),
        ({"qp": 20}, ValueError, "give codec="),
        ({"codec": "h264", "codec_options": {"nonsense": 1}}, ValueError, "no option 'nonsense'"),
        ({"codec": "h264", "codec_options": {"preset": "nonsense"}}, ValueError, "nonsense"),
        ({"efort": 1}, TypeError, "did you mean 'effort'"),
        ({"fps": 0}, ValueError, "fps"),
        ({"fps": "fast"}, ValueError, "fps"),
        ({"attributes": {"a": object()}}, TypeError, "JSON"),
        ({"attributes": {"a": float("nan")}}, ValueError, "JSON"),
        ({"bits": 3}, ValueError, "3 bits"),
    ],
)
def test_bad_options_leave_nothing(tmp_path, options, error, match):
    with pytest.raises(error, match=match):
        stfrag.save(tmp_path / "a.stf", ARRAY, **options)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("array", "error"),
    [
        (ARRAY.astype(float), TypeError),
        (ARRAY.astype(np.int32), TypeError),
        (ARRAY[0], ValueError),
        (ARRAY[:0], ValueError),
        (ARRAY[..., None].repeat(5, 3), ValueError),
        ([[[1.5]]], TypeError),
    ],
)
def test_bad_arrays_leave_nothing(tmp_path, array, error):
    with pytest.raises(error):
        stfrag.save(tmp_path / "a.stf", array)
    assert os.listdir(tmp_path) == []


def test_chroma_subsampling_limits_fragments():
    planes = np.zeros((2, 40, 40), np.uint8), np.zeros((2, 20, 20), np.uint8), np.zeros((2, 20, 20), np.uint8)
    with (
        pytest.raises(ValueError, match="multiple of the chroma subsampling"),
        stfrag.create(io.BytesIO(), pixel_format="yuv420p", fragment=(8, 15, 16)) as writer,
    ):
        writer.append(planes)
    with stfrag.create(io.BytesIO(), pixel_format="yuv420p", fragment=(8, 41, 51)) as writer:
        writer.append(planes)


def test_bytes_depend_on_nothing_else(tmp_path):
    """Threads, the way frames come in, and the instruction set never change a byte."""
    one, four, parts = io.BytesIO(), io.BytesIO(), io.BytesIO()
    stfrag.save(one, ARRAY, fragment=(8, 16, 16), num_threads=1)
    stfrag.save(four, ARRAY, fragment=(8, 16, 16), num_threads=4)
    with stfrag.create(parts, fragment=(8, 16, 16)) as writer:
        writer.append(ARRAY[0])
        writer.append(ARRAY[1:3])
        for frame in ARRAY[3:]:
            writer.append(frame)
    assert one.getvalue() == four.getvalue() == parts.getvalue()
    np.save(tmp_path / "a.npy", ARRAY)
    code = (
        "import sys, numpy as np, stfrag; stfrag.save(sys.argv[2], np.load(sys.argv[1]), fragment=(8, 16, 16));"
        "assert (stfrag.open(sys.argv[2])[:] == np.load(sys.argv[1])).all()"
    )
    for name in ("scalar", "sse4.1", "avx2"):
        try:
            subprocess.run(
                [sys.executable, "-c", code, tmp_path / "a.npy", tmp_path / "a.stf"],
                check=True,
                env={**os.environ, "STFRAG_CPU": name, "STFRAG_NUM_THREADS": "2"},
            )
        except subprocess.CalledProcessError:
            assert name != "scalar"  # a processor may lack the others
            continue
        assert (tmp_path / "a.stf").read_bytes() == one.getvalue()


def test_writer_takes_frames_of_every_form():
    rgb = np.random.default_rng(6).integers(0, 255, (6, 10, 12, 3), dtype=np.uint8)
    file = io.BytesIO()
    with stfrag.create(file, pixel_format="rgb24", fps=10) as writer:
        writer.append(rgb[0])
        writer.append(rgb[1:4])
        writer.append(tuple(rgb[4, ..., c] for c in range(3)))
        writer.append(tuple(rgb[5:, ..., c] for c in range(3)))
        writer.append(rgb[:0])
    reader = stfrag.open(file)
    np.testing.assert_array_equal(reader[:], rgb)
    assert (reader.pixel_format, reader.fps, reader.time_base) == ("gbrp", 10, Fraction(1, 10))
    file = io.BytesIO()
    with stfrag.create(file, shape=(None, 10, 12, 3)) as writer:
        writer.append(rgb[0])
        writer.append(rgb[1:])
    np.testing.assert_array_equal(stfrag.open(file)[:], rgb)
    with pytest.raises(ValueError, match="shape or a pixel_format"), stfrag.create(io.BytesIO()) as writer:
        writer.append(rgb[0])


@pytest.mark.parametrize(
    ("made", "frames", "error", "match"),
    [
        ({"shape": (None, 10, 12)}, np.zeros((2, 10, 13), np.uint8), ValueError, r"must have shape \(2, 10, 12\)"),
        ({"shape": (None, 10, 12)}, np.zeros((10, 12, 3, 1), np.uint8), ValueError, "Y×X"),
        ({"dtype": "uint16"}, np.zeros((2, 10, 12), np.uint8), ValueError, "dtype uint16"),
        ({"shape": (None, 10, 12), "dtype": "uint16"}, np.zeros((10, 12), np.uint8), ValueError, "dtype uint16"),
        ({"shape": (1, 10, 12)}, np.zeros((2, 10, 12), np.uint8), ValueError, "1 frames"),
        ({"shape": (3, 10, 12)}, np.zeros((2, 10, 12), np.uint8), ValueError, "2 frames were appended, not 3"),
        ({"pixel_format": "gray"}, np.zeros((2, 10, 12), np.uint16), ValueError, "dtype uint8"),
        ({"pixel_format": "gray"}, np.zeros((2, 10, 12)), TypeError, "float64"),
        ({"pixel_format": "yuv420p"}, np.zeros((2, 10, 12), np.uint8), ValueError, "tuple of planes"),
        ({"pixel_format": "rgb24"}, np.zeros((2, 10, 12, 4), np.uint8), ValueError, "3 components"),
        ({"pixel_format": "yuv444p"}, (np.zeros((10, 12), np.uint8),), ValueError, "3 planes"),
        ({}, (np.zeros((10, 12), np.uint8),) * 3, ValueError, "pixel_format"),
        ({}, np.zeros((2, 0, 12), np.uint8), ValueError, "no samples"),
        ({"pixel_format": "gray10le"}, np.full((2, 10, 12), 1024, np.uint16), ValueError, "10 bits"),
    ],
)
def test_frames_that_do_not_fit(tmp_path, made, frames, error, match):
    with pytest.raises(error, match=match), stfrag.create(tmp_path / "a.stf", **made) as writer:
        writer.append(frames)
    assert not (tmp_path / "a.stf").exists()


@pytest.mark.parametrize(
    ("made", "error", "match"),
    [
        ({"shape": (10, 12)}, ValueError, "shape"),
        ({"shape": (None, 0, 12)}, ValueError, "shape"),
        ({"shape": (None, 8, 8, 5)}, ValueError, "1 to 4 components"),
        ({"dtype": "float32"}, TypeError, "float32"),
        ({"pixel_format": "yuv421p"}, stfrag.UnsupportedError, "yuv421p"),
        ({"pixel_format": "gray", "dtype": "uint16"}, ValueError, "pixel format gray"),
        ({"pixel_format": "gray", "shape": (None, 8, 8, 3)}, ValueError, "components"),
        ({"pixel_format": "gray", "bits": 12}, ValueError, "1 to 8"),
        ({"time_base": 0}, ValueError, "time_base"),
        ({"metadata": {"colour": {"hue": 3}}}, ValueError, "unknown colour"),
    ],
)
def test_stores_that_cannot_be(tmp_path, made, error, match):
    if "metadata" in made:
        made = {"pixel_format": "yuv420p", **made}
    with pytest.raises(error, match=match):
        stfrag.create(tmp_path / "a.stf", **made)
    assert os.listdir(tmp_path) == []


def test_times():
    frames = ARRAY[:5]
    file = io.BytesIO()
    with stfrag.create(file) as writer:
        writer.append(frames[0], times=0.5)
        writer.append(frames[1:4], times=[0.54, Fraction(7, 12), 1.001])
        for bad in (1.001, 0.2):
            with pytest.raises(ValueError, match="must ascend: that of frame 4"):
                writer.append(frames[4], times=bad)
        for bad, match in (
            (None, "all frames of a store have times or none"),
            ([1, 2], "need 1 times"),
            (float("nan"), "not a time"),
        ):
            with pytest.raises(ValueError, match=match):
                writer.append(frames[4], times=bad)
        writer.append(frames[4], times=3600)
    reader = stfrag.open(file)
    np.testing.assert_array_equal(reader[:], frames)
    np.testing.assert_allclose(reader.timestamps, [0.5, 0.54, 7 / 12, 1.001, 3600], rtol=0, atol=2e-7)
    np.testing.assert_array_equal(reader.get_frames_played_at([0.539, 3600.1, 0.5, 2]), frames[[0, 4, 0, 3]])
    with pytest.raises(ValueError, match="times or none"), stfrag.create(io.BytesIO()) as writer:
        writer.append(frames[0])
        writer.append(frames[1], times=1)
    with pytest.raises(ValueError, match="time_base"), stfrag.create(io.BytesIO()) as writer:
        writer.append(frames[0], pts=[3])
    file = io.BytesIO()
    with stfrag.create(file, time_base=Fraction(1, 90000), fps=30) as writer:
        writer.append(frames[:2], pts=[-7, 3000], durations=[3007, 5])
        with pytest.raises(TypeError, match="integers"):
            writer.append(frames[2], pts=[0.5])
        with pytest.raises(ValueError, match="negative"):
            writer.append(frames[2], pts=[9000], durations=[-1])
    reader = stfrag.open(file)
    assert reader.pts.tolist() == [-7, 3000]
    assert reader.durations.tolist() == [3007, 5]
    assert (reader.time_base, reader.fps) == (Fraction(1, 90000), 30)


def test_pictures_of_av():
    av = pytest.importorskip("av")
    file = io.BytesIO()
    pictures = []
    with stfrag.create(file) as writer:
        for n in range(3):
            picture = av.VideoFrame.from_ndarray(
                np.random.default_rng(n).integers(0, 255, (24, 16), dtype=np.uint8), "yuv420p"
            )
            picture.pts, picture.time_base = n * n + 5, Fraction(1, 12)
            pictures.append(picture.to_ndarray())
            writer.append(picture)
    reader = stfrag.open(file)
    assert (reader.pixel_format, reader.shape) == ("yuv420p", (3, 16, 16, 3))
    assert (reader.pts.tolist(), reader.time_base) == ([5, 6, 9], Fraction(1, 12))
    for n, (luma, blue, red) in enumerate(zip(*reader.read_planes(), strict=True)):
        np.testing.assert_array_equal(np.concatenate([luma.ravel(), blue.ravel(), red.ravel()]), pictures[n].ravel())


def test_metadata():
    attributes = {"unit": "HU", "spacing": [0.5, 0.5], "nested": {"ü": None}}
    file = io.BytesIO()
    with stfrag.create(
        file,
        pixel_format="gray",
        fps=25,
        attributes=attributes,
        effort=2,
        metadata={"rotation": 90, "tags": {"title": "x"}},
    ) as writer:
        writer.append(ARRAY)
    reader = stfrag.open(file)
    assert reader.attributes == attributes
    assert (reader.metadata["tags"], reader.metadata["rotation"]) == ({"title": "x"}, 90)
    assert reader.metadata["options"]["effort"] == 2
    reader.metadata["tags"]["title"] = "changed"
    assert reader.metadata["tags"] == {"title": "x"}
    info = reader.info()
    json.dumps(info)
    assert (info["kind"], info["frames"], info["seconds"], info["fps"]) == ("video", 20, 0.8, 25)


# --------------------------------------------------------------------------------------------------------- files


def test_a_file_appears_when_it_is_whole(tmp_path):
    path = tmp_path / "a.stf"
    with stfrag.create(path, fragment=(4, 48, 64)) as writer:
        writer.append(ARRAY)
        assert os.listdir(tmp_path) == ["a.stf.part"]
    assert os.listdir(tmp_path) == ["a.stf"]
    before = path.read_bytes()
    with pytest.raises(RuntimeError, match="stop"), stfrag.create(path, fragment=(4, 48, 64)) as writer:
        writer.append(ARRAY[:11])
        raise RuntimeError("stop")
    assert path.read_bytes() == before
    part = tmp_path / "a.stf.part"
    report = stfrag.repair(part, tmp_path / "saved.stf")
    assert report["frames"] == 8
    np.testing.assert_array_equal(stfrag.open(tmp_path / "saved.stf")[:], ARRAY[:8])
    assert stfrag.repair(part, path)["fragments_kept"] == 2  # over what it was the part of
    with pytest.raises(RuntimeError), stfrag.create(tmp_path / "b.stf") as writer:
        writer.append(ARRAY[:3])
        raise RuntimeError
    assert not list(tmp_path.glob("b.stf*"))  # nothing in it was worth keeping
    with pytest.raises(ValueError, match="no frames"), stfrag.create(tmp_path / "b.stf"):
        pass
    assert not list(tmp_path.glob("b.stf*"))


def test_a_killed_encode_leaves_a_part(tmp_path):
    code = (
        "import sys, os, numpy as np, stfrag\n"
        "w = stfrag.create(sys.argv[1], fragment=(4, 32, 32))\n"
        "w.append(np.arange(10, dtype=np.uint8)[:, None, None] + np.zeros((10, 32, 32), np.uint8))\n"
        "os.kill(os.getpid(), 9)\n"
    )
    assert subprocess.run([sys.executable, "-c", code, tmp_path / "a.stf"]).returncode == -9
    assert os.listdir(tmp_path) == ["a.stf.part"]
    assert stfrag.repair(tmp_path / "a.stf.part", tmp_path / "a.stf")["frames"] == 8
    assert stfrag.open(tmp_path / "a.stf")[:, 0, 0].tolist() == list(range(8))


def test_overwriting(tmp_path):
    path = tmp_path / "a.stf"
    stfrag.save(path, ARRAY)
    with pytest.raises(FileExistsError) as caught:
        stfrag.save(path, ARRAY[:1], overwrite=False)
    assert caught.value.filename == str(path)
    reader = stfrag.open(path)
    stfrag.save(path, ARRAY[:1])
    assert len(stfrag.open(path)) == 1
    np.testing.assert_array_equal(reader[:], ARRAY)  # the old one, as long as it is open
    link = tmp_path / "link.stf"
    link.symlink_to(path)
    stfrag.save(link, ARRAY[:2])
    assert link.is_symlink()
    assert len(stfrag.open(path)) == 2
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~umask


def test_targets_that_cannot_be(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        stfrag.save(tmp_path / "no" / "a.stf", ARRAY)
    assert caught.value.filename == str(tmp_path / "no" / "a.stf")
    with pytest.raises(IsADirectoryError):
        stfrag.save(tmp_path, ARRAY)
    with pytest.raises(OSError, match="not a regular file"):
        stfrag.save("/dev/null", ARRAY)
    with pytest.raises(TypeError, match="give a path or a file object"):
        stfrag.save(5, ARRAY)
    with pytest.raises(ValueError, match="fsspec"):
        stfrag.save("memory://a.stf", ARRAY)
    assert os.listdir(tmp_path) == []


def test_one_writer_at_a_time(tmp_path):
    with stfrag.create(tmp_path / "a.stf") as writer:
        writer.append(ARRAY)
        with pytest.raises(OSError, match="another writer"):
            stfrag.create(tmp_path / "a.stf")
    assert len(stfrag.open(tmp_path / "a.stf")) == 20


@pytest.mark.parametrize("room", [0, 100, 5000, 9000])
def test_full_disk(tmp_path, monkeypatch, room):
    """OSError names the file; what is whole can be repaired; nothing useless is left."""
    noise = np.random.default_rng(8).integers(0, 255, (6, 40, 50), dtype=np.uint8)  # 2000 bytes a frame
    left = room
    real = os.write

    def write(fd, data):
        nonlocal left
        if not left:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        done = real(fd, bytes(data)[:left])
        left -= done
        return done

    monkeypatch.setattr(stfrag.store.sinks.os, "write", write)
    with pytest.raises(OSError, match="No space left") as caught:
        stfrag.save(tmp_path / "a.stf", noise, fragment=(1, 40, 50))
    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, str(tmp_path / "a.stf"))
    monkeypatch.undo()
    assert os.listdir(tmp_path) == (["a.stf.part"] if room > 2100 else [])
    if room > 2100:
        frames = stfrag.repair(tmp_path / "a.stf.part", tmp_path / "a.stf")["frames"]
        assert frames == room // 2100
        np.testing.assert_array_equal(stfrag.open(tmp_path / "a.stf")[:], noise[:frames])


def test_file_objects():
    class Trickle(io.RawIOBase):
        """Takes few bytes at a time."""

        def __init__(self):
            self.data = b""

        def write(self, data):
            self.data += bytes(data[:1000])
            return min(1000, len(data))

    file, trickle = io.BytesIO(), Trickle()
    stfrag.save(file, ARRAY)
    stfrag.save(trickle, ARRAY)
    assert trickle.data == file.getvalue()

    class Broken:
        def write(self, data):
            raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        stfrag.save(Broken(), ARRAY)


def test_lifetime(tmp_path):
    writer = stfrag.create(tmp_path / "a.stf")
    writer.append(ARRAY)
    writer.close()
    writer.close()
    assert writer.stats["frames"] == 20
    assert writer.stats["file_bytes"] == (tmp_path / "a.stf").stat().st_size
    with pytest.raises(ValueError, match="closed"):
        writer.append(ARRAY)
    writer = stfrag.create(tmp_path / "b.stf")
    with pytest.warns(ResourceWarning, match="never closed"):
        del writer
    assert not (tmp_path / "b.stf.part").exists()
    with stfrag.append(tmp_path / "a.stf") as writer:
        assert "20 frames" in repr(writer)
    assert "closed" in repr(writer)


# ----------------------------------------------------------------------------------------------------- appending


@pytest.mark.parametrize("split", [1, 7, 8, 19])
def test_appending(tmp_path, split):
    path = tmp_path / "a.stf"
    stfrag.save(path, ARRAY[:split], fragment=(8, 32, 32), fps="30000/1001", attributes={"a": 1})
    with stfrag.append(path, effort=1) as writer:
        writer.append(ARRAY[split])
        writer.append(ARRAY[split + 1 :])
    reader = stfrag.open(path)
    np.testing.assert_array_equal(reader[:], ARRAY)
    assert reader.attributes == {"a": 1}
    assert reader.pts.tolist() == list(range(20))
    assert stfrag.verify(path, deep=True)


def test_appending_is_safe(tmp_path):
    path = tmp_path / "a.stf"
    stfrag.save(path, ARRAY, fragment=(8, 48, 64))
    before = path.read_bytes()
    with pytest.raises(RuntimeError), stfrag.append(path) as writer:
        writer.append(ARRAY)
        np.testing.assert_array_equal(stfrag.open(path)[:], ARRAY)  # as it was, meanwhile
        raise RuntimeError
    assert path.read_bytes() == before
    with pytest.raises(ValueError, match="shape"), stfrag.append(path) as writer:
        writer.append(ARRAY[:, 1:])
    with pytest.raises(TypeError, match="takes no fragment"):
        stfrag.append(path, fragment=(1, 2, 3))
    with pytest.raises(FileNotFoundError):
        stfrag.append(tmp_path / "b.stf")
    (tmp_path / "text").write_text("not a store, whatever else it is")
    with pytest.raises(stfrag.CorruptStoreError):
        stfrag.append(tmp_path / "text")
    assert (tmp_path / "text").read_text() == "not a store, whatever else it is"
    code = (
        "import sys, os, numpy as np, stfrag; w = stfrag.append(sys.argv[1]);"
        "w.append(np.zeros((17, 48, 64), np.uint8)); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, path])
    assert path.stat().st_size > len(before)
    reader = stfrag.open(path)
    np.testing.assert_array_equal(reader[:], ARRAY)
    assert reader.info()["torn"]
    with stfrag.append(path) as writer:
        writer.append(ARRAY[:3])
    np.testing.assert_array_equal(stfrag.open(path)[20:], ARRAY[:3])


def test_appending_nothing_changes_nothing(tmp_path):
    stfrag.save(tmp_path / "a.stf", ARRAY)
    with stfrag.append(tmp_path / "a.stf"):
        pass
    np.testing.assert_array_equal(stfrag.open(tmp_path / "a.stf")[:], ARRAY)


def test_progress_and_lazy_arrays():
    class Lazy:
        shape, dtype = ARRAY.shape, ARRAY.dtype
        most = 0

        def __getitem__(self, key):
            self.most = max(self.most, len(ARRAY[key]))
            return ARRAY[key]

    seen, lazy, file = [], Lazy(), io.BytesIO()
    stfrag.save(file, lazy, fragment=(8, 48, 64), progress=lambda done, total: seen.append((done, total)))
    assert seen == [(8, 20), (16, 20), (20, 20)]
    assert lazy.most == 8
    np.testing.assert_array_equal(stfrag.open(file)[:], ARRAY)


def test_repaired_part_keeps_its_metadata(tmp_path):
    """Pixel format, rate, times and attributes of a store that was never finished."""
    path = tmp_path / "a.stf"
    luma, chroma = np.full((70, 32, 48), 7, np.uint8), np.full((70, 16, 24), 90, np.uint8)
    with (
        pytest.raises(RuntimeError),
        stfrag.create(path, pixel_format="yuv420p", fps=25, effort=1, attributes={"probe": 3}) as writer,
    ):
        writer.append((luma, chroma, chroma))
        raise RuntimeError
    stfrag.repair(tmp_path / "a.stf.part", path)
    with stfrag.open(path) as v:
        assert (v.shape[1:], v.pixel_format, v.fps, v.attributes) == ((32, 48, 3), "yuv420p", 25, {"probe": 3})
        assert len(v) >= 32
        assert v.timestamps[1] == 0.04
