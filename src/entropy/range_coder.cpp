// See range_coder.hpp.

#include "entropy/range_coder.hpp"

namespace stf {

// Add one to the number that the written bytes are. It stays below 1, so there is always a byte that takes it.
void RangeEncoder::carry() {
  for (size_t i = out_.size(); i-- != 0;)
    if (++out_[i] != 0) return;
}

void RangeEncoder::emit() {
  const unsigned below = 32 + pending_ - 16;
  const uint64_t value = low_ >> below;
  if (value >> 16) carry();
  if (uint8_t* const at = out_.extend(2); at != nullptr) [[likely]] {
    at[0] = static_cast<uint8_t>(value >> 8);
    at[1] = static_cast<uint8_t>(value);
  }
  low_ &= (uint64_t{1} << below) - 1;
  pending_ -= 16;
}

// After S shifts the range is at least 2^31, so a multiple of 2^31 lies in [low, low + range): one bit beyond the S
// settles the stream, which has S / 8 + 1 bytes.
Array<uint8_t>& RangeEncoder::finish() {
  constexpr uint64_t kHalf = uint64_t{1} << 31;
  low_ = (low_ + kHalf - 1) & ~(kHalf - 1);
  if (low_ >> (32 + pending_)) {
    carry();
    low_ &= (uint64_t{1} << (32 + pending_)) - 1;
  }
  const size_t bytes = pending_ / 8 + 1;
  low_ <<= 31 - pending_;  // pending_ < 16: the first pending bit moves to bit 62
  for (size_t i = 0; i < bytes; ++i) out_.push(static_cast<uint8_t>(low_ >> (55 - 8 * i)));
  return out_;
}

bool RangeDecoder::finish() const {
  const uint64_t bits = consumed();
  return bits / 8 + 1 == size_ && (last_ & ((1u << (7 - bits % 8)) - 1)) == 0;
}

}  // namespace stf
