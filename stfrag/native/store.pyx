# cython: language_level=3, freethreading_compatible=True
"""Stores: a thin layer over stfrag/store.h. stfrag/store has the public functions.

A *source* is bytes-like, or an object with an integer attribute `fd` (read with positioned reads), or one with `size`
and `read_into(offset, memoryview)`. A *sink* is an object with `write(memoryview)` that takes everything or raises.
An exception that one of their methods raises comes out of the call that needed the method. The GIL is released while
the C core works or waits.
"""

from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.memoryview cimport PyMemoryView_FromMemory
from libc.stdint cimport int64_t, uint32_t, uint64_t
from libc.string cimport memset

from stfrag cimport capi
from stfrag.model.box import Box
from stfrag.native.types import StoredColour, Work

from stfrag.native._native cimport (PyBUF_READ, PyBUF_SIMPLE, PyBUF_WRITABLE, PyBUF_WRITE, PyBuffer_Release,
                                    PyObject_GetBuffer, acquire_box, acquire_source, check, check_kept, exception_of,
                                    get_format, release, set_env, set_format, set_options)

NO_TIME = capi.STF_NO_TIME
ROW_SIZE = sizeof(capi.stf_index_row)


# ------------------------------------------------------------------------------------------------------ threads

cdef class Pool:
    """A thread pool of the C core.

    A pool lives as long as its process: freeing it would have to wait for its threads, which do not exist in a forked
    child.
    """

    cdef capi.stf_pool *pool
    cdef readonly uint32_t threads

    def __cinit__(self, uint32_t threads):
        cdef capi.stf_status status
        with nogil:
            status = capi.stf_pool_create(threads, &self.pool)
        check_kept(status, NULL, None)
        self.threads = threads


cdef object set_pooled_env(capi.stf_env *env, Pool pool, list kept):
    """Fill in an environment as set_env() does, with the threads of a pool if there is one."""
    codecs = set_env(env, kept)
    if pool is not None:
        env.runner = capi.stf_pool_runner(pool.pool)
    return codecs


# ------------------------------------------------------------------------------------------------ sources, sinks

cdef capi.stf_status read_object(void *opaque, uint64_t offset, void *destination, size_t size) noexcept with gil:
    """Read from a Python object: stf_source.read_at. The C core calls this."""
    cdef Source source = <Source>opaque
    try:
        source.target.read_into(offset, PyMemoryView_FromMemory(<char *>destination, size, PyBUF_WRITE))
    except BaseException as raised:
        source.kept.append(raised)
        return capi.STF_E_IO
    return capi.STF_OK


cdef capi.stf_status write_object(void *opaque, const void *data, size_t size) noexcept with gil:
    """Write to a Python object: stf_sink.write. The C core calls this."""
    cdef Sink sink = <Sink>opaque
    try:
        sink.target.write(PyMemoryView_FromMemory(<char *>data, size, PyBUF_READ))
    except BaseException as raised:
        sink.kept.append(raised)
        return capi.STF_E_IO
    return capi.STF_OK


cdef class Source:
    """A Python source in the form that the C core reads: an stf_source."""

    cdef capi.stf_source source
    cdef capi.stf_memory memory
    cdef Py_buffer view
    cdef object target
    cdef list kept

    def __cinit__(self, target, list kept):
        cdef capi.stf_error error
        memset(&error, 0, sizeof(error))
        memset(&self.view, 0, sizeof(self.view))
        self.target = target  # keeps it alive
        self.kept = kept
        fd = getattr(target, "fd", None)
        if fd is not None:
            check_kept(capi.stf_source_fd(fd, &self.source, &error), &error, None)
        elif hasattr(target, "read_into"):
            self.source.opaque = <void *>self
            self.source.read_at = read_object
            self.source.size = target.size
        else:
            PyObject_GetBuffer(target, &self.view, PyBUF_SIMPLE)
            self.memory.data = self.view.buf
            self.memory.size = self.view.len
            capi.stf_source_memory(&self.memory, &self.source)

    def __dealloc__(self):
        PyBuffer_Release(&self.view)


cdef class Sink:
    """A Python sink in the form that the C core writes to: an stf_sink."""

    cdef capi.stf_sink sink
    cdef object target
    cdef list kept

    def __cinit__(self, target, list kept):
        self.target = target
        self.kept = kept
        self.sink.opaque = <void *>self
        self.sink.write = write_object


