// The mixed coder of a frame's residuals (docs/format.md, 12.8): one walk over the samples that writes or reads, so
// that the encoder and the decoder cannot drift apart. Samples are reconstructed one by one: the contexts of each
// depend on its prediction.
#pragma once

#include <cstdlib>

#include "common/slots.hpp"
#include "lossless/contexts.hpp"
#include "lossless/mixed_model.hpp"
#include "lossless/spans.hpp"

namespace stf::lossless {

// Scratch memory for rows of the frame that is being coded.
template <typename Sample>
struct MixedRows {
  MagnitudeRows<Sample> magnitudes;
  Buffer<typename ContextRows<Sample>::Energy> energy;
  Buffer<uint8_t> detail;
  Buffer<Sample> zeros;   // residuals of exact blocks
  Buffer<int> residuals;  // of three rows, two zeros before each and after

  bool allocate(const stf_env& env, uint32_t width) {
    if (!magnitudes.allocate(env, static_cast<int>(width)) || !energy.allocate(env, width) ||
        !detail.allocate(env, width) || !zeros.allocate(env, width) ||
        !residuals.allocate(env, 3 * (size_t{width} + 4)))
      return false;
    std::fill(zeros.begin(), zeros.end(), Sample{0});
    return true;
  }
};

// What is kept of frames while others refer to them: models and the magnitudes of residuals, a slot for each frame.
template <typename Sample>
class MixedStore {
 public:
  bool allocate(const stf_env& env, const Shape& shape, uint32_t slots) {
    components_ = shape.components;
    return magnitudes_.allocate(env, shape, slots) && models_.allocate(env, size_t{slots} * components_) &&
           rows_.allocate(env, shape.x[0]) && spans_.allocate(env, shape);
  }
  MixedRows<Sample>& rows() { return rows_; }
  SpanList<Sample>& spans() { return spans_; }
  BorderedPlane<Sample> magnitudes(uint32_t slot, unsigned c) { return magnitudes_.frame(slot, c); }
  MixedModel& model(uint32_t slot, unsigned c) { return models_[size_t{slot} * components_ + c]; }
  // Set the model of a frame to what that of its reference of the deeper level has learned, or to nothing.
  void begin(const SlotPlan& plan, const Structure& structure, uint32_t t, unsigned c) {
    const FrameRefs& r = structure.refs(t);
    MixedModel& own = model(plan.slot[t], c);
    if (r.count == 0) return own.begin();
    const bool b = r.count > 1 && structure.refs(r.b).level > structure.refs(r.a).level;
    own = model(plan.slot[b ? r.b : r.a], c);
  }

 private:
  unsigned components_ = 0;
  FrameStore<Sample> magnitudes_;
  Buffer<MixedModel> models_;
  MixedRows<Sample> rows_;
  SpanList<Sample> spans_;
};

// The slots of a frame and of its reference A.
struct MixedSlots {
  uint32_t current, a;
};

// Codes the residuals of one component of a frame. Its samples are there (writing) or come to be (reading).
template <typename Sample, typename Coder>
class MixedFrame {
 public:
  MixedFrame(const FrameView<Sample>& f, const Group& group, MixedStore<Sample>& store, const MixedSlots& slots,
             Coder& coder)
      : f_(f), shape_(*f.shape), c_(f.component), range_(f.range), group_(group), rows_(store.rows()),
        spans_(store.spans()), model_(store.model(slots.current, c_)), magnitudes_(store.magnitudes(slots.current, c_)),
        magnitudes_a_(store.magnitudes(slots.a, c_)), coder_(coder), shift_(group.residual_shift), top_(range_ - 1) {}

  // Code all residuals; `blocks` are those of the component. False if one is out of range.
  bool run(const BlockChoice* blocks) {
    const auto width = static_cast<int>(shape_.x[c_]), height = static_cast<int>(shape_.y[c_]);
    const int block_height = kBlock >> shape_.sub_y[c_];
    MagnitudeRows<Sample>& rows = rows_.magnitudes;
    rows.restart();
    std::fill(rows_.residuals.begin(), rows_.residuals.end(), 0);
    int* r[3];
    for (size_t k = 0; k < 3; ++k) r[k] = rows_.residuals.data() + k * (shape_.x[c_] + 4) + 2;

    if constexpr (Coder::kReads) f_.current.begin_rows(f_.refs > 0 ? &f_.a : nullptr, static_cast<uint32_t>(range_));
    for (int y = 0; y < height; ++y) {
      if (y % block_height == 0) spans_.list(f_, y / block_height, blocks);
      if constexpr (Coder::kReads) f_.current.begin_row(y);
      kernels_.above(rows, shape_.x[c_], true, rows_.energy.data());
      for (Span<Sample>& span : spans_) {
        if (span.block->exact) {
          std::fill_n(rows[0] + span.x0, span.n, Sample{0});
          std::fill_n(r[0] + span.x0, span.n, 0);
          if constexpr (Coder::kReads)
            unfold_run(group_.predictors[span.block->predictor], span.run, f_.refs, rows_.zeros.data());
        } else {
          kernels_.detail(f_.refs, span.run, group_.detail_shift, rows_.detail.data());
          const RowView row{rows[0] + span.x0,   rows_.energy.data() + span.x0,
                            rows_.detail.data(), r[0] + span.x0,
                            r[1] + span.x0,      r[2] + span.x0};
          code_span(span, row);
        }
        span.run.down();
      }
      std::copy_n(rows[0], width, magnitudes_.row(y));
      if constexpr (Coder::kReads) f_.current.end_row(y);
      rows.next();
      int* const last = r[2];
      r[2] = r[1];
      r[1] = r[0];
      r[0] = last;
    }
    magnitudes_.pad();
    if constexpr (Coder::kReads) f_.current.pad();
    return sound_;
  }

