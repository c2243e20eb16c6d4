// Defaults of the environment, and checks and arithmetic on formats.

#include "common/env.hpp"

#include <cstdlib>
#include <new>

#include "common/status.hpp"

namespace stf {

static void* default_alloc(void*, size_t size) {
  return ::operator new(size ? size : 1, std::align_val_t{64}, std::nothrow);
}
static void default_free(void*, void* address) { ::operator delete(address, std::align_val_t{64}); }

stf_status check_env(const stf_env* given, stf_error* error) {
  if (given == nullptr) return STF_OK;
  STF_TRY(check_reserved(given->reserved, "an environment", error));
  return check_reserved(given->limits.reserved, "limits", error);
}

stf_allocator default_allocator() { return {nullptr, default_alloc, default_free}; }

stf_env resolve(const stf_env* given) {
  stf_env env;
  if (given != nullptr) {
    env = *given;
  } else {
    stf_env_init(&env);
  }
  if (env.limits.max_samples == 0) env.limits.max_samples = STF_MAX_FRAGMENT_SAMPLES;
  if (env.limits.max_coded_bytes == 0) env.limits.max_coded_bytes = UINT32_MAX;
  if (env.limits.max_index_bytes == 0) env.limits.max_index_bytes = 1u << 26;
  if (env.allocator.alloc == nullptr || env.allocator.free == nullptr) env.allocator = default_allocator();
  if (env.runner.run == nullptr) env.runner.threads = 1;
  return env;
}

void run(const stf_env& env, stf_job job, void* opaque, uint32_t count, void (*poll)(void*), void* poll_opaque) {
  if (env.runner.run != nullptr) {
    env.runner.run(env.runner.opaque, job, opaque, count, poll, poll_opaque);
    return;
  }
  for (uint32_t i = 0; i < count; ++i) {
    job(opaque, i);
    if (poll != nullptr) poll(poll_opaque);
  }
}

}  // namespace stf

extern "C" {

void stf_env_init(stf_env* env) {
  *env = stf_env{};
  env->allocator = stf::default_allocator();
  env->limits = {STF_MAX_FRAGMENT_SAMPLES, UINT32_MAX, 1u << 26, {}};
}

size_t stf_itemsize(uint8_t dtype) {
  switch (dtype) {
    case STF_UINT8:
    case STF_INT8:
    case STF_BOOL: return 1;
    case STF_UINT16:
    case STF_INT16: return 2;
    default: return 0;
  }
}

void stf_plane_extent(const stf_format* format, uint32_t component, uint32_t y, uint32_t x, uint32_t* plane_y,
                      uint32_t* plane_x) {
  const bool chroma = format->components >= 3 && (component == 1 || component == 2);
  const unsigned sy = chroma ? format->sub_y : 0, sx = chroma ? format->sub_x : 0;
  *plane_y = static_cast<uint32_t>((uint64_t{y} + (1u << sy) - 1) >> sy);
  *plane_x = static_cast<uint32_t>((uint64_t{x} + (1u << sx) - 1) >> sx);
}

stf_status stf_format_check(const stf_format* f, stf_error* error) {
  const size_t itemsize = stf_itemsize(f->dtype);
  if (itemsize == 0) return stf::fail(error, STF_E_ARGUMENT, "unknown dtype %u", f->dtype);
  const unsigned max_bits = f->dtype == STF_BOOL ? 1 : 8 * static_cast<unsigned>(itemsize);
  if (f->bits < 1 || f->bits > max_bits)
    return stf::fail(error, STF_E_ARGUMENT, "bits must be 1 to %u for this dtype, not %u", max_bits, f->bits);
  if (f->components < 1 || f->components > STF_MAX_COMPONENTS)
    return stf::fail(error, STF_E_ARGUMENT, "a picture has 1 to %d components, not %u", STF_MAX_COMPONENTS,
                     f->components);
  if (f->layout > STF_LAYOUT_PLANES) return stf::fail(error, STF_E_ARGUMENT, "unknown layout %u", f->layout);
  if (f->layout == STF_LAYOUT_GRAY && f->components != 1)
    return stf::fail(error, STF_E_ARGUMENT, "the gray layout has 1 component, not %u", f->components);
  if (f->sub_x > 2 || f->sub_y > 2)
    return stf::fail(error, STF_E_ARGUMENT, "chroma is subsampled by 1, 2 or 4 (log2 0 to 2)");
  if ((f->sub_x || f->sub_y) && (f->components < 3 || f->layout != STF_LAYOUT_PLANES))
    return stf::fail(error, STF_E_ARGUMENT, "only planes of 3 or 4 components can be subsampled");
  return stf::check_reserved(f->reserved, "a format", error);
}

}  // extern "C"
