"""The order in which things are measured, how often, and for how long; what is done is kept in the journal."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .journal import Journal
from .machine import yardstick
from .process import Outcome, Workers

__all__ = ["Cell", "Progress", "Session"]

#: A first repetition that took so long counts, since it needs no warm-up before it.
_LONG_SECONDS = 2.0
#: A cell is not repeated any more when its repetitions add up to this.
_CELL_SECONDS = 30.0

#: Outcomes that an interrupted run keeps; what crashed or had no time is tried again.
_FINAL = ("failed", "not applicable", "missing")
_NO_TIME = Outcome("skipped", "the budget has no time for it")

#: ``progress(seconds, seconds_left, text)``: how long the run took, and has to go as far as is known.
Progress = Callable[[float, float | None, str], None]


@dataclass
class Cell:
    """One thing that is measured several times: a peer at a setting and a point on a clip.

    Attributes
    ----------
    key : str
        By which the journal knows it.
    peer : str
        Whose worker does it.
    clip : str
    text : str
        For people.
    estimate : float
        Seconds that one repetition takes, roughly.
    group : str
        Cells of a group are of use only together, as the points of a curve.
    call : callable
        ``call(look)``: have it done once; `look` the first time, see `stfrag.bench.measure.measure`.
    results : list of dict
        Of the repetitions, the first one included.
    outcome : Outcome, optional
        Why there are none, or no more.
    command : str
        What is asked of the peer's coder.
    """

    key: str
    peer: str
    clip: str
    text: str
    estimate: float
    group: str
    call: Callable[[bool], Outcome] = lambda look: Outcome("failed", "nothing to call")
    results: list[dict[str, Any]] = field(default_factory=list)
    outcome: Outcome | None = None
    command: str = ""

    def timed(self) -> list[dict[str, Any]]:
        """The repetitions that count: not the first one, if that was a warm-up."""
        first, *others = self.results
        if others and _seconds(first) < _LONG_SECONDS:
            return others
        return self.results

    def wants(self, repeat: int) -> bool:
        """Whether to measure it once more."""
        if self.outcome is not None:
            return False
        if not self.results:
            return True
        timed = self.timed()
        warm = len(timed) < len(self.results) or _seconds(self.results[0]) >= _LONG_SECONDS
        return (len(timed) if warm else 0) < repeat and sum(map(_seconds, self.results)) < _CELL_SECONDS


def _seconds(result: dict[str, Any]) -> float:
    """How many seconds a repetition measured."""
    return float(sum(value for name, value in result.items() if name.endswith("_seconds") and "cpu" not in name))


class Session:
    """A run at work; use it as a context manager.

    Parameters
    ----------
    journal : Journal
    repeat : int
        Repetitions that count, beside the warm-up.
    budget : float, optional
        Seconds for all of it.
    timeout : float
        Seconds for one repetition.
    sizes : sequence of float
        About how large the inputs are, in any unit: so the budget is shared, and the time that is left foreseen.
    progress : callable, optional
        See `Progress`.
    """

    def __init__(
        self,
        journal: Journal,
        repeat: int,
        budget: float | None,
        timeout: float,
        sizes: Sequence[float],
        progress: Progress | None,
    ) -> None:
        self.workers = Workers()
        self.timeout = timeout
        self.speeds: list[float] = []
        self.notes: list[str] = []
        self._journal, self._repeat, self._progress = journal, repeat, progress
        self._start = time.perf_counter()
        self._budget = budget
        self._sizes = list(sizes)
        self._measured_size = self._measured_seconds = 0.0
        self._done: dict[str, list[dict[str, Any]]] = {}
        self._ended: dict[str, Outcome] = {}
        self._drift = 1.0  # how much longer things take than was expected
        self._versions: dict[str, Any] = {}
        self._spec_of: dict[str, str] = {}
        for line in journal:
            if "key" in line:
                self._spec_of[line["key"]] = line["spec"]
            if "result" in line:
                self._done.setdefault(line["key"], []).append(line["result"])
            elif "status" in line and line["status"] in _FINAL:
                self._ended[line["key"]] = Outcome(line["status"], line["message"])
            elif "yardstick" in line:
                self.speeds.append(line["yardstick"])
            elif "versions" in line:
                self._have(line["spec"], line["versions"])
        self.resumed = 0

    def __enter__(self) -> Session:
        self.workers.__enter__()
        return self

    def __exit__(self, *rest: object) -> None:
        self.workers.__exit__(*rest)
        self._journal.close()

    def versions(self, spec: str, versions: Any) -> bool:
        """Note the versions of a peer; what an earlier run measured of other versions is forgotten.

        Returns
        -------
        bool
            Whether an earlier run had other versions.
        """
        versions = json.loads(json.dumps(versions))
        before = self._versions.get(spec, versions)
        if self._versions.get(spec) != versions:
            self._have(spec, versions)
            self._journal.add({"spec": spec, "versions": versions})
        return bool(before != versions)

    def _have(self, spec: str, versions: Any) -> None:
        if spec in self._versions and self._versions[spec] != versions:
            for kept in (self._done, self._ended):
                for key in [key for key in kept if self._spec_of[key] == spec]:
                    del kept[key]
        self._versions[spec] = versions

    @property
    def seconds(self) -> float:
        """Seconds since the run began."""
        return time.perf_counter() - self._start

    def say(self, text: str, left: float | None = None) -> None:
        """Report what is done just now, and how many seconds are left if that is known."""
        if self._progress is not None:
            self._progress(self.seconds, left, text)

    # ------------------------------------------------------------------------------------------------- one clip

    def measure(self, cells: Sequence[Cell]) -> None:
        """Measure all cells of a clip: once each, then again and again, every other time the last first."""
        begun = time.perf_counter()
        for cell in cells:
            cell.results += self._done.pop(cell.key, [])
            cell.outcome = self._ended.pop(cell.key, cell.outcome)
            self.resumed += bool(cell.results or cell.outcome)
        deadline = None if self._budget is None else self.deadline()
        self._skip_groups(cells, deadline)
        forward = True
        while wanting := [cell for cell in cells if cell.wants(self._repeat)]:
            # After an interruption some were measured already; the others come first.
            wanting = [cell for cell in wanting if not cell.results] or wanting
            self.yardstick()
            measured = 0
            for cell in wanting if forward else reversed(wanting):
                if deadline and not self._fits(cell, cells, deadline):
                    continue
                self._tell(cell.text, cells)
                self._repetition(cell)
                measured += 1
            if not measured:
                break
            forward = not forward
        self.leave(time.perf_counter() - begun)
        self._note_repetitions(cells)

    def _fits(self, cell: Cell, cells: Sequence[Cell], deadline: float) -> bool:
        """Whether there is time for a cell once more.

        Before a group is begun, there must be time for all of it; one that was begun is completed.
        """
        if cell.outcome is not None:  # left out meanwhile
            return False
        left = deadline - time.perf_counter()
        if cell.results:
            return self._cost(cell) <= left
        group = [other for other in cells if other.group == cell.group]
        if any(other.results for other in group) or sum(map(self._cost, group)) <= left:
            return True
        for other in group:
            other.outcome = other.outcome or _NO_TIME
        return False

    def deadline(self) -> float:
        """When a clip that begins now must end: it gets its share of what is left of the budget, by its size."""
        assert self._budget is not None
        left = self._start + self._budget - time.perf_counter()
        return time.perf_counter() + max(0.0, left) * self._sizes[0] / sum(self._sizes)

    def leave(self, seconds: float | None = None) -> None:
        """Go on to the next input; this one took so many seconds, or None if it was not measured."""
        size = self._sizes.pop(0)
        if seconds is not None:
            self._measured_size += size
            self._measured_seconds += seconds

    def _skip_groups(self, cells: Sequence[Cell], deadline: float | None) -> None:
        """Skip the groups that the budget has no time for even once; the cheapest are kept first."""
        if deadline is None:
            return
        groups: dict[str, list[Cell]] = {}
        for cell in cells:
            if not cell.results and cell.outcome is None:
                groups.setdefault(cell.group, []).append(cell)
        left = deadline - time.perf_counter()
        for members in sorted(groups.values(), key=lambda group: sum(map(self._cost, group))):
            left -= sum(map(self._cost, members))
            if left < 0:
                for cell in members:
                    cell.outcome = _NO_TIME

    def _repetition(self, cell: Cell) -> None:
        start = time.perf_counter()
        expected = cell.estimate
        outcome = cell.call(not cell.results)
        cell.estimate = time.perf_counter() - start
        if outcome.status == "ok":
            if not cell.results:
                self._drift += 0.25 * (min(10.0, cell.estimate / max(expected, 1e-3)) - self._drift)
            cell.results.append(outcome.value)
            self._journal.add({"key": cell.key, "spec": cell.peer, "result": outcome.value})
        else:
            cell.outcome = outcome
            self._journal.add(
                {"key": cell.key, "spec": cell.peer, "status": outcome.status, "message": str(outcome.value)}
            )

    def _cost(self, cell: Cell) -> float:
        return cell.estimate * (1 if cell.results else self._drift)

    def yardstick(self) -> None:
        """Measure how fast the machine is just now."""
        self.speeds.append(yardstick())
        self._journal.add({"yardstick": self.speeds[-1]})

    def _note_repetitions(self, cells: Sequence[Cell]) -> None:
        if self._budget is None:
            return
        few = sum(1 for cell in cells if cell.results and cell.wants(self._repeat))
        skipped = sum(1 for cell in cells if cell.outcome and cell.outcome.status == "skipped")
        if few or skipped:
            self.notes.append(
                f"{cells[0].clip}: the budget of {self._budget:g} s left out {skipped} of {len(cells)} "
                f"measurements, and {few} were repeated less than {self._repeat} times"
            )

    # ------------------------------------------------------------------------------------------------- progress

    def _tell(self, text: str, cells: Sequence[Cell]) -> None:
        if self._progress is not None:
            self._progress(self.seconds, self._left(cells), text)

    def _left(self, cells: Sequence[Cell]) -> float:
        """Seconds that are left: for the repetitions here, and for the inputs to come by their size."""
        here = 0.0
        total = 0.0
        for cell in cells:
            times = self._repeat + 1 if self._cost(cell) < _LONG_SECONDS else self._repeat
            times = max(1, min(times, int(_CELL_SECONDS / max(self._cost(cell), 1e-3)) + 1))
            total += times * self._cost(cell) * (cell.outcome is None)
            if cell.wants(self._repeat):
                here += max(1, times - len(cell.results)) * self._cost(cell)
        size, seconds = self._measured_size or self._sizes[0], self._measured_seconds or total
        left = here + sum(self._sizes[1:]) * seconds / size
        if self._budget is not None:
            left = min(left, max(0.0, self._budget - self.seconds))
        return left
