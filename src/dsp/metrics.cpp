// The kernels of the metrics for the baseline processor, and their tables.

#include "dsp/metrics.hpp"

#define STF_METRICS scalar_metrics
#include "dsp/metrics_rows.hpp"

namespace stf {

const KernelTables<MetricKernels>& metric_tables() {
  static const KernelTables<MetricKernels> tables(scalar_metrics::fill_rows<MetricKernels>, STF_KERNEL_LEVELS);
  return tables;
}

}  // namespace stf
