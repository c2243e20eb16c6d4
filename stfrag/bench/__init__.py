"""Benchmarks of codecs on your own material: lossless, lossy, random access, scaling over threads.

Each function returns a document of plain values (dicts, lists, numbers, strings) that JSON can hold: the machine,
the versions, the clips, a record for everything that was measured or failed, and a summary. A lossy one has pictures
too. docs/bench.md says how to read the figures, what makes them fair, and how to add a peer.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from .journal import Journal, OtherRun
from .material import expand
from .plan import AccessPlan, Plan
from .process import IN_WORKER
from .run import Run
from .session import Progress

__all__ = ["OtherRun", "access", "available", "lossless", "lossy", "scaling"]

Inputs = Sequence[str | os.PathLike[str]]


def lossless(
    inputs: Inputs = (),
    *,
    peers: Sequence[str | type] = (),
    journal: str | os.PathLike[str] | None = None,
    fresh: bool = False,
    progress: Progress | None = None,
    **options: Any,
) -> dict[str, Any]:
    """Measure how small lossless coders make clips, and how fast.

    Parameters
    ----------
    inputs : sequence of path
        Videos, ``.npy``, ``.npz``, ``.stf`` and DICOM files, folders of them, patterns, ``"synthetic:NAME"``. None:
        the synthetic set.
    peers : sequence of str or class
        Which, see `stfrag.bench.plan.choose`. None: all that are here, at their default settings.
    journal : path, optional
        A file that remembers what was measured: when the run is interrupted and called again with the same inputs and
        options, it goes on from there. It stays when the run is done: remove it once the result is safe.
    fresh : bool
        Begin anew, whatever the journal says.
    progress : callable, optional
        ``progress(seconds, seconds_left, text)``, now and then.
    **options
        cuts : sequence of str, default ("whole", "fragments")
            Which anchors: whole frames in groups as long as a fragment, and fragments.
        fragment : (T, Y, X), default (32, 256, 256); or layout : str
            How fragments are cut.
        frames : int, optional
            At most so many of every input.
        most_bytes : int, default 64 MiB
            At most so many bytes of samples of every input.
        max_error : int, default 0
            How far off a sample may be: above 0, near-lossless coding, of those that keep such a bound.
        repeat : int, default 3
            How often everything is timed, beside the warm-up.
        num_threads : int, default 1
            Threads that a coder may use.
        budget : float, optional
            Seconds for all of it: settings that take longest are left out, and others repeated less.
        timeout : float, default 900
            Seconds after which one repetition is given up.

    Returns
    -------
    dict
        See `stfrag.bench`.

    Raises
    ------
    FileNotFoundError
        For an input that is not there.
    ValueError, TypeError
        For a peer or an option that there is not, or one that is out of its range.
    OtherRun
        If the journal is that of another run, or of one that is at work.

    Examples
    --------
    >>> from stfrag import bench
    >>> found = bench.lossless(["synthetic:screen"], peers=["stf:e1"], cuts=["fragments"], frames=2, repeat=1)
    >>> [(r["label"], r["ratio"] > 10) for r in found["records"]]
    [('stf e1', True)]
    """
    from .coding import measure_coding
    from .sizes import summary

    plan = make_plan("lossless", inputs, peers, options)
    return measure_coding(Run(plan, peers, Journal(journal, plan.identity(), fresh), progress), summary)


def lossy(
    inputs: Inputs = (),
    *,
    peers: Sequence[str | type] = (),
    journal: str | os.PathLike[str] | None = None,
    fresh: bool = False,
    progress: Progress | None = None,
    **options: Any,
) -> dict[str, Any]:
    """Measure what quality lossy coders reach at how many bits, and how fast.

    Parameters
    ----------
    inputs, peers, journal, fresh, progress
        As for `lossless`.
    **options
        Those of `lossless` but for ``max_error``, and:

        points : int, default 4
            How many rates every coder is run at; at least 4, for there to be a BD-rate.
        vmaf : bool, default True
            Whether VMAF is measured where there is an ffmpeg that has it.

    Returns
    -------
    dict
        See `stfrag.bench`.

    Raises
    ------
    FileNotFoundError, ValueError, OtherRun
        As `lossless`.

    Examples
    --------
    >>> from stfrag import bench
    >>> found = bench.lossy(["synthetic:camera"], peers=["stf-h264"], cuts=["whole"], frames=2, repeat=1, vmaf=False)
    >>> [(r["point"], r["quality"]["psnr_y"] > 25) for r in found["records"]]
    [(77.5, True), (65.0, True), (52.5, True), (40.0, True)]
    """
    from .coding import measure_coding
    from .curves import summary

    plan = make_plan("lossy", inputs, peers, options)
    return measure_coding(Run(plan, peers, Journal(journal, plan.identity(), fresh), progress), summary)


def scaling(
    inputs: Inputs = (),
    *,
    peers: Sequence[str | type] = (),
    journal: str | os.PathLike[str] | None = None,
    fresh: bool = False,
    progress: Progress | None = None,
    **options: Any,
) -> dict[str, Any]:
    """Measure how much faster more threads encode, decode and read a region, and how much memory they need.

    Whole frames leave threads to the coder; fragments are coded side by side.

    Parameters
    ----------
    inputs, journal, fresh, progress
        As for `lossless`.
    peers : sequence of str or class
        As for `lossless`; those that are lossless and lossy are measured both ways, the latter at one rate. None:
        the native codec and a few well-known ones.
    **options
        Those of `lossless`; ``num_threads`` is the most threads, by default all that this process may use.

    Returns
    -------
    dict
        See `stfrag.bench`.

    Raises
    ------
    FileNotFoundError, ValueError, OtherRun
        As `lossless`.

    Examples
    --------
    >>> from stfrag import bench
    >>> found = bench.scaling(["synthetic:volume"], peers=["stf:e1"], cuts=["fragments"], frames=4, repeat=1,
    ...                       num_threads=1)
    >>> [(r["job"], r["threads"], r["speedup"]) for r in found["records"] if "lossless" in r["label"]]
    [('encode', 1, 1.0), ('decode', 1, 1.0), ('region', 1, 1.0)]
    """
    from ..model.threads import usable_processors
    from . import synthetic
    from .speedup import measure_scaling

    options = {"num_threads": usable_processors(), **options}
    plan = make_plan("scaling", inputs or [f"synthetic:{synthetic.LARGE}"], peers, options)
    return measure_scaling(Run(plan, peers, Journal(journal, plan.identity(), fresh), progress))


def access(
    inputs: Inputs = (),
    *,
    peers: Sequence[str | type] = (),
    journal: str | os.PathLike[str] | None = None,
    fresh: bool = False,
    progress: Progress | None = None,
    **options: Any,
) -> dict[str, Any]:
    """Measure how long several readers take for random boxes and frames of H.264 files, stores and arrays.

    Every input is written as H.264 (x264 medium) at several distances of key frames, as stores, and its luma as
    arrays; files and places are the same for all readers, which take turns.

    Parameters
    ----------
    inputs : sequence of path
        As for `lossless`. Videos of 4:2:0 and 8 bits are measured as such, of anything else the first plane, as an
        array. None: a scene of 1080p.
    peers : sequence of str
        Readers: ``"stf"``, ``"pyav"``, ``"torchcodec"``, ``"torchcodec-approximate"``, ``"decord"``, ``"opencv"``,
        ``"zarr"``, ``"blosc2"``, or patterns. None: all that are here, but for the approximate one.
    journal, fresh, progress
        As for `lossless`. After an interruption, files are written again, and the pattern of reads that was
        interrupted is measured again.
    **options
        gops : sequence of int, default (2, 30, 250)
            Distances of the key frames of the H.264 files.
        reads : int, default 40
            Of every reader, file and pattern, beside a warm-up.
        box : (T, Y, X), default (16, 256, 256)
            What is read.
        crf : float, default 23
            x264's rate factor for the files; that of stores is chosen for about the same PSNR.
        seed : int, default 0
            What places are drawn from.
        frames, most_bytes, num_threads, budget, timeout
            As for `lossless`; by default ``most_bytes`` is 800 MB, ``timeout`` 120 s, for one read.

    Returns
    -------
    dict
        See `stfrag.bench`.

    Raises
    ------
    FileNotFoundError, ValueError, OtherRun
        As `lossless`.

    Examples
    --------
    >>> from stfrag import bench
    >>> found = bench.access(["synthetic:volume"], peers=["stf"], frames=8, reads=1, box=(4, 32, 32))
    >>> [(r["pattern"], r["box"]) for r in found["records"]][:2]
    [('boxes, uniform', '4×32×32'), ('boxes, aligned', '4×32×32')]
    """
    from .random_access import SCENE, measure_access

    plan = make_plan("access", inputs or [SCENE.source], peers, options)
    return measure_access(Run(plan, peers, Journal(journal, plan.identity(), fresh), progress))


def make_plan(benchmark: str, inputs: Inputs, peers: Sequence[str | type], options: dict[str, Any]) -> Plan:
    """Make a plan of options, and check everything that can be checked before a run begins."""
    from dataclasses import fields

    if IN_WORKER in os.environ:  # a worker loads the file that a peer is in, which must not begin a benchmark
        raise RuntimeError(
            "a benchmark was begun while a peer's file was imported: put it under if __name__ == '__main__':"
        )
    kind = AccessPlan if benchmark == "access" else Plan
    own = {"benchmark", "inputs", "peers", "threads", *kind.UNUSED}
    if benchmark != "lossless":
        own |= {"max_error"}
    known = {field.name for field in fields(kind)} - own | {"num_threads"}
    if unknown := options.keys() - known:
        raise TypeError(f"{benchmark}() has no option {min(unknown)!r}, but {', '.join(sorted(known))}")
    values = {
        "threads" if name == "num_threads" else name: value for name, value in options.items() if value is not None
    }
    if "layout" in values:
        if "fragment" in values:
            raise ValueError("give fragment= or layout=, not both")
        values["fragment"] = None
    for name in ("fragment", "cuts", "gops", "box"):
        if values.get(name) is not None:
            values[name] = tuple(values[name])
    names = tuple(str(peer) if isinstance(peer, str) else peer.__qualname__ for peer in peers)
    plan = kind(benchmark, tuple(expand(inputs)), names, **values)
    plan.check()
    return plan


def available() -> list[dict[str, Any]]:
    """The coders and readers that can be measured, with their versions, or why they cannot be.

    Returns
    -------
    list of dict
        ``kind`` ("coder" or "reader", of `access`), ``name``, ``title``, ``versions`` (None if missing), ``missing``
        (why), ``lossless`` and ``lossy``: the names of settings, and whether each is measured by default; readers
        have ``default`` instead.

    Examples
    --------
    >>> from stfrag import bench
    >>> [(each["kind"], each["title"]) for each in bench.available() if each["name"] == "stf"]
    [('coder', "stfrag's native codec"), ('reader', 'stfrag: fragments of a store')]
    """
    from .listing import listing

    return listing()
