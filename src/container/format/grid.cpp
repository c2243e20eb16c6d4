// Cutting an axis: exact pieces, or balanced ones.
//
// Balanced: n = round(size / piece) pieces, so that their mean lies in [0.75, 1.25] piece; borders at i * size / n,
// rounded to the largest unit (16 samples if at all possible) that keeps every piece within [0.5, 1.5] piece.

#include "container/format/grid.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "common/border.hpp"
#include "common/status.hpp"

namespace stf::store {
namespace {

struct Cut {
  uint64_t size, piece, n, unit;

  uint64_t border(uint64_t i) const { return i == n ? size : unit * ((2 * i * size + n * unit) / (2 * n * unit)); }
  bool balanced() const {
    if (n == 1 || 4 * unit <= piece) return true;  // rounding moves a piece by less than a quarter
    for (uint64_t i = 0, at = 0; i < n; ++i) {
      const uint64_t next = border(i + 1), length = next - at;
      if (next <= at || 2 * length < piece || 2 * length > 3 * piece) return false;
      at = next;
    }
    return true;
  }
};

stf_status make_cut(uint32_t size, uint32_t piece, uint32_t kind, uint32_t align, Cut& cut, stf_error* error) {
  if (size == 0 || size > INT32_MAX) return fail(error, STF_E_ARGUMENT, "an axis has 1 to 2147483647 samples");
  if (piece == 0 || piece > INT32_MAX) return fail(error, STF_E_ARGUMENT, "a fragment has at least one sample");
  if (align == 0 || align > (1u << 20)) return fail(error, STF_E_ARGUMENT, "the alignment is 1 to 2^20");
  if (kind == STF_CUT_EXACT) {
    if (piece < size && piece % align != 0)
      return fail(error, STF_E_ARGUMENT,
                  "fragments of %u samples do not fit the chroma subsampling: use a "
                  "multiple of %u",
                  piece, align);
    cut = {size, piece, (uint64_t{size} + piece - 1) / piece, piece};
    return STF_OK;
  }
  if (kind != STF_CUT_BALANCED) return fail(error, STF_E_ARGUMENT, "unknown cut %u", kind);
  const uint64_t p = (uint64_t{piece} + align - 1) / align * align;
  cut = {size, p, std::max<uint64_t>(1, (2 * uint64_t{size} + p) / (2 * p)), align};
  return STF_OK;
}

// The unit is only looked for when the borders are wanted: it does not change how many there are.
void choose_unit(Cut& cut, uint64_t align) {
  for (uint64_t step = 16; step >= 1; step /= 2) {
    cut.unit = std::lcm(step, align);
    if (cut.balanced()) return;
  }
}

uint64_t border_at(const Cut& cut, uint32_t kind, uint64_t i) {
  return kind == STF_CUT_EXACT ? std::min(i * cut.piece, cut.size) : cut.border(i);
}

}  // namespace

stf_status grid_borders(uint32_t size, uint32_t piece, uint8_t kind, uint32_t align, std::vector<uint32_t>& borders,
                        stf_error* error) {
  Cut cut{};
  STF_TRY(make_cut(size, piece, kind, align, cut, error));
  if (kind == STF_CUT_BALANCED) choose_unit(cut, align);
  borders.resize(cut.n + 1);
  for (uint64_t i = 0; i <= cut.n; ++i) borders[i] = static_cast<uint32_t>(border_at(cut, kind, i));
  return STF_OK;
}

}  // namespace stf::store

// NOLINTNEXTLINE(readability-function-size): public, in C
extern "C" stf_status stf_grid_cut(uint32_t size, uint32_t piece, stf_cut cut_kind, uint32_t align, uint32_t* borders,
                                   size_t capacity, size_t* n, stf_error* error) {
  uint32_t kind;  // C may pass any number, which C++ must not even look at as an stf_cut
  static_assert(sizeof kind == sizeof cut_kind);
  std::memcpy(&kind, &cut_kind, sizeof kind);
  return stf::at_border(error, [&]() -> stf_status {
    stf::store::Cut cut{};
    if (n == nullptr) return stf::fail(error, STF_E_ARGUMENT, "n must not be NULL");
    STF_TRY(stf::store::make_cut(size, piece, kind, align, cut, error));
    *n = cut.n;
    if (borders == nullptr) return STF_OK;
    if (capacity < cut.n + 1)
      return stf::fail(error, STF_E_CAPACITY, "%zu borders do not fit into room for %zu", *n + 1, capacity);
    if (kind == STF_CUT_BALANCED) stf::store::choose_unit(cut, align);
    for (uint64_t i = 0; i <= cut.n; ++i) borders[i] = static_cast<uint32_t>(stf::store::border_at(cut, kind, i));
    return STF_OK;
  });
}
