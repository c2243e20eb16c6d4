"""Instruction counts under callgrind: the same figure twice, however noisy the machine.

Only what runs inside the named C function is counted, so the interpreter's start does not matter.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

_SCRIPT = """
import sys
sys.path.insert(0, {path!r})
from benchmarks.material import scene
import stfrag
data = stfrag.encode(scene(16, 128, 128), effort={effort})
stfrag.decode(data)
"""


def _count(function: str, effort: int) -> int:
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        raise NotImplementedError("valgrind is not installed")
    path = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    environment = dict(
        os.environ, PYTHONHASHSEED="0", STFRAG_CPU="avx2", STFRAG_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1"
    )
    with tempfile.TemporaryDirectory() as folder:
        command = [
            valgrind,
            "--tool=callgrind",
            f"--callgrind-out-file={folder}/out",
            "--collect-atstart=no",
            f"--toggle-collect={function}",
            sys.executable,
            "-c",
            _SCRIPT.format(path=path, effort=effort),
        ]
        run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    found = re.search(r"Collected\s*:\s*(\d+)", run.stderr)
    if found is None:
        raise RuntimeError(run.stderr[-500:])
    return int(found[1])


class Fragment:
    """Instructions for one 16×128×128 fragment."""

    params = [[1, 5]]
    param_names = ("effort",)
    timeout = 600

    def track_encode(self, effort):
        return _count("stf_fragment_encode", effort)

    def track_decode(self, effort):
        return _count("stf_fragment_decode", effort)

    track_encode.unit = track_decode.unit = "instructions"
