# The public C API (include/stfrag/stfrag.h) for Cython: `from stfrag cimport capi`.
# The headers say what each function does; this file only repeats the declarations.

from libc.stddef cimport ptrdiff_t
from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t


cdef extern from "stfrag/stfrag.h" nogil:
    # ---------------------------------------------------------------------------------------------- status.h
    ctypedef enum stf_status:
        STF_OK
        STF_E_ARGUMENT
        STF_E_MEMORY
        STF_E_LIMIT
        STF_E_CORRUPT_FRAGMENT
        STF_E_CORRUPT_STORE
        STF_E_UNSUPPORTED
        STF_E_CODEC
        STF_E_IO
        STF_E_CANCELLED
        STF_E_CAPACITY
        STF_E_INTERNAL

    ctypedef struct stf_error:
        stf_status status
        int64_t fragment
        uint64_t t0, t1
        uint32_t y0, y1, x0, x1
        char message[256]

    const char *stf_status_name(int status)
    const char *stf_version()
    uint32_t stf_format_version()

    # ----------------------------------------------------------------------------------------------- types.h
    enum:
        STF_MAX_COMPONENTS
        STF_MAX_FRAGMENT_T
        STF_MAX_FRAGMENT_YX
        STF_MAX_FRAGMENT_SAMPLES

    ctypedef enum stf_dtype:
        STF_UINT8
        STF_INT8
        STF_UINT16
        STF_INT16
        STF_BOOL

    ctypedef enum stf_layout:
        STF_LAYOUT_GRAY
        STF_LAYOUT_INTERLEAVED
        STF_LAYOUT_PLANES

    ctypedef struct stf_format:
        uint8_t dtype
        uint8_t bits
        uint8_t components
        uint8_t sub_x
        uint8_t sub_y
        uint8_t layout
        uint8_t reserved[2]

    ctypedef struct stf_size:
        uint32_t t, y, x

    ctypedef struct stf_plane:
        void *data
        ptrdiff_t stride_t, stride_y, stride_x

    ctypedef struct stf_video:
        stf_format format
        stf_size size
        stf_plane planes[4]

    ctypedef struct stf_allocator:
        void *opaque
        void *(*alloc)(void *opaque, size_t size) noexcept nogil
        void (*free)(void *opaque, void *address) noexcept nogil

    ctypedef void (*stf_job)(void *job_opaque, uint32_t index) noexcept nogil

    ctypedef struct stf_runner:
        void *opaque
        void (*run)(void *opaque, stf_job job, void *job_opaque, uint32_t count,
                    void (*poll)(void *poll_opaque) noexcept nogil, void *poll_opaque) noexcept nogil
        uint32_t threads

    ctypedef struct stf_limits:
        uint64_t max_samples
        uint64_t max_coded_bytes
        uint64_t max_index_bytes

    ctypedef struct stf_env:
        stf_allocator allocator
        stf_runner runner
        stf_limits limits
        int (*cancel)(void *cancel_opaque) noexcept nogil
        void *cancel_opaque
        const stf_codec *codecs
        size_t n_codecs

    void stf_env_init(stf_env *env)

    ctypedef struct stf_pool:
        pass

    stf_status stf_pool_create(uint32_t threads, stf_pool **pool)
    stf_runner stf_pool_runner(stf_pool *pool)
    void stf_pool_free(stf_pool *pool)

    size_t stf_itemsize(uint8_t dtype)
    void stf_plane_extent(const stf_format *format, uint32_t component, uint32_t y, uint32_t x,
                          uint32_t *plane_y, uint32_t *plane_x)
    stf_status stf_format_check(const stf_format *format, stf_error *error)
    const char *stf_cpu_name()
    stf_status stf_cpu_mask(const char *name)

    # -------------------------------------------------------------------------------------------- fragment.h
    ctypedef enum stf_codec_id:
        STF_CODEC_STF
        STF_CODEC_H264
        STF_CODEC_HEVC
        STF_CODEC_AV1
        STF_CODEC_VP9
        STF_CODEC_FFV1
        STF_CODEC_MISSING

    ctypedef enum stf_structure:
        STF_STRUCTURE_DYADIC
        STF_STRUCTURE_CHAIN
        STF_STRUCTURE_INTRA
        STF_STRUCTURE_OUTWARD

    ctypedef struct stf_encode_options:
        uint8_t codec
        uint8_t effort
        uint8_t structure
        uint8_t lanes
        uint8_t rgb
        int32_t max_error
        uint8_t quantizer
        uint8_t aq
        const void *codec_options

    enum:
        STF_STRUCTURE_AUTO
        STF_NO_MAX_ERROR

    void stf_encode_options_init(stf_encode_options *options)

    ctypedef struct stf_fragment_info:
        uint32_t version
        stf_format format
        stf_size size
        uint8_t profile
        uint8_t codec
        uint8_t structure
        uint8_t lanes
        uint8_t tables
        uint32_t max_error
        uint32_t max_error_achieved
        uint64_t header_bytes
        uint64_t coded_bytes
        uint32_t coded_crc
        uint32_t samples_crc
        uint8_t samples_crc_known

    ctypedef struct stf_work:
        uint64_t fragments
        uint64_t frames
        uint64_t samples
        uint64_t bytes
        uint64_t samples_out

    stf_status stf_fragment_bound(const stf_format *format, stf_size size, size_t *bound, stf_error *error)
    stf_status stf_fragment_encode(const stf_env *env, const stf_encode_options *options,
                                   const stf_video *source, void *out, size_t capacity, size_t *written,
                                   stf_error *error)
    stf_status stf_fragment_info_read(const stf_env *env, const void *data, size_t size,
                                      stf_fragment_info *info, stf_error *error)

    enum:
        STF_SKIP_CODED_CRC
        STF_SKIP_SAMPLES_CRC

    ctypedef struct stf_fragment_request:
        const uint32_t *frames
        uint32_t n_frames
        uint32_t y0, y1, x0, x1
        uint32_t components
        uint32_t flags
        const uint32_t *targets

    stf_status stf_fragment_decode(const stf_env *env, const void *data, size_t size,
                                   const stf_fragment_request *request, const stf_video *destination,
                                   stf_work *work, stf_error *error)

    uint32_t stf_crc32c(uint32_t crc, const void *data, size_t size)

    # ----------------------------------------------------------------------------------------------- codec.h
    enum:
        STF_PACKET_KEY
        STF_PACKET_DISPOSABLE
        STF_PACKET_HIDDEN

    ctypedef struct stf_stream:
        uint8_t codec
        uint8_t components
        uint8_t bits
        uint8_t sub_x, sub_y
        uint8_t shift
        uint8_t start_codes
        uint8_t reserved
        uint32_t y, x
        const void *extradata
        size_t extradata_size

    ctypedef struct stf_packet:
        const void *data
        size_t size
        int32_t frame
        uint32_t flags

    ctypedef stf_status (*stf_deliver)(void *opaque, uint32_t frame, const stf_plane *planes) noexcept nogil

    ctypedef struct stf_stream_sink:
        pass

    ctypedef struct stf_codec:
        uint8_t id
        const char *name
        void *opaque
        stf_status (*decode)(void *opaque, const stf_stream *stream, const stf_packet *packets, size_t n,
                             stf_deliver deliver, void *deliver_opaque, stf_error *error) noexcept nogil
        stf_status (*encode)(void *opaque, const stf_encode_options *options, const stf_video *source,
                             stf_stream_sink *sink, stf_error *error) noexcept nogil

    stf_status stf_stream_begin(stf_stream_sink *sink, const stf_stream *stream, stf_error *error)
    stf_status stf_stream_put(stf_stream_sink *sink, const stf_packet *packet, stf_error *error)
    stf_status stf_stream_picture(const stf_stream *stream, const stf_video *source, uint32_t t,
                                  const stf_plane *planes, stf_error *error)
    size_t stf_fragment_wrap_bound(size_t n, size_t bytes)
    stf_status stf_fragment_wrap(const stf_env *env, const stf_format *format, stf_size size,
                                 const stf_stream *stream, const stf_packet *packets, size_t n,
                                 uint32_t achieved, int verify, void *out, size_t capacity, size_t *written,
                                 stf_error *error)
    stf_status stf_fragment_stream(const stf_env *env, const void *data, size_t size, stf_stream *stream,
                                   stf_packet *packets, size_t capacity, size_t *n, stf_error *error)

    # ----------------------------------------------------------------------------------------------- store.h
    const int64_t STF_NO_TIME

    ctypedef struct stf_source:
        void *opaque
        stf_status (*read_at)(void *opaque, uint64_t offset, void *destination, size_t size) noexcept nogil
        uint64_t size

    ctypedef struct stf_sink:
        void *opaque
        stf_status (*write)(void *opaque, const void *data, size_t size) noexcept nogil

    stf_status stf_source_fd(int fd, stf_source *source, stf_error *error)
    stf_status stf_sink_fd(int fd, stf_sink *sink, stf_error *error)

    ctypedef struct stf_memory:
        const void *data
        size_t size

    void stf_source_memory(const stf_memory *memory, stf_source *source)

    ctypedef enum stf_cut:
        STF_CUT_EXACT
        STF_CUT_BALANCED

    stf_status stf_grid_cut(uint32_t size, uint32_t piece, stf_cut cut, uint32_t align, uint32_t *borders,
                            size_t capacity, size_t *n, stf_error *error)

    ctypedef struct stf_store_desc:
        stf_format format
        uint32_t y, x
        uint32_t fragment_t, fragment_y, fragment_x
        uint8_t cut_t, cut_y, cut_x
        uint8_t reserved[29]
        uint32_t time_base_num, time_base_den

    ctypedef struct stf_writer:
        pass

    stf_status stf_writer_create(const stf_env *env, const stf_sink *sink, const stf_store_desc *desc,
                                 const stf_encode_options *options, stf_writer **writer, stf_error *error)
    stf_status stf_writer_append_to(const stf_env *env, const stf_source *source, const stf_sink *sink,
                                    const stf_encode_options *options, stf_writer **writer, stf_error *error)

    ctypedef struct stf_fragment_place:
        uint64_t fragment, t0, t1
        uint32_t y0, y1, x0, x1

    ctypedef stf_status (*stf_choose)(void *opaque, const stf_fragment_place *place,
                                      stf_encode_options *options) noexcept nogil

    stf_status stf_writer_set_choose(stf_writer *writer, stf_choose choose, void *opaque, stf_error *error)
    stf_status stf_writer_append(stf_writer *writer, const stf_video *frames, const int64_t *pts,
                                 const int64_t *durations, stf_error *error)

    ctypedef struct stf_coded_fragment:
        uint32_t y0, y1, x0, x1
        uint8_t codec, level, group, reserved
        const void *data
        size_t size
        uint64_t sse[4]

    stf_status stf_writer_append_coded(stf_writer *writer, uint32_t t, const int64_t *pts,
                                       const int64_t *durations, const stf_coded_fragment *fragments, size_t n,
                                       stf_error *error)
    stf_status stf_writer_put_packets(stf_writer *writer, const void *data, size_t size, int64_t begin_us,
                                      int64_t end_us, stf_error *error)
    stf_status stf_writer_put_metadata(stf_writer *writer, const char *metadata, size_t metadata_size,
                                       stf_error *error)
    stf_status stf_writer_finish(stf_writer *writer, const char *metadata, size_t metadata_size,
                                 stf_error *error)

    ctypedef struct stf_writer_stats:
        uint64_t frames, slabs, fragments
        uint64_t fragment_bytes
        uint64_t stream_bytes
        uint64_t file_bytes
        uint64_t raw_bytes

    void stf_writer_get_stats(const stf_writer *writer, stf_writer_stats *stats)
    void stf_writer_free(stf_writer *writer)

    ctypedef struct stf_store_info:
        uint32_t version
        stf_store_desc desc
        uint64_t frames, slabs, fragments
        uint64_t file_bytes
        uint64_t fragment_bytes
        uint64_t packet_records
        uint64_t stream_bytes
        const char *metadata
        size_t metadata_size
        int64_t first_pts, end_pts
        uint32_t torn

    ctypedef struct stf_index_row:
        uint64_t t0, t1
        uint32_t y0, y1, x0, x1
        uint64_t offset
        uint64_t bytes
        uint32_t crc
        uint8_t codec, level, group, reserved
        uint64_t sse[4]

    ctypedef struct stf_reader:
        pass

    stf_status stf_reader_open(const stf_env *env, const stf_source *source, stf_reader **reader,
                               stf_error *error)
    void stf_reader_get_info(const stf_reader *reader, stf_store_info *info)
    void stf_reader_free(stf_reader *reader)

    ctypedef enum stf_output:
        STF_OUTPUT_NATIVE
        STF_OUTPUT_RGB

    ctypedef struct stf_colour:
        uint8_t model
        uint8_t matrix
        uint8_t full_range
        uint8_t alpha
        uint8_t out_bits
        uint8_t reserved[3]

    stf_status stf_reader_colour(const stf_reader *reader, stf_colour *colour, stf_error *error)

    ctypedef struct stf_request:
        const uint64_t *frames
        uint64_t n_frames
        uint64_t t0
        uint32_t y0, y1, x0, x1
        uint32_t components
        uint8_t output
        uint8_t seams
        stf_colour colour

    stf_status stf_reader_read(stf_reader *reader, const stf_request *request, const stf_video *destination,
                               stf_work *work, stf_error *error)
    stf_status stf_reader_index(stf_reader *reader, uint64_t first, uint64_t n, stf_index_row *rows,
                                stf_error *error)
    stf_status stf_reader_times(stf_reader *reader, uint64_t first, uint64_t n, int64_t *pts,
                                int64_t *durations, stf_error *error)
    stf_status stf_reader_find_time(stf_reader *reader, int64_t pts, uint64_t *frame, stf_error *error)
    stf_status stf_reader_fragment(stf_reader *reader, uint64_t fragment, void *out, size_t capacity,
                                   size_t *size, stf_error *error)

    stf_status stf_reader_packets(stf_reader *reader, uint64_t record, int64_t *begin_us, int64_t *end_us, void *out,
                                  size_t capacity, size_t *size, stf_error *error)

    ctypedef struct stf_verify_report:
        uint64_t fragments
        uint64_t corrupt_fragments
        uint64_t missing_fragments
        uint64_t corrupt_sections
        uint64_t frames

    stf_status stf_verify(const stf_env *env, const stf_source *source, int deep,
                          void (*problem)(void *opaque, const stf_error *what) noexcept nogil, void *opaque,
                          stf_verify_report *report, stf_error *error)

    ctypedef struct stf_repair_report:
        uint64_t fragments_kept, fragments_lost
        uint64_t frames, slabs
        uint64_t packet_records_kept, packet_records_lost
        uint64_t bytes_skipped

    stf_status stf_repair(const stf_env *env, const stf_source *source, const stf_sink *sink,
                          stf_repair_report *report, stf_error *error)

    # ---------------------------------------------------------------------------------- blocks.h: transforms
    ctypedef struct stf_block:
        uint32_t t, y, x

    stf_status stf_dct(stf_block block, uint32_t scale_bits, int32_t *data, size_t blocks, stf_error *error)
    stf_status stf_idct(stf_block block, uint32_t scale_bits, int32_t *data, size_t blocks, stf_error *error)
    stf_status stf_hadamard(stf_block block, int32_t *data, size_t blocks, stf_error *error)
    stf_status stf_ihadamard(stf_block block, int32_t *data, size_t blocks, stf_error *error)
    stf_status stf_satd(uint8_t dtype, const stf_plane *a, const stf_plane *b, stf_size size, stf_block block,
                        uint64_t *sums, stf_error *error)

    # ------------------------------------------------------------------------------------- blocks.h: metrics
    stf_status stf_sse(uint8_t dtype, const stf_plane *a, const stf_plane *b, stf_size size, uint64_t *sse,
                       stf_error *error)
    stf_status stf_ssim(const stf_env *env, uint8_t dtype, const stf_plane *a, const stf_plane *b, stf_size size,
                        double data_range, uint32_t scales, double *ssim, double *structure, stf_error *error)

    # ---------------------------------------------------------------------------------------- blocks.h, the seam filter
    const uint32_t STF_SEAM_REACH

    ctypedef struct stf_seam:
        uint32_t at
        uint32_t begin, end
        uint32_t noise_before, noise_after
        uint8_t between_rows
        uint8_t before, after

    stf_status stf_seam_filter(uint8_t dtype, uint32_t bits, const stf_plane *plane, stf_size size,
                               const stf_seam *seams, size_t n, stf_error *error)

    # ---------------------------------------------------------------------------------- blocks.h, entropy coding
    ctypedef struct stf_rans_options:
        const uint8_t *contexts
        const uint16_t *tables
        uint32_t n_tables
        uint32_t alphabet
        uint32_t lanes

    void stf_histogram(const uint8_t *symbols, size_t n, uint64_t *counts)
    stf_status stf_normalize(const uint32_t *counts, size_t alphabet, uint16_t *freq, stf_error *error)
    size_t stf_rans_bound(size_t n)
    stf_status stf_rans_encode(const stf_rans_options *options, const uint8_t *symbols, size_t n, void *out,
                               size_t capacity, size_t *written, stf_error *error)
    stf_status stf_entropy_count(const void *data, size_t size, uint64_t *n, stf_error *error)
    stf_status stf_rans_decode(const stf_rans_options *options, const void *data, size_t size, uint8_t *symbols,
                               size_t n, stf_error *error)
    size_t stf_range_bound(size_t n)
    stf_status stf_range_encode(const uint8_t *symbols, const uint8_t *contexts, size_t n, uint32_t alphabet,
                                void *out, size_t capacity, size_t *written, stf_error *error)
    stf_status stf_range_decode(const void *data, size_t size, const uint8_t *contexts, uint8_t *symbols,
                                size_t n, stf_error *error)
