// The writer: takes frames in, cuts them into slabs and fragments, encodes a slab at a time on the runner and writes
// it in order, so that the bytes never depend on the number of threads.
//
// Memory: the frames that wait (one slab, or 1.5 for a balanced cut), the coded forms of one slab, and one fragment's
// bound a thread. Frames that arrive as whole slabs are encoded from where they are.

#include <algorithm>
#include <cstring>
#include <memory>

#include "common/border.hpp"
#include "common/env.hpp"
#include "container/format/grid.hpp"
#include "container/jobs.hpp"
#include "container/planes.hpp"
#include "container/read/store.hpp"
#include "container/write/output.hpp"
#include "fragment/codecs.hpp"
#include "fragment/enc_fragment.hpp"

namespace stf::store {
namespace {

// The view of frames from `t` on (`n` of them) of a box of a video.
stf_video view(const stf_video& video, uint32_t t, uint32_t n, const Box& box) {
  stf_video v = video;
  v.size = {n, box.y1 - box.y0, box.x1 - box.x0};
  for (uint32_t c = 0; c < video.format.components; ++c) {
    const Box part = plane_box(video.format, c, box);  // borders are whole chroma samples: nothing is in two views
    v.planes[c].data = sample_at(video.planes[c], t, part.y0, part.x0);
  }
  return v;
}

}  // namespace
}  // namespace stf::store

struct stf_writer {
  enum class State { kOpen, kFinished, kFailed };

  stf_env env;
  stf_encode_options options;
  stf_choose choose = nullptr;  // says how each fragment is encoded; none: as `options` do
  void* choose_opaque = nullptr;
  std::unique_ptr<stf::store::Output> output;
  State state = State::kOpen;
  uint32_t longest = 0;  // frames that may have to wait
  std::vector<stf::Box> tiles;
  stf::Buffer<uint8_t> memory;
  stf_video waiting{};  // planes in `memory`; size.t frames are filled
  stf::store::FrameTimes waiting_times;
  bool timed = false;  // whether last_pts is one
  int64_t last_pts = 0;
  uint64_t start_frames = 0, start_slabs = 0, start_fragments = 0, start_bytes = 0, start_position = 0;
  uint64_t start_packets = 0;

  const stf_store_desc& desc() const { return output->header().desc; }
};

