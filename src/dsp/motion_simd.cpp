// Sums of absolute differences: two rows of bytes in a register of 32, a row in one of 16.

#include "dsp/motion.hpp"
#include "dsp/vec.hpp"

namespace stf {
namespace STF_ISA {
namespace {

uint32_t sad_8(const uint8_t* p, ptrdiff_t p_stride, const uint8_t* q, ptrdiff_t q_stride, int height) {
#if defined(STF_ISA_avx2) || defined(STF_ISA_sse41)
  __m128i sum = _mm_setzero_si128();
  for (int y = 0; y < height; ++y, p += p_stride, q += q_stride)
    sum = _mm_add_epi64(sum, _mm_sad_epu8((__m128i)load<Vec128<uint8_t>>(p), (__m128i)load<Vec128<uint8_t>>(q)));
  return static_cast<uint32_t>(_mm_cvtsi128_si32(sum) + _mm_extract_epi16(sum, 4));
#else
  Vec128<uint16_t> sum{};
  for (int y = 0; y < height; ++y, p += p_stride, q += q_stride) {
    const auto a = load<Vec128<uint8_t>>(p), b = load<Vec128<uint8_t>>(q);
    const auto d = max(a, b) - min(a, b);
    const auto w = (Vec128<uint16_t>)d;
    sum += (w & 255) + (w >> 8);  // at most 16 * 2 * 255 a lane
  }
  uint32_t total = 0;
  for (int i = 0; i < 8; ++i) total += sum[i];
  return total;
#endif
}

uint32_t sad_16(const uint16_t* p, ptrdiff_t p_stride, const uint16_t* q, ptrdiff_t q_stride, int height) {
  constexpr size_t lanes = kLanes<uint16_t>;
  Vec<uint32_t> sum{};
  for (int y = 0; y < height; ++y, p += p_stride, q += q_stride) {
    for (size_t x = 0; x < 16; x += lanes) {
      const auto a = load<Vec<uint16_t>>(p + x), b = load<Vec<uint16_t>>(q + x);
      const auto d = as<Vec<uint32_t>>(max(a, b) - min(a, b));
      sum += (d & 0xffff) + (d >> 16);
    }
  }
  uint32_t total = 0;
  for (size_t i = 0; i < kLanes<uint32_t>; ++i) total += sum[i];
  return total;
}

}  // namespace

void fill(MotionKernels& k) {
  k.sad_8 = sad_8;
  k.sad_16 = sad_16;
}

}  // namespace STF_ISA
}  // namespace stf
