// Pictures with awkward strides, and short forms of the fragment calls.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include "check.hpp"

namespace fixture {

inline constexpr uint8_t kGap = 0xA5;  // what lies between the samples, and must stay

// Every dtype with its interesting depths, times every layout, component count and subsampling.
inline std::vector<stf_format> all_formats() {
  std::vector<stf_format> formats;
  const auto add = [&](uint8_t dtype, uint8_t bits) {
    const auto with = [&](uint8_t components, uint8_t sub_x, uint8_t sub_y, uint8_t layout) {
      formats.push_back(stf_format{dtype, bits, components, sub_x, sub_y, layout, {0, 0}});
    };
    with(1, 0, 0, STF_LAYOUT_GRAY);
    for (uint8_t components = 1; components <= 4; ++components) {
      with(components, 0, 0, STF_LAYOUT_INTERLEAVED);
      with(components, 0, 0, STF_LAYOUT_PLANES);
    }
    for (uint8_t components = 3; components <= 4; ++components)
      for (uint8_t sub_y = 0; sub_y <= 2; ++sub_y)
        for (uint8_t sub_x = 0; sub_x <= 2; ++sub_x)
          if (sub_x || sub_y) with(components, sub_x, sub_y, STF_LAYOUT_PLANES);
  };
  for (uint8_t bits : {1, 5, 8}) add(STF_UINT8, bits), add(STF_INT8, bits);
  for (uint8_t bits : {1, 8, 9, 10, 12, 16}) add(STF_UINT16, bits), add(STF_INT16, bits);
  add(STF_BOOL, 1);
  return formats;
}

// A stack of frames in memory of a chosen arrangement: 0 planes, 1 interleaved, 2 rows upside down with gaps,
// 3 reversed columns, odd gaps and addresses, 4 frames in reverse, columns outermost.
class Picture {
 public:
  stf_video video{};

  Picture(const stf_format& format, stf_size size, check::Random& random, int arrangement) {
    video.format = format;
    video.size = size;
    const auto item = static_cast<ptrdiff_t>(stf_itemsize(format.dtype));
    const bool shared = arrangement == 1 && !format.sub_x && !format.sub_y;
    for (uint32_t c = 0; c < format.components; ++c) {
      uint32_t rows, columns;
      stf_plane_extent(&format, c, size.y, size.x, &rows, &columns);
      const auto t = static_cast<ptrdiff_t>(size.t), y = static_cast<ptrdiff_t>(rows),
                 x = static_cast<ptrdiff_t>(columns);
      stf_plane& p = video.planes[c];
      ptrdiff_t origin = 0;
      if (shared) {
        p.stride_x = item * format.components, p.stride_y = x * p.stride_x, p.stride_t = y * p.stride_y;
        if (c == 0) memory_.emplace_back(static_cast<size_t>(t * p.stride_t), kGap);
        p.data = memory_[0].data() + item * static_cast<ptrdiff_t>(c);
      } else if (arrangement <= 1) {
        p.stride_x = item, p.stride_y = x * item, p.stride_t = y * p.stride_y;
        memory_.emplace_back(static_cast<size_t>(t * p.stride_t), kGap);
        p.data = memory_.back().data();
      } else if (arrangement == 2) {
        const ptrdiff_t pitch = x * item + 6;
        p.stride_x = item, p.stride_y = -pitch, p.stride_t = y * pitch;
        memory_.emplace_back(static_cast<size_t>(t * p.stride_t), kGap);
        p.data = memory_.back().data() + (y - 1) * pitch;
      } else if (arrangement == 3) {
        const ptrdiff_t step = item + 1;
        p.stride_x = -step, p.stride_y = x * step + 1, p.stride_t = y * p.stride_y;
        origin = 1 + (x - 1) * step;
        memory_.emplace_back(static_cast<size_t>(t * p.stride_t + 1), kGap);
        p.data = memory_.back().data() + origin;
      } else {
        p.stride_t = -item, p.stride_y = t * item, p.stride_x = y * p.stride_y;
        memory_.emplace_back(static_cast<size_t>(x * p.stride_x), kGap);
        p.data = memory_.back().data() + (t - 1) * item;
      }
    }
    const uint32_t top = (1u << format.bits) - 1;
    const bool smooth = random.in(0, 1) != 0;
    each([&](uint32_t, uint32_t t, uint32_t y, uint32_t x, uint8_t* at) {
      const uint32_t value = smooth ? (t * 3 + y * 2 + x + random.in(0, 1)) & top : random.in(0, top);
      store(at, value);
    });
  }

