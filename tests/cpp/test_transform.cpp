// Transforms against their definition: the plain matrix product, one rounding, in 64-bit numbers.

#include "dsp/transform.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include "check.hpp"
#include "dsp/transform_tables.hpp"

namespace {

template <int N>
void against_matrix(int index, stf::Range range, bool inverse) {
  const stf::TransformKernels& kernels = stf::transform_kernels();
  check::Random random;
  constexpr size_t kLanes = 12;
  for (int round = 0; round < 60; ++round) {
    const int shift = round % 2 ? stf::kDctShift[index] : static_cast<int>(random.in(1, 24));
    const int gain = std::max(0, stf::kDctShift[index] - shift);
    const int64_t limit = int64_t{1} << (range == stf::kRange16 ? 15 : range == stf::kRange27 ? 26 - gain : 31);
    std::vector<int32_t> in(N * kLanes), out(N * kLanes);
    for (size_t i = 0; i < in.size(); ++i) {
      // A third of the rounds with extremes only: signs as in one row of the matrix, the largest sums there are.
      const int row = static_cast<int>((i % kLanes + static_cast<size_t>(round)) % N), n = static_cast<int>(i / kLanes);
      const int sign = inverse ? stf::kDctMatrix<N>.at[n][row] : stf::kDctMatrix<N>.at[row][n];
      in[i] = static_cast<int32_t>(round % 3 == 0 ? (sign < 0 ? -limit : limit - 1)
                                                  : static_cast<int64_t>(random.next() % (2 * limit)) - limit);
    }
    (inverse ? kernels.inverse : kernels.forward)[range][index](in.data(), kLanes, out.data(), kLanes, kLanes, shift);
    for (size_t lane = 0; lane < kLanes; ++lane) {
      for (int k = 0; k < N; ++k) {
        int64_t sum = int64_t{1} << (shift - 1);
        for (int n = 0; n < N; ++n)
          sum += int64_t{inverse ? stf::kDctMatrix<N>.at[n][k] : stf::kDctMatrix<N>.at[k][n]} * in[n * kLanes + lane];
        sum >>= shift;
        sum = std::clamp<int64_t>(sum, std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max());
        CHECK_EQ(int64_t{out[k * kLanes + lane]}, sum);
      }
    }
  }
}

template <int N>
void all_of(int index) {
  for (int range = 0; range < stf::kRanges; ++range)
    for (bool inverse : {false, true}) against_matrix<N>(index, static_cast<stf::Range>(range), inverse);
}

}  // namespace

TEST("DCT passes are the matrix product") {
  all_of<4>(0);
  all_of<8>(1);
  all_of<16>(2);
  all_of<32>(3);
}

TEST("blocks are refused or transformed") {
  stf_error error{};
  std::vector<int32_t> data(32 * 32 * 32, 0);
  const stf_block bad[] = {{1, 1, 1}, {1, 4, 5}, {4, 1, 4}, {0, 0, 4}, {1, 8, 64}, {2, 4, 4}};
  for (stf_block block : bad) CHECK_STATUS(stf_dct(block, 0, data.data(), 1, &error), STF_E_ARGUMENT);
  CHECK_STATUS(stf_dct({4, 4, 4}, 9, data.data(), 1, &error), STF_E_ARGUMENT);
  CHECK_STATUS(stf_dct({4, 4, 4}, 0, nullptr, 1, &error), STF_E_ARGUMENT);
  CHECK_STATUS(stf_dct({4, 4, 4}, 0, nullptr, 0, &error), STF_OK);
  for (uint32_t size : {4u, 8u, 16u, 32u}) {
    check::Random random;
    std::vector<int32_t> samples(size * size * size * 3);
    for (int32_t& v : samples) v = static_cast<int32_t>(random.in(0, 65535));
    std::vector<int32_t> x = samples;
    CHECK_STATUS(stf_hadamard({size, size, size}, x.data(), 3, &error), STF_OK);
    CHECK_STATUS(stf_ihadamard({size, size, size}, x.data(), 3, &error), STF_OK);
    CHECK(x == samples);
    x[0] = static_cast<int32_t>((uint64_t{1} << 31) / (size * size * size));
    CHECK_STATUS(stf_hadamard({size, size, size}, x.data(), 3, &error), STF_E_ARGUMENT);
  }
}

CHECK_MAIN()
