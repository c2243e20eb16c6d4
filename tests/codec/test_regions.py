"""Stores of libav's codecs: any box is the crop of the whole, any frame what playing gives, whoever reads."""

import io
import multiprocessing
import os
import pickle
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest

import stfrag

pytest.importorskip("av")

from support.codecs import needs
from support.coded import CODECS, LOSSY, content, planes
from support.processes import read_frame
from support.stores import video_store

from stfrag.codec import decoders

SIZE = 21, 70, 90
FRAGMENT = 8, 32, 48


@pytest.fixture(scope="module")
def stores():
    """A 4:2:0 store of each codec in 3 slabs of 3×2 tiles, and one of a fragment a slab."""
    made = {}

    def make(codec):
        needs(codec)
        if codec not in made:
            options = {"codec": codec, **({"quality": 70} if codec in LOSSY else {"max_error": 0})}
            made[codec] = (
                video_store(planes("420", *SIZE), fragment=FRAGMENT, **options),
                video_store(planes("420", *SIZE), fragment=(32, 70, 90), **options),
            )
        return made[codec]

    return make


@pytest.mark.parametrize("codec", CODECS)
def test_regions_are_crops_of_the_whole(stores, codec):
    rng = np.random.default_rng(1)
    for data in stores(codec):
        with stfrag.open(data, num_threads=2) as v:
            whole, luma = v[:], v.read(format="gray")
            planar = v.read_planes()
            for _ in range(25):
                box = []
                for n in SIZE:
                    a = int(rng.integers(0, n))
                    box.append(slice(a, int(rng.integers(a + 1, n + 1))))
                if rng.integers(3) == 0:
                    box[0] = slice(box[0].start, box[0].stop, 3)
                box = tuple(box)
                np.testing.assert_array_equal(v[box], whole[box])
                np.testing.assert_array_equal(v.read(box, format="gray"), luma[box])
                time, *space = box
                halves = tuple(slice(s.start // 2, -(-s.stop // 2)) for s in space)
                for plane, all_of_it, part in zip(
                    v.read_planes(box), planar, (tuple(space), halves, halves), strict=True
                ):
                    np.testing.assert_array_equal(plane, all_of_it[(time, *part)])


@pytest.mark.parametrize("codec", CODECS)
def test_single_frames_are_those_of_playing(stores, codec):
    for data in stores(codec):
        with stfrag.open(data, num_threads=1) as v:
            played = v[:]
            for t in np.random.default_rng(2).permutation(SIZE[0]):
                np.testing.assert_array_equal(v[int(t)], played[t])
            picks = [20, 3, 3, 0, 11, 4]
            np.testing.assert_array_equal(v.get_frames_at(picks), played[picks])


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_frames_that_nothing_needs_are_left_out(codec):
    """One frame of a fragment costs less than all before it where there are disposable pictures."""
    needs(codec)
    with stfrag.open(video_store(planes("420", 32, 64, 64), codec=codec, quality=70, fragment=(32, 64, 64))) as v:
        v[31]
        assert v.stats["frames"] < 30
        v.reset_stats()
        v[:]
        assert v.stats["frames"] == 32


@pytest.mark.parametrize("codec", CODECS)
def test_index_tells_the_true_error(codec):
    needs(codec)
    given = planes("420", *SIZE)
    rates = [{"quality": 40}, {"qp": 30}] if codec in LOSSY else [{"max_error": 0}]
    for rate in rates:
        with stfrag.open(video_store(given, codec=codec, fragment=FRAGMENT, **rate)) as v:
            assert len(v.index) == 3 * 3 * 2
            assert set(v.index.codec) == {codec}
            back = v.read_planes()
            for row in v.index:
                for c in range(3):
                    s = c != 0
                    box = (
                        slice(row.t0, row.t1),
                        slice(row.y0 >> s, -(-int(row.y1) >> s)),
                        slice(row.x0 >> s, -(-int(row.x1) >> s)),
                    )
                    error = given[c][box].astype(np.int64) - back[c][box]
                    assert row.sse[c] == (error**2).sum()
            assert (v.index.sse.sum() == 0) == (codec not in LOSSY)


@pytest.mark.parametrize("codec", CODECS)
def test_equal_bytes_whatever_the_threads(codec):
    needs(codec)
    options = {"codec": codec, "fragment": (11, 32, 48), **({"quality": 60} if codec in LOSSY else {"max_error": 0})}
    given = planes("420", 22, 64, 96)
    first = video_store(given, num_threads=1, **options)
    assert video_store(given, num_threads=4, **options) == first
    assert video_store(given, num_threads=1, **options) == first


def test_many_threads_share_a_reader(stores):
    data = stores("h264")[0]
    with stfrag.open(data, num_threads=2) as v:
        whole = v[:]

        def read(seed):
            rng = np.random.default_rng(seed)
            for _ in range(12):
                t, y, x = (int(rng.integers(0, n)) for n in SIZE)
                np.testing.assert_array_equal(v[t, y:, x:], whole[t, y:, x:])
            return True

        with ThreadPoolExecutor(6) as threads:
            assert all(threads.map(read, range(6)))


def test_decoders_are_used_again(stores):
    data = stores("h264")[0]
    decoders._idle.clear()
    with stfrag.open(data, num_threads=1) as v:
        first = v[:]
        kept = {key: list(map(id, contexts)) for key, contexts in decoders._idle.items()}
        # Three sizes of tiles; one thread has one of each.
        assert kept
        assert all(len(contexts) == 1 for contexts in kept.values())
        np.testing.assert_array_equal(v[::-1], first[::-1])
        assert {key: list(map(id, contexts)) for key, contexts in decoders._idle.items()} == kept


def test_no_more_decoders_are_kept_than_is_said(monkeypatch):
    needs("h264")
    monkeypatch.setattr(decoders, "_MOST_IDLE", 3)
    decoders._idle.clear()
    for y in range(16, 40, 2):
        array = content(2, y, 20)
        assert stfrag.decode(stfrag.encode(array, codec="h264", max_error=0)).shape == array.shape
        assert sum(map(len, decoders._idle.values())) <= 3


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_readers_go_to_other_processes(stores, tmp_path, method):
    """As a DataLoader does: pickled readers, forked or fresh workers."""
    path = tmp_path / "a.stf"
    path.write_bytes(stores("h264")[0])
    with stfrag.open(path, num_threads=1) as v:
        whole = v[:]  # decoders are open when workers are forked
        with ProcessPoolExecutor(2, multiprocessing.get_context(method)) as workers:
            for t, frame in enumerate(workers.map(read_frame, [pickle.loads(pickle.dumps(v))] * 5, range(5))):
                np.testing.assert_array_equal(frame, whole[t])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_fork_while_others_decode(stores):
    data = stores("h264")[0]
    with stfrag.open(data, num_threads=2) as v:
        whole = v[:]
        stop = threading.Event()

        def busy():
            while not stop.is_set():
                v[3]

        worker = threading.Thread(target=busy)
        worker.start()
        try:
            for _ in range(3):
                child = os.fork()
                if child == 0:
                    code = 1
                    try:
                        with stfrag.open(data, num_threads=2) as mine:
                            code = 0 if np.array_equal(mine[:], whole) else 2
                    finally:
                        os._exit(code)
                assert os.waitpid(child, 0)[1] == 0
        finally:
            stop.set()
            worker.join()


def test_append_goes_on_with_the_same_codec():
    needs("h264")
    array = content(40, 48, 64)
    file = io.BytesIO()
    stfrag.save(file, array[:16], codec="h264", quality=80, fragment=(16, 48, 64))
    with stfrag.append(file) as writer:
        writer.append(array[16:])
    with stfrag.open(file) as v:
        assert set(v.index.codec) == {"h264"}
        assert v.metadata["options"]["quality"] == 80
        assert np.abs(v[:].astype(int) - array).mean() < 3
