"""The access benchmark: how long several readers take for a random box or a single frame."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Collection, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import numpy as np

from .job import Samples
from .journal import Journal
from .listing import said_of
from .material import Clip, Input, load, read_planes
from .plan import AccessPlan, spec_of
from .readers import READERS, trial
from .readers import load as load_reader
from .readers.patterns import PATTERNS
from .readers.trial import Trial
from .records import clip_record
from .run import Run, document_of, failed_input, finish
from .session import Session

__all__ = ["SCENE", "choose_readers", "measure_access"]

#: The clip that is used if there is no input: a scene of 1080p, and how many frames of it.
SCENE = Input("scene_1080p", "synthetic:scene_1080p")
_SCENE_FRAMES = 256


def measure_access(run: Run) -> dict[str, Any]:
    """Run a plan of the access benchmark."""
    plan = run.plan
    assert isinstance(plan, AccessPlan)
    readers = choose_readers(run.wanted)
    document = document_of(plan)
    with run.session(repeat=1) as session:
        session.say("looking for readers")
        document["peers"] = [
            {"spec": name, **said_of(load_reader(name), session.workers, name, "access_versions")} for name in readers
        ]
        changed = [session.versions(each["spec"], each["versions"]) for each in document["peers"]]
        done = {} if any(changed) else _done(run.journal)  # all readers of a pattern were measured together
        session.resumed = sum(len(records) for clip in done.values() for records in clip.values())
        measuring = _Measuring(plan, session, run.journal, readers)
        with tempfile.TemporaryDirectory(prefix="stfrag-bench-") as folder:
            for source in plan.inputs:
                begun = time.perf_counter()
                session.say(f"reading {source.name}")
                try:
                    clip = _load(plan, source, folder)
                except Exception as error:
                    failed_input(session, document, source, error)
                    continue
                document["clips"].append(clip_record(clip, source))
                session.workers.stop()  # so that they let go of the files of the clip before
                records = [record for each in done.get(clip.name, {}).values() for record in each]
                try:
                    measuring.measure(clip, folder, done.get(clip.name, {}).keys(), records)
                    session.leave(time.perf_counter() - begun)
                except (OSError, MemoryError) as error:  # no room for its files, say
                    failed_input(session, document, source, error)
                document["clips"] += _lumas(document["clips"][-1], clip.samples, records)
                document["records"] += records
        finish(document, session)
    return document


def _done(journal: Journal) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """The records of an interrupted run, by clip and pattern."""
    done: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for line in journal:
        if "pattern" in line:
            done.setdefault(line["clip"], {})[line["pattern"]] = line["records"]
    return done


def choose_readers(wanted: Sequence[str | type]) -> list[str]:
    """Find the readers that are asked for, by name or pattern, or as ``"module:Class"``; the default ones if none is.

    Raises
    ------
    ValueError
        For one that there is not.
    """
    if not wanted:
        return [name for name in READERS if load_reader(name).default]
    found: list[str] = []
    for each in wanted:
        pattern = each if isinstance(each, str) else spec_of(each)
        names = [name for name in READERS if fnmatchcase(name, pattern)] or [pattern]
        for name in names:
            load_reader(name)
            if name not in found:
                found.append(name)
    return found


def _load(plan: AccessPlan, source: Input, folder: str) -> Clip:
    if source != SCENE:
        return load(source, plan.frames, plan.most_bytes)
    frame = 1080 * 1920 * 3 // 2
    return _scene_1080p(source.name, max(1, min(plan.frames or _SCENE_FRAMES, plan.most_bytes // frame)), folder)


def _scene_1080p(name: str, frames: int, folder: str) -> Clip:
    """The scene of ``stfrag demo`` at 1080p, in a file of `folder` that is mapped: 3.1 MB a frame."""
    from .scene import frames as scene

    samples = Samples(frames, 1080, 1920, 3, "420")
    path = str(Path(folder) / "scene1080p.raw")
    memory = np.memmap(path, np.uint8, "w+", shape=(samples.count,))
    shapes = [samples.plane_shape(c) for c in range(3)]
    ends = np.cumsum([np.prod(shape) for shape in shapes])
    targets = [part.reshape(shape) for part, shape in zip(np.split(memory, ends[:-1]), shapes, strict=True)]
    for t, picture in enumerate(scene(samples.shape)):
        for target, plane in zip(targets, picture, strict=True):
            target[t] = plane
    memory.flush()
    return Clip(name, read_planes(path, samples), samples, None, path)


class _Measuring:
    """Measures one clip after the other, and keeps in the journal what is done."""

    def __init__(self, plan: AccessPlan, session: Session, journal: Journal, readers: Sequence[str]) -> None:
        self._plan, self._session, self._journal = plan, session, journal
        self._trial = Trial(
            readers, plan.gops, plan.reads, plan.threads, plan.crf, plan.box, plan.seed, plan.timeout)  # fmt: skip

    def measure(self, clip: Clip, folder: str, done: Collection[str], found: list[dict[str, Any]]) -> None:
        """Add to the records `found` those of the patterns that are not done yet."""
        plan = self._plan
        left = [pattern for pattern in PATTERNS if pattern not in done]
        if not left:
            return

        def keep(pattern: str, records: list[dict[str, Any]]) -> None:
            if pattern not in done:
                self._session.yardstick()
                self._journal.add({"clip": clip.name, "pattern": pattern, "records": records})
                found.extend(records)

        trial.run(
            clip,
            replace(self._trial, patterns=left),
            self._session.workers,
            report=self._report(),
            keep=keep,
            deadline=None if plan.budget is None else self._session.deadline(),
            folder=folder,
        )
        few = sum(record["status"] == "skipped" or 0 < record["reads"] < plan.reads for record in found)
        if plan.budget is not None and few:
            self._session.notes.append(
                f"{clip.name}: the budget of {plan.budget:g} s allowed fewer than {plan.reads} reads "
                f"for {few} of {len(found)} measurements"
            )

    def _report(self) -> trial.Report:
        """What tells people how far the reading of a clip is, and how long it will take from there."""
        begun: list[float] = []

        def report(text: str, share: float | None) -> None:
            if share is None:
                self._session.say(text)
                return
            now = time.perf_counter()
            begun.append(now)
            self._session.say(text, (now - begun[0]) * (1 - share) / share if share > 0.01 else None)

        return report


def _lumas(clip: dict[str, Any], samples: Samples, records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The luma of a video as a clip of its own, if it was measured as an array."""
    name = f"{clip['name']} luma"
    if not any(record["clip"] == name for record in records):
        return []
    only = Samples(samples.frames, samples.y, samples.x, bits=samples.bits, dtype=samples.dtype, fps=samples.fps)
    return [
        {
            **clip,
            "name": name,
            "text": only.text(),
            "components": 1,
            "subsampling": "444",
            "raw_bytes": only.raw_bytes,
            "samples": only.count,
        }
    ]
