#include "container/check/salvage.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>

#include "common/status.hpp"
#include "container/read/store.hpp"

namespace stf::store {

FrameTimes SalvagedSlab::times() const {
  if (!page.times.empty()) return page.times;
  FrameTimes made;
  uint64_t at = static_cast<uint64_t>(start);
  for (uint32_t i = 0; i < page.t; ++i, at += step) {
    made.pts.push_back(static_cast<int64_t>(at));
    const uint64_t room = static_cast<uint64_t>(INT64_MAX) - at;
    made.durations.push_back(static_cast<int64_t>(std::min(step, std::min<uint64_t>(room, INT64_MAX))));
  }
  return made;
}

namespace {

class Salvager {
 public:
  Salvager(const stf_env& env, const stf_source& source, Salvage& result)
      : env_(env), source_(source), window_(env, source), effort_(source.size), result_(result) {}

  stf_status run(stf_error* error) {
    STF_TRY(find_header(env_, source_, result_.header, error));
    // A tail that is still valid knows which parts of the file a torn append left behind.
    std::vector<Hole> holes;
    Store store(env_, source_);
    const stf_status opened = store.open(nullptr);
    if (opened == STF_E_MEMORY) return fail(error, opened, "no memory to open a store");
    if (opened == STF_OK) holes = store.tail().holes;
    holes.push_back({source_.size, 0});
    uint64_t at = std::min<uint64_t>(sizeof kSignature, source_.size);
    for (const Hole& hole : holes) {
      if (hole.offset > at) STF_TRY(scan(at, hole.offset, error));
      result_.bytes_skipped += hole.size;
      at = std::max(at, hole.offset + hole.size);
    }
    settle_packets();
    return STF_OK;
  }

 private:
  stf_status scan(uint64_t from, uint64_t to, stf_error* error) {
    Scanner scanner(env_, source_, result_.header.has_times(), from, to, effort_);
    for (uint64_t count = 0;; ++count) {
      if (count % 256 == 0 && env_.cancel != nullptr && env_.cancel(env_.cancel_opaque) != 0)
        return fail(error, STF_E_CANCELLED, "cancelled");
      if (result_.has_tail) scanner.set_appended();
      Scanned record(env_);
      bool found = false;
      STF_TRY(scanner.next(record, &found, error));
      result_.bytes_skipped += record.skipped;
      if (!found) break;
      switch (record.type) {
        case kFragmentRecord: fragment(record); break;
        case kPageRecord: STF_TRY(page(record, error)); break;
        case kMetadataRecord: result_.metadata.assign(record.body.begin(), record.body.end()); break;
        case kTailRecord: tail(record); break;
        case kPacketsRecord: packets(record); break;
        default: break;
      }
    }
    close();
    return STF_OK;
  }

  void fragment(const Scanned& record) {
    const FragmentFields& f = record.fields;
    if (!record.intact) result_.bytes_skipped += record.end - record.offset;
    if (!box_valid(result_.header, f.t, f.codec, f.box)) return;
    const bool fits = !open_.page.rows.empty() && open_.page.t0 == f.t0 && open_.page.t == f.t &&
                      !(open_.page.rows.front().box == f.box && open_.page.rows.front().level == f.level);
    if (!fits) {
      close();
      open_.page.t0 = f.t0;
      open_.page.t = f.t;
      open_.page.begin = record.offset;
      mark(open_);
    }
    if (!f.times.empty()) open_.page.times = f.times;
    Row row;
    static_cast<FragmentIdentity&>(row) = f;
    row.offset = record.coded_offset;
    row.bytes = record.coded_bytes;
    open_.page.rows.push_back(row);
    open_.intact.push_back(record.intact);
  }

