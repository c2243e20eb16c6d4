"""The scaling benchmark: what more threads make of encoding, decoding and reading a region, and of memory."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..tiling import Box
from .coding import Checked, clips_of, describe_peers, document_of, finish, sizes_of
from .job import Cut, Job, Samples
from .journal import Journal
from .material import Clip
from .plan import Chosen, Plan, choose
from .process import Outcome
from .records import spread
from .session import Cell, Progress, Session

__all__ = ["measure_scaling", "threads_of"]

#: Measured unless others are asked for: lossless and lossy settings.
_LOSSLESS = ("stf:e5", "ffv1:range-c1", "blosc2")
_LOSSY = ("stf:e5", "stf-h264:e5", "x264:medium", "svt-av1:p8")
_JOBS = ("encode", "decode", "region")


def measure_scaling(
    plan: Plan, wanted: Sequence[str | type], journal: Journal, progress: Progress | None
) -> dict[str, Any]:
    """Run a plan; its ``threads`` are the most."""
    chosen = _choose(wanted)
    document = document_of(plan)
    counts = threads_of(plan.threads)
    with Session(journal, plan.repeat, plan.budget, plan.timeout, sizes_of(plan), progress) as session:
        session.say("looking for peers")
        document["peers"], missing = describe_peers(session, [each for each, _ in chosen])
        chosen = [(each, lossless) for each, lossless in chosen if each.spec not in missing]
        with tempfile.TemporaryDirectory(prefix="stfrag-bench-") as folder:
            for clip, path, cuts in clips_of(plan, session, document, folder):
                document["records"] += _measure_clip(session, clip, path, cuts, chosen, counts)
        finish(document, session)
    document["summary"] = {"threads": counts}
    return document


def threads_of(most: int) -> list[int]:
    """1 to `most`; above 8, powers of two and the most."""
    if most <= 8:
        return list(range(1, most + 1))
    return sorted({*(1 << n for n in range(most.bit_length()) if 1 << n <= most), most})


def _choose(wanted: Sequence[str | type]) -> list[tuple[Chosen, bool]]:
    """Settings, and whether they are lossless ones."""
    if not wanted:
        return [
            *((each, True) for each in choose(_LOSSLESS, True)),
            *((each, False) for each in choose(_LOSSY, False)),
        ]
    found = []
    for one in wanted:
        both: list[tuple[Chosen, bool]] = []
        problems: list[ValueError] = []
        for lossless in (True, False):
            try:
                both += [(each, lossless) for each in choose([one], lossless)]
            except ValueError as error:
                problems.append(error)
        if not both:  # it is of neither kind
            raise problems[0]
        found += both
    return found


def _region(samples: Samples) -> Box:
    """All frames of the middle half of rows and columns, at whole chroma samples."""
    y, x = samples.y // 4 & ~3, samples.x // 4 & ~3
    return Box(0, samples.frames, y, samples.y - y, x, samples.x - x)


def _measure_clip(
    session: Session,
    clip: Clip,
    path: str,
    cuts: Sequence[tuple[Cut, list[str]]],
    chosen: Sequence[tuple[Chosen, bool]],
    counts: Sequence[int],
) -> list[dict[str, Any]]:
    region = _region(clip.samples)
    checked, cells = [], []
    for cut, names in cuts:
        for each, lossless in chosen:
            point = None if lossless else each.peer.points(each.setting, 5)[1]
            for threads in counts:
                job = Job(clip.samples, cut, each.setting.options, point, threads)
                found = Checked(session, clip, each, job)
                found.facts["label"] += ", lossless" if lossless else ", lossy"
                found.cell.call = _call(session, each, path, job, region)
                checked.append((found, names))
                if found.cell.outcome is None:
                    cells.append(found.cell)
    session.measure(cells)
    return _records(clip, checked, region)


def _call(session: Session, each: Chosen, path: str, job: Job, region: Box) -> Any:
    def call(look: bool) -> Outcome:
        if look:
            session.workers.restart(each.spec)  # so that no memory is there before that it could use again
        return session.workers.call(
            each.spec, "measure", session.timeout, path=path, job=job, look=look, region=region
        )

    return call


def _records(clip: Clip, checked: Sequence[tuple[Checked, list[str]]], region: Box) -> list[dict[str, Any]]:
    samples = clip.samples
    frames, rows, columns = region.shape
    sizes = {
        "encode": samples.raw_bytes,
        "decode": samples.raw_bytes,
        "region": replace(samples, frames=frames, y=rows, x=columns).raw_bytes,
    }
    single: dict[tuple[str, str], dict[str, float]] = {}
    records = []
    for found, names in checked:
        for job in _JOBS:
            facts = {**found.facts, "job": job}
            facts |= _scaled(
                found.cell, job, sizes[job], single.setdefault((found.cell.group, job), {}), found.job.threads
            )
            records += [{**facts, "cut": name} for name in names]
    return records


def _scaled(cell: Cell, job: str, size: int, single: dict[str, float], threads: int) -> dict[str, Any]:
    if cell.outcome is not None:
        return {"status": cell.outcome.status, "message": str(cell.outcome.value), "command": cell.command}
    timed, first = cell.timed(), cell.results[0]
    seconds = [max(result[f"{job}_seconds"], 1e-9) for result in timed]
    speed = spread([size / 1e6 / s for s in seconds])
    if threads == 1:
        single["mb_s"] = speed["median"]
    gain = speed["median"] / single["mb_s"] if single else None
    return {
        "status": "ok", "message": "", "command": cell.command, "seconds": seconds, "mb_s": speed,
        "speedup": gain, "efficiency": gain / threads if gain else None,
        "threads_counted": first.get(f"{job}_threads"),
        "busy": sum(result[f"{job}_cpu_seconds"] for result in timed) / sum(seconds),
        "peak_memory": first.get(f"{job}_peak_bytes"), "bytes": first["bytes"],
    }  # fmt: skip