namespace stf::store {
namespace {

stf_status prepare(stf_writer& w, stf_error* error) {
  const StoreHeader& header = w.output->header();
  const stf_store_desc& d = header.desc;
  w.longest = longest_slab(d.fragment_t, d.cut_t);
  if (w.longest > STF_MAX_FRAGMENT_T)
    return fail(error, STF_E_ARGUMENT,
                "a balanced cut makes fragments of up to 1.5 times %u frames, which are "
                "more than %u: use fewer frames or an exact cut",
                d.fragment_t, STF_MAX_FRAGMENT_T);
  size_t ny = 0, nx = 0;
  STF_TRY(stf_grid_cut(d.y, d.fragment_y, static_cast<stf_cut>(d.cut_y), header.align_y(), nullptr, 0, &ny, error));
  STF_TRY(stf_grid_cut(d.x, d.fragment_x, static_cast<stf_cut>(d.cut_x), header.align_x(), nullptr, 0, &nx, error));
  if (uint64_t{ny} > w.env.limits.max_index_bytes / 16 / nx)
    return fail(error, STF_E_LIMIT,
                "fragments of %u x %u cut the picture into %zu x %zu pieces, too many for one "
                "index page: use larger fragments",
                d.fragment_y, d.fragment_x, ny, nx);
  std::vector<uint32_t> by, bx;
  STF_TRY(grid_borders(d.y, d.fragment_y, d.cut_y, header.align_y(), by, error));
  STF_TRY(grid_borders(d.x, d.fragment_x, d.cut_x, header.align_x(), bx, error));
  for (size_t j = 0; j < ny; ++j)
    for (size_t i = 0; i < nx; ++i) {
      const Box box{by[j], by[j + 1], bx[i], bx[i + 1]};
      const uint32_t rows = box.y1 - box.y0, columns = box.x1 - box.x0;
      if (rows > STF_MAX_FRAGMENT_YX || columns > STF_MAX_FRAGMENT_YX)
        return fail(error, STF_E_ARGUMENT,
                    "a fragment of %u x %u samples is larger than %u x %u: use smaller "
                    "fragments",
                    rows, columns, STF_MAX_FRAGMENT_YX, STF_MAX_FRAGMENT_YX);
      const uint64_t most = std::min<uint64_t>(STF_MAX_FRAGMENT_SAMPLES, w.env.limits.max_samples);
      if (const uint64_t samples = samples_of(d.format, w.options.codec == STF_CODEC_STF ? w.longest : 1, rows,
                                              columns);
          samples > most)
        return fail(error, STF_E_ARGUMENT,
                    "a fragment of %u x %u x %u has %llu samples, more than %llu: use smaller "
                    "fragments",
                    w.longest, rows, columns, static_cast<unsigned long long>(samples),
                    static_cast<unsigned long long>(most));
      w.tiles.push_back(box);
    }
  STF_TRY(check_reserved(w.options.reserved, "encode options", error));
  const stf_codec* codec = nullptr;
  if (w.options.codec != STF_CODEC_STF) {
    STF_TRY(find_codec(w.env, w.options.codec, &codec, error));
    if (codec->encode == nullptr) return fail(error, STF_E_CODEC, "the registered codec %s cannot encode", codec->name);
  }
  return STF_OK;
}

// Room for the frames that wait, one contiguous block a component.
stf_status allocate_waiting(stf_writer& w, stf_error* error) {
  const stf_store_desc& d = w.desc();
  const uint64_t item = stf_itemsize(d.format.dtype);
  const uint64_t samples = samples_of(d.format, w.longest, d.y, d.x);
  if (samples > SIZE_MAX / 2 / item || !w.memory.allocate(w.env, static_cast<size_t>(samples * item)))
    return fail(error, STF_E_MEMORY, "no memory for the %u frames of a slab", w.longest);
  w.waiting.format = d.format;
  w.waiting.size = {0, d.y, d.x};
  uint8_t* at = w.memory.data();
  for (uint32_t c = 0; c < d.format.components; ++c) {
    uint32_t y, x;
    stf_plane_extent(&d.format, c, d.y, d.x, &y, &x);
    const auto row = static_cast<ptrdiff_t>(x * item);
    w.waiting.planes[c] = {at, static_cast<ptrdiff_t>(y) * row, row, static_cast<ptrdiff_t>(item)};
    at += static_cast<ptrdiff_t>(w.longest) * w.waiting.planes[c].stride_t;
  }
  return STF_OK;
}

// How each fragment of the next slab, of n frames, is encoded. The codec is settled for the store.
stf_status choose_options(stf_writer& w, uint32_t n, std::vector<stf_encode_options>& options, stf_error* error) {
  options.assign(w.tiles.size(), w.options);
  if (w.choose == nullptr) return STF_OK;
  const uint64_t t0 = w.output->tail().frames, first = w.output->tail().fragments;
  for (size_t i = 0; i < w.tiles.size(); ++i) {
    const Box& box = w.tiles[i];
    const stf_fragment_place place{first + i, t0, t0 + n, box.y0, box.y1, box.x0, box.x1};
    const stf_status status = w.choose(w.choose_opaque, &place, &options[i]);
    if (status != STF_OK)
      return fail(error, status, "no choice was made for fragment %llu", static_cast<unsigned long long>(first + i));
    if (options[i].codec != w.options.codec && options[i].codec != STF_CODEC_MISSING)
      return fail(error, STF_E_ARGUMENT, "fragment %llu cannot be of codec %u: the writer's is %u",
                  static_cast<unsigned long long>(first + i), options[i].codec, w.options.codec);
  }
  return STF_OK;
}

// Encode and write frames [t, t + n) of a video as one slab.
stf_status write_slab(stf_writer& w, const stf_video& video, uint32_t t, uint32_t n, FrameTimes times,
                      stf_error* error) {
  std::vector<EncodedFragment> coded(w.tiles.size());
  std::vector<stf_encode_options> options;
  STF_TRY(choose_options(w, n, options, error));
  const uint64_t t0 = w.output->tail().frames, first = w.output->tail().fragments;
  STF_TRY(run_jobs(
      w.env, w.tiles.size(),
      [&](size_t i, stf_error* why) {
        if (options[i].codec == STF_CODEC_MISSING) {
          coded[i].codec = STF_CODEC_MISSING;
          return STF_OK;
        }
        const stf_status status = encode_fragment(w.env, options[i], view(video, t, n, w.tiles[i]), coded[i], why);
        if (status != STF_OK) locate(why, static_cast<int64_t>(first + i), t0, t0 + n, w.tiles[i]);
        return status;
      },
      error));
  Page page;
  page.t = n;
  page.times = std::move(times);
  page.rows.resize(w.tiles.size());
  for (size_t i = 0; i < w.tiles.size(); ++i) {
    Row& row = page.rows[i];
    row.box = w.tiles[i];
    row.codec = coded[i].codec;
    if (row.missing()) continue;
    row.bytes = coded[i].bytes.size();
    row.crc = stf_crc32c(0, coded[i].bytes.data(), coded[i].bytes.size());
    std::copy(std::begin(coded[i].sse), std::end(coded[i].sse), row.sse);
  }
  return w.output->slab(
      page,
      [&](size_t i, stf_error* why) { return w.output->put_bytes(coded[i].bytes.data(), coded[i].bytes.size(), why); },
      error);
}

FrameTimes cut_times(const FrameTimes& times, size_t from, size_t n) {
  if (times.empty()) return {};
  const auto part = [&](const std::vector<int64_t>& v) {
    const auto begin = v.begin() + static_cast<ptrdiff_t>(from);
    return std::vector<int64_t>(begin, begin + static_cast<ptrdiff_t>(n));
  };
  return {part(times.pts), part(times.durations)};
}

// Write the first n frames that wait and move the others up.
stf_status flush_waiting(stf_writer& w, uint32_t n, stf_error* error) {
  STF_TRY(write_slab(w, w.waiting, 0, n, cut_times(w.waiting_times, 0, n), error));
  const uint32_t rest = w.waiting.size.t - n;
  for (uint32_t c = 0; c < w.waiting.format.components; ++c) {
    const stf_plane& p = w.waiting.planes[c];
    auto* base = static_cast<uint8_t*>(p.data);
    std::memmove(base, base + static_cast<ptrdiff_t>(n) * p.stride_t,
                 static_cast<size_t>(static_cast<ptrdiff_t>(rest) * p.stride_t));
  }
  if (!w.waiting_times.empty()) w.waiting_times = cut_times(w.waiting_times, n, rest);
  w.waiting.size.t = rest;
  return STF_OK;
}

// Copy frames [from, from + n) behind those that wait.
void wait(stf_writer& w, const stf_video& frames, uint32_t from, uint32_t n, const FrameTimes& times) {
  const stf_store_desc& d = w.desc();
  for (uint32_t c = 0; c < d.format.components; ++c) {
    uint32_t y, x;
    stf_plane_extent(&d.format, c, d.y, d.x, &y, &x);
    const stf_plane &source = frames.planes[c], &target = w.waiting.planes[c];
    for (uint32_t t = 0; t < n; ++t)
      copy_frame(sample_at(source, from + t, 0, 0), source, sample_at(target, w.waiting.size.t + t, 0, 0), target, y, x,
                 stf_itemsize(d.format.dtype));
  }
  const FrameTimes part = cut_times(times, from, n);
  w.waiting_times.pts.insert(w.waiting_times.pts.end(), part.pts.begin(), part.pts.end());
  w.waiting_times.durations.insert(w.waiting_times.durations.end(), part.durations.begin(), part.durations.end());
  w.waiting.size.t += n;
}

stf_status append(stf_writer& w, const stf_video& frames, const FrameTimes& times, stf_error* error) {
  const uint32_t piece = w.desc().fragment_t;
  const bool balanced = w.desc().cut_t == STF_CUT_BALANCED;
  // A slab may go out when it is full and, for a balanced cut, when so many frames follow that the last slab
  // cannot take them in.
  const auto ready = [&](uint64_t known) { return balanced ? known > w.longest : known >= piece; };
  for (uint32_t at = 0; at < frames.size.t;) {
    const uint32_t left = frames.size.t - at;
    if (w.waiting.size.t == 0 && ready(left)) {
      STF_TRY(write_slab(w, frames, at, piece, cut_times(times, at, piece), error));
      at += piece;
      continue;
    }
    if (ready(uint64_t{w.waiting.size.t} + left) && w.waiting.size.t >= piece) {
      STF_TRY(flush_waiting(w, piece, error));
      continue;
    }
    if (!w.memory) STF_TRY(allocate_waiting(w, error));
    // As much as completes a slab, so that what follows may be encoded from where it is.
    const uint32_t goal = w.waiting.size.t < piece ? piece : w.longest;
    const uint32_t n = std::min(left, goal - w.waiting.size.t);
    wait(w, frames, at, n, times);
    at += n;
    if (!balanced && w.waiting.size.t == piece) STF_TRY(flush_waiting(w, piece, error));
  }
  return STF_OK;
}

// Check the times that come with n frames, and copy them.
stf_status take_times(stf_writer& w, size_t n, const int64_t* pts, const int64_t* durations, FrameTimes& times,
                      stf_error* error) {
  const bool has_times = w.output->header().has_times();
  if (has_times != (pts != nullptr))
    return fail(error, STF_E_ARGUMENT,
                has_times ? "the store has a time base: every frame needs a time"
                          : "the store has no time base: its frames cannot have times");
  if (!has_times) return STF_OK;
  if (!times_valid(pts, durations, n))
    return fail(error, STF_E_ARGUMENT, "frame times must ascend strictly, with durations that are not negative");
  if (w.timed && pts[0] <= w.last_pts)
    return fail(error, STF_E_ARGUMENT, "frame times must go on after the last one, %lld; not %lld",
                static_cast<long long>(w.last_pts), static_cast<long long>(pts[0]));
  times.pts.assign(pts, pts + n);
  if (durations != nullptr) {
    times.durations.assign(durations, durations + n);
  } else {
    times.durations.assign(n, 0);
  }
  w.last_pts = pts[n - 1];
  w.timed = true;
  return STF_OK;
}

// Call f once the writer is known to be usable; whatever fails in it is final.
template <typename F>
stf_status guarded(stf_writer* writer, stf_error* error, F&& f) {
  if (writer == nullptr) return fail(error, STF_E_ARGUMENT, "no writer");
  if (writer->state != stf_writer::State::kOpen)
    return fail(error, STF_E_ARGUMENT,
                writer->state == stf_writer::State::kFinished ? "the store is finished: nothing can be added"
                                                              : "the writer failed before and cannot go on");
  const stf_status status = at_border(error, f);
  if (status != STF_OK) writer->state = stf_writer::State::kFailed;
  return status;
}

stf_status check_frames(const stf_writer& w, const stf_video* frames, stf_error* error) {
  if (frames == nullptr || frames->size.t == 0) return fail(error, STF_E_ARGUMENT, "no frames");
  const stf_store_desc& d = w.desc();
  const stf_format &have = frames->format, &want = d.format;
  if (have.dtype != want.dtype || have.bits != want.bits || have.components != want.components ||
      have.sub_x != want.sub_x || have.sub_y != want.sub_y)
    return fail(error, STF_E_ARGUMENT,
                "the frames have another format than the store (dtype %u, %u bits, %u "
                "components; the store: %u, %u, %u)",
                have.dtype, have.bits, have.components, want.dtype, want.bits, want.components);
  if (frames->size.y != d.y || frames->size.x != d.x)
    return fail(error, STF_E_ARGUMENT, "the frames are %u x %u, those of the store %u x %u", frames->size.y,
                frames->size.x, d.y, d.x);
  for (uint32_t c = 0; c < want.components; ++c)
    if (frames->planes[c].data == nullptr) return fail(error, STF_E_ARGUMENT, "plane %u is missing", c);
  return STF_OK;
}

std::unique_ptr<stf_writer> make_writer(const stf_env* env, const stf_encode_options* options) {
  auto w = std::make_unique<stf_writer>();
  w->env = resolve(env);
  if (options != nullptr) {
    w->options = *options;
  } else {
    stf_encode_options_init(&w->options);
  }
  return w;
}

stf_status append_coded(stf_writer& w, uint32_t t, const int64_t* pts, const int64_t* durations,
                        const stf_coded_fragment* fragments, size_t n, stf_error* error) {
  const StoreHeader& header = w.output->header();
  if (w.waiting.size.t != 0)
    return fail(error, STF_E_ARGUMENT, "%u frames wait for their slab: coded fragments can only go between slabs",
                w.waiting.size.t);
  if (t == 0 || t > STF_MAX_FRAGMENT_T)
    return fail(error, STF_E_ARGUMENT, "a slab has 1 to %u frames, not %u", STF_MAX_FRAGMENT_T, t);
  if (fragments == nullptr || n == 0) return fail(error, STF_E_ARGUMENT, "a slab has at least one fragment");
  Page page;
  page.t = t;
  page.rows.resize(n);
  for (size_t i = 0; i < n; ++i) {
    const stf_coded_fragment& f = fragments[i];
    if (f.reserved != 0) return fail(error, STF_E_ARGUMENT, "reserved fields of fragment %zu must be zero", i);
    Row& row = page.rows[i];
    row.box = {f.y0, f.y1, f.x0, f.x1};
    row.codec = f.codec;
    row.level = f.level;
    row.group = f.group;
    row.bytes = row.missing() ? 0 : f.size;
    if (!row.missing() && (f.data == nullptr || f.size == 0))
      return fail(error, STF_E_ARGUMENT, "fragment %zu has no bytes", i);
    if (!row.missing() && !box_valid(header, t, row.codec, row.box))
      return fail(error, STF_E_ARGUMENT,
                  "the box of fragment %zu is not one: it leaves the picture, cuts chroma "
                  "samples or is too large",
                  i);
    if (row.box.empty() || !row.box.inside(header.desc.y, header.desc.x))
      return fail(error, STF_E_ARGUMENT, "the box of fragment %zu leaves the picture", i);
    row.crc = row.missing() ? 0 : stf_crc32c(0, f.data, f.size);
    for (uint32_t c = 0; c < header.desc.format.components; ++c) row.sse[c] = f.sse[c];
  }
  if (!rows_cover(header, page.rows))
    return fail(error, STF_E_ARGUMENT, "the fragments do not cover the picture exactly");
  STF_TRY(take_times(w, t, pts, durations, page.times, error));
  return w.output->slab(
      page, [&](size_t i, stf_error* why) { return w.output->put_bytes(fragments[i].data, fragments[i].size, why); },
      error);
}

}  // namespace
}  // namespace stf::store

