// A small vector type over GCC's and Clang's vector extensions, for *_simd.cpp files only: they are compiled once for
// each instruction set with STF_ISA set to its name, and everything here lies in the namespace of that name.
//
//   Vec<int16_t>     as many int16_t as the instruction set's registers hold; + - * & | ^ ~ << >> < == are lane by lane
//   kLanes<T>        how many those are
//   Half<T>          half as many (what widening starts from and narrowing ends in)
//
// Only what has no operator is a function. An intrinsic stands here where the extension's code would be much slower.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifndef STF_ISA
#error "dsp/vec.hpp is for *_simd.cpp files, which CMake compiles with STF_ISA"
#endif
#if defined(STF_ISA_sse41) || defined(STF_ISA_avx2)
#include <immintrin.h>
#endif

namespace stf {
namespace STF_ISA {

#if defined(STF_ISA_avx2)
inline constexpr size_t kVecBytes = 32;
#else
inline constexpr size_t kVecBytes = 16;
#endif

template <typename T, size_t bytes>
struct VecOfBytes {
  typedef T type __attribute__((vector_size(bytes)));
};
template <typename T>
using Vec = typename VecOfBytes<T, kVecBytes>::type;
template <typename T>
using Half = typename VecOfBytes<T, kVecBytes / 2>::type;
// A vector of 16 bytes whatever the register size: byte shuffles work on these.
template <typename T>
using Vec128 = typename VecOfBytes<T, 16>::type;

template <typename T>
inline constexpr size_t kLanes = kVecBytes / sizeof(T);

// Unroll the loop that follows; for loops over arrays that should live in registers.
#define STF_UNROLL _Pragma("GCC unroll 8")

// Load and store a vector V, one of the types above, at any address.
template <typename V>
inline V load(const void* from) {
  V v;
  __builtin_memcpy(&v, from, sizeof v);
  return v;
}
template <typename V>
inline void store(void* to, V v) {
  __builtin_memcpy(to, &v, sizeof v);
}
// Load and store the first n lanes; the others are zero on load and left alone on store.
template <typename V>
inline V load_part(const void* from, size_t n) {
  V v{};
  __builtin_memcpy(&v, from, n * sizeof(v[0]));
  return v;
}
template <typename V>
inline void store_part(void* to, V v, size_t n) {
  __builtin_memcpy(to, &v, n * sizeof(v[0]));
}

template <typename T>
inline Vec<T> splat(T value) {
  return Vec<T>{} + value;
}

// Load the first half of 16 bytes from one place, the second from another.
template <typename V>
inline V load_halves(const void* low, const void* high) {
  int64_t half[2];
  __builtin_memcpy(half, low, 8);
  __builtin_memcpy(half + 1, high, 8);
  return (V)Vec128<int64_t>{half[0], half[1]};
}
// Load the first half of 16 bytes; the second is zeros. load_part() would go through memory and be slow.
template <typename V>
inline V load_low(const void* from) {
  int64_t half;
  __builtin_memcpy(&half, from, 8);
  return (V)Vec128<int64_t>{half, 0};
}
template <typename V>
inline void store_low(void* to, V v) {
  const int64_t half = ((Vec128<int64_t>)v)[0];
  __builtin_memcpy(to, &half, 8);
}
template <typename V>
inline void store_halves(void* low, void* high, V v) {
  const auto halves = (Vec128<int64_t>)v;
  const int64_t half[2] = {halves[0], halves[1]};
  __builtin_memcpy(low, half, 8);
  __builtin_memcpy(high, half + 1, 8);
}

// Choose lane by lane; `mask` is the result of a comparison.
template <typename M, typename V>
inline V select(M mask, V yes, V no) {
  return (V)(((M)yes & mask) | ((M)no & ~mask));
}
template <typename V>
inline V min(V a, V b) {
  return a < b ? a : b;
}
template <typename V>
inline V max(V a, V b) {
  return a > b ? a : b;
}
template <typename V>
inline V clamp(V v, V low, V high) {
  return min(max(v, low), high);
}

// Convert lanes one by one: to a wider type from a Half, to a narrower one (modulo its width) into a Half.
template <typename To, typename V>
inline To convert(V v) {
  return __builtin_convertvector(v, To);
}

// Reinterpret the same bits as another vector.
template <typename To, typename V>
inline To as(V v) {
  static_assert(sizeof(To) == sizeof(V));
  return (To)v;
}

// Multiply and add pairs of lanes: a[2i] * b[2i] + a[2i+1] * b[2i+1].
inline Vec<int32_t> multiply_add_pairs(Vec<int16_t> a, Vec<int16_t> b) {
#if defined(STF_ISA_avx2)
  return (Vec<int32_t>)_mm256_madd_epi16((__m256i)a, (__m256i)b);
#elif defined(STF_ISA_sse41)
  return (Vec<int32_t>)_mm_madd_epi16((__m128i)a, (__m128i)b);
#else
  const Vec<int32_t> wa = (Vec<int32_t>)a, wb = (Vec<int32_t>)b;
  return ((wa << 16) >> 16) * ((wb << 16) >> 16) + (wa >> 16) * (wb >> 16);
#endif
}

#if defined(STF_ISA_avx2)
inline Vec128<int32_t> multiply_add_pairs(Vec128<int16_t> a, Vec128<int16_t> b) {
  return (Vec128<int32_t>)_mm_madd_epi16((__m128i)a, (__m128i)b);
}
#endif

// Interleave, within each 128 bits, the 16-bit lanes of the low (high) halves of both.
template <typename V>
inline V interleave_low(V a, V b) {
  if constexpr (sizeof(V) == 32)
    return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 8, 24, 9, 25, 10, 26, 11, 27);
  else return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}
template <typename V>
inline V interleave_high(V a, V b) {
  if constexpr (sizeof(V) == 32)
    return __builtin_shufflevector(a, b, 4, 20, 5, 21, 6, 22, 7, 23, 12, 28, 13, 29, 14, 30, 15, 31);
  else return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}
// Narrow 32-bit lanes that fit 16 bits, from what began with interleave_low() and interleave_high(), back in order.
#if defined(STF_ISA_avx2)
inline Vec<int16_t> pack(Vec<int32_t> low, Vec<int32_t> high) {
  return (Vec<int16_t>)_mm256_packs_epi32((__m256i)low, (__m256i)high);
}
#endif
inline Vec128<int16_t> pack(Vec128<int32_t> low, Vec128<int32_t> high) {
#if defined(STF_ISA_avx2) || defined(STF_ISA_sse41)
  return (Vec128<int16_t>)_mm_packs_epi32((__m128i)low, (__m128i)high);
#else
  typedef int16_t Half64 __attribute__((vector_size(8)));
  const Half64 a = convert<Half64>(low), b = convert<Half64>(high);
  return __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7);
#endif
}

