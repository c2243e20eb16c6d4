"""Readers: where from, how long, in how many threads and processes, and what they say of damage."""

import errno
import io
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest
from support.processes import read_frame

import stfrag
import stfrag.model.threads

RNG = np.random.default_rng(2)
ARRAY = RNG.integers(0, 1000, (24, 64, 80), dtype=np.uint16)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("stores") / "a.stf"
    stfrag.save(path, ARRAY, fragment=(8, 32, 32), fps=10)
    return path


# ------------------------------------------------------------------------------------------------------- sources


def test_sources(path):
    data = path.read_bytes()

    class ReadOnly:
        """No readinto, and few bytes at a time."""

        def __init__(self):
            self.file = io.BytesIO(data)

        def seek(self, *args):
            return self.file.seek(*args)

        def read(self, size):
            return self.file.read(min(size, 1000))

    relative = os.path.relpath(path)
    with open(path, "rb", buffering=0) as raw, open(path, "rb") as buffered:
        for source in (
            path,
            str(path),
            relative,
            data,
            bytearray(data),
            memoryview(data),
            io.BytesIO(data),
            raw,
            buffered,
            ReadOnly(),
        ):
            for num_threads in (1, 3):
                with stfrag.open(source, num_threads=num_threads) as reader:
                    np.testing.assert_array_equal(reader[3:9, 10:60], ARRAY[3:9, 10:60])
        assert not raw.closed


def test_urls(path):
    fsspec = pytest.importorskip("fsspec")
    with fsspec.open("memory://stores/a.stf", "wb") as file:
        stfrag.save(file, ARRAY, fragment=(8, 32, 32))
    reader = stfrag.open("memory://stores/a.stf")
    np.testing.assert_array_equal(reader[:], ARRAY)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(reader))[5], ARRAY[5])
    np.testing.assert_array_equal(stfrag.open(f"file://{path}")[5], ARRAY[5])
    with pytest.raises(FileNotFoundError):
        stfrag.open("memory://stores/b.stf")


def test_urls_without_fsspec():
    code = "import sys; sys.modules['fsspec'] = None; import stfrag; stfrag.open('s3://bucket/a.stf')"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "ImportError: opening 's3://bucket/a.stf' needs fsspec: pip install 'stfrag[url]'" in run.stderr


@pytest.mark.parametrize(
    ("source", "error", "match"),
    [
        ("no/such/file.stf", FileNotFoundError, r"no/such/file\.stf"),
        (os.path.dirname(__file__), IsADirectoryError, "store"),
        ("/dev/zero", OSError, "not a regular file"),
        (b"", stfrag.CorruptStoreError, "empty|not a"),
        (b"something else altogether, and long enough to be a store", stfrag.CorruptStoreError, "not a"),
        (__file__, stfrag.CorruptStoreError, "not a"),
        (7, TypeError, "give a path"),
        (None, TypeError, "give a path"),
    ],
)
def test_what_cannot_be_opened(source, error, match):
    with pytest.raises(error, match=match):
        stfrag.open(source)


