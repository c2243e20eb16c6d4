// Spans: a row of blocks as few runs of samples. Neighbouring blocks that are predicted alike, from adjacent samples,
// go together, so that loops over samples are long.
#pragma once

#include "lossless/geometry.hpp"

namespace stf::lossless {

template <typename Sample>
struct Span {
  int x0, n;                 // first column, and how many
  const BlockChoice* block;  // the first of its blocks: all have the same predictor
  Run<Sample> run;           // of the row at hand
};

// The spans of one row of blocks at a time.
template <typename Sample>
class SpanList {
 public:
  // Get memory for any row of blocks of a fragment. False when there is none.
  bool allocate(const stf_env& env, const Shape& shape) { return spans_.allocate(env, shape.blocks_x()); }

  // List the spans of the row of blocks `by`, at its first row of samples. `blocks` are all blocks of the component.
  void list(const FrameView<Sample>& f, int by, const BlockChoice* blocks) {
    const Shape& s = *f.shape;
    const auto columns = static_cast<int>(s.blocks_x());
    blocks += static_cast<size_t>(by) * s.blocks_x();
    size_ = 0;
    for (int bx = 0; bx < columns; ++bx) {
      const BlockChoice& block = blocks[bx];
      const BlockBox box = block_box(s, f.component, by, bx);
      const Run<Sample> run = run_at(f, box, block, box.y0);
      if (size_ != 0 && joins(spans_[size_ - 1], block, run)) {
        Span<Sample>& last = spans_[size_ - 1];
        last.run.n = last.n += run.n;
      } else {
        spans_[size_++] = {box.x0, run.n, &block, run};
      }
    }
  }
  Span<Sample>* begin() { return spans_.data(); }
  Span<Sample>* end() { return spans_.data() + size_; }

 private:
  // Whether a block goes on where a span ends.
  static bool joins(const Span<Sample>& span, const BlockChoice& block, const Run<Sample>& run) {
    const auto adjacent = [&](const Sample* before, const Sample* now) {
      return now == nullptr || before + span.n == now;
    };
    return span.block->exact == block.exact && span.block->predictor == block.predictor &&
           adjacent(span.run.a, run.a) && adjacent(span.run.b, run.b) && adjacent(span.run.previous_a, run.previous_a);
  }
  Buffer<Span<Sample>> spans_;
  size_t size_ = 0;
};

}  // namespace stf::lossless
