// The levels of a fragment's samples under a bound on their error, and how far off the samples that they stand for are.
#pragma once

#include "common/env.hpp"
#include "common/work.hpp"
#include "fragment/planes.hpp"
#include "lossless/quantise.hpp"

namespace stf {

class Quantised {
 public:
  stf_status take(const stf_env& env, const WorkVideo& samples, uint32_t max_error, stf_error* error);

  // The levels, of as many bits as they need.
  const WorkVideo& levels() const { return levels_; }
  uint32_t largest_error() const { return largest_; }
  const uint64_t* sse() const { return sse_; }
  // The CRC of the decoded samples, docs/format.md 8.5.
  uint32_t samples_crc() const { return crc_; }

 private:
  WorkVideo levels_;
  Buffer<uint8_t> memory_[STF_MAX_COMPONENTS];
  uint64_t sse_[STF_MAX_COMPONENTS] = {};
  uint32_t largest_ = 0, crc_ = 0;
};

}  // namespace stf
