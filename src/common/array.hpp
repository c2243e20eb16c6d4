// Arrays that grow, in memory of the environment's allocator: for all that grows with samples or coded bytes.
//
// Nothing throws. A call that needs memory and gets none returns false and leaves the content as it is; from then on
// ok() is false. So a loop may append without looking, and whoever made the array asks ok() once, at the end:
//
//   Array<uint8_t> bytes(env);
//   for (...) bytes.push(...);
//   if (!bytes.ok()) return STF_E_MEMORY;
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <type_traits>
#include <utility>

#include "common/env.hpp"

namespace stf {

template <typename T>
class Array {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  // An array without an allocator is empty until another array is moved here; growing it fails.
  Array() = default;
  explicit Array(const stf_env& env) : Array(env.allocator) {}
  explicit Array(const stf_allocator& allocator) : allocator_(allocator) {}
  Array(Array&& other) noexcept { swap(other); }
  Array& operator=(Array&& other) noexcept {
    Array(std::move(other)).swap(*this);
    return *this;
  }

  // Whether every request for memory was met so far.
  bool ok() const { return ok_; }
  const stf_allocator& allocator() const { return allocator_; }

  bool reserve(size_t capacity) { return capacity <= memory_.size() || grow(capacity); }
  bool push(const T& value) {
    if (size_ == memory_.size()) [[unlikely]] {
      const T copy = value;  // it may be one of our own
      if (!grow(size_ + 1)) return false;
      memory_[size_++] = copy;
      return true;
    }
    memory_[size_++] = value;
    return true;
  }
  // Append n elements that are not initialised; returns the first of them, or NULL where there is no memory.
  T* extend(size_t n) {
    if (n > memory_.size() - size_ && !grow(n > SIZE_MAX - size_ ? SIZE_MAX : size_ + n)) return nullptr;
    T* const first = memory_.data() + size_;
    size_ += n;
    return first;
  }
  // Append n elements, which must not lie inside of this array.
  bool append(const T* data, size_t n) {
    if (n == 0) return true;
    T* const to = extend(n);
    if (to != nullptr) std::memcpy(static_cast<void*>(to), data, n * sizeof(T));
    return to != nullptr;
  }
  // Append another array; fails if that one did not get all of its memory.
  bool append(const Array& other) {
    ok_ = ok_ && other.ok_;
    return ok_ && append(other.data(), other.size());
  }
  // Make it exactly `size` elements long: the first ones stay, new ones are `value`.
  bool resize(size_t size, const T& value = T{}) {
    if (size > size_) {
      const size_t n = size - size_;
      T* const first = extend(n);
      if (first == nullptr) return false;
      std::fill_n(first, n, value);
    }
    size_ = size;
    return true;
  }
  // Replace the content by `size` elements, all of them `value`.
  bool assign(size_t size, const T& value) {
    size_ = 0;
    return resize(size, value);
  }
  // Forget the elements; the memory stays for those to come.
  void clear() { size_ = 0; }

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  T* data() { return memory_.data(); }
  const T* data() const { return memory_.data(); }
  T& operator[](size_t i) { return memory_[i]; }
  const T& operator[](size_t i) const { return memory_[i]; }
  T& back() { return memory_[size_ - 1]; }
  const T& back() const { return memory_[size_ - 1]; }
  void pop() { --size_; }
  // Remove the first n elements; there are that many.
  void drop_front(size_t n) {
    size_ -= n;
    if (size_ != 0) std::memmove(static_cast<void*>(data()), data() + n, size_ * sizeof(T));
  }
  T* begin() { return data(); }
  T* end() { return data() + size_; }
  const T* begin() const { return data(); }
  const T* end() const { return data() + size_; }

  void swap(Array& other) noexcept {
    std::swap(allocator_, other.allocator_);
    memory_.swap(other.memory_);
    std::swap(size_, other.size_);
    std::swap(ok_, other.ok_);
  }

 private:
  // Take more memory, at least for `least` elements, and half as much again as before, so that appending costs little.
  bool grow(size_t least) {
    const size_t had = memory_.size();
    const size_t capacity = std::max({least, had > SIZE_MAX / 2 ? least : had + had / 2, size_t{64} / sizeof(T)});
    Buffer<T> larger;
    if (!ok_ || allocator_.alloc == nullptr || !larger.allocate(allocator_, capacity)) return ok_ = false;
    if (size_ != 0) std::memcpy(static_cast<void*>(larger.data()), memory_.data(), size_ * sizeof(T));
    memory_.swap(larger);
    return true;
  }

  stf_allocator allocator_{};
  Buffer<T> memory_;
  size_t size_ = 0;
  bool ok_ = true;
};

}  // namespace stf
