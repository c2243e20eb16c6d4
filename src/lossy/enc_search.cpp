#include "lossy/enc_search.hpp"

namespace stf::lossy {

void SuperblockEncoder::forget(const Square& square) {
  f_.fill_cells(square.rect(), Cell{});
  f_.units[0].fill(square.rect(), UnitMap::kAbsent);
}

template <bool save>
void SuperblockEncoder::exchange(Snapshot& snapshot, const Square& square) {
  const Plane& plane = f_.current->planes[0];
  const int x = square.x, y = square.y, size = square.size();
  Sample* samples = plane.row(y) + x;
  if constexpr (save) copy_block(samples, plane.stride, snapshot.samples, size, size, size);
  else copy_block(snapshot.samples, size, samples, plane.stride, size, size);
  const int cells = size >> kCellLog;
  for (int i = 0; i < cells; ++i) {
    Cell *here = f_.cell(x, y + (i << kCellLog)), *there = snapshot.cells + i * cells;
    if constexpr (save) std::copy_n(here, cells, there);
    else std::copy_n(there, cells, here);
  }
  const int units = size >> 2;
  for (int v = 0; v < units; ++v) {
    uint8_t *here = f_.units[0].row(x, y + 4 * v), *there = snapshot.units + v * units;
    if constexpr (save) std::copy_n(here, units, there);
    else std::copy_n(there, units, here);
  }
}

SuperblockEncoder::Tree SuperblockEncoder::search_parts(const Square& square, unsigned partition,
                                                        const MotionVector start[2], Cost limit) {
  const int x = square.x, y = square.y, log = square.log, half = 1 << (log - 1);
  Tree tree;
  tree.cost = 0;
  if (partition == kQuarters) {
    for (int i = 0; i < 4; ++i) {
      const Square part{x + (i & 1) * half, y + (i >> 1) * half, log - 1};
      if (part.x >= f_.geometry->w || part.y >= f_.geometry->h) continue;
      const Cost left = limit == kNoCost ? kNoCost : limit - std::min(limit, tree.cost);
      tree.append(part.log == kGroupLog ? search_group(part, start, left) : search(part, start, left));
      if (tree.cost >= limit) {
        tree.cost = kNoCost;
        return tree;
      }
    }
    return tree;
  }
  for (int i = 0; i < 2; ++i) {
    CodingBlock b = block_at(x + (partition == kColumns ? i * half : 0), y + (partition == kRows ? i * half : 0),
                             partition == kColumns ? log - 1 : log, partition == kRows ? log - 1 : log);
    MotionVector from[2] = {start[0], start[1]};
    const Cost cost = blocks_.choose(b, from);
    if (cost == kNoCost) {
      tree.cost = kNoCost;
      return tree;
    }
    tree.cost += cost;
    tree.blocks.push(b);
    if (tree.cost >= limit) {
      tree.cost = kNoCost;
      return tree;
    }
  }
  return tree;
}

SuperblockEncoder::Sizes SuperblockEncoder::sizes_around(const Square& square) const {
  const int x = square.x, y = square.y;
  Sizes sizes;
  const auto add = [&](const Cell* cell) {
    if (cell == nullptr || cell->log_w == 0) return;
    const int size = (cell->log_w + cell->log_h) / 2;
    sizes.least = std::min(sizes.least, size);
    sizes.greatest = std::max(sizes.greatest, size);
    sizes.any = true;
  };
  const int quarter = 1 << (square.log - 2), far = 3 * quarter;
  for (const int at : {quarter, far}) {
    add(f_.known(x - 1, y + at));
    add(f_.known(x + at, y - 1));
  }
  for (unsigned r = 0; r < f_.references; ++r)
    for (const int dy : {quarter, far})
      for (const int dx : {quarter, far}) add(f_.cell_of(*f_.reference[r], x + dx, y + dy));
  return sizes;
}

// A bit may be worth more or less in a group than in its superblock. Costs are converted so that the same number of
// bits costs the same in both.
SuperblockEncoder::Tree SuperblockEncoder::search_group(const Square& square, const MotionVector start[2], Cost limit) {
  const Square superblock{square.x & -kSuperblock, square.y & -kSuperblock, kSuperblockLog};
  const uint64_t outer = job_.lambda_of(superblock.rect()).square;
  const uint64_t inner = job_.lambda_of(square.rect()).square;
  if (outer == inner) return search(square, start, limit);
  const uint64_t ratio = (inner << 12) / outer;  // in 1/4096
  Tree tree = search(square, start, limit == kNoCost ? kNoCost : (limit >> 12) * ratio);
  if (tree.cost != kNoCost) tree.cost = tree.cost / ratio << 12;
  return tree;
}

SuperblockEncoder::Tree SuperblockEncoder::search(const Square& square, const MotionVector start[2], Cost limit) {
  const Geometry& g = *f_.geometry;
  const int x = square.x, y = square.y, log = square.log, size = square.size();
  if (x + size > g.w || y + size > g.h) return search_parts(square, kQuarters, start, limit);

  const Lambda& lambda = job_.lambda_of(square.rect());
  Cost partition_cost[4] = {};
  if (log > kCellLog)
    for (unsigned p = 0; p < 4; ++p) {
      Coster coster;
      code_partition(coster, f_, x, y, log, p);
      partition_cost[p] = lambda.of_error(0, coster.bits());
    }

  const Sizes sizes = log > kCellLog && job_.tools.guess_sizes ? sizes_around(square) : Sizes{};
  MotionVector from[2] = {start[0], start[1]};
  if (sizes.any && log > sizes.greatest + 1) {  // far larger than all blocks around: cut without trying it whole
    Tree tree = search_parts(square, kQuarters, from, limit);
    if (tree.cost == kNoCost) return tree;
    tree.cost += partition_cost[kQuarters];
    tree.partitions.push_front(kQuarters);
    return tree;
  }
  CodingBlock b = block_at(x, y, log, log);
  Tree best;
  best.cost = blocks_.choose(b, from);
  if (best.cost != kNoCost) best.cost += partition_cost[kWhole];
  best.blocks.push(b);
  if (log == kCellLog) return best;
  best.partitions.push(kWhole);
  if (b.skip && best.cost < lambda.of_error(0, kFewBits << (2 * log))) return best;
  if (sizes.any && log <= sizes.least - 1) return best;  // far smaller than all blocks around: not cut
  if (best.cost < lambda.of_error(0, job_.tools.whole_bits[log - kCellLog] << (2 * log))) return best;
  if (f_.references > 0 && log <= job_.tools.smallest_log) return best;

  Snapshot& snapshot = snapshots_[log - kCellLog];
  bool saved = false;
  const auto alternative = [&](unsigned partition) {
    const Cost bound = std::min(best.cost, limit);
    if (partition_cost[partition] >= bound) return;
    if (!saved) exchange<true>(snapshot, square);
    saved = true;
    forget(square);
    Tree tree = search_parts(square, partition, from, bound - (bound == kNoCost ? 0 : partition_cost[partition]));
    if (tree.cost != kNoCost) tree.cost += partition_cost[partition];
    if (tree.cost < best.cost) {
      tree.partitions.push_front(static_cast<uint8_t>(partition));
      best = tree;
      exchange<true>(snapshot, square);
    } else {
      exchange<false>(snapshot, square);
    }
  };
  alternative(kQuarters);
  if (job_.tools.rectangles) {
    alternative(kRows);
    alternative(kColumns);
  }
  return best;
}

void SuperblockEncoder::encode_luma(Writer& writer, int x, int y, Array<CodingBlock>& out) {
  blocks_.look_up_luma_costs();
  const Square superblock{x, y, kSuperblockLog};
  const MotionVector start[2] = {};
  const Tree tree = search(superblock, start, kNoCost);
  forget(superblock);
  const uint8_t* partition = tree.partitions.begin();
  const CodingBlock* block = tree.blocks.begin();
  visit_blocks(
      *f_.geometry, x, y, kSuperblockLog,
      [&](int px, int py, int log) { return code_partition(writer, f_, px, py, log, *partition++); },
      [&](int, int, int, int) {
        CodingBlock b = *block++;
        blocks_.write_luma(writer, b);
        out.push(b);
      });
}

}  // namespace stf::lossy
