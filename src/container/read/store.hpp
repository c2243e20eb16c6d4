// A store that is open for reading: its tail, and the pages that are found through it.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "container/format/packets.hpp"
#include "container/format/page.hpp"
#include "container/format/tail.hpp"

namespace stf::store {

// A cache of the most recently used parts of a file by their offset, up to some bytes of memory. Thread-safe.
template <typename T>
class Cache {
 public:
  std::shared_ptr<const T> find(uint64_t key) {
    const std::lock_guard lock(mutex_);
    const auto found = index_.find(key);
    if (found == index_.end()) return nullptr;
    items_.splice(items_.begin(), items_, found->second);
    return found->second->value;
  }
  void insert(uint64_t key, std::shared_ptr<const T> value, size_t cost) {
    const std::lock_guard lock(mutex_);
    if (index_.count(key)) return;  // another thread was faster
    items_.push_front({key, cost, std::move(value)});
    index_[key] = items_.begin();
    for (used_ += cost; used_ > kCapacity && items_.size() > 1;) {
      used_ -= items_.back().cost;
      index_.erase(items_.back().key);
      items_.pop_back();
    }
  }

 private:
  static constexpr size_t kCapacity = size_t{8} << 20;
  struct Item {
    uint64_t key;
    size_t cost;
    std::shared_ptr<const T> value;
  };
  std::mutex mutex_;
  std::list<Item> items_;  // most recently used first
  std::unordered_map<uint64_t, typename std::list<Item>::iterator> index_;
  size_t used_ = 0;
};

class Store {
 public:
  Store(const stf_env& env, const stf_source& source) : env_(env), source_(source) {}

  stf_status open(stf_error* error);
  // Make a store of a file that does not open as one: fragments can be read, pages not found.
  void assume(const StoreHeader& header) {
    tail_ = {};
    tail_.header = header;
  }

  const stf_env& env() const { return env_; }
  const stf_source& source() const { return source_; }
  const Tail& tail() const { return tail_; }
  const StoreHeader& header() const { return tail_.header; }
  bool torn() const { return torn_; }
  int64_t first_pts() const { return roots_.empty() ? STF_NO_TIME : roots_.front().entry.first_pts; }
  uint64_t end() const { return end_; }  // after the footer that was used

  Packets& packets() { return packets_; }

  // Find the page that holds a frame or fragment (which must exist), or the last that begins at or before a time (or the
  // first of all).
  stf_status page_of_frame(uint64_t frame, std::shared_ptr<const Page>& page, stf_error* error);
  stf_status page_of_fragment(uint64_t fragment, std::shared_ptr<const Page>& page, stf_error* error);
  // Find a page likewise; *after, set also on failure, is the frame from which on the store may be read again.
  stf_status page_of_frame(uint64_t frame, std::shared_ptr<const Page>& page, uint64_t* after, stf_error* error);
  stf_status page_of_time(int64_t pts, std::shared_ptr<const Page>& page, stf_error* error);

  // Read the body of the record of `type` that lies at `offset` and has `length` bytes in all. `name` is for the message.
  stf_status read_record(uint64_t offset, uint64_t length, uint8_t type, const char* name, Array<uint8_t>& body,
                         stf_error* error) const;
  // Read the coded form of a row, checked against its CRC; `out` has room for row.bytes.
  stf_status read_coded(const Page& page, size_t index, uint8_t* out, stf_error* error) const;
  // Add to an error the number and box of the fragment that it is about. Returns error->status.
  stf_status blame(const Page& page, size_t row, stf_error* error) const;

 private:
  struct Root {
    Entry entry;
    uint32_t level;
  };
  template <typename Before>
  stf_status find_page(Before before, std::shared_ptr<const Page>& page, uint64_t* after, stf_error* error);
  stf_status load_page(const Entry& entry, std::shared_ptr<const Page>& page, stf_error* error);
  stf_status load_node(const Entry& entry, uint32_t level, std::shared_ptr<const Node>& node, stf_error* error);
  stf_status load_tail(const uint8_t* window, uint64_t window_at, const Footer& footer, Tail& tail,
                       stf_error* error) const;
  stf_status find_tail(const uint8_t* window, uint64_t window_at, size_t window_size, stf_error* error);
  stf_status find_earlier_tail(stf_error* error);
  stf_status load_metadata(stf_error* error);

  stf_env env_;
  stf_source source_;
  Tail tail_;
  bool torn_ = false;
  uint64_t end_ = 0;
  std::vector<Root> roots_;  // the tail's entries in the order of time
  Cache<Page> pages_;
  Cache<Node> nodes_;
  Packets packets_;
};

}  // namespace stf::store

struct stf_reader {
  stf::store::Store store;
};
