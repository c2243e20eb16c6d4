// A row of blocks as few spans of samples: neighbours that are predicted alike go together.
#pragma once

#include <vector>

#include "lossless/geometry.hpp"

namespace stf::lossless {

template <typename Sample>
struct Span {
  int x0, n;
  const Block* block;
  Run<Sample> run;  // its current row
};

// The spans of block row `by`. `blocks` is its first block.
template <typename Sample>
void list_spans(const Neighbourhood<Sample>& f, const Shape& s, unsigned c, int by, const Block* blocks, int range,
                std::vector<Span<Sample>>& spans) {
  spans.clear();
  for (int bx = 0; bx < static_cast<int>(s.blocks_x()); ++bx) {
    const Block& block = blocks[bx];
    const BlockBox box = block_box(s, c, by, bx);
    const int n = box.x1 - box.x0;
    const Run<Sample> run = run_at(f, s, c, box, block, box.y0, box.x0, n, range);
    if (!spans.empty()) {
      Span<Sample>& last = spans.back();
      const auto goes_on = [&](const Sample* before, const Sample* now) {
        return now == nullptr || before + last.n == now;
      };
      if (last.block->exact == block.exact && last.block->predictor == block.predictor && goes_on(last.run.a, run.a) &&
          goes_on(last.run.b, run.b) && goes_on(last.run.previous_a, run.previous_a)) {
        last.run.n = last.n += n;
        continue;
      }
    }
    spans.push_back({box.x0, n, &block, run});
  }
}

}  // namespace stf::lossless
