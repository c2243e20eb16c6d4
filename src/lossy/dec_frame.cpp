#include "lossy/dec_frame.hpp"

#include "common/status.hpp"

namespace stf::lossy {
namespace {

stf_status no_memory(stf_error* error) { return fail(error, STF_E_MEMORY, "no memory to decode a fragment"); }
stf_status wrong_end(stf_error* error) {
  return fail(error, STF_E_CORRUPT_FRAGMENT, "the fragment is damaged: a frame does not end where it should");
}

}  // namespace

bool FrameDecoder::allocate() {
  blocks_ = Array<CodingBlock>(env_);
  return f_.geometry != nullptr && filters_.allocate(env_, f_.geometry->superblocks());
}

stf_status FrameDecoder::luma(std::span<const uint8_t> section, stf_error* error) {
  const Geometry& g = *f_.geometry;
  RangeDecoder coder(section.data(), section.size());
  Reader reader(coder);
  code_luma_header(reader, f_);
  if (!scaled_.apply(env_, f_, 0, 1)) return no_memory(error);
  blocks_.clear();
  bool sound = true;
  visit_superblocks(g, [&](int x, int y) {
    sound = sound && !coder.overrun();
    if (!sound) return;
    visit_blocks(
        g, x, y, kSuperblockLog, [&](int px, int py, int log) { return code_partition(reader, f_, px, py, log, 0); },
        [&](int bx, int by, int log_w, int log_h) {
          CodingBlock b = block_at(bx, by, log_w, log_h);
          luma_block(reader, b);
          blocks_.push(b);
        });
  });
  if (!sound) return wrong_end(error);
  if (!blocks_.ok()) return no_memory(error);
  luma_filtered_ = code_filters(reader, f_, f_.luma.filter, false, filters_.data());
  if (!coder.finish()) return wrong_end(error);
  deblock(f_, 0);
  if (luma_filtered_) {
    if (!directional_.begin(0)) return no_memory(error);
    directional_.apply(filters_.data());
  }
  return STF_OK;
}

stf_status FrameDecoder::chroma(std::span<const uint8_t> section, stf_error* error) {
  const Geometry& g = *f_.geometry;
  RangeDecoder coder(section.data(), section.size());
  Reader reader(coder);
  code_chroma_header(reader, f_);
  if (!scaled_.apply(env_, f_, 1, g.components)) return no_memory(error);
  for (CodingBlock& b : blocks_) {
    if (coder.overrun()) return wrong_end(error);
    chroma_block(reader, b);
  }
  const bool filtered = code_filters(reader, f_, f_.chroma.filter, false, filters_.data());
  if (!coder.finish()) return wrong_end(error);
  if (filtered && !luma_filtered_ && !directional_.begin(0)) return no_memory(error);
  for (unsigned c = 1; c < g.components; ++c) {
    deblock(f_, c);
    if (!filtered) continue;
    if (!directional_.begin(c)) return no_memory(error);
    directional_.apply(filters_.data());
  }
  return STF_OK;
}

void FrameDecoder::luma_block(Reader& reader, CodingBlock& b) {
  Candidates candidates;
  if (f_.references > 0) candidates = find_candidates(f_, b.rect());
  code_block(reader, f_, candidates, b);
  const Plane& plane = f_.current->planes[0];
  if (!b.intra()) predict_inter(f_, b.motion, 0, b.rect(), plane.row(b.y) + b.x, plane.stride);
  if (b.skip) {
    f_.units[0].fill(b.rect(), UnitMap::kEmpty);
  } else {
    const IntraPrediction prediction = luma_prediction(b);
    visit_transforms(*f_.geometry, b, 0, b.split, [&](const TransformBlock& t) {
      if (b.intra()) {
        edges_.gather(f_, 0, t.rect());
        predict_intra(edges_, prediction, t.log_w, t.log_h, plane.row(t.y) + t.x, plane.stride);
      }
      b.luma_coded |= transform(reader, b, t);
    });
  }
  f_.remember(b);
}

void FrameDecoder::chroma_block(Reader& reader, CodingBlock& b) {
  const Geometry& g = *f_.geometry;
  code_chroma_block(reader, f_, b);
  const IntraPrediction prediction = chroma_prediction(b);
  for (unsigned c = 1; c < g.components; ++c) {
    const Plane& plane = f_.current->planes[c];
    const Rect area = g.in_component(b.rect(), c);
    if (!b.intra()) predict_inter(f_, b.motion, c, area, plane.row(area.y) + area.x, plane.stride);
    visit_transforms(g, b, c, false, [&](const TransformBlock& t) {
      if (b.intra()) {
        edges_.gather(f_, c, t.rect());
        predict_intra(edges_, prediction, t.log_w, t.log_h, plane.row(t.y) + t.x, plane.stride);
      }
      if (b.chroma_coded) transform(reader, b, t);
      else f_.units[c].fill(t.rect(), UnitMap::kEmpty);
    });
  }
}

bool FrameDecoder::transform(Reader& reader, const CodingBlock& b, const TransformBlock& t) {
  const unsigned c = t.component;
  CoefficientModels& models = f_.coefficients(c);
  const bool coded = code_coded(reader, models, f_.units[c], t, false);
  if (coded) {
    TransformShape shape{t.log_w, t.log_h, 0};
    if (c == 0) shape.type = code_type(reader, models, t.log_w, t.log_h, b.intra(), 0);
    const int count = code_coefficients(reader, models, t.log_w, t.log_h, 0, levels_);
    const Plane& plane = f_.current->planes[c];
    reconstruct(shape, f_.quantiser(b, c), f_.geometry->bits, count, levels_, plane.row(t.y) + t.x, plane.stride);
  }
  f_.units[c].fill(t.rect(), coded ? UnitMap::kCoded : UnitMap::kEmpty);
  return coded;
}

}  // namespace stf::lossy
