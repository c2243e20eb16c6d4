# cython: language_level=3, freethreading_compatible=True
"""libav's codecs by way of PyAV, in the form that stfrag/codec.h asks of a codec that is registered with the C core.

Packets and pictures pass here between the C core and PyAV. Python decides what is done with them: an encoder comes
from the `settings` of EncodeOptions, a decoder from the function that `set_decoders()` was given. PyAV releases the
GIL while it codes, the C core while it copies samples.
"""

from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.mem cimport PyMem_Free, PyMem_Malloc
from libc.stdint cimport uint8_t, uint32_t, uintptr_t
from libc.string cimport memcpy, memset, strncpy

from stfrag cimport capi
from stfrag.native._native cimport (PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer, check, check_kept, set_format)

from stfrag.errors import CorruptFragmentError, UnsupportedError
from stfrag.model.codecs import codec_name
from stfrag.native.types import StreamFormat, StreamPacket

KEY = capi.STF_PACKET_KEY
DISPOSABLE = capi.STF_PACKET_DISPOSABLE
HIDDEN = capi.STF_PACKET_HIDDEN

cdef enum:
    CODECS = 5  # the number of libav's codecs

cdef list NAMES = [codec_name(capi.STF_CODEC_H264 + i).encode() for i in range(CODECS)]  # Table points into these

cdef const char *START_CODE = b"\0\0\0\1"


cdef class Table:
    """The table of libav's codecs for an stf_env.

    `address` and `count` are the values of stf_env.codecs and stf_env.n_codecs; they are valid as long as the table
    lives. When a user's Ctrl-C raises an exception in a callback, it is put into the list `kept`.
    """

    cdef capi.stf_codec codecs[CODECS]
    cdef list kept
    cdef readonly uintptr_t address
    cdef readonly size_t count

    def __cinit__(self, list kept not None):
        cdef int i
        self.kept = kept
        for i in range(CODECS):
            self.codecs[i].id = <uint8_t>(capi.STF_CODEC_H264 + i)
            self.codecs[i].name = <const char *><bytes>NAMES[i]
            self.codecs[i].opaque = <void *>self
            self.codecs[i].decode = decode_stream
            self.codecs[i].encode = encode_stream
        self.address = <uintptr_t>&self.codecs[0]
        self.count = CODECS

    cdef capi.stf_status failed(self, object raised, int codec, capi.stf_status otherwise,
                                capi.stf_error *error) noexcept:
        """Return the status for an exception that a callback raised, and describe it in `error`."""
        cdef capi.stf_status status = otherwise
        cdef bytes text
        if isinstance(raised, (KeyboardInterrupt, SystemExit, GeneratorExit)):
            self.kept.append(raised)
            return capi.STF_E_CANCELLED
        if isinstance(raised, MemoryError):
            status = capi.STF_E_MEMORY
        elif isinstance(raised, CorruptFragmentError):
            status = capi.STF_E_CORRUPT_FRAGMENT
        elif isinstance(raised, UnsupportedError):
            status = capi.STF_E_CODEC
        elif not isinstance(raised, (OSError, ValueError)):  # libav's errors are both, or either
            status = capi.STF_E_INTERNAL
            name = self.codecs[codec - capi.STF_CODEC_H264].name.decode()
            raised = f"codec {name}: {type(raised).__name__}: {raised}"
        if error != NULL:
            text = " ".join(str(raised).split()).encode("utf-8", "replace")
            memset(error, 0, sizeof(error[0]))
            error.status = status
            error.fragment = -1
            strncpy(error.message, text, sizeof(error.message) - 1)
        return status


# -------------------------------------------------------------------------------------------------------- pictures

cdef int planes_of(frame, tuple layout, capi.stf_plane *planes) except -1:
    """Fill in where the components of one of libav's pictures lie; `layout` has (plane, offset, step) of each."""
    cdef int c = 0
    memset(planes, 0, 4 * sizeof(planes[0]))
    memory = frame.planes
    for plane, offset, step in layout:
        planes[c].data = <void *><uintptr_t>(<uintptr_t>memory[plane].buffer_ptr + <uintptr_t>offset)
        planes[c].stride_y = memory[plane].line_size
        planes[c].stride_x = step
        c += 1
    return 0


# -------------------------------------------------------------------------------------------------------- decoding

cdef object take_decoder = None


def set_decoders(take):
    """Set the function that decoders come from: take(StreamFormat) returns one as a context manager."""
    global take_decoder
    take_decoder = take


