// The decoder of one frame: FrameEncoder (enc_frame.hpp) is its twin.
#pragma once

#include <span>

#include "lossy/deblock.hpp"
#include "lossy/directional.hpp"
#include "lossy/reconstruct.hpp"
#include "lossy/scaling.hpp"
#include "lossy/syntax.hpp"

namespace stf::lossy {

class FrameDecoder {
 public:
  // Decodes what `f` says is the current frame, into the first n_planes planes of its picture.
  FrameDecoder(const stf_env& env, FrameState& f, unsigned n_planes)
      : env_(env), f_(f), scaled_(n_planes), directional_(env, f) {}
  // Get memory for frames of f's geometry. False when there is none.
  bool allocate();

  // Decode a frame's section of luma, then that of its other components; the second needs the first.
  // STF_E_CORRUPT_FRAGMENT if a section does not end where it should, STF_E_MEMORY.
  stf_status luma(std::span<const uint8_t> section, stf_error* error);
  stf_status chroma(std::span<const uint8_t> section, stf_error* error);

 private:
  void luma_block(Reader& reader, CodingBlock& b);
  void chroma_block(Reader& reader, CodingBlock& b);
  // Read the residual of a transform block and add it to its prediction. Returns whether it has one.
  bool transform(Reader& reader, const CodingBlock& b, const TransformBlock& t);

  const stf_env& env_;
  FrameState& f_;
  ScaledReferences scaled_;
  DirectionalFilter directional_;
  bool luma_filtered_ = false;  // the directional filter has a copy of luma
  Buffer<uint8_t> filters_;     // choices of the section at hand, by superblock
  Array<CodingBlock> blocks_;   // of the frame, in the order of coding: luma finds them, chroma goes through them again
  Edges edges_;
  alignas(32) int16_t levels_[32 * 32] = {};  // zeros between transform blocks
};

}  // namespace stf::lossy
