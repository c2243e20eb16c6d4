// The kernels of motion search over vectors: two rows of bytes in a register of 32 bytes, one row in one of 16.

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

#if defined(STF_ISA_avx2) || defined(STF_ISA_sse41)
inline int both_sums(__m128i v) { return _mm_cvtsi128_si32(v) + _mm_extract_epi16(v, 4); }

uint32_t match_8(const uint8_t* p, ptrdiff_t p_stride, const uint8_t* q, ptrdiff_t q_stride, int height) {
  const __m128i zero = _mm_setzero_si128();
  __m128i sad = zero, of_p = zero, of_q = zero;
  for (int y = 0; y < height; ++y) {
    const auto a = (__m128i)load<Vec128<uint8_t>>(p + y * p_stride),
               b = (__m128i)load<Vec128<uint8_t>>(q + y * q_stride);
    sad = _mm_add_epi64(sad, _mm_sad_epu8(a, b));
    of_p = _mm_add_epi64(of_p, _mm_sad_epu8(a, zero));
    of_q = _mm_add_epi64(of_q, _mm_sad_epu8(b, zero));
  }
  const int mean = (both_sums(of_p) - both_sums(of_q)) / (16 * height);
  if (mean == 0) return 2 * static_cast<uint32_t>(both_sums(sad));
  const __m128i up = _mm_set1_epi8(static_cast<char>(mean > 0 ? mean : 0));
  const __m128i down = _mm_set1_epi8(static_cast<char>(mean < 0 ? -mean : 0));
  __m128i moved = sad;
  for (int y = 0; y < height; ++y) {
    const auto a = (__m128i)load<Vec128<uint8_t>>(p + y * p_stride),
               b = (__m128i)load<Vec128<uint8_t>>(q + y * q_stride);
    moved = _mm_add_epi64(moved, _mm_sad_epu8(a, _mm_subs_epu8(_mm_adds_epu8(b, up), down)));
  }
  return static_cast<uint32_t>(both_sums(moved));
}
#else
uint32_t match_8(const uint8_t* p, ptrdiff_t p_stride, const uint8_t* q, ptrdiff_t q_stride, int height) {
  using Wide = VecOfBytes<int16_t, 32>::type;
  Wide difference{}, total{};
  const auto at = [](const uint8_t* s) { return convert<Wide>(load<Vec128<uint8_t>>(s)); };
  for (int y = 0; y < height; ++y) difference += at(p + y * p_stride) - at(q + y * q_stride);
  int sum = 0;
  for (int i = 0; i < 16; ++i) sum += difference[i];
  const auto mean = static_cast<int16_t>(sum / (16 * height));
  const Wide zero{}, top = zero + int16_t{255};
  for (int y = 0; y < height; ++y) {
    const Wide a = at(p + y * p_stride), b = at(q + y * q_stride), d = a - b, m = a - clamp(b + mean, zero, top);
    total += max(d, -d) + max(m, -m);  // at most 16 * 2 * 255 a lane
  }
  uint32_t all = 0;
  for (int i = 0; i < 16; ++i) all += static_cast<uint32_t>(total[i]);
  return all;
}
#endif

uint32_t match_16(const uint16_t* p, ptrdiff_t p_stride, const uint16_t* q, ptrdiff_t q_stride, int height) {
  using Wide = Vec<int32_t>;
  constexpr size_t lanes = kLanes<int32_t>;
  const auto at = [](const uint16_t* s) { return convert<Wide>(load<Half<uint16_t>>(s)); };
  Wide difference{}, total{};
  for (int y = 0; y < height; ++y)
    for (size_t x = 0; x < 16; x += lanes) difference += at(p + y * p_stride + x) - at(q + y * q_stride + x);
  int sum = 0;
  for (size_t i = 0; i < lanes; ++i) sum += difference[i];
  const int mean = sum / (16 * height);
  const Wide zero{}, top = splat<int32_t>(65535);
  for (int y = 0; y < height; ++y) {
    for (size_t x = 0; x < 16; x += lanes) {
      const Wide a = at(p + y * p_stride + x), b = at(q + y * q_stride + x), d = a - b;
      const Wide m = a - clamp(b + mean, zero, top);
      total += max(d, -d) + max(m, -m);
    }
  }
  uint32_t all = 0;
  for (size_t i = 0; i < lanes; ++i) all += static_cast<uint32_t>(total[i]);
  return all;
}

}  // namespace

void fill(MotionKernels& k) {
  k.sad_8 = sad_8;
  k.sad_16 = sad_16;
  k.match_8 = match_8;
  k.match_16 = match_16;
}

}  // namespace STF_ISA
}  // namespace stf
