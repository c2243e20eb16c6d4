"""Entropy coding of bytes: static interleaved rANS and an adaptive range coder.

These are the coders that stfrag's native codec is made of. `docs/format.md`, section 10, specifies every bit; equal
input gives equal bytes on every machine. Streams have no checksum: keep one beside them if they may be damaged.

>>> import numpy as np
>>> from stfrag import entropy
>>> symbols = np.minimum(np.arange(10_000) % 7, 4).astype(np.uint8)
>>> coded = entropy.rans_encode(symbols)
>>> bool((entropy.rans_decode(coded) == symbols).all())
True

Provisional until stfrag 1.0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

import stfrag.native.entropy as _entropy

from .errors import StfragError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Buffer = bytes | bytearray | memoryview | NDArray[np.uint8]

__all__ = ["entropy_bits", "histogram", "normalize", "range_decode", "range_encode", "rans_decode", "rans_encode"]

#: The most symbols that a decoder produces by default.
MAX_SYMBOLS = 1 << 28


def _symbols(values: ArrayLike, what: str = "symbols") -> NDArray[np.uint8]:
    """Return an array of integers 0..255, or bytes, as contiguous uint8 of the same shape; `what` is for messages."""
    if isinstance(values, (bytes, bytearray, memoryview)):
        values = np.frombuffer(values, np.uint8)
    array = np.asarray(values)
    if array.dtype == np.bool_ or array.size == 0:
        array = array.astype(np.uint8)
    if array.dtype.kind not in "ui":
        raise TypeError(f"{what} are integers from 0 to 255, not {array.dtype}")
    if array.dtype != np.uint8:
        if array.min() < 0 or array.max() > 255:
            raise ValueError(f"{what} lie in 0..255, these reach from {array.min()} to {array.max()}")
        array = array.astype(np.uint8)
    return np.ascontiguousarray(array)


def _contexts(contexts: ArrayLike | None, size: int) -> NDArray[np.uint8] | None:
    """Return contexts as contiguous uint8, None without any; ValueError if there are not `size` of them."""
    if contexts is None:
        return None
    array = _symbols(contexts, "contexts")
    if array.size != size:
        raise ValueError(f"one context for each symbol: {size} symbols, {array.size} contexts")
    return array


def _tables(tables: ArrayLike | None) -> tuple[NDArray[np.uint16] | None, int]:
    """Return tables of probabilities as C-contiguous rows, and the size of their alphabet."""
    if tables is None:
        return None, 256
    array = np.atleast_2d(np.asarray(tables))
    if array.ndim != 2 or array.dtype.kind not in "ui" or not 1 <= array.shape[1] <= 256 or not len(array):
        raise ValueError("tables are integers of shape (alphabet,) or (contexts, alphabet), alphabet 1..256")
    if array.min() < 0 or array.max() > 4096:
        raise ValueError("probabilities lie in 0..4096")
    return np.ascontiguousarray(array, np.uint16), array.shape[1]


def _output(data: Buffer, max_symbols: int) -> NDArray[np.uint8]:
    """Allocate memory for the symbols of a stream; StfragError if it says that it has more than `max_symbols`."""
    n = _entropy.count(data)
    if n > max_symbols:
        raise StfragError(f"the stream says that it has {n} symbols, more than max_symbols={max_symbols}")
    return np.empty(n, np.uint8)


def histogram(symbols: ArrayLike, minlength: int = 0) -> NDArray[np.int64]:
    """Count how often each symbol occurs.

    Parameters
    ----------
    symbols : array_like of integers in 0..255, or bytes
        Any shape.
    minlength : int
        The result has at least this many elements.

    Returns
    -------
    ndarray of int64, shape (max(symbols) + 1,) or longer
        How often the symbols 0, 1, 2, ... occur.

    Raises
    ------
    TypeError, ValueError
        If the symbols are not integers, or not in 0..255.

    Examples
    --------
    >>> from stfrag import entropy
    >>> entropy.histogram(b"\\x00\\x02\\x02").tolist()
    [1, 0, 2]
    """
    counts = np.empty(256, np.uint64)
    _entropy.histogram(_symbols(symbols).reshape(-1), counts)
    used = np.flatnonzero(counts)
    length = max(int(used[-1]) + 1 if used.size else 0, minlength)
    result = np.zeros(length, np.int64)
    result[: min(length, 256)] = counts[: min(length, 256)]
    return result


def normalize(counts: ArrayLike) -> NDArray[np.uint16]:
    """Turn counts into the probabilities that code them in the fewest bits.

    Parameters
    ----------
    counts : array_like of non-negative integers below 2**32, shape (alphabet,) or (contexts, alphabet)
        At most 256 symbols.

    Returns
    -------
    ndarray of uint16, same shape
        Each row sums to 4096, with at least 1 for every symbol that occurs and 0 for the others: the `tables` of
        :func:`rans_encode`. A row without any count gives symbol 0 all of the probability.

    Raises
    ------
    ValueError
        If the counts have another shape, or are out of range.

    Examples
    --------
    >>> from stfrag import entropy
    >>> entropy.normalize([3, 0, 1]).tolist()
    [3072, 0, 1024]
    """
    array = np.asarray(counts)
    if array.ndim not in (1, 2) or array.dtype.kind not in "ui" or not 1 <= array.shape[-1] <= 256:
        raise ValueError("counts are integers of shape (alphabet,) or (contexts, alphabet), alphabet 1..256")
    if array.size and (array.min() < 0 or array.max() > 0xFFFFFFFF):
        raise ValueError("counts lie in 0..2**32 - 1")
    array = np.ascontiguousarray(array, np.uint32)
    freq = np.empty(array.shape, np.uint16)
    for row, out in zip(np.atleast_2d(array), np.atleast_2d(freq), strict=True):
        _entropy.normalize(row, out)
    return freq


def entropy_bits(symbols: ArrayLike, contexts: ArrayLike | None = None) -> float:
    """Empirical entropy: the fewest bits to which a static code can code these symbols, not counting its tables.

    Parameters
    ----------
    symbols : array_like of integers in 0..255, or bytes
    contexts : array_like of integers in 0..255, optional
        One for each symbol; the result is then the conditional entropy.

    Returns
    -------
    float
        Bits for all symbols together: Σ n(c, s) log2(n(c) / n(c, s)) (Shannon 1948).

    Raises
    ------
    TypeError, ValueError
        If values are not integers or out of range, or there are not as many contexts as symbols.

    Examples
    --------
    >>> from stfrag import entropy
    >>> entropy.entropy_bits([0, 1, 0, 1])
    4.0
    >>> entropy.entropy_bits([0, 1, 0, 1], contexts=[7, 9, 7, 9])
    0.0
    """
    array = _symbols(symbols)
    which = _contexts(contexts, array.size)
    if which is None:
        counts = histogram(array).astype(np.float64)[None]
    else:
        pairs = which.reshape(-1).astype(np.int64) * 256 + array.reshape(-1)
        counts = np.bincount(pairs, minlength=65536).reshape(256, 256).astype(np.float64)
    totals = counts.sum(axis=1, keepdims=True)
    ratio = np.divide(totals, counts, out=np.ones_like(counts), where=counts > 0)
    return float((counts * np.log2(ratio)).sum())


def rans_encode(
    symbols: ArrayLike,
    contexts: ArrayLike | None = None,
    *,
    lanes: int | None = None,
    tables: ArrayLike | None = None,
) -> bytes:
    """Code symbols by static rANS (Duda 2013) with interleaved lanes (Giesen 2014).

    Parameters
    ----------
    symbols : array_like of integers in 0..255, or bytes
        Any shape; the shape is not stored.
    contexts : array_like of integers in 0..255, optional
        One for each symbol: symbols are coded by the statistics of their context. Contexts whose statistics are
        similar enough share a table. Contexts are not stored; the decoder needs them.
    lanes : int, optional
        Interleaved states, 1..32: more of them decode faster, and each costs 4 bytes. By default 1, 4 or 8, depending
        on the number of symbols.
    tables : array_like of integers, shape (alphabet,) or (contexts, alphabet), optional
        Probabilities to code with, each row summing to 4096 (:func:`normalize`), row `c` for context `c`. They are
        not stored; the decoder needs them. By default they are made from the symbols and stored.

    Returns
    -------
    bytes
        The stream.

    Raises
    ------
    TypeError, ValueError
        If values are not integers or out of range, a symbol has no probability, or a context has no table.

    See Also
    --------
    rans_decode, range_encode

    Examples
    --------
    >>> from stfrag import entropy
    >>> len(entropy.rans_encode(bytes(100_000)))
    43
    """
    array = _symbols(symbols)
    rows, alphabet = _tables(tables)
    if lanes is not None and not 1 <= lanes <= 32:
        raise ValueError(f"lanes is 1..32, not {lanes}")
    return _entropy.rans_encode(
        array.reshape(-1), _flat(_contexts(contexts, array.size)), _flat(rows), alphabet, lanes or 0
    )


def rans_decode(
    data: Buffer,
    contexts: ArrayLike | None = None,
    *,
    tables: ArrayLike | None = None,
    max_symbols: int = MAX_SYMBOLS,
) -> NDArray[np.uint8]:
    """Decode a stream of :func:`rans_encode`.

    Parameters
    ----------
    data : bytes-like
        The stream.
    contexts, tables
        The same as were given to :func:`rans_encode`.
    max_symbols : int
        Streams that say they hold more are refused, because a few bytes can stand for any number of symbols.

    Returns
    -------
    ndarray of uint8, shape (n,)
        The symbols.

    Raises
    ------
    StfragError
        If the stream is damaged (:class:`~stfrag.CorruptFragmentError`), or holds more than `max_symbols`.
    ValueError
        If `contexts` or `tables` are seen not to be those that the stream was coded with.

    Examples
    --------
    >>> from stfrag import entropy
    >>> entropy.rans_decode(entropy.rans_encode(b"stfrag")).tobytes()
    b'stfrag'
    """
    out = _output(data, max_symbols)
    rows, alphabet = _tables(tables)
    _entropy.rans_decode(data, _flat(_contexts(contexts, out.size)), _flat(rows), alphabet, out)
    return out


def range_encode(symbols: ArrayLike, contexts: ArrayLike | None = None, *, alphabet: int | None = None) -> bytes:
    """Code symbols by an adaptive multi-symbol range coder: probabilities are learned while coding.

    No tables are stored. So streams of few symbols, or of changing statistics, are smaller than those of
    :func:`rans_encode`; coding is slower.

    Parameters
    ----------
    symbols : array_like of integers in 0..255, or bytes
        Any shape; the shape is not stored.
    contexts : array_like of integers in 0..255, optional
        One for each symbol: the probabilities of each context are learned separately. Contexts are not stored; the
        decoder needs them.
    alphabet : int, optional
        The number of different symbols, 1..256; all are below it. By default the largest + 1. A symbol is coded in
        one step if the alphabet has up to 16, else in two.

    Returns
    -------
    bytes
        The stream.

    Raises
    ------
    TypeError, ValueError
        If values are not integers or out of range, or there are not as many contexts as symbols.

    Examples
    --------
    >>> from stfrag import entropy
    >>> len(entropy.range_encode([0, 1] * 5000, contexts=[0, 1] * 5000))
    8
    """
    array = _symbols(symbols)
    if alphabet is None:
        alphabet = int(array.max()) + 1 if array.size else 1
    if not 1 <= alphabet <= 256:
        raise ValueError(f"an alphabet has 1..256 symbols, not {alphabet}")
    return _entropy.range_encode(array.reshape(-1), _flat(_contexts(contexts, array.size)), alphabet)


def range_decode(
    data: Buffer, contexts: ArrayLike | None = None, *, max_symbols: int = MAX_SYMBOLS
) -> NDArray[np.uint8]:
    """Decode a stream of :func:`range_encode`.

    Parameters
    ----------
    data : bytes-like
        The stream.
    contexts
        The same as were given to :func:`range_encode`.
    max_symbols : int
        Streams that say they hold more are refused.

    Returns
    -------
    ndarray of uint8, shape (n,)
        The symbols.

    Raises
    ------
    StfragError
        If the stream is damaged (:class:`~stfrag.CorruptFragmentError`), or holds more than `max_symbols`.
    ValueError
        If the stream was coded with contexts and none are given, or the other way round.

    Examples
    --------
    >>> from stfrag import entropy
    >>> entropy.range_decode(entropy.range_encode([3, 1, 4, 1, 5])).tolist()
    [3, 1, 4, 1, 5]
    """
    out = _output(data, max_symbols)
    _entropy.range_decode(data, _flat(_contexts(contexts, out.size)), out)
    return out


def _flat(array: NDArray[Any] | None) -> NDArray[Any] | None:
    """Return an array with one axis; None for None."""
    return None if array is None else array.reshape(-1)