  // A valid page says where its fragments are even if their own records are damaged, and that whatever else was
  // found there is not one: the bytes of a fragment may look like a store.
  stf_status page(const Scanned& record, stf_error* error) {
    SalvagedSlab slab;
    std::string why;
    if (!read_page(result_.header, record.body.data(), record.body.size(), record.offset, most_rows(env_.limits),
                   slab.page, why))
      return STF_OK;
    const uint64_t begin = slab.page.begin;
    std::unordered_map<uint64_t, uint32_t> known;  // coded forms with a good CRC, by offset
    const auto claim = [&](SalvagedSlab& other) {
      std::vector<Row> rows;
      std::vector<bool> intact;
      for (size_t i = 0; i < other.page.rows.size(); ++i) {
        const Row& row = other.page.rows[i];
        if (row.offset < begin) {
          rows.push_back(row);
          intact.push_back(other.intact[i]);
        } else if (other.intact[i]) {
          known[row.offset] = row.crc;
        }
      }
      other.page.rows = std::move(rows);
      other.intact = std::move(intact);
    };
    // Whole fragments of this very slab may lie elsewhere than its page says: bytes were lost or put in between.
    std::map<std::tuple<uint32_t, uint32_t, uint8_t, uint8_t>, Row> elsewhere;
    const bool same_slab = open_.page.t0 == slab.page.t0 && open_.page.t == slab.page.t;
    for (size_t i = 0; same_slab && i < open_.page.rows.size(); ++i) {
      const Row& row = open_.page.rows[i];
      if (open_.intact[i]) elsewhere.emplace(std::tuple(row.box.y0, row.box.x0, row.level, row.group), row);
    }
    claim(open_);
    if (same_slab) open_ = {};
    close();
    while (!result_.packets.empty() && result_.packets.back().record >= begin) result_.packets.pop_back();
    while (!result_.slabs.empty() && result_.slabs.back().page.begin >= begin) {
      claim(result_.slabs.back());
      result_.slabs.pop_back();
    }
    for (Row& row : slab.page.rows) {
      const auto found = known.find(row.offset);
      bool intact = !row.missing() && found != known.end() && found->second == row.crc;
      if (!intact && !row.missing() && effort_.spend(row.bytes)) {
        uint32_t crc;
        STF_TRY(window_.crc(row.offset, row.bytes, &crc, error));
        intact = crc == row.crc;
      }
      if (!intact && !row.missing()) {
        const auto other = elsewhere.find({row.box.y0, row.box.x0, row.level, row.group});
        if (other != elsewhere.end() && other->second.box == row.box && other->second.codec == row.codec &&
            other->second.crc == row.crc && other->second.bytes == row.bytes) {
          row.offset = other->second.offset;
          intact = true;
        }
      }
      slab.intact.push_back(intact || row.missing());
    }
    slab.paged = true;
    mark(slab);
    result_.slabs.push_back(std::move(slab));
    return STF_OK;
  }

  void packets(const Scanned& record) {
    PacketHead head;
    if (!read_packet_head(record.body.data(), record.body.size(), record.offset, head)) return;
    const uint64_t bytes = record.body.size() - head.size;
    result_.packets.push_back({head.number, record.offset, record.end - bytes, bytes, head.begin, head.end});
  }

  // Packets that were written twice, by an append that was torn and by the one that went on from the same tail, count
  // as they were written last.
  void settle_packets() {
    std::vector<SalvagedPackets> all;
    for (const SalvagedPackets& packets : result_.packets) {
      while (!all.empty() && all.back().number >= packets.number) all.pop_back();
      all.push_back(packets);
    }
    result_.packets = std::move(all);
  }

  void tail(const Scanned& record) {
    Tail tail;
    if (!genuine_tail(record, result_.header, tail)) return;
    close();
    result_.has_tail = true;
    result_.frames_known = tail.frames;
    result_.packets_known = tail.packets.count;
    if (tail.metadata_offset == 0) result_.metadata = std::move(tail.metadata);
  }

  void mark(SalvagedSlab& slab) const {
    slab.appended = result_.has_tail;
    slab.tail_frames = result_.frames_known;
  }

  // The fragments gathered so far have no page.
  void close() {
    if (std::find(open_.intact.begin(), open_.intact.end(), true) != open_.intact.end())
      result_.slabs.push_back(std::move(open_));
    open_ = {};
  }

