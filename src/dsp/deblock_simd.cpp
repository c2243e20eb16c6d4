#include "dsp/deblock.hpp"
#include "dsp/vec.hpp"

namespace stf {
namespace STF_ISA {

void fill(DeblockKernels&) {}

}  // namespace STF_ISA
}  // namespace stf
