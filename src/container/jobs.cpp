#include "container/jobs.hpp"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <mutex>

#include "common/border.hpp"
#include "common/env.hpp"

namespace stf::store {
namespace {

constexpr size_t kMaxCount = size_t{1} << 31;  // of one call of the runner, which counts in 32 bits

struct Batch {
  Batch(const stf_env& environment, const Work& what_to_do, size_t first_index)
      : env(environment), work(what_to_do), first(first_index) {}

  const stf_env& env;
  const Work& work;
  size_t first;
  std::atomic<size_t> failed{SIZE_MAX};  // lowest index that failed
  std::atomic<bool> cancelled{false};
  std::mutex mutex;  // guards `what`
  stf_error what{};

  void job(size_t index) noexcept {
    if (cancelled.load(std::memory_order_relaxed) || failed.load(std::memory_order_relaxed) < index) return;
    stf_error error{};
    error.fragment = -1;
    const stf_status status = at_border(&error, [&] { return work(index, &error); });
    if (status == STF_OK) return;
    error.status = status;
    const std::lock_guard lock(mutex);
    if (index >= failed.load(std::memory_order_relaxed)) return;
    failed.store(index, std::memory_order_relaxed);
    what = error;
  }
  void poll() noexcept {
    if (env.cancel != nullptr && env.cancel(env.cancel_opaque) != 0) cancelled.store(true, std::memory_order_relaxed);
  }
};

}  // namespace

stf_status run_jobs(const stf_env& env, size_t count, const Work& work, stf_error* error) {
  for (size_t first = 0; first < count; first += kMaxCount) {
    Batch batch(env, work, first);
    batch.poll();
    if (!batch.cancelled)
      run(
          env,
          [](void* opaque, uint32_t index) {
            auto& b = *static_cast<Batch*>(opaque);
            b.job(b.first + index);
          },
          &batch, static_cast<uint32_t>(std::min(count - first, kMaxCount)),
          [](void* opaque) { static_cast<Batch*>(opaque)->poll(); }, &batch);
    if (batch.cancelled) return fail(error, STF_E_CANCELLED, "cancelled");
    if (batch.failed != SIZE_MAX) {
      if (error != nullptr) *error = batch.what;
      return batch.what.status;
    }
  }
  return STF_OK;
}

void locate(stf_error* error, int64_t fragment, uint64_t t0, uint64_t t1, const Box& box) {
  if (error == nullptr) return;
  char message[sizeof error->message];
  std::memcpy(message, error->message, sizeof message);
  std::snprintf(error->message, sizeof error->message,
                "fragment %lld (frames %llu:%llu, rows %u:%u, columns %u:%u): %.*s", static_cast<long long>(fragment),
                static_cast<unsigned long long>(t0), static_cast<unsigned long long>(t1), box.y0, box.y1, box.x0,
                box.x1, 150, message);
  error->fragment = fragment;
  error->t0 = t0;
  error->t1 = t1;
  error->y0 = box.y0;
  error->y1 = box.y1;
  error->x0 = box.x0;
  error->x1 = box.x1;
}

}  // namespace stf::store
