// One block in the encoder: what predicts it, its residual, what it costs.
#pragma once

#include "lossy/enc_coarse.hpp"
#include "lossy/enc_costs.hpp"
#include "lossy/enc_residual.hpp"
#include "lossy/syntax.hpp"

namespace stf::lossy {

enum Optimise : uint8_t { kNever, kWhenWritten, kAlways };

// What the encoder looks at, by effort.
struct Tools {
  SearchEffort motion;
  int tried_inter;  // predictions whose residual is coded to see
  int tried_intra;
  bool rectangles;            // blocks of 2 : 1
  bool splits, inter_splits;  // transforms of half the size
  int smallest;               // logarithm of the smallest block in frames with references
  uint64_t whole_bits[4];     // a block of 8 << i that costs less than so many bits (in 1/512) a sample is not cut
  bool trust_merging;         // no search where a neighbour's motion leaves no coefficients
  bool guess_sizes;           // sizes of blocks around bound those that are tried
  int types;                  // pairs of transforms tried for intra blocks
  bool filter;                // the directional filter
  Optimise optimise;          // levels weighed by what they cost
};
Tools tools_of(int effort);

// A skipped block that costs less than so many bits (in 1/512) a sample needs no rival and is cut no further.
inline constexpr uint64_t kFewBits = 6;
// One that costs less than so many, and has nothing to say of its residual, needs no search for motion.
inline constexpr uint64_t kSomeBits = 48;

// A frame in the encoder.
struct FrameJob {
  FrameState* state = nullptr;
  const Picture* source = nullptr;
  const Bordered* bordered[2] = {};
  const CoarseMotion* coarse[2] = {};
  const Lambda* lambdas = nullptr;               // by quantiser
  const std::vector<int8_t>* offsets = nullptr;  // of the wanted quantisers to that of the frame, by group; NULL: none

  // The quantiser that samples of luma would have if it could be said for nothing: the mean of their groups.
  int quantiser(int x, int y, int w, int h) const;
  const Lambda& lambda_of(int x, int y, int size) const { return lambdas[quantiser(x, y, size, size)]; }
  Tools tools{};
};

class BlockEncoder {
 public:
  explicit BlockEncoder(const FrameJob& job) : job_(job), f_(*job.state) {}

  // Choose how to code the block, and leave the state (samples, cells, units) as if it had been. Vectors in `start`
  // come from the block that this one is a part of; those found are left there.
  Cost choose(Block& b, Vector start[2]);

  // Look up anew what coefficients cost: from time to time, as their models follow what is written.
  void look_up_costs(bool luma);

  // Code the chosen block for good.
  void write_luma(Writer& writer, Block& b);
  void write_chroma(Writer& writer, Block& b);

 private:
  struct Trial {
    Block block;
    Cost cost = kNoCost;
  };
  // At most MOST blocks in the order of their cost in magnitudes, those added first before others that cost as much.
  template <unsigned MOST>
  class Ranking {
   public:
    void add(const Block& block, Cost cost) {
      int i = size_++;
      for (; i > 0 && at_[i - 1].cost > cost; --i) at_[i] = at_[i - 1];
      at_[i] = {block, cost};
    }
    const Trial& operator[](int i) const { return at_[i]; }
    int size() const { return size_; }

   private:
    Trial at_[MOST];
    int size_ = 0;
  };
  int quantiser_for(const Block& b) const;
  const Lambda& lambda_of(const Block& b) const;
  void choose_inter(const Block& b, Vector start[2]);
  void choose_intra(const Block& b);
  // The cost of the block as it is, with its residual; the state is as if it had been coded.
  Cost try_luma(Block& b, bool may_skip);
  void consider(Block b, bool may_skip);
  // Predict, transform and reconstruct one transform block; the writer gets what the decoder needs.
  template <typename Coder>
  bool code_transform(Coder& coder, const Block& b, unsigned c, int q, const Lambda& lambda, int x, int y, int log_w,
                      int log_h, int mode, int direction, uint64_t* sse);
  unsigned choose_type(const Block& b, const Lambda& lambda, int q, int x, int y, int log_w, int log_h,
                       const Plane& plane, const Plane& source);
  template <typename Coder>
  void code_luma(Coder& coder, Block& b, uint64_t* sse);
  template <typename Coder>
  void code_chroma(Coder& coder, Block& b, uint64_t* sse);

  const FrameJob& job_;
  FrameState& f_;
  const Lambda* lambda_ = nullptr;  // of the block at hand
  Candidates candidates_;
  Trial best_;
  alignas(32) Sample best_samples_[kSuperblock * kSuperblock];
  alignas(32) Sample prediction_[kSuperblock * kSuperblock];
  bool last_is_best_ = false;
  bool done_ = false;         // nothing else need be tried
  Cost least_magnitude_ = 0;  // of the predictions from references
  alignas(32) int16_t coefficients_[32 * 32], levels_[32 * 32] = {};
  Edges edges_;
  CoefficientCosts costs_[3];  // of luma and of both models of chroma
};

}  // namespace stf::lossy