  const stf_env& env_;
  const stf_source& source_;
  SourceWindow window_;
  ScanBudget effort_;
  Salvage& result_;
  SalvagedSlab open_;
};

uint64_t distance(int64_t to, int64_t from) { return static_cast<uint64_t>(to) - static_cast<uint64_t>(from); }
int64_t later(int64_t at, uint64_t by) { return static_cast<int64_t>(static_cast<uint64_t>(at) + by); }

// Give slabs without times evenly spaced ones between those that are known.
void fill_times(std::vector<SalvagedSlab>& slabs) {
  uint64_t usual = 1;  // ticks between frames
  for (const SalvagedSlab& slab : slabs)
    if (slab.page.times.pts.size() > 1) {
      usual = distance(slab.page.times.pts[1], slab.page.times.pts[0]);
      break;
    }
  int64_t last = STF_NO_TIME;  // of the frame before slabs[i]
  for (size_t i = 0; i < slabs.size();) {
    FrameTimes& times = slabs[i].page.times;
    if (!times.empty() && times.pts.front() > last) {
      if (times.pts.size() > 1) usual = distance(times.pts.back(), times.pts[times.pts.size() - 2]);
      last = times.pts.back();
      ++i;
      continue;
    }
    // slabs [i, k) have no times; those of slab k come late enough for all of their frames.
    uint64_t frames = 0;
    size_t k = i;
    int64_t next = INT64_MAX;
    for (; k < slabs.size(); ++k) {
      const FrameTimes& after = slabs[k].page.times;
      if (k > i && !after.empty() && after.pts.front() > last && distance(after.pts.front(), last) > frames) {
        next = after.pts.front();
        break;
      }
      slabs[k].page.times = {};
      frames += slabs[k].page.t;
    }
    uint64_t step;
    if (last != STF_NO_TIME) {
      step = std::max<uint64_t>(1, std::min(usual, distance(next, last) / (frames + 1)));
    } else {  // the very first frames: count back from what follows, or up from 0
      const int64_t end = k < slabs.size() ? next : 0;
      step = std::max<uint64_t>(1, std::min(usual, distance(end, INT64_MIN + 1) / (frames + 1)));
      last = k < slabs.size() ? later(next, ~(step * (frames + 1)) + 1) : later(0, ~step + 1);
    }
    for (; i < k; ++i) {
      slabs[i].start = later(last, step);
      slabs[i].step = step;
      last = later(last, step * slabs[i].page.t);
    }
  }
}

}  // namespace

stf_status salvage(const stf_env& env, const stf_source& source, Salvage& result, stf_error* error) {
  return Salvager(env, source, result).run(error);
}

std::vector<SalvagedSlab> in_time(Salvage& found, uint64_t file_size) {
  const uint64_t piece = found.header.desc.fragment_t;
  uint64_t most_lost = file_size / 16 + 16;  // slabs; more cannot have been in a file of this size
  std::vector<SalvagedSlab> chosen;
  uint64_t frames = 0;
  for (SalvagedSlab& slab : found.slabs) {
    if (slab.page.t0 < frames) {
      // Written twice: by an append that was torn, and by the one that went on from the same tail.
      if (!slab.paged || !slab.appended || slab.page.t0 < slab.tail_frames) continue;
      const auto after = std::partition_point(chosen.begin(), chosen.end(),
                                              [&](const SalvagedSlab& other) { return other.page.t0 < slab.page.t0; });
      const auto keep = static_cast<size_t>(after - chosen.begin());
      if (keep > 0 && chosen[keep - 1].page.t1() > slab.page.t0) continue;
      chosen.resize(keep);
      frames = keep > 0 ? chosen.back().page.t1() : 0;
    }
    if ((slab.page.t0 - frames) / piece > most_lost || slab.page.t0 > static_cast<uint64_t>(INT64_MAX) / 2) continue;
    frames = slab.page.t1();
    chosen.push_back(std::move(slab));
  }
  const uint64_t end = std::max(frames, found.frames_known);

  std::vector<SalvagedSlab> all;
  frames = 0;
  const auto lost_until = [&](uint64_t t0) {
    while (frames < t0 && most_lost != 0) {
      SalvagedSlab lost;
      lost.page.t0 = frames;
      lost.page.t = static_cast<uint32_t>(std::min(piece, t0 - frames));
      frames += lost.page.t;
      --most_lost;
      all.push_back(std::move(lost));
    }
    return frames == t0;
  };
  for (SalvagedSlab& slab : chosen) {
    if (!lost_until(slab.page.t0)) break;
    frames = slab.page.t1();
    all.push_back(std::move(slab));
  }
  lost_until(end);
  if (found.header.has_times()) fill_times(all);
  return all;
}

}  // namespace stf::store
