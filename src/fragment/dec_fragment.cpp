// Decoding of one fragment, or of the part of it that a request asks for, into the caller's planes.

#include <cinttypes>
#include <cstring>
#include <vector>

#include "common/border.hpp"
#include "common/env.hpp"
#include "common/status.hpp"
#include "fragment/dec_stream.hpp"
#include "fragment/header.hpp"
#include "fragment/planes.hpp"
#include "fragment/raw.hpp"
#include "lossless/lossless.hpp"
#include "lossy/lossy.hpp"

namespace stf {
namespace {

// A request with its defaults filled in, checked against the fragment.
struct Wanted {
  const uint32_t* frames;  // NULL: all
  const uint32_t* targets;
  uint32_t n_frames;
  Box box;
  uint32_t components;
  bool all_frames, all_components, whole_picture;

  uint32_t frame(uint32_t i) const { return frames ? frames[i] : i; }
  uint32_t target(uint32_t i) const { return targets ? targets[i] : i; }
  bool component(uint32_t c) const { return components >> c & 1; }
  // Frames go to adjacent frames of the destination, in order.
  bool in_sequence() const {
    for (uint32_t i = 1; i < n_frames; ++i)
      if (target(i) != target(0) + i) return false;
    return true;
  }
};

stf_status check_request(const stf_fragment_request* request, const stf_video* destination,
                         const stf_fragment_info& info, Wanted* wanted, stf_error* error) {
  const stf_fragment_request r = request ? *request : stf_fragment_request{};
  const stf_size size = info.size;
  const uint32_t every_component = (1u << info.format.components) - 1;

  STF_TRY(check_reserved(r.reserved, "a request", error));
  if (r.frames != nullptr) {
    for (uint32_t i = 0; i < r.n_frames; ++i)
      if (r.frames[i] >= size.t || (i > 0 && r.frames[i] <= r.frames[i - 1]))
        return fail(error, STF_E_ARGUMENT, "the frames asked for must ascend and be below %u", size.t);
  }
  wanted->frames = r.frames;
  wanted->targets = r.targets;
  wanted->n_frames = r.frames ? r.n_frames : size.t;

  wanted->box = {r.y0, r.y1, r.x0, r.x1};
  if ((r.y0 | r.y1 | r.x0 | r.x1) == 0) wanted->box = {0, size.y, 0, size.x};
  const Box& box = wanted->box;
  if (box.y0 >= box.y1 || box.y1 > size.y || box.x0 >= box.x1 || box.x1 > size.x)
    return fail(error, STF_E_ARGUMENT, "the box [%u, %u) x [%u, %u) is empty or outside of the fragment's %u x %u",
                box.y0, box.y1, box.x0, box.x1, size.y, size.x);

  wanted->components = r.components ? r.components : every_component;
  if (wanted->components & ~every_component)
    return fail(error, STF_E_ARGUMENT, "the fragment has %u components; the mask %#x asks for others",
                info.format.components, r.components);
  for (uint32_t c = 0; c < info.format.components; ++c)
    if (wanted->component(c) && wanted->n_frames != 0 && destination->planes[c].data == nullptr)
      return fail(error, STF_E_ARGUMENT, "component %u is asked for and has no destination (NULL)", c);

  wanted->all_frames = wanted->n_frames == size.t;
  wanted->all_components = wanted->components == every_component;
  wanted->whole_picture = box.y0 == 0 && box.x0 == 0 && box.y1 == size.y && box.x1 == size.x;
  return STF_OK;
}

uint8_t* destination_row(const stf_plane& plane, uint32_t frame, uint32_t y) {
  return static_cast<uint8_t*>(plane.data) + static_cast<ptrdiff_t>(frame) * plane.stride_t +
         static_cast<ptrdiff_t>(y) * plane.stride_y;
}

// Rows are unpacked one by one, straight into the destination where its memory has the form of the working samples.
stf_status decode_raw(const stf_env& env, const FragmentHeader& header, const Wanted& wanted,
                      const stf_video& destination, bool check, stf_work* work, stf_error* error) {
  const stf_fragment_info& info = header.info;
  const stf_format& format = info.format;
  if (header.payload_size != raw_payload_bytes(format, info.size))
    return fail(error, STF_E_CORRUPT_FRAGMENT, "the fragment is damaged: its length does not match its size");
  Buffer<uint16_t> row(env, info.size.x);
  if (!row) return fail(error, STF_E_MEMORY, "no memory to decode a fragment");

  check = check && wanted.all_frames && wanted.all_components && wanted.whole_picture;
  uint32_t crc = 0;
  const uint8_t* payload = header.payload;
  for (uint32_t c = 0; c < format.components; ++c) {
    uint32_t rows, columns;
    stf_plane_extent(&format, c, info.size.y, info.size.x, &rows, &columns);
    const size_t row_bytes = raw_row_bytes(format.bits, columns);
    const uint8_t* plane_bytes = payload;
    payload += size_t{info.size.t} * rows * row_bytes;
    if (!wanted.component(c)) continue;

    const stf_plane& plane = destination.planes[c];
    const Box box = plane_box(format, c, wanted.box);
    const uint32_t n = box.x1 - box.x0;
    for (uint32_t i = 0; i < wanted.n_frames; ++i)
      for (uint32_t y = box.y0; y < box.y1; ++y) {
        const uint8_t* packed = plane_bytes + (size_t{wanted.frame(i)} * rows + y) * row_bytes;
        raw_unpack(packed, format.bits, box.x0, box.x1, row.data());
        if (check) crc = samples_crc_row(crc, format.bits, row.data(), n);
        export_row(format, row.data(), n, destination_row(plane, wanted.target(i), y - box.y0), plane.stride_x);
      }
    work->samples += uint64_t{wanted.n_frames} * (box.y1 - box.y0) * n;
  }
  work->frames += wanted.n_frames;
  return check && crc != info.samples_crc ? wrong_samples(crc, info.samples_crc, error) : STF_OK;
}

// The wanted frames and box of the working planes that `copied` names, to the destination.
void export_video(const WorkVideo& video, const stf_format& format, const Wanted& wanted,
                  const bool copied[STF_MAX_COMPONENTS], const stf_video& destination) {
  const bool by_pixel = wanted.all_components && is_interleaved(format, destination);  // then all are copied
  for (uint32_t c = 0; c < (by_pixel ? 1u : format.components); ++c) {
    if (!copied[c]) continue;
    const stf_plane& plane = destination.planes[c];
    const Box box = plane_box(format, c, wanted.box);
    const uint32_t n = box.x1 - box.x0;
    const auto row = [&](uint32_t component, uint32_t t, uint32_t y) -> const void* {
      return with_sample_type(format.bits, [&](auto sample) -> const void* {
        return video.planes[component].row<decltype(sample)>(t, y) + box.x0;
      });
    };
    for (uint32_t i = 0; i < wanted.n_frames; ++i)
      for (uint32_t y = box.y0; y < box.y1; ++y) {
        uint8_t* to = destination_row(plane, wanted.target(i), y - box.y0);
        if (by_pixel) {
          const void* rows[STF_MAX_COMPONENTS] = {};
          for (uint32_t k = 0; k < format.components; ++k) rows[k] = row(k, wanted.frame(i), y);
          export_pixels(format, rows, n, to);
        } else {
          export_row(format, row(c, wanted.frame(i), y), n, to, plane.stride_x);
        }
      }
  }
}

// Decoded in the destination itself where its memory has the form of the working samples, elsewhere in memory of ours.
stf_status decode_planes(const stf_env& env, const FragmentHeader& header, const Wanted& wanted,
                         const stf_video& destination, bool check, stf_work* work, stf_error* error) {
  const stf_fragment_info& info = header.info;
  const stf_format& format = info.format;
  WorkVideo video;
  video.bits = format.bits;
  video.components = format.components;
  video.t = info.size.t;
  Buffer<uint8_t> memory[STF_MAX_COMPONENTS];
  bool in_place[STF_MAX_COMPONENTS] = {};
  const bool may_be_in_place = wanted.all_frames && wanted.whole_picture && wanted.in_sequence();
  for (uint32_t c = 0; c < format.components; ++c) {
    uint32_t rows, columns;
    stf_plane_extent(&format, c, info.size.y, info.size.x, &rows, &columns);
    WorkPlane& to = video.planes[c];
    to.y = rows;
    to.x = columns;
    if (!wanted.component(c)) continue;
    if (may_be_in_place) {
      stf_plane plane = destination.planes[c];
      plane.data = destination_row(plane, wanted.target(0), 0);
      in_place[c] = view_plane(format, plane, rows, columns, &to);
    }
    if (!in_place[c] && !make_plane(env, format.bits, info.size.t, rows, columns, memory[c], &to))
      return fail(error, STF_E_MEMORY, "no memory to decode a fragment");
  }

  std::vector<uint8_t> frames(info.size.t, wanted.frames == nullptr);
  if (wanted.frames != nullptr)
    for (uint32_t i = 0; i < wanted.n_frames; ++i) frames[wanted.frames[i]] = 1;
  const PayloadRequest asked{{header.payload, header.payload_size}, frames.data(), wanted.components};
  if (info.profile == kProfileLossy) {
    STF_TRY(lossy_decode(env, info.structure, format, asked, video, work, error));
  } else {
    const LosslessParams params{info.structure, info.lanes, 0, false, info.max_error};
    STF_TRY(lossless_decode(env, params, asked, video, work, error));
  }

  if (check && wanted.all_frames && wanted.all_components)
    if (const uint32_t crc = samples_crc(video); crc != info.samples_crc)
      return wrong_samples(crc, info.samples_crc, error);

  bool copied[STF_MAX_COMPONENTS];
  for (uint32_t c = 0; c < format.components; ++c) copied[c] = wanted.component(c) && !in_place[c];
  export_video(video, format, wanted, copied, destination);
  return STF_OK;
}

// Each picture to the destination as it comes; a frame is never kept.
stf_status decode_pictures(const stf_env& env, const FragmentHeader& header, const Wanted& wanted,
                           const stf_video& destination, bool check, stf_work* work, stf_error* error) {
  const stf_fragment_info& info = header.info;
  return decode_stream(
      env, header, {wanted.frames, wanted.n_frames, check},
      [&](uint32_t i, PictureRows& rows) {
        for (uint32_t c = 0; c < info.format.components; ++c) {
          if (!wanted.component(c)) continue;
          const Box box = plane_box(info.format, c, wanted.box);
          const stf_plane& plane = destination.planes[c];
          for (uint32_t y = box.y0; y < box.y1; ++y)
            export_row(info.format, rows.row(c, y, box.x0, box.x1 - box.x0), box.x1 - box.x0,
                       destination_row(plane, wanted.target(i), y - box.y0), plane.stride_x);
        }
        return STF_OK;
      },
      work, error);
}

stf_status decode(const stf_env& env, const void* data, size_t size, const stf_fragment_request* request,
                  const stf_video& destination, stf_work* work, stf_error* error) {
  FragmentHeader header;
  STF_TRY(parse_header(env.limits, data, size, &header, error));
  const uint32_t flags = request ? request->flags : 0;
  if (!(flags & STF_SKIP_CODED_CRC)) STF_TRY(check_coded_crc(header, data, error));
  Wanted wanted;
  STF_TRY(check_request(request, &destination, header.info, &wanted, error));

  stf_work done{};
  const bool check = !(flags & STF_SKIP_SAMPLES_CRC);
  if (wanted.n_frames == 0) {
    // nothing to do
  } else if (header.info.profile == kProfileRaw) {
    STF_TRY(decode_raw(env, header, wanted, destination, check, &done, error));
  } else if (header.info.profile == kProfileStream) {
    STF_TRY(decode_pictures(env, header, wanted, destination, check, &done, error));
  } else {
    STF_TRY(decode_planes(env, header, wanted, destination, check, &done, error));
  }
  if (work != nullptr) {
    work->fragments += 1;
    work->frames += done.frames;
    work->samples += done.samples;
    work->bytes += size;
    for (uint32_t c = 0; c < header.info.format.components; ++c) {
      if (!wanted.component(c)) continue;
      const Box box = plane_box(header.info.format, c, wanted.box);
      work->samples_out += uint64_t{wanted.n_frames} * (box.y1 - box.y0) * (box.x1 - box.x0);
    }
  }
  return STF_OK;
}

}  // namespace
}  // namespace stf

extern "C" {

stf_status stf_fragment_info_read(const stf_env* env, const void* data, size_t size, stf_fragment_info* info,
                                  stf_error* error) {
  if (data == nullptr || info == nullptr) return stf::fail(error, STF_E_ARGUMENT, "data and info must not be NULL");
  stf::FragmentHeader header;
  STF_TRY(stf::check_env(env, error));
  STF_TRY(stf::parse_header(stf::resolve(env).limits, data, size, &header, error));
  *info = header.info;
  return STF_OK;
}

stf_status stf_fragment_decode(const stf_env* env, const void* data, size_t size, const stf_fragment_request* request,
                               const stf_video* destination, stf_work* work, stf_error* error) {
  if (data == nullptr || destination == nullptr)
    return stf::fail(error, STF_E_ARGUMENT, "data and destination must not be NULL");
  return stf::at_border(error, [&]() -> stf_status {
    STF_TRY(stf::check_env(env, error));
    return stf::decode(stf::resolve(env), data, size, request, *destination, work, error);
  });
}

}  // extern "C"
