"""Readers of random access give the right samples, and what is measured of them is complete."""

import itertools
import json
import time

import numpy as np
import pytest

from stfrag import bench
from stfrag.bench import random_access
from stfrag.bench.job import Samples
from stfrag.bench.material import Clip
from stfrag.bench.process import Workers
from stfrag.bench.readers import READERS, files, load, trial
from stfrag.bench.readers.patterns import PATTERNS, draw
from stfrag.bench.readers.trial import Trial
from stfrag.bench.readers.truth import Truth, TruthWriter, rgb
from stfrag.bench.readers.video import Order
from stfrag.bench.scene import frames
from stfrag.tiling import Box

FRAMES, ROWS, COLUMNS = SHAPE = (70, 98, 130)
GOPS = (2, 30, 250)
VIDEO_READERS = [name for name in READERS if load(name).kind == "mp4"]
#: Of every record.
FIELDS = {
    "clip",
    "peer",
    "setting",
    "label",
    "pattern",
    "box",
    "threads",
    "status",
    "message",
    "samples_decoded_how",
    "reads",
    "raw_bytes",
    "bytes",
    "psnr_y",
    "open_ms",
    "latency_ms",
    "samples_wanted",
    "samples_decoded",
    "bytes_touched",
    "bytes_coded",
}


def scene(count=FRAMES, rows=ROWS, columns=COLUMNS):
    planes = tuple(np.stack(plane) for plane in zip(*frames((count, rows, columns)), strict=True))
    return Clip("scene", planes, Samples(count, rows, columns, 3, "420"), None)


