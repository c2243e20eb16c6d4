// What is said of a block, once for the encoder, the decoder and the estimate of bits (docs/format.md, 14.3 and 14.4).
#pragma once

#include <cstdlib>

#include "lossy/coefficients.hpp"
#include "lossy/frame.hpp"
#include "lossy/intra.hpp"
#include "lossy/motion.hpp"

namespace stf::lossy {

enum Partition : uint8_t { kWhole = 0, kRows = 1, kColumns = 2, kQuarters = 3 };

// Of a square block of 2^log, 4 <= log <= 6, wholly inside of the picture.
template <typename Coder>
unsigned code_partition(Coder& coder, FrameState& f, int x, int y, int log, unsigned partition) {
  const Cell *above = f.known(x, y - 1), *left = f.known(x - 1, y);
  const unsigned context = (above != nullptr && above->log_w < log) + 2u * (left != nullptr && left->log_h < log);
  return coder.symbol(f.luma.partition[log - 4][context], partition);
}

// Visit the blocks of a square of 2^log at (x, y): `partition(x, y, log)` chooses or reads, `block(x, y, log_w, log_h)`
// comes for each in order. What lies outside of the picture is left out; what crosses its edge is quartered.
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

template <typename Coder>
void code_vector(Coder& coder, LumaModels& models, Vector predicted, Vector& v) {
  const int dx = code_vector_part(coder, models, 0, v.x - predicted.x);
  const int dy = code_vector_part(coder, models, 1, v.y - predicted.y);
  if constexpr (Coder::kReads) {
    v.x = static_cast<int16_t>(std::clamp(predicted.x + dx, -kMaxVector, kMaxVector));
    v.y = static_cast<int16_t>(std::clamp(predicted.y + dy, -kMaxVector, kMaxVector));
  }
}

// The quantiser of a group as a difference to that of its neighbours, in steps of one QP.
inline constexpr int kQuantiserStep = 4, kMostSteps = 7;
template <typename Coder>
void code_quantiser(Coder& coder, FrameState& f, Block& b) {
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

// All of a block but its coefficients. `candidates` are those of its place, in frames with references.
template <typename Coder>
void code_block(Coder& coder, FrameState& f, const Candidates& candidates, Block& b) {
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

// Visit the transform blocks of a block in one plane, w x h samples at (x, y): f(x, y, log_w, log_h). None is larger
// than 32 or longer than twice its width.
template <typename Visit>
void visit_transforms(int x, int y, int log_w, int log_h, bool split, Visit&& visit) {
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
    for (int u = 0; u < 1 << log_w; u += 1 << tw) visit(x + u, y + v, tw, th);
}

// Whether a transform block has coefficients, in the light of its neighbours.
template <typename Coder>
bool code_coded(Coder& coder, CoefficientModels& models, const UnitMap& units, int x, int y, int log_w, int log_h,
                bool coded) {
  const unsigned context = (units.at(x, y - 1) == UnitMap::kCoded) + unsigned{units.at(x - 1, y) == UnitMap::kCoded};
  return coder.symbol(models.coded[size_class(log_w, log_h)][context], coded) != 0;
}

// The kinds of transform of a coded block of luma; blocks with 32 points have but one.
template <typename Coder>
unsigned code_type(Coder& coder, CoefficientModels& models, int log_w, int log_h, bool intra, unsigned type) {
  if (std::max(log_w, log_h) > 4) return 0;
  return coder.symbol(models.type[size_class(log_w, log_h)][intra], type);
}

template <typename Coder>
void code_chroma_block(Coder& coder, FrameState& f, Block& b) {
  ChromaModels& m = f.chroma;
  b.chroma_coded = coder.symbol(m.coded[b.luma_coded][std::min(b.log_w + b.log_h - 6, 5) / 2], b.chroma_coded) != 0;
  if (b.intra()) b.chroma_mode = static_cast<uint8_t>(coder.symbol(m.mode, b.chroma_mode));
}

// What a mode of chroma says: 0 is that of luma.
struct ChromaPrediction {
  int mode, direction;
};
inline ChromaPrediction chroma_prediction(const Block& b) {
  switch (b.chroma_mode) {
    case 0: return {std::min<int>(b.mode, kDirectional), b.mode >= kFirstDirection ? b.direction() : 0};
    case 1: return {kDc, 0};
    case 2: return {kSmooth, 0};
    case 3: return {kDirectional, 24};
    default: return {kDirectional, 8};
  }
}

}  // namespace stf::lossy
