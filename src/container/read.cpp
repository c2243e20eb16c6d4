// Reading a box: plan some slabs, decode the fragments they touch on the runner, each straight into its part of the
// destination (or, for RGB, into memory of the job and through the colour kernels), and go on.

#include <algorithm>
#include <mutex>

#include "common/border.hpp"
#include "common/env.hpp"
#include "container/decode.hpp"
#include "container/jobs.hpp"
#include "container/plan.hpp"
#include "container/planes.hpp"
#include "dsp/colour.hpp"

namespace stf::store {
namespace {

class Read {
 public:
  Read(Store& store, const stf_request& request, const stf_video& destination)
      : store_(store), request_(request), destination_(destination), format_(store.header().desc.format),
        box_{request.y0, request.y1, request.x0, request.x1} {}

  stf_status run(stf_work* work, stf_error* error) {
    STF_TRY(prepare(error));
    const size_t enough = std::max<size_t>(64, 32 * size_t{store_.env().runner.threads});
    Plan plan;
    for (size_t next = 0; next < frames_.size();) {
      STF_TRY(plan_some(store_, frames_, box_, enough, &next, plan, error));
      STF_TRY(run_jobs(store_.env(), plan.fragments.size(), [&](size_t i, stf_error* why) {
        const FragmentPlan& fragment = plan.fragments[i];
        return one(plan.slabs[fragment.slab], fragment.row, why);
      }, error));
    }
    if (work != nullptr) add(*work, total_);
    return STF_OK;
  }

 private:
  bool rgb() const { return request_.output == STF_OUTPUT_RGB; }

  stf_status prepare(stf_error* error) {
    const stf_store_desc& d = store_.header().desc;
    if (box_.empty() || !box_.inside(d.y, d.x))
      return fail(error, STF_E_ARGUMENT, "rows %u:%u, columns %u:%u are empty or outside of the picture of %u x %u",
                  box_.y0, box_.y1, box_.x0, box_.x1, d.y, d.x);
    STF_TRY(frames_.set(request_, store_.tail().frames, error));
    const uint32_t all = (1u << format_.components) - 1;
    components_ = request_.components != 0 ? request_.components : all;
    uint32_t written = components_;
    if (rgb()) {
      const stf_colour& colour = request_.colour;
      STF_TRY(rgb_prepare(format_, colour, &conversion_, error));
      const bool gray = colour.model == 2;
      const uint32_t alpha = gray ? 2 : 8;
      components_ = (gray ? 1 : 7) | (colour.alpha ? alpha & all : 0);
      written = colour.alpha ? 15 : 7;
      itemsize_ = colour.out_bits == 8 ? 1 : 2;
    } else if (request_.output != STF_OUTPUT_NATIVE || (components_ & ~all) != 0) {
      return fail(error, STF_E_ARGUMENT, "unknown output %u or components %#x", request_.output, request_.components);
    } else {
      itemsize_ = stf_itemsize(format_.dtype);
    }
    for (uint32_t c = 0; c < STF_MAX_COMPONENTS; ++c)
      if ((written >> c & 1) && destination_.planes[c].data == nullptr && frames_.size() != 0)
        return fail(error, STF_E_ARGUMENT, "plane %u of the destination is missing", c);
    written_ = written;
    return STF_OK;
  }

  // Where a box of the picture lies in plane c of the destination, which begins at the request's.
  Box target_box(uint32_t c, const Box& part) const {
    const Box all = rgb() ? box_ : plane_box(format_, c, box_);
    const Box own = rgb() ? part : plane_box(format_, c, part);
    return {own.y0 - all.y0, own.y1 - all.y0, own.x0 - all.x0, own.x1 - all.x0};
  }

  stf_status one(const SlabPlan& slab, size_t index, stf_error* error) {
    const Row& row = slab.page->rows[index];
    const Box part{std::max(box_.y0, row.box.y0), std::min(box_.y1, row.box.y1), std::max(box_.x0, row.box.x0),
                   std::min(box_.x1, row.box.x1)};
    stf_fragment_request wanted{};
    wanted.frames = slab.frames.data();
    wanted.n_frames = static_cast<uint32_t>(slab.frames.size());
    wanted.y0 = part.y0 - row.box.y0;
    wanted.y1 = part.y1 - row.box.y0;
    wanted.x0 = part.x0 - row.box.x0;
    wanted.x1 = part.x1 - row.box.x0;
    wanted.components = components_;
    stf_work work{};
    if (rgb() && row.codec != STF_CODEC_STF && work_itemsize(format_.bits) == stf_itemsize(format_.dtype)) {
      STF_TRY(stream_rgb(slab, index, part, &work, error));
    } else if (rgb()) {
      STF_TRY(decode_rgb(slab, index, part, wanted, &work, error));
    } else {
      stf_video video = destination_;
      for (uint32_t c = 0; c < format_.components; ++c) {
        const Box at = target_box(c, part);
        if (components_ >> c & 1) video.planes[c].data = sample_at(video.planes[c], 0, at.y0, at.x0);
      }
      wanted.targets = slab.targets.data();
      STF_TRY(decode_row(store_, *slab.page, index, wanted, video, &work, error));
    }
    work.samples_out = 0;
    for (uint32_t c = 0; c < STF_MAX_COMPONENTS; ++c) {
      if (!(written_ >> c & 1)) continue;
      const Box at = target_box(c, part);
      const stf_plane& plane = destination_.planes[c];
      for (const SlabPlan::Copy& copy : slab.copies)
        copy_frame(sample_at(plane, copy.from, at.y0, at.x0), plane, sample_at(plane, copy.to, at.y0, at.x0), plane,
                   at.y1 - at.y0, at.x1 - at.x0, itemsize_);
      work.samples_out += at.area() * (slab.frames.size() + slab.copies.size());
    }
    const std::lock_guard lock(mutex_);
    add(total_, work);
    return STF_OK;
  }

