# cython: language_level=3, freethreading_compatible=True
"""Transforms, metrics and the seam filter: a thin layer over stfrag/blocks.h.

transform.py, metrics.py and seams.py have the public functions.
"""

from cpython.buffer cimport (PyBUF_C_CONTIGUOUS, PyBUF_STRIDED_RO, PyBUF_WRITABLE, PyBuffer_Release,
                             PyObject_GetBuffer)
from cpython.mem cimport PyMem_Calloc, PyMem_Free
from libc.stdint cimport int32_t, uint32_t, uint64_t
from libc.string cimport memset

from stfrag cimport capi
from stfrag.native._native cimport check


def transform(data, tuple block, str kind, uint32_t scale_bits=0):
    """Transform the blocks (t, y, x) of a contiguous int32 array in place: kind is dct, idct, hadamard or ihadamard."""
    cdef capi.stf_block b
    cdef capi.stf_error error
    cdef capi.stf_status status
    cdef Py_buffer view
    cdef size_t samples, blocks
    cdef int which = ("dct", "idct", "hadamard", "ihadamard").index(kind)
    memset(&error, 0, sizeof(error))
    b.t, b.y, b.x = block
    samples = <size_t>b.t * b.y * b.x
    PyObject_GetBuffer(data, &view, PyBUF_C_CONTIGUOUS | PyBUF_WRITABLE)
    try:
        if view.itemsize != 4 or samples == 0:
            raise TypeError("data must be int32")
        blocks = <size_t>view.len // 4 // samples
        with nogil:
            if which == 0:
                status = capi.stf_dct(b, scale_bits, <int32_t *>view.buf, blocks, &error)
            elif which == 1:
                status = capi.stf_idct(b, scale_bits, <int32_t *>view.buf, blocks, &error)
            elif which == 2:
                status = capi.stf_hadamard(b, <int32_t *>view.buf, blocks, &error)
            else:
                status = capi.stf_ihadamard(b, <int32_t *>view.buf, blocks, &error)
        check(status, &error)
    finally:
        PyBuffer_Release(&view)


cdef int acquire_pair(a, b, Py_buffer *views, capi.stf_plane *planes, capi.stf_size *size) except -1:
    """Borrow two T x Y x X arrays of the same shape and type; the caller releases views[0] and views[1]."""
    cdef int i
    PyObject_GetBuffer(a, &views[0], PyBUF_STRIDED_RO)
    PyObject_GetBuffer(b, &views[1], PyBUF_STRIDED_RO)
    for i in range(2):
        if views[i].ndim != 3 or views[i].itemsize != views[0].itemsize:
            raise TypeError("both must be T x Y x X arrays of one dtype")
        if (views[i].shape[0] != views[0].shape[0] or views[i].shape[1] != views[0].shape[1]
                or views[i].shape[2] != views[0].shape[2]):
            raise ValueError("both must have one shape")
        planes[i].data = views[i].buf
        planes[i].stride_t = views[i].strides[0]
        planes[i].stride_y = views[i].strides[1]
        planes[i].stride_x = views[i].strides[2]
    for i in range(3):
        if views[0].shape[i] > 0xFFFFFFFF:
            raise ValueError("an axis is longer than 2^32 - 1")
    size.t, size.y, size.x = <uint32_t>views[0].shape[0], <uint32_t>views[0].shape[1], <uint32_t>views[0].shape[2]
    return 0


cdef int acquire_numbers(array, Py_buffer *view, size_t count) except -1:
    """Borrow a contiguous writable array of `count` numbers of 8 bytes; the caller releases the view."""
    PyObject_GetBuffer(array, view, PyBUF_C_CONTIGUOUS | PyBUF_WRITABLE)
    if view.itemsize != 8 or <size_t>view.len != 8 * count:
        raise ValueError(f"{count} numbers of 8 bytes were expected")
    return 0


