/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fragment.h - one fragment to bytes and back: pure functions, the heart of the library.
 *
 * A fragment's coded form depends on its samples and parameters alone: never on threads, instruction set,
 * neighbours or time. docs/format.md, part 2, is normative.
 */
#ifndef STFRAG_FRAGMENT_H
#define STFRAG_FRAGMENT_H

#include "stfrag/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Codec ids, as stored. */
typedef enum stf_codec_id {
  STF_CODEC_STF = 0, /**< the native one */
  STF_CODEC_H264 = 1,
  STF_CODEC_HEVC = 2,
  STF_CODEC_AV1 = 3,
  STF_CODEC_VP9 = 4,
  STF_CODEC_FFV1 = 5,
  STF_CODEC_MISSING = 255 /**< nothing is stored for this box: it was lost before a repair */
} stf_codec_id;

/** Order in which frames refer to each other. */
typedef enum stf_structure {
  STF_STRUCTURE_DYADIC = 0, /**< anchors 0 and T-1, midpoints between them: a frame costs 2 + ceil(log2 T) */
  STF_STRUCTURE_CHAIN = 1,  /**< each frame refers to the one before it */
  STF_STRUCTURE_INTRA = 2,  /**< no frame refers to another */
  STF_STRUCTURE_OUTWARD = 3 /**< chains from the middle frame to both ends: a frame costs floor(T / 2) + 1 */
} stf_structure;

#define STF_STRUCTURE_AUTO 255 /**< as structure: the encoder chooses, see docs/effort.md */

#define STF_NO_MAX_ERROR (-1) /**< as max_error: samples may change by any amount */

/** How to encode. Initialise with stf_encode_options_init(). */
typedef struct stf_encode_options {
  uint8_t codec;     /**< stf_codec_id; default STF_CODEC_STF */
  uint8_t effort;    /**< 1 (fastest) .. 9 (densest); default 5 */
  uint8_t structure; /**< stf_structure; default STF_STRUCTURE_AUTO: dyadic, or outward where that saves much */
  uint8_t lanes;     /**< rANS lanes, 1..32; 0 lets the encoder choose (default). Efforts 8 and 9 have none */
  uint8_t rgb;       /**< not 0: components 0 to 2 are R, G, B of one size, which are coded as a luma and two
                           differences where that is smaller; always so for interleaved ones. Default 0 */
  int32_t max_error; /**< bound on |decoded - original|; 0 is lossless (default); 1..32767: every sample within it,
                           with STF_CODEC_STF alone; STF_NO_MAX_ERROR: none, lossy. What a codec does not have is
                           STF_E_UNSUPPORTED */
  uint8_t quantizer; /**< with STF_CODEC_STF and STF_NO_MAX_ERROR: four times the QP of H.264's scale, whatever the
                           bits: 0 (finest) .. 255, default 104. 24 more double the quantizer's step */
  uint8_t aq; /**< with the same: strength of variance-adaptive quantisation in 1/16, 0 (default: none) .. 64; 16 is
                           usual. Quiet parts of a frame are quantised more finely, busy ones more coarsely: higher
                           SSIM, lower PSNR */
  const void *codec_options; /**< passed through to a registered codec, whose meaning of lossy it is */
  uint64_t reserved[4];      /**< zero */
} stf_encode_options;

STF_API void stf_encode_options_init(stf_encode_options *options);

/** What a fragment's header says. */
typedef struct stf_fragment_info {
  uint32_t version;
  stf_format format;
  stf_size size;
  uint8_t profile;   /**< 0 raw, 1 lossless, 2 the stream of another codec, 3 lossy */
  uint8_t codec;     /**< stf_codec_id: STF_CODEC_STF for profiles 0, 1 and 3 */
  uint8_t structure; /**< stf_structure */
  uint8_t lanes;
  uint8_t tables;     /**< id of the built-in tables, 0 for none */
  uint32_t max_error; /**< the bound that was asked for; 0 lossless, 65535 none */
  uint32_t max_error_achieved;
  uint64_t header_bytes;     /**< what comes before the payload of the profile */
  uint64_t coded_bytes;      /**< the whole coded form */
  uint32_t coded_crc;        /**< CRC32C of the coded form less this field */
  uint32_t samples_crc;      /**< CRC32C of the decoded samples, see docs/format.md */
  uint8_t samples_crc_known; /**< 0: packets that were taken on trust (stf_fragment_wrap()) have none */
} stf_fragment_info;

