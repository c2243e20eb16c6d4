// The models of the lossy profile: adaptive statistics of every kind of symbol. A frame begins with those that its
// reference of the deeper level ended with (docs/format.md, 14.4); luma and the other components have their own.
#pragma once

#include <type_traits>

#include "entropy/range_coder.hpp"

namespace stf::lossy {

inline constexpr int kTransformSizes = 4;  // about 4, 8, 16 and 32 points: half the sum of both logarithms, less 2
inline constexpr unsigned kLevels = 4;     // symbols of a level: 0, 1, 2, more
inline constexpr unsigned kIntraModes = 12, kFirstDirection = 3, kChromaModes = 5, kFilters = 4, kMergeCandidates = 5;

// Call f(model) for a model, or for every model of an array of them of any dimensions.
template <typename F, typename Model>
void visit_models(F& f, Model& model) {
  if constexpr (std::is_array_v<Model>) {
    for (auto& part : model) visit_models(f, part);
  } else {
    f(model);
  }
}
template <typename F, typename... Models>
void visit_all(F& f, Models&... models) {
  (visit_models(f, models), ...);
}

// Models of the coefficients of transform blocks; most are by size_class() first.
struct CoefficientModels {
  AdaptiveBit coded[kTransformSizes][3];
  AdaptiveModel<4> type[kTransformSizes - 1][2];
  AdaptiveModel<11> last_class[kTransformSizes];
  AdaptiveBit last_digit[kTransformSizes][11];
  AdaptiveModel<3> last_level[kTransformSizes][4];
  AdaptiveModel<kLevels> level[kTransformSizes][25];
  AdaptiveModel<kLevels> more[kTransformSizes][14];
  AdaptiveExpGolomb<16> rest;

  // All of them, in the order of the built-in tables (default_models.hpp).
  template <typename F>
  void visit(F& f) {
    visit_all(f, coded, type, last_class, last_digit, last_level, level, more, rest.more);
  }
};

// Models of a frame's luma section.
struct LumaModels {
  AdaptiveModel<4> partition[3][4];
  AdaptiveBit skip[3], intra[3], merge[3];
  AdaptiveModel<kMergeCandidates> candidate;
  AdaptiveModel<3> references[3];
  AdaptiveModel<15> vector_class[2];
  AdaptiveBit vector_digit[2][15];
  AdaptiveModel<kIntraModes> mode[4][4];
  AdaptiveModel<4> angle;
  AdaptiveBit split[4][2];
  AdaptiveModel<8> quantiser;
  AdaptiveModel<kFilters> filter;
  CoefficientModels coefficients;

  template <typename F>
  void visit(F& f) {
    visit_all(f, partition, skip, intra, merge, candidate, references, vector_class, vector_digit, mode, angle, split,
              quantiser, filter);
    coefficients.visit(f);
  }
};

// Models of its chroma section.
struct ChromaModels {
  AdaptiveBit coded[2][3];
  AdaptiveModel<kChromaModes> mode;
  AdaptiveModel<kFilters> filter;
  CoefficientModels coefficients[2];

  template <typename F>
  void visit(F& f) {
    visit_all(f, coded, mode, filter);
    for (CoefficientModels& c : coefficients) c.visit(f);
  }
};

}  // namespace stf::lossy
