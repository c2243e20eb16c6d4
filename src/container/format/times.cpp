#include "container/format/times.hpp"

namespace stf::store {
namespace {

// How durations are coded.
enum Durations : uint8_t {
  kNone = 0,     // all unknown
  kGapless = 1,  // each but the last is the time to the next frame; the last follows
  kRuns = 2      // runs of equal ones
};

uint64_t difference(int64_t later, int64_t earlier) {
  return static_cast<uint64_t>(later) - static_cast<uint64_t>(earlier);
}

// True if `at + step` stays an int64_t.
bool advances(int64_t at, uint64_t step) { return step <= difference(INT64_MAX, at); }

// Write runs of equal values: length, value.
template <typename Out, typename Value>
void write_runs(Out& out, size_t n, Value value) {
  for (size_t i = 0; i < n;) {
    const uint64_t v = value(i);
    size_t run = 1;
    while (i + run < n && value(i + run) == v) ++run;
    out.uvarint(run);
    out.uvarint(v);
    i += run;
  }
}

Durations kind_of(const FrameTimes& times) {
  bool none = true, gapless = true;
  for (size_t i = 0; i < times.pts.size(); ++i) {
    none &= times.durations[i] == 0;
    if (i + 1 < times.pts.size())
      gapless &= static_cast<uint64_t>(times.durations[i]) == difference(times.pts[i + 1], times.pts[i]);
  }
  return none ? kNone : gapless ? kGapless : kRuns;
}

template <typename Out>
void write(Out& out, const FrameTimes& times) {
  const size_t n = times.pts.size();
  out.svarint(times.pts[0]);
  write_runs(out, n - 1, [&](size_t i) { return difference(times.pts[i + 1], times.pts[i]); });
  const Durations kind = kind_of(times);
  out.u8(kind);
  if (kind == kGapless) out.uvarint(static_cast<uint64_t>(times.durations[n - 1]));
  if (kind == kRuns) write_runs(out, n, [&](size_t i) { return static_cast<uint64_t>(times.durations[i]); });
}

}  // namespace

bool times_valid(const int64_t* pts, const int64_t* durations, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    if (pts[i] == STF_NO_TIME || (i > 0 && pts[i] <= pts[i - 1])) return false;
    if (durations != nullptr && (durations[i] < 0 || !advances(pts[i], static_cast<uint64_t>(durations[i]))))
      return false;
  }
  return true;
}

void write_times(ByteWriter& out, const FrameTimes& times) { write(out, times); }

size_t times_size(const FrameTimes& times) {
  ByteCounter out;
  write(out, times);
  return out.size();
}

void read_times(ByteReader& in, size_t n, FrameTimes& times) {
  const uint8_t* begin = in.cursor();
  times.pts.assign(1, in.svarint());
  times.durations.assign(n, 0);
  if (n == 0 || times.pts[0] == STF_NO_TIME) in.fail();
  times.pts.reserve(n);
  while (in.ok() && times.pts.size() < n) {
    const uint64_t run = in.uvarint_in(1, n - times.pts.size());
    const uint64_t step = in.uvarint_in(1, UINT64_MAX);
    for (uint64_t i = 0; i < run && in.ok(); ++i) {
      const int64_t at = times.pts.back();
      if (!advances(at, step)) in.fail();
      times.pts.push_back(static_cast<int64_t>(static_cast<uint64_t>(at) + step));
    }
  }
  const uint8_t kind = in.u8();
  if (kind == kGapless && in.ok()) {
    for (size_t i = 0; i + 1 < n; ++i) {
      const uint64_t step = difference(times.pts[i + 1], times.pts[i]);
      if (step > INT64_MAX) in.fail();
      times.durations[i] = static_cast<int64_t>(step);
    }
    times.durations[n - 1] = static_cast<int64_t>(in.uvarint_in(0, INT64_MAX));
  } else if (kind == kRuns) {
    for (size_t i = 0; in.ok() && i < n;) {
      const uint64_t run = in.uvarint_in(1, n - i);
      const auto value = static_cast<int64_t>(in.uvarint_in(0, INT64_MAX));
      for (uint64_t k = 0; k < run; ++k) times.durations[i++] = value;
    }
  } else if (kind != kNone) {
    in.fail();
  }
  if (!in.ok()) return;
  if (!times_valid(times.pts.data(), times.durations.data(), n)) return in.fail();
  // One way to write each: the length of a record must follow from what it says.
  ByteMatcher again(begin, static_cast<size_t>(in.cursor() - begin));
  write(again, times);
  if (!again.equal()) in.fail();
}

}  // namespace stf::store
