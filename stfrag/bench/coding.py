"""What `lossless` and `lossy` share: peers × settings × cuts × points on every clip, as a document."""

from __future__ import annotations

import datetime
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from .. import __version__
from ..errors import CorruptFragmentError, CorruptStoreError, UnsupportedError
from . import machine
from .job import WHOLE, Cut, Job, boxes_of
from .journal import Journal
from .listing import said_of
from .material import Clip, Input, estimate, load, write_planes
from .plan import Chosen, Plan, choose, file_of
from .process import Outcome
from .records import clip_record, coding_record, spread
from .session import Cell, Progress, Session
from .vmaf import find_ffmpeg, takes, version

__all__ = [
    "Checked",
    "clips_of",
    "describe_peers",
    "document_of",
    "failed_input",
    "finish",
    "measure_coding",
    "sizes_of",
]


def measure_coding(
    plan: Plan,
    wanted: Sequence[str | type],
    journal: Journal,
    progress: Progress | None,
    summary: Callable[[list[dict[str, Any]]], dict[str, Any]],
) -> dict[str, Any]:
    """Run a plan of the lossless or the lossy benchmark.

    Parameters
    ----------
    plan : Plan
    wanted : sequence
        Peers, see `choose`.
    journal : Journal
    progress : callable, optional
    summary : callable
        Makes one of the records.
    """
    lossless = plan.benchmark == "lossless"
    chosen = choose(wanted, lossless)
    document = document_of(plan)
    vmaf = find_ffmpeg() if plan.vmaf and not lossless else None
    with Session(journal, plan.repeat, plan.budget, plan.timeout, sizes_of(plan), progress) as session:
        session.say("looking for peers")
        document["peers"], missing = describe_peers(session, chosen)
        chosen = [each for each in chosen if each.spec not in missing]
        with tempfile.TemporaryDirectory(prefix="stfrag-bench-") as folder:
            for clip, path, cuts in clips_of(plan, session, document, folder):
                document["records"] += _measure_clip(
                    plan, session, clip, path, cuts, chosen, vmaf if vmaf and takes(clip.samples) else None
                )
        finish(document, session)
    if vmaf:
        document["machine"]["vmaf"] = version(vmaf)
    elif plan.vmaf and not lossless:
        document["notes"].append(
            "no VMAF: no ffmpeg with libvmaf was found (on the path, as STFRAG_FFMPEG, or by "
            "pip install imageio-ffmpeg)"
        )
    document["summary"] = summary(document["records"])
    return document


def document_of(plan: Plan) -> dict[str, Any]:
    """A document without any records yet."""
    return {
        "format": "stfrag-bench", "version": 1, "benchmark": plan.benchmark, "stfrag": __version__,
        "started": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"), "seconds": 0.0, "command": "",
        "options": {**plan.options(), "inputs": [source.source for source in plan.inputs]},
        "machine": machine.describe(), "yardstick_mb_s": None, "peers": [], "clips": [], "records": [], "summary": {},
        "unread": [], "notes": [],
    }  # fmt: skip


def clips_of(
    plan: Plan, session: Session, document: dict[str, Any], folder: str
) -> Iterator[tuple[Clip, str, list[tuple[Cut, list[str]]]]]:
    """Every input that can be read: the clip, a file of its planes for other processes, and its cuts."""
    for number, source in enumerate(plan.inputs):
        session.say(f"reading {source.name}")
        path = os.path.join(folder, f"clip{number}")
        try:
            clip = load(source, plan.frames, plan.most_bytes)
            cuts = cuts_of(plan, clip)
            write_planes(path, clip.planes)
        except Exception as error:
            failed_input(session, document, source, error)
            continue
        document["clips"].append(clip_record(clip, source))
        yield clip, path, cuts
        session.workers.call_all("forget")
        with suppress(OSError):
            os.unlink(path)


def sizes_of(plan: Plan) -> list[float]:
    """About how many bytes of samples every input has, of those that are measured."""
    return [float(min(estimate(source, plan.frames), plan.most_bytes)) for source in plan.inputs]


def describe_peers(session: Session, chosen: Sequence[Chosen]) -> tuple[list[dict[str, Any]], set[str]]:
    """What is said of the peers, and which of them are missing."""
    peers = {each.spec: each.peer for each in chosen}
    found = []
    for spec, peer in peers.items():
        found.append({"spec": spec, **said_of(peer, session.workers, spec, "describe")})
        session.versions(spec, [found[-1]["versions"], file_of(spec)])
    return found, {each["spec"] for each in found if each["missing"]}


