#include "lossy/enc_frame.hpp"

#include "lossy/lossy.hpp"

namespace stf::lossy {
namespace {

// How much finer chroma is quantised than luma, in quarters of a QP.
constexpr int kChromaOffset = 1;
// Squared error for a bit, in 1/256 of a step squared.
constexpr int kLambdaWeight = 28;

// Hand over the bytes of a section that is complete.
stf_status take(RangeEncoder& coder, Array<uint8_t>& section) {
  section = std::move(coder.finish());
  return section.ok() ? STF_OK : STF_E_MEMORY;
}

}  // namespace

bool FrameEncoder::allocate() {
  const Geometry& g = *f_.geometry;
  blocks_ = Array<CodingBlock>(env_);
  for (BorderedLuma& border : scaled_borders_)
    if (!border.allocate(env_, g)) return false;
  if (!filters_.allocate() || !lambdas_.allocate(env_, kMaxQuantiser + 1)) return false;
  for (int q = 0; q <= kMaxQuantiser; ++q) lambdas_[static_cast<size_t>(q)] = Lambda(q, g.bits, kLambdaWeight);
  job_.lambdas = lambdas_.data();
  return true;
}

stf_status FrameEncoder::begin(const Plan& plan) {
  const Geometry& g = *f_.geometry;
  f_.q = plan.quantiser;
  f_.chroma_q = std::clamp(f_.q - kChromaOffset, 0, kMaxQuantiser);
  f_.varies = plan.group_offsets != nullptr;
  job_.offsets = plan.group_offsets;
  for (unsigned r = 0; r < f_.references; ++r) {
    const Plan::Reference& reference = plan.reference[r];
    job_.coarse[r] = reference.coarse;
    job_.bordered[r] = reference.bordered;
    if (!reference.fades) continue;
    for (unsigned c = 0; c < g.components; ++c)
      f_.scaling[r][c] = scaling_between(moments_of(f_.from[r][c]), moments_of(job_.source->planes[c]));
  }
  if (!scaled_.apply(env_, f_, 0, g.components)) return STF_E_MEMORY;
  for (unsigned r = 0; r < f_.references; ++r) {
    if (f_.scaling[r][0] == Scaling{}) continue;
    scaled_borders_[r].fill(f_.from[r][0]);
    job_.bordered[r] = &scaled_borders_[r];
  }
  return STF_OK;
}

stf_status FrameEncoder::luma(Array<uint8_t>& section) {
  RangeEncoder coder(env_);
  Writer writer(coder);
  code_luma_header(writer, f_);
  blocks_.clear();
  visit_superblocks(*f_.geometry, [&](int x, int y) { search_.encode_luma(writer, x, y, blocks_); });
  if (!blocks_.ok()) return STF_E_MEMORY;
  deblock(f_, 0);
  if (!filters_.write(writer, {.source = *job_.source,
                               .first = 0,
                               .end = 1,
                               .allowed = job_.tools.directional_filter,
                               .lambda = job_.lambdas[f_.q],
                               .model = f_.luma.filter}))
    return STF_E_MEMORY;
  return take(coder, section);
}

stf_status FrameEncoder::chroma(Array<uint8_t>& section) {
  const Geometry& g = *f_.geometry;
  RangeEncoder coder(env_);
  Writer writer(coder);
  code_chroma_header(writer, f_);
  for (CodingBlock& b : blocks_) search_.encode_chroma(writer, b);
  for (unsigned c = 1; c < g.components; ++c) deblock(f_, c);
  if (!filters_.write(writer, {.source = *job_.source,
                               .first = 1,
                               .end = g.components,
                               .allowed = job_.tools.directional_filter,
                               .lambda = job_.lambdas[f_.chroma_q],
                               .model = f_.chroma.filter}))
    return STF_E_MEMORY;
  return take(coder, section);
}

}  // namespace stf::lossy
