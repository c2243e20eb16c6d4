// Pictures that move, for the lossy profile, and what came of them.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "fragment/enc_fragment.hpp"
#include "fragment_fixture.hpp"

namespace fixture {

inline stf_format lossy_planes(uint8_t bits, uint8_t components, uint8_t sub_x, uint8_t sub_y) {
  return {
      static_cast<uint8_t>(bits <= 8 ? STF_UINT8 : STF_UINT16), bits, components, sub_x, sub_y, STF_LAYOUT_PLANES, {}};
}
inline stf_format lossy_gray(uint8_t dtype, uint8_t bits) { return {dtype, bits, 1, 0, 0, STF_LAYOUT_GRAY, {}}; }
inline stf_format lossy_pixels(uint8_t dtype, uint8_t bits, uint8_t components) {
  return {dtype, bits, components, 0, 0, STF_LAYOUT_INTERLEAVED, {}};
}

// A texture that moves by (1, 2) a frame over one that stands, under a little noise.
inline void fill_motion(Picture& picture, check::Random& random) {
  const unsigned bits = picture.video.format.bits;
  const uint32_t top = (1u << bits) - 1;
  picture.each([&](uint32_t c, uint32_t t, uint32_t y, uint32_t x, uint8_t* at) {
    const double u = x + 2.0 * t, v = y + 1.0 * t;
    double value = 0.5 + 0.2 * std::sin(u / 7 + c) + 0.15 * std::cos(v / 5) + 0.1 * std::sin((u + 2 * v) / 11);
    if ((x / 24 + y / 20) % 3 == 2) value = 0.3 + 0.01 * ((x * 3 + y * 5) % 17);
    const double noisy = value * top + (static_cast<double>(random.in(0, 100)) / 100 - 0.5) * top / 100;
    picture.store(at, static_cast<uint32_t>(std::clamp(noisy, 0.0, static_cast<double>(top))));
  });
}

inline stf_encode_options lossy_options(unsigned quantizer, unsigned effort = 5,
                                        unsigned structure = STF_STRUCTURE_DYADIC) {
  stf_encode_options options;
  stf_encode_options_init(&options);
  options.max_error = STF_NO_MAX_ERROR;
  options.quantizer = static_cast<uint8_t>(quantizer);
  options.effort = static_cast<uint8_t>(effort);
  options.structure = static_cast<uint8_t>(structure);
  return options;
}

inline stf_fragment_info info_of(const std::vector<uint8_t>& coded) {
  stf_fragment_info info{};
  CHECK_STATUS(stf_fragment_info_read(nullptr, coded.data(), coded.size(), &info, nullptr), STF_OK);
  return info;
}

// A sample as a number 0 .. 2^bits - 1.
inline int32_t sample_at(const Picture& picture, const uint8_t* at) {
  const stf_format& f = picture.video.format;
  int32_t raw = 0;
  switch (f.dtype) {
    case STF_INT8: return static_cast<int8_t>(*at) + (1 << (f.bits - 1));
    case STF_UINT16:
    case STF_INT16: {
      uint16_t wide;
      std::memcpy(&wide, at, 2);
      return f.dtype == STF_INT16 ? static_cast<int16_t>(wide) + (1 << (f.bits - 1)) : wide;
    }
    default: raw = *at; return raw;
  }
}

struct Errors {
  uint64_t sse[STF_MAX_COMPONENTS] = {};
  uint32_t largest = 0;
  uint64_t samples[STF_MAX_COMPONENTS] = {};
};
inline Errors errors_of(const Picture& a, const Picture& b) {
  Errors e;
  a.each([&](uint32_t c, uint32_t t, uint32_t y, uint32_t x, uint8_t* at) {
    const int32_t d = sample_at(a, at) - sample_at(b, b.address(c, t, y, x));
    e.sse[c] += static_cast<uint64_t>(int64_t{d} * d);
    e.largest = std::max(e.largest, static_cast<uint32_t>(std::abs(d)));
    ++e.samples[c];
  });
  return e;
}
inline double psnr_of(const Picture& a, const Picture& b) {
  const Errors e = errors_of(a, b);
  const double top = (1u << a.video.format.bits) - 1;
  return e.sse[0] == 0 ? 100.0
                       : 10 * std::log10(top * top * static_cast<double>(e.samples[0]) / static_cast<double>(e.sse[0]));
}

inline std::string describe(const stf_format& f, const stf_size& s, const stf_encode_options& o) {
  return "dtype " + std::to_string(f.dtype) + ", " + std::to_string(f.bits) + " bits, " + std::to_string(f.components) +
         " components, subsampling " + std::to_string(f.sub_x) + std::to_string(f.sub_y) + ", " + std::to_string(s.t) +
         "x" + std::to_string(s.y) + "x" + std::to_string(s.x) + ", quantizer " + std::to_string(o.quantizer) +
         ", effort " + std::to_string(o.effort) + ", structure " + std::to_string(o.structure);
}

}  // namespace fixture
