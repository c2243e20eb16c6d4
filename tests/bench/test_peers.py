"""Every peer that is there, on small clips of every kind of samples: exact, or it says that it does not take them."""

from __future__ import annotations

import numpy as np
import pytest

from stfrag import metrics
from stfrag.bench.job import FRAGMENTS, WHOLE, Cut, Job, NotApplicable, Samples, part
from stfrag.bench.measure import measure
from stfrag.bench.peers import PEERS, load
from stfrag.bench.peers.base import INDEX_BYTES, BoxPeer, Missing
from stfrag.tiling import Box

#: Odd sizes where nothing says otherwise.
KINDS = {
    "gray": Samples(5, 67, 95),
    "gray 1 bit": Samples(3, 67, 95, bits=1),
    "gray 12": Samples(5, 67, 95, bits=12, dtype="uint16"),
    "gray 16": Samples(3, 67, 95, bits=16, dtype="uint16"),
    "signed": Samples(5, 67, 95, bits=16, dtype="int16"),
    "4:2:0": Samples(5, 67, 95, 3, "420"),
    "4:2:0 10": Samples(5, 67, 95, 3, "420", 10, "uint16"),
    "4:2:2 10": Samples(3, 67, 95, 3, "422", 10, "uint16"),
    "4:4:4": Samples(5, 67, 95, 3),
    "RGB": Samples(5, 67, 95, 3, rgb=True),
    "RGB 12": Samples(3, 67, 95, 3, bits=12, dtype="uint16", rgb=True),
    "4:2:0 with alpha": Samples(3, 67, 95, 4, "420"),
    "gray with alpha": Samples(3, 67, 95, 2),
    "RGBA": Samples(3, 67, 95, 4, rgb=True),
    "one sample": Samples(1, 1, 1),
    "one sample of 12": Samples(1, 1, 1, bits=12, dtype="uint16"),
    "one pixel of 4:2:0": Samples(1, 1, 1, 3, "420"),
    "small 4:2:0": Samples(5, 33, 47, 3, "420"),
    "narrow": Samples(3, 70, 5, bits=12, dtype="uint16"),
}  # fmt: skip
#: Of these are the curves taken, the first that a peer takes.
CURVES = (Samples(6, 96, 128, 3, "420"), Samples(6, 96, 128), Samples(4, 96, 128, 3, "422", 10, "uint16"))
#: Settings that differ from others in nothing but how long they take.
SLOW = {("jpeg-xl", "e7"), ("x264", "veryslow"), ("x265", "slow"), ("zstd", "19"), ("vp9", "good-2")}
#: Larger than the clips; and of several boxes, with small ones at the edges.
CUTS = (Cut(WHOLE, (64, 128, 128)), Cut(FRAGMENTS, (4, 64, 64)))
#: Those that have more threads than they are told to use, and how many at most: zarr's loop and worker beside the
#: caller; the frame encoder of x265; the stages of SVT-AV1.
THREADS = {"zarr": 3, "x265": 2, "svt-av1": 100, "stf-av1": 100, "stf-hevc": 2}


def planes_of(samples, seed=1):
    """Waves that move, and noise; black, white and all the extremes of the dtype somewhere."""
    rng = np.random.default_rng(seed)
    low, high = 0, (1 << samples.bits) - 1
    if samples.signed:
        low, high = np.iinfo(samples.dtype).min, np.iinfo(samples.dtype).max
    found = []
    for c in range(samples.components):
        t, y, x = np.ogrid[tuple(slice(n) for n in samples.plane_shape(c))]
        wave = 0.5 + 0.25 * np.sin((y + t) / 9 + c) + 0.2 * np.cos((x - 2 * t) / 7)
        plane = low + (high - low) * (wave + rng.normal(0, 0.015, wave.shape))
        plane = np.clip(np.rint(plane), low, high)
        plane.flat[0], plane.flat[-1] = low, high
        found.append(plane.astype(samples.dtype))
    return tuple(found)


def usable(name, lossless):
    """The peer, or skip."""
    peer = load(name)
    try:
        versions = peer.versions()
    except Missing as error:
        pytest.skip(str(error))
    assert versions
    assert all(isinstance(version, str) and version for version in versions.values())
    return peer, [each for each in peer.settings(lossless) if each.default or not name.startswith("stf")]


def jobs_of(peer, setting, samples, point=None, cuts=CUTS, threads=1):
    """Those that it takes."""
    for cut in cuts:
        job = Job(samples, cut, setting.options, point, threads)
        try:
            peer.check(peer.single(job))
        except NotApplicable:
            continue
        yield job


def coded(peer, planes, job):
    return peer.encode(peer.prepare(planes, job), job)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", PEERS)
def test_lossless_is_exact_or_not_applicable(name, kind):
    samples = KINDS[kind]
    planes = planes_of(samples)
    peer, settings = usable(name, True)
    for setting in settings:
        if (name, setting.name) in SLOW and kind not in ("gray", "RGB 12"):
            continue
        for job in jobs_of(peer, setting, samples):
            data = coded(peer, planes, job)
            found = peer.planes(peer.decode(data, job), job)
            what = f"{setting.name} {job.cut.name} {peer.command(peer.single(job))}"
            assert [p.dtype for p in found] == [p.dtype for p in planes], what
            assert all(map(np.array_equal, planes, found)), what
            total, overhead = peer.size(data, job)
            assert total > overhead > 0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", PEERS)
