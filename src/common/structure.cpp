#include "common/structure.hpp"

#include <algorithm>

namespace stf {

Structure::Structure(uint8_t kind, uint32_t t) : refs_(t) {
  const uint32_t first = kind == STF_STRUCTURE_OUTWARD ? t / 2 : 0;
  decode_order_.reserve(t);
  decode_order_.push_back(first);
  if (kind == STF_STRUCTURE_DYADIC) {
    if (t > 1) {
      refs_[t - 1] = {0, 0, 1, 1};
      decode_order_.push_back(t - 1);
      bisect(0, t - 1, 2);
    }
  } else {
    const bool refer = kind != STF_STRUCTURE_INTRA;
    for (uint32_t i = first; i-- > 0;) {
      refs_[i] = {i + 1, i + 1, 1, 1};
      decode_order_.push_back(i);
    }
    for (uint32_t i = first + 1; i < t; ++i) {
      if (refer) refs_[i] = {i - 1, i - 1, 1, 1};
      decode_order_.push_back(i);
    }
  }
  for (const FrameRefs& r : refs_) levels_ = std::max<uint32_t>(levels_, r.level + 1u);
  stored_.resize(t);
  for (uint32_t i = 0; i < t; ++i) stored_[i] = i;
  std::stable_sort(stored_.begin(), stored_.end(),
                   [&](uint32_t i, uint32_t j) { return refs_[i].level < refs_[j].level; });
}

// Depth first: at most one pending frame a level, and t <= 1024 bounds the depth by 10.
void Structure::bisect(uint32_t a, uint32_t b, uint8_t level) {
  if (b - a < 2) return;
  const uint32_t middle = a + (b - a) / 2;
  refs_[middle] = {a, b, 2, level};
  decode_order_.push_back(middle);
  bisect(a, middle, static_cast<uint8_t>(level + 1));
  bisect(middle, b, static_cast<uint8_t>(level + 1));
}

void Structure::close(std::vector<uint8_t>& wanted) const {
  for (auto frame = decode_order_.rbegin(); frame != decode_order_.rend(); ++frame) {
    if (!wanted[*frame]) continue;
    const FrameRefs& r = refs_[*frame];
    if (r.count > 0) wanted[r.a] = 1;
    if (r.count > 1) wanted[r.b] = 1;
  }
}

}  // namespace stf