def satd(a, b, int dtype, tuple block, sums):
    """Fill `sums` (uint64) with the SATD of every block."""
    cdef capi.stf_block k
    cdef capi.stf_size size
    cdef capi.stf_plane planes[2]
    cdef capi.stf_error error
    cdef capi.stf_status status
    cdef Py_buffer views[3]
    memset(&error, 0, sizeof(error))
    memset(views, 0, sizeof(views))
    k.t, k.y, k.x = block
    try:
        acquire_pair(a, b, views, planes, &size)
        acquire_numbers(sums, &views[2], <size_t>(size.t // k.t) * (size.y // k.y) * (size.x // k.x))
        with nogil:
            status = capi.stf_satd(dtype, &planes[0], &planes[1], size, k, <uint64_t *>views[2].buf, &error)
        check(status, &error)
    finally:
        for i in range(3):
            PyBuffer_Release(&views[i])


def sse(a, b, int dtype, sums):
    """Fill `sums` (uint64) with the sum of squared errors of every frame."""
    cdef capi.stf_size size
    cdef capi.stf_plane planes[2]
    cdef capi.stf_error error
    cdef capi.stf_status status
    cdef Py_buffer views[3]
    memset(&error, 0, sizeof(error))
    memset(views, 0, sizeof(views))
    try:
        acquire_pair(a, b, views, planes, &size)
        acquire_numbers(sums, &views[2], size.t)
        with nogil:
            status = capi.stf_sse(dtype, &planes[0], &planes[1], size, <uint64_t *>views[2].buf, &error)
        check(status, &error)
    finally:
        for i in range(3):
            PyBuffer_Release(&views[i])


def ssim(a, b, int dtype, double data_range, uint32_t scales, everything, structure):
    """Fill two arrays (float64, frames x scales) with the mean SSIM and the mean of contrast * structure."""
    cdef capi.stf_size size
    cdef capi.stf_plane planes[2]
    cdef capi.stf_error error
    cdef capi.stf_status status
    cdef Py_buffer views[4]
    memset(&error, 0, sizeof(error))
    memset(views, 0, sizeof(views))
    try:
        acquire_pair(a, b, views, planes, &size)
        acquire_numbers(everything, &views[2], <size_t>size.t * scales)
        acquire_numbers(structure, &views[3], <size_t>size.t * scales)
        with nogil:
            status = capi.stf_ssim(NULL, dtype, &planes[0], &planes[1], size, data_range, scales,
                                   <double *>views[2].buf, <double *>views[3].buf, &error)
        check(status, &error)
    finally:
        for i in range(4):
            PyBuffer_Release(&views[i])


def filter_seams(plane, int dtype, uint32_t bits, list seams):
    """Filter borders of a writable T x Y x X array in place.

    Each border is a tuple (at, begin, end, between_rows, before, after, noise_before, noise_after), the fields of
    stf_seam.
    """
    cdef capi.stf_plane p
    cdef capi.stf_size size
    cdef capi.stf_error error
    cdef capi.stf_status status
    cdef Py_buffer view
    cdef capi.stf_seam *all_seams = NULL
    cdef capi.stf_seam *seam
    cdef size_t n = len(seams), i
    memset(&error, 0, sizeof(error))
    PyObject_GetBuffer(plane, &view, PyBUF_STRIDED_RO | PyBUF_WRITABLE)
    try:
        if view.ndim != 3 or max(view.shape[0], view.shape[1], view.shape[2]) > 0xFFFFFFFF:
            raise TypeError("a plane is T x Y x X")
        p.data = view.buf
        p.stride_t, p.stride_y, p.stride_x = view.strides[0], view.strides[1], view.strides[2]
        size.t, size.y, size.x = <uint32_t>view.shape[0], <uint32_t>view.shape[1], <uint32_t>view.shape[2]
        all_seams = <capi.stf_seam *>PyMem_Calloc(n + 1, sizeof(capi.stf_seam))
        if all_seams == NULL:
            raise MemoryError
        for i in range(n):
            seam = &all_seams[i]
            (seam.at, seam.begin, seam.end, seam.between_rows, seam.before, seam.after, seam.noise_before,
             seam.noise_after) = seams[i]
        with nogil:
            status = capi.stf_seam_filter(dtype, bits, &p, size, all_seams, n, &error)
        check(status, &error)
    finally:
        PyMem_Free(all_seams)
        PyBuffer_Release(&view)
