#include "lossy/enc_filter.hpp"

#include "dsp/cost.hpp"

namespace stf::lossy {

bool FilterEncoder::measure(unsigned component, const Picture& source) {
  const Geometry& g = *f_.geometry;
  const CostKernels& k = cost_kernels();
  const Plane &from = source.planes[component], &plane = f_.current->planes[component];
  if (!filter_.begin(component)) return false;
  auto errors = errors_.begin();
  alignas(32) Sample out[kCell * kCell];
  for (int y = 0; y < g.h; y += kSuperblock)
    for (int x = 0; x < g.w; x += kSuperblock, ++errors)
      filter_.visit_cells(x, y, [&](int u, int v, int w, int h, size_t cell) {
        const Sample* wanted = from.row(v) + u;
        (*errors)[0] += k.sse(wanted, from.stride, plane.row(v) + u, plane.stride, w, h);
        for (unsigned choice = 1; choice < kFilters; ++choice) {
          filter_.filter(u, v, w, h, cell, choice, out, kCell);
          (*errors)[choice] += k.sse(wanted, from.stride, out, kCell, w, h);
        }
      });
  return true;
}

void FilterEncoder::choose(const Lambda& lambda, const AdaptiveModel<kFilters>& model) {
  const auto columns = static_cast<size_t>((f_.geometry->w + kSuperblock - 1) >> kSuperblockLog);
  for (size_t i = 0; i < choices_.size(); ++i) {
    const auto x = static_cast<int>(i % columns) << kSuperblockLog, y = static_cast<int>(i / columns) << kSuperblockLog;
    if (!f_.has_residual(x, y)) continue;  // nothing to filter, and nothing is said of it
    Cost least = kNoCost;
    for (unsigned choice = 0; choice < kFilters; ++choice) {
      Coster coster;
      coster.symbol(model, choice);
      const Cost cost = lambda.of_error(errors_[i][choice], coster.bits());
      if (cost >= least) continue;
      least = cost;
      choices_[i] = static_cast<uint8_t>(choice);
    }
  }
}

bool FilterEncoder::write(Writer& writer, const Picture& source, unsigned from, unsigned to, bool allowed,
                          const Lambda& lambda, AdaptiveModel<kFilters>& model) {
  const Geometry& g = *f_.geometry;
  errors_.assign(g.superblocks(), {});
  choices_.assign(g.superblocks(), 0);
  if (allowed) {
    for (unsigned c = from; c < to; ++c)
      if (!measure(c, source)) return false;
    choose(lambda, model);
  }
  const bool filtered = std::any_of(choices_.begin(), choices_.end(), [](uint8_t choice) { return choice != 0; });
  code_filters(writer, f_, model, filtered, choices_);
  for (unsigned c = from; c < to && filtered; ++c) {
    if (to - from > 1 && !filter_.begin(c)) return false;  // the copy of a single one is still there
    filter_.apply(choices_);
  }
  return true;
}

}  // namespace stf::lossy
