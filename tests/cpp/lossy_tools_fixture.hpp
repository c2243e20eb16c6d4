// Fragments of the lossy profile with tools that little pictures seldom need: quantisers that vary from group to group,
// scaled references, the directional filter.
#pragma once

#include <algorithm>
#include <vector>

#include "stfrag/fragment.h"

namespace fixture {

// An edge and textures beside flat places, under a little noise, which fade away. `format` is of planes of unsigned
// samples. Empty if that fails.
inline std::vector<uint8_t> encode_all_tools(const stf_format& format, const stf_size& size, uint8_t structure,
                                             uint8_t quantizer, uint8_t aq = 64) {
  stf_video video{};
  video.format = format;
  video.size = size;
  std::vector<uint8_t> memory[STF_MAX_COMPONENTS];
  const auto item = static_cast<uint32_t>(stf_itemsize(format.dtype));
  uint32_t state = 1;
  for (uint32_t c = 0; c < format.components; ++c) {
    uint32_t rows, columns;
    stf_plane_extent(&format, c, size.y, size.x, &rows, &columns);
    const ptrdiff_t row = static_cast<ptrdiff_t>(item * columns), frame = static_cast<ptrdiff_t>(rows) * row;
    memory[c].resize(static_cast<size_t>(frame) * size.t);
    video.planes[c] = {memory[c].data(), frame, row, static_cast<ptrdiff_t>(item)};
    uint8_t* at = memory[c].data();
    for (uint32_t t = 0; t < size.t; ++t)
      for (uint32_t y = 0; y < rows; ++y)
        for (uint32_t x = 0; x < columns; ++x, at += item) {
          state = state * 1664525u + 1013904223u;
          const bool busy = (x / 24 + y / 24 + c) % 2 != 0, ahead = 3 * x + 2 * y > rows + columns;
          const uint32_t bright = (ahead ? 160u : 70u) + (busy ? (x * 37 + y * 59) % 61 : 0) + (state >> 30);
          const uint32_t faded = bright * (256 - 150 * t / std::max(size.t - 1, 1u)) >> 8,
                         value = (faded << format.bits) >> 8;
          at[0] = static_cast<uint8_t>(value);
          if (item == 2) at[1] = static_cast<uint8_t>(value >> 8);
        }
  }
  stf_encode_options options;
  stf_encode_options_init(&options);
  options.max_error = STF_NO_MAX_ERROR;
  options.structure = structure;
  options.quantizer = quantizer;
  options.aq = aq;
  size_t bound = 0, written = 0;
  if (stf_fragment_bound(&format, size, &bound, nullptr) != STF_OK) return {};
  std::vector<uint8_t> coded(bound);
  if (stf_fragment_encode(nullptr, &options, &video, coded.data(), bound, &written, nullptr) != STF_OK) return {};
  coded.resize(written);
  return coded;
}

}  // namespace fixture
