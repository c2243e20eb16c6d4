#include "lossy/payload.hpp"

#include "common/bytes.hpp"
#include "lossy/default_models.hpp"

namespace stf::lossy {

bool FrameTable::parse(const uint8_t* payload, size_t size, const Structure& structure, const Geometry& g) {
  ByteReader in(payload, size);
  const unsigned flags = in.u8();
  rgb = flags & 1;
  if (flags > 1 || (rgb && (g.components < 3 || g.sub_x[1] != 0 || g.sub_y[1] != 0))) return false;
  const bool has_chroma = g.components > 1;
  const uint32_t frames = structure.frames();
  luma.resize(frames);
  chroma.resize(frames);
  for (const uint32_t t : structure.stored()) {
    luma[t].size = static_cast<size_t>(in.uvarint_in(1, size));
    if (has_chroma) chroma[t].size = static_cast<size_t>(in.uvarint_in(1, size));
  }
  for (const uint32_t t : structure.stored()) {
    luma[t].data = in.bytes(luma[t].size);
    if (has_chroma) chroma[t].data = in.bytes(chroma[t].size);
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

void begin_frame(FrameState& f, const Geometry& g, const Structure& structure, uint32_t t, std::vector<Slot>& slots,
                 const SlotPlan& plan) {
  const FrameRefs& refs = structure.refs(t);
  Picture& picture = slots[plan.slot[t]].picture;
  picture.time = t;
  f.references = refs.count;
  const uint32_t to[2] = {refs.a, refs.b};
  const Slot* deeper = nullptr;
  uint8_t level = 0;
  for (unsigned r = 0; r < 2; ++r) {
    f.reference[r] = nullptr;
    picture.reference_distance[r] = 0;
    if (r >= refs.count) continue;
    const Slot& slot = slots[plan.slot[to[r]]];
    f.reference[r] = &slot.picture;
    std::copy_n(slot.picture.planes, STF_MAX_COMPONENTS, f.from[r]);
    std::fill_n(f.scaling[r], STF_MAX_COMPONENTS, Scaling{});
    picture.reference_distance[r] = static_cast<int>(to[r]) - static_cast<int>(t);
    if (deeper == nullptr || structure.refs(to[r]).level > level) {
      deeper = &slot;
      level = structure.refs(to[r]).level;
    }
  }
  if (deeper != nullptr) {
    f.luma = deeper->luma;
    f.chroma = deeper->chroma;
  } else {
    set_defaults(f.luma, f.chroma);
  }
  f.begin(g, picture);
}

}  // namespace stf::lossy
