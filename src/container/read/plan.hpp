// Planning of a read: which fragments a list of frames and a box touch, and where each frame goes.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "container/read/store.hpp"

namespace stf::store {

// The frames of a request in ascending order, each with its place in the destination.
class FrameList {
 public:
  // Take the frames and check every one; STF_E_ARGUMENT names the first that is not there.
  stf_status set(const stf_request& request, uint64_t frames_in_store, stf_error* error);

  size_t size() const { return n_; }
  uint64_t frame(size_t i) const { return sorted_.empty() ? t0_ + i : sorted_[i].frame; }
  uint32_t target(size_t i) const { return sorted_.empty() ? static_cast<uint32_t>(i) : sorted_[i].target; }

 private:
  struct Item {
    uint64_t frame;
    uint32_t target;
  };
  size_t n_ = 0;
  uint64_t t0_ = 0;
  std::vector<Item> sorted_;  // empty: t0_, t0_ + 1, ...
};

// The part of a read that lies in one slab.
struct SlabPlan {
  std::shared_ptr<const Page> page;
  Box box;                                // what is decoded of it
  std::vector<uint32_t> frames, targets;  // ascending, each once; relative to the slab, and in the destination
  struct Copy {
    uint32_t from, to;  // frames of the destination
  };
  std::vector<Copy> copies;  // for frames asked for more than once
};

struct FragmentPlan {
  size_t slab;  // in Plan::slabs
  size_t row;
};

struct Plan {
  std::vector<SlabPlan> slabs;
  std::vector<FragmentPlan> fragments;
};

// Plan whole slabs from frames[*next] on until at least `enough` fragments are touched; moves *next on. `box` says
// which box of a slab.
using BoxOfPage = std::function<Box(const Page&)>;
stf_status plan_some(Store& store, const FrameList& frames, const BoxOfPage& box, size_t enough, size_t* next,
                     Plan& plan, stf_error* error);

}  // namespace stf::store
