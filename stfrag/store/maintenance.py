"""Maintenance of stores: a check of all records, and a repair that saves what a broken store still holds."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

from ..errors import CorruptStoreError, StfragError
from ..native.pools import pool
from .foreign import with_kind
from .sinks import open_sink
from .sources import normalise_source, open_source

__all__ = ["VerifyReport", "repair", "verify"]


@dataclass(frozen=True)
class VerifyReport:
    """The result of :func:`verify`, which is true if the store is whole.

    Attributes
    ----------
    problems : list of StfragError
        What is wrong, in file order: :class:`~stfrag.CorruptFragmentError`, which names the fragment and its box,
        :class:`~stfrag.CorruptStoreError`, :class:`~stfrag.UnsupportedError`.
    counts : dict of str to int
        ``fragments`` checked, ``corrupt_fragments``, ``missing_fragments`` (lost before a repair),
        ``corrupt_sections`` (damaged records that are no fragments), ``frames``.
    """

    problems: list[StfragError] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether the store is whole."""
        return not self.problems

    def __bool__(self) -> bool:
        return self.ok


def verify(source: Any, deep: bool = False, num_threads: int | None = None) -> VerifyReport:
    """Check every record of a store.

    Parameters
    ----------
    source : path, bytes-like, file object or str
        As for :func:`stfrag.open`.
    deep : bool
        Also decode every fragment, and check its samples against their CRC.
    num_threads : int, optional
        As for :func:`stfrag.open`.

    Returns
    -------
    VerifyReport
        True if the store is whole.

    Raises
    ------
    OSError
        If it cannot be read.

    Examples
    --------
    >>> import io, numpy as np, stfrag
    >>> file = io.BytesIO()
    >>> stfrag.save(file, np.zeros((4, 32, 32), np.uint8))
    >>> bool(stfrag.verify(file, deep=True))
    True
    >>> stfrag.verify(b"something else").problems
    [CorruptStoreError(...)]
    """
    from ..native import store as _store

    opened = open_source(normalise_source(source))
    problems, counts = _store.verify(opened, bool(deep), pool(num_threads))
    told = [with_kind(each, opened) if isinstance(each, CorruptStoreError) else each for each in problems]
    return VerifyReport(told, counts)


def repair(src: Any, dst: Any, overwrite: bool = True, num_threads: int | None = None) -> dict[str, int]:
    """Build a whole store from what a broken one still holds.

    This is for a file whose index is damaged or gone, for the ``.part`` of an encode that was killed, and for an
    append that was interrupted. Every fragment that is whole is kept, and so are the times of frames. Boxes that were
    lost stay missing: reading them raises :class:`~stfrag.CorruptFragmentError`.

    Parameters
    ----------
    src : path, bytes-like, file object or str
        The broken store.
    dst : path or file object
        The store that is written; it must be another one than `src`.
    overwrite : bool
        Whether to replace what is at `dst`, when the new one is whole; the command line asks for ``--force``.
    num_threads : int, optional
        As for :func:`stfrag.open`.

    Returns
    -------
    dict of str to int
        ``fragments_kept``, ``fragments_lost``, ``frames``, ``slabs``, ``packet_records_kept``,
        ``packet_records_lost``, and ``bytes_skipped``, the bytes of the broken file that belong to no valid record.

    Raises
    ------
    CorruptStoreError
        If not even a header and one fragment can be found.
    FileExistsError
        If `dst` exists and `overwrite` is false.
    ValueError
        If `dst` is `src`.
    OSError
        If either cannot be read or written.

    Examples
    --------
    >>> import io, numpy as np, stfrag
    >>> file, fixed = io.BytesIO(), io.BytesIO()
    >>> stfrag.save(file, np.zeros((4, 32, 32), np.uint8))
    >>> stfrag.repair(file.getvalue()[:-20], fixed)["fragments_lost"]
    0
    >>> len(stfrag.open(fixed))
    4
    """
    from ..native import store as _store

    source = normalise_source(src)
    paths = isinstance(source, str) and isinstance(dst, (str, os.PathLike))
    if src is dst or (paths and os.path.exists(dst) and os.path.exists(source) and os.path.samefile(source, dst)):
        raise ValueError("the repaired store needs another name than the broken one")
    opened = open_source(source)
    # The suffix is not .part alone, because such a file may be the one that is repaired.
    target = open_sink(dst, overwrite, ".repair.part")
    try:
        report = _store.repair(opened, target, pool(num_threads))
        target.finish()
    except CorruptStoreError as error:
        target.abandon(True)
        raise with_kind(error, opened) from None
    except BaseException:
        target.abandon(True)
        raise
    return report
