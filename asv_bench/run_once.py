"""Run every benchmark once, without asv: proves in CI that each still works, in seconds instead of minutes."""

import importlib
import itertools
import pkgutil
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))


def combinations(bench):
    params = getattr(bench, "params", [])
    if params and not isinstance(params[0], list | tuple):
        params = [params]
    return itertools.product(*params)


def main() -> int:
    failed = 0
    package = importlib.import_module("benchmarks")
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"benchmarks.{info.name}")
        for name, cls in sorted(vars(module).items()):
            if not isinstance(cls, type) or cls.__module__ != module.__name__:
                continue
            for args in combinations(cls):
                for method in [m for m in dir(cls) if m.startswith(("time_", "track_", "peakmem_"))]:
                    bench = cls()
                    label = f"{info.name}.{name}.{method}{args or ''}"
                    try:
                        if hasattr(bench, "setup"):
                            bench.setup(*args)
                        start = time.perf_counter()
                        result = getattr(bench, method)(*args)
                        took = time.perf_counter() - start
                        shown = f"{result:,}" if method.startswith("track_") else f"{1e3 * took:.2f} ms"
                        print(f"{label:70} {shown}")
                    except NotImplementedError as why:  # asv's way to say "not on this machine"
                        print(f"{label:70} n/a: {why}")
                    except Exception as error:
                        failed += 1
                        print(f"{label:70} FAILED: {error!r}")
                    finally:
                        if hasattr(bench, "teardown"):
                            bench.teardown(*args)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