def failed_input(session: Session, document: dict[str, Any], source: Input, error: Exception) -> None:
    """Note an input that could not be read; the run goes on."""
    status = "failed"
    if isinstance(error, CorruptStoreError | CorruptFragmentError):
        status = "corrupt"
    elif isinstance(error, UnsupportedError | ImportError):
        status = "unsupported"
    message = " ".join(str(error).split()) or type(error).__name__
    document["unread"].append({"name": source.name, "source": source.source, "status": status, "message": message})
    document["notes"].append(f"{source.name} was not read: {message}")
    session.leave()


def finish(document: dict[str, Any], session: Session) -> None:
    """What is known when all is measured."""
    if session.resumed:
        document["notes"].append(f"{session.resumed} measurements are of an earlier run that was interrupted")
    document["notes"] += session.notes
    document["seconds"] = session.seconds
    document["yardstick_mb_s"] = spread(session.speeds) if session.speeds else None


class Checked:
    """A job, what its record begins with, and a cell that measures it; or that says why it cannot be.

    Parameters
    ----------
    session : Session
    clip : Clip
    each : Chosen
    job : Job

    Attributes
    ----------
    job : Job
    facts : dict
    cell : Cell
        Its ``call`` is for the caller to set.
    """

    def __init__(self, session: Session, clip: Clip, each: Chosen, job: Job) -> None:
        self.job = job
        self.facts = {
            "clip": clip.name, "peer": each.peer.name, "setting": each.setting.name, "label": each.label,
            "fragment": "×".join(map(str, job.largest.shape)), "threads": job.threads, "point": job.point,
        }  # fmt: skip
        megabytes = clip.samples.raw_bytes / 1e6
        mode = "lossless" if job.lossless else "lossy"
        group = f"{clip.name}|{each.spec}|{each.setting.name}|{job.cut.name}|{mode}"
        text = f"{clip.name}: {each.label}, {job.cut.name}"
        if job.point is not None:
            text += f", {job.point:g}"
        if job.threads > 1:
            text += f", {job.threads} threads"
        seconds = megabytes / each.setting.speed + megabytes / max(each.setting.speed, 80) + 0.02
        if not job.lossless:
            seconds += megabytes / 15  # for looking how good it is
        self.cell = Cell(f"{group}|{job.point}|{job.threads}", each.spec, clip.name, text, seconds, group)
        checked = session.workers.call(each.spec, "check", session.timeout, job=job)
        if checked.status == "ok":
            self.cell.command = checked.value
        else:
            self.cell.outcome = checked


def cuts_of(plan: Plan, clip: Clip) -> list[tuple[Cut, list[str]]]:
    """The cuts that are asked for, and their names; one for both where they are the same boxes, and done alike: one
    thread takes them one by one."""
    wanted = {name: plan.cut.whole(clip.samples) if name == WHOLE else plan.cut for name in plan.cuts}
    found: list[tuple[Cut, list[str]]] = []
    for name, cut in wanted.items():
        boxes = boxes_of(clip.samples, cut)
        alike = plan.threads == 1 or len(boxes) == 1
        same = next((names for other, names in found if alike and boxes_of(clip.samples, other) == boxes), None)
        if same is None:
            found.append((cut, [name]))
        else:
            same.append(name)
    return found


def _measure_clip(
    plan: Plan,
    session: Session,
    clip: Clip,
    path: str,
    cuts: list[tuple[Cut, list[str]]],
    chosen: Sequence[Chosen],
    vmaf: str | None,
) -> list[dict[str, Any]]:
    found = []
    for cut, names in cuts:
        for each in chosen:
            for point in _points(plan, each):
                checked = Checked(
                    session,
                    clip,
                    each,
                    Job(clip.samples, cut, each.setting.options, point, plan.threads, plan.max_error),
                )
                checked.cell.call = _call(session, each.spec, path, checked.job, vmaf)
                found.append((checked, names))
    session.measure([checked.cell for checked, _ in found if checked.cell.outcome is None])
    return [
        {**checked.facts, "cut": name, **_result(checked.cell, checked.job)}
        for checked, names in found
        for name in names
    ]


def _points(plan: Plan, each: Chosen) -> Sequence[float | None]:
    return [None] if plan.benchmark == "lossless" else each.peer.points(each.setting, plan.points)


def _call(session: Session, spec: str, path: str, job: Job, vmaf: str | None) -> Callable[[bool], Outcome]:
    return lambda look: session.workers.call(
        spec, "measure", session.timeout, path=path, job=job, look=look, vmaf=vmaf if look else None
    )


def _result(cell: Cell, job: Job) -> dict[str, Any]:
    """What a cell came to, for its record."""
    command = {"command": cell.command}
    if cell.outcome is not None:
        return {"status": cell.outcome.status, "message": str(cell.outcome.value), **command}
    bound = job.max_error if job.lossless else None
    return {**command, **coding_record(job.samples, bound, cell.results, cell.timed())}
