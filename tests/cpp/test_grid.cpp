// The cuts of an axis: exact cover, and the promises of the balanced one.

#include <vector>

#include "check.hpp"
#include "stfrag/stfrag.h"

namespace {

std::vector<uint32_t> cut(uint32_t size, uint32_t piece, stf_cut kind, uint32_t align) {
  stf_error error{};
  size_t n = 0;
  std::vector<uint32_t> borders(size / piece + 2);
  CHECK_STATUS(stf_grid_cut(size, piece, kind, align, borders.data(), borders.size(), &n, &error), STF_OK);
  size_t counted = 0;
  CHECK_STATUS(stf_grid_cut(size, piece, kind, align, nullptr, 0, &counted, &error), STF_OK);
  CHECK(n == counted && n >= 1 && n < borders.size());
  borders.resize(n + 1);
  CHECK(borders.front() == 0 && borders.back() == size);
  for (size_t i = 0; i < n; ++i) CHECK(borders[i] < borders[i + 1]);
  for (size_t i = 1; i < n; ++i) CHECK(borders[i] % align == 0);
  return borders;
}

void balanced(uint32_t size, uint32_t piece, uint32_t align) {
  const auto b = cut(size, piece, STF_CUT_BALANCED, align);
  const uint32_t p = (piece + align - 1) / align * align;
  if (b.size() == 2) {
    CHECK(2 * uint64_t{size} < 3 * uint64_t{p});
    return;
  }
  for (size_t i = 0; i + 1 < b.size(); ++i) {
    const uint64_t length = b[i + 1] - b[i];
    CHECK(2 * length >= p && 2 * length <= 3 * uint64_t{p});
  }
  if (p >= 64)
    for (size_t i = 1; i + 1 < b.size(); ++i) CHECK(b[i] % 16 == 0);
}

}  // namespace

TEST("exhaustively, small") {
  for (uint32_t align : {1u, 2u, 4u})
    for (uint32_t piece = 1; piece < 80; ++piece)
      for (uint32_t size = 1; size < 400; ++size) {
        balanced(size, piece, align);
        if (piece % align == 0) {
          const auto b = cut(size, piece, STF_CUT_EXACT, align);
          for (size_t i = 0; i + 2 < b.size(); ++i) CHECK(b[i + 1] - b[i] == piece);
        }
      }
}

TEST("large and known") {
  check::Random random;
  for (int i = 0; i < 2000; ++i) {
    const uint32_t piece = random.in(64, 16384), size = random.in(1, 1u << 20);
    balanced(size, piece, 1u << random.in(0, 2));
  }
  balanced(INT32_MAX, 16384, 4);
  CHECK((cut(1080, 256, STF_CUT_BALANCED, 2) == std::vector<uint32_t>{0, 272, 544, 816, 1080}));
  CHECK((cut(1080, 256, STF_CUT_EXACT, 2) == std::vector<uint32_t>{0, 256, 512, 768, 1024, 1080}));
  CHECK((cut(35, 35, STF_CUT_EXACT, 2) == std::vector<uint32_t>{0, 35}));  // no inner border, nothing to align
}

TEST("bad arguments") {
  stf_error error{};
  size_t n = 0;
  uint32_t few[2];
  CHECK(stf_grid_cut(64, 33, STF_CUT_EXACT, 2, nullptr, 0, &n, &error) == STF_E_ARGUMENT);
  CHECK(stf_grid_cut(0, 16, STF_CUT_EXACT, 1, nullptr, 0, &n, &error) == STF_E_ARGUMENT);
  CHECK(stf_grid_cut(16, 0, STF_CUT_EXACT, 1, nullptr, 0, &n, &error) == STF_E_ARGUMENT);
  CHECK(stf_grid_cut(16, 16, static_cast<stf_cut>(7), 1, nullptr, 0, &n, &error) == STF_E_ARGUMENT);
  CHECK(stf_grid_cut(64, 16, STF_CUT_EXACT, 1, few, 2, &n, &error) == STF_E_CAPACITY);
  CHECK(stf_grid_cut(INT32_MAX, 1, STF_CUT_BALANCED, 1, nullptr, 0, &n, &error) == STF_OK && n == INT32_MAX);
}

CHECK_MAIN()
