// The metrics' kernels, vectorised by the compiler for an instruction set (vec.hpp says how that works).

#include "dsp/metrics.hpp"

#define STF_METRICS STF_ISA
#include "dsp/metrics_rows.hpp"

namespace stf {
namespace STF_ISA {

void fill(MetricKernels& kernels) { fill_rows(kernels); }

}  // namespace STF_ISA
}  // namespace stf
