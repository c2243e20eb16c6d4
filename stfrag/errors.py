"""The exceptions that stfrag raises beside Python's own.

``ValueError``, ``TypeError``, ``IndexError``, ``OSError`` and ``MemoryError`` have their usual meaning. Errors that
only stfrag can have are a :class:`StfragError`. All of them can be pickled, so they pass from process to process.
"""

from __future__ import annotations

__all__ = ["CorruptFragmentError", "CorruptStoreError", "StfragError", "UnsupportedError"]


class StfragError(Exception):
    """The base class of the errors that only stfrag can have.

    Examples
    --------
    >>> import stfrag
    >>> issubclass(stfrag.CorruptStoreError, stfrag.StfragError)
    True
    """

    __module__ = "stfrag"


class CorruptFragmentError(StfragError):
    """A fragment's bytes are damaged. All other fragments of the store can still be read.

    Parameters
    ----------
    message : str
        What is wrong, in one line.
    fragment : int, optional
        Row of the fragment in :attr:`stfrag.Reader.index`; None for a fragment that is in no store.
    region : tuple of slice, optional
        The box of the fragment, ``(t, y, x)`` in frames and samples; None if it is not known.

    Examples
    --------
    >>> import stfrag
    >>> try:
    ...     stfrag.decode(b"no fragment at all")
    ... except stfrag.CorruptFragmentError as error:
    ...     print(error.fragment, error.region)
    None None
    """

    __module__ = "stfrag"

    def __init__(
        self, message: str = "", fragment: int | None = None, region: tuple[slice, ...] | None = None
    ) -> None:
        super().__init__(message)
        self.fragment = fragment
        self.region = region

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (*self.args, self.fragment, self.region)


class CorruptStoreError(StfragError):
    """A store is damaged outside of its fragments, or is not a store.

    The message says whether :func:`stfrag.repair` can help.

    Examples
    --------
    >>> import stfrag
    >>> try:
    ...     stfrag.open(b"no store at all")
    ... except stfrag.CorruptStoreError as error:
    ...     print(type(error).__name__)
    CorruptStoreError
    """

    __module__ = "stfrag"


class UnsupportedError(StfragError):
    """Something has a newer version of the format, or asks for what this version or build of stfrag cannot do.

    Examples
    --------
    >>> import numpy as np, stfrag
    >>> try:
    ...     stfrag.encode(np.zeros((1, 8, 8), np.uint8), codec="ffv1", quality=50)
    ... except stfrag.UnsupportedError as error:
    ...     print(error)
    codec ffv1 is lossless only: leave quality= and qp= out, or use another
    """

    __module__ = "stfrag"


def from_status(
    status: int, message: str, fragment: int = -1, box: tuple[int, int, int, int, int, int] = (0, 0, 0, 0, 0, 0)
) -> Exception:
    """Return the exception for a call of the C core that failed. All values of ``stf_status`` are translated here.

    If a callback raised a Python exception, which can be the case with I/O failures and cancellation, callers raise
    that one instead.

    Parameters
    ----------
    status : int
        stf_status.
    message : str
        What went wrong, in one line.
    fragment : int
        The row of the fragment that it is about; -1 for none.
    box : tuple of int
        The box of that fragment: t0, t1, y0, y1, x0, x1.
    """
    if status == 4:
        t0, t1, y0, y1, x0, x1 = box
        region = (slice(t0, t1), slice(y0, y1), slice(x0, x1)) if t1 > t0 else None
        return CorruptFragmentError(message, fragment if fragment >= 0 else None, region)
    if status == 9:
        return KeyboardInterrupt()  # type: ignore[return-value]
    return _KINDS.get(status, StfragError)(message)


#: The exceptions of the statuses that need nothing but a message.
_KINDS: dict[int, type[Exception]] = {
    1: ValueError,  # STF_E_ARGUMENT
    2: MemoryError,  # STF_E_MEMORY
    3: StfragError,  # STF_E_LIMIT
    5: CorruptStoreError,  # STF_E_CORRUPT_STORE
    6: UnsupportedError,  # STF_E_UNSUPPORTED
    7: UnsupportedError,  # STF_E_CODEC
    8: OSError,  # STF_E_IO
    10: ValueError,  # STF_E_CAPACITY
    11: StfragError,  # STF_E_INTERNAL
}