using namespace stf::store;

extern "C" {

stf_status stf_writer_create(const stf_env* env, const stf_sink* sink, const stf_store_desc* desc,
                             const stf_encode_options* options, stf_writer** writer, stf_error* error) {
  return stf::at_border(error, [&]() -> stf_status {
    if (sink == nullptr || desc == nullptr || writer == nullptr || sink->write == nullptr)
      return stf::fail(error, STF_E_ARGUMENT, "a writer needs a sink, a description and a place for its handle");
    *writer = nullptr;
    STF_TRY(stf::check_env(env, error));
    STF_TRY(desc_check(*desc, error));
    auto w = make_writer(env, options);
    w->output = std::make_unique<Output>(w->env, *sink, make_header(*desc));
    STF_TRY(prepare(*w, error));
    STF_TRY(w->output->start(error));
    *writer = w.release();
    return STF_OK;
  });
}

stf_status stf_writer_append_to(const stf_env* env, const stf_source* source, const stf_sink* sink,
                                const stf_encode_options* options, stf_writer** writer, stf_error* error) {
  return stf::at_border(error, [&]() -> stf_status {
    if (source == nullptr || sink == nullptr || writer == nullptr || sink->write == nullptr)
      return stf::fail(error, STF_E_ARGUMENT, "a writer needs a source, a sink and a place for its handle");
    *writer = nullptr;
    STF_TRY(stf::check_env(env, error));
    auto w = make_writer(env, options);
    Store store(w->env, *source);
    STF_TRY(store.open(error));
    Tail tail = store.tail();
    if (tail.has_times() && tail.frames != 0) {
      std::shared_ptr<const Page> last;
      STF_TRY(store.page_of_frame(tail.frames - 1, last, error));
      w->last_pts = last->times.pts.back();
      w->timed = true;
    }
    if (store.torn() && tail.holes.size() >= kHolesMax)
      return stf::fail(error, STF_E_LIMIT, "the store was torn %zu times: use repair", tail.holes.size());
    w->start_frames = tail.frames;
    w->start_slabs = tail.slabs;
    w->start_fragments = tail.fragments;
    w->start_bytes = tail.fragment_bytes;
    w->start_position = source->size;
    w->start_packets = tail.packets.bytes;
    w->output = std::make_unique<Output>(w->env, *sink, std::move(tail), store.end(), source->size);
    STF_TRY(prepare(*w, error));
    *writer = w.release();
    return STF_OK;
  });
}

stf_status stf_writer_set_choose(stf_writer* writer, stf_choose choose, void* opaque, stf_error* error) {
  if (writer == nullptr) return stf::fail(error, STF_E_ARGUMENT, "no writer");
  writer->choose = choose;
  writer->choose_opaque = opaque;
  return STF_OK;
}

stf_status stf_writer_append(stf_writer* writer, const stf_video* frames, const int64_t* pts, const int64_t* durations,
                             stf_error* error) {
  return guarded(writer, error, [&]() -> stf_status {
    STF_TRY(check_frames(*writer, frames, error));
    FrameTimes times;
    STF_TRY(take_times(*writer, frames->size.t, pts, durations, times, error));
    return append(*writer, *frames, times, error);
  });
}

stf_status stf_writer_append_coded(stf_writer* writer, uint32_t t, const int64_t* pts, const int64_t* durations,
                                   const stf_coded_fragment* fragments, size_t n, stf_error* error) {
  return guarded(writer, error, [&] { return append_coded(*writer, t, pts, durations, fragments, n, error); });
}

stf_status stf_writer_put_packets(stf_writer* writer, const void* data, size_t size, int64_t begin_us, int64_t end_us,
                                  stf_error* error) {
  return guarded(writer, error, [&]() -> stf_status {
    if (data == nullptr || size == 0) return stf::fail(error, STF_E_ARGUMENT, "no packets");
    if (!packet_times_valid(begin_us, end_us))
      return stf::fail(error, STF_E_ARGUMENT, "packets cannot play from %lld to %lld us",
                       static_cast<long long>(begin_us), static_cast<long long>(end_us));
    return writer->output->put_packets(data, size, begin_us, end_us, error);
  });
}

stf_status stf_writer_put_metadata(stf_writer* writer, const char* metadata, size_t size, stf_error* error) {
  return guarded(writer, error, [&]() -> stf_status {
    if (metadata == nullptr) return stf::fail(error, STF_E_ARGUMENT, "no metadata");
    return writer->output->put_metadata(metadata, size, error);
  });
}

stf_status stf_writer_finish(stf_writer* writer, const char* metadata, size_t metadata_size, stf_error* error) {
  return guarded(writer, error, [&]() -> stf_status {
    if (writer->waiting.size.t != 0) STF_TRY(flush_waiting(*writer, writer->waiting.size.t, error));
    STF_TRY(writer->output->finish(metadata, metadata_size, error));
    writer->state = stf_writer::State::kFinished;
    return STF_OK;
  });
}

void stf_writer_get_stats(const stf_writer* writer, stf_writer_stats* stats) {
  const Tail& tail = writer->output->tail();
  const stf_store_desc& d = tail.header.desc;
  stats->frames = tail.frames - writer->start_frames;
  stats->slabs = tail.slabs - writer->start_slabs;
  stats->fragments = tail.fragments - writer->start_fragments;
  stats->fragment_bytes = tail.fragment_bytes - writer->start_bytes;
  stats->stream_bytes = tail.packets.bytes - writer->start_packets;
  stats->file_bytes = writer->output->position() - writer->start_position;
  stats->raw_bytes = (stats->frames + writer->waiting.size.t) * samples_of(d.format, 1, d.y, d.x) *
                     stf_itemsize(d.format.dtype);
}

void stf_writer_free(stf_writer* writer) { delete writer; }

}  // extern "C"
