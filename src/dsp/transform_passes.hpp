// The passes of dsp/transform.hpp, written once over the type of a group of lanes: transform.cpp makes the scalar
// reference from it, transform_simd.cpp the vectors. In a namespace of the including file, because each instruction
// set needs code of its own.
//
// A Lanes type gives: Value (what is read and added), Sum (what products add up in), kCount, and
//   load(from), store(to, sum, rounding, shift) and times(value, constant).

#include "dsp/transform_tables.hpp"

namespace stf {
namespace STF_PASSES {

// One level of the DCT of N points on M values: differences give the odd multiples of N / M, sums the rest.
template <typename L, int N, int M>
inline void forward_level(const typename L::Value* x, int32_t* out, ptrdiff_t stride, int shift) {
  const auto rounding = L::rounding(shift);
  if constexpr (M == 1) {
    L::store(out, L::times(x[0], kDctMatrix<N>.at[0][0]), rounding, shift);
  } else {
    typename L::Value sums[M / 2], differences[M / 2];
    for (int n = 0; n < M / 2; ++n) {
      sums[n] = x[n] + x[M - 1 - n];
      differences[n] = x[n] - x[M - 1 - n];
    }
    for (int k = N / M; k < N; k += 2 * N / M) {
      auto sum = L::times(differences[0], kDctMatrix<N>.at[k][0]);
      for (int n = 1; n < M / 2; ++n) sum += L::times(differences[n], kDctMatrix<N>.at[k][n]);
      L::store(out + k * stride, sum, rounding, shift);
    }
    forward_level<L, N, M / 2>(sums, out, stride, shift);
  }
}

template <typename L, int N>
inline void forward_group(const int32_t* in, ptrdiff_t in_stride, int32_t* out, ptrdiff_t out_stride, int shift) {
  typename L::Value x[N];
  for (int n = 0; n < N; ++n) x[n] = L::load(in + n * in_stride);
  forward_level<L, N, N>(x, out, out_stride, shift);
}

// One level of the inverse: y are the N coefficients, x the M values that those at multiples of N / M give.
template <typename L, int N, int M>
inline void inverse_level(const typename L::Value* y, typename L::Sum* x) {
  if constexpr (M == 1) {
    x[0] = L::times(y[0], kDctMatrix<N>.at[0][0]);
  } else {
    typename L::Sum even[M / 2];
    inverse_level<L, N, M / 2>(y, even);
    for (int n = 0; n < M / 2; ++n) {
      auto odd = L::times(y[N / M], kDctMatrix<N>.at[N / M][n]);
      for (int k = 3 * N / M; k < N; k += 2 * N / M) odd += L::times(y[k], kDctMatrix<N>.at[k][n]);
      x[n] = even[n] + odd;
      x[M - 1 - n] = even[n] - odd;
    }
  }
}

template <typename L, int N>
inline void inverse_group(const int32_t* in, ptrdiff_t in_stride, int32_t* out, ptrdiff_t out_stride, int shift) {
  typename L::Value y[N];
  typename L::Sum x[N];
  for (int n = 0; n < N; ++n) y[n] = L::load(in + n * in_stride);
  inverse_level<L, N, N>(y, x);
  const auto rounding = L::rounding(shift);
  for (int n = 0; n < N; ++n) L::store(out + n * out_stride, x[n], rounding, shift);
}

template <typename L, int N>
inline void hadamard_group(const int32_t* in, ptrdiff_t in_stride, int32_t* out, ptrdiff_t out_stride, int shift) {
  typename L::Value x[N];
  for (int n = 0; n < N; ++n) x[n] = L::load(in + n * in_stride);
  for (int half = 1; half < N; half *= 2) {
    for (int n = 0; n < N; ++n) {
      if (n & half) continue;
      const auto a = x[n], b = x[n + half];
      x[n] = a + b;
      x[n + half] = a - b;
    }
  }
  const auto rounding = L::rounding(shift);
  for (int n = 0; n < N; ++n) L::store(out + n * out_stride, x[n], rounding, shift);
}

}  // namespace STF_PASSES
}  // namespace stf
