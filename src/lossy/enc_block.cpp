#include "lossy/enc_block.hpp"

#include <type_traits>

#include "dsp/cost.hpp"
#include "dsp/inter.hpp"
#include "lossy/enc_optimise.hpp"

namespace stf::lossy {
namespace {

// Where rounding up begins, as quantise() takes it.
constexpr int kIntraOffset = 190, kInterOffset = 110, kNearest = 216;

}  // namespace

Tools tools_of(int effort) {
  // motion, inter and intra tried, halves, splits, inter splits, smallest, whole_bits, trust, guess, types, filter,
  // levels
  static constexpr Tools kTools[9] = {
      {{1, false}, 1, 1, false, false, false, 4, {0, 400, 200, 30}, true, true, 1, false, kNever},
      {{2, false}, 1, 1, false, false, false, 4, {0, 300, 100, 10}, true, true, 1, true, kWhenWritten},
      {{4, false}, 1, 1, false, false, true, 3, {0, 300, 100, 10}, true, true, 2, true, kWhenWritten},
      {{4, false}, 1, 1, false, true, true, 3, {0, 200, 64, 0}, true, true, 2, true, kWhenWritten},
      {{4, false}, 2, 2, false, true, true, 3, {0, 200, 64, 4}, true, true, 2, true, kAlways},
      {{6, true}, 2, 2, false, true, true, 3, {0, 100, 16, 0}, false, false, 2, true, kAlways},
      {{8, true}, 3, 3, true, true, true, 3, {}, false, false, 4, true, kAlways},
      {{12, true}, 4, 4, true, true, true, 3, {}, false, false, 4, true, kAlways},
      {{16, true}, 6, 6, true, true, true, 3, {}, false, false, 4, true, kAlways}};
  return kTools[effort - 1];
}

template <typename Coder>
bool BlockEncoder::code_transform(Coder& coder, const Block& b, unsigned c, int q, const Lambda& lambda, int x, int y,
                                  int log_w, int log_h, int mode, int direction, uint64_t* sse) {
  const Plane &plane = f_.current->planes[c], &source = job_.source->planes[c];
  CoefficientModels& models = c == 0 ? f_.luma.coefficients : f_.chroma.coefficients[c == 2];
  const CoefficientCosts& costs = costs_[c == 0 ? 0 : 1 + (c == 2)];
  const int bits = f_.geometry->bits, w = 1 << log_w, h = 1 << log_h;
  Sample* at = plane.row(y) + x;
  const Sample* from = source.row(y) + x;
  if (b.intra()) {
    edges_.gather(f_, c, x, y, w, h);
    predict_intra(edges_, mode, direction, log_w, log_h, at, plane.stride);
  }
  TransformShape shape{log_w, log_h, 0};
  if (c == 0 && std::max(log_w, log_h) <= 4) shape.type = choose_type(b, lambda, q, x, y, log_w, log_h, plane, source);
  transform_forward(shape, bits, from, source.stride, at, plane.stride, coefficients_);
  const bool weigh = job_.tools.optimise == kAlways ||
                     (job_.tools.optimise == kWhenWritten && std::is_same_v<Coder, Writer>);
  int count = quantise(shape, q, weigh ? kNearest : b.intra() ? kIntraOffset : kInterOffset, coefficients_, levels_);
  uint32_t level_bits = 0;
  if (weigh && count > 0) {
    const OptimisedLevels found = optimise_levels(shape, q, bits, lambda, costs, coefficients_, levels_, count);
    count = found.count;
    level_bits = found.bits;
  }
  const bool coded = count > 0;
  code_coded(coder, models, f_.units[c], x, y, log_w, log_h, coded);
  if (coded) {
    if (c == 0) code_type(coder, models, log_w, log_h, b.intra(), shape.type);
    if constexpr (std::is_same_v<Coder, Coster>) {
      if (weigh) coder.add(level_bits);
      else code_coefficients(coder, models, log_w, log_h, count, levels_);
    } else {
      code_coefficients(coder, models, log_w, log_h, count, levels_);
    }
    reconstruct(shape, q, bits, count, levels_, at, plane.stride);
  }
  f_.units[c].fill(x, y, w, h, coded ? UnitMap::kCoded : UnitMap::kEmpty);
  if (sse != nullptr) *sse += cost_kernels().sse(from, source.stride, at, plane.stride, w, h);
  return coded;
}

// Of the pairs of transforms the cheapest, errors measured on coefficients: nothing is reconstructed.
unsigned BlockEncoder::choose_type(const Block& b, const Lambda& lambda, int q, int x, int y, int log_w, int log_h,
                                   const Plane& plane, const Plane& source) {
  if (!b.intra() || job_.tools.types < 2) return 0;
  static constexpr unsigned kOrder[4] = {0, 3, 2, 1};
  unsigned best = 0;
  Cost least = kNoCost;
  for (int i = 0; i < job_.tools.types; ++i) {
    const TransformShape shape{log_w, log_h, kOrder[i]};
    transform_forward(shape, f_.geometry->bits, source.row(y) + x, source.stride, plane.row(y) + x, plane.stride,
                      coefficients_);
    const int count = quantise(shape, q, kIntraOffset, coefficients_, levels_);
    Coster coster;
    coster.symbol(f_.luma.coefficients.type[size_class(log_w, log_h)][1], shape.type);
    uint64_t error = 0;
    if (count > 0) code_coefficients(coster, f_.luma.coefficients, log_w, log_h, count, levels_);
    const Dequantiser step(q, log_w, log_h);
    for (int k = 0; k < 1 << (log_w + log_h); ++k) {
      const int64_t d = coefficients_[k] - (levels_[k] == 0 ? 0 : step(levels_[k]));
      error += static_cast<uint64_t>(d * d);
      levels_[k] = 0;
    }
    const Cost cost = lambda.of_error(sample_error(error, shape, f_.geometry->bits), coster.bits());
    if (cost < least) {
      least = cost;
      best = shape.type;
    }
  }
  return best;
}

template <typename Coder>
void BlockEncoder::code_luma(Coder& coder, Block& b, uint64_t* sse) {
  code_block(coder, f_, candidates_, b);
  const Plane& plane = f_.current->planes[0];
  if (!b.intra()) predict_inter(f_, b.motion, 0, b.x, b.y, b.w(), b.h(), plane.row(b.y) + b.x, plane.stride);
  b.luma_coded = false;
  if (b.skip) {
    f_.units[0].fill(b.x, b.y, b.w(), b.h(), UnitMap::kEmpty);
    if (sse != nullptr) {
      const Plane& source = job_.source->planes[0];
      *sse += cost_kernels().sse(source.row(b.y) + b.x, source.stride, plane.row(b.y) + b.x, plane.stride, b.w(),
                                 b.h());
    }
  } else {
    const int mode = std::min<int>(b.mode, kDirectional), direction = b.mode >= kFirstDirection ? b.direction() : 0;
    visit_transforms(b.x, b.y, b.log_w, b.log_h, b.split, [&](int x, int y, int log_w, int log_h) {
      b.luma_coded |= code_transform(coder, b, 0, b.q, *lambda_, x, y, log_w, log_h, mode, direction, sse);
    });
  }
}

Cost BlockEncoder::try_luma(Block& b, bool may_skip) {
  f_.units[0].fill(b.x, b.y, b.w(), b.h(), UnitMap::kAbsent);
  Coster coster;
  uint64_t sse = 0;
  code_luma(coster, b, &sse);
  Cost cost = lambda_->of_error(sse, coster.bits());
  if (may_skip && b.merge && !b.luma_coded) {
    b.skip = true;
    Coster short_coster;
    code_block(short_coster, f_, candidates_, b);
    cost = lambda_->of_error(sse, short_coster.bits());
  }
  return cost;
}

void BlockEncoder::consider(Block b, bool may_skip) {
  const Cost cost = try_luma(b, may_skip);
  last_is_best_ = cost < best_.cost;
  if (!last_is_best_) return;
  best_ = {b, cost};
  const Plane& plane = f_.current->planes[0];
  copy_block(plane.row(b.y) + b.x, plane.stride, best_samples_, kSuperblock, b.w(), b.h());
}

void BlockEncoder::choose_inter(const Block& b, Vector start[2]) {
  const Lambda& lambda = *lambda_;
  const CostKernels& costs = cost_kernels();
  const Plane& source = job_.source->planes[0];
  const int bits = f_.geometry->bits, w = b.w(), h = b.h();
  Ranking<kMergeCandidates + 3> trials;
  const auto magnitude = [&](const Motion& motion) {
    predict_inter(f_, motion, 0, b.x, b.y, w, h, prediction_, kSuperblock);
    return costs.satd(source.row(b.y) + b.x, source.stride, prediction_, kSuperblock, w, h, bits - 10);
  };
  Block t = b;
  t.merge = true;
  for (unsigned i = 0; i < kMergeCandidates; ++i) {
    t.motion = candidates_.at[i];
    t.candidate = static_cast<uint8_t>(i);
    if (std::find(candidates_.at, candidates_.at + i, t.motion) != candidates_.at + i) continue;
    Coster coster;
    coster.symbol(f_.luma.candidate, i);
    trials.add(t, lambda.of_magnitude(magnitude(t.motion), coster.bits()));
  }
  // A candidate that leaves hardly anything needs no rival.
  Block first = trials[0].block;
  first.skip = true;
  consider(first, false);
  if (best_.cost < lambda.of_error(0, kFewBits << (b.log_w + b.log_h))) {
    done_ = true;
    return;
  }
  // Nor does one whose residual leaves nothing to say, if it is good.
  const Cost good = lambda.of_error(0, kSomeBits << (b.log_w + b.log_h));
  const bool merge_tried = job_.tools.trust_merging && best_.cost < 2 * good;
  if (merge_tried) {
    consider(trials[0].block, true);
    if (!best_.block.luma_coded && best_.cost < good) {
      done_ = true;
      return;
    }
  }

  t = b;
  t.merge = false;
  Found found[2];
  for (unsigned r = 0; r < f_.references; ++r) {
    Vector starts[kMergeCandidates + 2];
    int n_starts = 0;
    starts[n_starts++] = start[r];
    starts[n_starts++] = job_.coarse[r]->at(b.x + w / 2, b.y + h / 2);
    for (const Motion& m : candidates_.at)
      if (m.references >> r & 1) starts[n_starts++] = m.v[r];
    found[r] = search_motion(f_, source, *job_.bordered[r], r, b.x, b.y, w, h, candidates_.predicted[r], starts,
                             n_starts, lambda, job_.tools.motion);
    if (found[r].cost == kNoCost) continue;
    start[r] = found[r].v;
    t.motion = {};
    t.motion.references = static_cast<uint8_t>(r == 0 ? kA : kB);
    t.motion.v[r] = found[r].v;
    trials.add(t, found[r].cost + lambda.of_magnitude(0, 2 << 9));
  }
  if (f_.references == 2 && found[0].cost != kNoCost && found[1].cost != kNoCost) {
    t.motion.references = kBoth;
    t.motion.v[0] = found[0].v;
    t.motion.v[1] = found[1].v;
    const uint32_t vectors = vector_bits(found[0].v, candidates_.predicted[0]) +
                             vector_bits(found[1].v, candidates_.predicted[1]);
    trials.add(t, lambda.of_magnitude(magnitude(t.motion), vectors + (2 << 9)));
  }
  least_magnitude_ = trials[0].cost;
  for (int i = 0; i < std::min(trials.size(), job_.tools.tried_inter); ++i)
    if (trials[i].cost <= least_magnitude_ + (least_magnitude_ >> 5) &&
        !(merge_tried && trials[i].block.merge && trials[i].block.candidate == first.candidate))
      consider(trials[i].block, true);
  if (job_.tools.inter_splits && !best_.block.skip && best_.block.luma_coded && !best_.block.intra()) {
    t = best_.block;
    t.split = true;
    consider(t, true);
  }
}

void BlockEncoder::choose_intra(const Block& b) {
  if (std::max(b.log_w, b.log_h) > 5) return;
  const Lambda& lambda = *lambda_;
  const CostKernels& costs = cost_kernels();
  const Plane& source = job_.source->planes[0];
  const int bits = f_.geometry->bits, w = b.w(), h = b.h();
  Block t = b;
  t.motion = {};
  t.merge = t.skip = t.split = false;
  Ranking<kIntraModes + 3> trials;  // all modes, and three more angles
  f_.units[0].fill(b.x, b.y, w, h, UnitMap::kAbsent);
  last_is_best_ = false;  // the state is that of none
  Edges edges;
  edges.gather(f_, 0, b.x, b.y, w, h);
  const auto add = [&](int mode, int angle) {
    t.mode = static_cast<uint8_t>(mode);
    t.angle = static_cast<uint8_t>(angle);
    const bool directional = mode >= static_cast<int>(kFirstDirection);
    if (directional) edges_.take(edges, w, h);
    predict_intra(directional ? edges_ : edges, std::min<int>(mode, kDirectional), t.direction(), b.log_w, b.log_h,
                  prediction_, kSuperblock);
    Coster coster;
    code_block(coster, f_, candidates_, t);
    const Cost cost = lambda.of_magnitude(
        costs.satd(source.row(b.y) + b.x, source.stride, prediction_, kSuperblock, w, h, bits - 10), coster.bits());
    trials.add(t, cost);
  };
  // In frames with references intra blocks are rare: a first look tells.
  const auto hopeless = [&](Cost slack) { return f_.references > 0 && trials[0].cost > least_magnitude_ + slack; };
  add(kDc, 0);
  add(kSmooth, 0);
  if (hopeless(least_magnitude_)) return;
  for (unsigned mode = 2; mode < kIntraModes; ++mode) add(static_cast<int>(mode), 0);
  if (hopeless(least_magnitude_ >> 2)) return;
  if (trials[0].block.mode >= kFirstDirection) {
    const int mode = trials[0].block.mode;
    for (int angle = 1; angle < 4; ++angle) add(mode, angle);
  }
  for (int i = 0; i < std::min(trials.size(), job_.tools.tried_intra); ++i) consider(trials[i].block, false);
  if ((job_.tools.splits || f_.references == 0) && best_.block.intra() && best_.cost != kNoCost &&
      best_.block.luma_coded) {
    t = best_.block;
    t.split = true;
    consider(t, false);
  }
}

int FrameJob::quantiser(int x, int y, int w, int h) const {
  const FrameState& f = *state;
  if (offsets == nullptr) return f.q;
  const int columns = (f.geometry->w + kGroup - 1) / kGroup, rows = (f.geometry->h + kGroup - 1) / kGroup;
  int sum = 0, n = 0;
  for (int v = y / kGroup; v < std::min((y + h + kGroup - 1) / kGroup, rows); ++v)
    for (int u = x / kGroup; u < std::min((x + w + kGroup - 1) / kGroup, columns); ++u, ++n)
      sum += (*offsets)[static_cast<size_t>(v * columns + u)];
  return std::clamp(f.q + (sum >= 0 ? sum + n / 2 : sum - n / 2) / n, 0, 255);
}

// The nearest quantiser to the one wanted that can be said here.
int BlockEncoder::quantiser_for(const Block& b) const {
  if (!f_.varies) return f_.q;
  if (!FrameState::begins_group(b)) return f_.cell(b.x & -kGroup, b.y & -kGroup)->q;
  const int around = f_.quantiser_around(b.x, b.y), wanted = job_.quantiser(b.x, b.y, b.w(), b.h());
  const int apart = wanted - around,
            steps = std::min((std::abs(apart) + kQuantiserStep / 2) / kQuantiserStep, kMostSteps);
  return std::clamp(around + (apart < 0 ? -steps : steps) * kQuantiserStep, around & 3, 252 + (around & 3));
}

// That of the block's group, or of all that it reaches over.
const Lambda& BlockEncoder::lambda_of(const Block& b) const {
  return job_.lambda_of(b.x & -kGroup, b.y & -kGroup, std::max({kGroup, b.w(), b.h()}));
}

Cost BlockEncoder::choose(Block& b, Vector start[2]) {
  b.q = static_cast<uint8_t>(quantiser_for(b));
  lambda_ = &lambda_of(b);
  best_ = {};
  candidates_ = {};
  done_ = false;
  if (f_.references > 0) {
    candidates_ = find_candidates(f_, b.x, b.y, b.w(), b.h());
    choose_inter(b, start);
  }
  if (!done_) choose_intra(b);
  if (best_.cost == kNoCost) return kNoCost;
  b = best_.block;
  if (!last_is_best_) {
    const Plane& plane = f_.current->planes[0];
    copy_block(best_samples_, kSuperblock, plane.row(b.y) + b.x, plane.stride, b.w(), b.h());
    f_.units[0].fill(b.x, b.y, b.w(), b.h(), b.luma_coded ? UnitMap::kCoded : UnitMap::kEmpty);
  }
  f_.remember(b);
  return best_.cost;
}

void BlockEncoder::look_up_costs(bool luma) {
  if (luma) {
    costs_[0].look_up(f_.luma.coefficients);
  } else {
    for (int i = 0; i < 2; ++i) costs_[1 + i].look_up(f_.chroma.coefficients[i]);
  }
}

void BlockEncoder::write_luma(Writer& writer, Block& b) {
  if (f_.references > 0) candidates_ = find_candidates(f_, b.x, b.y, b.w(), b.h());
  lambda_ = &lambda_of(b);
  // The candidates are those that it was chosen by: blocks are written in the order in which they were chosen.
  code_luma(writer, b, nullptr);
  f_.remember(b);
}

template <typename Coder>
void BlockEncoder::code_chroma(Coder& coder, Block& b, uint64_t* sse) {
  const Geometry& g = *f_.geometry;
  code_chroma_block(coder, f_, b);
  const ChromaPrediction p = chroma_prediction(b);
  for (unsigned c = 1; c < g.components; ++c) {
    const Plane &plane = f_.current->planes[c], &source = job_.source->planes[c];
    const int x = b.x >> g.sub_x[c], y = b.y >> g.sub_y[c], log_w = b.log_w - g.sub_x[c], log_h = b.log_h - g.sub_y[c];
    if (!b.intra()) predict_inter(f_, b.motion, c, x, y, 1 << log_w, 1 << log_h, plane.row(y) + x, plane.stride);
    visit_transforms(x, y, log_w, log_h, false, [&](int tx, int ty, int tw, int th) {
      if (b.chroma_coded) {
        code_transform(coder, b, c, f_.chroma_quantiser(b), *lambda_, tx, ty, tw, th, p.mode, p.direction, sse);
        return;
      }
      Sample* at = plane.row(ty) + tx;
      if (b.intra()) {
        edges_.gather(f_, c, tx, ty, 1 << tw, 1 << th);
        predict_intra(edges_, p.mode, p.direction, tw, th, at, plane.stride);
      }
      f_.units[c].fill(tx, ty, 1 << tw, 1 << th, UnitMap::kEmpty);
      if (sse != nullptr)
        *sse += cost_kernels().sse(source.row(ty) + tx, source.stride, at, plane.stride, 1 << tw, 1 << th);
    });
  }
}

void BlockEncoder::write_chroma(Writer& writer, Block& b) {
  const Geometry& g = *f_.geometry;
  lambda_ = &job_.lambdas[f_.chroma_quantiser(b)];
  Cost least = kNoCost;
  Block best = b;
  const auto reset = [&] {
    for (unsigned c = 1; c < g.components; ++c)
      f_.units[c].fill(b.x >> g.sub_x[c], b.y >> g.sub_y[c], b.w() >> g.sub_x[c], b.h() >> g.sub_y[c],
                       UnitMap::kAbsent);
  };
  const int modes = b.intra() ? (job_.tools.tried_intra > 1 ? static_cast<int>(kChromaModes) : 1) : 1;
  for (int mode = 0; mode < modes; ++mode)
    for (int coded = 0; coded < 2; ++coded) {
      Block t = b;
      t.chroma_mode = static_cast<uint8_t>(mode);
      t.chroma_coded = coded != 0;
      reset();
      Coster coster;
      uint64_t sse = 0;
      code_chroma(coster, t, &sse);
      const Cost cost = lambda_->of_error(sse, coster.bits());
      if (cost < least) {
        least = cost;
        best = t;
      }
    }
  b = best;
  reset();
  code_chroma(writer, b, nullptr);
}

}  // namespace stf::lossy
