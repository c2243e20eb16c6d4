// The payload of profile 2, the stream of another codec: docs/format.md section 13.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/bytes.hpp"
#include "fragment/header.hpp"
#include "stfrag/codec.h"

namespace stf {

// A stream with its packets: what an encoder puts together, and what is read out of a payload; pointers lead into the
// payload or the encoder's memory.
struct Stream {
  stf_stream desc{};
  std::vector<stf_packet> packets;
};

// Read the first two fields of a payload, all that is needed to choose a decoder.
struct StreamHead {
  uint8_t codec = 0;
  bool samples_crc_known = false;
};
stf_status parse_stream_head(const uint8_t* payload, size_t size, StreamHead* head, stf_error* error);

// Parse and check a whole payload for the fragment that `header` describes.
stf_status parse_stream(const FragmentHeader& header, Stream* stream, stf_error* error);

// STF_E_ARGUMENT unless pictures of `stream` can hold frames of this format and size.
stf_status check_stream(const stf_stream& stream, const stf_format& format, stf_size size, stf_error* error);

// STF_E_ARGUMENT unless the first packet is a key packet and each of t frames has exactly one.
stf_status check_packets(const std::vector<stf_packet>& packets, uint32_t t, stf_error* error);

// Append the payload of a stream, which has been checked.
void write_stream(const Stream& stream, bool samples_crc_known, ByteWriter& out);

// The packets that decoding some frames takes (`wanted` has a byte a frame of the fragment): of every stretch that
// begins with a key packet those up to the last wanted one, disposable ones only if they are wanted themselves.
std::vector<stf_packet> packets_for(const Stream& stream, const uint8_t* wanted);

}  // namespace stf
