// One block in the encoder: how it is predicted, its residual, and what that costs.
#pragma once

#include "lossy/enc_costs.hpp"
#include "lossy/enc_job.hpp"
#include "lossy/enc_residual.hpp"
#include "lossy/syntax.hpp"

namespace stf::lossy {

// A skipped block that costs fewer bits (in 1/512) a sample than this is good enough: nothing else is tried for it.
inline constexpr uint64_t kFewBits = 6;
// A block that costs fewer than this, with a candidate's motion and no coefficients, is good enough to search no
// motion.
inline constexpr uint64_t kSomeBits = 48;

class BlockEncoder {
 public:
  explicit BlockEncoder(const FrameJob& job) : job_(job), f_(*job.state) {}

  // Choose how to code a block, and leave the frame (samples, cells, units) as if it had been coded so. `start` has
  // vectors to A and B to search from, those of the block that this one is a part of; those found replace them. Returns
  // the cost, kNoCost if the block cannot be coded at this size.
  Cost choose(CodingBlock& b, MotionVector start[2]);

  // Look up what the coefficients of luma, or of chroma, cost by the models as they are now. This is done from time to
  // time only, as the models change slowly.
  void look_up_luma_costs() { costs_[0].look_up(f_.luma.coefficients); }
  void look_up_chroma_costs() {
    for (int i = 0; i < 2; ++i) costs_[1 + i].look_up(f_.chroma.coefficients[i]);
  }

  // Write a block that choose() chose. Luma must come in the order in which blocks were chosen.
  void write_luma(Writer& writer, CodingBlock& b);
  // Choose how its chroma is coded, and write that.
  void write_chroma(Writer& writer, CodingBlock& b);

 private:
  // A way to code a block, and its cost.
  struct Trial {
    CodingBlock block;
    Cost cost = kNoCost;
  };
  // At most MOST trials in the order of their cost; of equal ones the first to be added comes first.
  template <unsigned MOST>
  class Ranking {
   public:
    void add(const CodingBlock& block, Cost cost) {
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
  using InterRanking = Ranking<kMergeCandidates + 3>;  // the candidates; A, B and both with vectors of their own
  // What is known while a block is being chosen.
  struct Choice {
    const Lambda& lambda;
    Candidates candidates{};
    Trial best{};
    bool frame_has_best =
        false;  // the frame is as if the best trial had been coded; else best_samples_ has its samples
  };
  struct InterResult {
    bool settled = false;      // good enough: intra prediction need not be tried
    Cost least_magnitude = 0;  // of the predictions from references
  };
  // What a transform block came to.
  struct TransformResult {
    bool coded;    // it has coefficients
    uint64_t sse;  // squared error, measured by costers alone
  };

  int quantiser_for(const CodingBlock& b) const;
  const Lambda& lambda_of(const CodingBlock& b) const;
  // Try predictions from references.
  InterResult choose_inter(const CodingBlock& b, MotionVector start[2], Choice& choice);
  void add_candidates(const CodingBlock& b, const Choice& choice, InterRanking& trials);
  void add_searched(const CodingBlock& b, MotionVector start[2], const Choice& choice, InterRanking& trials);
  // The sum of Hadamard-transformed differences that a motion leaves.
  uint32_t magnitude_of(const Rect& block, const Motion& motion);
  // Try intra predictions. least_magnitude: that of the predictions from references, if the frame has any.
  void choose_intra(const CodingBlock& b, Cost least_magnitude, Choice& choice);
  // Code a trial's luma to see what it costs, and keep the trial if it is the best so far. may_skip: a block that
  // merges becomes a skipped one if it has no coefficients.
  void consider(CodingBlock b, bool may_skip, Choice& choice);
  Cost try_luma(CodingBlock& b, bool may_skip, const Choice& choice);

  // Code a block's luma or chroma, and reconstruct it. Returns the squared error if `coder` is a coster.
  template <typename Coder>
  uint64_t code_luma(Coder& coder, CodingBlock& b, const Candidates& candidates, const Lambda& lambda);
  template <typename Coder>
  uint64_t code_chroma(Coder& coder, CodingBlock& b, const Lambda& lambda);
  // Predict a transform block if it is intra, code its residual, and reconstruct it.
  template <typename Coder>
  TransformResult code_transform(Coder& coder, const CodingBlock& b, const TransformBlock& t,
                                 const IntraPrediction& prediction, const Lambda& lambda);
  // The type of transform of an intra block of luma that costs least.
  unsigned choose_type(const CodingBlock& b, const TransformBlock& t, const Lambda& lambda);

  const FrameJob& job_;
  FrameState& f_;
  CoefficientCosts costs_[3];  // of luma and of both models of chroma
  // Scratch memory.
  alignas(32) Sample best_samples_[kSuperblock * kSuperblock];  // luma of the best trial
  alignas(32) Sample prediction_[kSuperblock * kSuperblock];
  alignas(32) int16_t coefficients_[32 * 32], levels_[32 * 32] = {};  // levels are zeros between transform blocks
  Edges edges_;
};

}  // namespace stf::lossy
