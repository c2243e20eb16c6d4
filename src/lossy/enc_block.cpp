#include "lossy/enc_block.hpp"

#include "dsp/cost.hpp"
#include "lossy/enc_optimise.hpp"

namespace stf::lossy {
namespace {

// Where rounding up begins, as quantise() takes it: in intra blocks, in others, and for levels that are optimised
// later.
constexpr int kIntraOffset = 190, kInterOffset = 110, kNearest = 216;

// The squared error of a rectangle of a plane.
uint64_t sse_of(const Plane& source, const Plane& plane, const Rect& r) {
  return cost_kernels().sse(source.row(r.y) + r.x, source.stride, plane.row(r.y) + r.x, plane.stride, r.w, r.h);
}

}  // namespace

// The quantiser nearest to the one wanted for a block, of those that the syntax can say at its place.
int BlockEncoder::quantiser_for(const CodingBlock& b) const {
  if (!f_.varies) return f_.q;
  if (!FrameState::begins_group(b)) return f_.cell(b.x & -kGroup, b.y & -kGroup)->q;
  const int around = f_.quantiser_around(b.x, b.y), wanted = job_.quantiser(b.rect());
  const int apart = wanted - around,
            steps = std::min((std::abs(apart) + kQuantiserStep / 2) / kQuantiserStep, kMostSteps);
  return std::clamp(around + (apart < 0 ? -steps : steps) * kQuantiserStep, around & 3, 252 + (around & 3));
}

// What a bit is worth in the group that a block lies in, or in all groups that it covers.
const Lambda& BlockEncoder::lambda_of(const CodingBlock& b) const {
  const int size = std::max({kGroup, b.w(), b.h()});
  return job_.lambda_of({b.x & -kGroup, b.y & -kGroup, size, size});
}

template <typename Coder>
BlockEncoder::TransformResult BlockEncoder::code_transform(Coder& coder, const CodingBlock& b, const TransformBlock& t,
                                                           const IntraPrediction& prediction, const Lambda& lambda) {
  const unsigned c = t.component;
  const Plane &plane = f_.current->planes[c], &source = job_.source->planes[c];
  CoefficientModels& models = f_.coefficients(c);
  const CoefficientCosts& costs = costs_[c == 0 ? 0 : 1 + (c == 2)];
  const int bits = f_.geometry->bits, q = f_.quantiser(b, c), log_w = t.log_w, log_h = t.log_h;
  Sample* at = plane.row(t.y) + t.x;
  if (b.intra()) {
    edges_.gather(f_, c, t.rect());
    predict_intra(edges_, prediction, log_w, log_h, at, plane.stride);
  }
  TransformShape shape{log_w, log_h, 0};
  if (c == 0 && std::max(log_w, log_h) <= 4) shape.type = choose_type(b, t, lambda);
  transform_forward(shape, bits, source.row(t.y) + t.x, source.stride, at, plane.stride, coefficients_);
  const bool optimise = job_.tools.optimise == OptimiseLevels::kAlways ||
                        (job_.tools.optimise == OptimiseLevels::kWhenWritten && !Coder::kCounts);
  int count = quantise(shape, q, optimise ? kNearest : b.intra() ? kIntraOffset : kInterOffset, coefficients_, levels_);
  uint32_t level_bits = 0;
  if (optimise && count > 0) {
    const OptimisedLevels found = optimise_levels(shape, q, bits, {lambda, costs}, coefficients_, levels_, count);
    count = found.count;
    level_bits = found.bits;
  }
  const bool coded = count > 0;
  code_coded(coder, models, f_.units[c], t, coded);
  if (coded) {
    if (c == 0) code_type(coder, models, log_w, log_h, b.intra(), shape.type);
    if constexpr (Coder::kCounts) {
      if (optimise) coder.add(level_bits);
      else code_coefficients(coder, models, log_w, log_h, count, levels_);
    } else {
      code_coefficients(coder, models, log_w, log_h, count, levels_);
    }
    reconstruct(shape, q, bits, count, levels_, at, plane.stride);
  }
  f_.units[c].fill(t.rect(), coded ? UnitMap::kCoded : UnitMap::kEmpty);
  return {coded, Coder::kCounts ? sse_of(source, plane, t.rect()) : 0};
}

// Errors are measured on the coefficients: nothing is reconstructed.
unsigned BlockEncoder::choose_type(const CodingBlock& b, const TransformBlock& t, const Lambda& lambda) {
  if (!b.intra() || job_.tools.transform_types < 2) return 0;
  static constexpr unsigned kOrder[4] = {0, 3, 2, 1};
  const Plane &plane = f_.current->planes[0], &source = job_.source->planes[0];
  const int log_w = t.log_w, log_h = t.log_h, q = b.q;
  unsigned best = 0;
  Cost least = kNoCost;
  for (int i = 0; i < job_.tools.transform_types; ++i) {
    const TransformShape shape{log_w, log_h, kOrder[i]};
    transform_forward(shape, f_.geometry->bits, source.row(t.y) + t.x, source.stride, plane.row(t.y) + t.x,
                      plane.stride, coefficients_);
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
uint64_t BlockEncoder::code_luma(Coder& coder, CodingBlock& b, const Candidates& candidates, const Lambda& lambda) {
  code_block(coder, f_, candidates, b);
  const Plane& plane = f_.current->planes[0];
  if (!b.intra()) predict_inter(f_, b.motion, 0, b.rect(), plane.row(b.y) + b.x, plane.stride);
  b.luma_coded = false;
  if (b.skip) {
    f_.units[0].fill(b.rect(), UnitMap::kEmpty);
    return Coder::kCounts ? sse_of(job_.source->planes[0], plane, b.rect()) : 0;
  }
  uint64_t sse = 0;
  const IntraPrediction prediction = luma_prediction(b);
  visit_transforms(*f_.geometry, b, 0, b.split, [&](const TransformBlock& t) {
    const TransformResult result = code_transform(coder, b, t, prediction, lambda);
    b.luma_coded |= result.coded;
    sse += result.sse;
  });
  return sse;
}

Cost BlockEncoder::try_luma(CodingBlock& b, bool may_skip, const Choice& choice) {
  f_.units[0].fill(b.rect(), UnitMap::kAbsent);
  Coster coster;
  const uint64_t sse = code_luma(coster, b, choice.candidates, choice.lambda);
  if (!may_skip || !b.merge || b.luma_coded) return choice.lambda.of_error(sse, coster.bits());
  b.skip = true;
  Coster short_coster;
  code_block(short_coster, f_, choice.candidates, b);
  return choice.lambda.of_error(sse, short_coster.bits());
}

void BlockEncoder::consider(CodingBlock b, bool may_skip, Choice& choice) {
  const Cost cost = try_luma(b, may_skip, choice);
  choice.frame_has_best = cost < choice.best.cost;
  if (!choice.frame_has_best) return;
  choice.best = {b, cost};
  const Plane& plane = f_.current->planes[0];
  copy_block(plane.row(b.y) + b.x, plane.stride, best_samples_, kSuperblock, b.w(), b.h());
}

uint32_t BlockEncoder::magnitude_of(const Rect& block, const Motion& motion) {
  const Plane& source = job_.source->planes[0];
  predict_inter(f_, motion, 0, block, prediction_, kSuperblock);
  return cost_kernels().satd(source.row(block.y) + block.x, source.stride, prediction_, kSuperblock, block.w, block.h,
                             f_.geometry->bits - 10);
}

// Add every candidate's motion to the trials, each once.
void BlockEncoder::add_candidates(const CodingBlock& b, const Choice& choice, InterRanking& trials) {
  const Candidates& candidates = choice.candidates;
  CodingBlock t = b;
  t.merge = true;
  for (unsigned i = 0; i < kMergeCandidates; ++i) {
    t.motion = candidates.at[i];
    t.candidate = static_cast<uint8_t>(i);
    if (std::find(candidates.at, candidates.at + i, t.motion) != candidates.at + i) continue;
    Coster coster;
    coster.symbol(f_.luma.candidate, i);
    trials.add(t, choice.lambda.of_magnitude(magnitude_of(b.rect(), t.motion), coster.bits()));
  }
}

// Search motion in every reference; add the vectors found, and both together, to the trials.
void BlockEncoder::add_searched(const CodingBlock& b, MotionVector start[2], const Choice& choice,
                                InterRanking& trials) {
  constexpr uint32_t kOtherBits = 2 << 9;  // about what else is said of such a block
  const Candidates& candidates = choice.candidates;
  const Lambda& lambda = choice.lambda;
  CodingBlock t = b;
  t.merge = false;
  FoundMotion found[2];
  for (unsigned r = 0; r < f_.references; ++r) {
    MotionVector starts[kMergeCandidates + 2];
    size_t n_starts = 0;
    starts[n_starts++] = start[r];
    starts[n_starts++] = job_.coarse[r]->at(b.x + b.w() / 2, b.y + b.h() / 2);
    for (const Motion& m : candidates.at)
      if (m.references >> r & 1) starts[n_starts++] = m.v[r];
    found[r] = search_motion(f_, {.reference = r,
                                  .block = b.rect(),
                                  .source = job_.source->planes[0],
                                  .bordered = *job_.bordered[r],
                                  .predicted = candidates.predicted[r],
                                  .starts = {starts, n_starts},
                                  .lambda = lambda,
                                  .effort = job_.tools.motion});
    if (found[r].cost == kNoCost) continue;
    start[r] = found[r].v;
    t.motion = {};
    t.motion.references = static_cast<uint8_t>(r == 0 ? kA : kB);
    t.motion.v[r] = found[r].v;
    trials.add(t, found[r].cost + lambda.of_magnitude(0, kOtherBits));
  }
  if (f_.references < 2 || found[0].cost == kNoCost || found[1].cost == kNoCost) return;
  t.motion.references = kBoth;
  t.motion.v[0] = found[0].v;
  t.motion.v[1] = found[1].v;
  const uint32_t vectors = vector_bits(found[0].v, candidates.predicted[0]) +
                           vector_bits(found[1].v, candidates.predicted[1]);
  trials.add(t, lambda.of_magnitude(magnitude_of(b.rect(), t.motion), vectors + kOtherBits));
}

BlockEncoder::InterResult BlockEncoder::choose_inter(const CodingBlock& b, MotionVector start[2], Choice& choice) {
  const Lambda& lambda = choice.lambda;
  const Trial& best = choice.best;
  InterRanking trials;
  add_candidates(b, choice, trials);
  // Skip the block with the best candidate's motion. If that is cheap enough, nothing else is tried.
  CodingBlock first = trials[0].block;
  first.skip = true;
  consider(first, false, choice);
  if (best.cost < lambda.of_error(0, kFewBits << (b.log_w + b.log_h))) return {.settled = true};
  // Code its residual too. If that has no coefficients and is good, motion is not searched.
  const Cost good = lambda.of_error(0, kSomeBits << (b.log_w + b.log_h));
  const bool merge_tried = job_.tools.trust_merging && best.cost < 2 * good;
  if (merge_tried) {
    consider(trials[0].block, true, choice);
    if (!best.block.luma_coded && best.cost < good) return {.settled = true};
  }

  add_searched(b, start, choice, trials);
  const Cost least = trials[0].cost;
  for (int i = 0; i < std::min(trials.size(), job_.tools.tried_inter); ++i)
    if (trials[i].cost <= least + (least >> 5) &&
        !(merge_tried && trials[i].block.merge && trials[i].block.candidate == first.candidate))
      consider(trials[i].block, true, choice);
  if (job_.tools.inter_splits && !best.block.skip && best.block.luma_coded && !best.block.intra()) {
    CodingBlock t = best.block;
    t.split = true;
    consider(t, true, choice);
  }
  return {.settled = false, .least_magnitude = least};
}

void BlockEncoder::choose_intra(const CodingBlock& b, Cost least_magnitude, Choice& choice) {
  if (std::max(b.log_w, b.log_h) > 5) return;
  const Lambda& lambda = choice.lambda;
  const CostKernels& costs = cost_kernels();
  const Plane& source = job_.source->planes[0];
  const int bits = f_.geometry->bits, w = b.w(), h = b.h();
  CodingBlock t = b;
  t.motion = {};
  t.merge = t.skip = t.split = false;
  Ranking<kIntraModes + 3> trials;  // all modes, and three more angles
  f_.units[0].fill(b.rect(), UnitMap::kAbsent);
  choice.frame_has_best = false;
  Edges edges;
  edges.gather(f_, 0, b.rect());
  const auto add = [&](int mode, int angle) {
    t.mode = static_cast<uint8_t>(mode);
    t.angle = static_cast<uint8_t>(angle);
    const bool directional = mode >= static_cast<int>(kFirstDirection);
    if (directional) edges_.take(edges, w, h);
    predict_intra(directional ? edges_ : edges, luma_prediction(t), b.log_w, b.log_h, prediction_, kSuperblock);
    Coster coster;
    code_block(coster, f_, choice.candidates, t);
    const Cost cost = lambda.of_magnitude(
        costs.satd(source.row(b.y) + b.x, source.stride, prediction_, kSuperblock, w, h, bits - 10), coster.bits());
    trials.add(t, cost);
  };
  // Intra blocks are rare in frames with references: stop early if the first predictions are far worse than motion.
  const auto hopeless = [&](Cost slack) { return f_.references > 0 && trials[0].cost > least_magnitude + slack; };
  add(kDc, 0);
  add(kSmooth, 0);
  if (hopeless(least_magnitude)) return;
  for (unsigned mode = 2; mode < kIntraModes; ++mode) add(static_cast<int>(mode), 0);
  if (hopeless(least_magnitude >> 2)) return;
  if (trials[0].block.mode >= kFirstDirection) {
    const int mode = trials[0].block.mode;
    for (int angle = 1; angle < 4; ++angle) add(mode, angle);
  }
  for (int i = 0; i < std::min(trials.size(), job_.tools.tried_intra); ++i) consider(trials[i].block, false, choice);
  const Trial& best = choice.best;
  if ((job_.tools.intra_splits || f_.references == 0) && best.block.intra() && best.cost != kNoCost &&
      best.block.luma_coded) {
    t = best.block;
    t.split = true;
    consider(t, false, choice);
  }
}

Cost BlockEncoder::choose(CodingBlock& b, MotionVector start[2]) {
  b.q = static_cast<uint8_t>(quantiser_for(b));
  Choice choice{.lambda = lambda_of(b)};
  InterResult inter;
  if (f_.references > 0) {
    choice.candidates = find_candidates(f_, b.rect());
    inter = choose_inter(b, start, choice);
  }
  if (!inter.settled) choose_intra(b, inter.least_magnitude, choice);
  if (choice.best.cost == kNoCost) return kNoCost;
  b = choice.best.block;
  if (!choice.frame_has_best) {
    const Plane& plane = f_.current->planes[0];
    copy_block(best_samples_, kSuperblock, plane.row(b.y) + b.x, plane.stride, b.w(), b.h());
    f_.units[0].fill(b.rect(), b.luma_coded ? UnitMap::kCoded : UnitMap::kEmpty);
  }
  f_.remember(b);
  return choice.best.cost;
}

void BlockEncoder::write_luma(Writer& writer, CodingBlock& b) {
  // The candidates are those that the block was chosen by, since blocks are written in the same order.
  const Candidates candidates = f_.references > 0 ? find_candidates(f_, b.rect()) : Candidates{};
  code_luma(writer, b, candidates, lambda_of(b));
  f_.remember(b);
}

template <typename Coder>
uint64_t BlockEncoder::code_chroma(Coder& coder, CodingBlock& b, const Lambda& lambda) {
  const Geometry& g = *f_.geometry;
  code_chroma_block(coder, f_, b);
  const IntraPrediction prediction = chroma_prediction(b);
  uint64_t sse = 0;
  for (unsigned c = 1; c < g.components; ++c) {
    const Plane& plane = f_.current->planes[c];
    const Rect area = g.in_component(b.rect(), c);
    if (!b.intra()) predict_inter(f_, b.motion, c, area, plane.row(area.y) + area.x, plane.stride);
    visit_transforms(g, b, c, false, [&](const TransformBlock& t) {
      if (b.chroma_coded) {
        sse += code_transform(coder, b, t, prediction, lambda).sse;
        return;
      }
      if (b.intra()) {
        edges_.gather(f_, c, t.rect());
        predict_intra(edges_, prediction, t.log_w, t.log_h, plane.row(t.y) + t.x, plane.stride);
      }
      f_.units[c].fill(t.rect(), UnitMap::kEmpty);
      if (Coder::kCounts) sse += sse_of(job_.source->planes[c], plane, t.rect());
    });
  }
  return sse;
}

void BlockEncoder::write_chroma(Writer& writer, CodingBlock& b) {
  const Geometry& g = *f_.geometry;
  const Lambda& lambda = job_.lambdas[f_.chroma_quantiser(b)];
  Cost least = kNoCost;
  CodingBlock best = b;
  const auto reset = [&] {
    for (unsigned c = 1; c < g.components; ++c) f_.units[c].fill(g.in_component(b.rect(), c), UnitMap::kAbsent);
  };
  const int modes = b.intra() && job_.tools.tried_intra > 1 ? static_cast<int>(kChromaModes) : 1;
  for (int mode = 0; mode < modes; ++mode)
    for (int coded = 0; coded < 2; ++coded) {
      CodingBlock t = b;
      t.chroma_mode = static_cast<uint8_t>(mode);
      t.chroma_coded = coded != 0;
      reset();
      Coster coster;
      const uint64_t sse = code_chroma(coster, t, lambda);
      const Cost cost = lambda.of_error(sse, coster.bits());
      if (cost < least) {
        least = cost;
        best = t;
      }
    }
  b = best;
  reset();
  code_chroma(writer, b, lambda);
}

}  // namespace stf::lossy
