# cython: language_level=3, freethreading_compatible=True
"""The entropy coders of stfrag/blocks.h, over flat contiguous buffers. entropy.py has the public functions."""

from cpython.buffer cimport PyBUF_SIMPLE, PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.mem cimport PyMem_Free, PyMem_Malloc
from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memset

from stfrag cimport capi
from stfrag.native._native cimport check


cdef class Flat:
    """The memory of a contiguous buffer, borrowed as long as this object lives; None gives a NULL pointer."""
    cdef Py_buffer view
    cdef bint held

    def __cinit__(self, array, bint writable=False):
        self.held = False
        memset(&self.view, 0, sizeof(self.view))
        if array is not None:
            PyObject_GetBuffer(array, &self.view, PyBUF_WRITABLE if writable else PyBUF_SIMPLE)
            self.held = True

    def __dealloc__(self):
        if self.held:
            PyBuffer_Release(&self.view)


def histogram(symbols, counts):
    """Fill `counts` (256 uint64) with how often each byte occurs in `symbols`."""
    cdef Flat s = Flat(symbols), c = Flat(counts, True)
    assert c.view.len == 256 * sizeof(uint64_t)
    with nogil:
        capi.stf_histogram(<const uint8_t *>s.view.buf, s.view.len, <uint64_t *>c.view.buf)


def normalize(counts, freq):
    """Fill `freq` (uint16) with the probabilities, out of 4096, that `counts` (uint32) give."""
    cdef Flat c = Flat(counts), f = Flat(freq, True)
    cdef capi.stf_error error
    cdef capi.stf_status status
    cdef size_t alphabet = c.view.len // sizeof(uint32_t)
    assert f.view.len == alphabet * sizeof(uint16_t)
    memset(&error, 0, sizeof(error))
    with nogil:
        status = capi.stf_normalize(<const uint32_t *>c.view.buf, alphabet, <uint16_t *>f.view.buf, &error)
    check(status, &error)


cdef int set_options(capi.stf_rans_options *options, Flat contexts, Flat tables, size_t n, uint32_t alphabet,
                     uint32_t lanes) except -1:
    """Fill in the options of the rANS coder for `n` symbols."""
    memset(options, 0, sizeof(options[0]))
    if contexts.held:
        assert contexts.view.len == <Py_ssize_t>n
        options.contexts = <const uint8_t *>contexts.view.buf
    if tables.held:
        options.tables = <const uint16_t *>tables.view.buf
        options.n_tables = tables.view.len // (alphabet * sizeof(uint16_t))
    options.alphabet = alphabet
    options.lanes = lanes
    return 0


def rans_encode(symbols, contexts, tables, uint32_t alphabet, uint32_t lanes):
    """Code symbols by rANS and return the stream as bytes."""
    cdef Flat s = Flat(symbols), c = Flat(contexts), t = Flat(tables)
    cdef capi.stf_rans_options options
    cdef capi.stf_error error
    cdef capi.stf_status status
    cdef size_t capacity = capi.stf_rans_bound(s.view.len), written = 0
    cdef void *out = NULL
    memset(&error, 0, sizeof(error))
    set_options(&options, c, t, s.view.len, alphabet, lanes)
    try:
        out = PyMem_Malloc(capacity)
        if out == NULL:
            raise MemoryError(f"no memory for {capacity} bytes of coded symbols")
        with nogil:
            status = capi.stf_rans_encode(&options, <const uint8_t *>s.view.buf, s.view.len, out, capacity, &written,
                                          &error)
        check(status, &error)
        return PyBytes_FromStringAndSize(<char *>out, written)
    finally:
        PyMem_Free(out)


def count(data):
    """Return how many symbols a stream says it has."""
    cdef Flat d = Flat(data)
    cdef capi.stf_error error
    cdef uint64_t n = 0
    memset(&error, 0, sizeof(error))
    check(capi.stf_entropy_count(d.view.buf, d.view.len, &n, &error), &error)
    return n


def rans_decode(data, contexts, tables, uint32_t alphabet, symbols):
    """Decode a rANS stream into `symbols`."""
    cdef Flat d = Flat(data), c = Flat(contexts), t = Flat(tables), s = Flat(symbols, True)
    cdef capi.stf_rans_options options
    cdef capi.stf_error error
    cdef capi.stf_status status
    memset(&error, 0, sizeof(error))
    set_options(&options, c, t, s.view.len, alphabet, 0)
    with nogil:
        status = capi.stf_rans_decode(&options, d.view.buf, d.view.len, <uint8_t *>s.view.buf, s.view.len, &error)
    check(status, &error)


def range_encode(symbols, contexts, uint32_t alphabet):
    """Code symbols by the adaptive range coder and return the stream as bytes."""
    cdef Flat s = Flat(symbols), c = Flat(contexts)
    cdef capi.stf_error error
    cdef capi.stf_status status
    cdef size_t capacity = capi.stf_range_bound(s.view.len), written = 0
    cdef void *out = NULL
    assert not c.held or c.view.len == s.view.len
    memset(&error, 0, sizeof(error))
    try:
        out = PyMem_Malloc(capacity)
        if out == NULL:
            raise MemoryError(f"no memory for {capacity} bytes of coded symbols")
        with nogil:
            status = capi.stf_range_encode(<const uint8_t *>s.view.buf, <const uint8_t *>c.view.buf, s.view.len,
                                           alphabet, out, capacity, &written, &error)
        check(status, &error)
        return PyBytes_FromStringAndSize(<char *>out, written)
    finally:
        PyMem_Free(out)


def range_decode(data, contexts, symbols):
    """Decode a stream of the adaptive range coder into `symbols`."""
    cdef Flat d = Flat(data), c = Flat(contexts), s = Flat(symbols, True)
    cdef capi.stf_error error
    cdef capi.stf_status status
    assert not c.held or c.view.len == s.view.len
    memset(&error, 0, sizeof(error))
    with nogil:
        status = capi.stf_range_decode(d.view.buf, d.view.len, <const uint8_t *>c.view.buf, <uint8_t *>s.view.buf,
                                       s.view.len, &error)
    check(status, &error)