# -------------------------------------------------------------------------------------------------------- reader

cdef class NativeReader:
    """The reader of an open store. Any number of threads may use it; it is freed when the last one drops it."""

    cdef capi.stf_reader *reader
    cdef capi.stf_store_info store
    cdef Source source
    cdef Pool pool
    cdef list kept
    cdef readonly dict info
    cdef object codecs
    cdef bint foreign

    def __cinit__(self, source, Pool pool=None):
        cdef capi.stf_env env
        cdef capi.stf_error error
        cdef capi.stf_status status
        memset(&error, 0, sizeof(error))
        self.kept = []
        self.pool = pool
        self.source = Source(source, self.kept)
        self.codecs = set_pooled_env(&env, pool, self.kept)
        with nogil:
            status = capi.stf_reader_open(&env, &self.source.source, &self.reader, &error)
        check_kept(status, &error, self.kept)
        capi.stf_reader_get_info(self.reader, &self.store)
        self.info = {
            "version": self.store.version, "format": get_format(&self.store.desc.format),
            "size": (self.store.frames, self.store.desc.y, self.store.desc.x),
            "fragment": (self.store.desc.fragment_t, self.store.desc.fragment_y, self.store.desc.fragment_x),
            "cuts": (self.store.desc.cut_t, self.store.desc.cut_y, self.store.desc.cut_x),
            "time_base": (self.store.desc.time_base_num, self.store.desc.time_base_den),
            "slabs": self.store.slabs, "fragments": self.store.fragments, "file_bytes": self.store.file_bytes,
            "fragment_bytes": self.store.fragment_bytes, "packet_records": self.store.packet_records,
            "stream_bytes": self.store.stream_bytes, "first_pts": self.store.first_pts,
            "end_pts": self.store.end_pts, "torn": bool(self.store.torn),
            "metadata": self.store.metadata[:self.store.metadata_size] if self.store.metadata_size else b"",
            "colour": self.colour(),
        }

    cdef object colour(self):
        """The StoredColour of the store; None for an array, which has no colours."""
        cdef capi.stf_colour c
        cdef capi.stf_error error
        memset(&error, 0, sizeof(error))
        status = capi.stf_reader_colour(self.reader, &c, &error)
        if status == capi.STF_E_UNSUPPORTED:
            return StoredColour(c.model, None, bool(c.full_range), bool(c.alpha)) if c.out_bits else None
        check(status, &error)
        return StoredColour(c.model, c.matrix, bool(c.full_range), bool(c.alpha))

    def __dealloc__(self):
        if not self.foreign:
            capi.stf_reader_free(self.reader)

    def disown(self):
        """Never free this object in a forked child: threads of the parent may have held its locks when it forked."""
        self.foreign = True

    def read(self, tuple planes, box, uint64_t n_frames, frames=None, uint64_t t0=0, rgb=None,
             bint seams=False):
        """Decode a box into T x Y x X planes.

        The box is `box` (y0, y1, x0, x1) in frames t0, t0 + 1, ..., or in the frames that `frames` lists (a uint64
        array). With `rgb` None the planes are the stored components, and those that are None are not decoded; with an
        RgbOutput they are R, G, B (A). `seams` filters the borders of lossy fragments. Returns the Work that it took.
        """
        cdef capi.stf_request request
        cdef capi.stf_video video
        cdef capi.stf_work work
        cdef capi.stf_error error
        cdef capi.stf_format whole
        cdef capi.stf_status status
        cdef Py_buffer views[4]
        cdef Py_buffer numbers
        cdef uint32_t c
        if len(planes) > 4:
            raise ValueError("at most 4 planes")
        memset(&request, 0, sizeof(request))
        memset(&video, 0, sizeof(video))
        memset(&work, 0, sizeof(work))
        memset(&error, 0, sizeof(error))
        memset(views, 0, sizeof(views))
        memset(&numbers, 0, sizeof(numbers))
        request.y0, request.y1, request.x0, request.x1 = box
        request.n_frames = n_frames
        request.t0 = t0
        request.seams = seams
        video.format = self.store.desc.format
        whole = self.store.desc.format
        if rgb is not None:
            request.output = capi.STF_OUTPUT_RGB
            (request.colour.model, request.colour.matrix, request.colour.full_range, request.colour.alpha,
             request.colour.out_bits) = rgb
            video.format.dtype = capi.STF_UINT16 if request.colour.out_bits == 16 else capi.STF_UINT8
            video.format.bits = request.colour.out_bits
            video.format.components = whole.components = 3 + (request.colour.alpha != 0)
            video.format.sub_x = video.format.sub_y = whole.sub_x = whole.sub_y = 0
            video.format.layout = capi.STF_LAYOUT_PLANES
            if len(planes) != whole.components or any([plane is None for plane in planes]):
                raise ValueError(f"RGB output needs {whole.components} planes")
        else:
            for c in range(<uint32_t>len(planes)):
                if planes[c] is not None:
                    request.components |= 1u << c
        if request.y0 >= request.y1 or request.x0 >= request.x1:
            raise ValueError("empty box")
        video.size.t = <uint32_t>min(n_frames, <uint64_t>0xFFFFFFFF)
        video.size.y = request.y1 - request.y0
        video.size.x = request.x1 - request.x0
        try:
            if frames is not None:
                PyObject_GetBuffer(frames, &numbers, PyBUF_SIMPLE)
                if <uint64_t>numbers.len != n_frames * sizeof(uint64_t):
                    raise ValueError("frames must be an array of n_frames uint64")
                request.frames = <const uint64_t *>numbers.buf
            acquire_box(&video, planes, &whole, n_frames, request.y0, request.y1, request.x0, request.x1, views)
            with nogil:
                status = capi.stf_reader_read(self.reader, &request, &video, &work, &error)
            check_kept(status, &error, self.kept)
        finally:
            release(views, 4)
            release(&numbers, 1)
        return Work(work.fragments, work.frames, work.samples, work.bytes, work.samples_out)

    def index(self, uint64_t first, uint64_t n, out):
        """Copy rows [first, first + n) of the index into writable memory of n * ROW_SIZE bytes."""
        cdef capi.stf_error error
        cdef capi.stf_status status
        cdef Py_buffer view
        memset(&error, 0, sizeof(error))
        PyObject_GetBuffer(out, &view, PyBUF_WRITABLE)
        try:
            if <uint64_t>view.len != n * sizeof(capi.stf_index_row):
                raise ValueError("wrong size")
            with nogil:
                status = capi.stf_reader_index(self.reader, first, n, <capi.stf_index_row *>view.buf, &error)
            check_kept(status, &error, self.kept)
        finally:
            PyBuffer_Release(&view)

    def times(self, uint64_t first, uint64_t n, pts, durations):
        """Copy times and durations of frames [first, first + n) into writable memory of n int64 each."""
        cdef capi.stf_error error
        cdef capi.stf_status status
        cdef Py_buffer views[2]
        memset(&error, 0, sizeof(error))
        memset(views, 0, sizeof(views))
        try:
            PyObject_GetBuffer(pts, &views[0], PyBUF_WRITABLE)
            PyObject_GetBuffer(durations, &views[1], PyBUF_WRITABLE)
            if <uint64_t>views[0].len != n * sizeof(int64_t) or views[1].len != views[0].len:
                raise ValueError("wrong size")
            with nogil:
                status = capi.stf_reader_times(self.reader, first, n, <int64_t *>views[0].buf,
                                               <int64_t *>views[1].buf, &error)
            check_kept(status, &error, self.kept)
        finally:
            release(views, 2)

    def find_time(self, int64_t pts):
        """Return the number of the last frame whose presentation time is not after the tick `pts`."""
        cdef capi.stf_error error
        cdef capi.stf_status status
        cdef uint64_t frame = 0
        memset(&error, 0, sizeof(error))
        with nogil:
            status = capi.stf_reader_find_time(self.reader, pts, &frame, &error)
        check_kept(status, &error, self.kept)
        return frame

    def fragment(self, uint64_t number):
        """Return the coded form of one fragment."""
        cdef capi.stf_error error
        cdef capi.stf_status status
        cdef size_t size = 0
        cdef Py_buffer view
        memset(&error, 0, sizeof(error))
        with nogil:
            status = capi.stf_reader_fragment(self.reader, number, NULL, 0, &size, &error)
        check_kept(status, &error, self.kept)
        out = bytearray(size)
        PyObject_GetBuffer(out, &view, PyBUF_WRITABLE)
        try:
            with nogil:
                status = capi.stf_reader_fragment(self.reader, number, view.buf, size, &size, &error)
            check_kept(status, &error, self.kept)
        finally:
            PyBuffer_Release(&view)
        return bytes(out)

    def packet_times(self, uint64_t record):
        """Return when the packets of a record play: (begin, end) in microseconds, or NO_TIME twice without times."""
        cdef capi.stf_error error
        cdef capi.stf_status status
        cdef int64_t begin = 0, end = 0
        memset(&error, 0, sizeof(error))
        with nogil:
            status = capi.stf_reader_packets(self.reader, record, &begin, &end, NULL, 0, NULL, &error)
        check_kept(status, &error, self.kept)
        return begin, end

    def packets(self, uint64_t record):
        """Return a record of packets of other streams, as put_packets() was given it."""
        cdef capi.stf_error error
        cdef capi.stf_status status
        cdef size_t size = 0
        cdef Py_buffer view
        memset(&error, 0, sizeof(error))
        with nogil:
            status = capi.stf_reader_packets(self.reader, record, NULL, NULL, NULL, 0, &size, &error)
        check_kept(status, &error, self.kept)
        out = bytearray(size)
        PyObject_GetBuffer(out, &view, PyBUF_WRITABLE)
        try:
            with nogil:
                status = capi.stf_reader_packets(self.reader, record, NULL, NULL, view.buf, size, &size, &error)
            check_kept(status, &error, self.kept)
        finally:
            PyBuffer_Release(&view)
        return bytes(memoryview(out)[:size])


