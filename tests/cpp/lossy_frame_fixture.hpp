// A frame of the lossy profile while it is coded, without a fragment around it.
#pragma once

#include <algorithm>
#include <memory>

#include "check.hpp"
#include "common/env.hpp"
#include "lossy/frame.hpp"

namespace fixture {

inline stf::lossy::Geometry geometry_of(unsigned components, int bits, int w, int h, int sub_x, int sub_y) {
  stf::lossy::Geometry g;
  g.components = components;
  g.bits = bits;
  g.shift = 0;
  g.w = w;
  g.h = h;
  for (unsigned c = 1; c < 3 && components >= 3; ++c) {
    g.sub_x[c] = sub_x;
    g.sub_y[c] = sub_y;
  }
  return g;
}

// A frame between two references, all of random samples.
struct Frame {
  stf::lossy::Geometry g;
  stf::lossy::OwnPicture pictures[3];
  std::unique_ptr<stf::lossy::FrameState> state = std::make_unique<stf::lossy::FrameState>();

  Frame(const stf::lossy::Geometry& geometry, check::Random& random) : g(geometry) {
    for (stf::lossy::OwnPicture& p : pictures) {
      CHECK(p.allocate(stf::resolve(nullptr), g, g.components));
      for (unsigned c = 0; c < g.components; ++c)
        for (int y = 0; y < g.plane_h(c); ++y)
          for (int x = 0; x < g.plane_w(c); ++x)
            p.planes[c].row(y)[x] = static_cast<stf::lossy::Sample>(random.in(0, static_cast<uint32_t>(g.largest())));
    }
    CHECK(state->allocate(stf::resolve(nullptr), g));
    state->begin(pictures[0]);
    state->references = 2;
    for (unsigned r = 0; r < 2; ++r) {
      state->reference[r] = &pictures[1 + r];
      std::copy_n(pictures[1 + r].planes, STF_MAX_COMPONENTS, state->from[r]);
    }
  }
};

}  // namespace fixture
