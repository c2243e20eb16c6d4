#include "lossy/frame_slots.hpp"

#include "lossy/default_models.hpp"

namespace stf::lossy {

bool FrameSlots::allocate(const stf_env& env, const Geometry& g, unsigned n_planes) {
  for (OwnPicture& picture : pictures_)
    if (!picture.allocate(env, g, n_planes)) return false;
  return models_.allocate(env, plan_.slots);
}

void FrameSlots::begin(FrameState& f, uint32_t t) {
  const FrameRefs& refs = structure_.refs(t);
  Picture& current = picture(t);
  current.time = t;
  f.references = refs.count;
  const uint32_t to[2] = {refs.a, refs.b};
  const Models* deeper = nullptr;
  uint8_t level = 0;
  for (unsigned r = 0; r < 2; ++r) {
    f.reference[r] = nullptr;
    current.reference_distance[r] = 0;
    if (r >= refs.count) continue;
    const Picture& reference = picture(to[r]);
    f.reference[r] = &reference;
    std::copy_n(reference.planes, STF_MAX_COMPONENTS, f.from[r]);
    std::fill_n(f.scaling[r], STF_MAX_COMPONENTS, Scaling{});
    current.reference_distance[r] = static_cast<int>(to[r]) - static_cast<int>(t);
    if (deeper == nullptr || structure_.refs(to[r]).level > level) {
      deeper = &models_[of(to[r])];
      level = structure_.refs(to[r]).level;
    }
  }
  if (deeper != nullptr) {
    f.luma = deeper->luma;
    f.chroma = deeper->chroma;
  } else {
    set_defaults(f.luma, f.chroma);
  }
  f.begin(current);
}

void FrameSlots::end(const FrameState& f, uint32_t t) {
  models_[of(t)].luma = f.luma;
  models_[of(t)].chroma = f.chroma;
}

}  // namespace stf::lossy