def test_lossy_is_near_or_not_applicable(name, kind):
    samples = KINDS[kind]
    planes = planes_of(samples)
    peer, settings = usable(name, False)
    for setting in settings[:1]:
        for job in jobs_of(peer, setting, samples, peer.points(setting, 3)[0]):
            found = peer.planes(peer.decode(coded(peer, planes, job), job), job)
            for plane, other in zip(planes, found, strict=True):
                assert (plane.shape, plane.dtype) == (other.shape, other.dtype)
                error = np.abs(plane.astype(float) - other).mean() / ((1 << samples.bits) - 1)
                assert error <= 0.04 or samples.bits == 1, peer.command(peer.single(job))


@pytest.mark.parametrize("name", PEERS)
def test_bytes_and_quality_fall_along_the_points(name):
    peer, settings = usable(name, False)
    for setting in settings:
        points = peer.points(setting, 3)
        assert len(points) == len(set(points)) == 3
        if (name, setting.name) in SLOW:
            continue
        for samples in CURVES:
            planes, sizes, qualities = planes_of(samples), [], []
            for point in points:
                for job in jobs_of(peer, setting, samples, point, CUTS[:1]):
                    data = coded(peer, planes, job)
                    found = peer.planes(peer.decode(data, job), job)
                    sizes.append(peer.size(data, job)[0])
                    qualities.append(metrics.psnr(planes, found, bits=samples.bits))
            assert sizes == sorted(set(sizes), reverse=True), setting.name
            assert qualities == sorted(set(qualities), reverse=True), setting.name
            if sizes:
                assert 20 < qualities[-1] < qualities[0] < 60
                break
        else:
            pytest.fail("it takes none of the clips")


@pytest.mark.parametrize("name", PEERS)
def test_size_counts_the_index_and_every_byte(name):
    samples = KINDS["4:2:0"]
    planes = planes_of(samples)
    peer, settings = usable(name, True)
    for setting in settings[:1]:
        for job in jobs_of(peer, setting, samples):
            data = coded(peer, planes, job)
            total, overhead = peer.size(data, job)
            stored = sum(map(len, peer.content(data)))
            if isinstance(peer, BoxPeer):
                assert (total, overhead) == (stored + INDEX_BYTES * len(job.boxes), INDEX_BYTES * len(job.boxes))
            elif name == "zarr":
                chunks = 3 * len(job.boxes)
                assert total == sum(map(len, data.values())) + INDEX_BYTES * chunks
                assert overhead >= INDEX_BYTES * chunks
            else:
                assert total == stored


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("name", PEERS)
def test_the_same_bytes_each_time_and_the_crop_of_a_region(name, threads):
    lossless = bool(load(name).settings(True))
    peer, settings = usable(name, lossless)
    for samples in (KINDS["4:2:0"], KINDS["gray"], KINDS["4:2:2 10"], KINDS["RGB"]):
        planes = planes_of(samples)
        box = Box(1, min(4, samples.frames), 20, 66, 30, 90)
        for setting in settings[:1]:
            point = None if lossless else peer.points(setting, 3)[1]
            for job in jobs_of(peer, setting, samples, point, threads=threads):
                first, second = (coded(peer, planes, job) for _ in range(2))
                assert list(peer.content(first)) == list(peer.content(second))
                whole = peer.planes(peer.decode(first, job), job)
                crop = peer.region(first, job, box)
                assert all(map(np.array_equal, crop, part(whole, samples, box)))


@pytest.mark.slow
@pytest.mark.parametrize("name", PEERS)
def test_one_thread_is_one(name):
    lossless = bool(load(name).settings(True))
    peer, settings = usable(name, lossless)
    for samples in (KINDS["4:2:0"], KINDS["4:2:2 10"]):
        for setting in settings[:1]:
            for job in jobs_of(peer, setting, samples, None if lossless else peer.points(setting, 3)[1]):
                # A worker of xdist has a thread that hears from its controller, and may run meanwhile: not each time.
                records = [measure(peer, planes_of(samples), job, look=True) for _ in range(3)]
                for key in ("encode_threads", "decode_threads"):
                    counts = [record[key] for record in records]
                    assert None in counts or 1 <= min(counts) <= THREADS.get(name, 1)


def test_small_boxes_at_the_edges_are_padded_for_encoders_that_take_none():
    samples = Samples(3, 80, 144, 3, "420")
    planes = planes_of(samples)
    peer, (setting, *_) = usable("x265", True)
    job = Job(samples, Cut(FRAGMENTS, (3, 64, 64)), setting.options)
    assert {box.shape[1:] for box in job.boxes} == {(64, 64), (16, 64), (64, 16), (16, 16)}
    peer.check(peer.single(job))
    found = peer.planes(peer.decode(coded(peer, planes, job), job), job)
    assert all(map(np.array_equal, planes, found))
    with pytest.raises(NotApplicable, match="less than 64"):
        peer.check(peer.single(Job(samples, Cut(FRAGMENTS, (3, 32, 32)), setting.options)))


def test_the_native_codec_with_loss_is_at_the_usual_points_and_reads_crops():
    peer, settings = usable("stf", False)
    assert [each.name for each in settings] == ["e1", "e5", "e9"]
    assert peer.points(settings[0], 4) == [22, 27, 32, 37]
    samples, box = KINDS["4:2:0 10"], Box(1, 4, 20, 66, 30, 90)
    planes = planes_of(samples)
    job = Job(samples, CUTS[1], settings[0].options, 27.0, 2)
    assert "codec=stf" in peer.command(job)
    assert "qp=27" in peer.command(job)
    data = coded(peer, planes, job)
    assert data == coded(peer, planes, job)
    whole = peer.planes(peer.decode(data, job), job)
    assert all(map(np.array_equal, peer.region(data, job, box), part(whole, samples, box)))
    with pytest.raises(NotApplicable, match="16 bits"):
        peer.check(Job(KINDS["gray 16"], CUTS[1], settings[0].options, 27.0))