// The same for any 32-bit lanes, saturated to 16 bits.
template <typename V>
inline auto pack_saturated(V low, V high) {
#if !defined(STF_ISA_avx2) && !defined(STF_ISA_sse41)
  const V least = V{} - 32768, most = V{} + 32767;
  low = clamp(low, least, most);
  high = clamp(high, least, most);
#endif
  return pack(low, high);
}
// The same in order: the lanes of a, then those of b.
template <typename V>
inline auto pack_ordered(V a, V b) {
  const auto packed = pack_saturated(a, b);
#if defined(STF_ISA_avx2)
  if constexpr (sizeof(V) == 32) return (Vec<int16_t>)_mm256_permute4x64_epi64((__m256i)packed, 0xd8);
  else
#endif
    return packed;
}

// A rounded product of fractions: (a * b + 2^14) >> 15 of 16-bit lanes, which are not both -32768.
template <typename V>
inline V multiply_rounded(V a, V b) {
#if defined(STF_ISA_avx2)
  if constexpr (sizeof(V) == 32) return (V)_mm256_mulhrs_epi16((__m256i)a, (__m256i)b);
  else return (V)_mm_mulhrs_epi16((__m128i)a, (__m128i)b);
#elif defined(STF_ISA_sse41)
  return (V)_mm_mulhrs_epi16((__m128i)a, (__m128i)b);
#else
  using W = typename VecOfBytes<int32_t, 2 * sizeof(V)>::type;
  return convert<V>((convert<W>(a) * convert<W>(b) + (1 << 14)) >> 15);
#endif
}

// The even 16-bit lanes of the first, the odd ones of the second.
template <typename V>
inline V even_odd(V even, V odd) {
#if defined(STF_ISA_avx2)
  if constexpr (sizeof(V) == 32) return (V)_mm256_blend_epi16((__m256i)even, (__m256i)odd, 0xaa);
  else return (V)_mm_blend_epi16((__m128i)even, (__m128i)odd, 0xaa);
#elif defined(STF_ISA_sse41)
  return (V)_mm_blend_epi16((__m128i)even, (__m128i)odd, 0xaa);
#else
  return (V)__builtin_shufflevector((Vec<int16_t>)even, (Vec<int16_t>)odd, 0, 9, 2, 11, 4, 13, 6, 15);
#endif
}

