// For the training of the built-in tables alone (docs/lossy.md): which symbols each model had. Compiled out elsewhere.
#pragma once

#ifdef STF_CENSUS
#include <array>
#include <bit>
#include <cstdint>
#include <unordered_map>

namespace stf::lossy {

// Counts by the address of the model.
inline std::unordered_map<const void*, std::array<uint64_t, 16>> census;

}  // namespace stf::lossy

#define STF_CENSUS_COUNT(model, value) ++census[&(model)][value]
#define STF_CENSUS_NUMBER(model, value)                                                              \
  do {                                                                                               \
    const auto census_k = static_cast<unsigned>(std::bit_width((value) + 1)) - 1;                    \
    for (unsigned i = 0; i <= census_k; ++i) ++census[&(model).more[i < 16 ? i : 15]][i < census_k]; \
  } while (false)
#else
#define STF_CENSUS_COUNT(model, value) static_cast<void>(0)
#define STF_CENSUS_NUMBER(model, value) static_cast<void>(0)
#endif
