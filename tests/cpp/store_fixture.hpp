// Stores in memory, and videos whose every sample is known, for the tests of the container.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "check.hpp"

namespace fixture {

using Bytes = std::vector<uint8_t>;

// A call on a store must succeed; shows its message when it does not. Needs an stf_error named `error`.
#define CHECK_OK(expression)                                                                               \
  do {                                                                                                     \
    if (const stf_status check_s_ = (expression); check_s_ != STF_OK)                                      \
      check::failed(__FILE__, __LINE__,                                                                    \
                    std::string(#expression " gave ") + stf_status_name(check_s_) + ": " + error.message); \
  } while (0)

inline const stf_format kGray8{STF_UINT8, 8, 1, 0, 0, STF_LAYOUT_GRAY, {}};
inline const stf_format kYuv420{STF_UINT8, 8, 3, 1, 1, STF_LAYOUT_PLANES, {}};
inline const stf_format kYuva422p10{STF_UINT16, 10, 4, 1, 0, STF_LAYOUT_PLANES, {}};
inline const stf_format kInt16{STF_INT16, 16, 1, 0, 0, STF_LAYOUT_GRAY, {}};

// Planar contiguous frames.
struct Video {
  stf_video video{};
  Bytes memory[STF_MAX_COMPONENTS];

  Video(const stf_format& format, stf_size size) {
    video.format = format;
    video.size = size;
    const size_t item = stf_itemsize(format.dtype);
    for (uint32_t c = 0; c < format.components; ++c) {
      uint32_t y, x;
      stf_plane_extent(&format, c, size.y, size.x, &y, &x);
      set_plane(c, size.t, y, x, item);
    }
  }
  Video(const Video&) = delete;

  void set_plane(uint32_t c, size_t t, size_t y, size_t x, size_t item) {
    memory[c].assign(t * y * x * item, 0xA5);
    video.planes[c] = {memory[c].data(), static_cast<ptrdiff_t>(y * x * item), static_cast<ptrdiff_t>(x * item),
                       static_cast<ptrdiff_t>(item)};
  }
  // Random, with some structure so that frames differ and planes too.
  void fill(uint64_t seed) {
    check::Random random{seed * 7919 + 12345};
    const unsigned bits = video.format.bits;
    for (uint32_t c = 0; c < video.format.components; ++c)
      for (size_t i = 0; i < memory[c].size(); i += static_cast<size_t>(video.planes[c].stride_x)) {
        uint32_t v = static_cast<uint32_t>(random.next() >> 40) & ((1u << bits) - 1);
        memory[c][i] = static_cast<uint8_t>(v);
        if (video.planes[c].stride_x == 2) memory[c][i + 1] = static_cast<uint8_t>(v >> 8);
      }
  }
  const uint8_t* at(uint32_t c, size_t t, size_t y, size_t x) const {
    const stf_plane& p = video.planes[c];
    return static_cast<const uint8_t*>(p.data) + static_cast<ptrdiff_t>(t) * p.stride_t +
           static_cast<ptrdiff_t>(y) * p.stride_y + static_cast<ptrdiff_t>(x) * p.stride_x;
  }
  // Frames [t, t + n) of it.
  stf_video part(uint32_t t, uint32_t n) const {
    stf_video v = video;
    v.size.t = n;
    for (uint32_t c = 0; c < v.format.components; ++c) v.planes[c].data = const_cast<uint8_t*>(at(c, t, 0, 0));
    return v;
  }
};

inline stf_status append_bytes(void* opaque, const void* data, size_t size) {
  auto* out = static_cast<Bytes*>(opaque);
  const auto* p = static_cast<const uint8_t*>(data);
  out->insert(out->end(), p, p + size);
  return STF_OK;
}
inline stf_sink sink_to(Bytes& bytes) { return {&bytes, append_bytes}; }

inline stf_store_desc desc_of(const Video& video, uint32_t t, uint32_t y, uint32_t x, uint8_t cut = STF_CUT_EXACT) {
  stf_store_desc desc{};
  desc.format = video.video.format;
  desc.y = video.video.size.y;
  desc.x = video.video.size.x;
  desc.fragment_t = t;
  desc.fragment_y = y;
  desc.fragment_x = x;
  desc.cut_t = desc.cut_y = desc.cut_x = cut;
  return desc;
}

// The bytes of a store of all of `video`; frames at 3 * i + 7 (with a gap after every fifth) if it has a time base.
inline std::vector<int64_t> times_of(uint32_t first, uint32_t n) {
  std::vector<int64_t> pts;
  for (uint32_t i = first; i < first + n; ++i) pts.push_back(3 * int64_t{i} + 7 + i / 5);
  return pts;
}

inline void write_all(stf_writer* writer, const Video& video, bool times, uint32_t first = 0) {
  stf_error error{};
  const auto pts = times_of(first, video.video.size.t);
  std::vector<int64_t> durations(pts.size(), 3);
  CHECK_OK(stf_writer_append(writer, &video.video, times ? pts.data() : nullptr, times ? durations.data() : nullptr,
                             &error));
}

inline Bytes make_store(const Video& video, const stf_store_desc& desc, const std::string& metadata = "{}",
                        const stf_env* env = nullptr) {
  stf_error error{};
  Bytes bytes;
  const stf_sink sink = sink_to(bytes);
  stf_writer* writer = nullptr;
  CHECK_OK(stf_writer_create(env, &sink, &desc, nullptr, &writer, &error));
  if (writer == nullptr) return bytes;
  write_all(writer, video, desc.time_base_den != 0);
  CHECK_OK(stf_writer_finish(writer, metadata.data(), metadata.size(), &error));
  stf_writer_free(writer);
  return bytes;
}

// A reader over bytes, which must outlive it.
class Opened {
 public:
  stf_error error{};
  stf_status status;
  stf_reader* reader = nullptr;
  stf_store_info info{};

  explicit Opened(const Bytes& bytes, const stf_env* env = nullptr) : memory_{bytes.data(), bytes.size()} {
    stf_source_memory(&memory_, &source_);
    status = stf_reader_open(env, &source_, &reader, &error);
    if (status == STF_OK) stf_reader_get_info(reader, &info);
  }
  Opened(const Opened&) = delete;
  ~Opened() { stf_reader_free(reader); }

  // Read a box of some frames into a fresh video and compare with `whole`; how many samples differ, or the status.
  stf_status read(const std::vector<uint64_t>& frames, uint32_t y0, uint32_t y1, uint32_t x0, uint32_t x1,
                  uint32_t components, Video& out, stf_work* work = nullptr) {
    const stf_format& f = info.desc.format;
    for (uint32_t c = 0; c < f.components; ++c) {
      const bool chroma = f.components >= 3 && (c == 1 || c == 2);
      const uint32_t sy = chroma ? f.sub_y : 0, sx = chroma ? f.sub_x : 0;
      out.set_plane(c, frames.size(), ((y1 + (1u << sy) - 1) >> sy) - (y0 >> sy),
                    ((x1 + (1u << sx) - 1) >> sx) - (x0 >> sx), stf_itemsize(f.dtype));
    }
    stf_request request{};
    request.frames = frames.data();
    request.n_frames = frames.size();
    request.y0 = y0, request.y1 = y1, request.x0 = x0, request.x1 = x1;
    request.components = components;
    return stf_reader_read(reader, &request, &out.video, work, &error);
  }
  // Whether what read() put into `out` is the crop of `whole`.
  bool equals_crop(const Video& whole, const std::vector<uint64_t>& frames, uint32_t y0, uint32_t x0,
                   uint32_t components, const Video& out) const {
    const stf_format& f = info.desc.format;
    for (uint32_t c = 0; c < f.components; ++c) {
      if (components != 0 && !(components >> c & 1)) continue;
      const bool chroma = f.components >= 3 && (c == 1 || c == 2);
      const uint32_t oy = chroma ? y0 >> f.sub_y : y0, ox = chroma ? x0 >> f.sub_x : x0;
      const stf_plane& p = out.video.planes[c];
      const size_t row = static_cast<size_t>(p.stride_y), rows = static_cast<size_t>(p.stride_t) / row;
      for (size_t t = 0; t < frames.size(); ++t)
        for (size_t y = 0; y < rows; ++y)
          if (std::memcmp(out.at(c, t, y, 0), whole.at(c, frames[t], oy + y, ox), row) != 0) return false;
    }
    return true;
  }

 private:
  stf_memory memory_;
  stf_source source_{};
};

inline std::vector<uint64_t> sequence(uint64_t first, uint64_t n) {
  std::vector<uint64_t> v(n);
  for (uint64_t i = 0; i < n; ++i) v[i] = first + i;
  return v;
}

}  // namespace fixture
