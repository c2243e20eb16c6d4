// A small thread pool behind stf_runner. Several callers may run batches at once: idle workers help the oldest
// batch, and the caller of a batch always works on its own, so that nested or concurrent use cannot deadlock.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <new>
#include <thread>
#include <vector>

#include "common/border.hpp"
#include "stfrag/types.h"

namespace {

struct Batch {
  stf_job job;
  void* opaque;
  uint32_t count;
  std::atomic<uint32_t> next{0};
  uint32_t helpers = 0;  // workers inside, guarded by the pool's mutex
  uint32_t max_helpers;
  Batch* after = nullptr;  // in the pool's list

  void work() {
    for (uint32_t i; (i = next.fetch_add(1, std::memory_order_relaxed)) < count;) job(opaque, i);
  }
  bool wants_help() const { return helpers < max_helpers && next.load(std::memory_order_relaxed) < count; }
};

}  // namespace

struct stf_pool {
  std::mutex mutex;
  std::condition_variable wake, done;
  Batch* batches = nullptr;  // those that run, the oldest first
  std::vector<std::thread> workers;
  uint32_t threads = 1;
  bool stop = false;

  Batch* find_work() {
    Batch* batch = batches;
    while (batch != nullptr && !batch->wants_help()) batch = batch->after;
    return batch;
  }
  void enter(Batch* batch) {
    Batch** last = &batches;
    while (*last != nullptr) last = &(*last)->after;
    *last = batch;
  }
  void leave(const Batch* batch) {
    Batch** at = &batches;
    while (*at != batch) at = &(*at)->after;
    *at = batch->after;
  }

  void worker() {
    std::unique_lock lock(mutex);
    for (;;) {
      Batch* batch = nullptr;
      wake.wait(lock, [&] { return stop || (batch = find_work()) != nullptr; });
      if (stop) return;
      ++batch->helpers;
      lock.unlock();
      batch->work();
      lock.lock();
      if (--batch->helpers == 0) done.notify_all();
    }
  }

  void run(stf_job job, void* opaque, uint32_t count, void (*poll)(void*), void* poll_opaque) {
    if (count == 0) return;
    Batch batch{job, opaque, count, {}, 0, threads - 1, nullptr};
    if (count > 1 && !workers.empty()) {
      std::lock_guard lock(mutex);
      enter(&batch);
    }
    if (count > 1) wake.notify_all();
    if (poll == nullptr) {
      batch.work();
    } else {  // between jobs the caller polls, at most every 50 ms
      auto last = std::chrono::steady_clock::now();
      for (uint32_t i; (i = batch.next.fetch_add(1, std::memory_order_relaxed)) < count;) {
        job(opaque, i);
        if (const auto now = std::chrono::steady_clock::now(); now - last > std::chrono::milliseconds(50)) {
          poll(poll_opaque);
          last = now;
        }
      }
    }
    if (count == 1 || workers.empty()) return;
    std::unique_lock lock(mutex);
    leave(&batch);
    while (batch.helpers != 0) {
      if (done.wait_for(lock, std::chrono::milliseconds(50)) == std::cv_status::timeout && poll) {
        lock.unlock();
        poll(poll_opaque);
        lock.lock();
      }
    }
  }
};

extern "C" {

stf_status stf_pool_create(uint32_t threads, stf_pool** out) {
  if (out == nullptr || threads == 0 || threads > 256) return STF_E_ARGUMENT;
  *out = nullptr;
  auto* const pool = new (std::nothrow) stf_pool;
  if (pool == nullptr) return STF_E_MEMORY;
  pool->threads = threads;
  const bool started = stf::attempt([&] {
    for (uint32_t i = 1; i < threads; ++i) pool->workers.emplace_back([pool] { pool->worker(); });
  });
  if (!started) {
    stf_pool_free(pool);
    return STF_E_MEMORY;
  }
  *out = pool;
  return STF_OK;
}

stf_runner stf_pool_runner(stf_pool* pool) {
  stf_runner runner;
  runner.opaque = pool;
  runner.threads = pool->threads;
  runner.run = [](void* opaque, stf_job job, void* job_opaque, uint32_t count, void (*poll)(void*), void* poll_opaque) {
    static_cast<stf_pool*>(opaque)->run(job, job_opaque, count, poll, poll_opaque);
  };
  return runner;
}

void stf_pool_free(stf_pool* pool) {
  if (pool == nullptr) return;
  {
    std::lock_guard lock(pool->mutex);
    pool->stop = true;
  }
  pool->wake.notify_all();
  for (std::thread& worker : pool->workers) worker.join();
  delete pool;
}

}  // extern "C"
