// The transforms over vectors.

#include "dsp/transform.hpp"
#include "dsp/vec.hpp"

namespace stf {
namespace STF_ISA {

void fill(TransformKernels&) {}

}  // namespace STF_ISA
}  // namespace stf
