// Where a program's memory comes from: operator new, which this header replaces, and an environment's allocator. Both are
// counted and can be made to fail. To be included by one file of a program.
#pragma once

#include <cstdlib>
#include <new>

#include "stfrag/stfrag.h"

namespace heap {

struct Counter {
  long left = -1;    // allocations until memory ends; below 0: never
  long live = 0;     // blocks that are taken
  size_t taken = 0;  // bytes, in all
  long allocations = 0;

  void* take(size_t size, size_t alignment) {
    if (left == 0) return nullptr;
    if (left > 0) --left;
    void* p = std::aligned_alloc(alignment, (size + alignment) / alignment * alignment);
    if (p == nullptr) return nullptr;
    ++live;
    ++allocations;
    taken += size;
    return p;
  }
  void give(void* p) {
    if (p != nullptr) --live;
    std::free(p);
  }
};

inline Counter operator_new;

inline void* take_or_throw(size_t size, size_t alignment) {
  void* p = operator_new.take(size, alignment);
#if defined(__cpp_exceptions)
  if (p == nullptr) throw std::bad_alloc();
#else
  if (p == nullptr) std::abort();
#endif
  return p;
}

// The defaults, with memory that is counted.
inline stf_env env_of(Counter& counter) {
  stf_env env;
  stf_env_init(&env);
  env.allocator = {&counter, [](void* opaque, size_t size) { return static_cast<Counter*>(opaque)->take(size, 64); },
                   [](void* opaque, void* p) { static_cast<Counter*>(opaque)->give(p); }};
  return env;
}

}  // namespace heap

void* operator new(size_t size) { return heap::take_or_throw(size, 16); }
void* operator new[](size_t size) { return heap::take_or_throw(size, 16); }
void* operator new(size_t size, std::align_val_t a) { return heap::take_or_throw(size, static_cast<size_t>(a)); }
void* operator new[](size_t size, std::align_val_t a) { return heap::take_or_throw(size, static_cast<size_t>(a)); }
void* operator new(size_t size, const std::nothrow_t&) noexcept { return heap::operator_new.take(size, 16); }
void* operator new[](size_t size, const std::nothrow_t&) noexcept { return heap::operator_new.take(size, 16); }
void* operator new(size_t size, std::align_val_t a, const std::nothrow_t&) noexcept {
  return heap::operator_new.take(size, static_cast<size_t>(a));
}
void* operator new[](size_t size, std::align_val_t a, const std::nothrow_t&) noexcept {
  return heap::operator_new.take(size, static_cast<size_t>(a));
}
void operator delete(void* p) noexcept { heap::operator_new.give(p); }
void operator delete[](void* p) noexcept { heap::operator_new.give(p); }
void operator delete(void* p, size_t) noexcept { heap::operator_new.give(p); }
void operator delete[](void* p, size_t) noexcept { heap::operator_new.give(p); }
void operator delete(void* p, std::align_val_t) noexcept { heap::operator_new.give(p); }
void operator delete[](void* p, std::align_val_t) noexcept { heap::operator_new.give(p); }
void operator delete(void* p, size_t, std::align_val_t) noexcept { heap::operator_new.give(p); }
void operator delete[](void* p, size_t, std::align_val_t) noexcept { heap::operator_new.give(p); }
void operator delete(void* p, const std::nothrow_t&) noexcept { heap::operator_new.give(p); }
void operator delete[](void* p, const std::nothrow_t&) noexcept { heap::operator_new.give(p); }
void operator delete(void* p, std::align_val_t, const std::nothrow_t&) noexcept { heap::operator_new.give(p); }
void operator delete[](void* p, std::align_val_t, const std::nothrow_t&) noexcept { heap::operator_new.give(p); }
