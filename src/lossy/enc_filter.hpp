// The choice of the directional filter for each superblock.
#pragma once

#include <array>

#include "lossy/coders.hpp"
#include "lossy/directional.hpp"
#include "lossy/enc_rate.hpp"

namespace stf::lossy {

class FilterEncoder {
 public:
  FilterEncoder(const stf_env& env, FrameState& f) : f_(f), filter_(env, f) {}
  // Choose and write how components from .. to - 1 of the deblocked frame are filtered, all alike, and filter them.
  // false: no memory.
  bool write(Writer& writer, const Picture& source, unsigned from, unsigned to, bool allowed, const Lambda& lambda,
             AdaptiveModel<kFilters>& model);

 private:
  bool measure(unsigned component, const Picture& source);
  void choose(const Lambda& lambda, const AdaptiveModel<kFilters>& model);

  FrameState& f_;
  DirectionalFilter filter_;
  std::vector<std::array<uint64_t, kFilters>> errors_;  // squared, by superblock and choice
  std::vector<uint8_t> choices_;
};

}  // namespace stf::lossy
