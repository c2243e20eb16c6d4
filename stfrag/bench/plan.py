"""The plan of a run: inputs, peers and their settings, cuts, and how thoroughly they are measured."""

from __future__ import annotations

import inspect
import os
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, ClassVar

from ..model.options import MAX_ERROR, parse_options
from .job import FRAGMENTS, WHOLE, Cut
from .material import Input
from .peers import PEERS, load
from .peers.base import Peer, Setting

__all__ = ["AccessPlan", "Chosen", "Plan", "choose", "file_of", "spec_of"]

#: The size of fragments by default, which the goals of the project are given for.
FRAGMENT = (32, 256, 256)
_LONGEST = 366 * 86400
#: How many bytes of samples are taken of each input by default.
MOST_BYTES = 64 << 20


@dataclass(frozen=True)
class Plan:
    """The options of a run, see `stfrag.bench.lossless`."""

    benchmark: str
    inputs: tuple[Input, ...]
    peers: tuple[str, ...] = ()
    cuts: tuple[str, ...] = (WHOLE, FRAGMENTS)
    fragment: tuple[int, int, int] | None = FRAGMENT
    layout: str | None = None
    frames: int | None = None
    most_bytes: int = MOST_BYTES
    repeat: int = 3
    threads: int = 1
    points: int = 4
    budget: float | None = None
    timeout: float = 900.0
    vmaf: bool = True
    max_error: int = 0

    #: Options that a benchmark has no use for.
    UNUSED: ClassVar[frozenset[str]] = frozenset()

    @property
    def cut(self) -> Cut:
        """The cut into fragments."""
        return Cut(FRAGMENTS, self.fragment, self.layout)

    def check(self) -> None:
        """Raise ValueError for an option that is out of its range."""
        for name, low in (("repeat", 1), ("threads", 1), ("points", 4), ("frames", 1), ("most_bytes", 1)):
            value = getattr(self, name)
            if value is not None and (not isinstance(value, int) or value < low):
                shown = "num_threads" if name == "threads" else name
                raise ValueError(f"{shown}={value!r}: it must be a whole number of {low} or more")
        if not isinstance(self.max_error, int) or not 0 <= self.max_error <= MAX_ERROR:
            raise ValueError(f"max_error={self.max_error!r}: it must be a whole number from 0 to {MAX_ERROR}")
        for name in ("budget", "timeout"):
            value = getattr(self, name)
            if value is not None and not 0 < value <= _LONGEST:
                raise ValueError(f"{name}={value!r}: it must be a number of seconds above 0, and at most a year")
        if not self.cuts or set(self.cuts) - {WHOLE, FRAGMENTS}:
            raise ValueError(f"cuts={self.cuts!r}: they are {WHOLE!r} and {FRAGMENTS!r}")
        parse_options({"fragment": self.fragment, "layout": self.layout}, "bench")

    def options(self) -> dict[str, Any]:
        """The options as plain values, without the inputs."""
        return {
            "peers": list(self.peers), "cuts": list(self.cuts),
            "fragment": list(self.fragment) if self.fragment else None, "layout": self.layout, "frames": self.frames,
            "most_bytes": self.most_bytes, "repeat": self.repeat, "threads": self.threads, "points": self.points,
            "budget": self.budget, "timeout": self.timeout, "vmaf": self.vmaf,
            "max_error": self.max_error,
        }  # fmt: skip

    def identity(self) -> dict[str, Any]:
        """What must be the same for a run to go on from a journal: everything but how long it may take."""
        from .. import __version__
        from ..native import fragment as _native

        rest = {name: value for name, value in self.options().items() if name not in ("budget", "timeout")}
        build = os.stat(_native.__file__ or "")
        return {
            "benchmark": self.benchmark,
            "version": [__version__, build.st_size, build.st_mtime_ns],
            "inputs": [source.identity() for source in self.inputs],
            **rest,
        }