# -------------------------------------------------------------------------------------------------------- writer

cdef capi.stf_status choose_quantizer(void *opaque, const capi.stf_fragment_place *place,
                                      capi.stf_encode_options *options) noexcept with gil:
    """Ask Python for the quantizer of a fragment. The C core calls this before it encodes one."""
    cdef NativeWriter writer = <NativeWriter>opaque
    try:
        quantizer = writer.choose(place.fragment, Box(place.t0, place.t1, place.y0, place.y1, place.x0, place.x1))
        if quantizer is None:
            options.codec = capi.STF_CODEC_MISSING
        else:
            options.quantizer = quantizer
    except BaseException as raised:
        writer.kept.append(raised)
        return capi.STF_E_IO
    return capi.STF_OK


cdef class NativeWriter:
    """The writer of a store. One thread at a time may use it.

    `desc` is a StoreDesc, or None to append to the store that `source` reads; `coding` is an EncodeOptions.
    If `choose` is given, it is called as choose(number, Box) before each fragment is encoded; it returns the quantizer
    of the fragment, or None to leave the fragment out.
    """

    cdef capi.stf_writer *writer
    cdef Sink sink
    cdef Source source
    cdef Pool pool
    cdef list kept
    cdef object codecs, settings, choose
    cdef bint foreign

    def __cinit__(self, sink, desc, coding, Pool pool=None, source=None, choose=None):
        cdef capi.stf_env env
        cdef capi.stf_error error
        cdef capi.stf_status status
        cdef capi.stf_store_desc d
        cdef capi.stf_encode_options options
        memset(&error, 0, sizeof(error))
        memset(&d, 0, sizeof(d))
        self.kept = []
        self.pool = pool
        self.sink = Sink(sink, self.kept)
        self.codecs = set_pooled_env(&env, pool, self.kept)
        self.settings = set_options(&options, coding)
        if source is not None:
            self.source = Source(source, self.kept)
            with nogil:
                status = capi.stf_writer_append_to(&env, &self.source.source, &self.sink.sink, &options,
                                                   &self.writer, &error)
            check_kept(status, &error, self.kept)
            self.set_choose(choose)
            return
        fmt, (d.y, d.x), (d.fragment_t, d.fragment_y, d.fragment_x), (d.cut_t, d.cut_y, d.cut_x), \
            (d.time_base_num, d.time_base_den) = desc
        set_format(&d.format, fmt)
        with nogil:
            status = capi.stf_writer_create(&env, &self.sink.sink, &d, &options, &self.writer, &error)
        check_kept(status, &error, self.kept)
        self.set_choose(choose)

    cdef set_choose(self, choose):
        """Let `choose`, unless it is None, choose the quantizer of each fragment."""
        self.choose = choose
        if choose is not None:
            check(capi.stf_writer_set_choose(self.writer, choose_quantizer, <void *>self, NULL), NULL)

    def __dealloc__(self):
        if not self.foreign:
            capi.stf_writer_free(self.writer)

    def disown(self):
        """Never free this object in a forked child: threads of the parent may have held its locks when it forked."""
        self.foreign = True

    def append(self, fmt, tuple size, tuple planes, pts=None, durations=None):
        """Add frames: T x Y x X planes; `pts` and `durations` are int64 arrays of ticks, or None."""
        cdef capi.stf_video video
        cdef capi.stf_error error
        cdef capi.stf_status status
        cdef Py_buffer views[4]
        cdef Py_buffer times[2]
        cdef const int64_t *pts_at = NULL
        cdef const int64_t *durations_at = NULL
        memset(&error, 0, sizeof(error))
        memset(&video, 0, sizeof(video))
        memset(views, 0, sizeof(views))
        memset(times, 0, sizeof(times))
        set_format(&video.format, fmt)
        video.size.t, video.size.y, video.size.x = size
        try:
            acquire_source(&video, planes, views)
            if pts is not None:
                PyObject_GetBuffer(pts, &times[0], PyBUF_SIMPLE)
                pts_at = <const int64_t *>times[0].buf
            if durations is not None:
                PyObject_GetBuffer(durations, &times[1], PyBUF_SIMPLE)
                durations_at = <const int64_t *>times[1].buf
            for i in range(2):
                if (pts, durations)[i] is not None and times[i].len != <Py_ssize_t>sizeof(int64_t) * video.size.t:
                    raise ValueError("one time a frame is needed")
            with nogil:
                status = capi.stf_writer_append(self.writer, &video, pts_at, durations_at, &error)
            check_kept(status, &error, self.kept)
        finally:
            release(views, 4)
            release(times, 2)

    def append_coded(self, uint32_t t, list fragments, pts=None, durations=None):
        """Add a slab of `t` frames whose fragments are coded already, a list of CodedFragments."""
        cdef capi.stf_error error
        cdef capi.stf_status status
        cdef capi.stf_coded_fragment *list_of = NULL
        cdef Py_buffer times[2]
        cdef size_t n = len(fragments), i, c
        cdef bytes data
        memset(&error, 0, sizeof(error))
        memset(times, 0, sizeof(times))
        try:
            list_of = <capi.stf_coded_fragment *>PyMem_Malloc(max(1, n) * sizeof(capi.stf_coded_fragment))
            if list_of == NULL:
                raise MemoryError
            memset(list_of, 0, n * sizeof(capi.stf_coded_fragment))
            for i in range(n):
                data, box, codec, sse = fragments[i]
                list_of[i].y0, list_of[i].y1, list_of[i].x0, list_of[i].x1 = box
                list_of[i].codec = codec
                list_of[i].data = <const char *>data
                list_of[i].size = len(data)
                for c in range(<size_t>len(sse)):
                    list_of[i].sse[c] = sse[c]
            for i in range(2):
                if (pts, durations)[i] is not None:
                    PyObject_GetBuffer((pts, durations)[i], &times[i], PyBUF_SIMPLE)
                    if times[i].len != <Py_ssize_t>(sizeof(int64_t) * t):
                        raise ValueError("one time a frame is needed")
            with nogil:
                status = capi.stf_writer_append_coded(self.writer, t, <const int64_t *>times[0].buf,
                                                      <const int64_t *>times[1].buf, list_of, n, &error)
            check_kept(status, &error, self.kept)
        finally:
            PyMem_Free(list_of)
            release(times, 2)

    def put_packets(self, data, int64_t begin, int64_t end):
        """Write a record of packets of other streams, which play from `begin` to `end` in microseconds."""
        cdef capi.stf_error error
        cdef capi.stf_status status
        cdef Py_buffer view
        memset(&error, 0, sizeof(error))
        PyObject_GetBuffer(data, &view, PyBUF_SIMPLE)
        try:
            with nogil:
                status = capi.stf_writer_put_packets(self.writer, view.buf, view.len, begin, end, &error)
            check_kept(status, &error, self.kept)
        finally:
            PyBuffer_Release(&view)

    def put_metadata(self, bytes metadata not None):
        """Write the metadata now, so that a store that is never finished can be repaired with it."""
        cdef capi.stf_error error
        cdef capi.stf_status status
        cdef const char *text = metadata
        cdef size_t size = len(metadata)
        memset(&error, 0, sizeof(error))
        with nogil:
            status = capi.stf_writer_put_metadata(self.writer, text, size, &error)
        check_kept(status, &error, self.kept)

    def finish(self, bytes metadata=None):
        """Write the frames that wait for their slab, the index and the tail."""
        cdef capi.stf_error error
        cdef capi.stf_status status
        cdef const char *text = NULL
        cdef size_t size = 0
        memset(&error, 0, sizeof(error))
        if metadata is not None:
            text = metadata
            size = len(metadata)
        with nogil:
            status = capi.stf_writer_finish(self.writer, text, size, &error)
        check_kept(status, &error, self.kept)

    @property
    def stats(self):
        """Counts of what was written: stf_writer_stats as a dict, WriterStats."""
        cdef capi.stf_writer_stats s
        capi.stf_writer_get_stats(self.writer, &s)
        return {"frames": s.frames, "slabs": s.slabs, "fragments": s.fragments, "fragment_bytes": s.fragment_bytes,
                "stream_bytes": s.stream_bytes, "file_bytes": s.file_bytes, "raw_bytes": s.raw_bytes}


