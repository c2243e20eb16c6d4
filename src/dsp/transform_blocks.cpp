// Transforms of whole blocks: the last axis by transposing rows into lanes, the others in place.

#include "dsp/transform_blocks.hpp"

#include <algorithm>
#include <cstring>

namespace stf {
namespace {

constexpr size_t kTileLanes = 16;

// One axis of one kind of transform.
struct Step {
  const TransformKernels& kernels;
  const DctPass* by_range;  // kRanges tables of kTransformSizes passes, or one
  bool ranged;
  int index, shift;

  void operator()(int32_t* data, ptrdiff_t stride, size_t lanes) const {
    const int range = ranged ? range_of(kernels.magnitude(data, (size_t{4} << index) * lanes), index, shift) : 0;
    by_range[range * kTransformSizes + index](data, stride, data, stride, lanes, shift);
  }
};

// Transform along rows of `points` numbers: up to 16 rows at a time are turned into lanes.
void along_rows(const Step& step, int32_t* data, size_t rows) {
  const size_t points = size_t{4} << step.index;
  alignas(64) int32_t tile[32 * kTileLanes];
  alignas(64) int32_t padded[4 * 32];
  const auto stride = static_cast<ptrdiff_t>(points);
  for (size_t row = 0; row < rows;) {
    const size_t lanes = std::min(kTileLanes, (rows - row) & ~size_t{3});
    if (lanes != 0) {
      int32_t* at = data + row * points;
      step.kernels.transpose(at, stride, tile, static_cast<ptrdiff_t>(lanes), lanes, points);
      step(tile, static_cast<ptrdiff_t>(lanes), lanes);
      step.kernels.transpose(tile, static_cast<ptrdiff_t>(lanes), at, stride, points, lanes);
      row += lanes;
    } else {  // one to three rows are left
      const size_t size = (rows - row) * points * sizeof *data;
      std::memset(padded, 0, sizeof padded);
      std::memcpy(padded, data + row * points, size);
      step.kernels.transpose(padded, stride, tile, 4, 4, points);
      step(tile, 4, 4);
      step.kernels.transpose(tile, 4, padded, stride, points, 4);
      std::memcpy(data + row * points, padded, size);
      row = rows;
    }
  }
}

void along_outer(const Step& step, int32_t* data, size_t count, size_t inner) {
  const size_t points = size_t{4} << step.index;
  for (size_t i = 0; i < count; ++i) step(data + i * points * inner, static_cast<ptrdiff_t>(inner), inner);
}

// One kind of transform, along all axes.
struct Axes {
  const TransformKernels& kernels;
  const DctPass* passes;  // as Step's
  bool ranged;
  bool inverse;   // axes in the order T, Y, X; else X, Y, T
  int shifts[3];  // of the results along T, Y, X
};

void all_axes(const Axes& axes, BlockShape shape, int32_t* data, size_t blocks) {
  const uint32_t sizes[3] = {shape.t, shape.y, shape.x};
  // A block's axes follow each other while it is in the cache; rows shorter than a tile are shared between blocks.
  const size_t samples = shape.samples();
  const size_t batch = std::max<size_t>(1, kTileLanes * shape.x / samples);
  for (size_t block = 0; block < blocks; block += batch) {
    const size_t n = std::min(batch, blocks - block);
    int32_t* at = data + block * samples;
    for (int i = 0; i < 3; ++i) {
      const int axis = axes.inverse ? i : 2 - i;
      if (sizes[axis] == 1) continue;
      const Step step{axes.kernels, axes.passes, axes.ranged, transform_index(sizes[axis]), axes.shifts[axis]};
      if (axis == 2) along_rows(step, at, n * samples / shape.x);
      else along_outer(step, at, axis == 1 ? n * shape.t : n, axis == 1 ? shape.x : size_t{shape.y} * shape.x);
    }
  }
}

void dct(const TransformKernels& kernels, BlockShape shape, bool inverse, int scale_bits, int32_t* data,
         size_t blocks) {
  const auto shift = [](uint32_t size) { return size == 1 ? 0 : kDctShift[transform_index(size)]; };
  const int x = shift(shape.x) + (inverse ? scale_bits : -scale_bits);
  const DctPass* passes = inverse ? kernels.inverse[0] : kernels.forward[0];
  all_axes({kernels, passes, true, inverse, {shift(shape.t), shift(shape.y), x}}, shape, data, blocks);
}

}  // namespace

void dct_forward(const TransformKernels& kernels, BlockShape shape, int scale_bits, int32_t* data, size_t blocks) {
  dct(kernels, shape, false, scale_bits, data, blocks);
}

void dct_inverse(const TransformKernels& kernels, BlockShape shape, int scale_bits, int32_t* data, size_t blocks) {
  dct(kernels, shape, true, scale_bits, data, blocks);
}

void hadamard_forward(const TransformKernels& kernels, BlockShape shape, int32_t* data, size_t blocks) {
  all_axes({kernels, kernels.hadamard, false, false, {0, 0, 0}}, shape, data, blocks);
}

void hadamard_inverse(const TransformKernels& kernels, BlockShape shape, int32_t* data, size_t blocks) {
  // The last pass (X) does all of the division: what earlier passes rounded would be lost.
  int shift = 0;
  for (size_t samples = shape.samples(); samples > 1; samples /= 2) ++shift;
  all_axes({kernels, kernels.hadamard, false, true, {0, 0, shift}}, shape, data, blocks);
}

}  // namespace stf
