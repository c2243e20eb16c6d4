"""Readers on one clip: how long random boxes and frames take, what is decoded for them, and what is read."""

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

__all__ = ["Report", "run"]

#: Times that a file is opened for `open_ms`.
_OPENS = 5
#: Until writing a file is given up.
_WRITE_SECONDS = 1800.0

Triple = tuple[int, int, int]
#: ``report(text, share)``: what is done just now, and which part of all reads is; None before there are any.
Report = Callable[[str, float | None], None]


def run(
    clip: Clip,
    *,
    readers: Sequence[str] | None = None,
    gops: Sequence[int] = (2, 30, 250),
    reads: int = 40,
    threads: int = 1,
    crf: float = 23.0,
    box: Triple = (16, 256, 256),
    seed: int = 0,
    workers: Workers,
    report: Report | None = None,
    deadline: float | None = None,
    timeout: float = 120.0,
    folder: str | Path | None = None,
    patterns: Sequence[str] = PATTERNS,
    keep: Callable[[str, list[dict[str, Any]]], None] | None = None,
) -> list[dict[str, Any]]:
    """Measure readers on one clip.

    The clip is written as H.264 (x264 medium) with key frames at several distances, and as stores; its luma, or an
    array, as a store and by the readers of arrays. All readers get the same boxes, in turn, and keep their files
    open. The first read of each pattern is a warm-up. Every read is compared with what the file holds.

    Parameters
    ----------
    clip : Clip
        A video of 4:2:0 and 8 bits; of anything else the first plane is measured, as an array.
    readers : sequence of str, optional
        Names of `stfrag.bench.readers`, or ``"module:Class"``. Default: all of those that are measured by default.
    gops : sequence of int
        Distances of key frames.
    reads : int
        Of each pattern, beside the warm-up.
    threads : int
        That each reader may use.
    crf : float
        x264's rate factor of the files; stores get one that gives about the same PSNR-Y.
    box : tuple of int
        Frames, rows, columns of boxes, clipped to the clip.
    seed : int
    workers : Workers
    report : callable, optional
        See `Report`.
    deadline : float, optional
        When to come to the end, by `time.perf_counter`; what is left is shared by the patterns. Each gets a warm-up
        and a read whatever it takes.
    timeout : float
        Seconds for a read.
    folder : path, optional
        Where temporary files are made. Default: the system's place.
    patterns : sequence of str
        Some of `stfrag.bench.readers.patterns.PATTERNS`.
    keep : callable, optional
        ``keep(pattern, records)``, when those of a pattern are complete; of readers that are missing the pattern
        ``""``.

    Returns
    -------
    list of dict
        A record a file, reader and pattern, see `_Cell.record`; one for each reader that is missing. The luma of a
        video is a clip of its own, ``"NAME luma"``: it is not to be compared with what reads colour.
    """
    say = report or (lambda text, share: None)
    keep = keep or (lambda pattern, records: None)
    clip = files.trimmed(clip)
    names = list(readers) if readers is not None else [name for name in READERS if load(name).default]
    ready, records = {}, []
    for name in names:
        reader = load(name)
        outcome = workers.call(name, "access_versions", timeout)
        if outcome.status == "ok":
            ready[name] = reader
        else:
            first = patterns[0]  # one record for all of them
            shape = draw(first, clip.samples.shape, box, FRAGMENT, 1, seed)[0].shape
            records.append(_record(clip.name, reader, None, first, shape, threads) | _status(outcome))
    keep("", records)
    with tempfile.TemporaryDirectory(dir=folder, prefix="stfrag-access-") as temporary:
        cells = list(_cells(clip, Path(temporary), ready, gops, crf, workers, timeout, threads, say))
        for number, pattern in enumerate(patterns):
            say(f"{clip.name}: {pattern}", number / len(patterns))
            taking = [cell for cell in cells if cell.takes(pattern)]
            for cell in taking:
                cell.begin()
            places = draw(pattern, clip.samples.shape, box, FRAGMENT, reads + 1, seed)

            def tell(share: float, number: int = number, pattern: str = pattern) -> None:
                say(f"{clip.name}: {pattern}", (number + share) / len(patterns))

            _read(taking, places, pattern, workers, timeout, _over(deadline, len(patterns) - number), tell)
            found = [cell.record(clip.name, pattern, places[0].shape) for cell in taking]
            keep(pattern, found)
            records += found
    return records


# ------------------------------------------------------------------------------------------------------ the cells