# ------------------------------------------------------------------------------------------------ verify, repair

cdef void keep_problem(void *opaque, const capi.stf_error *what) noexcept with gil:
    """Append a problem that a check found to the list at `opaque`. The C core calls this."""
    try:
        (<list>opaque).append(exception_of(what.status, what))
    except BaseException:  # no memory for one more: it is still counted
        pass


def verify(source, bint deep, Pool pool=None):
    """Check a store. Returns its problems as exceptions in file order, and stf_verify_report as a dict."""
    cdef capi.stf_env env
    cdef capi.stf_error error
    cdef capi.stf_status status
    cdef capi.stf_verify_report report
    cdef list kept = [], problems = []
    cdef Source s = Source(source, kept)
    cdef void *out = <void *>problems
    memset(&error, 0, sizeof(error))
    memset(&report, 0, sizeof(report))
    _codecs = set_pooled_env(&env, pool, kept)  # lives as long as env
    with nogil:
        status = capi.stf_verify(&env, &s.source, deep, keep_problem, out, &report, &error)
    if status != capi.STF_OK and status not in (capi.STF_E_CORRUPT_FRAGMENT, capi.STF_E_CORRUPT_STORE,
                                                capi.STF_E_UNSUPPORTED, capi.STF_E_CODEC, capi.STF_E_LIMIT):
        check_kept(status, &error, kept)
    if status != capi.STF_OK and not problems:
        problems.append(exception_of(status, &error))
    return problems, {"fragments": report.fragments, "corrupt_fragments": report.corrupt_fragments,
                      "missing_fragments": report.missing_fragments, "corrupt_sections": report.corrupt_sections,
                      "frames": report.frames}


def repair(source, sink, Pool pool=None):
    """Write what is whole of the store in `source` to `sink`. Returns stf_repair_report as a dict."""
    cdef capi.stf_env env
    cdef capi.stf_error error
    cdef capi.stf_status status
    cdef capi.stf_repair_report report
    cdef list kept = []
    cdef Source s = Source(source, kept)
    cdef Sink t = Sink(sink, kept)
    memset(&error, 0, sizeof(error))
    memset(&report, 0, sizeof(report))
    _codecs = set_pooled_env(&env, pool, kept)  # lives as long as env
    with nogil:
        status = capi.stf_repair(&env, &s.source, &t.sink, &report, &error)
    check_kept(status, &error, kept)
    return {"fragments_kept": report.fragments_kept, "fragments_lost": report.fragments_lost,
            "frames": report.frames, "slabs": report.slabs, "packet_records_kept": report.packet_records_kept,
            "packet_records_lost": report.packet_records_lost, "bytes_skipped": report.bytes_skipped}
