// Repair: a new store from the valid fragments of a broken one. Three steps: find what is there, put it into the
// order of time with the gaps named, and copy it.

#include <algorithm>
#include <optional>
#include <set>
#include <unordered_map>

#include "common/border.hpp"
#include "common/env.hpp"
#include "container/check/salvage.hpp"
#include "container/format/grid.hpp"
#include "container/io.hpp"
#include "container/write/output.hpp"

namespace stf::store {
namespace {

constexpr size_t kTemplateMax = 65536;  // tiles of the nominal grid; beyond, a lost slab is one box

class Repair {
 public:
  Repair(const stf_env& env, const stf_source& source, const stf_sink& sink)
      : env_(env), source_(source), sink_(sink) {}

  stf_status run(stf_repair_report& report, stf_error* error) {
    STF_TRY(salvage(env_, source_, found_, error));
    if (found_.slabs.empty() && found_.frames_known != 0)
      return fail(error, STF_E_CORRUPT_STORE, "not one whole fragment can be found: there is nothing to repair");
    if (found_.slabs.empty() && !found_.has_tail)
      return fail(error, STF_E_CORRUPT_STORE, "the store has no whole fragment: there is nothing to repair");
    const std::vector<SalvagedSlab> slabs = in_time(found_, source_.size);
    if (!found_.slabs.empty() &&
        std::none_of(slabs.begin(), slabs.end(), [](const SalvagedSlab& slab) { return !slab.page.rows.empty(); }))
      return fail(error, STF_E_CORRUPT_STORE, "no fragment fits into a store: there is nothing to repair");
    make_template(slabs);
    Output output(env_, sink_, found_.header);
    STF_TRY(output.start(error));
    for (const SalvagedSlab& slab : slabs) {
      if (env_.cancel != nullptr && env_.cancel(env_.cancel_opaque) != 0)
        return fail(error, STF_E_CANCELLED, "cancelled");
      STF_TRY(write_packets(output, slab.page.begin, report, error));
      STF_TRY(write(output, slab, report, error));
    }
    STF_TRY(write_packets(output, UINT64_MAX, report, error));
    const uint64_t told = found_.packets.empty() ? 0 : found_.packets.back().number + 1;
    if (found_.packets_known > told) report.packet_records_lost += found_.packets_known - told;
    STF_TRY(output.finish(found_.metadata.data(), found_.metadata.size(), error));
    report.frames = output.tail().frames;
    report.slabs = output.tail().slabs;
    report.bytes_skipped = found_.bytes_skipped;
    return STF_OK;
  }

 private:
  // The nominal grid, for slabs of which no page is left: no more tiles for all of them together than such a file can
  // have had.
  void make_template(const std::vector<SalvagedSlab>& slabs) {
    const StoreHeader& h = found_.header;
    const stf_store_desc& d = h.desc;
    uint64_t lost = 1;
    for (const SalvagedSlab& slab : slabs) lost += !slab.paged;
    size_t ny = 0, nx = 0;
    std::vector<uint32_t> by, bx;
    const uint64_t most = std::min<uint64_t>(kTemplateMax, (65536 + source_.size / 8) / lost);
    const auto pieces = [](uint32_t size, uint32_t piece, uint8_t cut, uint32_t align, size_t* n) {
      return stf_grid_cut(size, piece, static_cast<stf_cut>(cut), align, nullptr, 0, n, nullptr) == STF_OK;
    };
    if (pieces(d.y, d.fragment_y, d.cut_y, h.align_y(), &ny) && pieces(d.x, d.fragment_x, d.cut_x, h.align_x(), &nx) &&
        ny <= most && nx <= most / ny && grid_borders(d.y, d.fragment_y, d.cut_y, h.align_y(), by, nullptr) == STF_OK &&
        grid_borders(d.x, d.fragment_x, d.cut_x, h.align_x(), bx, nullptr) == STF_OK) {
      for (size_t j = 0; j < ny; ++j)
        for (size_t i = 0; i < nx; ++i) template_.push_back({by[j], by[j + 1], bx[i], bx[i + 1]});
    } else {
      template_.push_back({0, d.y, 0, d.x});
    }
  }

  // What the boxes of a slab leave uncovered: tiles of the nominal grid where that is how it was cut.
  std::vector<Box> uncovered(const std::vector<Box>& boxes) {
    const auto order = [](const Box& a, const Box& b) {
      return std::tie(a.y0, a.x0, a.y1, a.x1) < std::tie(b.y0, b.x0, b.y1, b.x1);
    };
    std::set<Box, decltype(order)> have(boxes.begin(), boxes.end(), order);
    std::vector<Box> rest;
    size_t used = 0;
    for (const Box& tile : template_) {
      if (have.count(tile)) {
        ++used;
      } else {
        rest.push_back(tile);
      }
    }
    if (used == have.size()) return rest;
    rest.clear();
    budget_ += 16 * boxes.size();
    if (!complement(boxes, found_.header.desc.y, found_.header.desc.x, budget_, rest)) rest.clear();
    return rest;
  }

