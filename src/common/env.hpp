// The environment inside the core: defaults filled in, memory that frees itself, parallel runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "stfrag/types.h"

namespace stf {

// Returns a copy of *given (NULL: the defaults) with every zero replaced by its default.
stf_env resolve(const stf_env* given);

// STF_E_ARGUMENT unless the reserved fields of *given are zero; NULL is fine. To be called before resolve().
stf_status check_env(const stf_env* given, stf_error* error);

// The allocator of an environment that names none: for the few functions that are given no environment.
stf_allocator default_allocator();

// Run jobs on the environment's runner, or here.
void run(const stf_env& env, stf_job job, void* opaque, uint32_t count, void (*poll)(void*) = nullptr,
         void* poll_opaque = nullptr);

// An array of trivial T of a size that is known, from the environment's allocator; array.hpp has one that grows. A
// buffer that got no memory is empty: check with `if (!buffer)`.
template <typename T>
class Buffer {
 public:
  Buffer() = default;
  Buffer(const stf_env& env, size_t count) { allocate(env, count); }
  Buffer(Buffer&& other) noexcept { swap(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    Buffer(std::move(other)).swap(*this);
    return *this;
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() {
    if (data_) allocator_.free(allocator_.opaque, data_);
  }

  // Replace the content by `count` uninitialised elements; false when there is no memory.
  bool allocate(const stf_env& env, size_t count) { return allocate(env.allocator, count); }
  bool allocate(const stf_allocator& allocator, size_t count) {
    Buffer().swap(*this);
    if (count > SIZE_MAX / sizeof(T)) return false;
    allocator_ = allocator;
    data_ = static_cast<T*>(allocator_.alloc(allocator_.opaque, count * sizeof(T)));
    size_ = data_ ? count : 0;
    return data_ != nullptr;
  }

  explicit operator bool() const { return data_ != nullptr; }
  T* data() { return data_; }
  const T* data() const { return data_; }
  size_t size() const { return size_; }
  T& operator[](size_t i) { return data_[i]; }
  const T& operator[](size_t i) const { return data_[i]; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }

  void swap(Buffer& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(allocator_, other.allocator_);
  }

 private:
  T* data_ = nullptr;
  size_t size_ = 0;
  stf_allocator allocator_{};
};

}  // namespace stf
