// Where fragments of a slab meet: which borders the seam filter (stf_seam_filter) takes, and what a box needs for it.
#pragma once

#include <cstdint>
#include <vector>

#include "container/format/page.hpp"
#include "stfrag/blocks.h"

namespace stf::store {

// Compute the box to decode so that all samples of `box`, of the components of the mask, can be filtered: `box` and,
// where a border that may be filtered is within its reach, what it reads on either side; never of fragments that do
// not lie at such a border. Filters between columns go first, so what filters between rows read is reached by those
// too.
Box seam_box(const stf_format& format, uint32_t components, const Page& page, const Box& box);

// List the borders of component c that can be filtered in `box`: relative to the component's box, none that reach out
// of it. lossy[i] says whether row i of the page is of a lossy fragment; others count as exact.
std::vector<stf_seam> seams_of(const stf_format& format, uint32_t c, const Page& page, const Box& box,
                               const std::vector<uint8_t>& lossy);

}  // namespace stf::store