@pytest.fixture(scope="module")
def workers():
    with Workers() as found:
        yield found


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Files of the scene, by their setting."""
    folder = tmp_path_factory.mktemp("access")
    clip = scene()
    wanted = files.wanted(clip.samples, GOPS, 20, (32, 64, 64), {"mp4", "stf"})
    return {each.setting: files.write(clip, folder, each) for each in wanted if not each.luma}


def there(workers, name):
    """Skip unless that reader is installed."""
    status, value = workers.call(name, "access_versions")
    if status == "missing":
        pytest.skip(value)
    assert status == "ok", value


BOXES = [
    Box(3, 19, 10, 60, 20, 90),
    Box(19, 30, 11, 60, 21, 90),
    Box(64, 70, 0, 98, 0, 130),
    Box(0, 1, 97, 98, 7, 8),
    Box(29, 33, 1, 34, 1, 32),
    Box(28, 32, 64, 98, 65, 130),
]
NUMBERS = [69, 0, 1, 2, 7, 5, 31, 30, 60, 61]


def check(workers, name, file):
    for box in BOXES + [Box(t, t + 1, 0, ROWS, 0, COLUMNS) for t in NUMBERS]:
        frame = box.shape == (1, ROWS, COLUMNS)
        status, value = workers.call(
            name, "access_read", path=file.path, threads=1, box=box, frame=frame, truth=file.truth
        )
        assert (status, value["complaint"] if status == "ok" else value) == ("ok", ""), box
        assert value["seconds"] > 0
        yield box, value


@pytest.mark.parametrize("gop", GOPS)
@pytest.mark.parametrize("name", VIDEO_READERS)
def test_readers_of_videos(workers, made, name, gop):
    there(workers, name)
    file = made[f"GOP {gop}"]
    found = list(check(workers, name, file))
    assert found[0][1]["samples_decoded"] > 0
    # The first read may load modules, too; where it counts it is a warm-up.
    assert all(0 <= value["bytes_touched"] < 4 * file.bytes + 100_000 for _, value in found[1:])
    if load(name).how == "counted":  # what is computed of others is what it counts
        order = Order.of(file.path)
        previous = None
        for box, value in found:
            goes_on = (
                previous is not None
                and previous < box.t0
                and (order.key(previous) == order.key(box.t0) or box.t0 == previous + 1)
            )
            # At its end it begins anew, though nothing is left to be decoded.
            expected = order.frames(box.t0, box.t1 - 1, previous if goes_on else None)
            assert value["samples_decoded"] == expected * order.samples, box
            previous = box.t1 - 1


def test_stores(workers, made):
    for setting, file in made.items():
        if file.kind == "stf":
            for box, value in check(workers, "stf", file):
                wanted = sum(int(np.prod(file.samples.plane_shape(c, box))) for c in range(3))
                assert value["samples_decoded"] >= wanted
                assert value["bytes_touched"] >= value["bytes_coded"] > 0
            assert (file.psnr_y is None) == setting.startswith("lossless")


def test_similar_quality(made):
    assert made["h264 32×64×64"].psnr_y == pytest.approx(made["GOP 30"].psnr_y, abs=1)
    assert made["native 32×64×64"].psnr_y == pytest.approx(made["GOP 30"].psnr_y, abs=1)
    assert made["GOP 2"].bytes > made["GOP 30"].bytes


def test_order():
    #: I P B B I P: the fourth frame is decoded before the second.
    packets = [(0, -1, True), (3, 0, False), (1, 1, False), (2, 2, False), (4, 3, True), (5, 4, False)]
    order = Order(packets, 10)
    assert order.keys == [0, 4]
    assert [order.key(t) for t in range(6)] == [0, 0, 0, 0, 1, 1]
    assert order.frames(0, 0) == 2  # one more than it gives
    assert order.frames(2, 3) == 5
    assert order.frames(4, 5) == 2
    assert order.frames(3, 3, previous=2) == 1


# --------------------------------------------------------------------------------------------------------- truth


def test_conversion():
    planes = [16, 235, 63, 173], [128, 128, 102, 42], [128, 128, 240, 26]
    y, cb, cr = (np.array(values, np.uint8) for values in planes)
    assert rgb(y, cb, cr).tolist() == [[0, 0, 0], [255, 255, 255], [255, 1, 0], [0, 255, 1]]


@pytest.mark.parametrize("colour", [True, False])
def test_truth(tmp_path, colour):
    clip = scene(12)
    with TruthWriter(str(tmp_path / "truth.npy"), clip.samples.shape, "uint8", colour) as writer:
        for planes in zip(*clip.planes, strict=True):
            writer.add(planes)
    truth: Truth = writer.truth
    y, cb, cr = clip.planes
    whole = rgb(y, *(c.repeat(2, 1).repeat(2, 2) for c in (cb, cr))) if colour else y
    for box in (Box(0, 12, 0, ROWS, 0, COLUMNS), Box(2, 5, 3, 41, 5, 90), Box(11, 12, 97, 98, 128, 130)):
        found = whole[box.slices]
        assert truth.complaint(found, box) == ""
        assert "uint16" in truth.complaint(found.astype(np.uint16), box)
        assert "instead of" in truth.complaint(found[:, :-1], box)
    box = Box(2, 5, 3, 41, 5, 90)
    assert truth.complaint(whole[Box(3, 6, 3, 41, 5, 90).slices], box).startswith("wrong samples")
    assert truth.complaint(whole[Box(1, 4, 3, 41, 5, 90).slices], box).startswith("wrong samples")
    assert truth.complaint(whole[Box(2, 5, 3, 41, 9, 94).slices], box).startswith("wrong samples")
    repeated = whole[box.slices].copy()
    repeated[2] = repeated[1]
    assert "frame 4" in truth.complaint(repeated, box)


def test_truth_of_too_few_frames(tmp_path):
    with (
        pytest.raises(ValueError, match="0 of 3 frames"),
        TruthWriter(str(tmp_path / "truth.npy"), (3, 8, 8), "uint8", False),
    ):
        pass


# ------------------------------------------------------------------------------------------------------ patterns


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("shape", [(250, 1080, 1920), (40, 100, 300), (3, 7, 9)])
def test_patterns(pattern, shape):
    def made(seed, count=60):
        return draw(pattern, shape, (16, 256, 256), (32, 256, 256), count, seed)

    found = made(1)
    assert found == made(1)
    assert found[:20] == made(1, 20)
    assert len(found) == 60
    size = (1, *shape[1:]) if pattern.startswith("frames") else tuple(np.minimum((16, 256, 256), shape).tolist())
    for box in found:
        assert box.shape == size
        assert min(box) >= 0
        assert (box.t1, box.y1, box.x1) <= shape
        assert all(end <= whole for end, whole in zip((box.t1, box.y1, box.x1), shape, strict=True))
        if pattern.endswith("aligned"):
            assert box.t0 % size[0] == box.y0 % 256 == box.x0 % 256 == 0
    if shape[0] == 250:
        if not pattern.endswith("sequential"):
            assert found != made(2)
        else:
            assert all(b.t0 == a.t1 or b.t0 == 0 for a, b in itertools.pairwise(found))


def test_a_burst_is_near():
    found = draw("boxes, clustered", (250, 1080, 1920), (16, 256, 256), (32, 256, 256), 64, 3)
    for first in range(0, 64, 8):
        burst = np.array(found[first : first + 8])
        assert (np.ptp(burst[:, [0, 2, 4]], axis=0) <= (16, 256, 256)).all()
    assert np.ptp(np.array(found)[:, 4]) > 256


# ----------------------------------------------------------------------------------------------------------- run


@pytest.fixture(scope="module")
def records(workers):
    said = []
    wanted = Trial(reads=2, gops=(30,), box=(16, 64, 64))
    found = trial.run(scene(48), wanted, workers, report=lambda text, share: said.append(text))
    assert any("GOP 30" in text for text in said)
    return found


def test_records_are_complete(workers, records):
    json.dumps(records)
    for record in records:
        assert set(record) == FIELDS
        if record["status"] == "missing":
            assert record["message"]
            continue
        assert (record["status"], record["message"]) == ("ok", ""), record["label"]
        assert record["reads"] == 2
        assert record["threads"] == 1
        assert record["box"] == ("16×64×64" if record["pattern"].startswith("boxes") else "1×98×130")
        times = record["latency_ms"]
        assert 0 < times["low"] <= times["median"] <= times["p95"] <= times["high"]
        assert 0 < record["open_ms"]["low"] <= record["open_ms"]["median"] <= record["open_ms"]["high"]
        assert record["bytes"] > 0
        assert record["samples_decoded"] > 0
        array = "array" in record["setting"]
        assert record["clip"] == ("scene luma" if array else "scene")
        assert record["raw_bytes"] == 48 * ROWS * COLUMNS * (2 if array else 3) // 2
        assert 0 < record["samples_wanted"] <= record["raw_bytes"]
    done = {(r["label"], r["pattern"]) for r in records if r["status"] == "ok"}
    for pattern in PATTERNS:
        for label in (
            "pyav, GOP 30",
            "stf, h264 32×256×256",
            "stf, native 32×256×256",
            "stf, lossless 32×256×256",
            "stf, array 32×256×256",
        ):
            assert (label, pattern) in done
        for name in ("h264", "native"):
            assert ((f"stf, {name} layout=frame", pattern) in done) == pattern.startswith("frames")


def test_an_array(workers):
    y, x = np.mgrid[:70, :90]
    planes = (np.stack([(37 * y + 91 * x + 55 * t) & 0xFFF for t in range(20)]).astype(np.uint16),)
    clip = Clip("ramp", planes, Samples(20, 70, 90, 1, bits=12, dtype="uint16"), 20)
    names = ["stf", "pyav", "zarr", "blosc2"]
    found = trial.run(clip, Trial(names, reads=2, box=(4, 32, 32), patterns=PATTERNS[:1]), workers)
    assert "pyav" not in {record["peer"] for record in found if record["status"] == "ok"}
    for record in found:
        assert record["status"] in ("ok", "missing"), record["message"]
        if record["status"] == "ok":
            assert record["samples_wanted"] == 4 * 32 * 32
            assert record["psnr_y"] is None


OWN = """
import os
from stfrag.bench.readers.pyav import PyAV
from stfrag.bench.readers.base import Missing

