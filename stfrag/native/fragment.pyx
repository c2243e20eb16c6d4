# cython: language_level=3, freethreading_compatible=True
"""Coding of one fragment: a thin layer over stfrag/fragment.h. fragments.py has the public functions.

A format is a SampleFormat, which has the fields of stf_format; planes are a tuple of T x Y x X arrays of any strides.
"""

from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.mem cimport PyMem_Free, PyMem_Malloc
from libc.stdint cimport uint32_t
from libc.string cimport memset

from stfrag cimport capi
from stfrag.model.formats import SampleFormat
from stfrag.native.types import FragmentInfo, Work

from stfrag.native._native cimport (PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer, acquire_box, acquire_source,
                                    check, check_kept, get_format, release, set_env, set_format, set_options)


def bound(fmt, tuple size):
    """Return the most bytes that the coded form of a fragment can take."""
    cdef capi.stf_format f
    cdef capi.stf_size s
    cdef capi.stf_error error
    cdef size_t out = 0
    memset(&error, 0, sizeof(error))
    set_format(&f, fmt)
    s.t, s.y, s.x = size
    check(capi.stf_fragment_bound(&f, s, &out, &error), &error)
    return out


def encode(fmt, tuple size, tuple planes, coding, int lanes=0):
    """Encode one fragment by `coding`, which is an EncodeOptions, and return its coded form as bytes."""
    cdef capi.stf_env env
    cdef capi.stf_encode_options options
    cdef capi.stf_video video
    cdef capi.stf_error error
    cdef capi.stf_status status
    cdef Py_buffer views[4]
    cdef size_t capacity = 0, written = 0
    cdef char *out = NULL
    cdef list kept = []
    memset(&error, 0, sizeof(error))
    memset(&video, 0, sizeof(video))
    memset(views, 0, sizeof(views))
    set_format(&video.format, fmt)
    video.size.t, video.size.y, video.size.x = size
    _codecs = set_env(&env, kept)  # lives as long as env
    capi.stf_encode_options_init(&options)
    _settings = set_options(&options, coding)
    options.lanes = lanes
    check(capi.stf_fragment_bound(&video.format, video.size, &capacity, &error), &error)
    try:
        acquire_source(&video, planes, views)
        out = <char *>PyMem_Malloc(capacity)
        if out == NULL:
            raise MemoryError(f"no memory for {capacity} bytes of coded fragment")
        with nogil:
            status = capi.stf_fragment_encode(&env, &options, &video, out, capacity, &written, &error)
        check_kept(status, &error, kept)
        return PyBytes_FromStringAndSize(out, written)
    finally:
        PyMem_Free(out)
        release(views, 4)


def info(data):
    """Read the header of a coded fragment, and return what it says as a FragmentInfo."""
    cdef capi.stf_fragment_info i
    cdef capi.stf_error error
    cdef capi.stf_status status
    cdef Py_buffer view
    memset(&error, 0, sizeof(error))
    PyObject_GetBuffer(data, &view, PyBUF_SIMPLE)
    try:
        with nogil:
            status = capi.stf_fragment_info_read(NULL, view.buf, view.len, &i, &error)
        check(status, &error)
    finally:
        PyBuffer_Release(&view)
    return FragmentInfo(SampleFormat(*get_format(&i.format)), (i.size.t, i.size.y, i.size.x), {
        "version": i.version, "profile": i.profile, "codec": i.codec, "structure": i.structure, "lanes": i.lanes,
        "tables": i.tables, "max_error": i.max_error, "max_error_achieved": i.max_error_achieved,
        "header_bytes": i.header_bytes, "coded_bytes": i.coded_bytes,
        "coded_crc": i.coded_crc, "samples_crc": i.samples_crc, "samples_crc_known": i.samples_crc_known,
    })


def decode(data, fmt, tuple size, tuple planes, box=None, frames=None, uint32_t flags=0):
    """Decode a fragment into `planes`.

    With `box` (y0, y1, x0, x1) or `frames` (a sorted uint32 array) only that part of it is decoded.
    Planes that are None are not decoded. Returns the Work that it took.
    """
    cdef capi.stf_env env
    cdef capi.stf_fragment_request request
    cdef capi.stf_video video
    cdef capi.stf_work work
    cdef capi.stf_error error
    cdef capi.stf_status status
    cdef capi.stf_fragment_info actual
    cdef Py_buffer views[4]
    cdef Py_buffer view
    cdef Py_buffer numbers
    cdef uint32_t c
    cdef Py_ssize_t n_frames
    cdef list kept = []
    memset(&error, 0, sizeof(error))
    memset(&request, 0, sizeof(request))
    memset(&video, 0, sizeof(video))
    memset(&work, 0, sizeof(work))
    memset(views, 0, sizeof(views))
    memset(&numbers, 0, sizeof(numbers))
    set_format(&video.format, fmt)
    video.size.t, video.size.y, video.size.x = size
    _codecs = set_env(&env, kept)  # lives as long as env
    request.flags = flags
    if box is None:
        box = (0, video.size.y, 0, video.size.x)
    request.y0, request.y1, request.x0, request.x1 = box
    for c in range(<uint32_t>len(planes)):
        if planes[c] is not None:
            request.components |= 1u << c
    PyObject_GetBuffer(data, &view, PyBUF_SIMPLE)
    try:
        # The planes were made for `fmt` and `size`: make sure that these bytes, which others may write to, still have
        # that format and size.
        check(capi.stf_fragment_info_read(NULL, view.buf, view.len, &actual, &error), &error)
        if get_format(&actual.format) != fmt or (actual.size.t, actual.size.y, actual.size.x) != size:
            raise ValueError("data was changed while it was being decoded")
        n_frames = video.size.t
        if frames is not None:
            PyObject_GetBuffer(frames, &numbers, PyBUF_SIMPLE)
            n_frames = numbers.len // <Py_ssize_t>sizeof(uint32_t)
            request.frames = <const uint32_t *>numbers.buf
            request.n_frames = n_frames
        acquire_box(&video, planes, &video.format, n_frames, request.y0, request.y1, request.x0, request.x1, views)
        with nogil:
            status = capi.stf_fragment_decode(&env, view.buf, view.len, &request, &video, &work, &error)
        check_kept(status, &error, kept)
    finally:
        release(views, 4)
        release(&numbers, 1)
        PyBuffer_Release(&view)
    return Work(work.fragments, work.frames, work.samples, work.bytes, work.samples_out)


def crc32c(data, uint32_t crc=0):
    """Return the CRC32C of bytes that follow others whose CRC32C is `crc`."""
    cdef Py_buffer view
    PyObject_GetBuffer(data, &view, PyBUF_SIMPLE)
    try:
        with nogil:
            crc = capi.stf_crc32c(crc, view.buf, view.len)
    finally:
        PyBuffer_Release(&view)
    return crc


def version():
    """Return the version of the C core."""
    return (<bytes>capi.stf_version()).decode()


def format_version():
    """Return the newest version of the format that the C core reads."""
    return capi.stf_format_version()


def cpu_name():
    """Return the name of the instruction set in use."""
    return (<bytes>capi.stf_cpu_name()).decode()


def cpu_mask(str name):
    """Restrict the instruction sets that may be used, for tests; None lifts the restriction."""
    cdef bytes text = b"" if name is None else name.encode()
    check(capi.stf_cpu_mask(text), NULL)
