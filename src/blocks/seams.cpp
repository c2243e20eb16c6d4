// The C API of the seam filter: how strong it is, and lines across a border to the kernel and back.

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "common/border.hpp"
#include "common/root.hpp"
#include "common/status.hpp"
#include "dsp/seam.hpp"
#include "stfrag/blocks.h"

namespace stf {
namespace {

static_assert(kSeamReach == STF_SEAM_REACH);

// The levels, from flat to busy. Parts are what reduces squared errors most on fragments of five clips, QP 22 to 44:
// errors on both sides are independent, so up to half of a step is due to either, the less the farther it is away and
// the more the picture itself changes (docs/lossy.md, "Seams").
struct Level {
  int busy, step;        // in halves of the noise
  int part[kSeamReach];  // of a step, in 1/64, where both sides are as noisy
};
constexpr Level kLevels[kSeamLevels] = {
    {1, 8, {25, 18, 13, 10, 7, 5, 3, 1}},
    {2, 8, {24, 12, 6, 3, 1, 0, 0, 0}},
    {4, 8, {20, 6, 1, 0, 0, 0, 0, 0}},
    {8, 8, {12, 1, 0, 0, 0, 0, 0, 0}},
};

// A side's share in the squared error, in 1/32768: half where both are as noisy.
int share_of(uint64_t noise, uint64_t both) { return static_cast<int>(((noise << 15) + both / 2) / both); }

// 2 * part / 64 of a step times the share, in 1/32768.
int16_t part_of(int part, int share) { return static_cast<int16_t>((part * share + 16) >> 5); }

SeamStrength seam_strength(const stf_seam& seam, uint32_t bits) {
  const uint64_t both = uint64_t{seam.noise_before} + seam.noise_after;  // not 0
  const auto noise = static_cast<int>(root_of(both / 2));                // in 1/16 of a sample
  const int before = share_of(seam.noise_before, both), after = share_of(seam.noise_after, both);
  SeamStrength out{};
  for (int level = 0; level < kSeamLevels; ++level) {
    const Level& of = kLevels[level];
    out.busy[level] = static_cast<int16_t>(std::min((of.busy * noise + 31) >> 5, 1 << 14));
    out.step[level] = static_cast<int16_t>(std::min((of.step * noise + 16) >> 5, (1 << 14) - 1));
    for (uint32_t i = 0; i < kSeamReach; ++i) {
      if (i < seam.before) out.before[level][i] = part_of(of.part[i], before);
      if (i < seam.after) out.after[level][i] = part_of(of.part[i], after);
    }
  }
  out.largest = static_cast<int16_t>((1 << bits) - 1);
  return out;
}

// Some lines across a border: where they are in memory, and how far it is from sample to sample.
struct Lines {
  uint8_t* at;  // first sample after the border
  ptrdiff_t across, along;
  int before, after;
};

constexpr size_t kLinesAtOnce = 64;

template <typename T, bool out>
void move_sample(uint8_t* at, int16_t& sample) {
  T value = static_cast<T>(sample);
  if constexpr (out) {
    std::memcpy(at, &value, sizeof value);
  } else {
    std::memcpy(&value, at, sizeof value);
    sample = static_cast<int16_t>(value);
  }
}

// Lines that lie along rows of memory, eight at once and of full reach: of fixed size, so that compilers use vectors.
constexpr size_t kLinesTurned = 8;

template <typename T, bool out>
void turn_lines(uint8_t* at, ptrdiff_t along, int16_t (*rows)[kLinesAtOnce], size_t first) {
  T lines[kLinesTurned][2 * kSeamReach];
  if constexpr (!out)
    for (size_t i = 0; i < kLinesTurned; ++i)
      std::memcpy(lines[i], at + static_cast<ptrdiff_t>(i) * along - kSeamReach * sizeof(T), sizeof lines[i]);
  for (size_t k = 0; k < 2 * kSeamReach; ++k)
    for (size_t i = 0; i < kLinesTurned; ++i) {
      if constexpr (out) lines[i][k] = static_cast<T>(rows[k][first + i]);
      else rows[k][first + i] = static_cast<int16_t>(lines[i][k]);
    }
  if constexpr (out)
    for (size_t i = 0; i < kLinesTurned; ++i)
      std::memcpy(at + static_cast<ptrdiff_t>(i) * along - kSeamReach * sizeof(T), lines[i], sizeof lines[i]);
}

// Between the plane and rows of kLinesAtOnce samples, which the kernel takes.
template <typename T, bool out>
void move_lines(const Lines& lines, int16_t (*rows)[kLinesAtOnce], size_t n) {
  if (lines.across == sizeof(T)) {  // lines lie along rows of memory
    size_t i = 0;
    if (lines.before == kSeamReach && lines.after == kSeamReach)
      for (; i + kLinesTurned <= n; i += kLinesTurned)
        turn_lines<T, out>(lines.at + static_cast<ptrdiff_t>(i) * lines.along, lines.along, rows, i);
    for (; i < n; ++i) {
      uint8_t* const line = lines.at + static_cast<ptrdiff_t>(i) * lines.along;
      for (int k = -lines.before; k < lines.after; ++k)
        move_sample<T, out>(line + k * static_cast<ptrdiff_t>(sizeof(T)), rows[kSeamReach + k][i]);
    }
    return;
  }
  for (int k = -lines.before; k < lines.after; ++k) {
    uint8_t* const row = lines.at + k * lines.across;
    if (lines.along == sizeof(T)) {
      for (size_t i = 0; i < n; ++i) move_sample<T, out>(row + i * sizeof(T), rows[kSeamReach + k][i]);
    } else {
      for (size_t i = 0; i < n; ++i)
        move_sample<T, out>(row + static_cast<ptrdiff_t>(i) * lines.along, rows[kSeamReach + k][i]);
    }
  }
}

// What has a sign is moved to begin at 0, and back.
void shift_rows(int16_t (*rows)[kLinesAtOnce], int by) {
  for (size_t k = 0; k < 2 * kSeamReach; ++k)
    for (size_t i = 0; i < kLinesAtOnce; ++i) rows[k][i] = static_cast<int16_t>(rows[k][i] + by);
}

template <typename T>
void filter_seam(const stf_plane& plane, uint32_t frames, const stf_seam& seam, uint32_t bits) {
  const SeamStrength strength = seam_strength(seam, bits);
  const SeamKernels& kernels = seam_kernels();
  const ptrdiff_t across = seam.between_rows ? plane.stride_y : plane.stride_x;
  const ptrdiff_t along = seam.between_rows ? plane.stride_x : plane.stride_y;
  int16_t rows[2 * kSeamReach][kLinesAtOnce] = {};  // what is out of reach is never looked at
  for (uint32_t t = 0; t < frames; ++t)
    for (uint32_t first = seam.begin; first < seam.end; first += kLinesAtOnce) {
      const size_t n = std::min<size_t>(kLinesAtOnce, seam.end - first);
      const Lines lines{static_cast<uint8_t*>(plane.data) + static_cast<ptrdiff_t>(t) * plane.stride_t +
                            static_cast<ptrdiff_t>(seam.at) * across + static_cast<ptrdiff_t>(first) * along,
                        across, along, seam.before, seam.after};
      constexpr bool kSigned = std::is_signed_v<T>;
      move_lines<T, false>(lines, rows, n);
      if constexpr (kSigned) shift_rows(rows, 1 << (bits - 1));
      if (!kernels.filter(rows[0], kLinesAtOnce, n, strength)) continue;
      if constexpr (kSigned) shift_rows(rows, -(1 << (bits - 1)));
      move_lines<T, true>(lines, rows, n);
    }
}

stf_status check_seam(const stf_seam& seam, size_t number, stf_size size, stf_error* error) {
  if (seam.reserved != 0) return fail(error, STF_E_ARGUMENT, "reserved fields of border %zu must be zero", number);
  const uint32_t across = seam.between_rows ? size.y : size.x, along = seam.between_rows ? size.x : size.y;
  if (seam.between_rows > 1 || seam.before < 4 || seam.before > kSeamReach || seam.after < 4 ||
      seam.after > kSeamReach || seam.at < seam.before || seam.at > across || across - seam.at < seam.after ||
      seam.begin > seam.end || seam.end > along)
    return fail(error, STF_E_ARGUMENT,
                "border %zu, before %s %u, or its reach of %u and %u samples is not inside of the "
                "plane, or less than 4 or more than %d",
                number, seam.between_rows ? "row" : "column", seam.at, seam.before, seam.after, kSeamReach);
  return STF_OK;
}

}  // namespace
}  // namespace stf

