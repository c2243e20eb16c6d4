// The choice of the frame structure, dyadic or outward (docs/format.md, section 9): by the errors of the fixed
// predictors in either, on a sample of blocks.
//
// Outward is for videos of a fixed camera that another codec has coded before. There most blocks are copies of the
// frame before, and the others have small corrections. Between frames that are farther apart corrections pile up, and a
// second reference does not make up for that. Elsewhere dyadic is as small or smaller, and its single frames cost less.

#include <cstring>
#include <numeric>

#include "lossless/encoder.hpp"

namespace stf::lossless {
namespace {

constexpr uint32_t kMostFrames = 64;  // in longer fragments a single frame would take too many others to decode
constexpr int kRounds = 16;           // at most; each looks at about kBlocks blocks all over the video
constexpr size_t kBlocks = 256;
constexpr unsigned kFew = 48, kSome = 192, kEnough = 768;  // changed blocks before giving up, for choosing, for ending
constexpr int64_t kLeastGain = 3, kLeastHope = 2;          // per cent that outward must save to be chosen, to go on

// Compares both structures on samples of component 0.
template <typename Sample>
class StructureTrial {
 public:
  explicit StructureTrial(const WorkVideo& video)
      : plane_(video.planes[0]), range_(1 << video.bits), dyadic_(STF_STRUCTURE_DYADIC, video.t),
        outward_(STF_STRUCTURE_OUTWARD, video.t) {}

  uint8_t choose() {
    // Whole blocks, whose neighbours are in the picture too.
    const size_t rows = plane_.y / kBlock, columns = plane_.x / kBlock;
    if (rows < 2 || columns < 2) return STF_STRUCTURE_DYADIC;
    const size_t in_frame = (rows - 1) * (columns - 1), total = in_frame * dyadic_.frames();
    size_t every = std::max<size_t>(1, total / kBlocks);
    while (std::gcd(every, in_frame) != 1) ++every;  // other blocks in every frame
    const size_t rounds = std::min<size_t>(kRounds, every);
    for (size_t round = 0; round < rounds && changed_ < kEnough; ++round) {
      for (size_t i = round * every / rounds; i < total; i += every) {
        const size_t block = i % in_frame;
        add(static_cast<uint32_t>(i / in_frame), static_cast<uint32_t>(1 + block / (columns - 1)) * kBlock,
            static_cast<uint32_t>(1 + block % (columns - 1)) * kBlock);
      }
      if (changed_ >= kFew && !gains(kLeastHope)) break;
    }
    return changed_ >= kSome && gains(kLeastGain) ? STF_STRUCTURE_OUTWARD : STF_STRUCTURE_DYADIC;
  }

 private:
  const Sample* at(uint32_t t, uint32_t y, uint32_t x) const { return plane_.row<const Sample>(t, y) + x; }

  // Whether outward saves that much.
  bool gains(int64_t percent) const { return cost_outward_ * 100 <= cost_dyadic_ * (100 - percent); }

  // Whether the block at (y, x) of frame t is a copy of the same place in a reference.
  bool same(uint32_t t, uint32_t reference, uint32_t y, uint32_t x) const {
    for (uint32_t k = 0; k < kBlock; ++k)
      if (std::memcmp(at(t, y + k, x), at(reference, y + k, x), kBlock * sizeof(Sample)) != 0) return false;
    return true;
  }

  // Compare both structures on the block at (y, x) of frame t.
  void add(uint32_t t, uint32_t y, uint32_t x) {
    const FrameRefs &d = dyadic_.refs(t), &o = outward_.refs(t);
    const int64_t outward = cost(t, o, y, x), dyadic = cost(t, d, y, x);
    cost_outward_ += outward;
    cost_dyadic_ += dyadic;
    changed_ += o.count > 0 && outward > 0;  // copies tell nothing: both structures have them
  }

  // The price of the block with these references.
  int64_t cost(uint32_t t, const FrameRefs& refs, uint32_t y, uint32_t x) const {
    if (refs.count > 0 && (same(t, refs.a, y, x) || same(t, refs.b, y, x))) return 0;
    const auto stride = static_cast<ptrdiff_t>(plane_.row_stride);
    const PredictBlock<Sample> block{at(t, y, x), at(refs.a, y, x), at(refs.b, y, x), stride, stride,
                                     stride,      kBlock,           kBlock,           range_};
    uint32_t errors[kFixedKinds];
    std::fill_n(errors, kFixedKinds, UINT32_MAX);
    by_depth<Sample>(predict_kernels().errors_8, predict_kernels().errors_16)(block, refs.count, 1, errors);
    return residual_cost(*std::min_element(errors, errors + kFixedKinds), kBlock * kBlock);
  }

  const WorkPlane& plane_;
  const int range_;
  const Structure dyadic_, outward_;
  int64_t cost_dyadic_ = 0, cost_outward_ = 0;
  unsigned changed_ = 0;  // blocks that were no copies
};

}  // namespace

uint8_t choose_structure(const WorkVideo& video) {
  if (video.t < 3 || video.t > kMostFrames) return STF_STRUCTURE_DYADIC;
  return video.bits <= 8 ? StructureTrial<uint8_t>(video).choose() : StructureTrial<uint16_t>(video).choose();
}

}  // namespace stf::lossless
