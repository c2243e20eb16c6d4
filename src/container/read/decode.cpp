#include "container/read/decode.hpp"

#include "common/env.hpp"
#include "common/status.hpp"
#include "fragment/codecs.hpp"

namespace stf::store {
namespace {

// A fragment says itself what it is; that must be what the store says.
stf_status check_header(const Store& store, const Page& page, const Row& row, const stf_fragment_info& info,
                        stf_error* error) {
  const stf_format &have = info.format, &want = store.header().desc.format;
  if (info.codec != row.codec)
    return fail(error, STF_E_CORRUPT_FRAGMENT, "its header says codec %s, the store %s", codec_name(info.codec),
                codec_name(row.codec));
  if (have.dtype != want.dtype || have.bits != want.bits || have.components != want.components ||
      have.sub_x != want.sub_x || have.sub_y != want.sub_y || info.size.t != page.t ||
      info.size.y != row.box.y1 - row.box.y0 || info.size.x != row.box.x1 - row.box.x0)
    return fail(error, STF_E_CORRUPT_FRAGMENT,
                "its header says %u x %u x %u samples, or another format than the "
                "store",
                info.size.t, info.size.y, info.size.x);
  return STF_OK;
}

// Reads and checks a row's coded form, lets `decode` do its work on it, and says of a failure where it was.
template <typename Decode>
stf_status with_coded(const PageRow& place, stf_work* work, stf_error* error, Decode&& decode) {
  const Store& store = place.store;
  const Page& page = place.page;
  const size_t index = place.index;
  *work = {};
  const auto attempt = [&]() -> stf_status {
    const Row& row = page.rows[index];
    const stf_env& env = store.env();
    if (row.missing()) return fail(error, STF_E_CORRUPT_FRAGMENT, "it was lost before a repair");
    if (row.bytes > env.limits.max_coded_bytes)
      return fail(error, STF_E_LIMIT, "its %llu bytes are more than max_coded_bytes",
                  static_cast<unsigned long long>(row.bytes));
    if (row.codec != STF_CODEC_STF) {  // before anything is read of what cannot be decoded
      const stf_codec* codec = nullptr;
      STF_TRY(find_codec(env, row.codec, &codec, error));
      if (codec->decode == nullptr)
        return fail(error, STF_E_CODEC, "the registered codec %s cannot decode", codec->name);
    }
    Buffer<uint8_t> data(env, static_cast<size_t>(row.bytes));
    if (!data) return fail(error, STF_E_MEMORY, "no memory for its coded form");
    STF_TRY(store.read_coded(page, index, data.data(), error));
    FragmentHeader header;
    STF_TRY(parse_header(env.limits, data.data(), data.size(), &header, error));
    STF_TRY(check_header(store, page, row, header.info, error));
    STF_TRY(decode(env, data, header));
    work->fragments = 1;
    work->bytes = row.bytes;
    return STF_OK;
  };
  const stf_status status = attempt();
  if (status == STF_OK) return STF_OK;
  error->status = status;
  return store.blame(page, index, error);
}

}  // namespace

stf_status decode_row(const PageRow& row, const stf_fragment_request& request, const stf_video& destination,
                      stf_work* work, stf_error* error, uint8_t* lossy) {
  return with_coded(row, work, error,
                    [&](const stf_env& env, const Buffer<uint8_t>& data, const FragmentHeader& header) {
                      if (lossy != nullptr) *lossy = header.info.max_error == kNoMaxError;
                      stf_fragment_request checked = request;
                      checked.flags |= STF_SKIP_CODED_CRC;  // read_coded() has looked at every byte
                      return stf_fragment_decode(&env, data.data(), data.size(), &checked, &destination, work, error);
                    });
}

stf_status decode_row_pictures(const PageRow& row, const StreamFrames& frames, const FrameSink& sink, stf_work* work,
                               stf_error* error) {
  return with_coded(row, work, error, [&](const stf_env& env, const Buffer<uint8_t>&, const FragmentHeader& header) {
    return decode_stream(env, header, frames, sink, work, error);
  });
}

}  // namespace stf::store
