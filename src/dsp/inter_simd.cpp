#include "dsp/inter.hpp"
#include "dsp/vec.hpp"

namespace stf {
namespace STF_ISA {

void fill(InterKernels&) {}

}  // namespace STF_ISA
}  // namespace stf
