// Decoding of profile 3.

#include <memory>

#include "common/bytes.hpp"
#include "common/slots.hpp"
#include "common/status.hpp"
#include "lossy/deblock.hpp"
#include "lossy/directional.hpp"
#include "lossy/lossy.hpp"
#include "lossy/payload.hpp"
#include "lossy/reconstruct.hpp"
#include "lossy/scaling.hpp"
#include "lossy/syntax.hpp"

namespace stf {
namespace lossy {
namespace {

class FrameDecoder {
 public:
  enum class Outcome { kDone, kDamaged, kNoMemory };
  FrameDecoder(const stf_env& env, FrameState& f, unsigned n_planes)
      : env_(env), f_(f), scaled_(n_planes), directional_(env, f) {}

  Outcome luma(const uint8_t* data, size_t size) {
    RangeDecoder coder(data, size);
    Reader reader(coder);
    f_.q = static_cast<int>(reader.literal(0, 8));
    f_.varies = reader.literal(0, 1) != 0;
    code_scalings(reader, f_, 0, 1);
    if (!scaled_.apply(env_, f_, 0, 1)) return Outcome::kNoMemory;
    const Geometry& g = *f_.geometry;
    blocks_.clear();
    for (int y = 0; y < g.h; y += kSuperblock)
      for (int x = 0; x < g.w; x += kSuperblock) {
        if (coder.overrun()) return Outcome::kDamaged;
        visit_blocks(
            g, x, y, kSuperblockLog,
            [&](int px, int py, int log) { return code_partition(reader, f_, px, py, log, 0); },
            [&](int bx, int by, int log_w, int log_h) { luma_block(reader, bx, by, log_w, log_h); });
      }
    filtered_ = code_filters(reader, f_, f_.luma.filter, false, filters_);
    if (!coder.finish()) return Outcome::kDamaged;
    deblock(f_, 0);
    if (filtered_) {
      if (!directional_.begin(0)) return Outcome::kNoMemory;
      directional_.apply(filters_);
    }
    return Outcome::kDone;
  }

  Outcome chroma(const uint8_t* data, size_t size) {
    RangeDecoder coder(data, size);
    Reader reader(coder);
    f_.chroma_q = static_cast<int>(reader.literal(0, 8));
    code_scalings(reader, f_, 1, f_.geometry->components);
    if (!scaled_.apply(env_, f_, 1, f_.geometry->components)) return Outcome::kNoMemory;
    for (Block& b : blocks_) {
      if (coder.overrun()) return Outcome::kDamaged;
      chroma_block(reader, b);
    }
    const bool luma_filtered = filtered_;
    filtered_ = code_filters(reader, f_, f_.chroma.filter, false, filters_);
    if (!coder.finish()) return Outcome::kDamaged;
    if (filtered_ && !luma_filtered && !directional_.begin(0)) return Outcome::kNoMemory;
    for (unsigned c = 1; c < f_.geometry->components; ++c) {
      deblock(f_, c);
      if (!filtered_) continue;
      if (!directional_.begin(c)) return Outcome::kNoMemory;
      directional_.apply(filters_);
    }
    return Outcome::kDone;
  }

 private:
  void luma_block(Reader& reader, int x, int y, int log_w, int log_h) {
    Block b;
    b.x = static_cast<uint16_t>(x);
    b.y = static_cast<uint16_t>(y);
    b.log_w = static_cast<uint8_t>(log_w);
    b.log_h = static_cast<uint8_t>(log_h);
    Candidates candidates;
    if (f_.references > 0) candidates = find_candidates(f_, x, y, b.w(), b.h());
    code_block(reader, f_, candidates, b);
    const Plane& plane = f_.current->planes[0];
    if (!b.intra()) predict_inter(f_, b.motion, 0, x, y, b.w(), b.h(), plane.row(y) + x, plane.stride);
    if (b.skip) {
      f_.units[0].fill(x, y, b.w(), b.h(), UnitMap::kEmpty);
    } else {
      visit_transforms(x, y, log_w, log_h, b.split, [&](int tx, int ty, int tw, int th) {
        Sample* at = plane.row(ty) + tx;
        if (b.intra()) {
          edges_.gather(f_, 0, tx, ty, 1 << tw, 1 << th);
          predict_intra(edges_, std::min<int>(b.mode, kDirectional), b.direction(), tw, th, at, plane.stride);
        }
        b.luma_coded |= transform(reader, f_.luma.coefficients, 0, b.q, tx, ty, tw, th, b.intra(), true);
      });
    }
    f_.remember(b);
    blocks_.push_back(b);
  }