 private:
  using Energy = typename ContextRows<Sample>::Energy;
  // Where a span's first sample is in the rows of MixedRows.
  struct RowView {
    Sample* magnitude;
    const Energy* energy;
    const uint8_t* detail;
    int *r, *r1, *r2;  // residuals of this row and the two above
  };

  // Code one row of a span.
  void code_span(const Span<Sample>& span, const RowView& row) {
    Run<Sample> run = span.run;
    if (run.a == nullptr) run.a = run.current, run.a_stride = run.stride;
    if (run.b == nullptr) run.b = run.current, run.b_stride = run.stride;
    const Predictor& predictor = group_.predictors[span.block->predictor];
    if (f_.refs == 0 && run.top) {
      for (int i = 0; i < run.n; ++i) code_sample(run, row, i, run.current[i - 1], 0);
    } else if (predictor.kind == Kind::kLinear) {
      ActiveTaps<Sample> taps(predictor, run, f_.refs);
      const int c0 = predictor.coefficient[0], c1 = predictor.coefficient[1];
      for (int at = 0; at < run.n; at += kChunk) {
        const int n = std::min(kChunk, run.n - at);
        int32_t sum[kChunk];
        taps.sums(n, sum);
        for (int i = 0; i < n; ++i) {
          const Sample* const x = run.current + at + i;
          const int o = taps.base[i];
          const int32_t s = sum[i] + c0 * (x[-1] - o) + c1 * (x[-2] - o);
          code_sample(run, row, at + i, linear_prediction(o, s, range_), (s & 255) - 128);
        }
        taps.forward(n);
      }
    } else {
      for (int i = 0; i < run.n; ++i) {
        const Sample* const x = run.current + i;
        const PredictedSample<Sample> at{x, run.a + i, run.b + i, run.stride, run.a_stride, run.b_stride};
        const int p = predict_one(predictor.kind, at, range_);
        const bool half = predictor.kind == Kind::kMean && ((run.a[i] + run.b[i]) & 1) != 0;
        code_sample(run, row, i, p, half ? -127 : 0);
      }
    }
  }

  // Code sample i of a run, whose prediction is p; `fraction`: how far that was rounded, in 1/256.
  void code_sample(const Run<Sample>& run, const RowView& row, int i, int p, int fraction) {
    Sample* const x = run.current + i;
    const Sample* const up = x - run.stride;
    const int side = fraction < 0 ? -1 : 1;
    const unsigned part = static_cast<unsigned>(fraction < 0 ? -fraction : fraction) >> 5;  // 0 .. 4
    const unsigned half = std::min(part >> 1, 1u);
    const int w = x[-1], n = up[0];
    int a, b;
    uint32_t error_a = 0;
    if (f_.refs > 0) {
      a = run.a[i];
      b = f_.refs > 1 ? run.b[i] : 2 * w - x[-2];
      const Sample* const m = magnitudes_a_.at + (run.a + i - f_.a.at);
      error_a = 2u * m[0] + m[1] + m[magnitudes_a_.stride];
    } else {
      a = up[1];
      b = w + up[1] - n;
    }
    const auto pair = [&](int u, int v) {
      return (difference_step(u * side, shift_) * 11 + difference_step(v * side, shift_)) * 2 + half;
    };
    const uint32_t energy = energy_here(row.energy[i], row.magnitude[i - 1], row.magnitude[i - 2]);
    const unsigned level = std::min(energy_level(energy >> shift_) / 2, 15u);
    const int* const r = row.r + i;
    MixedContext& context = coder_.context;
    context.states[0] = model_.pair[0][pair(a - p, b - p)];
    context.states[1] = model_.pair[1][pair(r[-1], row.r1[i])];
    context.states[2] = model_.pair[2][pair(median(w, n, up[-1]) - p, a - p)];
    context.states[3] = model_.pair[3][pair(w - p, n - p)];
    context.states[4] = model_.pair[4][pair(row.r1[i + 1] + row.r1[i - 1], r[-2] + row.r2[i])];
    context.states[5] = model_.level[std::min(energy_level(error_a >> shift_), 31u) * 16 + level];
    context.by_energy = model_.by_energy[level];
    context.by_detail = model_.by_detail[std::min(part, 3u) * kDetailLevels + row.detail[i]];

    int value = 0;
    if constexpr (!Coder::kReads) {
      value = *x - p;
      if (value > top_ / 2) value -= range_;
      if (value < -(range_ / 2)) value += range_;
    }
    value = side * code_residual(coder_, side * value, shift_);
    if constexpr (Coder::kReads) {
      if (value > range_ / 2 || value < -(range_ / 2)) {
        value = 0;
        sound_ = false;
      }
      *x = add_residual<false, Sample>(value, p, range_);
    }
    row.r[i] = value;
    row.magnitude[i] = static_cast<Sample>(value < 0 ? -value : value);
  }

  const FrameView<Sample>& f_;
  const Shape& shape_;
  const unsigned c_;
  const int range_;
  const Group& group_;
  MixedRows<Sample>& rows_;
  SpanList<Sample>& spans_;
  MixedModel& model_;
  const BorderedPlane<Sample> magnitudes_, magnitudes_a_;
  Coder& coder_;
  const unsigned shift_;
  const int top_;
  const ContextRows<Sample> kernels_;
  bool sound_ = true;
};

}  // namespace stf::lossless
