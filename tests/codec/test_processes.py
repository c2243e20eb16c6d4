"""What can only be seen from outside of a process: memory that an encoder overruns, threads that it starts, what its
absence does."""

import sys

import numpy as np
import pytest

pytest.importorskip("av")

from support.codecs import needs
from support.coded import CODECS, LOSSY
from support.processes import child

import stfrag

_SMALL = """
import sys, numpy as np, stfrag
rng = np.random.default_rng(0)
sizes = [(int(rng.integers(1, 10)), int(rng.integers(1, 64)), int(rng.integers(1, 64))) for _ in range(24)]
sizes += [(2, 16, 16), (5, 16, 48), (3, 48, 16), (2, 32, 32), (9, 63, 62), (3, 1, 1), (1, 64, 8)]
for size in sizes:
    array = rng.integers(0, 256, size, np.uint8)
    for options in ({"max_error": 0}, {"quality": 50}):
        back = stfrag.decode(stfrag.encode(array, codec="hevc", effort=1, **options))
        assert back.shape == size
        assert "quality" in options or (back == array).all()
junk = [bytes(rng.integers(1, 5000)) for _ in range(2000)]  # a broken heap shows when it is used
del junk
print(len(sizes))
"""


def test_small_hevc_of_mixed_sizes_leaves_the_heap_whole():
    """libx265 writes past a scratch array for widths up to 48 and more than one frame: glibc looks for that here."""
    needs("hevc")
    assert int(child(_SMALL, MALLOC_CHECK_="3", MALLOC_PERTURB_="165")) > 30


_THREADS = """
import os, sys, threading, time
import numpy as np, stfrag
codec, out = sys.argv[1], []
options = {"codec": codec, "num_threads": 1, **({"quality": 60} if sys.argv[2] == "lossy" else {"max_error": 0})}
rng = np.random.default_rng(0)
t = np.add.outer(np.arange(24) * 2, np.add.outer(np.arange(128), np.arange(160)))
y = (128 + 90 * np.sin(t / 11) + rng.normal(0, 4, t.shape)).clip(0, 255).astype(np.uint8)
given = y, y[:, ::2, ::2].copy(), y[:, 1::2, 1::2].copy()
counts, stop = [], threading.Event()
def count():
    while not stop.is_set():
        counts.append(len(os.listdir("/proc/self/task")))
        time.sleep(0.001)
watcher = threading.Thread(target=count, daemon=True)
watcher.start()
time.sleep(0.02)
def phase(job):
    first, before = len(counts), len(os.listdir("/proc/self/task"))
    wall, cpu = time.perf_counter(), time.process_time()
    results = [job()]
    while time.perf_counter() - wall < 0.3:  # long enough to be watched
        results.append(job())
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(max(counts[first + 1:], default=before) - before, f"{cpu / wall:.2f}")
    return results[0]
data = phase(lambda: stfrag.encode_planes(given, "420", **options))
time.sleep(0.05)
phase(lambda: stfrag.decode_planes(data))
stop.set()
watcher.join()
"""


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts threads in /proc")
@pytest.mark.parametrize("codec", CODECS)
def test_threads_that_run(codec):
    """With num_threads=1 one thread works. Two encoders start more: x265 one, its frame encoder, and SVT-AV1 one a
    stage of its pipeline, of which one at a time has work."""
    needs(codec)
    lines = child(_THREADS, codec, "lossy" if codec in LOSSY else "lossless").split("\n")
    (encode, encode_cpu), (decode, decode_cpu) = (line.split() for line in lines[:2])
    assert int(encode) <= {"hevc": 1, "av1": 24}.get(codec, 0)
    assert int(decode) == 0
    # The watching thread takes a little, too.
    assert float(encode_cpu) < 1.5
    assert float(decode_cpu) < 1.5


_WITHOUT_AV = """
import sys
sys.modules["av"] = None
import io, numpy as np, stfrag
array = np.arange(2 * 8 * 8, dtype=np.uint8).reshape(2, 8, 8)
assert (stfrag.decode(stfrag.encode(array)) == array).all()
codecs = {c["name"]: c for c in stfrag.codecs()}
assert stfrag.encode(array, quality=50) == stfrag.encode(array, codec="stf", quality=50)
assert codecs["stf"]["encode"] and not codecs["h264"]["encode"] and not codecs["av1"]["decode"]
for call in (lambda: stfrag.encode(array, codec="h264", quality=50),
             lambda: stfrag.encode(array, codec="av1", quality=50),
             lambda: stfrag.save(io.BytesIO(), array, codec="ffv1"),
             lambda: stfrag.decode(bytes.fromhex(sys.argv[1]))):
    try:
        call()
    except stfrag.UnsupportedError as error:
        print(error)
"""


def test_without_pyav():
    """The native path works; what needs libav says so."""
    needs("h264")
    flat = stfrag.encode(np.full((2, 64, 64), 90, np.uint8), codec="h264", quality=50)
    lines = child(_WITHOUT_AV, flat.hex()).splitlines()
    assert len(lines) == 4
    assert all("PyAV" in line and "pip install av" in line for line in lines), lines


_IMPORTS = """
import sys, stfrag
array = __import__("numpy").zeros((2, 8, 8), "u1")
stfrag.decode(stfrag.encode(array))
print([name for name in sys.modules if name == "av" or name.startswith("stfrag.codec.")])
"""


def test_native_coding_imports_none_of_it():
    assert child(_IMPORTS).strip() == "['stfrag.codec.native', 'stfrag.codec.coding']"


_QUIET = """
import numpy as np, stfrag
a = (np.add.outer(np.arange(6), np.add.outer(np.arange(32), np.arange(32))) * 3).astype("u1")
c = a[:, ::2, ::2].copy()
for codec in stfrag.codecs()[1:]:
    if codec["encode"]:
        rate = {"quality": 50} if codec["lossy"] else {}
        stfrag.decode_planes(stfrag.encode_planes((a, c, c), "420", codec=codec["name"], **rate))
"""


def test_nothing_is_printed():
    import subprocess

    done = subprocess.run([sys.executable, "-c", _QUIET], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_fresh_process_has_decoders_whatever_it_does_first(tmp_path):
    """Reading and checking stores of libav's codecs need nothing to be imported by the user."""
    needs("ffv1")
    stfrag.save(tmp_path / "a.stf", np.zeros((2, 16, 16), np.uint8), codec="ffv1")
    for first in ("stfrag.open(sys.argv[1])[:].any()", "stfrag.verify(sys.argv[1], deep=True).problems"):
        assert child(f"import sys, stfrag; print({first})", tmp_path / "a.stf").strip() in ("False", "[]")