  // f(component, t, y, x, address) for every sample.
  template <typename F>
  void each(F&& f) const {
    for (uint32_t c = 0; c < video.format.components; ++c) {
      uint32_t rows, columns;
      stf_plane_extent(&video.format, c, video.size.y, video.size.x, &rows, &columns);
      for (uint32_t t = 0; t < video.size.t; ++t)
        for (uint32_t y = 0; y < rows; ++y)
          for (uint32_t x = 0; x < columns; ++x) f(c, t, y, x, address(c, t, y, x));
    }
  }
  uint8_t* address(uint32_t c, uint32_t t, uint32_t y, uint32_t x) const {
    const stf_plane& p = video.planes[c];
    return static_cast<uint8_t*>(p.data) + static_cast<ptrdiff_t>(t) * p.stride_t +
           static_cast<ptrdiff_t>(y) * p.stride_y + static_cast<ptrdiff_t>(x) * p.stride_x;
  }
  // A number in 0 .. 2^bits - 1 as a sample.
  void store(uint8_t* at, uint32_t value) const {
    const bool is_signed = video.format.dtype == STF_INT8 || video.format.dtype == STF_INT16;
    const uint32_t raw = is_signed ? value - (1u << (video.format.bits - 1)) : value;
    if (stf_itemsize(video.format.dtype) == 1) {
      *at = static_cast<uint8_t>(raw);
    } else {
      const auto wide = static_cast<uint16_t>(raw);
      std::memcpy(at, &wide, 2);
    }
  }
  uint64_t samples() const {
    uint64_t n = 0;
    each([&](uint32_t, uint32_t, uint32_t, uint32_t, uint8_t*) { ++n; });
    return n;
  }
  bool same_samples(const Picture& other) const {
    bool same = true;
    const size_t item = stf_itemsize(video.format.dtype);
    each([&](uint32_t c, uint32_t t, uint32_t y, uint32_t x, uint8_t* at) {
      same &= std::memcmp(at, other.address(c, t, y, x), item) == 0;
    });
    return same;
  }
  // Overwrites the samples; then everything else must be gap.
  bool gaps_untouched() {
    const size_t item = stf_itemsize(video.format.dtype);
    auto kept = memory_;
    each([&](uint32_t, uint32_t, uint32_t, uint32_t, uint8_t* at) { std::memset(at, kGap, item); });
    bool untouched = true;
    for (const auto& block : memory_)
      for (uint8_t byte : block) untouched &= byte == kGap;
    for (size_t i = 0; i < kept.size(); ++i) std::memcpy(memory_[i].data(), kept[i].data(), kept[i].size());
    return untouched;
  }
  void clear() {
    for (auto& block : memory_) std::fill(block.begin(), block.end(), kGap);
  }

 private:
  std::vector<std::vector<uint8_t>> memory_;
};

inline std::vector<uint8_t> encode(const stf_video& video, const stf_encode_options* options = nullptr) {
  size_t bound = 0, size = 0;
  stf_error error{};
  CHECK_STATUS(stf_fragment_bound(&video.format, video.size, &bound, &error), STF_OK);
  std::vector<uint8_t> coded(bound);
  CHECK_STATUS(stf_fragment_encode(nullptr, options, &video, coded.data(), coded.size(), &size, &error), STF_OK);
  coded.resize(size);
  return coded;
}

}  // namespace fixture
