#include "dsp/residual.hpp"
#include "dsp/vec.hpp"

namespace stf {
namespace STF_ISA {

void fill(ResidualKernels&) {}

}  // namespace STF_ISA
}  // namespace stf
