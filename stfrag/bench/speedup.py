"""The scaling benchmark: how much faster more threads encode, decode and read a region, and their memory."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from ..tiling import Box
from .coding import Checked
from .job import Job, Samples
from .plan import Chosen, choose
from .process import Outcome
from .records import spread
from .run import Prepared, Run, clips_of, describe_peers, document_of, finish
from .session import Cell, Session

__all__ = ["measure_scaling", "threads_of"]

#: The settings that are measured by default, lossless and lossy.
_LOSSLESS = ("stf:e5", "ffv1:range-c1", "blosc2")
_LOSSY = ("stf:e5", "stf-h264:e5", "x264:medium", "svt-av1:p8")
_JOBS = ("encode", "decode", "region")


class _Way(NamedTuple):
    """A peer at a setting, and whether it codes without loss."""

    chosen: Chosen
    lossless: bool


def measure_scaling(run: Run) -> dict[str, Any]:
    """Run a plan of the scaling benchmark; its ``threads`` are the most."""
    plan = run.plan
    ways = _choose(run.wanted)
    document = document_of(plan)
    counts = threads_of(plan.threads)
    with run.session() as session:
        session.say("looking for peers")
        document["peers"], missing = describe_peers(session, [way.chosen for way in ways])
        ways = [way for way in ways if way.chosen.spec not in missing]
        with tempfile.TemporaryDirectory(prefix="stfrag-bench-") as folder:
            for prepared in clips_of(plan, session, document, folder):
                document["records"] += _measure_clip(session, prepared, ways, counts)
        finish(document, session)
    document["summary"] = {"threads": counts}
    return document


def threads_of(most: int) -> list[int]:
    """The numbers of threads that are measured: 1 to `most`; above 8, powers of two and the most."""
    if most <= 8:
        return list(range(1, most + 1))
    return sorted({*(1 << n for n in range(most.bit_length()) if 1 << n <= most), most})


def _choose(wanted: Sequence[str | type]) -> list[_Way]:
    """The settings that are measured, lossless and lossy; those of `_LOSSLESS` and `_LOSSY` if none is asked for."""
    if not wanted:
        return [
            *(_Way(each, True) for each in choose(_LOSSLESS, True)),
            *(_Way(each, False) for each in choose(_LOSSY, False)),
        ]
    found = []
    for one in wanted:
        both: list[_Way] = []
        problems: list[ValueError] = []
        for lossless in (True, False):
            try:
                both += [_Way(each, lossless) for each in choose([one], lossless)]
            except ValueError as error:
                problems.append(error)
        if not both:  # there is neither a lossless nor a lossy setting of that name
            raise problems[0]
        found += both
    return found


def _region(samples: Samples) -> Box:
    """All frames of the middle half of rows and columns, at whole chroma samples."""
    y, x = samples.y // 4 & ~3, samples.x // 4 & ~3
    return Box(0, samples.frames, y, samples.y - y, x, samples.x - x)


class _Measured(NamedTuple):
    """A job that was measured, and the names of its cuts."""

    checked: Checked
    names: list[str]


def _measure_clip(
    session: Session, prepared: Prepared, ways: Sequence[_Way], counts: Sequence[int]
) -> list[dict[str, Any]]:
    """Measure every way to code a clip, on every cut and number of threads."""
    region = _region(prepared.clip.samples)
    found, cells = [], []
    for cut, names in prepared.cuts:
        for each, lossless in ways:
            point = None if lossless else each.peer.points(each.setting, 5)[1]
            for threads in counts:
                job = Job(prepared.clip.samples, cut, each.setting.options, point, threads)
                checked = Checked(session, prepared.clip, each, job)
                checked.facts["label"] = f"{each.label}, {'lossless' if lossless else 'lossy'}"
                checked.cell.call = _call(session, each.spec, {"path": prepared.path, "job": job, "region": region})
                found.append(_Measured(checked, names))
                if checked.cell.outcome is None:
                    cells.append(checked.cell)
    session.measure(cells)
    return _records(prepared.clip.samples, found, region)


def _call(session: Session, spec: str, arguments: dict[str, Any]) -> Callable[[bool], Outcome]:
    """A function that measures a job once."""

    def call(look: bool) -> Outcome:
        if look:
            session.workers.restart(spec)  # a new process has no memory from before that it could use again
        return session.workers.call(spec, "measure", session.timeout, look=look, **arguments)

    return call


def _records(samples: Samples, measured: Sequence[_Measured], region: Box) -> list[dict[str, Any]]:
    """A record for each job, cut, number of threads, and thing that was timed."""
    frames, rows, columns = region.shape
    sizes = {
        "encode": samples.raw_bytes,
        "decode": samples.raw_bytes,
        "region": replace(samples, frames=frames, y=rows, x=columns).raw_bytes,
    }
    single: dict[tuple[str, str], float] = {}  # the speed on one thread, which is measured first
    records = []
    for found, names in measured:
        for job in _JOBS:
            key = found.cell.group, job
            result = _result(found.cell, job, sizes[job], found.job.threads, single.get(key))
            if found.job.threads == 1 and result["status"] == "ok":
                single[key] = result["mb_s"]["median"]
            records += [{**found.facts, "job": job, **result, "cut": name} for name in names]
    return records


def _result(cell: Cell, job: str, size: int, threads: int, single: float | None) -> dict[str, Any]:
    """The result of a cell: the speed of one job on `size` bytes, also relative to that on one thread."""
    if cell.outcome is not None:
        return {"status": cell.outcome.status, "message": str(cell.outcome.value), "command": cell.command}
    timed, first = cell.timed(), cell.results[0]
    seconds = [max(result[f"{job}_seconds"], 1e-9) for result in timed]
    speed = spread([size / 1e6 / s for s in seconds])
    if threads == 1:
        single = speed["median"]
    gain = speed["median"] / single if single else None
    return {
        "status": "ok", "message": "", "command": cell.command, "seconds": seconds, "mb_s": speed,
        "speedup": gain, "efficiency": gain / threads if gain else None,
        "threads_counted": first.get(f"{job}_threads"),
        "busy": sum(result[f"{job}_cpu_seconds"] for result in timed) / sum(seconds),
        "peak_memory": first.get(f"{job}_peak_bytes"), "bytes": first["bytes"],
    }  # fmt: skip
