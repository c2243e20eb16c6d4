// The constants of the lossy profile: transform matrices, scans, quantiser steps, filter taps (docs/format.md, 14).
#pragma once

#include <cstdint>

#include "dsp/residual.hpp"

namespace stf::lossy {

enum TransformType : uint8_t { kDct = 0, kAdst = 1 };

// The matrices of the transforms of 2^log points. kAdst has none of 32 points.
TransformMatrix forward_matrix(TransformType type, int log);
TransformMatrix inverse_matrix(TransformType type, int log);

// Positions y << 8 | x of a block of 2^log_w x 2^log_h coefficients in the order of the scan, along anti-diagonals from
// the lowest frequency up; log_w and log_h are 2 .. 5 and differ by one at most.
const uint16_t* scan(int log_w, int log_h);

// Steps of the quantiser: 2^14 2^((i - 16) / 24), i < 24. The index of the quantiser q, 0 .. 255, is four times the QP.
extern const int32_t kStep[24];
inline constexpr int kStepBits = 14;

// Six taps for quarters of a luma sample, four (as six) for eighths of a chroma sample; they sum to 64.
extern const int16_t kLumaTaps[4][6];
extern const int16_t kChromaTaps[8][6];

// Slopes of the 33 directions in 1/32 samples, from 45 degrees below left (0) over left (8), above left (16) and above
// (24) to above right (32).
extern const int8_t kAngle[33];

// The place of every coefficient in scan(), counted from 1; in raster order.
const int16_t* ranks(int log_w, int log_h);

// -log2(p / 32768) in 1/512 bits of p = 8 i + 4.
struct BitTable {
  uint16_t at[4097];
  constexpr BitTable();
};
extern const BitTable kBitTable;

// About -log2(p / 32768) in 1/512 bits, for 8 <= p <= 32768.
inline uint32_t bits_of(uint32_t probability) { return kBitTable.at[probability >> 3]; }

}  // namespace stf::lossy