def test_truncated(path):
    data = path.read_bytes()
    for end in (1, 8, 40, 100, len(data) // 2, len(data) - 1):
        with pytest.raises(stfrag.CorruptStoreError) as caught:
            stfrag.open(data[:end])
        assert end < 100 or "repair" in str(caught.value)


def test_a_damaged_fragment_is_named_and_all_others_read(path):
    data = bytearray(path.read_bytes())
    index = stfrag.open(bytes(data)).index
    row = 9
    data[int(index.offset[row]) + int(index.bytes[row]) // 2] ^= 1
    box = tuple(slice(int(index[row][f"{axis}0"]), int(index[row][f"{axis}1"])) for axis in "tyx")
    reader = stfrag.open(data, num_threads=2)
    with pytest.raises(stfrag.CorruptFragmentError) as caught:
        reader[:]
    assert (caught.value.fragment, caught.value.region) == (row, box)
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (copy.fragment, copy.region, str(copy)) == (row, box, str(caught.value))
    for n, other in enumerate(index):
        if n != row:
            part = tuple(slice(int(other[f"{axis}0"]), int(other[f"{axis}1"])) for axis in "tyx")
            np.testing.assert_array_equal(reader[part], ARRAY[part])
    report = stfrag.verify(data)
    assert not report
    assert report.counts["corrupt_fragments"] == 1
    assert [error.fragment for error in report.problems] == [row]
    target = io.BytesIO()
    assert stfrag.repair(data, target)["fragments_lost"] == 1
    fixed = stfrag.open(target)
    assert (fixed.index.codec == "missing").sum() == 1
    with pytest.raises(stfrag.CorruptFragmentError):
        fixed[box]
    assert stfrag.verify(target).counts["missing_fragments"] == 1


@pytest.mark.parametrize("gone", [1, 20, 60, 100])
def test_repair_without_a_beginning(path, gone):
    """The tail has a copy of the header, and it serves where the tail lies elsewhere than it says, too."""
    target = io.BytesIO()
    assert stfrag.repair(path.read_bytes()[gone:], target)["fragments_lost"] == 0
    np.testing.assert_array_equal(stfrag.open(target)[:], ARRAY)


def test_verify_and_repair_arguments(path, tmp_path):
    assert stfrag.verify(path, deep=True, num_threads=2).counts["frames"] == 24
    with pytest.raises(FileNotFoundError):
        stfrag.verify(tmp_path / "none")
    with pytest.raises(FileNotFoundError):
        stfrag.repair(tmp_path / "none", tmp_path / "b")
    with pytest.raises(ValueError, match="another name"):
        stfrag.repair(path, path)
    with pytest.raises(stfrag.CorruptStoreError):
        stfrag.repair(b"nothing at all to be found in here", tmp_path / "b")
    assert os.listdir(tmp_path) == []
    (tmp_path / "b").write_text("mine")
    with pytest.raises(FileExistsError):
        stfrag.repair(path, tmp_path / "b", overwrite=False)
    assert stfrag.repair(path, tmp_path / "b")["fragments_lost"] == 0
    np.testing.assert_array_equal(stfrag.open(tmp_path / "b")[:], ARRAY)


def test_what_sources_raise_comes_out(path):
    class Broken(io.BytesIO):
        fail = False

        def readinto(self, into):
            if self.fail:
                raise PermissionError(errno.EACCES, "not today")
            return super().readinto(into)

    file = Broken(path.read_bytes())
    for num_threads in (1, 3):
        file.fail = False
        reader = stfrag.open(file, num_threads=num_threads)
        file.fail = True
        with pytest.raises(PermissionError, match="not today"):
            reader[:]
        file.fail = False
        np.testing.assert_array_equal(reader[:], ARRAY)
    short = io.BytesIO(path.read_bytes())
    reader = stfrag.open(short)
    short.truncate(200)
    with pytest.raises(EOFError, match="ends at"):
        reader[:]


# ------------------------------------------------------------------------------------------------------ lifetime


def test_closing(path):
    reader = stfrag.open(path)
    frame = reader[3]
    with reader as same:
        assert same is reader
    reader.close()
    np.testing.assert_array_equal(frame, ARRAY[3])
    assert "closed" in repr(reader)
    for use in (
        lambda: reader[0],
        lambda: reader.shape,
        lambda: len(reader),
        lambda: reader.read_planes(),
        lambda: reader.index,
        lambda: reader.info(),
        lambda: reader.__enter__(),
    ):
        with pytest.raises(ValueError, match="is closed"):
            use()


def test_descriptors_and_memory_are_given_back(path):
    def use():
        with stfrag.open(path) as reader:
            reader[:]
            assert len(reader.index)
            with pytest.raises(IndexError):
                reader[99]

    use()
    before = len(os.listdir("/proc/self/fd"))
    tracemalloc.start()
    use()
    held = tracemalloc.get_traced_memory()[0]
    for _ in range(20):
        use()
    assert tracemalloc.get_traced_memory()[0] < held + 100_000
    tracemalloc.stop()
    assert len(os.listdir("/proc/self/fd")) == before


def test_pickle(path):
    reader = stfrag.open(path, num_threads=2)
    copy = pickle.loads(pickle.dumps(reader))
    np.testing.assert_array_equal(copy[5], reader[5])
    assert copy.stats["fragments"] == reader.stats["fragments"]
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(stfrag.open(io.BytesIO(path.read_bytes())))
    assert pickle.loads(pickle.dumps(stfrag.open(path.read_bytes()))).shape == ARRAY.shape
    gone = pickle.loads(pickle.dumps(reader).replace(b"a.stf", b"b.stf"))
    with pytest.raises(FileNotFoundError):  # opened when it is used
        len(gone)
    reader.close()
    with pytest.raises(ValueError, match="is closed"):
        len(pickle.loads(pickle.dumps(reader)))


@pytest.mark.parametrize("method", ["fork", "spawn"])
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_processes(path, method):
    reader = stfrag.open(path, num_threads=3)
    reader[:]
    with ProcessPoolExecutor(2, multiprocessing.get_context(method)) as workers:
        for number, frame in enumerate(workers.map(read_frame, [reader] * 6, range(6))):
            np.testing.assert_array_equal(frame, ARRAY[number])


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.parametrize("kind", ["path", "bytes", "file"])
def test_fork_after_use(path, kind):
    """A reader, and the pool, used before a fork work after it, even while other threads were reading."""
    source = {"path": path, "bytes": path.read_bytes(), "file": io.BytesIO(path.read_bytes())}[kind]
    reader = stfrag.open(source, num_threads=3)
    stop = threading.Event()

    def busy():
        while not stop.is_set():
            np.testing.assert_array_equal(reader[3:20, 5:60], ARRAY[3:20, 5:60])

    with ThreadPoolExecutor(2) as threads:
        jobs = [threads.submit(busy) for _ in range(2)]
        time.sleep(0.05)
        children = []
        for _ in range(4):
            child = os.fork()
            if child == 0:
                # A file object's own lock may be held by a thread that is not here; paths and bytes have none.
                signal.alarm(20)
                mine = stfrag.open(path.read_bytes(), num_threads=3) if kind == "file" else reader
                os._exit(0 if np.array_equal(mine[:], ARRAY) else 1)
            children.append(child)
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        stop.set()
        for job in jobs:
            job.result()
    assert codes == [0] * 4


def test_many_threads_read_one_reader(path):
    reader = stfrag.open(path, num_threads=2)
    rng = np.random.default_rng(0)
    boxes = [tuple(slice(*sorted(rng.integers(0, n + 1, 2))) for n in ARRAY.shape) for _ in range(200)]
    with ThreadPoolExecutor(8) as threads:
        for box, got in zip(boxes, threads.map(reader.__getitem__, boxes), strict=True):
            np.testing.assert_array_equal(got, ARRAY[box])
    assert reader.stats["samples_out"] == sum(ARRAY[box].size for box in boxes)


def test_closing_while_others_read(path):
    for _ in range(10):
        reader = stfrag.open(path, num_threads=2)

        def read(reader=reader):
            with pytest.raises(ValueError, match="is closed"):
                while True:
                    np.testing.assert_array_equal(reader[:], ARRAY)

        with ThreadPoolExecutor(3) as threads:
            jobs = [threads.submit(read) for _ in range(3)]
            time.sleep(0.01)
            reader.close()
            for job in jobs:
                job.result()


# ------------------------------------------------------------------------------------------------------- threads


def test_num_threads(monkeypatch):
    monkeypatch.delenv("STFRAG_NUM_THREADS", raising=False)
    resolve = stfrag.model.threads.resolve_threads
    assert resolve(None) == stfrag.model.threads.usable_processors() >= 1
    assert resolve(np.int64(7)) == 7
    monkeypatch.setenv("STFRAG_NUM_THREADS", "5")
    assert (resolve(None), resolve(2)) == (5, 2)
    for bad in ("0", "many", "257", "-1"):
        monkeypatch.setenv("STFRAG_NUM_THREADS", bad)
        with pytest.raises(ValueError, match="STFRAG_NUM_THREADS"):
            resolve(None)
    for bad, error in (
        (0, ValueError),
        (-1, ValueError),
        (257, ValueError),
        (1.5, TypeError),
        ("2", TypeError),
        (True, TypeError),
    ):
        with pytest.raises(error, match="num_threads"):
            stfrag.open(b"", num_threads=bad)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/cpu.max": "150000 100000"}, 2),
        (
            {
                "/proc/self/cgroup": "0::/a/b\n",
                "/sys/fs/cgroup/a/b/cpu.max": "max 100000",
                "/sys/fs/cgroup/a/cpu.max": "300000 100000",
            },
            3,
        ),
        (
            {
                "/proc/self/cgroup": "4:cpu,cpuacct:/x\n2:memory:/\n",
                "/sys/fs/cgroup/cpu/x/cpu.cfs_quota_us": "50000",
                "/sys/fs/cgroup/cpu/x/cpu.cfs_period_us": "100000",
            },
            1,
        ),
        (
            {
                "/proc/self/cgroup": "4:cpu:/\n",
                "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1",
                "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
            },
            256,
        ),
        ({}, 256),
    ],
)
def test_cpu_quota(monkeypatch, files, expected):
    def read(name):
        try:
            return files[name]
        except KeyError:
            raise FileNotFoundError(name) from None

    monkeypatch.setattr(stfrag.model.threads, "_read", read)
    assert stfrag.model.threads._quota.__wrapped__() == expected


