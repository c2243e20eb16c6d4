"""What stfrag raises beyond Python's own exceptions.

``ValueError``, ``TypeError``, ``IndexError``, ``OSError`` and ``MemoryError`` keep their usual meaning; everything
that only stfrag knows about is a :class:`StfragError`. All of them pickle, so they cross process borders whole.
"""

from __future__ import annotations

__all__ = ["CorruptFragmentError", "CorruptStoreError", "StfragError", "UnsupportedError"]


class StfragError(Exception):
    """Base class of the errors that are stfrag's own.

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
        Its box, ``(t, y, x)`` in frames and samples; None if it is not known.

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
    """A store is damaged outside of its fragments, or is not a store. The message says whether
    :func:`stfrag.repair` can help."""

    __module__ = "stfrag"


class UnsupportedError(StfragError):
    """A newer format version, or something that this build or this version of stfrag cannot do."""

    __module__ = "stfrag"


def from_status(
    status: int, message: str, fragment: int = -1, box: tuple[int, int, int, int, int, int] = (0, 0, 0, 0, 0, 0)
) -> Exception:
    """The exception for a failed native call: the one place where ``stf_status`` meets Python.

    I/O failures and cancellation carry a Python exception of their own where a callback raised one; the callers
    prefer that one.
    """
    if status == 4:
        t0, t1, y0, y1, x0, x1 = box
        region = (slice(t0, t1), slice(y0, y1), slice(x0, x1)) if t1 > t0 else None
        return CorruptFragmentError(message, fragment if fragment >= 0 else None, region)
    if status == 9:
        return KeyboardInterrupt()  # type: ignore[return-value]
    return _KINDS.get(status, StfragError)(message)


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
