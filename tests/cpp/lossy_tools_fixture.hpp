// Fragments of the lossy profile with tools that the public options do not all ask for: quantisers that vary from group to
// group, scaled references, the directional filter.
#pragma once

#include <algorithm>
#include <vector>

#include "common/bytes.hpp"
#include "common/env.hpp"
#include "fragment/header.hpp"
#include "fragment/planes.hpp"
#include "lossy/lossy.hpp"

namespace fixture {

// An edge and textures beside flat places, under a little noise, which fade away. `format` is of unsigned samples, not R, G,
// B. Empty if there is no memory.
inline std::vector<uint8_t> encode_all_tools(const stf_format& format, const stf_size& size, uint8_t structure, int quantiser,
                                             int adaptive = 64, uint8_t effort = 5) {
  stf::WorkVideo video, decoded;
  std::vector<uint16_t> memory[2][STF_MAX_COMPONENTS];
  video.bits = format.bits;
  video.components = format.components;
  video.t = size.t;
  decoded = video;
  uint32_t state = 1;
  for (uint32_t c = 0; c < format.components; ++c) {
    uint32_t rows, columns;
    stf_plane_extent(&format, c, size.y, size.x, &rows, &columns);
    const size_t frame = size_t{rows} * columns;
    for (auto* out : {&video, &decoded}) {
      std::vector<uint16_t>& samples = memory[out == &decoded][c];
      samples.resize(frame * size.t);
      out->planes[c] = {samples.data(), rows, columns, frame, columns};
    }
    stf::with_sample_type(video.bits, [&](auto sample) {
      using Sample = decltype(sample);
      for (uint32_t t = 0; t < size.t; ++t)
        for (uint32_t y = 0; y < rows; ++y)
          for (uint32_t x = 0; x < columns; ++x) {
            state = state * 1664525u + 1013904223u;
            const bool busy = (x / 24 + y / 24 + c) % 2 != 0, ahead = 3 * x + 2 * y > 2 * (rows + columns) / 2;
            const uint32_t bright = (ahead ? 160u : 70u) + (busy ? (x * 37 + y * 59) % 61 : 0) + (state >> 30);
            const uint32_t faded = bright * (256 - 150 * t / std::max(size.t - 1, 1u)) >> 8;
            video.planes[c].row<Sample>(t, y)[x] = static_cast<Sample>((faded << format.bits) >> 8);
          }
    });
  }
  std::vector<uint8_t> payload;
  const stf::LossyParams params{structure, effort, quantiser, false, adaptive};
  if (stf::lossy_encode(stf::resolve(nullptr), params, format, video, payload, decoded) != STF_OK) return {};
  stf_fragment_info info{};
  info.profile = stf::kProfileLossy;
  info.format = format;
  info.size = size;
  info.structure = structure;
  info.lanes = 1;
  info.max_error = stf::kNoMaxError;
  info.samples_crc = stf::samples_crc(decoded);
  stf::ByteWriter header;
  stf::write_header(info, payload.size(), header);
  std::vector<uint8_t> coded(header.data(), header.data() + header.size());
  coded.insert(coded.end(), payload.begin(), payload.end());
  stf::seal(coded.data(), coded.size());
  return coded;
}

}  // namespace fixture
