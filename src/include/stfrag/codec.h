/* SPDX-License-Identifier: BSD-3-Clause
 *
 * codec.h - fragments that are streams of other codecs (H.264, HEVC, AV1, VP9, FFV1): what an embedder registers to
 * code and decode them, and how to get at their packets without decoding.
 *
 * The core holds packets, decides which of them are needed, pads, shifts and crops samples, and checks the result; a
 * registered codec turns pictures into packets and packets into pictures, and knows nothing else of fragments.
 * docs/format.md, section 13, is normative.
 */
#ifndef STFRAG_CODEC_H
#define STFRAG_CODEC_H

#include "stfrag/fragment.h"

#ifdef __cplusplus
extern "C" {
#endif

#define STF_MAX_STREAM_PADDING 127u /**< rows, and columns, that a stream's pictures may have more than the fragment */

/** What the pictures of a stream are, and how a fragment's samples lie in them.
 *
 *  A picture is at least as large as the fragment, whose samples are its upper left part. Its components are in the
 *  order of a fragment's (Y Cb Cr or R G B, alpha last); there may be more: gray is carried as the luma of what lacks
 *  gray. Samples are unsigned (signed ones have 2^(bits-1) added) and shifted left by `shift`; on the way back they are
 *  rounded to nearest and clamped. */
typedef struct stf_stream {
  uint8_t codec;         /**< stf_codec_id, not STF_CODEC_STF */
  uint8_t components;    /**< of a picture, 1..4 */
  uint8_t bits;          /**< of its samples, 8..16 */
  uint8_t sub_x, sub_y;  /**< log2 of the subsampling of components 1 and 2 of three or more */
  uint8_t shift;         /**< fragment's bits + shift <= bits */
  uint8_t start_codes;   /**< 1: the bytes 00 00 00 01 belong in front of each packet and are not in its data */
  uint8_t reserved;      /**< zero */
  uint32_t y, x;         /**< size of a picture */
  const void *extradata; /**< what the decoder needs beside packets; NULL if nothing */
  size_t extradata_size;
  uint64_t reserved_words[2]; /**< zero */
} stf_stream;

#define STF_PACKET_KEY 1u        /**< decoding can start here: it and all after it need none of those before it */
#define STF_PACKET_DISPOSABLE 2u /**< no other packet needs it */
#define STF_PACKET_HIDDEN (-1)   /**< no picture of the fragment comes from this packet */

/** A packet, in the order of decoding. */
typedef struct stf_packet {
  const void *data;
  size_t size;
  int32_t frame;  /**< the frame of the fragment that it holds, or STF_PACKET_HIDDEN */
  uint32_t flags; /**< STF_PACKET_KEY, STF_PACKET_DISPOSABLE */
} stf_packet;

/** Takes decoded pictures: planes[c].data is the first sample of component c, `stride_t` is not looked at. Samples are
 *  bytes if the stream's bits are at most 8, else 16-bit words of the machine's order. The memory may be reused when it
 *  returns. A status other than STF_OK is to be returned by the decoder at once. */
typedef stf_status (*stf_deliver)(void *opaque, uint32_t frame, const stf_plane planes[STF_MAX_COMPONENTS]);

/** Where an encoder puts its stream: see stf_stream_begin(). */
typedef struct stf_stream_sink stf_stream_sink;

/** A coder of streams that is not built in. Its functions are called by several threads at once. */
typedef struct stf_codec {
  uint8_t id; /**< stf_codec_id, not STF_CODEC_STF */
  const char *name;
  void *opaque;
  /** Decode `packets`, which begin with a key packet; disposable ones that are not wanted, and those before and after
   *  what is wanted, have been left out. Call deliver() for every picture of a packet that is not hidden, in ascending
   *  order of frames. STF_E_CORRUPT_FRAGMENT if the stream is damaged, STF_E_CODEC if this machine cannot decode it.
   *  NULL: cannot decode. */
  stf_status (*decode)(void *opaque, const stf_stream *stream, const stf_packet *packets, size_t n, stf_deliver deliver,
                       void *deliver_opaque, stf_error *error);
  /** Encode `source`, whose samples are unsigned, in bytes if its bits are at most 8, else in 16-bit words: call
   *  stf_stream_begin() once, stf_stream_picture() for the pictures to encode, stf_stream_put() for the packets.
   *  Lossless if options->max_error is 0. NULL: cannot encode. */
  stf_status (*encode)(void *opaque, const stf_encode_options *options, const stf_video *source, stf_stream_sink *sink,
                       stf_error *error);
  uint64_t reserved[4]; /**< zero */
} stf_codec;

/** Say what the stream is, before the first packet. Everything is copied. */
STF_API stf_status stf_stream_begin(stf_stream_sink *sink, const stf_stream *stream, stf_error *error);

/** Add a packet, in the order of decoding. The data is copied. The first one must be a key packet, and in the end each
 *  frame must have exactly one. */
STF_API stf_status stf_stream_put(stf_stream_sink *sink, const stf_packet *packet, stf_error *error);

/** Write frame t of the source that an encoder was given as a picture of `stream`: shifted, padded with the samples at
 *  its right and lower border; components that it lacks are neutral. planes[c] is component c of the picture. */
STF_API stf_status stf_stream_picture(const stf_stream *stream, const stf_video *source, uint32_t t,
                                      const stf_plane planes[STF_MAX_COMPONENTS], stf_error *error);

/** The most bytes that stf_fragment_wrap() writes for n packets of `bytes` bytes together, `extradata_size` included. */
STF_API size_t stf_fragment_wrap_bound(size_t n, size_t bytes);

/** Make the coded form of a fragment from packets that are there already, without encoding.
 *  @param achieved  how far the worst sample is off from what was encoded once; 0: nothing was lost, or it is not known
 *  @param verify  not 0: decode all of it with the registered codec, which proves that the packets give all frames and
 *                 puts the CRC of the samples into the fragment; 0: take the packets on trust */
STF_API stf_status stf_fragment_wrap(const stf_env *env, const stf_format *format, stf_size size,
                                     const stf_stream *stream, const stf_packet *packets, size_t n, uint32_t achieved,
                                     int verify, void *out, size_t capacity, size_t *written, stf_error *error);

/** The stream of a coded fragment, without decoding: pointers into `data`. STF_E_ARGUMENT if it is none of a registered
 *  kind (codec STF_CODEC_STF). With packets == NULL only *stream and *n are set. */
STF_API stf_status stf_fragment_stream(const stf_env *env, const void *data, size_t size, stf_stream *stream,
                                       stf_packet *packets, size_t capacity, size_t *n, stf_error *error);

#ifdef __cplusplus
}
#endif
#endif
