// What the symbols of coefficients cost, in 1/512 bits: looked up in the models once for many blocks.
#pragma once

#include "lossy/coefficients.hpp"

namespace stf::lossy {

// Costs of all symbols of CoefficientModels that are chosen among, under the same names.
struct CoefficientCosts {
  uint16_t last_class[kTransformSizes][11], last_digit[kTransformSizes][11][2];
  uint16_t last_level[kTransformSizes][4][3];
  uint16_t level[kTransformSizes][25][kLevels];
  uint16_t more[kTransformSizes][14][kLevels];

  // Take the costs of the models as they are now.
  void look_up(const CoefficientModels& models);
};

}  // namespace stf::lossy
