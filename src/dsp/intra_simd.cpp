#include "dsp/intra.hpp"
#include "dsp/vec.hpp"

namespace stf {
namespace STF_ISA {

void fill(IntraKernels&) {}

}  // namespace STF_ISA
}  // namespace stf
