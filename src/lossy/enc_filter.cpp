#include "lossy/enc_filter.hpp"

#include "dsp/cost.hpp"

namespace stf::lossy {

bool FilterEncoder::allocate() {
  const size_t superblocks = f_.geometry->superblocks();
  return errors_.allocate(env_, superblocks) && choices_.allocate(env_, superblocks);
}

bool FilterEncoder::measure(unsigned component, const Picture& source) {
  const CostKernels& k = cost_kernels();
  const Plane &from = source.planes[component], &plane = f_.current->planes[component];
  if (!filter_.begin(component)) return false;
  Errors* errors = errors_.data();
  alignas(32) Sample out[kCell * kCell];
  visit_superblocks(*f_.geometry, [&](int x, int y) {
    filter_.visit_cells(x, y, [&](const DirectionalFilter::Part& part) {
      const Rect& r = part.rect;
      const Sample* wanted = from.row(r.y) + r.x;
      errors->of[0] += k.sse(wanted, from.stride, plane.row(r.y) + r.x, plane.stride, r.w, r.h);
      for (unsigned choice = 1; choice < kFilters; ++choice) {
        filter_.filter(part, choice, out, kCell);
        errors->of[choice] += k.sse(wanted, from.stride, out, kCell, r.w, r.h);
      }
    });
    ++errors;
  });
  return true;
}

bool FilterEncoder::choose(const FilterTask& task) {
  bool any = false;
  size_t i = 0;
  visit_superblocks(*f_.geometry, [&](int x, int y) {
    const Errors& errors = errors_[i];
    uint8_t& chosen = choices_[i++];
    if (!f_.has_residual(x, y)) return;  // there is nothing to filter, and the stream says nothing of it
    Cost least = kNoCost;
    for (unsigned choice = 0; choice < kFilters; ++choice) {
      Coster coster;
      coster.symbol(task.model, choice);
      const Cost cost = task.lambda.of_error(errors.of[choice], coster.bits());
      if (cost >= least) continue;
      least = cost;
      chosen = static_cast<uint8_t>(choice);
    }
    any |= chosen != 0;
  });
  return any;
}

bool FilterEncoder::write(Writer& writer, const FilterTask& task) {
  std::fill(errors_.begin(), errors_.end(), Errors{});
  std::fill(choices_.begin(), choices_.end(), uint8_t{0});
  bool filtered = false;
  if (task.allowed) {
    for (unsigned c = task.first; c < task.end; ++c)
      if (!measure(c, task.source)) return false;
    filtered = choose(task);
  }
  code_filters(writer, f_, task.model, filtered, choices_.data());
  for (unsigned c = task.first; c < task.end && filtered; ++c) {
    // The copy of a single component is the one that was measured; of several only the last is.
    if (task.end - task.first > 1 && !filter_.begin(c)) return false;
    filter_.apply(choices_.data());
  }
  return true;
}

}  // namespace stf::lossy