  stf_status decode_rgb(const SlabPlan& slab, size_t index, const Box& part, const stf_fragment_request& wanted,
                        stf_work* work, stf_error* error) {
    const size_t item = stf_itemsize(format_.dtype);
    stf_video video{};
    video.format = format_;
    Buffer<uint8_t> memory[STF_MAX_COMPONENTS];
    Box boxes[STF_MAX_COMPONENTS];
    for (uint32_t c = 0; c < format_.components; ++c) {
      if (!(components_ >> c & 1)) continue;
      boxes[c] = plane_box(format_, c, part);
      const size_t row = (boxes[c].x1 - boxes[c].x0) * item, frame = row * (boxes[c].y1 - boxes[c].y0);
      if (!memory[c].allocate(store_.env(), frame * slab.frames.size()))
        return fail(error, STF_E_MEMORY, "no memory to convert a fragment");
      video.planes[c] = {memory[c].data(), static_cast<ptrdiff_t>(frame), static_cast<ptrdiff_t>(row),
                         static_cast<ptrdiff_t>(item)};
    }
    STF_TRY(decode_row(store_, *slab.page, index, wanted, video, work, error));

    const Box at = target_box(0, part);
    ptrdiff_t strides[STF_MAX_COMPONENTS];
    for (uint32_t c = 0; c < STF_MAX_COMPONENTS; ++c) strides[c] = destination_.planes[c].stride_x;
    for (size_t i = 0; i < slab.frames.size(); ++i)
      for (uint32_t y = part.y0; y < part.y1; ++y) {
        const void* in[STF_MAX_COMPONENTS] = {};
        void* out[STF_MAX_COMPONENTS] = {};
        for (uint32_t c = 0; c < STF_MAX_COMPONENTS; ++c) {
          if (components_ >> c & 1) {
            const bool chroma = format_.components >= 3 && (c == 1 || c == 2);
            in[c] = sample_at(video.planes[c], i, (chroma ? y >> format_.sub_y : y) - boxes[c].y0, 0);
          }
          if (written_ >> c & 1)
            out[c] = sample_at(destination_.planes[c], slab.targets[i], at.y0 + (y - part.y0), at.x0);
        }
        rgb_row(conversion_, in, part.x0, part.x1 - part.x0, out, strides);
      }
    return STF_OK;
  }

  // Pictures of a stream are converted as they come: a GOP may have more of them than memory should hold.
  stf_status stream_rgb(const SlabPlan& slab, size_t index, const Box& part, stf_work* work, stf_error* error) {
    const Box at = target_box(0, part), origin = slab.page->rows[index].box;
    ptrdiff_t strides[STF_MAX_COMPONENTS];
    for (uint32_t c = 0; c < STF_MAX_COMPONENTS; ++c) strides[c] = destination_.planes[c].stride_x;
    return decode_row_pictures(store_, *slab.page, index, slab.frames.data(), static_cast<uint32_t>(slab.frames.size()),
                               [&](uint32_t i, PictureRows& rows) {
      for (uint32_t y = part.y0; y < part.y1; ++y) {
        const void* in[STF_MAX_COMPONENTS] = {};
        void* out[STF_MAX_COMPONENTS] = {};
        for (uint32_t c = 0; c < STF_MAX_COMPONENTS; ++c) {
          if (components_ >> c & 1) {
            const Box own = plane_box(format_, c, part), first = plane_box(format_, c, origin);
            const bool chroma = format_.components >= 3 && (c == 1 || c == 2);
            in[c] = rows.row(c, (chroma ? y >> format_.sub_y : y) - first.y0, own.x0 - first.x0, own.x1 - own.x0);
          }
          if (written_ >> c & 1)
            out[c] = sample_at(destination_.planes[c], slab.targets[i], at.y0 + (y - part.y0), at.x0);
        }
        rgb_row(conversion_, in, part.x0, part.x1 - part.x0, out, strides);
      }
      return STF_OK;
    }, work, error);
  }

  static void add(stf_work& sum, const stf_work& part) {
    sum.fragments += part.fragments;
    sum.frames += part.frames;
    sum.samples += part.samples;
    sum.bytes += part.bytes;
    sum.samples_out += part.samples_out;
  }

  Store& store_;
  const stf_request& request_;
  const stf_video& destination_;
  const stf_format format_;
  const Box box_;
  FrameList frames_;
  RgbConversion conversion_{};
  uint32_t components_ = 0;  // decoded
  uint32_t written_ = 0;     // planes of the destination
  size_t itemsize_ = 1;      // of the destination
  std::mutex mutex_;
  stf_work total_{};
};

}  // namespace
}  // namespace stf::store

extern "C" stf_status stf_reader_read(stf_reader* reader, const stf_request* request, const stf_video* destination,
                                      stf_work* work, stf_error* error) {
  return stf::at_border(error, [&]() -> stf_status {
    if (reader == nullptr || request == nullptr || destination == nullptr)
      return stf::fail(error, STF_E_ARGUMENT, "a read needs a reader, a request and a destination");
    return stf::store::Read(reader->store, *request, *destination).run(work, error);
  });
}