@dataclass(frozen=True)
class AccessPlan(Plan):
    """The options of a run of `stfrag.bench.access`."""

    most_bytes: int = 800_000_000
    timeout: float = 120.0
    gops: tuple[int, ...] = (2, 30, 250)
    reads: int = 40
    box: tuple[int, int, int] = (16, 256, 256)
    crf: float = 23.0
    seed: int = 0

    UNUSED = frozenset({"cuts", "fragment", "layout", "repeat", "points", "vmaf", "max_error"})

    def check(self) -> None:
        super().check()
        if not self.gops or min(self.gops) < 1:
            raise ValueError(f"gops={self.gops!r}: they must be whole numbers of 1 or more")
        if self.reads < 1:
            raise ValueError(f"reads={self.reads!r}: it must be a whole number of 1 or more")
        if len(self.box) != 3 or min(self.box) < 1:
            raise ValueError(f"box={self.box!r}: it must be three whole numbers of 1 or more")
        if not isinstance(self.seed, int) or self.seed < 0:
            raise ValueError(f"seed={self.seed!r}: it must be a whole number of 0 or more")
        if not 1 <= self.crf <= 51:
            raise ValueError(f"crf={self.crf!r}: x264's rate factor is 1 to 51 here")

    def options(self) -> dict[str, Any]:
        rest = {name: value for name, value in super().options().items() if name not in self.UNUSED}
        return {
            **rest,
            "gops": list(self.gops),
            "reads": self.reads,
            "box": list(self.box),
            "crf": self.crf,
            "seed": self.seed,
        }


@dataclass(frozen=True)
class Chosen:
    """A peer and one of its settings."""

    spec: str
    peer: Peer
    setting: Setting

    @property
    def label(self) -> str:
        """Its name in tables."""
        return f"{self.peer.name} {self.setting.name}".rstrip()


def choose(wanted: Sequence[str | type], lossless: bool) -> list[Chosen]:
    """Find the peers and settings that are asked for.

    Parameters
    ----------
    wanted : sequence of str or class
        Names or patterns of peers, each maybe with a setting or pattern of settings behind a colon: ``"x264"`` (its
        default settings), ``"x264:medium"``, ``"jpeg*"``, ``"stf:*"``; or peers of one's own, as a class or as
        ``"module:Class"`` or ``"file.py:Class"``. Empty: the default settings of all.
    lossless : bool

    Raises
    ------
    ValueError
        For a name that there is none of, or a setting.
    """
    found: dict[tuple[str, str], Chosen] = {}
    labels: dict[str, str] = {}
    for pattern in wanted or PEERS:
        specs, setting = _specs(pattern)
        matched = 0
        for spec in specs:
            # A class is taken as it is: loading its file would run the main program again, if it is there.
            peer = load(spec) if isinstance(pattern, str) else pattern()
            for each in peer.settings(lossless):
                if each.default if setting is None else fnmatchcase(each.name, setting):
                    one = found.setdefault((spec, each.name), Chosen(spec, peer, each))
                    if labels.setdefault(one.label, spec) != spec:
                        raise ValueError(
                            f"{spec} and {labels[one.label]} are both called {one.label!r}: give one of "
                            "them another name"
                        )
                    matched += 1
        if wanted and not matched:
            raise ValueError(_nothing(str(pattern), specs, setting, lossless))
    return list(found.values())


def file_of(spec: str) -> list[float] | None:
    """The size and time of the file that a peer of your own is in; None for others."""
    place = spec.rpartition(":")[0]
    if not place.endswith(".py") or not os.path.exists(place):
        return None
    stat = os.stat(place)
    return [stat.st_size, stat.st_mtime_ns]


def spec_of(kind: type) -> str:
    """Where others find a class: ``"module:Class"``, or ``"file.py:Class"`` if it is in the main program."""
    module = inspect.getmodule(kind)
    if module and module.__name__ != "__main__":
        return f"{module.__name__}:{kind.__qualname__}"
    try:
        return f"{inspect.getfile(kind)}:{kind.__qualname__}"
    except (OSError, TypeError):
        raise ValueError(
            f"{kind.__name__} is in no file, so that other processes could find it: put it in one"
        ) from None


def _specs(pattern: str | type) -> tuple[list[str], str | None]:
    if not isinstance(pattern, str):
        return [spec_of(pattern)], None
    name, _, setting = pattern.partition(":")
    specs = [known for known in PEERS if fnmatchcase(known, name)]
    if specs:
        return specs, setting or None
    place, _, rest = pattern.partition(":")
    kind, _, setting = rest.partition(":")
    return [f"{place}:{kind}" if kind else pattern], setting or None


def _nothing(pattern: str, specs: list[str], setting: str | None, lossless: bool) -> str:
    mode = "lossless" if lossless else "lossy"
    there = [f"{spec}:{each.name}" for spec in specs for each in load(spec).settings(lossless)]
    if not there:
        return f"{pattern} has no {mode} mode"
    if setting is None:
        return f"{pattern} has no setting that is measured by default, but {', '.join(there)}"
    return f"there is no setting {pattern!r}, but {', '.join(there)}"
