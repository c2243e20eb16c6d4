// How a superblock is cut into blocks: the cheapest of the ways that are tried.
#pragma once

#include "lossy/enc_block.hpp"

namespace stf::lossy {

class SuperblockEncoder {
 public:
  explicit SuperblockEncoder(const FrameJob& job) : job_(job), f_(*job.state), blocks_(job) {}

  // Choose how the superblock at (x, y) is coded, and write its luma. Its blocks are added to `out`, for chroma.
  void encode_luma(Writer& writer, int x, int y, Array<CodingBlock>& out);
  // Write the chroma of a block. All blocks of a frame come in the order in which their luma was written.
  void encode_chroma(Writer& writer, CodingBlock& b) {
    if (((b.x | b.y) & (kSuperblock - 1)) == 0) blocks_.look_up_chroma_costs();
    blocks_.write_chroma(writer, b);
  }

 private:
  // A square of luma: 2^log samples a side.
  struct Square {
    int x, y, log;
    int size() const { return 1 << log; }
    Rect rect() const { return {x, y, size(), size()}; }
  };
  // At most N elements, without memory of its own for them; copies take as long as there are elements.
  template <typename T, size_t N>
  class Short {
   public:
    Short() {}
    Short(const Short& other) { *this = other; }
    Short& operator=(const Short& other) {
      std::copy_n(other.at_, other.size_, at_);
      size_ = other.size_;
      return *this;
    }
    void push(const T& value) { at_[size_++] = value; }
    void push_front(const T& value) {
      std::copy_backward(at_, at_ + size_, at_ + size_ + 1);
      at_[0] = value;
      ++size_;
    }
    void append(const Short& other) {
      std::copy_n(other.at_, other.size_, at_ + size_);
      size_ += other.size_;
    }
    const T* begin() const { return at_; }

   private:
    size_t size_ = 0;
    union {  // not initialised
      T at_[N];
    };
  };
  // What was chosen for a square, in the order of visit_blocks(), and its cost. kNoCost: it was given up.
  struct Tree {
    Cost cost = kNoCost;
    Short<uint8_t, 1 + 4 + 16> partitions;  // of the squares down to 16 x 16
    Short<CodingBlock, 64> blocks;
    void append(const Tree& part) {
      cost += part.cost;
      partitions.append(part.partitions);
      blocks.append(part.blocks);
    }
  };
  // What the frame holds of a square, to go back to.
  struct Snapshot {
    Sample samples[kSuperblock * kSuperblock];
    Cell cells[64];
    uint8_t units[256];
  };
  // The least and the greatest size of the blocks around a square and at its place in the references, as logarithms.
  struct Sizes {
    int least = kSuperblockLog, greatest = kCellLog;
    bool any = false;
  };

  // Choose how a square is coded, and leave the frame as if it had been. `start` has vectors to search motion from;
  // ways that cost `limit` or more are given up.
  Tree search(const Square& square, const MotionVector start[2], Cost limit);
  // The same for a square that is one group of a superblock.
  Tree search_group(const Square& square, const MotionVector start[2], Cost limit);
  // Choose how the parts of a square are coded if it is cut in a given way; the cost of saying so is not included.
  Tree search_parts(const Square& square, unsigned partition, const MotionVector start[2], Cost limit);
  Sizes sizes_around(const Square& square) const;
  // Make the frame as if nothing of the square had been coded.
  void forget(const Square& square);
  // Copy what the frame holds of a square to a snapshot, or back.
  template <bool save>
  void exchange(Snapshot& snapshot, const Square& square);

  const FrameJob& job_;
  FrameState& f_;
  BlockEncoder blocks_;
  Snapshot snapshots_[4];  // by log - 3
};

}  // namespace stf::lossy
