"""Readers at work on one clip: how long random boxes and frames take, and what is decoded and read for them."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ...tiling import Box
from ..job import Samples
from ..material import Clip, write_planes
from ..plan import FRAGMENT
from ..process import Outcome, Workers
from ..records import spread
from . import READERS, files, load
from .base import AccessReader, ArrayReader
from .files import File
from .patterns import PATTERNS, draw

__all__ = ["Report", "Trial", "run"]

#: How often a file is opened for `open_ms`.
_OPENS = 5
#: When writing a file is given up.
_WRITE_SECONDS = 1800.0

Triple = tuple[int, int, int]
#: ``report(text, share)``: what is done just now, and which part of all reads is done; None before the first.
Report = Callable[[str, float | None], None]


@dataclass(frozen=True)
class Trial:
    """How readers are measured.

    Attributes
    ----------
    readers : sequence of str, optional
        Names of `stfrag.bench.readers`, or ``"module:Class"``. Default: all of those that are measured by default.
    gops : sequence of int
        Distances of the key frames of the H.264 files.
    reads : int
        Of each pattern, beside the warm-up.
    threads : int
        How many each reader may use.
    crf : float
        x264's rate factor of the files; stores get one that gives about the same PSNR-Y.
    box : tuple of int
        Frames, rows, columns of boxes, clipped to the clip.
    seed : int
        What places are drawn from.
    timeout : float
        Seconds for a read.
    patterns : sequence of str
        Some of `stfrag.bench.readers.patterns.PATTERNS`.
    """

    readers: Sequence[str] | None = None
    gops: Sequence[int] = (2, 30, 250)
    reads: int = 40
    threads: int = 1
    crf: float = 23.0
    box: Triple = (16, 256, 256)
    seed: int = 0
    timeout: float = 120.0
    patterns: Sequence[str] = PATTERNS

    @property
    def names(self) -> list[str]:
        """The names of the readers."""
        if self.readers is not None:
            return list(self.readers)
        return [name for name in READERS if load(name).default]

    def places(self, pattern: str, shape: Triple, count: int) -> list[Box]:
        """The boxes of a pattern in a clip of a shape."""
        return draw(pattern, shape, self.box, FRAGMENT, count, self.seed)


def run(
    clip: Clip,
    trial: Trial,
    workers: Workers,
    *,
    report: Report | None = None,
    keep: Callable[[str, list[dict[str, Any]]], None] | None = None,
    deadline: float | None = None,
    folder: str | Path | None = None,
) -> list[dict[str, Any]]:
    """Measure readers on one clip.

    The clip is written as H.264 (x264 medium) with key frames at several distances, and as stores; its luma, or an
    array, as a store and by the readers of arrays. All readers get the same boxes, in turn, and keep their files
    open. The first read of each pattern is a warm-up. Every read is compared with what the file holds.

    Parameters
    ----------
    clip : Clip
        A video of 4:2:0 and 8 bits; of anything else the first plane is measured, as an array.
    trial : Trial
    workers : Workers
    report : callable, optional
        See `Report`.
    keep : callable, optional
        ``keep(pattern, records)``, when those of a pattern are complete; of readers that are missing the pattern
        ``""``.
    deadline : float, optional
        When to come to the end, by `time.perf_counter`; what is left is shared by the patterns. Each gets a warm-up
        and a read whatever it takes.
    folder : path, optional
        Where temporary files are made. Default: the system's place.

    Returns
    -------
    list of dict
        A record for each file, reader and pattern, see `_Cell.record`; one for each reader that is missing. The luma
        of a video is a clip of its own, ``"NAME luma"``, since it is less work than reading colour.
    """
    keep = keep or (lambda pattern, records: None)
    readers = _Readers(files.trimmed(clip), trial, workers, report or (lambda text, share: None))
    records = readers.find()
    keep("", records)
    patterns = trial.patterns
    with tempfile.TemporaryDirectory(dir=folder, prefix="stfrag-access-") as temporary:
        cells = list(readers.cells(Path(temporary)))
        for number, pattern in enumerate(patterns):
            taking = [cell for cell in cells if cell.takes(pattern)]
            found = readers.measure(taking, number, _over(deadline, len(patterns) - number))
            keep(pattern, found)
            records += found
    return records


# ------------------------------------------------------------------------------------------------------ the cells


@dataclass
class _Cell:
    """A reader with a file, and what was measured of them with the present pattern."""

    name: str
    reader: type[AccessReader]
    file: File | None
    threads: int
    opens: Outcome
    setting: str = ""
    outcome: Outcome | None = None
    results: list[dict[str, Any]] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    warm: bool = False

    def takes(self, pattern: str) -> bool:
        """Whether it is read with a pattern: files that are made for whole frames are not read in boxes."""
        return self.file is None or self.file.boxes or not pattern.startswith("boxes")

    def begin(self) -> None:
        """Begin another pattern."""
        self.outcome = None if self.opens.status == "ok" else self.opens
        self.results, self.boxes, self.warm = [], [], False

    def read(self, workers: Workers, box: Box, frame: bool, timeout: float) -> None:
        if self.outcome is not None or self.file is None:
            return
        outcome = workers.call(
            self.name,
            "access_read",
            timeout,
            path=self.file.path,
            threads=self.threads,
            box=box,
            frame=frame,
            truth=self.file.truth,
        )
        if outcome.status != "ok":
            self.outcome = outcome
        elif outcome.value["complaint"]:
            self.outcome = Outcome("failed", outcome.value["complaint"])
        elif not self.warm:
            self.warm = True
        else:
            self.results.append(outcome.value)
            self.boxes.append(box)

    def record(self, clip: str, pattern: str, box: Triple) -> dict[str, Any]:
        """The record of a pattern: times in ms with median, 95th percentile and extremes; means of the rest.

        ``samples_wanted`` and ``samples_decoded`` are of all components, as coded; ``samples_decoded_how`` is
        ``"counted"`` or ``"computed"``, from how the file is coded; ``bytes_touched`` were read from files,
        ``bytes_coded`` are those of coded samples, as the library counts them. ``open_ms`` is until the first read
        could begin.
        """
        record = self._facts(clip, pattern, box)
        if self.outcome is not None:
            return record | _status(self.outcome)
        if not self.results:
            return record | {"status": "skipped", "message": "there was no time for it"}
        assert self.file is not None
        samples = self.file.samples
        wanted = [sum(int(np.prod(samples.plane_shape(c, b))) for c in range(samples.components)) for b in self.boxes]
        milliseconds = [1e3 * result["seconds"] for result in self.results]
        return record | {
            "status": "ok", "reads": len(self.results),
            "open_ms": spread([1e3 * value for value in self.opens.value]),
            "latency_ms": {**spread(milliseconds), "p95": float(np.percentile(milliseconds, 95))},
            "samples_wanted": float(np.mean(wanted)), "samples_decoded_how": self.reader.how,
            **{name: _mean(result[name] for result in self.results)
               for name in ("samples_decoded", "bytes_touched", "bytes_coded")},
        }  # fmt: skip

    def _facts(self, clip: str, pattern: str, box: Triple) -> dict[str, Any]:
        """A record with what is known before anything is measured, and None for the rest."""
        file, reader = self.file, self.reader
        setting = file.setting if file else self.setting
        return {
            "clip": file.clip if file else clip, "peer": reader.name, "setting": setting,
            "label": f"{reader.name}, {setting}" if setting else reader.name,
            "pattern": pattern, "box": "×".join(map(str, box)), "threads": self.threads, "status": "", "message": "",
            "raw_bytes": file.samples.raw_bytes if file else None, "bytes": file.bytes if file else None,
            "psnr_y": file.psnr_y if file else None, "reads": 0, "open_ms": None, "latency_ms": None,
            "samples_wanted": None, "samples_decoded": None, "samples_decoded_how": reader.how,
            "bytes_touched": None, "bytes_coded": None,
        }  # fmt: skip


class _Readers:
    """The readers of a trial at work on one clip."""

    def __init__(self, clip: Clip, trial: Trial, workers: Workers, say: Report) -> None:
        self._clip, self._trial, self._workers, self._say = clip, trial, workers, say
        self._ready: dict[str, type[AccessReader]] = {}

    def find(self) -> list[dict[str, Any]]:
        """Look which readers are there; a record for each of the others."""
        trial, records = self._trial, []
        for name in trial.names:
            reader = load(name)
            outcome = self._workers.call(name, "access_versions", trial.timeout)
            if outcome.status == "ok":
                self._ready[name] = reader
            else:
                first = trial.patterns[0]  # one record for all patterns
                shape = trial.places(first, self._clip.samples.shape, 1)[0].shape
                cell = _Cell(name, reader, None, trial.threads, outcome, outcome=outcome)
                records.append(cell.record(self._clip.name, first, shape))
        return records

    def cells(self, folder: Path) -> Iterator[_Cell]:
        """Write every file and have it opened by each reader that takes it; failures are cells, too."""
        yield from self._cells_of_files(folder)
        yield from self._cells_of_arrays(folder)

    def _cells_of_files(self, folder: Path) -> Iterator[_Cell]:
        """The files that are written once, for all readers of their kind."""
        clip, trial = self._clip, self._trial
        path = clip.path
        if path is None:
            path = str(folder / "planes")
            write_planes(path, clip.planes)
        source = {"clip": clip.name, "path": path, "samples": clip.samples, "folder": str(folder)}
        kinds = {reader.kind for reader in self._ready.values()}
        for wanted in files.wanted(clip.samples, trial.gops, trial.crf, FRAGMENT, kinds):
            self._say(f"{clip.name}: writing {wanted.setting}", None)
            made = self._workers.call("writer", "access_write", _WRITE_SECONDS, file=wanted, **source)
            for name, reader in self._ready.items():
                if reader.kind != wanted.kind:
                    continue
                if made.status == "ok":
                    yield self._opened(made.value, name)
                else:
                    yield _Cell(name, reader, None, trial.threads, made, wanted.setting)

    def _cells_of_arrays(self, folder: Path) -> Iterator[_Cell]:
        """The files that readers of arrays write themselves."""
        for name, reader in self._ready.items():
            if not issubclass(reader, ArrayReader):
                continue
            self._say(f"{self._clip.name}: writing an array, {name}", None)
            try:
                store = partial(_store, self._workers, name)
                yield self._opened(files.prepare_array(self._clip, folder, FRAGMENT, reader.kind, store), name)
            except _Failed as error:
                yield _Cell(name, reader, None, self._trial.threads, error.outcome)

    def _opened(self, file: File, name: str) -> _Cell:
        """A cell of a file that was opened several times, for how long that takes."""
        self._say(f"{self._clip.name}: opening {file.setting} by {name}", None)
        trial = self._trial
        outcome = self._workers.call(
            name, "access_open", trial.timeout, path=file.path, threads=trial.threads, repeat=_OPENS
        )
        return _Cell(name, self._ready[name], file, trial.threads, outcome)

    def measure(self, cells: Sequence[_Cell], number: int, over: Callable[[], bool]) -> list[dict[str, Any]]:
        """Read the places of a pattern, by its number, with all readers in turn; every other time the last first."""
        trial = self._trial
        pattern = trial.patterns[number]
        places = trial.places(pattern, self._clip.samples.shape, trial.reads + 1)
        for cell in cells:
            cell.begin()
        for done, box in enumerate(places):
            share = (number + done / len(places)) / len(trial.patterns)
            self._say(f"{self._clip.name}: {pattern}", share)
            for cell in cells if done % 2 == 0 else reversed(cells):
                cell.read(self._workers, box, pattern.startswith("frames"), trial.timeout)
            if done > 0 and over():
                break
        return [cell.record(self._clip.name, pattern, places[0].shape) for cell in cells]


class _Failed(Exception):
    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome


def _store(workers: Workers, name: str, source: str, path: str, samples: Samples) -> None:
    outcome = workers.call(
        name, "access_store", _WRITE_SECONDS, source=source, samples=samples, path=path, chunks=FRAGMENT
    )
    if outcome.status != "ok":
        raise _Failed(outcome)


def _over(deadline: float | None, patterns: int) -> Callable[[], bool]:
    """A function that tells whether the time of a pattern is over; it shares what is left with those to come."""
    now = time.perf_counter()
    end = None if deadline is None else now + (deadline - now) / patterns
    return lambda: end is not None and time.perf_counter() > end


# ------------------------------------------------------------------------------------------------------- records


def _status(outcome: Outcome) -> dict[str, str]:
    return {"status": outcome.status, "message": str(outcome.value)}


def _mean(values: Iterable[int | None]) -> float | None:
    """The mean of what is known; None if nothing is."""
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None