extern "C" stf_status stf_seam_filter(uint8_t dtype, uint32_t bits, const stf_plane* plane, stf_size size,
                                      const stf_seam* seams, size_t n, stf_error* error) {
  return stf::at_border(error, [&]() -> stf_status {
    if (plane == nullptr || plane->data == nullptr || (seams == nullptr && n != 0))
      return stf::fail(error, STF_E_ARGUMENT, "the seam filter needs a plane and borders");
    const bool bytes = dtype == STF_UINT8 || dtype == STF_INT8;
    if ((!bytes && dtype != STF_UINT16 && dtype != STF_INT16) || bits < 1 || bits > (bytes ? 8u : 12u))
      return stf::fail(error, STF_E_ARGUMENT,
                       "no seam filter for dtype %u with %u bits: samples are uint8 or int8, or "
                       "uint16 or int16 with up to 12 bits",
                       dtype, bits);
    for (size_t i = 0; i < n; ++i) STF_TRY(stf::check_seam(seams[i], i, size, error));
    for (const uint8_t between_rows : {0, 1})
      for (size_t i = 0; i < n; ++i) {
        const stf_seam& seam = seams[i];
        if (seam.between_rows != between_rows || (seam.noise_before == 0 && seam.noise_after == 0)) continue;
        switch (dtype) {
          case STF_UINT8: stf::filter_seam<uint8_t>(*plane, size.t, seam, bits); break;
          case STF_INT8: stf::filter_seam<int8_t>(*plane, size.t, seam, bits); break;
          case STF_UINT16: stf::filter_seam<uint16_t>(*plane, size.t, seam, bits); break;
          default: stf::filter_seam<int16_t>(*plane, size.t, seam, bits);
        }
      }
    return STF_OK;
  });
}
