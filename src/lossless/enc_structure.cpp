// Dyadic or outward (docs/format.md, section 9), by what the fixed predictors err by in either on a sample of blocks.
//
// Where a fixed camera was coded before, with blocks copied from the frame before and small corrections of others, each
// frame is its neighbour plus that codec's corrections. Against a frame farther away corrections pile up, and a second
// reference does not make up for it. Elsewhere dyadic is as small or smaller, and its single frames cost less.

#include <cstring>
#include <numeric>

#include "lossless/encoder.hpp"

namespace stf::lossless {
namespace {

constexpr uint32_t kMostFrames = 64;  // of longer ones a single frame would cost too many
constexpr int kRounds = 16;           // of looking, each of about kBlocks blocks all over the video
constexpr size_t kBlocks = 256;
constexpr unsigned kFew = 48, kSome = 192, kEnough = 768;  // changed blocks: to give up by, to choose by, to end by
constexpr int64_t kLeastGain = 3, kLeastHope = 2;          // in percent: to choose outward, and to look on

template <typename Sample>
class Look {
 public:
  explicit Look(const WorkVideo& video)
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

  bool gains(int64_t percent) const { return cost_outward_ * 100 <= cost_dyadic_ * (100 - percent); }

  bool same(uint32_t t, uint32_t reference, uint32_t y, uint32_t x) const {
    for (uint32_t k = 0; k < kBlock; ++k)
      if (std::memcmp(at(t, y + k, x), at(reference, y + k, x), kBlock * sizeof(Sample)) != 0) return false;
    return true;
  }

  void add(uint32_t t, uint32_t y, uint32_t x) {
    const FrameRefs &d = dyadic_.refs(t), &o = outward_.refs(t);
    const int64_t outward = cost(t, o, y, x), dyadic = cost(t, d, y, x);
    cost_outward_ += outward;
    cost_dyadic_ += dyadic;
    changed_ += o.count > 0 && outward > 0;  // copies tell nothing: either structure has them all
  }

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
  unsigned changed_ = 0;
};

}  // namespace

uint8_t choose_structure(const WorkVideo& video) {
  if (video.t < 3 || video.t > kMostFrames) return STF_STRUCTURE_DYADIC;
  return video.bits <= 8 ? Look<uint8_t>(video).choose() : Look<uint16_t>(video).choose();
}

}  // namespace stf::lossless
