#include "lossy/default_models.hpp"
#ifdef STF_CENSUS
#include <cstdio>
#include <cstdlib>
#include <vector>
#endif

namespace stf::lossy {
namespace {

// How many symbols the tables count as: the more, the slower they are to follow what comes.
constexpr uint8_t kTrust = 8;

struct Loader {
  const int16_t* from;
  uint8_t trust = kTrust;
  template <unsigned N, unsigned Limit>
  void operator()(AdaptiveModel<N, Limit>& model) {
    for (unsigned i = 0; i < N - 1; ++i) model.bound[i] = *from++;
    model.count = trust;
  }
};

}  // namespace

void set_defaults(LumaModels& luma, ChromaModels& chroma) {
  luma = {};
  chroma = {};
#ifdef STF_CENSUS
  static std::vector<int16_t> table;
  if (table.empty()) {
    const char* name = std::getenv("TABLES");
    if (name == nullptr) return;
    std::FILE* f = std::fopen(name, "rb");
    table.resize(20000);
    table.resize(std::fread(table.data(), 2, table.size(), f));
    std::fclose(f);
  }
  Loader loader{table.data()};
  if (const char* t = std::getenv("TRUST")) loader.trust = static_cast<uint8_t>(std::atoi(t));
#else
  Loader loader{kDefaultBounds};
#endif
  luma.visit(loader);
  chroma.visit(loader);
}

}  // namespace stf::lossy
