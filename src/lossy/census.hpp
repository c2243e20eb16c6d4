// The census: how often each model had each symbol. It is taken to train the built-in tables (docs/lossy.md), in builds
// with STF_CENSUS alone; elsewhere these macros are nothing.
#pragma once

#ifdef STF_CENSUS
#include <array>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <unordered_map>

namespace stf::lossy {

// Counts of symbols by the address of their model.
inline std::unordered_map<const void*, std::array<uint64_t, 16>> census;

// Append the counts of one fragment's models to the file that CENSUS names: 16 numbers each, in the order of visit().
struct CensusWriter {
  std::FILE* file;
  template <typename Model>
  void operator()(Model& model) {
    std::fwrite(census[&model].data(), sizeof(uint64_t), 16, file);
  }
};
template <typename... Models>
void write_census(Models&... models) {
  const char* name = std::getenv("CENSUS");
  std::FILE* file = name != nullptr ? std::fopen(name, "ab") : nullptr;
  if (file == nullptr) return;
  CensusWriter writer{file};
  (models.visit(writer), ...);
  std::fclose(file);
  census.clear();
}

}  // namespace stf::lossy

#define STF_CENSUS_WRITE(...) write_census(__VA_ARGS__)
#define STF_CENSUS_COUNT(model, value) ++census[&(model)][value]
#define STF_CENSUS_NUMBER(model, value)                                                              \
  do {                                                                                               \
    const auto census_k = static_cast<unsigned>(std::bit_width((value) + 1)) - 1;                    \
    for (unsigned i = 0; i <= census_k; ++i) ++census[&(model).more[i < 16 ? i : 15]][i < census_k]; \
  } while (false)
#else
#define STF_CENSUS_WRITE(...) static_cast<void>(0)
#define STF_CENSUS_COUNT(model, value) static_cast<void>(0)
#define STF_CENSUS_NUMBER(model, value) static_cast<void>(0)
#endif
