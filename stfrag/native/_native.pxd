# What the Cython modules of stfrag share: errors, planes from buffers, Ctrl-C.

from cpython.buffer cimport (PyBUF_FORMAT, PyBUF_READ, PyBUF_SIMPLE, PyBUF_STRIDED, PyBUF_STRIDED_RO,
                             PyBUF_WRITABLE, PyBUF_WRITE, PyBuffer_Release, PyObject_GetBuffer)
from cpython.exc cimport PyErr_CheckSignals
from libc.stdint cimport uint32_t, uintptr_t
from libc.string cimport memset

from stfrag cimport capi


cdef inline object exception_of(capi.stf_status status, const capi.stf_error *error):
    """Return the exception for `status`. `error` describes it, unless it is NULL or was not filled in."""
    from stfrag.errors import from_status

    if error == NULL or error.status == capi.STF_OK:
        return from_status(<int>status, (<bytes>capi.stf_status_name(status)).decode())
    return from_status(<int>status, (<bytes>error.message).decode("utf-8", "replace"), error.fragment,
                       (error.t0, error.t1, error.y0, error.y1, error.x0, error.x1))


cdef inline int check(capi.stf_status status, const capi.stf_error *error) except -1:
    """Raise the exception for a call of the C core that failed."""
    if status != capi.STF_OK:
        raise exception_of(status, error)
    return 0


cdef inline int keep_interrupt(void *opaque) noexcept with gil:
    """Run pending signal handlers: stf_env.cancel. What they raise is put into the list at `opaque`."""
    try:
        PyErr_CheckSignals()
    except BaseException as raised:
        (<list>opaque).append(raised)
        return 1
    return 0


cdef inline object set_env(capi.stf_env *env, list kept):
    """Fill in an environment, so that libav's codecs are there and Ctrl-C cancels.

    The object that is returned must live as long as the environment is used.
    """
    from stfrag.native.codec import Table

    table = Table(kept)
    capi.stf_env_init(env)
    env.codecs = <const capi.stf_codec *><uintptr_t>table.address
    env.n_codecs = table.count
    env.cancel = keep_interrupt
    env.cancel_opaque = <void *>kept
    return table


cdef inline int check_kept(capi.stf_status status, const capi.stf_error *error, list kept) except -1:
    """Raise the exception that a callback raised and `kept` holds, else the one that check() raises."""
    if kept is not None and (status == capi.STF_E_CANCELLED or status == capi.STF_E_IO):
        raised = kept[:]
        kept.clear()
        if raised:
            raise raised[0]
    return check(status, error)


cdef inline int set_format(capi.stf_format *out, fmt) except -1:
    """Fill in an stf_format from a SampleFormat."""
    memset(out, 0, sizeof(out[0]))
    out.dtype, out.bits, out.components, out.sub_x, out.sub_y, out.layout = fmt
    return 0


cdef inline object set_options(capi.stf_encode_options *options, coding):
    """Fill in how to encode from an EncodeOptions.

    The object that is returned must live as long as `options` is used.
    """
    capi.stf_encode_options_init(options)
    options.codec, options.effort, options.max_error, options.quantizer, options.structure, options.rgb, \
        options.aq, settings = coding
    options.codec_options = <void *>settings
    return settings


cdef inline tuple get_format(const capi.stf_format *f):
    """Return the fields of a SampleFormat from an stf_format."""
    return (f.dtype, f.bits, f.components, f.sub_x, f.sub_y, f.layout)


cdef inline int acquire(object array, bint writable, size_t itemsize, Py_ssize_t t, Py_ssize_t y, Py_ssize_t x,
                        Py_buffer *view, capi.stf_plane *plane) except -1:
    """Borrow the memory of a T x Y x X array of any strides. Release `view` when done."""
    PyObject_GetBuffer(array, view, (PyBUF_STRIDED if writable else PyBUF_STRIDED_RO) | PyBUF_FORMAT)
    if (view.ndim != 3 or view.itemsize != <Py_ssize_t>itemsize or view.shape[0] != t or view.shape[1] != y
            or view.shape[2] != x):
        got = tuple([view.shape[i] for i in range(view.ndim)])
        got_itemsize = view.itemsize
        PyBuffer_Release(view)
        raise ValueError(f"a plane must be {t}×{y}×{x} of {itemsize} bytes a sample, not "
                         f"{'×'.join(map(str, got))} of {got_itemsize}")
    plane.data = view.buf
    plane.stride_t = view.strides[0]
    plane.stride_y = view.strides[1]
    plane.stride_x = view.strides[2]
    return 0


cdef inline void release(Py_buffer *views, int n) noexcept:
    """Release the first n views; those that were zeroed and never filled in are left alone."""
    cdef int i
    for i in range(n):
        PyBuffer_Release(&views[i])


cdef inline int acquire_source(capi.stf_video *video, tuple planes, Py_buffer *views) except -1:
    """Borrow the planes to encode, for the format and size of `video`. `views` is zeroed; release all 4 when done."""
    cdef uint32_t c, y, x
    if len(planes) != video.format.components:
        raise ValueError(f"expected {video.format.components} planes, got {len(planes)}")
    for c in range(video.format.components):
        capi.stf_plane_extent(&video.format, c, video.size.y, video.size.x, &y, &x)
        acquire(planes[c], False, capi.stf_itemsize(video.format.dtype), video.size.t, y, x, &views[c],
                &video.planes[c])
    return 0


cdef inline int acquire_box(capi.stf_video *video, tuple planes, const capi.stf_format *f, Py_ssize_t t,
                            uint32_t y0, uint32_t y1, uint32_t x0, uint32_t x1, Py_buffer *views) except -1:
    """Borrow the planes to decode a box into: those that are not None must have the size of the box in them."""
    cdef uint32_t c, sy, sx
    cdef size_t itemsize = capi.stf_itemsize(video.format.dtype)
    for c in range(<uint32_t>len(planes)):
        if planes[c] is None:
            continue
        sy = f.sub_y if f.components >= 3 and (c == 1 or c == 2) else 0
        sx = f.sub_x if f.components >= 3 and (c == 1 or c == 2) else 0
        acquire(planes[c], True, itemsize, t, ((y1 + (1 << sy) - 1) >> sy) - (y0 >> sy),
                ((x1 + (1 << sx) - 1) >> sx) - (x0 >> sx), &views[c], &video.planes[c])
    return 0
