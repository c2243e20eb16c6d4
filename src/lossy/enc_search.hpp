// How a superblock is cut into blocks: the cheapest of the ways that are tried.
#pragma once

#include <vector>

#include "lossy/enc_block.hpp"

namespace stf::lossy {

class SuperblockEncoder {
 public:
  explicit SuperblockEncoder(const FrameJob& job) : job_(job), f_(*job.state), blocks_(job) {}

  // Choose and write the superblock at (x, y); its blocks are added to `out`, for chroma.
  void encode_luma(Writer& writer, int x, int y, std::vector<Block>& out);
  void encode_chroma(Writer& writer, Block& b) {
    if (((b.x | b.y) & (kSuperblock - 1)) == 0) blocks_.look_up_costs(false);
    blocks_.write_chroma(writer, b);
  }

 private:
  // What was chosen for a square: in the order of visit_blocks().
  struct Tree {
    Cost cost = kNoCost;
    std::vector<uint8_t> partitions;
    std::vector<Block> blocks;
    void append(Tree&& part);
  };
  // The state of a square, to go back to.
  struct Snapshot {
    Sample samples[kSuperblock * kSuperblock];
    Cell cells[64];
    uint8_t units[256];
  };
  Tree search(int x, int y, int log, const Vector start[2], Cost limit);
  Tree search_group(int x, int y, const Vector start[2], Cost limit);
  Tree search_parts(int x, int y, int log, unsigned partition, const Vector start[2], Cost limit);
  // Sizes of blocks nearby, in space and in the references: the least and the greatest, as logarithms.
  struct Sizes {
    int least = kSuperblockLog, greatest = kCellLog;
    bool any = false;
  };
  Sizes sizes_around(int x, int y, int log) const;
  void forget(int x, int y, int size);
  template <bool save>
  void exchange(Snapshot& snapshot, int x, int y, int size);

  const FrameJob& job_;
  FrameState& f_;
  BlockEncoder blocks_;
  Snapshot snapshots_[4];  // by log - 3
};

}  // namespace stf::lossy
