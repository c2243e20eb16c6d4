#include "container/read/plan.hpp"

#include <algorithm>

#include "common/status.hpp"

namespace stf::store {

stf_status FrameList::set(const stf_request& request, uint64_t frames_in_store, stf_error* error) {
  if (request.n_frames > UINT32_MAX) return fail(error, STF_E_LIMIT, "one read returns at most %u frames", UINT32_MAX);
  const auto outside = [&](uint64_t frame) {
    return fail(error, STF_E_ARGUMENT, "frame %llu is not in the store, which has %llu",
                static_cast<unsigned long long>(frame), static_cast<unsigned long long>(frames_in_store));
  };
  n_ = static_cast<size_t>(request.n_frames);
  t0_ = request.t0;
  sorted_.clear();
  if (request.frames == nullptr) {
    if (t0_ > frames_in_store || n_ > frames_in_store - t0_) return outside(std::max(t0_, frames_in_store));
    return STF_OK;
  }
  sorted_.reserve(n_);
  for (size_t i = 0; i < n_; ++i) {
    if (request.frames[i] >= frames_in_store) return outside(request.frames[i]);
    sorted_.push_back({request.frames[i], static_cast<uint32_t>(i)});
  }
  const auto before = [](const Item& a, const Item& b) {
    return a.frame != b.frame ? a.frame < b.frame : a.target < b.target;
  };
  if (!std::is_sorted(sorted_.begin(), sorted_.end(), before)) std::sort(sorted_.begin(), sorted_.end(), before);
  return STF_OK;
}

stf_status plan_some(Store& store, const FrameList& frames, const BoxOfPage& box_of, size_t enough, size_t* next,
                     Plan& plan, stf_error* error) {
  plan = {};
  while (*next < frames.size() && plan.fragments.size() < enough) {
    SlabPlan slab;
    STF_TRY(store.page_of_frame(frames.frame(*next), slab.page, error));
    const Page& page = *slab.page;
    for (; *next < frames.size() && frames.frame(*next) < page.t1(); ++*next) {
      const auto frame = static_cast<uint32_t>(frames.frame(*next) - page.t0);
      if (!slab.frames.empty() && slab.frames.back() == frame) {
        slab.copies.push_back({slab.targets.back(), frames.target(*next)});
      } else {
        slab.frames.push_back(frame);
        slab.targets.push_back(frames.target(*next));
      }
    }
    const Box box = slab.box = box_of(page);
    for (size_t i = 0; i < page.rows.size(); ++i) {
      const Row& row = page.rows[i];
      if (row.readable() && row.box.y0 < box.y1 && box.y0 < row.box.y1 && row.box.x0 < box.x1 && box.x0 < row.box.x1)
        plan.fragments.push_back({plan.slabs.size(), i});
    }
    plan.slabs.push_back(std::move(slab));
  }
  return STF_OK;
}

}  // namespace stf::store
