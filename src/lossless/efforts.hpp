// Which tools an effort turns on.
#pragma once

#include <cstdint>

#include "lossless/model.hpp"

namespace stf::lossless {

struct Tools {
  uint8_t linear;        // most linear predictors a group may have; 0: fixed ones only
  uint8_t rounds;        // of choosing blocks and solving for coefficients
  uint8_t search_steps;  // of motion refinement; 0: no motion
  uint8_t coarse;        // reach of the coarse search, in steps of 4 samples
  uint16_t training;     // blocks that a group's linear predictors are learned from
  uint8_t tables;        // most probability tables
  uint8_t row_step;      // linear predictors are judged by each row_step-th row
  ResidualCoder coder;
};

inline constexpr Tools kTools[10] = {
    {},
    {0, 0, 0, 0, 0, 16, 2, ResidualCoder::kRows},        // 1
    {0, 0, 4, 6, 0, 24, 2, ResidualCoder::kRows},        // 2
    {0, 0, 8, 8, 0, 24, 2, ResidualCoder::kRows},        // 3
    {3, 2, 8, 8, 256, 24, 2, ResidualCoder::kWest},      // 4
    {6, 2, 8, 8, 256, 24, 2, ResidualCoder::kWest},      // 5
    {8, 4, 12, 8, 2048, 48, 1, ResidualCoder::kWest},    // 6
    {10, 5, 12, 10, 4096, 48, 1, ResidualCoder::kWest},  // 7
    {8, 4, 12, 8, 2048, 0, 1, ResidualCoder::kMixed},    // 8
    {14, 8, 16, 12, 8192, 0, 1, ResidualCoder::kMixed},  // 9
};

inline const Tools& tools_for(uint8_t effort) { return kTools[effort < 1 ? 1 : effort > 9 ? 9 : effort]; }

}  // namespace stf::lossless
