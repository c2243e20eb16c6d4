// The choice of the directional filter's strength for each superblock.
#pragma once

#include "lossy/coders.hpp"
#include "lossy/directional.hpp"
#include "lossy/enc_rate.hpp"

namespace stf::lossy {

// The components that one section holds, first .. end - 1, and what choosing a filter for them takes.
struct FilterTask {
  const Picture& source;  // the frame before coding
  unsigned first, end;
  bool allowed;                    // false: say that nothing is filtered
  const Lambda& lambda;            // of the frame
  AdaptiveModel<kFilters>& model;  // of the choices
};

class FilterEncoder {
 public:
  FilterEncoder(const stf_env& env, FrameState& f) : env_(env), f_(f), filter_(env, f) {}
  // Get memory for frames of f's geometry. False when there is none.
  bool allocate();
  // Choose and write how the components of a section, which are deblocked, are filtered, and filter them. All of them
  // have the same choices. False when there is no memory.
  bool write(Writer& writer, const FilterTask& task);

 private:
  // Squared errors of one superblock by choice.
  struct Errors {
    uint64_t of[kFilters] = {};
  };
  // Add the errors of one component to errors_. False when there is no memory.
  bool measure(unsigned component, const Picture& source);
  // Set choices_ to the cheapest. Returns whether any superblock is to be filtered.
  bool choose(const FilterTask& task);

  const stf_env& env_;
  FrameState& f_;
  DirectionalFilter filter_;
  Buffer<Errors> errors_;    // by superblock
  Buffer<uint8_t> choices_;  // by superblock
};

}  // namespace stf::lossy
