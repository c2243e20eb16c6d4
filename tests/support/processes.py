"""Python in processes of their own."""

import os
import subprocess
import sys


def child(code, *args, timeout=120, **environment):
    """Run Python code in a process of its own, which must succeed; what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, args)],
        capture_output=True,
        text=True,
        timeout=timeout,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, f"exit {done.returncode}: {done.stderr[-2000:]}"
    return done.stdout


def read_frame(reader, number):
    """Return one frame of a reader: what workers of a pool do, which import it by its name."""
    return reader[number]
