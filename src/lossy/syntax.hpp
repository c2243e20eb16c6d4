// The syntax of blocks: what the stream says of each, in what order and with which statistics (docs/format.md, 14.3 and
// 14.4). Every function is a template over a coder (coders.hpp) and so writes, reads or counts bits.
#pragma once

#include <cstdlib>

#include "lossy/coefficients.hpp"
#include "lossy/frame.hpp"
#include "lossy/intra.hpp"
#include "lossy/motion.hpp"
#include "lossy/scaling.hpp"

namespace stf::lossy {

// Code what a frame's luma section begins with: its quantiser, whether groups have their own, the scalings.
template <typename Coder>
void code_luma_header(Coder& coder, FrameState& f) {
  f.q = static_cast<int>(coder.literal(static_cast<uint32_t>(f.q), 8));
  f.varies = coder.literal(f.varies, 1) != 0;
  code_scalings(coder, f, 0, 1);
}
// Code what its chroma section begins with.
template <typename Coder>
void code_chroma_header(Coder& coder, FrameState& f) {
  f.chroma_q = static_cast<int>(coder.literal(static_cast<uint32_t>(f.chroma_q), 8));
  code_scalings(coder, f, 1, f.geometry->components);
}

// How a square is cut: into one block, two rows, two columns, or four squares.
enum Partition : uint8_t { kWhole = 0, kRows = 1, kColumns = 2, kQuarters = 3 };

// Code how the square of 2^log samples at (x, y) is cut. 4 <= log <= 6, and all of it is inside of the picture.
template <typename Coder>
unsigned code_partition(Coder& coder, FrameState& f, int x, int y, int log, unsigned partition) {
  const Cell *above = f.known(x, y - 1), *left = f.known(x - 1, y);
  const unsigned context = (above != nullptr && above->log_w < log) + 2u * (left != nullptr && left->log_h < log);
  return coder.symbol(f.luma.partition[log - 4][context], partition);
}

// Visit the blocks of the square of 2^log at (x, y) in the order of coding. partition(x, y, log) is called for every
// square and says how it is cut; block(x, y, log_w, log_h) is called for every block. Squares outside of the picture
// are left out; those that cross its edge are quartered without a question.
template <typename ChoosePartition, typename Visit>
void visit_blocks(const Geometry& g, int x, int y, int log, ChoosePartition&& partition, Visit&& block) {
  if (x >= g.w || y >= g.h) return;
  const int size = 1 << log, half = size >> 1;
  unsigned p = kWhole;
  if (x + size > g.w || y + size > g.h) {
    p = kQuarters;
  } else if (log > kCellLog) {
    p = partition(x, y, log);
  }
  switch (p) {
    case kWhole: return block(x, y, log, log);
    case kRows: block(x, y, log, log - 1); return block(x, y + half, log, log - 1);
    case kColumns: block(x, y, log - 1, log); return block(x + half, y, log - 1, log);
    default:
      for (int i = 0; i < 4; ++i) visit_blocks(g, x + (i & 1) * half, y + (i >> 1) * half, log - 1, partition, block);
  }
}

// Code one component of the difference of two vectors: axis 0 is x, 1 is y.
template <typename Coder>
int code_vector_part(Coder& coder, LumaModels& models, int axis, int value) {
  const auto magnitude = static_cast<unsigned>(std::abs(value));
  const unsigned k = coder.symbol(models.vector_class[axis], static_cast<unsigned>(std::bit_width(magnitude)));
  if (k == 0) return 0;
  unsigned result = 1;
  if (k >= 2) {
    const unsigned digits = k - 2;
    result = 2 | coder.symbol(models.vector_digit[axis][k], magnitude >> digits & 1);
    result = result << digits | coder.literal(magnitude & ((1u << digits) - 1), digits);
  }
  const uint32_t negative = coder.literal(value < 0, 1);
  return negative ? -static_cast<int>(result) : static_cast<int>(result);
}

// Code a vector as the difference to a predicted one.
template <typename Coder>
void code_vector(Coder& coder, LumaModels& models, MotionVector predicted, MotionVector& v) {
  const int dx = code_vector_part(coder, models, 0, v.x - predicted.x);
  const int dy = code_vector_part(coder, models, 1, v.y - predicted.y);
  if constexpr (Coder::kReads) {
    v.x = static_cast<int16_t>(std::clamp(predicted.x + dx, -kMaxVector, kMaxVector));
    v.y = static_cast<int16_t>(std::clamp(predicted.y + dy, -kMaxVector, kMaxVector));
  }
}

// Code the luma quantiser of a block. The first block of a group says it, as a difference to the groups around in steps
// of one QP; the others take it from their group.
inline constexpr int kQuantiserStep = 4, kMostSteps = 7;
template <typename Coder>
void code_quantiser(Coder& coder, FrameState& f, CodingBlock& b) {
  if (!f.varies) {
    b.q = static_cast<uint8_t>(f.q);
  } else if (!FrameState::begins_group(b)) {
    b.q = f.cell(b.x & -kGroup, b.y & -kGroup)->q;
  } else {
    const int around = f.quantiser_around(b.x, b.y);
    int steps = 0;
    if (!(b.skip && FrameState::fills_group(b))) {
      steps = (b.q - around) / kQuantiserStep;
      const unsigned magnitude = coder.symbol(f.luma.quantiser, static_cast<unsigned>(std::abs(steps)));
      const bool negative = magnitude != 0 && coder.literal(steps < 0, 1) != 0;
      if constexpr (Coder::kReads) steps = negative ? -static_cast<int>(magnitude) : static_cast<int>(magnitude);
    }
    b.q = static_cast<uint8_t>(std::clamp(around + steps * kQuantiserStep, 0, 255));
  }
}

// Code what is said of a block before its coefficients. `candidates` are those of its place; frames without references
// do not look at them.
template <typename Coder>
void code_block(Coder& coder, FrameState& f, const Candidates& candidates, CodingBlock& b) {
  LumaModels& m = f.luma;
  const Cell *above = f.known(b.x, b.y - 1), *left = f.known(b.x - 1, b.y);
  const auto count = [&](auto&& is) {
    return unsigned{above != nullptr && is(*above)} + unsigned{left != nullptr && is(*left)};
  };
  if (f.references > 0) {
    b.skip = coder.symbol(m.skip[count([](const Cell& c) { return c.skip; })], b.skip) != 0;
    code_quantiser(coder, f, b);
    bool intra = false;
    if (b.skip) {
      b.merge = true;
    } else {
      const unsigned context = count([](const Cell& c) { return c.motion.references == kIntra; });
      intra = coder.symbol(m.intra[context], b.intra()) != 0;
      if (!intra) b.merge = coder.symbol(m.merge[std::min(b.log_w + b.log_h - 6, 5) / 2], b.merge) != 0;
    }
    if (intra) {
      b.motion = {};
    } else if (b.merge) {
      b.candidate = static_cast<uint8_t>(coder.symbol(m.candidate, b.candidate));
      b.motion = candidates.at[b.candidate];
    } else {
      unsigned taken = b.motion.references - 1u;
      if (f.references == 2) {
        taken = coder.symbol(m.references[count([](const Cell& c) { return c.motion.references == kBoth; })], taken);
      } else {
        taken = 0;
      }
      if constexpr (Coder::kReads) b.motion.references = static_cast<uint8_t>(taken + 1);
      for (unsigned r = 0; r < 2; ++r)
        if ((taken + 1) >> r & 1) code_vector(coder, m, candidates.predicted[r], b.motion.v[r]);
    }
  } else {
    code_quantiser(coder, f, b);
  }
  if (b.intra()) {
    const auto context = [](const Cell* c) { return c != nullptr && c->motion.references == kIntra ? c->mode : 0; };
    b.mode = static_cast<uint8_t>(coder.symbol(m.mode[context(above)][context(left)], b.mode));
    if (b.mode >= kFirstDirection) b.angle = static_cast<uint8_t>(coder.symbol(m.angle, b.angle));
  }
  if (!b.skip) b.split = coder.symbol(m.split[std::min((b.log_w + b.log_h) / 2, 6) - 3][b.intra()], b.split) != 0;
}

// Call visit(transform) for each transform block of a block in component c. None has a side over 32 samples, or one
// that is more than twice as long as the other; `split` halves both sides.
template <typename Visit>
void visit_transforms(const Geometry& g, const CodingBlock& b, unsigned c, bool split, Visit&& visit) {
  const int x = b.x >> g.sub_x[c], y = b.y >> g.sub_y[c];
  const int log_w = b.log_w - g.sub_x[c], log_h = b.log_h - g.sub_y[c];
  int tw = std::min(log_w, 5), th = std::min(log_h, 5);
  if (split) {
    --tw;
    --th;
  }
  tw = std::max(tw, 2);
  th = std::max(th, 2);
  if (tw > th + 1) tw = th + 1;
  if (th > tw + 1) th = tw + 1;
  for (int v = 0; v < 1 << log_h; v += 1 << th)
    for (int u = 0; u < 1 << log_w; u += 1 << tw) visit(TransformBlock{c, x + u, y + v, tw, th});
}

// Code whether a transform block has coefficients. The statistics depend on whether those above and to the left have.
template <typename Coder>
bool code_coded(Coder& coder, CoefficientModels& models, const UnitMap& units, const TransformBlock& t, bool coded) {
  const unsigned context = (units.at(t.x, t.y - 1) == UnitMap::kCoded) +
                           unsigned{units.at(t.x - 1, t.y) == UnitMap::kCoded};
  return coder.symbol(models.coded[size_class(t.log_w, t.log_h)][context], coded) != 0;
}

// Code the type of transform (TransformShape) of a transform block of luma that has coefficients. Those with a side of
// 32 have but one type.
template <typename Coder>
unsigned code_type(Coder& coder, CoefficientModels& models, int log_w, int log_h, bool intra, unsigned type) {
  if (std::max(log_w, log_h) > 4) return 0;
  return coder.symbol(models.type[size_class(log_w, log_h)][intra], type);
}

// Code what is said of a block before its coefficients of chroma.
template <typename Coder>
void code_chroma_block(Coder& coder, FrameState& f, CodingBlock& b) {
  ChromaModels& m = f.chroma;
  b.chroma_coded = coder.symbol(m.coded[b.luma_coded][std::min(b.log_w + b.log_h - 6, 5) / 2], b.chroma_coded) != 0;
  if (b.intra()) b.chroma_mode = static_cast<uint8_t>(coder.symbol(m.mode, b.chroma_mode));
}

// How the luma of an intra block is predicted.
inline IntraPrediction luma_prediction(const CodingBlock& b) {
  return {std::min<int>(b.mode, kDirectional), b.mode >= kFirstDirection ? b.direction() : 0};
}
// How its chroma is predicted: chroma mode 0 is as luma is.
inline IntraPrediction chroma_prediction(const CodingBlock& b) {
  switch (b.chroma_mode) {
    case 0: return luma_prediction(b);
    case 1: return {kDc, 0};
    case 2: return {kSmooth, 0};
    case 3: return {kDirectional, 24};
    default: return {kDirectional, 8};
  }
}

}  // namespace stf::lossy
