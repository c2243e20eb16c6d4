// Entropy coders: any bytes as a stream (must end in a status, within its memory), and any bytes as symbols (must come
// back). The first byte says which.

#include <cstdint>
#include <cstdlib>
#include <vector>

#include "entropy/bits.hpp"
#include "entropy/range_coder.hpp"
#include "entropy/rans.hpp"
#include "entropy/tables.hpp"
#include "stfrag/stfrag.h"

namespace {

constexpr uint64_t kMaxSymbols = 1 << 16;

void require(bool condition) {
  if (!condition) std::abort();
}

// Every other symbol in context 1.
std::vector<uint8_t> make_contexts(size_t n) {
  std::vector<uint8_t> contexts(n);
  for (size_t i = 0; i < n; ++i) contexts[i] = i & 1;
  return contexts;
}

void decode_stream(const uint8_t* data, size_t size) {
  stf_error error;
  uint64_t n;
  if (stf_entropy_count(data, size, &n, &error) != STF_OK || n > kMaxSymbols) return;
  std::vector<uint8_t> symbols(n);
  const std::vector<uint8_t> contexts = make_contexts(n);
  stf_rans_options options{};
  stf_rans_decode(&options, data, size, symbols.data(), n, &error);
  stf_range_decode(data, size, nullptr, symbols.data(), n, &error);
  options.contexts = contexts.data();
  stf_rans_decode(&options, data, size, symbols.data(), n, &error);
  stf_range_decode(data, size, contexts.data(), symbols.data(), n, &error);
}

void decode_primitives(const uint8_t* data, size_t size) {
  std::vector<uint16_t> freq(3 * 40);
  if (stf::read_tables(data, size, freq.data(), 3, 40)) {
    stf::RansDecodeTable table;
    for (size_t t = 0; t < 3; ++t) require(table.build(&freq[t * 40], 40));
  }
  stf::RangeDecoder decoder(data, size);
  stf::AdaptiveExpGolomb<4> number;
  stf::AdaptiveModel<5> model;
  for (int i = 0; i < 1000; ++i) {
    number.get(decoder);
    require(decoder.get(model) < 5);
    decoder.literal(static_cast<unsigned>(i % 33));
  }
  stf::BitReader bits(data, size);
  for (unsigned i = 0; i < 1000; ++i) bits.get(i % 33);
  require(size >= 2000 || !bits.finish());
}

void round_trip(const uint8_t* data, size_t size, unsigned lanes) {
  stf_error error;
  const std::vector<uint8_t> contexts = make_contexts(size);
  std::vector<uint8_t> symbols(size);
  for (const uint8_t* c : {static_cast<const uint8_t*>(nullptr), contexts.data()}) {
    stf_rans_options options{};
    options.contexts = c;
    options.lanes = lanes;
    std::vector<uint8_t> out(stf_rans_bound(size));
    size_t written = 0;
    require(stf_rans_encode(&options, data, size, out.data(), out.size(), &written, &error) == STF_OK);
    out.resize(written);
    require(stf_rans_decode(&options, out.data(), written, symbols.data(), size, &error) == STF_OK);
    require(std::vector<uint8_t>(data, data + size) == symbols);

    out.assign(stf_range_bound(size), 0);
    require(stf_range_encode(data, c, size, 256, out.data(), out.size(), &written, &error) == STF_OK);
    out.resize(written);
    require(stf_range_decode(out.data(), written, c, symbols.data(), size, &error) == STF_OK);
    require(std::vector<uint8_t>(data, data + size) == symbols);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const uint8_t mode = *data++;
  --size;
  if (mode < 96) decode_stream(data, size);
  else if (mode < 160) decode_primitives(data, size);
  else round_trip(data, size, mode % 32 + 1);
  return 0;
}