cdef capi.stf_status decode_stream(void *opaque, const capi.stf_stream *stream, const capi.stf_packet *packets,
                                   size_t n, capi.stf_deliver deliver, void *deliver_opaque,
                                   capi.stf_error *error) noexcept with gil:
    """Decode packets and deliver their pictures: stf_codec.decode. The C core calls this."""
    try:
        return run_decoder(stream, packets, n, deliver, deliver_opaque)
    except BaseException as raised:
        return (<Table>opaque).failed(raised, stream.codec, capi.STF_E_CORRUPT_FRAGMENT, error)


cdef capi.stf_status run_decoder(const capi.stf_stream *stream, const capi.stf_packet *packets, size_t n,
                                 capi.stf_deliver deliver, void *deliver_opaque) except *:
    """Decode packets with a decoder that is taken for them; what goes wrong is raised."""
    cdef size_t i
    cdef capi.stf_status status = capi.STF_OK
    if take_decoder is None:
        raise UnsupportedError("no decoders of streams are registered")
    decoder = take_decoder(stream_of(stream))
    with decoder:
        for i in range(n):
            for frame in decoder.decode(packet_of(decoder.av, stream, &packets[i])):
                status = hand_over(decoder, frame, deliver, deliver_opaque)
                if status != capi.STF_OK:
                    return status
        for frame in decoder.decode(None):
            status = hand_over(decoder, frame, deliver, deliver_opaque)
            if status != capi.STF_OK:
                return status
    return status


cdef object stream_of(const capi.stf_stream *s):
    """Return a stream's format as a StreamFormat."""
    cdef bytes extradata = b""
    if s.extradata_size:
        extradata = PyBytes_FromStringAndSize(<const char *>s.extradata, s.extradata_size)
    return StreamFormat(s.codec, s.components, s.bits, s.sub_x, s.sub_y, s.shift, s.start_codes, s.y, s.x, extradata)


cdef object packet_of(av, const capi.stf_stream *stream, const capi.stf_packet *p):
    """Return a packet as PyAV has it, with the start code that is not stored."""
    cdef size_t head = 4 if stream.start_codes else 0
    cdef uint8_t *target
    packet = av.Packet(<Py_ssize_t>(head + p.size))
    if head + p.size:
        target = <uint8_t *><uintptr_t>packet.buffer_ptr
        memcpy(target, START_CODE, head)
        memcpy(target + head, p.data, p.size)
    if p.frame != capi.STF_PACKET_HIDDEN:
        packet.pts = p.frame
    return packet


cdef capi.stf_status hand_over(decoder, frame, capi.stf_deliver deliver, void *deliver_opaque) except *:
    """Deliver one decoded picture to the C core, which copies its samples."""
    cdef capi.stf_plane planes[4]
    cdef uint32_t number
    cdef capi.stf_status status
    if frame.pts is None:  # its packet shows nothing
        return capi.STF_OK
    number = frame.pts
    planes_of(frame, decoder.layout_of(frame), planes)
    with nogil:
        status = deliver(deliver_opaque, number, planes)
    return status


# -------------------------------------------------------------------------------------------------------- encoding

cdef capi.stf_status encode_stream(void *opaque, const capi.stf_encode_options *options,
                                   const capi.stf_video *source, capi.stf_stream_sink *sink,
                                   capi.stf_error *error) noexcept with gil:
    """Encode a fragment and put its packets into `sink`: stf_codec.encode. The C core calls this."""
    try:
        if options.codec_options == NULL:
            raise ValueError("no codec options")
        return run_encoder(<object>options.codec_options, source, sink, error)
    except BaseException as raised:
        return (<Table>opaque).failed(raised, options.codec, capi.STF_E_CODEC, error)


cdef capi.stf_status run_encoder(coding, const capi.stf_video *source, capi.stf_stream_sink *sink,
                                 capi.stf_error *error) except *:
    """Encode a fragment with the encoder that `coding` starts; what goes wrong in Python is raised."""
    cdef capi.stf_stream stream
    cdef capi.stf_plane planes[4]
    cdef capi.stf_status status
    cdef uint32_t t
    cdef const capi.stf_format *f = &source.format
    cdef bytes extradata
    encoder = coding.start((f.bits, f.components, f.sub_x, f.sub_y), (source.size.t, source.size.y, source.size.x))
    memset(&stream, 0, sizeof(stream))
    (stream.codec, stream.components, stream.bits, stream.sub_x, stream.sub_y, stream.shift, stream.start_codes,
     stream.y, stream.x, extradata) = encoder.stream
    stream.extradata = <const char *>extradata
    stream.extradata_size = len(extradata)
    status = capi.stf_stream_begin(sink, &stream, error)
    if status != capi.STF_OK:
        return status
    for t in range(source.size.t):
        frame = encoder.picture(t)
        planes_of(frame, encoder.layout, planes)
        with nogil:
            status = capi.stf_stream_picture(&stream, source, t, planes, error)
        if status == capi.STF_OK:
            status = put_all(encoder.encode(frame), sink, error)
        if status != capi.STF_OK:
            return status
    return put_all(encoder.encode(None), sink, error)


