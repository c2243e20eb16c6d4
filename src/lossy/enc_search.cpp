#include "lossy/enc_search.hpp"

namespace stf::lossy {

void SuperblockEncoder::Tree::append(Tree&& part) {
  cost += part.cost;
  partitions.insert(partitions.end(), part.partitions.begin(), part.partitions.end());
  blocks.insert(blocks.end(), part.blocks.begin(), part.blocks.end());
}

// Make the square as if nothing of it had been coded.
void SuperblockEncoder::forget(int x, int y, int size) {
  Block all;
  all.x = static_cast<uint16_t>(x);
  all.y = static_cast<uint16_t>(y);
  all.log_w = all.log_h = static_cast<uint8_t>(std::bit_width(static_cast<unsigned>(size)) - 1);
  f_.fill_cells(all, Cell{});
  f_.units[0].fill(x, y, size, size, UnitMap::kAbsent);
}

template <bool save>
void SuperblockEncoder::exchange(Snapshot& snapshot, int x, int y, int size) {
  const Plane& plane = f_.current->planes[0];
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

SuperblockEncoder::Tree SuperblockEncoder::search_parts(int x, int y, int log, unsigned partition,
                                                        const Vector start[2], Cost limit) {
  const int half = 1 << (log - 1);
  Tree tree;
  tree.cost = 0;
  if (partition == kQuarters) {
    for (int i = 0; i < 4; ++i) {
      const int px = x + (i & 1) * half, py = y + (i >> 1) * half;
      if (px >= f_.geometry->w || py >= f_.geometry->h) continue;
      const Cost left = limit == kNoCost ? kNoCost : limit - std::min(limit, tree.cost);
      tree.append(log - 1 == kGroupLog ? search_group(px, py, start, left) : search(px, py, log - 1, start, left));
      if (tree.cost >= limit) {
        tree.cost = kNoCost;
        return tree;
      }
    }
    return tree;
  }
  for (int i = 0; i < 2; ++i) {
    Block b;
    b.x = static_cast<uint16_t>(x + (partition == kColumns ? i * half : 0));
    b.y = static_cast<uint16_t>(y + (partition == kRows ? i * half : 0));
    b.log_w = static_cast<uint8_t>(partition == kColumns ? log - 1 : log);
    b.log_h = static_cast<uint8_t>(partition == kRows ? log - 1 : log);
    Vector from[2] = {start[0], start[1]};
    const Cost cost = blocks_.choose(b, from);
    if (cost == kNoCost) {
      tree.cost = kNoCost;
      return tree;
    }
    tree.cost += cost;
    tree.blocks.push_back(b);
    if (tree.cost >= limit) {
      tree.cost = kNoCost;
      return tree;
    }
  }
  return tree;
}

SuperblockEncoder::Sizes SuperblockEncoder::sizes_around(int x, int y, int log) const {
  Sizes sizes;
  const auto add = [&](const Cell* cell) {
    if (cell == nullptr || cell->log_w == 0) return;
    const int size = (cell->log_w + cell->log_h) / 2;
    sizes.least = std::min(sizes.least, size);
    sizes.greatest = std::max(sizes.greatest, size);
    sizes.any = true;
  };
  const int quarter = 1 << (log - 2), far = 3 * quarter;
  for (const int at : {quarter, far}) {
    add(f_.known(x - 1, y + at));
    add(f_.known(x + at, y - 1));
  }
  for (unsigned r = 0; r < f_.references; ++r)
    for (const int dy : {quarter, far})
      for (const int dx : {quarter, far}) add(f_.cell_of(*f_.reference[r], x + dx, y + dy));
  return sizes;
}

// A group's costs are by its own measure: to its superblock they are worth what as many bits are.
SuperblockEncoder::Tree SuperblockEncoder::search_group(int x, int y, const Vector start[2], Cost limit) {
  const uint64_t outer = job_.lambda_of(x & -kSuperblock, y & -kSuperblock, kSuperblock).square;
  const uint64_t inner = job_.lambda_of(x, y, kGroup).square;
  if (outer == inner) return search(x, y, kGroupLog, start, limit);
  const uint64_t ratio = (inner << 12) / outer;  // in 1/4096
  Tree tree = search(x, y, kGroupLog, start, limit == kNoCost ? kNoCost : (limit >> 12) * ratio);
  if (tree.cost != kNoCost) tree.cost = tree.cost / ratio << 12;
  return tree;
}

SuperblockEncoder::Tree SuperblockEncoder::search(int x, int y, int log, const Vector start[2], Cost limit) {
  const Geometry& g = *f_.geometry;
  const int size = 1 << log;
  if (x + size > g.w || y + size > g.h) return search_parts(x, y, log, kQuarters, start, limit);

  const Lambda& lambda = job_.lambda_of(x, y, size);
  Cost partition_cost[4] = {};
  if (log > kCellLog)
    for (unsigned p = 0; p < 4; ++p) {
      Coster coster;
      code_partition(coster, f_, x, y, log, p);
      partition_cost[p] = lambda.of_error(0, coster.bits());
    }

  const Sizes sizes = log > kCellLog && job_.tools.guess_sizes ? sizes_around(x, y, log) : Sizes{};
  Vector from[2] = {start[0], start[1]};
  // Far above all sizes around: not whole.
  if (sizes.any && log > sizes.greatest + 1) {
    Tree tree = search_parts(x, y, log, kQuarters, from, limit);
    if (tree.cost == kNoCost) return tree;
    tree.cost += partition_cost[kQuarters];
    tree.partitions.insert(tree.partitions.begin(), kQuarters);
    return tree;
  }
  Block b;
  b.x = static_cast<uint16_t>(x);
  b.y = static_cast<uint16_t>(y);
  b.log_w = b.log_h = static_cast<uint8_t>(log);
  Tree best;
  best.cost = blocks_.choose(b, from);
  if (best.cost != kNoCost) best.cost += partition_cost[kWhole];
  best.blocks.push_back(b);
  if (log == kCellLog) return best;
  best.partitions.push_back(kWhole);
  if (b.skip && best.cost < lambda.of_error(0, kFewBits << (2 * log))) return best;

  if (sizes.any && log <= sizes.least - 1) return best;  // far below all of them: not cut

  if (best.cost < lambda.of_error(0, job_.tools.whole_bits[log - kCellLog] << (2 * log))) return best;
  if (f_.references > 0 && log <= job_.tools.smallest) return best;

  Snapshot& snapshot = snapshots_[log - kCellLog];
  bool saved = false;
  const auto alternative = [&](unsigned partition) {
    const Cost bound = std::min(best.cost, limit);
    if (partition_cost[partition] >= bound) return;
    if (!saved) exchange<true>(snapshot, x, y, size);
    saved = true;
    forget(x, y, size);
    Tree tree = search_parts(x, y, log, partition, from, bound - (bound == kNoCost ? 0 : partition_cost[partition]));
    if (tree.cost != kNoCost) tree.cost += partition_cost[partition];
    if (tree.cost < best.cost) {
      tree.partitions.insert(tree.partitions.begin(), static_cast<uint8_t>(partition));
      best = std::move(tree);
      exchange<true>(snapshot, x, y, size);
    } else {
      exchange<false>(snapshot, x, y, size);
    }
  };
  alternative(kQuarters);
  if (job_.tools.rectangles) {
    alternative(kRows);
    alternative(kColumns);
  }
  return best;
}

void SuperblockEncoder::encode_luma(Writer& writer, int x, int y, std::vector<Block>& out) {
  blocks_.look_up_costs(true);
  const Vector start[2] = {};
  const Tree tree = search(x, y, kSuperblockLog, start, kNoCost);
  forget(x, y, kSuperblock);
  auto partition = tree.partitions.begin();
  auto block = tree.blocks.begin();
  visit_blocks(
      *f_.geometry, x, y, kSuperblockLog,
      [&](int px, int py, int log) { return code_partition(writer, f_, px, py, log, *partition++); },
      [&](int, int, int, int) {
        out.push_back(*block++);
        blocks_.write_luma(writer, out.back());
      });
}

}  // namespace stf::lossy
