"""Processes that peers run in, as the benchmark sees them: started, asked, timed out, ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from typing import Any, NamedTuple

from .messages import read_message, write_message

__all__ = ["IN_WORKER", "Outcome", "Worker", "Workers"]

#: A variable that is in the environment of workers.
IN_WORKER = "STFRAG_BENCH_WORKER"


class Outcome(NamedTuple):
    """What came of a task.

    Attributes
    ----------
    status : str
        "ok", "not applicable", "missing", "failed", "crashed" or "timeout".
    value : object
        What the task returned, or a message if it is not "ok".
    """

    status: str
    value: Any


class Worker:
    """One process, started when it is first asked something and again after it died."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._log: Any = None

    @property
    def runs(self) -> bool:
        """Whether there is a process."""
        return self._process is not None and self._process.poll() is None

    def call(self, name: str, timeout: float | None = None, **arguments: Any) -> Outcome:
        """Have one of `stfrag.bench.tasks` done."""
        process = self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        late = threading.Event()

        def kill() -> None:
            late.set()
            _kill(process)

        timer = threading.Timer(timeout, kill) if timeout else None
        if timer:
            timer.start()
        try:
            write_message(process.stdin, (name, arguments))
            return Outcome(*read_message(process.stdout))
        except (EOFError, OSError):
            code = process.wait()
            message = self._last_words()
            self.stop()
            if late.is_set():
                return Outcome("timeout", f"not done after {timeout:g} s")
            return Outcome("crashed", f"its process ended with {_reason(code)}{message}")
        except BaseException:  # interrupted: what it does is of no use any more
            self.stop()
            raise
        finally:
            if timer:
                timer.cancel()

    def _start(self) -> subprocess.Popen[bytes]:
        if self._process is None or not self.runs:
            self.stop()
            self._log = tempfile.TemporaryFile()  # noqa: SIM115  (closed by stop)
            environment = {**os.environ, IN_WORKER: "1", "SVT_LOG": os.environ.get("SVT_LOG", "1")}
            # Libraries with threads of their own are told to use one; how many they use is counted.
            for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
                environment.setdefault(name, "1")
            self._process = subprocess.Popen(
                [sys.executable, "-m", f"{__package__}.worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=self._log, env=environment, start_new_session=True)  # fmt: skip
        return self._process

    def _last_words(self) -> str:
        """The last line that it wrote to stderr."""
        self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, self._log.tell() - 4096))
        lines = [line.strip() for line in self._log.read().decode(errors="replace").splitlines() if line.strip()]
        return f": {lines[-1][:300]}" if lines else ""

    def stop(self) -> None:
        """End it; it may be asked again."""
        process, self._process = self._process, None
        if process is not None:
            _kill(process)
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    with suppress(OSError):  # something was still to be written
                        pipe.close()
        if self._log is not None:
            self._log.close()
            self._log = None


def _kill(process: subprocess.Popen[bytes]) -> None:
    """With whatever it started: its session is its own."""
    with suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


class Workers:
    """A worker for each peer; use it as a context manager, which ends them."""

    def __init__(self) -> None:
        self._workers: dict[str, Worker] = {}

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *rest: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End all of them; those that are asked again begin anew."""
        for worker in self._workers.values():
            worker.stop()

    def call_all(self, name: str) -> None:
        """Ask every worker that is there the same; what they answer does not matter."""
        for peer, worker in self._workers.items():
            if worker.runs:
                worker.call(name, 10, peer=peer)

    def restart(self, peer: str) -> None:
        """Have a process anew for what a peer does next."""
        if peer in self._workers:
            self._workers[peer].stop()

    def call(self, peer: str, name: str, timeout: float | None = None, **arguments: Any) -> Outcome:
        """Ask a peer's worker."""
        worker = self._workers.setdefault(peer, Worker())
        return worker.call(name, timeout, peer=peer, **arguments)


def _reason(code: int) -> str:
    if code < 0:
        try:
            return signal.Signals(-code).name
        except ValueError:
            return f"signal {-code}"
    return f"exit code {code}"