cdef capi.stf_status put_all(list packets, capi.stf_stream_sink *sink, capi.stf_error *error) except *:
    """Put StreamPackets into `sink`."""
    cdef capi.stf_packet p
    cdef capi.stf_status status
    cdef bytes data
    for data, p.frame, p.flags in packets:
        p.data = <const char *>data
        p.size = len(data)
        status = capi.stf_stream_put(sink, &p, error)
        if status != capi.STF_OK:
            return status
    return capi.STF_OK


# ------------------------------------------------------------------------------------- packets that are there already

def wrap(fmt, tuple size, stream, list packets, bint verify=True, uint32_t achieved=0):
    """Make the coded form of a fragment from packets that are there already: stf_fragment_wrap().

    `stream` is a StreamFormat, `packets` are StreamPackets. With `verify` they are decoded once to see that they are
    whole; `achieved` is the largest error of a sample that the header is to state.
    """
    cdef capi.stf_env env
    cdef capi.stf_error error
    cdef capi.stf_format f
    cdef capi.stf_size s
    cdef capi.stf_stream desc
    cdef capi.stf_status status
    cdef size_t n = len(packets), i, bytes_in_all = 0, capacity, written = 0
    cdef bytes extradata, data
    cdef list kept = []
    cdef Table table = Table(kept)
    cdef capi.stf_packet *list_of = NULL
    cdef char *out = NULL
    cdef int deep = verify
    memset(&error, 0, sizeof(error))
    memset(&desc, 0, sizeof(desc))
    set_format(&f, fmt)
    s.t, s.y, s.x = size
    (desc.codec, desc.components, desc.bits, desc.sub_x, desc.sub_y, desc.shift, desc.start_codes, desc.y, desc.x,
     extradata) = stream
    desc.extradata = <const char *>extradata
    desc.extradata_size = len(extradata)
    capi.stf_env_init(&env)
    env.codecs = &table.codecs[0]
    env.n_codecs = table.count
    try:
        list_of = <capi.stf_packet *>PyMem_Malloc(max(1, n) * sizeof(capi.stf_packet))
        if list_of == NULL:
            raise MemoryError
        for i in range(n):
            data, list_of[i].frame, list_of[i].flags = packets[i]
            list_of[i].data = <const char *>data
            list_of[i].size = len(data)
            bytes_in_all += len(data)
        capacity = capi.stf_fragment_wrap_bound(n, bytes_in_all + desc.extradata_size)
        out = <char *>PyMem_Malloc(capacity)
        if out == NULL:
            raise MemoryError(f"no memory for {capacity} bytes of coded fragment")
        with nogil:
            status = capi.stf_fragment_wrap(&env, &f, s, &desc, list_of, n, achieved, deep, out, capacity, &written,
                                            &error)
        check_kept(status, &error, kept)
        return PyBytes_FromStringAndSize(out, written)
    finally:
        PyMem_Free(list_of)
        PyMem_Free(out)


def unwrap(data):
    """Take a fragment that is a stream of packets apart: return its StreamFormat and StreamPackets, as for wrap()."""
    cdef capi.stf_error error
    cdef capi.stf_stream desc
    cdef capi.stf_packet *list_of = NULL
    cdef size_t n = 0, i
    cdef Py_buffer view
    memset(&error, 0, sizeof(error))
    PyObject_GetBuffer(data, &view, PyBUF_SIMPLE)
    try:
        check(capi.stf_fragment_stream(NULL, view.buf, view.len, &desc, NULL, 0, &n, &error), &error)
        list_of = <capi.stf_packet *>PyMem_Malloc(max(1, n) * sizeof(capi.stf_packet))
        if list_of == NULL:
            raise MemoryError
        check(capi.stf_fragment_stream(NULL, view.buf, view.len, &desc, list_of, n, &n, &error), &error)
        return stream_of(&desc), [
            StreamPacket(PyBytes_FromStringAndSize(<const char *>list_of[i].data, list_of[i].size), list_of[i].frame,
                         list_of[i].flags) for i in range(n)]
    finally:
        PyMem_Free(list_of)
        PyBuffer_Release(&view)
