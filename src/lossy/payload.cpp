#include "lossy/payload.hpp"

#include "common/bytes.hpp"

namespace stf::lossy {

bool FrameTable::parse(std::span<const uint8_t> payload, const Structure& structure, const Geometry& g) {
  ByteReader in(payload.data(), payload.size());
  const unsigned flags = in.u8();
  rgb = flags & 1;
  if (flags > 1 || (rgb && (g.components < 3 || g.sub_x[1] != 0 || g.sub_y[1] != 0))) return false;
  const bool has_chroma = g.components > 1;
  const uint32_t frames = structure.frames();
  std::vector<size_t> luma_sizes(frames), chroma_sizes(frames);
  for (const uint32_t t : structure.stored()) {
    luma_sizes[t] = static_cast<size_t>(in.uvarint_in(1, payload.size()));
    if (has_chroma) chroma_sizes[t] = static_cast<size_t>(in.uvarint_in(1, payload.size()));
  }
  luma.resize(frames);
  chroma.resize(frames);
  for (const uint32_t t : structure.stored()) {
    luma[t] = {in.bytes(luma_sizes[t]), luma_sizes[t]};
    if (has_chroma) chroma[t] = {in.bytes(chroma_sizes[t]), chroma_sizes[t]};
  }
  return in.ok() && in.left() == 0;
}

bool write_frames(const Structure& structure, const std::vector<Array<uint8_t>>& luma,
                  const std::vector<Array<uint8_t>>& chroma, bool rgb, Array<uint8_t>& out) {
  ByteWriter table(out.allocator());
  table.u8(rgb);
  for (const uint32_t t : structure.stored()) {
    table.uvarint(luma[t].size());
    if (!chroma.empty()) table.uvarint(chroma[t].size());
  }
  size_t total = table.size();
  for (const Array<uint8_t>& section : luma) total += section.size();
  for (const Array<uint8_t>& section : chroma) total += section.size();
  if (!table.ok() || !out.reserve(out.size() + total)) return false;
  out.append(table.buffer());
  for (const uint32_t t : structure.stored()) {
    out.append(luma[t]);
    if (!chroma.empty()) out.append(chroma[t]);
  }
  return out.ok();
}

}  // namespace stf::lossy
