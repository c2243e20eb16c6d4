"""What all benchmarks do alike: begin a run and its document, read the inputs, describe the peers, finish."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

from .. import __version__
from ..errors import CorruptFragmentError, CorruptStoreError, UnsupportedError
from . import machine
from .job import WHOLE, Cut, boxes_of
from .journal import Journal
from .listing import said_of
from .material import Clip, Input, estimate, load, write_planes
from .plan import Chosen, Plan, file_of
from .records import clip_record, spread
from .session import Progress, Session

__all__ = [
    "Described",
    "NamedCut",
    "Prepared",
    "Run",
    "clips_of",
    "describe_peers",
    "document_of",
    "failed_input",
    "finish",
]


@dataclass(frozen=True)
class Run:
    """What one of the functions of `stfrag.bench` is asked for.

    Attributes
    ----------
    plan : Plan
    wanted : sequence of str or class
        The peers or readers as the caller named them.
    journal : Journal
    progress : callable, optional
        See `Progress`.
    """

    plan: Plan
    wanted: Sequence[str | type]
    journal: Journal
    progress: Progress | None = None

    def session(self, repeat: int | None = None) -> Session:
        """The session in which it is measured; everything is repeated as the plan says, or `repeat` times."""
        plan = self.plan
        sizes = [float(min(estimate(source, plan.frames), plan.most_bytes)) for source in plan.inputs]
        return Session(self.journal, repeat or plan.repeat, plan.budget, plan.timeout, sizes, self.progress)


def document_of(plan: Plan) -> dict[str, Any]:
    """A document without any records yet."""
    return {
        "format": "stfrag-bench", "version": 1, "benchmark": plan.benchmark, "stfrag": __version__,
        "started": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"), "seconds": 0.0, "command": "",
        "options": {**plan.options(), "inputs": [source.source for source in plan.inputs]},
        "machine": machine.describe(), "yardstick_mb_s": None, "peers": [], "clips": [], "records": [], "summary": {},
        "unread": [], "notes": [],
    }  # fmt: skip


class Described(NamedTuple):
    """What a document says of the peers, and the specs of those that are missing."""

    peers: list[dict[str, Any]]
    missing: set[str]


def describe_peers(session: Session, chosen: Sequence[Chosen]) -> Described:
    """Ask the peers for their versions, and tell the session, which forgets what other versions measured."""
    peers = {each.spec: each.peer for each in chosen}
    found = []
    for spec, peer in peers.items():
        found.append({"spec": spec, **said_of(peer, session.workers, spec, "describe")})
        session.versions(spec, [found[-1]["versions"], file_of(spec)])
    return Described(found, {each["spec"] for each in found if each["missing"]})


def finish(document: dict[str, Any], session: Session) -> None:
    """Put into a document what is known when all is measured."""
    if session.resumed:
        document["notes"].append(f"{session.resumed} measurements are of an earlier run that was interrupted")
    document["notes"] += session.notes
    document["seconds"] = session.seconds
    document["yardstick_mb_s"] = spread(session.speeds) if session.speeds else None


# ---------------------------------------------------------------------------------------------------------- inputs


class NamedCut(NamedTuple):
    """A cut, and the names under which its records are kept."""

    cut: Cut
    names: list[str]


class Prepared(NamedTuple):
    """A clip that was read, a file of its planes for other processes, and the cuts that it is measured on."""

    clip: Clip
    path: str
    cuts: list[NamedCut]


def clips_of(plan: Plan, session: Session, document: dict[str, Any], folder: str) -> Iterator[Prepared]:
    """Read every input in turn; those that cannot be read are noted in the document."""
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
        yield Prepared(clip, path, cuts)
        session.workers.call_all("forget")
        with suppress(OSError):
            os.unlink(path)


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


def cuts_of(plan: Plan, clip: Clip) -> list[NamedCut]:
    """The cuts that are asked for; two that are the same boxes and are coded alike are one with two names.

    They are coded alike on one thread, which takes the boxes one by one, or if there is but one box.
    """
    wanted = {name: plan.cut.whole(clip.samples) if name == WHOLE else plan.cut for name in plan.cuts}
    found: list[NamedCut] = []
    for name, cut in wanted.items():
        boxes = boxes_of(clip.samples, cut)
        alike = plan.threads == 1 or len(boxes) == 1
        same = next((each.names for each in found if alike and boxes_of(clip.samples, each.cut) == boxes), None)
        if same is None:
            found.append(NamedCut(cut, [name]))
        else:
            same.append(name)
    return found
