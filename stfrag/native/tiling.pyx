# cython: language_level=3, freethreading_compatible=True
"""The cutting of an axis into pieces, as stores do it. tiling.py has the public functions."""

from cpython.mem cimport PyMem_Free, PyMem_Malloc
from libc.stdint cimport uint32_t
from libc.string cimport memset

from stfrag cimport capi
from stfrag.native._native cimport check


def cut_axis(uint32_t size, uint32_t piece, bint balanced, uint32_t align):
    """Return the borders 0 = b[0] < ... < b[n] = size of the pieces of a spatial axis."""
    cdef capi.stf_error error
    cdef capi.stf_cut kind = capi.STF_CUT_BALANCED if balanced else capi.STF_CUT_EXACT
    cdef size_t n = 0, i
    cdef uint32_t *borders = NULL
    memset(&error, 0, sizeof(error))
    check(capi.stf_grid_cut(size, piece, kind, align, NULL, 0, &n, &error), &error)
    borders = <uint32_t *>PyMem_Malloc((n + 1) * sizeof(uint32_t))
    if borders == NULL:
        raise MemoryError(f"no memory for {n + 1} borders")
    try:
        check(capi.stf_grid_cut(size, piece, kind, align, borders, n + 1, &n, &error), &error)
        return [borders[i] for i in range(n + 1)]
    finally:
        PyMem_Free(borders)