/** What an encode or decode did. Counts add up: pass the same struct again to accumulate. */
typedef struct stf_work {
  uint64_t fragments;   /**< fragments touched */
  uint64_t frames;      /**< fragment frames decoded, those only needed as references included */
  uint64_t samples;     /**< samples decoded, all components */
  uint64_t bytes;       /**< coded bytes read */
  uint64_t samples_out; /**< samples written to the caller */
} stf_work;

/** The most bytes that the coded form of such a fragment can take: raw size + 0.5 % + 64 bytes.
 *  STF_E_ARGUMENT / STF_E_LIMIT for formats and sizes that cannot be coded (sizes start at 1). */
STF_API stf_status stf_fragment_bound(const stf_format *format, stf_size size, size_t *bound, stf_error *error);

/** Encode one fragment on the calling thread. Where another codec's stream is not smaller than the samples themselves,
 *  these are stored: the bound holds for every codec. What a registered codec made is decoded again and compared: if it
 *  was to be lossless (max_error 0) and is not, STF_E_CODEC.
 *  @param env      NULL for the defaults; the allocator and codecs are used
 *  @param options  NULL for the defaults
 *  @param source   any strides; samples must fit source->format.bits (else STF_E_ARGUMENT)
 *  @param out      destination of `capacity` bytes; stf_fragment_bound() is always enough
 *  @param written  receives the length of the coded form
 */
STF_API stf_status stf_fragment_encode(const stf_env *env, const stf_encode_options *options, const stf_video *source,
                                       void *out, size_t capacity, size_t *written, stf_error *error);

/** Read a header without decoding. Checks everything in it, not the CRCs. */
STF_API stf_status stf_fragment_info_read(const stf_env *env, const void *data, size_t size, stf_fragment_info *info,
                                          stf_error *error);

/** Flags of stf_fragment_request. */
#define STF_SKIP_CODED_CRC 1u   /**< the caller has checked the bytes already */
#define STF_SKIP_SAMPLES_CRC 2u /**< do not check the decoded samples (checked only when all are decoded) */

/** What to decode of a fragment. Zero-initialise, then set what you need. */
typedef struct stf_fragment_request {
  const uint32_t *frames;  /**< frames of the fragment, ascending, no duplicates; NULL: all */
  uint32_t n_frames;       /**< length of frames; ignored if NULL */
  uint32_t y0, y1, x0, x1; /**< half-open, in samples of component 0 of the fragment; all zero: everything.
                                The box of a subsampled plane is [floor(a/s), ceil(b/s)) */
  uint32_t components;     /**< bit c asks for component c; 0: all */
  uint32_t flags;
  const uint32_t *targets; /**< frames[i] is written to frame targets[i] of the destination; NULL: to frame i */
  uint64_t reserved[4];    /**< zero */
} stf_fragment_request;

/** Decode (part of) a fragment on the calling thread, straight into the caller's planes.
 *  @param destination  planes[c].data is where sample (0, y0, x0) of the request goes (for a subsampled plane,
 *                      its sample (floor(y0/s), floor(x0/s))); format and size are not looked at; planes that were
 *                      not asked for may be NULL. dtype is that of the fragment
 *  @param work         NULL, or counts that are added to
 *  Only the frames that the wanted ones need are decoded. Bytes are checked against coded_crc first unless told
 *  otherwise. Hostile bytes end in STF_E_CORRUPT_FRAGMENT, STF_E_UNSUPPORTED or STF_E_LIMIT, or (checks skipped)
 *  in wrong samples; never in a write outside of the destination.
 */
STF_API stf_status stf_fragment_decode(const stf_env *env, const void *data, size_t size,
                                       const stf_fragment_request *request, const stf_video *destination,
                                       stf_work *work, stf_error *error);

/** CRC32C (Castagnoli), as used everywhere in the format. Start with crc = 0; chain by passing the last result. */
STF_API uint32_t stf_crc32c(uint32_t crc, const void *data, size_t size);

#ifdef __cplusplus
}
#endif
#endif
