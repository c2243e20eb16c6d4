// How much brighter or darker a reference must be made to look like a frame.
#pragma once

#include "lossy/enc_rate.hpp"
#include "lossy/frame.hpp"

namespace stf::lossy {

// The mean and the variance of the samples of a plane.
struct Moments {
  int64_t mean = 0, variance = 0;  // in 1/256, in 1/65536
};
// Measure a plane.
Moments moments_of(const Plane& plane);

// The scaling that gives `from` the mean and the variance of `to`.
Scaling scaling_between(const Moments& from, const Moments& to);

}  // namespace stf::lossy
