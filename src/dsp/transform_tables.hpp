// The integer DCT matrices.
//
// Row k, column n holds the integer for cos(k (2n + 1) pi / 2N); all of them are +-c[j], j = 1 ... N-1, where c[j]
// stands for 2^S sqrt(2/N) cos(j pi / 2N) and c[N/2] makes row 0. The c[j] are not the nearest integers but, within
// 2.5 of them, those found by annealing on the distance of M M^T from 4^S times the identity: the round trip is 3 to
// 20 times closer to the identity (Frobenius norm: 5e-6, 1.9e-4, 2.0e-4, 5.4e-4 for N = 4, 8, 16, 32; what is left for
// 8 and 32 is the gain of row 0, which has to be one number), at a distance to the exact DCT (spectral norm) of 1.4e-4,
// 2.3e-4, 1.3e-3, 1.5e-3.
#pragma once

#include <cstdint>

namespace stf {

template <int N>
struct DctConstants;
template <>
struct DctConstants<4> {
  static constexpr int32_t c[4] = {0, 10704, 8192, 4432};
};
template <>
struct DctConstants<8> {
  static constexpr int32_t c[8] = {0, 8036, 7568, 6810, 5793, 4551, 3136, 1598};
};
template <>
struct DctConstants<16> {
  static constexpr int32_t c[16] = {0,    2884, 2841, 2771, 2676, 2555, 2408, 2239,
                                    2048, 1835, 1609, 1364, 1108, 842,  565,  283};
};
template <>
struct DctConstants<32> {
  static constexpr int32_t c[32] = {0,    2047, 2039, 2028, 2009, 1985, 1961, 1927, 1892, 1852, 1804,
                                    1755, 1702, 1645, 1583, 1516, 1448, 1376, 1298, 1222, 1139, 1052,
                                    967,  875,  784,  691,  595,  497,  398,  303,  200,  100};
};

template <int N>
struct DctMatrix {
  int32_t at[N][N];
};

template <int N>
constexpr DctMatrix<N> make_dct_matrix() {
  DctMatrix<N> m{};
  for (int k = 0; k < N; ++k) {
    for (int n = 0; n < N; ++n) {
      int j = k == 0 ? N / 2 : k * (2 * n + 1) % (4 * N);  // the angle, in units of pi / 2N
      if (j > 2 * N) j = 4 * N - j;
      m.at[k][n] = j > N ? -DctConstants<N>::c[2 * N - j] : DctConstants<N>::c[j];
    }
  }
  return m;
}

template <int N>
inline constexpr DctMatrix<N> kDctMatrix = make_dct_matrix<N>();

}  // namespace stf
