// Chroma replication and the matrix, a vector of pixels at a time.

#include "dsp/colour.hpp"
#include "dsp/vec.hpp"

namespace stf {
namespace STF_ISA {
namespace {

}  // namespace

void fill(ColourKernels&) {}

}  // namespace STF_ISA
}  // namespace stf
