// What the lossy encoder looks at, by effort: one row for each of the efforts 1 to 9 (docs/lossy.md has the table in
// words).
#pragma once

#include <cstdint>

namespace stf::lossy {

// How far the search for motion goes.
struct SearchEffort {
  int steps;        // at most so many steps of the descent over whole samples
  bool all_around;  // eight neighbours, not four, are tried at halves and quarters of a sample
};

// When levels are chosen by what they cost in bits too (enc_optimise.hpp).
enum class OptimiseLevels : uint8_t {
  kNever,
  kWhenWritten,  // of the block that is written, not of those that are only tried
  kAlways,
};

struct LossyTools {
  SearchEffort motion;
  int tried_inter;         // predictions from references whose residual is coded to compare them
  int tried_intra;         // intra predictions whose residual is coded to compare them; over 1: all modes of chroma too
  bool rectangles;         // blocks of 2 : 1 are tried
  bool intra_splits;       // half-size transforms are tried in intra blocks of all frames; else only in frames without
                           // references
  bool inter_splits;       // half-size transforms are tried in blocks that have motion
  int smallest_log;        // log2 of the smallest block in frames with references
  uint64_t whole_bits[4];  // [i]: a block of 8 << i samples a side is cut no further if it costs fewer bits (in 1/512)
                           // a sample than this
  bool trust_merging;      // motion is not searched where a neighbour's motion leaves no coefficients
  bool guess_sizes;        // only block sizes like those around are tried
  int transform_types;     // pairs of transforms tried for intra blocks
  bool directional_filter;  // the directional filter is tried
  OptimiseLevels optimise;
};

inline constexpr LossyTools kLossyTools[9] = {
    // effort 1
    {.motion = {.steps = 1, .all_around = false},
     .tried_inter = 1,
     .tried_intra = 1,
     .rectangles = false,
     .intra_splits = false,
     .inter_splits = false,
     .smallest_log = 4,
     .whole_bits = {0, 400, 200, 30},
     .trust_merging = true,
     .guess_sizes = true,
     .transform_types = 1,
     .directional_filter = false,
     .optimise = OptimiseLevels::kNever},
    // effort 2
    {.motion = {.steps = 2, .all_around = false},
     .tried_inter = 1,
     .tried_intra = 1,
     .rectangles = false,
     .intra_splits = false,
     .inter_splits = false,
     .smallest_log = 4,
     .whole_bits = {0, 300, 100, 10},
     .trust_merging = true,
     .guess_sizes = true,
     .transform_types = 1,
     .directional_filter = true,
     .optimise = OptimiseLevels::kWhenWritten},
    // effort 3
    {.motion = {.steps = 4, .all_around = false},
     .tried_inter = 1,
     .tried_intra = 1,
     .rectangles = false,
     .intra_splits = false,
     .inter_splits = true,
     .smallest_log = 3,
     .whole_bits = {0, 300, 100, 10},
     .trust_merging = true,
     .guess_sizes = true,
     .transform_types = 2,
     .directional_filter = true,
     .optimise = OptimiseLevels::kWhenWritten},
    // effort 4
    {.motion = {.steps = 4, .all_around = false},
     .tried_inter = 1,
     .tried_intra = 1,
     .rectangles = false,
     .intra_splits = true,
     .inter_splits = true,
     .smallest_log = 3,
     .whole_bits = {0, 200, 64, 0},
     .trust_merging = true,
     .guess_sizes = true,
     .transform_types = 2,
     .directional_filter = true,
     .optimise = OptimiseLevels::kWhenWritten},
    // effort 5
    {.motion = {.steps = 4, .all_around = false},
     .tried_inter = 2,
     .tried_intra = 2,
     .rectangles = false,
     .intra_splits = true,
     .inter_splits = true,
     .smallest_log = 3,
     .whole_bits = {0, 200, 64, 4},
     .trust_merging = true,
     .guess_sizes = true,
     .transform_types = 2,
     .directional_filter = true,
     .optimise = OptimiseLevels::kAlways},
    // effort 6
    {.motion = {.steps = 6, .all_around = true},
     .tried_inter = 2,
     .tried_intra = 2,
     .rectangles = false,
     .intra_splits = true,
     .inter_splits = true,
     .smallest_log = 3,
     .whole_bits = {0, 100, 16, 0},
     .trust_merging = false,
     .guess_sizes = false,
     .transform_types = 2,
     .directional_filter = true,
     .optimise = OptimiseLevels::kAlways},
    // effort 7
    {.motion = {.steps = 8, .all_around = true},
     .tried_inter = 3,
     .tried_intra = 3,
     .rectangles = true,
     .intra_splits = true,
     .inter_splits = true,
     .smallest_log = 3,
     .whole_bits = {},
     .trust_merging = false,
     .guess_sizes = false,
     .transform_types = 4,
     .directional_filter = true,
     .optimise = OptimiseLevels::kAlways},
    // effort 8
    {.motion = {.steps = 12, .all_around = true},
     .tried_inter = 4,
     .tried_intra = 4,
     .rectangles = true,
     .intra_splits = true,
     .inter_splits = true,
     .smallest_log = 3,
     .whole_bits = {},
     .trust_merging = false,
     .guess_sizes = false,
     .transform_types = 4,
     .directional_filter = true,
     .optimise = OptimiseLevels::kAlways},
    // effort 9
    {.motion = {.steps = 16, .all_around = true},
     .tried_inter = 6,
     .tried_intra = 6,
     .rectangles = true,
     .intra_splits = true,
     .inter_splits = true,
     .smallest_log = 3,
     .whole_bits = {},
     .trust_merging = false,
     .guess_sizes = false,
     .transform_types = 4,
     .directional_filter = true,
     .optimise = OptimiseLevels::kAlways},
};

// The tools of an effort from 1 to 9.
inline const LossyTools& lossy_tools(int effort) { return kLossyTools[effort - 1]; }

}  // namespace stf::lossy