class Slow(io.BytesIO):
    """A file that takes its time."""

    def readinto(self, into):
        time.sleep(0.02)
        return super().readinto(into)


@pytest.mark.parametrize("num_threads", [1, 3])
def test_ctrl_c_while_reading(num_threads):
    file = Slow()
    stfrag.save(file, ARRAY, fragment=(1, 8, 8))  # 1920 fragments: 38 s
    reader = stfrag.open(file, num_threads=num_threads)
    timer = threading.Timer(0.3, os.kill, [os.getpid(), signal.SIGINT])
    start = time.monotonic()
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        reader[:]
    assert time.monotonic() - start < 5
    assert reader[0, 0, 0] == ARRAY[0, 0, 0]


@pytest.mark.parametrize("num_threads", [1, 3])
def test_ctrl_c_while_writing(tmp_path, num_threads):
    """Encoding stops in the middle of a slab; nothing gets the final name."""
    noise = np.random.default_rng(3).integers(0, 60000, (64, 512, 512), dtype=np.uint16)
    timer = threading.Timer(0.2, os.kill, [os.getpid(), signal.SIGINT])
    timer.start()
    start = time.process_time()  # of this process, all threads: what else the machine does is no matter

    def forever():
        with stfrag.create(tmp_path / "a.stf", effort=9, fragment=(16, 64, 64), num_threads=num_threads) as writer:
            while time.process_time() - start < 30:
                writer.append(noise)

    with pytest.raises(KeyboardInterrupt):
        forever()
    assert time.process_time() - start < 10
    assert not (tmp_path / "a.stf").exists()
