#include "dsp/cost.hpp"
#include "dsp/vec.hpp"

namespace stf {
namespace STF_ISA {

void fill(CostKernels&) {}

}  // namespace STF_ISA
}  // namespace stf
