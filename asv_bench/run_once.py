"""Run every benchmark once, without asv: proves in CI that each still works, in seconds instead of minutes."""

import importlib
import itertools
import pkgutil
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

#: The kinds of benchmarks that there are, by how their names begin.
KINDS = ("time_", "timeraw_", "track_", "peakmem_")
#: Runs a statement after its setup, and prints how many seconds it took.
RAW = """
import sys, time
exec(sys.argv[2])
start = time.perf_counter()
exec(sys.argv[1])
print(time.perf_counter() - start)
"""


def combinations(bench):
    """The parameters that a class is run with."""
    params = getattr(bench, "params", [])
    if params and not isinstance(params[0], list | tuple):
        params = [params]
    return itertools.product(*params)


def figure(bench, method, args) -> str:
    """Run one method once: what it tracks, or how long it takes."""
    start = time.perf_counter()
    result = getattr(bench, method)(*args)
    seconds = time.perf_counter() - start
    if method.startswith("track_"):
        return f"{result:,}"
    if method.startswith("timeraw_"):  # code for a process of its own, and what comes before it
        code, setup = result if isinstance(result, tuple) else (result, "")
        command = [sys.executable, "-c", RAW, code, setup]
        seconds = float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return f"{1e3 * seconds:.2f} ms"


def run(cls, method, args, label) -> bool:
    """Print the figure of one method; whether it failed."""
    bench = cls()
    try:
        if hasattr(bench, "setup"):
            bench.setup(*args)
        print(f"{label:70} {figure(bench, method, args)}")
    except NotImplementedError as why:  # asv's way to say "not on this machine"
        print(f"{label:70} n/a: {why}")
    except Exception as error:
        print(f"{label:70} FAILED: {error!r}")
        return True
    finally:
        if hasattr(bench, "teardown"):
            bench.teardown(*args)
    return False


def main() -> int:
    failed = 0
    package = importlib.import_module("benchmarks")
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"benchmarks.{info.name}")
        for name, cls in sorted(vars(module).items()):
            if not isinstance(cls, type) or cls.__module__ != module.__name__:
                continue
            for args in combinations(cls):
                for method in [m for m in dir(cls) if m.startswith(KINDS)]:
                    failed += run(cls, method, args, f"{info.name}.{name}.{method}{args or ''}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
