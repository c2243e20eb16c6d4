#include "container/decode.hpp"

#include "common/env.hpp"
#include "common/status.hpp"
#include "fragment/codecs.hpp"

namespace stf::store {
namespace {

// A fragment says itself what it is; that must be what the store says.
stf_status check_header(const Store& store, const Page& page, const Row& row, const Buffer<uint8_t>& data,
                        stf_error* error) {
  stf_fragment_info info;
  STF_TRY(stf_fragment_info_read(&store.env(), data.data(), data.size(), &info, error));
  const stf_format &have = info.format, &want = store.header().desc.format;
  if (info.codec != row.codec)
    return fail(error, STF_E_CORRUPT_FRAGMENT, "its header says codec %s, the store %s", codec_name(info.codec),
                codec_name(row.codec));
  if (have.dtype != want.dtype || have.bits != want.bits || have.components != want.components ||
      have.sub_x != want.sub_x || have.sub_y != want.sub_y || info.size.t != page.t ||
      info.size.y != row.box.y1 - row.box.y0 || info.size.x != row.box.x1 - row.box.x0)
    return fail(error, STF_E_CORRUPT_FRAGMENT, "its header says %u x %u x %u samples, or another format than the "
                "store", info.size.t, info.size.y, info.size.x);
  return STF_OK;
}

stf_status decode(const Store& store, const Page& page, size_t index, const stf_fragment_request& request,
                  const stf_video& destination, stf_work* work, stf_error* error) {
  const Row& row = page.rows[index];
  const stf_env& env = store.env();
  if (row.missing()) return fail(error, STF_E_CORRUPT_FRAGMENT, "it was lost before a repair");
  if (row.bytes > env.limits.max_coded_bytes)
    return fail(error, STF_E_LIMIT, "its %llu bytes are more than max_coded_bytes",
                static_cast<unsigned long long>(row.bytes));
  Buffer<uint8_t> data(env, static_cast<size_t>(row.bytes));
  if (!data) return fail(error, STF_E_MEMORY, "no memory for its coded form");
  STF_TRY(store.read_coded(page, index, data.data(), error));

  stf_fragment_request checked = request;
  checked.flags |= STF_SKIP_CODED_CRC;  // read_coded() has looked at every byte
  STF_TRY(check_header(store, page, row, data, error));
  STF_TRY(stf_fragment_decode(&env, data.data(), data.size(), &checked, &destination, work, error));
  work->fragments = 1;
  work->bytes = row.bytes;
  return STF_OK;
}

}  // namespace

stf_status decode_row(const Store& store, const Page& page, size_t row, const stf_fragment_request& request,
                      const stf_video& destination, stf_work* work, stf_error* error) {
  *work = {};
  const stf_status status = decode(store, page, row, request, destination, work, error);
  if (status == STF_OK) return STF_OK;
  error->status = status;
  return store.blame(page, row, error);
}

}  // namespace stf::store
