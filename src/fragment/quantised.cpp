#include "fragment/quantised.hpp"

#include <algorithm>

#include "common/status.hpp"

namespace stf {
namespace {

struct Errors {
  uint64_t sse = 0;
  uint32_t largest = 0;
};

// A row's levels, and the samples that a decoder makes of them.
template <typename Sample, typename Level>
void quantise_row(const Quantiser& q, const Sample* in, uint32_t n, Level* level, Sample* decoded, Errors& errors) {
  uint64_t sse = 0;
  uint32_t largest = 0;
  for (uint32_t x = 0; x < n; ++x) {
    const uint32_t v = in[x], l = q.level(v), d = q.sample(l);
    const uint32_t off = v > d ? v - d : d - v;
    level[x] = static_cast<Level>(l);
    decoded[x] = static_cast<Sample>(d);
    sse += uint64_t{off} * off;
    largest = std::max(largest, off);
  }
  errors.sse += sse;
  errors.largest = std::max(errors.largest, largest);
}

}  // namespace

stf_status Quantised::take(const stf_env& env, const WorkVideo& samples, uint32_t max_error, stf_error* error) {
  const Quantiser q(samples.bits, max_error);
  levels_.bits = static_cast<uint8_t>(q.bits());
  levels_.components = samples.components;
  levels_.t = samples.t;
  Buffer<uint16_t> decoded(env, samples.planes[0].x);
  if (!decoded) return fail(error, STF_E_MEMORY, "no memory for the samples of a fragment");
  for (uint32_t c = 0; c < samples.components; ++c) {
    const WorkPlane& from = samples.planes[c];
    WorkPlane& to = levels_.planes[c];
    if (!make_plane(env, levels_.bits, samples.t, from.y, from.x, memory_[c], &to))
      return fail(error, STF_E_MEMORY, "no memory for the samples of a fragment");
    Errors errors;
    for (uint32_t t = 0; t < samples.t; ++t) {
      for (uint32_t y = 0; y < from.y; ++y) {
        with_sample_type(samples.bits, [&](auto sample) {
          using Sample = decltype(sample);
          auto* const row = reinterpret_cast<Sample*>(decoded.data());
          with_sample_type(levels_.bits, [&](auto level) {
            using Level = decltype(level);
            quantise_row(q, from.row<Sample>(t, y), from.x, to.row<Level>(t, y), row, errors);
          });
          crc_ = samples_crc_row(crc_, samples.bits, row, from.x);
        });
      }
    }
    sse_[c] = errors.sse;
    largest_ = std::max(largest_, errors.largest);
  }
  return STF_OK;
}

}  // namespace stf
