"""The lossless and the lossy benchmark: peers × settings × cuts × points on every clip, as a document."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from . import crops
from .job import Cut, Job
from .material import Clip
from .plan import Chosen, Plan, choose
from .process import Outcome
from .records import coding_record
from .run import Prepared, Run, clips_of, describe_peers, document_of, finish
from .session import Cell, Session
from .vmaf import find_ffmpeg, takes, version

__all__ = ["Checked", "measure_coding"]

_NO_VMAF = (
    "no VMAF: no ffmpeg with libvmaf was found (on the path, as STFRAG_FFMPEG, or by pip install imageio-ffmpeg)"
)


def measure_coding(run: Run, summary: Callable[[list[dict[str, Any]]], dict[str, Any]]) -> dict[str, Any]:
    """Run a plan of the lossless or the lossy benchmark.

    Parameters
    ----------
    run : Run
    summary : callable
        Makes a summary of the records.
    """
    plan = run.plan
    chosen = choose(run.wanted, plan.benchmark == "lossless")
    document = document_of(plan)
    wants_vmaf = plan.vmaf and plan.benchmark == "lossy"
    vmaf = find_ffmpeg() if wants_vmaf else None
    with run.session() as session:
        session.say("looking for peers")
        document["peers"], missing = describe_peers(session, chosen)
        measuring = _Measuring(plan, session, [each for each in chosen if each.spec not in missing], vmaf)
        with tempfile.TemporaryDirectory(prefix="stfrag-bench-") as folder:
            for prepared in clips_of(plan, session, document, folder):
                document["records"] += measuring.records(prepared)
        finish(document, session)
    if measuring.sheets:
        document["crops"], left_out = _within(crops.MOST_BYTES, measuring.sheets)
        document["notes"] += [f"{name}: no pictures, to keep the document small" for name in left_out]
    if vmaf:
        document["machine"]["vmaf"] = version(vmaf)
    elif wants_vmaf:
        document["notes"].append(_NO_VMAF)
    document["summary"] = summary(document["records"])
    return document


class _Kept(NamedTuple):
    """Sheets of pictures that are kept, and the clips of those that are not."""

    sheets: list[dict[str, Any]]
    left_out: list[str]


def _within(most: int, sheets: Iterable[dict[str, Any]]) -> _Kept:
    """Keep the first sheets of pictures, as many as fit into so many bytes."""
    kept, left_out, size = [], [], 0
    for sheet in sheets:
        size += sum(len(each["png"]) for each in sheet["pictures"]) + len(sheet["original"])
        if size <= most:
            kept.append(sheet)
        else:
            left_out.append(sheet["clip"])
    return _Kept(kept, left_out)


class Checked:
    """A job, what its record begins with, and a cell that measures it or says why it cannot be measured.

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
            seconds += megabytes / 15  # for measuring the quality
        self.cell = Cell(f"{group}|{job.point}|{job.threads}", each.spec, clip.name, text, seconds, group)
        checked = session.workers.call(each.spec, "check", session.timeout, job=job)
        if checked.status == "ok":
            self.cell.command = checked.value
        else:
            self.cell.outcome = checked


class _Measuring:
    """Measures one clip after the other, and collects their sheets of pictures."""

    def __init__(self, plan: Plan, session: Session, chosen: Sequence[Chosen], vmaf: str | None) -> None:
        self._plan, self._session, self._chosen, self._vmaf = plan, session, chosen, vmaf
        self.sheets: list[dict[str, Any]] = []

    def records(self, prepared: Prepared) -> list[dict[str, Any]]:
        """The records of a clip."""
        clip = prepared.clip
        crop = None if self._plan.benchmark == "lossless" else crops.choose(clip.planes, clip.samples)
        more = {"vmaf": self._vmaf if self._vmaf and takes(clip.samples) else None, "crop": crop}
        checked = [
            (self._checked(prepared, cut, each, point, more), names)
            for cut, names in prepared.cuts
            for each in self._chosen
            for point in self._points(each)
        ]
        self._session.measure([each.cell for each, _ in checked if each.cell.outcome is None])
        found = [
            ({**each.facts, "cut": name, **_result(each.cell, each.job)}, _picture(each.cell))
            for each, names in checked
            for name in names
        ]
        records = [record for record, _ in found]
        if crop is not None:
            original = crops.png(clip.planes, clip.samples, crop)
            sheet = crops.sheet(clip.name, crop, original, records, [picture for _, picture in found])
            self.sheets += [sheet] if sheet["pictures"] else []
        return records

    def _points(self, each: Chosen) -> Sequence[float | None]:
        if self._plan.benchmark == "lossless":
            return [None]
        points: Sequence[float] = each.peer.points(each.setting, self._plan.points)
        return points

    def _checked(
        self, prepared: Prepared, cut: Cut, each: Chosen, point: float | None, more: dict[str, Any]
    ) -> Checked:
        """A job and its cell, which asks the peer's worker; `more` is asked with the quality, the first time."""
        clip, session = prepared.clip, self._session
        job = Job(clip.samples, cut, each.setting.options, point, self._plan.threads, self._plan.max_error)
        checked = Checked(session, clip, each, job)

        def call(look: bool) -> Outcome:
            return session.workers.call(
                each.spec,
                "measure",
                session.timeout,
                path=prepared.path,
                job=job,
                look=look,
                **(more if look else {}),
            )

        checked.cell.call = call
        return checked


def _result(cell: Cell, job: Job) -> dict[str, Any]:
    """What came of a cell, for its record."""
    command = {"command": cell.command}
    if cell.outcome is not None:
        return {"status": cell.outcome.status, "message": str(cell.outcome.value), **command}
    bound = job.max_error if job.lossless else None
    return {**command, **coding_record(job.samples, bound, cell.results, cell.timed())}


def _picture(cell: Cell) -> str | None:
    """The crop of a cell that was measured."""
    found: str | None = cell.results[0].get("crop") if cell.results and cell.outcome is None else None
    return found
