#include "lossy/tables.hpp"

#include <bit>

namespace stf::lossy {
namespace {

// 64 sqrt(2) cos(pi i / 64), rounded so that no row of a matrix is more than 0.1 % too long or too short (the numbers
// of ITU-T H.265); to the nearest it would be 1 %.
constexpr int16_t kCosine[33] = {91, 90, 90, 90, 89, 88, 87, 85, 83, 82, 80, 78, 75, 73, 70, 67, 64,
                                 61, 57, 54, 50, 46, 43, 38, 36, 31, 25, 22, 18, 13, 9,  4,  0};
// 128 sqrt(N / (2 N + 1)) sin(pi m / (2 N + 1)) for m = 1 .. N, rounded with the same aim (the numbers of ITU-T H.266).
constexpr int16_t kSine4[4] = {29, 55, 74, 84};
constexpr int16_t kSine8[8] = {17, 32, 46, 60, 71, 78, 85, 86};
constexpr int16_t kSine16[16] = {8, 17, 25, 33, 40, 48, 55, 62, 68, 73, 77, 81, 85, 87, 88, 88};

constexpr int16_t cosine(int i) {  // of pi i / 64
  i %= 128;
  if (i > 64) i = 128 - i;
  return i > 32 ? static_cast<int16_t>(-kCosine[64 - i]) : kCosine[i];
}

constexpr int16_t sine(const int16_t* table, int n, int m) {  // of pi m / (2 n + 1)
  const int half = 2 * n + 1;
  m %= 2 * half;
  const bool negative = m > half;
  if (negative) m -= half;
  if (m == 0 || m == half) return 0;
  if (m > n) m = half - m;
  return static_cast<int16_t>(negative ? -table[m - 1] : table[m - 1]);
}

constexpr int16_t element(TransformType type, int n, int k, int i) {
  if (type == kDct) return k == 0 ? 64 : cosine((k * (2 * i + 1)) * (32 / n));
  return sine(n == 4 ? kSine4 : n == 8 ? kSine8 : kSine16, n, (2 * k + 1) * (i + 1));
}

template <int N>
struct Pairs {
  int16_t forward[N / 2 * N][2], inverse[N / 2 * N][2];
  constexpr explicit Pairs(TransformType type) : forward(), inverse() {
    for (int a = 0; a < N; ++a)
      for (int b = 0; b < N; ++b) {
        forward[a / 2 * N + b][a % 2] = element(type, N, b, a);
        inverse[a / 2 * N + b][a % 2] = element(type, N, a, b);
      }
  }
};
constexpr Pairs<4> kDct4(kDct), kAdst4(kAdst);
constexpr Pairs<8> kDct8(kDct), kAdst8(kAdst);
constexpr Pairs<16> kDct16(kDct), kAdst16(kAdst);
constexpr Pairs<32> kDct32(kDct);

template <int W, int H>
struct Scan {
  uint16_t at[W * H];
  int16_t rank[W * H];
  constexpr Scan() : at(), rank() {
    int n = 0;
    for (int sum = 0; sum < W + H - 1; ++sum)
      for (int i = 0; i <= sum; ++i) {
        // Even diagonals go up, odd ones down.
        const int y = sum % 2 ? i : sum - i, x = sum - y;
        if (y >= H || x >= W) continue;
        at[n++] = static_cast<uint16_t>(y << 8 | x);
        rank[y * W + x] = static_cast<int16_t>(n);
      }
  }
};
constexpr Scan<4, 4> kScan4x4;
constexpr Scan<4, 8> kScan4x8;
constexpr Scan<8, 4> kScan8x4;
constexpr Scan<8, 8> kScan8x8;
constexpr Scan<8, 16> kScan8x16;
constexpr Scan<16, 8> kScan16x8;
constexpr Scan<16, 16> kScan16x16;
constexpr Scan<16, 32> kScan16x32;
constexpr Scan<32, 16> kScan32x16;
constexpr Scan<32, 32> kScan32x32;

}  // namespace

TransformMatrix forward_matrix(TransformType type, int log) {
  switch (log) {
    case 2: return {type == kDct ? kDct4.forward : kAdst4.forward, 4};
    case 3: return {type == kDct ? kDct8.forward : kAdst8.forward, 8};
    case 4: return {type == kDct ? kDct16.forward : kAdst16.forward, 16};
    default: return {kDct32.forward, 32};
  }
}

TransformMatrix inverse_matrix(TransformType type, int log) {
  switch (log) {
    case 2: return {type == kDct ? kDct4.inverse : kAdst4.inverse, 4};
    case 3: return {type == kDct ? kDct8.inverse : kAdst8.inverse, 8};
    case 4: return {type == kDct ? kDct16.inverse : kAdst16.inverse, 16};
    default: return {kDct32.inverse, 32};
  }
}

const uint16_t* scan(int log_w, int log_h) {
  static constexpr const uint16_t* kScans[4][3] = {// by log_w - 2, log_h - log_w + 1
                                                   {nullptr, kScan4x4.at, kScan4x8.at},
                                                   {kScan8x4.at, kScan8x8.at, kScan8x16.at},
                                                   {kScan16x8.at, kScan16x16.at, kScan16x32.at},
                                                   {kScan32x16.at, kScan32x32.at, nullptr}};
  return kScans[log_w - 2][log_h - log_w + 1];
}

const int16_t* ranks(int log_w, int log_h) {
  static constexpr const int16_t* kRanks[4][3] = {{nullptr, kScan4x4.rank, kScan4x8.rank},
                                                  {kScan8x4.rank, kScan8x8.rank, kScan8x16.rank},
                                                  {kScan16x8.rank, kScan16x16.rank, kScan16x32.rank},
                                                  {kScan32x16.rank, kScan32x32.rank, nullptr}};
  return kRanks[log_w - 2][log_h - log_w + 1];
}

// The digits of the logarithm: square and square again.
constexpr BitTable::BitTable() : at() {
  for (uint32_t i = 0; i <= 4096; ++i) {
    uint64_t x = i < 4096 ? 8 * i + 4 : 32768;
    uint32_t log = 0;  // of x, in 1/512
    for (; x >> (log >> 9) > 1;) log += 512;
    x <<= 30 - (log >> 9);
    for (uint32_t digit = 256; digit != 0; digit >>= 1) {
      x = (x * x) >> 30;
      if (x >> 31 != 0) {
        log |= digit;
        x >>= 1;
      }
    }
    at[i] = static_cast<uint16_t>((15 << 9) - log);
  }
}
constexpr BitTable kBitTableValue;
const BitTable kBitTable = kBitTableValue;

const int32_t kStep[24] = {10321, 10624, 10935, 11255, 11585, 11925, 12274, 12634, 13004, 13385, 13777, 14181,
                           14596, 15024, 15464, 15918, 16384, 16864, 17358, 17867, 18390, 18929, 19484, 20055};

const int16_t kLumaTaps[4][6] = {
    {0, 0, 64, 0, 0, 0}, {1, -8, 57, 18, -5, 1}, {2, -9, 39, 39, -9, 2}, {1, -5, 18, 57, -8, 1}};
const int16_t kChromaTaps[8][6] = {{0, 0, 64, 0, 0, 0},    {0, -3, 61, 7, -1, 0},  {0, -5, 55, 16, -2, 0},
                                   {0, -5, 46, 27, -4, 0}, {0, -5, 37, 37, -5, 0}, {0, -4, 27, 46, -5, 0},
                                   {0, -2, 16, 55, -5, 0}, {0, -1, 7, 61, -3, 0}};

const int8_t kAngle[33] = {32,  26,  21,  17,  13, 9,  5,  2, 0, -2, -5, -9, -13, -17, -21, -26, -32,
                           -26, -21, -17, -13, -9, -5, -2, 0, 2, 5,  9,  13, 17,  21,  26,  32};

}  // namespace stf::lossy
