// Which frame refers to which (docs/format.md, section 9).
#pragma once

#include <cstdint>
#include <vector>

#include "stfrag/fragment.h"

namespace stf {

// The frames that one frame refers to, and the level whose statistics it uses: 0 without references, 1 with one, then
// one level for every halving of the interval.
struct FrameRefs {
  uint32_t a = 0, b = 0;
  uint8_t count = 0;
  uint8_t level = 0;
};

class Structure {
 public:
  // Make the structure of t >= 1 frames; kind is an stf_structure.
  Structure(uint8_t kind, uint32_t t);

  uint32_t frames() const { return static_cast<uint32_t>(refs_.size()); }
  uint32_t levels() const { return levels_; }
  const FrameRefs& refs(uint32_t frame) const { return refs_[frame]; }
  // Frame numbers in the order in which they are stored: by level, then by time.
  const std::vector<uint32_t>& stored() const { return stored_; }
  // Frame numbers in an order in which every frame comes after its references and few references are alive at once.
  const std::vector<uint32_t>& decode_order() const { return decode_order_; }
  // Add to `wanted` (one byte a frame) all that the wanted frames need.
  void close(std::vector<uint8_t>& wanted) const;

 private:
  void bisect(uint32_t a, uint32_t b, uint8_t level);

  std::vector<FrameRefs> refs_;
  std::vector<uint32_t> stored_, decode_order_;
  uint32_t levels_ = 1;
};

}  // namespace stf