// The saturated sum of 16-bit lanes with a sign.
template <typename V>
inline V add_saturated(V a, V b) {
#if defined(STF_ISA_avx2)
  if constexpr (sizeof(V) == 32) return (V)_mm256_adds_epi16((__m256i)a, (__m256i)b);
  else return (V)_mm_adds_epi16((__m128i)a, (__m128i)b);
#elif defined(STF_ISA_sse41)
  return (V)_mm_adds_epi16((__m128i)a, (__m128i)b);
#else
  return a + clamp(b, (V{} - int16_t{32767} - int16_t{1}) - (a & (a >> 15)), int16_t{32767} - (a & ~(a >> 15)));
#endif
}

template <typename V>
inline bool nonzero(V v) {
#if defined(STF_ISA_avx2)
  if constexpr (sizeof(V) == 32) return !_mm256_testz_si256((__m256i)v, (__m256i)v);
  else return !_mm_testz_si128((__m128i)v, (__m128i)v);
#elif defined(STF_ISA_sse41)
  return !_mm_testz_si128((__m128i)v, (__m128i)v);
#else
  const auto w = (Vec128<uint64_t>)v;
  return (w[0] | w[1]) != 0;
#endif
}

// The magnitudes of 16-bit lanes; -32768 stays as it is.
template <typename V>
inline V absolute(V v) {
#if defined(STF_ISA_avx2)
  if constexpr (sizeof(V) == 32) return (V)_mm256_abs_epi16((__m256i)v);
  else return (V)_mm_abs_epi16((__m128i)v);
#elif defined(STF_ISA_sse41)
  return (V)_mm_abs_epi16((__m128i)v);
#else
  return max(v, -v);
#endif
}

// The difference of 16-bit lanes that are not negative, or 0 if it is: max(a - b, 0).
template <typename V>
inline V subtract_to_zero(V a, V b) {
#if defined(STF_ISA_avx2)
  if constexpr (sizeof(V) == 32) return (V)_mm256_subs_epu16((__m256i)a, (__m256i)b);
  else return (V)_mm_subs_epu16((__m128i)a, (__m128i)b);
#elif defined(STF_ISA_sse41)
  return (V)_mm_subs_epu16((__m128i)a, (__m128i)b);
#else
  return max(a - b, V{});
#endif
}

// Negate the 16-bit lanes of v where those of `of` are negative. v must be 0 where `of` is.
template <typename V>
inline V with_sign_of(V v, V of) {
#if defined(STF_ISA_avx2)
  if constexpr (sizeof(V) == 32) return (V)_mm256_sign_epi16((__m256i)v, (__m256i)of);
  else return (V)_mm_sign_epi16((__m128i)v, (__m128i)of);
#elif defined(STF_ISA_sse41)
  return (V)_mm_sign_epi16((__m128i)v, (__m128i)of);
#else
  const V negative = of >> 15;
  return (v ^ negative) - negative;
#endif
}

#if defined(STF_ISA_avx2)
// Join two times 16 bytes to 32, and take either half of 32.
template <typename T>
inline Vec<T> join(Vec128<T> low, Vec128<T> high) {
  return (Vec<T>)_mm256_inserti128_si256(_mm256_castsi128_si256((__m128i)low), (__m128i)high, 1);
}
template <typename T>
inline Vec128<T> low_half(Vec<T> v) {
  return (Vec128<T>)_mm256_castsi256_si128((__m256i)v);
}
template <typename T>
inline Vec128<T> high_half(Vec<T> v) {
  return (Vec128<T>)_mm256_extracti128_si256((__m256i)v, 1);
}
#endif

// Move bytes of v to where `index` says: out[i] = index[i] < 0 ? 0 : v[index[i]], within 16 bytes.
inline Vec128<uint8_t> shuffle_bytes(Vec128<uint8_t> v, Vec128<int8_t> index) {
#if defined(STF_ISA_avx2) || defined(STF_ISA_sse41)
  return (Vec128<uint8_t>)_mm_shuffle_epi8((__m128i)v, (__m128i)index);
#else
  Vec128<uint8_t> out;
  for (int i = 0; i < 16; ++i) out[i] = index[i] < 0 ? 0 : v[index[i] & 15];
  return out;
#endif
}

}  // namespace STF_ISA
}  // namespace stf
