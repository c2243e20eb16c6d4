#include "container/format/header.hpp"

#include "common/status.hpp"

namespace stf::store {

void read_extensions(ByteReader& in, uint64_t* critical, const TakeExtension& take) {
  for (uint64_t tag = in.uvarint(); tag != 0; tag = in.uvarint()) {
    if (tag < 2) in.fail();  // type 0
    const auto size = static_cast<size_t>(in.uvarint_in(0, in.left()));
    const uint8_t* body = in.bytes(size);
    const bool taken = take && in.ok() && take(tag >> 1, body, size);
    if ((tag & 1) && !taken && *critical == 0) *critical = tag >> 1;
  }
}

stf_status desc_check(const stf_store_desc& d, stf_error* error) {
  STF_TRY(stf_format_check(&d.format, error));
  if (d.y == 0 || d.x == 0 || d.y > INT32_MAX || d.x > INT32_MAX)
    return fail(error, STF_E_ARGUMENT, "a picture of %u rows and %u columns cannot be stored (1 to 2147483647 each)",
                d.y, d.x);
  if (d.fragment_t == 0 || d.fragment_y == 0 || d.fragment_x == 0 || d.fragment_y > INT32_MAX ||
      d.fragment_x > INT32_MAX)
    return fail(error, STF_E_ARGUMENT, "a fragment has at least one frame, row and column, not %u, %u, %u",
                d.fragment_t, d.fragment_y, d.fragment_x);
  if (d.fragment_t > STF_MAX_FRAGMENT_T)
    return fail(error, STF_E_ARGUMENT, "a fragment has at most %u frames, not %u", STF_MAX_FRAGMENT_T, d.fragment_t);
  if (d.cut_t > STF_CUT_BALANCED || d.cut_y > STF_CUT_BALANCED || d.cut_x > STF_CUT_BALANCED)
    return fail(error, STF_E_ARGUMENT, "unknown cut (exact is 0, balanced is 1)");
  STF_TRY(check_reserved(d.reserved, "a description", error));
  if ((d.time_base_num == 0) != (d.time_base_den == 0))
    return fail(error, STF_E_ARGUMENT, "a time base is a positive fraction, or 0/0 for none; not %u/%u",
                d.time_base_num, d.time_base_den);
  return STF_OK;
}

StoreHeader make_header(const stf_store_desc& d) {
  uint8_t bytes[128];  // 20 numbers of at most 5 bytes
  ByteFiller out(bytes);
  out.uvarint(kFormatVersion);
  out.u8(d.format.dtype);
  out.u8(d.format.bits);
  out.u8(d.format.components);
  out.u8(d.format.sub_x);
  out.u8(d.format.sub_y);
  out.u8(d.format.layout);
  out.uvarint(d.y);
  out.uvarint(d.x);
  out.uvarint(d.fragment_t);
  out.uvarint(d.fragment_y);
  out.uvarint(d.fragment_x);
  out.u8(d.cut_t);
  out.u8(d.cut_y);
  out.u8(d.cut_x);
  out.uvarint(d.time_base_num);
  out.uvarint(d.time_base_den);
  out.u8(0);  // no extensions
  return {kFormatVersion, d, {bytes, bytes + out.size()}};
}

stf_status parse_header(const uint8_t* body, size_t size, StoreHeader& header, stf_error* error) {
  ByteReader in(body, size);
  const uint64_t version = in.uvarint();
  if (in.ok()) STF_TRY(version_check("store", version, error));
  stf_store_desc d{};
  d.format.dtype = in.u8();
  d.format.bits = in.u8();
  d.format.components = in.u8();
  d.format.sub_x = in.u8();
  d.format.sub_y = in.u8();
  d.format.layout = in.u8();
  d.y = static_cast<uint32_t>(in.uvarint_in(1, INT32_MAX));
  d.x = static_cast<uint32_t>(in.uvarint_in(1, INT32_MAX));
  d.fragment_t = static_cast<uint32_t>(in.uvarint_in(1, STF_MAX_FRAGMENT_T));
  d.fragment_y = static_cast<uint32_t>(in.uvarint_in(1, INT32_MAX));
  d.fragment_x = static_cast<uint32_t>(in.uvarint_in(1, INT32_MAX));
  d.cut_t = in.u8();
  d.cut_y = in.u8();
  d.cut_x = in.u8();
  d.time_base_num = static_cast<uint32_t>(in.uvarint_in(0, UINT32_MAX));
  d.time_base_den = static_cast<uint32_t>(in.uvarint_in(0, UINT32_MAX));
  uint64_t critical = 0;
  read_extensions(in, &critical);
  stf_error why{};
  if (!in.ok() || in.left() != 0 || desc_check(d, &why) != STF_OK)
    return fail(error, STF_E_CORRUPT_STORE, "the header is damaged: use repair");
  if (critical != 0)
    return fail(error, STF_E_UNSUPPORTED, "the store's header uses feature %llu, which this stfrag does not know",
                static_cast<unsigned long long>(critical));
  header.version = static_cast<uint32_t>(version);
  header.desc = d;
  header.body.assign(body, body + size);
  return STF_OK;
}

}  // namespace stf::store