class Late(PyAV):
    name = "late"
    def read(self, box):
        return super().read(box._replace(t0=box.t0 - 1, t1=box.t1 - 1) if box.t0 else box)

class Aborts(PyAV):
    name = "aborts"
    def frame(self, t):
        os.abort()

class Raises(PyAV):
    name = "raises"
    def open(self, path, threads=1):
        raise OSError("no such thing")

class Nowhere(PyAV):
    name = "nowhere"
    modules = ("no_such_module",)
"""


def test_bad_readers(tmp_path, workers):
    path = tmp_path / "own_readers.py"
    path.write_text(OWN)
    names = [f"{path}:{kind}" for kind in ("Late", "Aborts", "Raises", "Nowhere")]
    patterns = ("boxes, uniform", "frames, uniform")
    wanted = Trial([*names, "pyav"], gops=(30,), reads=2, box=(2, 64, 64), patterns=patterns)
    found = trial.run(scene(20), wanted, workers)
    said = {(record["peer"], record["pattern"]): (record["status"], record["message"]) for record in found}
    assert said["late", patterns[0]][0] == "failed"
    assert said["late", patterns[0]][1].startswith("wrong samples: ")
    assert said["aborts", patterns[0]] == ("ok", "")
    assert said["aborts", patterns[1]][0] == "crashed"
    assert "SIGABRT" in said["aborts", patterns[1]][1]
    assert said["raises", patterns[0]] == said["raises", patterns[1]] == ("failed", "OSError: no such thing")
    status, message = said["nowhere", patterns[0]]
    assert status == "missing"
    assert "no_such_module" in message
    assert "pip install av" in message
    assert said["pyav", patterns[0]] == said["pyav", patterns[1]] == ("ok", "")
    assert all(set(record) == FIELDS for record in found)


def test_a_deadline(workers):
    wanted = Trial(["stf"], reads=50, patterns=PATTERNS[:2])
    found = trial.run(scene(20), wanted, workers, deadline=time.perf_counter())
    assert [record["reads"] for record in found] == [1] * len(found)


def test_unknown_reader(workers):
    with pytest.raises(ValueError, match="no reader 'ffmpeg', but stf, pyav"):
        trial.run(scene(2), Trial(["ffmpeg"]), workers)


def test_odd_sizes():
    clip = files.trimmed(
        Clip("odd", (np.zeros((2, 9, 7), "u1"), *np.zeros((2, 2, 5, 4), "u1")), Samples(2, 9, 7, 3, "420"), 2)
    )
    assert clip.samples.shape == (2, 8, 6)
    assert [plane.shape for plane in clip.planes] == [(2, 8, 6), (2, 4, 3), (2, 4, 3)]


@pytest.mark.slow
def test_the_whole_benchmark(tmp_path):
    journal = tmp_path / "run.part"
    options = {
        "peers": ["stf", "pyav"],
        "gops": (8,),
        "reads": 2,
        "box": (4, 64, 64),
        "frames": 12,
        "journal": journal,
    }
    told = []

    def stop(seconds, left, text):
        told.append(text)
        if text.endswith("boxes, clustered"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bench.access(["synthetic:camera"], progress=stop, **options)
    kept = journal.read_text()
    assert '"boxes, aligned"' in kept
    assert '"boxes, clustered"' not in kept
    found = bench.access(["synthetic:camera"], **options)
    assert journal.read_text().startswith(kept)
    assert [clip["name"] for clip in found["clips"]] == ["camera", "camera luma"]
    assert {r["pattern"] for r in found["records"]} == set(PATTERNS)
    assert {r["status"] for r in found["records"]} == {"ok"}
    assert any("earlier run" in note for note in found["notes"])
    once = {(r["label"], r["clip"], r["pattern"]) for r in found["records"]}
    assert len(once) == len(found["records"])
    json.dumps(found, allow_nan=False)


@pytest.mark.slow
def test_a_budget_reads_less_and_says_so():
    found = bench.access(["synthetic:camera"], peers=["stf"], reads=10_000, frames=12, box=(4, 64, 64), budget=4)
    assert found["seconds"] < 20
    assert any("budget of 4 s" in note for note in found["notes"])


def test_arrays_are_read_as_they_are():
    found = bench.access(["synthetic:microscope"], peers=["stf", "zarr"], reads=1, frames=8, box=(4, 64, 64))
    assert {r["clip"] for r in found["records"]} == {"microscope"}
    assert {r["status"] for r in found["records"]} <= {"ok", "missing"}


@pytest.mark.slow
def test_the_scene_of_1080p(tmp_path):
    clip = random_access._scene_1080p("scene", 2, str(tmp_path))
    assert [plane.shape for plane in clip.planes] == [(2, 1080, 1920), (2, 540, 960), (2, 540, 960)]
    for t, planes in enumerate(frames((2, 1080, 1920))):
        for found, plane in zip(clip.planes, planes, strict=True):
            np.testing.assert_array_equal(found[t], plane)
