// What the lossless encoder looks at, by effort: one row for each of the efforts 1 to 9.
#pragma once

#include <cstdint>

#include "lossless/model.hpp"

namespace stf::lossless {

struct LosslessTools {
  uint8_t linear;        // most linear predictors that a group may have; 0: fixed ones only
  uint8_t rounds;        // how often blocks choose anew and coefficients are solved for anew
  uint8_t search_steps;  // most steps of a block's walk to its vector; 0: no motion
  uint8_t coarse_reach;  // reach of the coarse search for motion, in steps of 4 samples
  uint16_t training;     // most blocks that a group's linear predictors are learned from
  uint8_t tables;        // most probability tables; 0: the coder has none
  uint8_t row_step;      // linear predictors are judged by each row_step-th row of a block
  ResidualCoder coder;
};

inline constexpr LosslessTools kLosslessTools[9] = {
    // effort 1
    {.linear = 0,
     .rounds = 0,
     .search_steps = 0,
     .coarse_reach = 0,
     .training = 0,
     .tables = 16,
     .row_step = 2,
     .coder = ResidualCoder::kRows},
    // effort 2
    {.linear = 0,
     .rounds = 0,
     .search_steps = 4,
     .coarse_reach = 6,
     .training = 0,
     .tables = 24,
     .row_step = 2,
     .coder = ResidualCoder::kRows},
    // effort 3
    {.linear = 0,
     .rounds = 0,
     .search_steps = 8,
     .coarse_reach = 8,
     .training = 0,
     .tables = 24,
     .row_step = 2,
     .coder = ResidualCoder::kRows},
    // effort 4
    {.linear = 3,
     .rounds = 2,
     .search_steps = 8,
     .coarse_reach = 8,
     .training = 256,
     .tables = 24,
     .row_step = 2,
     .coder = ResidualCoder::kWest},
    // effort 5
    {.linear = 6,
     .rounds = 2,
     .search_steps = 8,
     .coarse_reach = 8,
     .training = 256,
     .tables = 24,
     .row_step = 2,
     .coder = ResidualCoder::kWest},
    // effort 6
    {.linear = 8,
     .rounds = 4,
     .search_steps = 12,
     .coarse_reach = 8,
     .training = 2048,
     .tables = 48,
     .row_step = 1,
     .coder = ResidualCoder::kWest},
    // effort 7
    {.linear = 10,
     .rounds = 5,
     .search_steps = 12,
     .coarse_reach = 10,
     .training = 4096,
     .tables = 48,
     .row_step = 1,
     .coder = ResidualCoder::kWest},
    // effort 8
    {.linear = 8,
     .rounds = 4,
     .search_steps = 12,
     .coarse_reach = 8,
     .training = 2048,
     .tables = 0,
     .row_step = 1,
     .coder = ResidualCoder::kMixed},
    // effort 9
    {.linear = 14,
     .rounds = 8,
     .search_steps = 16,
     .coarse_reach = 12,
     .training = 8192,
     .tables = 0,
     .row_step = 1,
     .coder = ResidualCoder::kMixed},
};

// The tools of an effort; what is below 1 or above 9 is taken as that.
inline const LosslessTools& lossless_tools(uint8_t effort) {
  return kLosslessTools[(effort < 1 ? 1 : effort > 9 ? 9 : effort) - 1];
}

}  // namespace stf::lossless