  void chroma_block(Reader& reader, Block& b) {
    const Geometry& g = *f_.geometry;
    code_chroma_block(reader, f_, b);
    const ChromaPrediction p = chroma_prediction(b);
    for (unsigned c = 1; c < g.components; ++c) {
      const Plane& plane = f_.current->planes[c];
      const int x = b.x >> g.sub_x[c], y = b.y >> g.sub_y[c], log_w = b.log_w - g.sub_x[c],
                log_h = b.log_h - g.sub_y[c];
      if (!b.intra()) predict_inter(f_, b.motion, c, x, y, 1 << log_w, 1 << log_h, plane.row(y) + x, plane.stride);
      visit_transforms(x, y, log_w, log_h, false, [&](int tx, int ty, int tw, int th) {
        if (b.intra()) {
          edges_.gather(f_, c, tx, ty, 1 << tw, 1 << th);
          predict_intra(edges_, p.mode, p.direction, tw, th, plane.row(ty) + tx, plane.stride);
        }
        if (b.chroma_coded) {
          transform(reader, f_.chroma.coefficients[c == 2], c, f_.chroma_quantiser(b), tx, ty, tw, th, b.intra(),
                    false);
        } else {
          f_.units[c].fill(tx, ty, 1 << tw, 1 << th, UnitMap::kEmpty);
        }
      });
    }
  }

  // The residual of one transform block onto its prediction; whether there was one.
  bool transform(Reader& reader, CoefficientModels& models, unsigned c, int q, int x, int y, int log_w, int log_h,
                 bool intra, bool typed) {
    const bool coded = code_coded(reader, models, f_.units[c], x, y, log_w, log_h, false);
    if (coded) {
      TransformShape shape{log_w, log_h, 0};
      if (typed) shape.type = code_type(reader, models, log_w, log_h, intra, 0);
      const int count = code_coefficients(reader, models, log_w, log_h, 0, levels_);
      const Plane& plane = f_.current->planes[c];
      reconstruct(shape, q, f_.geometry->bits, count, levels_, plane.row(y) + x, plane.stride);
    }
    f_.units[c].fill(x, y, 1 << log_w, 1 << log_h, coded ? UnitMap::kCoded : UnitMap::kEmpty);
    return coded;
  }

  const stf_env& env_;
  FrameState& f_;
  ScaledReferences scaled_;
  DirectionalFilter directional_;
  bool filtered_ = false;
  std::vector<uint8_t> filters_;  // of the plane at hand, by superblock
  std::vector<Block> blocks_;
  Edges edges_;
  alignas(32) int16_t levels_[32 * 32] = {};
};

}  // namespace
}  // namespace lossy

stf_status lossy_decode(const stf_env& env, uint8_t kind, const stf_format& format, const uint8_t* payload, size_t size,
                        const uint8_t* wanted_frames, uint32_t components, WorkVideo& video, stf_work* work,
                        stf_error* error) {
  using namespace lossy;
  const auto corrupt = [&](const char* what) {
    return fail(error, STF_E_CORRUPT_FRAGMENT, "the fragment is damaged: %s", what);
  };
  const auto no_memory = [&] { return fail(error, STF_E_MEMORY, "no memory to decode a fragment"); };
  const Geometry g = make_geometry(format, video);
  const Structure structure(kind, video.t);
  std::vector<uint8_t> wanted(wanted_frames, wanted_frames + video.t);
  structure.close(wanted);
  FrameTable table;
  if (!table.parse(payload, size, structure, g)) return corrupt("its frame table does not match its length");

  const bool with_chroma = (components & ~1u) != 0 || table.rgb;
  const unsigned n_planes = with_chroma ? g.components : 1;
  const SlotPlan plan = plan_slots(structure, wanted);
  std::vector<Slot> slots(plan.slots);
  for (Slot& slot : slots)
    if (!slot.picture.allocate(env, g, n_planes)) return no_memory();

  const auto state = std::make_unique<FrameState>();
  FrameDecoder decoder(env, *state, n_planes);
  using Outcome = FrameDecoder::Outcome;
  for (const uint32_t t : structure.decode_order()) {
    if (!wanted[t]) continue;
    Slot& slot = slots[plan.slot[t]];
    begin_frame(*state, g, structure, t, slots, plan);
    Outcome outcome = decoder.luma(table.luma[t].data, table.luma[t].size);
    if (outcome == Outcome::kDone && with_chroma) outcome = decoder.chroma(table.chroma[t].data, table.chroma[t].size);
    if (outcome == Outcome::kNoMemory) return no_memory();
    if (outcome == Outcome::kDamaged) return corrupt("a frame does not end where it should");
    slot.luma = state->luma;
    slot.chroma = state->chroma;
    export_picture(g, slot.picture, table.rgb, components, video, t);
    for (unsigned c = 0; c < n_planes; ++c) work->samples += uint64_t{video.planes[c].y} * video.planes[c].x;
    ++work->frames;
  }
  return STF_OK;
}

}  // namespace stf