  static Row missing(const Box& box) {
    Row row;
    row.box = box;
    row.codec = STF_CODEC_MISSING;
    return row;
  }

  // The rows of a slab as they are to be written: intact ones, and boxes of what is lost.
  std::vector<Row> rows_of(const SalvagedSlab& slab, stf_repair_report& report) {
    std::vector<Row> rows;
    const std::vector<Row>& have = slab.page.rows;
    for (size_t i = 0; i < have.size(); ++i) {
      if (slab.intact[i]) {
        rows.push_back(have[i]);
      } else if (slab.paged) {
        report.fragments_lost += !have[i].missing();
        rows.push_back(missing(have[i].box));
        rows.back().level = have[i].level;
        rows.back().group = have[i].group;
      }
    }
    if (slab.paged) return rows;
    std::vector<Box> boxes;
    for (const Row& row : rows)
      if (row.readable()) boxes.push_back(row.box);
    if (!disjoint(boxes)) rows.clear(), boxes.clear();  // no such slab was ever written
    for (const Box& box : uncovered(boxes)) {
      report.fragments_lost += 1;
      rows.push_back(missing(box));
    }
    if (!rows_cover(found_.header, rows)) {  // too odd to be filled up
      report.fragments_lost += 1;
      return {missing({0, found_.header.desc.y, 0, found_.header.desc.x})};
    }
    std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
      return std::tuple(!a.readable(), a.box.y0, a.box.x0) < std::tuple(!b.readable(), b.box.y0, b.box.x0);
    });
    return rows;
  }

  stf_status write(Output& output, const SalvagedSlab& slab, stf_repair_report& report, stf_error* error) {
    Page page;
    page.t = slab.page.t;
    if (found_.header.has_times()) {
      page.times = slab.times();
      if (!times_valid(page.times.pts.data(), page.times.durations.data(), page.t) ||
          (output.tail().end_pts != STF_NO_TIME && page.times.pts.front() <= last_pts_))
        return fail(error, STF_E_CORRUPT_STORE, "the frame times leave no room for what was lost");
      last_pts_ = page.times.pts.back();
    }
    page.rows = rows_of(slab, report);
    const std::vector<Row> from = page.rows;  // with the offsets in the broken file
    SourceWindow window(env_, source_);
    return output.slab(
        page,
        [&](size_t i, stf_error* why) -> stf_status {
          uint64_t at = from[i].offset;
          for (uint64_t left = from[i].bytes; left != 0;) {
            const auto n = static_cast<size_t>(std::min<uint64_t>(left, 1 << 18));
            const uint8_t* data = nullptr;
            STF_TRY(window.get(at, n, &data, why));
            STF_TRY(output.put_bytes(data, n, why));
            at += n;
            left -= n;
          }
          report.fragments_kept += 1;
          return STF_OK;
        },
        error);
  }

  // Those packets of other streams that lay before `offset` and are still to be written.
  stf_status write_packets(Output& output, uint64_t offset, stf_repair_report& report, stf_error* error) {
    Array<uint8_t> bytes(env_);
    for (; packets_ < found_.packets.size() && found_.packets[packets_].record < offset; ++packets_) {
      const SalvagedPackets& packets = found_.packets[packets_];
      const uint64_t before = packets_ == 0 ? 0 : found_.packets[packets_ - 1].number + 1;
      bytes.clear();
      if (bytes.extend(static_cast<size_t>(packets.bytes)) == nullptr)
        return fail(error, STF_E_MEMORY, "no memory for the %llu bytes of a record",
                    static_cast<unsigned long long>(packets.bytes));
      STF_TRY(read_exactly(source_, packets.offset, bytes.data(), bytes.size(), error));
      report.packet_records_lost += packets.number - before;
      // It may have to take up a group now that it had not, and be too long with it.
      const stf_status status = output.put_packets(bytes.data(), bytes.size(), packets.begin, packets.end, error);
      if (status != STF_OK && status != STF_E_LIMIT) return status;
      ++(status == STF_OK ? report.packet_records_kept : report.packet_records_lost);
    }
    return STF_OK;
  }

  const stf_env& env_;
  const stf_source& source_;
  const stf_sink& sink_;
  Salvage found_;
  std::vector<Box> template_;
  size_t packets_ = 0;                   // of found_.packets, written
  uint64_t budget_ = uint64_t{1} << 24;  // steps of complement() beyond what regular grids take, in all
  int64_t last_pts_ = 0;
};

}  // namespace
}  // namespace stf::store

extern "C" stf_status stf_repair(const stf_env* env, const stf_source* source, const stf_sink* sink,
                                 stf_repair_report* report, stf_error* error) {
  return stf::at_border(error, [&]() -> stf_status {
    if (source == nullptr || sink == nullptr || source->read_at == nullptr || sink->write == nullptr)
      return stf::fail(error, STF_E_ARGUMENT, "repair needs a source and a sink");
    STF_TRY(stf::check_env(env, error));
    stf_repair_report none, &result = report != nullptr ? *report : none;
    result = {};
    return stf::store::Repair(stf::resolve(env), *source, *sink).run(result, error);
  });
}
