/* SPDX-License-Identifier: BSD-3-Clause
 *
 * store.h - many fragments in one file: the reader, the writer, verify and repair.
 *
 * docs/format.md, part 1, is normative. All input and output goes through callbacks; for files on disk
 * stf_source_fd() and stf_sink_fd() wrap a descriptor.
 */
#ifndef STFRAG_STORE_H
#define STFRAG_STORE_H

#include "stfrag/codec.h"

#ifdef __cplusplus
extern "C" {
#endif

#define STF_NO_TIME INT64_MIN /**< "no time stamp" */

/* ---------------------------------------------------------------------------------------------- sources, sinks */

/** Where a store is read from. read_at fills all of [offset, offset + size) or fails; it is called by several
 *  threads at once and never outside of [0, source.size). */
typedef struct stf_source {
  void *opaque;
  stf_status (*read_at)(void *opaque, uint64_t offset, void *destination, size_t size);
  uint64_t size;
} stf_source;

/** Where a store is written to, front to back. `write` takes all of it or fails. Called by one thread at a time. */
typedef struct stf_sink {
  void *opaque;
  stf_status (*write)(void *opaque, const void *data, size_t size);
} stf_sink;

/** A source that reads an open file descriptor with positioned reads. The descriptor stays the caller's. */
STF_API stf_status stf_source_fd(int fd, stf_source *source, stf_error *error);
/** A sink that writes to a file descriptor from its current position. The descriptor stays the caller's. */
STF_API stf_status stf_sink_fd(int fd, stf_sink *sink, stf_error *error);
/** A source over memory, which must outlive it. Fill `source` in place; nothing to free. */
typedef struct stf_memory {
  const void *data;
  size_t size;
} stf_memory;
STF_API void stf_source_memory(const stf_memory *memory, stf_source *source);

/* --------------------------------------------------------------------------------------------------------- grid */

/** How an axis is cut. */
typedef enum stf_cut {
  STF_CUT_EXACT = 0,   /**< pieces of exactly `piece`, the last one what remains */
  STF_CUT_BALANCED = 1 /**< about equal pieces, none under half of `piece`, none over 1.5 times it, offsets multiples
                            of 16 (space) or exactly `piece` but the last, up to 1.5 of it (time) */
} stf_cut;

/** Cut [0, size) for space: writes the n+1 borders 0 = b[0] < ... < b[n] = size and sets *n.
 *  @param align  all inner borders are multiples of it (the chroma subsampling); STF_E_ARGUMENT if an exact
 *                `piece` is not
 *  @param borders  room for `capacity` numbers; STF_E_CAPACITY if too few (size/piece + 2 is always enough);
 *                  NULL: only count */
STF_API stf_status stf_grid_cut(uint32_t size, uint32_t piece, stf_cut cut, uint32_t align, uint32_t *borders,
                                size_t capacity, size_t *n, stf_error *error);

/* ------------------------------------------------------------------------------------------------------- writer */

/** What a store holds; fixed when it is created. Zero-initialise. */
typedef struct stf_store_desc {
  stf_format format;
  uint32_t y, x;                               /**< picture size in samples of component 0; 1 .. 2^31 - 1 */
  uint32_t fragment_t, fragment_y, fragment_x; /**< nominal fragment */
  uint8_t cut_t, cut_y, cut_x;                 /**< stf_cut */
  uint8_t reserved[29];                        /**< zero */
  uint32_t time_base_num, time_base_den;       /**< seconds per tick of pts; 0/0: frames have no times */
} stf_store_desc;

typedef struct stf_writer stf_writer;

/** Start a store. The header is written at once. `env` and `options` may be NULL for the defaults. */
STF_API stf_status stf_writer_create(const stf_env *env, const stf_sink *sink, const stf_store_desc *desc,
                                     const stf_encode_options *options, stf_writer **writer, stf_error *error);

/** Go on with a finished store. `source` reads it; `sink` must append at source->size. What the store holds stays
 *  readable until stf_writer_finish() has written a new tail, and if that never happens.
 *  The description comes from the store; times must go on after its last. */
STF_API stf_status stf_writer_append_to(const stf_env *env, const stf_source *source, const stf_sink *sink,
                                        const stf_encode_options *options, stf_writer **writer, stf_error *error);

/** One fragment that is about to be encoded: its number in the index, and its box. */
typedef struct stf_fragment_place {
  uint64_t fragment, t0, t1;
  uint32_t y0, y1, x0, x1;
} stf_fragment_place;

/** Says how one fragment is encoded: bits go where they are wanted. Of `options`, those of the writer, it may change
 *  quantizer, max_error, effort, structure and lanes; codec = STF_CODEC_MISSING leaves the fragment's box without
 *  anything stored. What it says should depend on the place alone: then the store does not depend on how frames came.
 *  @return STF_OK, or what the call that needed it fails with */
typedef stf_status (*stf_choose)(void *opaque, const stf_fragment_place *place, stf_encode_options *options);

/** Have every fragment that is encoded from now on chosen for. `choose` is called by stf_writer_append() and
 *  stf_writer_finish(), on the thread that called these, in the order of the index; NULL: as the options say. */
STF_API stf_status stf_writer_set_choose(stf_writer *writer, stf_choose choose, void *opaque, stf_error *error);

/** Add frames. They are copied; whenever a slab is complete its fragments are encoded on the runner and written.
 *  @param frames     format and y, x of the description; any t >= 1
 *  @param pts        frames->size.t presentation times in ticks, strictly ascending over the whole store; NULL if the
 *                    store has no times
 *  @param durations  likewise, in ticks, >= 0 (0: unknown); may be NULL
 *  After a failure the writer only accepts stf_writer_free(). */
STF_API stf_status stf_writer_append(stf_writer *writer, const stf_video *frames, const int64_t *pts,
                                     const int64_t *durations, stf_error *error);

/** One fragment that is coded already. */
typedef struct stf_coded_fragment {
  uint32_t y0, y1, x0, x1;
  uint8_t codec, level, group;
  uint8_t reserved; /**< zero */
  const void *data;
  size_t size;
  uint64_t sse[STF_MAX_COMPONENTS]; /**< sum of squared errors against the source, per component */
} stf_coded_fragment;

/** Add a slab of coded fragments that exactly cover t frames of the picture. No frames may be waiting from
 *  stf_writer_append(). */
STF_API stf_status stf_writer_append_coded(stf_writer *writer, uint32_t t, const int64_t *pts, const int64_t *durations,
                                           const stf_coded_fragment *fragments, size_t n, stf_error *error);

/** Add packets of other streams (sound, subtitles, attachments, ...) as one record, written at once, between slabs. The
 *  core does not look into them; docs/format.md, 6.2, says what is in `data`.
 *  @param size      at least 1, at most about max_index_bytes; 256 kB is a good size
 *  @param begin_us, end_us  when they play, in microseconds; both STF_NO_TIME: at no time (attachments) */
STF_API stf_status stf_writer_put_packets(stf_writer *writer, const void *data, size_t size, int64_t begin_us,
                                          int64_t end_us, stf_error *error);

/** Write metadata now, so that repair finds it in a store that was never finished. The last one counts; finishing with
 *  the same bytes (or NULL) does not write them again. */
STF_API stf_status stf_writer_put_metadata(stf_writer *writer, const char *metadata, size_t metadata_size,
                                           stf_error *error);

/** Encode what is waiting, write the index and the tail. `metadata` is free UTF-8 (JSON by convention) of at most
 *  max_index_bytes; NULL keeps what stf_writer_put_metadata() or the store that is appended to had. */
STF_API stf_status stf_writer_finish(stf_writer *writer, const char *metadata, size_t metadata_size, stf_error *error);

/** What a writer has done so far itself: for stf_writer_append_to() without what was there. */
typedef struct stf_writer_stats {
  uint64_t frames, slabs, fragments;
  uint64_t fragment_bytes; /**< sum of the coded forms */
  uint64_t stream_bytes;   /**< given to stf_writer_put_packets() */
  uint64_t file_bytes;     /**< written in all */
  uint64_t raw_bytes;      /**< samples taken in, in bytes */
} stf_writer_stats;
STF_API void stf_writer_get_stats(const stf_writer *writer, stf_writer_stats *stats);

/** Free a writer, finished or not. NULL is allowed. */
STF_API void stf_writer_free(stf_writer *writer);

/* ------------------------------------------------------------------------------------------------------- reader */

/** What a store says of itself. */
typedef struct stf_store_info {
  uint32_t version;
  stf_store_desc desc;
  uint64_t frames, slabs, fragments;
  uint64_t file_bytes;
  uint64_t fragment_bytes; /**< sum of the coded forms */
  uint64_t packet_records; /**< records of packets of other streams */
  uint64_t stream_bytes;   /**< of those packets; overhead is the rest of the file */
  const char *metadata;    /**< metadata_size bytes, valid while the reader lives; not NUL-terminated */
  size_t metadata_size;
  int64_t first_pts, end_pts; /**< ticks; end_pts is the last pts + its duration; STF_NO_TIME if there are no times */
  uint32_t torn;              /**< 1 if bytes after the last valid tail (a torn append) were ignored */
} stf_store_info;

/** A row of the index. */
typedef struct stf_index_row {
  uint64_t t0, t1;
  uint32_t y0, y1, x0, x1;
  uint64_t offset; /**< of the coded form, in the file */
  uint64_t bytes;  /**< of the coded form */
  uint32_t crc;    /**< CRC32C of the coded form */
  uint8_t codec, level, group, reserved;
  uint64_t sse[STF_MAX_COMPONENTS];
} stf_index_row;

typedef struct stf_reader stf_reader;

/** Open a store: reads its tail (one or two ranged reads). Refuses what is not a store (STF_E_CORRUPT_STORE, saying
 *  so), other versions of the format (STF_E_UNSUPPORTED, naming the version) and damage (naming the section and repair). */
STF_API stf_status stf_reader_open(const stf_env *env, const stf_source *source, stf_reader **reader, stf_error *error);
STF_API void stf_reader_get_info(const stf_reader *reader, stf_store_info *info);
/** Free. NULL is allowed. Not while another thread is inside a call on this reader. */
STF_API void stf_reader_free(stf_reader *reader);

/** Kinds of output of stf_reader_read(). */
typedef enum stf_output {
  STF_OUTPUT_NATIVE = 0, /**< the stored components, each to its own plane */
  STF_OUTPUT_RGB = 1     /**< R, G, B (and A if asked for) to planes 0..3, full resolution, chroma replicated */
} stf_output;

/** How Y'CbCr becomes RGB: coefficients are exact ratios, the result is rounded to nearest and clamped. */
typedef struct stf_colour {
  uint8_t model;       /**< 0: components are R, G, B (, A); 1: Y, Cb, Cr (, A); 2: Y (, A) */
  uint8_t matrix;      /**< ISO/IEC 23091-2 matrix coefficients: 1 (BT.709), 5 and 6 (BT.601), 9 (BT.2020) */
  uint8_t full_range;  /**< 0: limited */
  uint8_t alpha;       /**< 1: write an alpha plane (opaque if none is stored) */
  uint8_t out_bits;    /**< 8: uint8; 16: uint16, scaled by bit replication-free exact ratio to 0..65535 */
  uint8_t reserved[3]; /**< zero */
} stf_colour;

/** How a store's components become RGB: what its metadata says, and where it says nothing, what is usual. Give it to
 *  stf_request.colour. Y'CbCr without a matrix is BT.709 from 720 rows on, else BT.601; without a range it is limited;
 *  gray and R, G, B are full. `alpha` is 1 if there is alpha, out_bits 16 for samples of more than 8 bits.
 *  @return STF_E_UNSUPPORTED for an array, which has no colours, and for a matrix that stf_reader_read() does not
 *          convert (the message names it; all fields but the matrix, which is 1, are those of the store) */
STF_API stf_status stf_reader_colour(const stf_reader *reader, stf_colour *colour, stf_error *error);

/** What to read. Zero-initialise. */
typedef struct stf_request {
  const uint64_t *frames; /**< frames in any order, duplicates allowed; each goes to the frame of the destination with
                                the same position */
  uint64_t n_frames;
  uint64_t t0;             /**< used when frames == NULL: t0, t0 + 1, ... (n_frames of them) */
  uint32_t y0, y1, x0, x1; /**< half-open, component 0; must not be empty */
  uint32_t components;     /**< bit mask; 0: all (NATIVE only) */
  uint8_t output;          /**< stf_output */
  uint8_t seams;           /**< not 0: filter the borders between lossy fragments, with stf_seam_filter(); what a box
                                gives is the crop of what the whole does. Fragments beside the box that lie within the
                                filter's reach are decoded too. Memory for the planes of a slab of the box is needed */
  stf_colour colour;       /**< for STF_OUTPUT_RGB */
  uint64_t reserved[4];    /**< zero */
} stf_request;

/** Decode a box, on the runner, straight into `destination` (planes[c].data is its first sample).
 *  Touches only the fragments that the box needs and, in them, only the frames. Planes that are asked for must not
 *  overlap each other. On failure the content of the destination is undefined and the error names the fragment.
 *  May be called by several threads at once. */
STF_API stf_status stf_reader_read(stf_reader *reader, const stf_request *request, const stf_video *destination,
                                   stf_work *work, stf_error *error);

/** Rows [first, first + n) of the index. */
STF_API stf_status stf_reader_index(stf_reader *reader, uint64_t first, uint64_t n, stf_index_row *rows,
                                    stf_error *error);
/** Times of frames [first, first + n), in ticks. Either pointer may be NULL. In a store without times every pts is
 *  STF_NO_TIME and every duration 0. */
STF_API stf_status stf_reader_times(stf_reader *reader, uint64_t first, uint64_t n, int64_t *pts, int64_t *durations,
                                    stf_error *error);
/** The last frame whose pts is <= pts, frame 0 if there is none. Reads one page. */
STF_API stf_status stf_reader_find_time(stf_reader *reader, int64_t pts, uint64_t *frame, stf_error *error);
/** The coded form of one fragment, checked against its CRC. With out == NULL only *size is set. */
STF_API stf_status stf_reader_fragment(stf_reader *reader, uint64_t fragment, void *out, size_t capacity, size_t *size,
                                       stf_error *error);

/** One record of packets of other streams, 0 .. packet_records - 1, as it was given to stf_writer_put_packets().
 *  The first call for a record may read one in 64 of those after it.
 *  @param begin_us, end_us  when they play; may be NULL
 *  @param out   room for `capacity` bytes; NULL: nothing of the record is read, and *size becomes a capacity that is
 *               enough
 *  @param size  bytes written to `out`; may be NULL */
STF_API stf_status stf_reader_packets(stf_reader *reader, uint64_t record, int64_t *begin_us, int64_t *end_us,
                                      void *out, size_t capacity, size_t *size, stf_error *error);

/* ------------------------------------------------------------------------------------------------ verify, repair */

/** What stf_verify() found. */
typedef struct stf_verify_report {
  uint64_t fragments; /**< checked */
  uint64_t corrupt_fragments;
  uint64_t missing_fragments; /**< boxes of STF_CODEC_MISSING */
  uint64_t corrupt_sections;  /**< damaged records that are not fragments */
  uint64_t frames;
} stf_verify_report;

/** Check every record of a store; with `deep`, also decode every fragment and check its samples' CRC.
 *  Each problem is told to `problem` (may be NULL) as it is found, in file order.
 *  @return STF_OK if the store is whole; the status of the first problem otherwise. */
STF_API stf_status stf_verify(const stf_env *env, const stf_source *source, int deep,
                              void (*problem)(void *opaque, const stf_error *what), void *opaque,
                              stf_verify_report *report, stf_error *error);

/** What stf_repair() did. */
typedef struct stf_repair_report {
  uint64_t fragments_kept, fragments_lost;
  uint64_t frames, slabs;
  uint64_t packet_records_kept, packet_records_lost; /**< of other streams; lost are those that later
                                                          ones or a tail tell of */
  uint64_t bytes_skipped;                            /**< bytes of the broken file that belong to no valid record */
} stf_repair_report;

/** Build a valid store from whatever valid fragments `source` holds: a file whose tail or pages are damaged or gone,
 *  the .part of a killed encode, a torn append. Boxes of slabs that lost fragments become STF_CODEC_MISSING.
 *  STF_E_CORRUPT_STORE if not even a header and one fragment can be found. */
STF_API stf_status stf_repair(const stf_env *env, const stf_source *source, const stf_sink *sink,
                              stf_repair_report *report, stf_error *error);

#ifdef __cplusplus
}
#endif
#endif