@dataclass
class _Cell:
    """A reader and a file; what of it was measured with the pattern at hand."""

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
        """Whether it is read so: what is made for whole frames is not, in boxes."""
        return self.file is None or self.file.boxes or not pattern.startswith("boxes")

    def begin(self) -> None:
        """Another pattern."""
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
            self.outcome = Outcome(("failed", outcome.value["complaint"]))
        elif not self.warm:
            self.warm = True
        else:
            self.results.append(outcome.value)
            self.boxes.append(box)

    def record(self, clip: str, pattern: str, box: Triple) -> dict[str, Any]:
        """What was measured: of times, in ms, the median, the 95th percentile and the extremes; means of the rest.

        ``samples_wanted`` and ``samples_decoded`` are of all components, as coded; ``samples_decoded_how`` is
        ``"counted"`` or ``"computed"``, from how the file is coded; ``bytes_touched`` were read from files,
        ``bytes_coded`` are those of coded samples, as the library counts them. ``open_ms`` is until the first read
        could begin.
        """
        record = _record(clip, self.reader, self.file, pattern, box, self.threads, self.setting)
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


def _cells(
    clip: Clip,
    folder: Path,
    ready: dict[str, type[AccessReader]],
    gops: Sequence[int],
    crf: float,
    workers: Workers,
    timeout: float,
    threads: int,
    say: Report,
) -> Iterator[_Cell]:
    """Every file, written and opened by each reader that takes it; those that could not be are cells, too."""

    def opened(file: File, name: str) -> _Cell:
        say(f"{clip.name}: opening {file.setting} by {name}", None)
        outcome = workers.call(name, "access_open", timeout, path=file.path, threads=threads, repeat=_OPENS)
        return _Cell(name, ready[name], file, threads, outcome)

    kinds = {reader.kind for reader in ready.values()}
    path = clip.path
    if path is None:
        path = str(folder / "planes")
        write_planes(path, clip.planes)
    for wanted in files.wanted(clip.samples, gops, crf, FRAGMENT, kinds):
        say(f"{clip.name}: writing {wanted.setting}", None)
        made = workers.call(
            "writer",
            "access_write",
            _WRITE_SECONDS,
            clip=clip.name,
            path=path,
            samples=clip.samples,
            folder=str(folder),
            file=wanted,
        )
        for name, reader in ready.items():
            if reader.kind == wanted.kind:
                yield (
                    opened(made.value, name)
                    if made.status == "ok"
                    else _Cell(name, reader, None, threads, made, wanted.setting)
                )
    for name, reader in ready.items():
        if not issubclass(reader, ArrayReader):
            continue
        say(f"{clip.name}: writing an array, {name}", None)
        try:
            store = partial(_store, workers, name)
            yield opened(files.prepare_array(clip, folder, FRAGMENT, reader.kind, store), name)
        except _Failed as error:
            yield _Cell(name, reader, None, threads, error.outcome)


class _Failed(Exception):
    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome


def _store(workers: Workers, name: str, source: str, path: str, samples: Samples) -> None:
    outcome = workers.call(
        name, "access_store", _WRITE_SECONDS, source=source, samples=samples, path=path, chunks=FRAGMENT
    )
    if outcome.status != "ok":
        raise _Failed(outcome)


# ------------------------------------------------------------------------------------------------------- reading


def _over(deadline: float | None, patterns: int) -> Callable[[], bool]:
    """Whether the time of a pattern that begins now is over, with so many to come, itself included."""
    now = time.perf_counter()
    end = None if deadline is None else now + (deadline - now) / patterns
    return lambda: end is not None and time.perf_counter() > end


def _read(
    cells: Sequence[_Cell],
    places: Sequence[Box],
    pattern: str,
    workers: Workers,
    timeout: float,
    over: Callable[[], bool],
    tell: Callable[[float], None],
) -> None:
    """Each place by all readers, in turn, every other time from the last to the first."""
    frame = pattern.startswith("frames")
    for number, box in enumerate(places):
        tell(number / len(places))
        for cell in cells if number % 2 == 0 else reversed(cells):
            cell.read(workers, box, frame, timeout)
        if number > 0 and over():
            return


# ------------------------------------------------------------------------------------------------------- records


def _record(
    clip: str,
    reader: type[AccessReader],
    file: File | None,
    pattern: str,
    box: Triple,
    threads: int,
    setting: str = "",
) -> dict[str, Any]:
    """All that is known before anything is measured; the rest None."""
    setting = file.setting if file else setting
    label = f"{reader.name}, {setting}" if setting else reader.name
    return {
        "clip": file.clip if file else clip, "peer": reader.name, "setting": setting, "label": label,
        "pattern": pattern, "box": "×".join(map(str, box)), "threads": threads, "status": "", "message": "",
        "raw_bytes": file.samples.raw_bytes if file else None, "bytes": file.bytes if file else None,
        "psnr_y": file.psnr_y if file else None, "reads": 0, "open_ms": None, "latency_ms": None,
        "samples_wanted": None, "samples_decoded": None, "samples_decoded_how": reader.how, "bytes_touched": None,
        "bytes_coded": None,
    }  # fmt: skip


def _status(outcome: Outcome) -> dict[str, str]:
    return {"status": outcome.status, "message": str(outcome.value)}


def _mean(values: Iterable[int | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None
