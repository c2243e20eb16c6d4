// Reading a box: plan some slabs, decode the fragments they touch on the runner, each straight into its part of the
// destination (or, for RGB, into memory of the job and through the colour kernels), and go on.
//
// Where borders between fragments are filtered, a slab is first put together in memory of its own (or in the
// destination, where that takes the very same samples), then filtered, cropped and converted frame by frame.

#include <algorithm>
#include <mutex>

#include "common/border.hpp"
#include "common/env.hpp"
#include "container/jobs.hpp"
#include "container/planes.hpp"
#include "container/read/decode.hpp"
#include "container/read/plan.hpp"
#include "container/read/seams.hpp"
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
    // Stages take memory, so with seams no more slabs are read at once than keep all threads busy.
    const size_t threads = store_.env().runner.threads;
    const size_t enough = seams_ ? std::max<size_t>(4, 2 * threads) : std::max<size_t>(64, 32 * threads);
    const BoxOfPage box_of = [this](const Page& page) {
      return seams_ ? seam_box(format_, components_, page, box_) : box_;
    };
    Plan plan;
    std::vector<Stage> stages;
    for (size_t next = 0; next < frames_.size();) {
      STF_TRY(plan_some(store_, frames_, box_of, enough, &next, plan, error));
      stages.clear();
      if (seams_) STF_TRY(make_stages(plan, stages, error));
      STF_TRY(run_jobs(
          store_.env(), plan.fragments.size(),
          [&](size_t i, stf_error* why) {
            const FragmentPlan& fragment = plan.fragments[i];
            const SlabPlan& slab = plan.slabs[fragment.slab];
            if (seams_ && stages[fragment.slab].used) return one_staged(slab, fragment.row, stages[fragment.slab], why);
            return one(slab, fragment.row, why);
          },
          error));
      if (seams_) STF_TRY(finish_stages(plan, stages, error));
    }
    if (work != nullptr) add(*work, total_);
    return STF_OK;
  }

 private:
  bool rgb() const { return request_.output == STF_OUTPUT_RGB; }

  stf_status prepare(stf_error* error) {
    const stf_store_desc& d = store_.header().desc;
    STF_TRY(check_reserved(request_.reserved, "a request", error));
    if (box_.empty() || !box_.inside(d.y, d.x))
      return fail(error, STF_E_ARGUMENT, "rows %u:%u, columns %u:%u are empty or outside of the picture of %u x %u",
                  box_.y0, box_.y1, box_.x0, box_.x1, d.y, d.x);
    STF_TRY(frames_.set(request_, store_.tail().frames, error));
    const uint32_t all = (1u << format_.components) - 1;
    components_ = request_.components != 0 ? request_.components : all;
    uint32_t written = components_;
    if (rgb()) {
      const stf_colour& colour = request_.colour;
      STF_TRY(check_reserved(colour.reserved, "a colour", error));
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
    // What has more bits is never coded with more loss than a bound.
    seams_ = request_.seams != 0 && format_.dtype != STF_BOOL && format_.bits <= 12;
    return STF_OK;
  }

  // Where a box of the picture lies in plane c of the destination, which begins at the request's.
  Box target_box(uint32_t c, const Box& part) const {
    const Box all = rgb() ? box_ : plane_box(format_, c, box_);
    const Box own = rgb() ? part : plane_box(format_, c, part);
    return {own.y0 - all.y0, own.y1 - all.y0, own.x0 - all.x0, own.x1 - all.x0};
  }

  static Box intersection(const Box& a, const Box& b) {
    return {std::max(a.y0, b.y0), std::min(a.y1, b.y1), std::max(a.x0, b.x0), std::min(a.x1, b.x1)};
  }

  // All frames of the slab in a part of a fragment.
  stf_fragment_request request_of(const SlabPlan& slab, const Row& row, const Box& part) const {
    stf_fragment_request wanted{};
    wanted.frames = slab.frames.data();
    wanted.n_frames = static_cast<uint32_t>(slab.frames.size());
    wanted.y0 = part.y0 - row.box.y0;
    wanted.y1 = part.y1 - row.box.y0;
    wanted.x0 = part.x0 - row.box.x0;
    wanted.x1 = part.x1 - row.box.x0;
    wanted.components = components_;
    return wanted;
  }

  stf_status one(const SlabPlan& slab, size_t index, stf_error* error) {
    const Row& row = slab.page->rows[index];
    const Box part = intersection(box_, row.box);
    stf_fragment_request wanted = request_of(slab, row, part);
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
      STF_TRY(decode_row({store_, *slab.page, index}, wanted, video, &work, error));
    }
    work.samples_out = copy_repeated(slab, 0, slab.copies.size(), part) + samples_of_part(part) * slab.frames.size();
    const std::lock_guard lock(mutex_);
    add(total_, work);
    return STF_OK;
  }

  uint64_t samples_of_part(const Box& part) const {
    uint64_t samples = 0;
    for (uint32_t c = 0; c < STF_MAX_COMPONENTS; ++c)
      if (written_ >> c & 1) samples += target_box(c, part).area();
    return samples;
  }

  // For frames that were asked for more than once. Returns the samples that were copied.
  uint64_t copy_repeated(const SlabPlan& slab, size_t first, size_t last, const Box& part) {
    for (size_t i = first; i < last; ++i)
      for (uint32_t c = 0; c < STF_MAX_COMPONENTS; ++c) {
        if (!(written_ >> c & 1)) continue;
        const Box at = target_box(c, part);
        const stf_plane& plane = destination_.planes[c];
        copy_frame(sample_at(plane, slab.copies[i].from, at.y0, at.x0), plane,
                   sample_at(plane, slab.copies[i].to, at.y0, at.x0), plane, at.y1 - at.y0, at.x1 - at.x0, itemsize_);
      }
    return samples_of_part(part) * (last - first);
  }

  // Planes of format_ for all frames of a slab in a box.
  stf_status allocate_planes(const Box& box, size_t frames, Buffer<uint8_t> (&memory)[STF_MAX_COMPONENTS],
                             stf_video* video, stf_error* error) const {
    const size_t item = stf_itemsize(format_.dtype);
    *video = {};
    video->format = format_;
    for (uint32_t c = 0; c < format_.components; ++c) {
      if (!(components_ >> c & 1)) continue;
      const Box own = plane_box(format_, c, box);
      const size_t row = (own.x1 - own.x0) * item, frame = row * (own.y1 - own.y0);
      if ((frame != 0 && frames > SIZE_MAX / frame) || !memory[c].allocate(store_.env(), frame * frames))
        return fail(error, STF_E_MEMORY, "no memory to convert a fragment");
      video->planes[c] = {memory[c].data(), static_cast<ptrdiff_t>(frame), static_cast<ptrdiff_t>(row),
                          static_cast<ptrdiff_t>(item)};
    }
    return STF_OK;
  }

  // Frame i of planes that hold `box`, of which `part` goes to a frame of the destination as RGB.
  void convert_frame(const stf_video& video, const Box& box, size_t i, uint32_t target, const Box& part) const {
    const Box at = target_box(0, part);
    ptrdiff_t strides[STF_MAX_COMPONENTS];
    for (uint32_t c = 0; c < STF_MAX_COMPONENTS; ++c) strides[c] = destination_.planes[c].stride_x;
    for (uint32_t y = part.y0; y < part.y1; ++y) {
      const void* in[STF_MAX_COMPONENTS] = {};
      void* out[STF_MAX_COMPONENTS] = {};
      for (uint32_t c = 0; c < STF_MAX_COMPONENTS; ++c) {
        if (components_ >> c & 1) {
          const bool chroma = format_.components >= 3 && (c == 1 || c == 2);
          const Box whole = plane_box(format_, c, box), own = plane_box(format_, c, part);
          in[c] = sample_at(video.planes[c], i, (chroma ? y >> format_.sub_y : y) - whole.y0, own.x0 - whole.x0);
        }
        if (written_ >> c & 1) out[c] = sample_at(destination_.planes[c], target, at.y0 + (y - part.y0), at.x0);
      }
      rgb_row(conversion_, in, part.x0, part.x1 - part.x0, out, strides);
    }
  }

  stf_status decode_rgb(const SlabPlan& slab, size_t index, const Box& part, const stf_fragment_request& wanted,
                        stf_work* work, stf_error* error) {
    stf_video video;
    Buffer<uint8_t> memory[STF_MAX_COMPONENTS];
    STF_TRY(allocate_planes(part, slab.frames.size(), memory, &video, error));
    STF_TRY(decode_row({store_, *slab.page, index}, wanted, video, work, error));
    for (size_t i = 0; i < slab.frames.size(); ++i) convert_frame(video, part, i, slab.targets[i], part);
    return STF_OK;
  }

  // Pictures of a stream are converted as they come: a GOP may have more of them than memory should hold.
  stf_status stream_rgb(const SlabPlan& slab, size_t index, const Box& part, stf_work* work, stf_error* error) {
    const Box at = target_box(0, part), origin = slab.page->rows[index].box;
    ptrdiff_t strides[STF_MAX_COMPONENTS];
    for (uint32_t c = 0; c < STF_MAX_COMPONENTS; ++c) strides[c] = destination_.planes[c].stride_x;
    return decode_row_pictures(
        {store_, *slab.page, index}, {slab.frames.data(), static_cast<uint32_t>(slab.frames.size()), true},
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
        },
        work, error);
  }

  // A slab whose borders are filtered before it goes to the destination.
  struct Stage {
    bool used = false;  // there are borders in it that may be filtered
    bool in_place = false;
    stf_video video{};  // planes of the slab's box; frame i of the slab, or in place the destination's
    Buffer<uint8_t> memory[STF_MAX_COMPONENTS];
    std::vector<uint8_t> lossy;  // by row of the page
    std::vector<stf_seam> seams[STF_MAX_COMPONENTS];
  };

  stf_status make_stages(const Plan& plan, std::vector<Stage>& stages, stf_error* error) const {
    stages.resize(plan.slabs.size());
    for (size_t i = 0; i < stages.size(); ++i) {
      const SlabPlan& slab = plan.slabs[i];
      Stage& stage = stages[i];
      stage.lossy.assign(slab.page->rows.size(), 1);  // until they are decoded
      stage.used = slab.box != box_;
      for (uint32_t c = 0; c < format_.components && !stage.used; ++c)
        stage.used = (components_ >> c & 1) != 0 && !seams_of(format_, c, *slab.page, slab.box, stage.lossy).empty();
      if (!stage.used) continue;
      stage.in_place = !rgb() && slab.box == box_;
      if (stage.in_place) stage.video = destination_;
      else STF_TRY(allocate_planes(slab.box, slab.frames.size(), stage.memory, &stage.video, error));
    }
    return STF_OK;
  }

  stf_status one_staged(const SlabPlan& slab, size_t index, Stage& stage, stf_error* error) {
    const Row& row = slab.page->rows[index];
    const Box part = intersection(slab.box, row.box);
    stf_fragment_request wanted = request_of(slab, row, part);
    if (stage.in_place) wanted.targets = slab.targets.data();
    stf_video video = stage.video;
    for (uint32_t c = 0; c < format_.components; ++c) {
      if (!(components_ >> c & 1)) continue;
      const Box whole = plane_box(format_, c, slab.box), own = plane_box(format_, c, part);
      video.planes[c].data = sample_at(video.planes[c], 0, own.y0 - whole.y0, own.x0 - whole.x0);
    }
    stf_work work{};
    STF_TRY(decode_row({store_, *slab.page, index}, wanted, video, &work, error, &stage.lossy[index]));
    work.samples_out = 0;
    const std::lock_guard lock(mutex_);
    add(total_, work);
    return STF_OK;
  }

  stf_status finish_stages(const Plan& plan, std::vector<Stage>& stages, stf_error* error) {
    struct Job {
      size_t slab, frame;
    };
    std::vector<Job> jobs;
    for (size_t i = 0; i < stages.size(); ++i) {
      Stage& stage = stages[i];
      if (!stage.used) continue;
      const SlabPlan& slab = plan.slabs[i];
      for (uint32_t c = 0; c < format_.components; ++c)
        if (components_ >> c & 1) stage.seams[c] = seams_of(format_, c, *slab.page, slab.box, stage.lossy);
      for (size_t frame = 0; frame < slab.frames.size(); ++frame) jobs.push_back({i, frame});
      total_.samples_out += samples_of_part(box_) * (slab.frames.size() + slab.copies.size());
    }
    return run_jobs(
        store_.env(), jobs.size(),
        [&](size_t i, stf_error* why) {
          return finish_frame(plan.slabs[jobs[i].slab], jobs[i].frame, stages[jobs[i].slab], why);
        },
        error);
  }

  stf_status finish_frame(const SlabPlan& slab, size_t frame, const Stage& stage, stf_error* error) {
    const uint32_t target = slab.targets[frame];
    for (uint32_t c = 0; c < format_.components; ++c) {
      if (!(components_ >> c & 1)) continue;
      const Box whole = plane_box(format_, c, slab.box), own = plane_box(format_, c, box_);
      stf_plane plane = stage.video.planes[c];
      plane.data = sample_at(plane, stage.in_place ? target : frame, 0, 0);
      const stf_size size{1, whole.y1 - whole.y0, whole.x1 - whole.x0};
      const std::vector<stf_seam>& seams = stage.seams[c];
      STF_TRY(stf_seam_filter(format_.dtype, format_.bits, &plane, size, seams.data(), seams.size(), error));
      if (rgb() || stage.in_place) continue;
      const stf_plane& to = destination_.planes[c];
      copy_frame(sample_at(plane, 0, own.y0 - whole.y0, own.x0 - whole.x0), plane, sample_at(to, target, 0, 0), to,
                 own.y1 - own.y0, own.x1 - own.x0, itemsize_);
    }
    if (rgb()) convert_frame(stage.video, slab.box, frame, target, box_);
    // Copies of a frame follow each other.
    const auto of_this = [&](const SlabPlan::Copy& copy) { return copy.from == target; };
    const auto first = std::find_if(slab.copies.begin(), slab.copies.end(), of_this);
    const auto last = std::find_if_not(first, slab.copies.end(), of_this);
    copy_repeated(slab, static_cast<size_t>(first - slab.copies.begin()),
                  static_cast<size_t>(last - slab.copies.begin()), box_);
    return STF_OK;
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
  bool seams_ = false;
  uint32_t written_ = 0;  // planes of the destination
  size_t itemsize_ = 1;   // of the destination
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
