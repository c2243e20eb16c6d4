// The entropy coders on their own (stfrag/blocks.h): streams that describe themselves (docs/format.md, 10.5).

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>
#include <vector>

#include "common/border.hpp"
#include "common/bytes.hpp"
#include "common/status.hpp"
#include "entropy/range_coder.hpp"
#include "entropy/rans.hpp"
#include "entropy/tables.hpp"
#include "stfrag/blocks.h"

namespace stf {
namespace {

constexpr uint8_t kHasContexts = 1, kHasTables = 2;
constexpr size_t kMaxTables = 64;

stf_status corrupt(stf_error* error, const char* what) {
  return fail(error, STF_E_CORRUPT_FRAGMENT, "the entropy-coded stream is damaged: %s", what);
}

stf_status copy_out(const Array<uint8_t>& bytes, void* out, size_t capacity, size_t* written, stf_error* error) {
  if (!bytes.ok()) return fail(error, STF_E_MEMORY, "out of memory");
  if (bytes.size() > capacity)
    return fail(error, STF_E_CAPACITY, "the stream takes %zu bytes, there is room for %zu", bytes.size(), capacity);
  if (!bytes.empty()) std::memcpy(out, bytes.data(), bytes.size());
  *written = bytes.size();
  return STF_OK;
}

size_t count_contexts(const uint8_t* contexts, size_t n) {
  return contexts && n ? size_t{*std::max_element(contexts, contexts + n)} + 1 : 1;
}

// A lane costs four bytes: at most about 0.2 % of an incompressible stream.
unsigned choose_lanes(size_t n) {
  if (n < (1u << 12)) return 1;
  return n < (1u << 16) ? 4 : 8;
}

// Tables of the given probabilities, one for each context.
stf_status given_tables(const stf_rans_options& options, std::vector<uint16_t>& freq, size_t alphabet,
                        stf_error* error) {
  if (options.n_tables == 0 || options.n_tables > 256)
    return fail(error, STF_E_ARGUMENT, "there are 1 to 256 tables, not %u", options.n_tables);
  freq.assign(options.tables, options.tables + options.n_tables * alphabet);
  for (size_t t = 0; t < options.n_tables; ++t) {
    uint32_t sum = 0;
    for (size_t s = 0; s < alphabet; ++s) sum += freq[t * alphabet + s];
    if (sum != kProbScale)
      return fail(error, STF_E_ARGUMENT, "the probabilities of table %zu sum to %u, not to 4096", t, sum);
  }
  return STF_OK;
}

stf_status rans_encode_stream(const stf_rans_options& options, const uint8_t* symbols, size_t n, Array<uint8_t>& out,
                              stf_error* error) {
  STF_TRY(check_reserved(options.reserved, "rANS options", error));
  const size_t alphabet = options.alphabet ? options.alphabet : 256;
  const unsigned lanes = options.lanes ? options.lanes : choose_lanes(n);
  if (alphabet > 256) return fail(error, STF_E_ARGUMENT, "an alphabet has 1 to 256 symbols, not %zu", alphabet);
  if (lanes > kMaxLanes) return fail(error, STF_E_ARGUMENT, "there are 1 to 32 lanes, not %u", lanes);
  const size_t contexts = count_contexts(options.contexts, n);
  std::vector<uint32_t> counts(contexts * alphabet);
  for (size_t i = 0; i < n; ++i) {
    if (symbols[i] >= alphabet)
      return fail(error, STF_E_ARGUMENT, "symbol %u at %zu is not in an alphabet of %zu", symbols[i], i, alphabet);
    ++counts[(options.contexts ? options.contexts[i] : 0) * alphabet + symbols[i]];
  }

  ByteWriter writer(out.allocator());
  writer.uvarint(n);
  writer.u8(static_cast<uint8_t>((options.contexts ? kHasContexts : 0) | (options.tables ? 0 : kHasTables)));
  writer.u8(static_cast<uint8_t>(lanes));
  std::vector<uint16_t> freq;
  std::vector<uint8_t> map(contexts);
  size_t tables = contexts;
  if (options.tables) {
    STF_TRY(given_tables(options, freq, alphabet, error));
    if (contexts > options.n_tables)
      return fail(error, STF_E_ARGUMENT, "context %zu has no table: there are %u", contexts - 1, options.n_tables);
    for (size_t c = 0; c < contexts; ++c) map[c] = static_cast<uint8_t>(c);
    for (size_t i = 0; i < contexts * alphabet; ++i)
      if (counts[i] != 0 && freq[i] == 0)
        return fail(error, STF_E_ARGUMENT, "symbol %zu occurs in context %zu, but has probability 0 in its table",
                    i % alphabet, i / alphabet);
  } else {
    tables = cluster_histograms(counts.data(), contexts, alphabet, kMaxTables, map.data());
    std::vector<uint32_t> merged(tables * alphabet);
    for (size_t i = 0; i < contexts * alphabet; ++i) merged[map[i / alphabet] * alphabet + i % alphabet] += counts[i];
    freq.resize(tables * alphabet);
    for (size_t t = 0; t < tables; ++t) normalize(&merged[t * alphabet], alphabet, &freq[t * alphabet]);
    RangeEncoder encoder(out.allocator());
    write_tables(encoder, freq.data(), tables, alphabet);
    const Array<uint8_t>& coded = encoder.finish();
    if (!coded.ok()) return fail(error, STF_E_MEMORY, "no memory to code %zu symbols", n);
    writer.u8(static_cast<uint8_t>(alphabet - 1));
    writer.u8(static_cast<uint8_t>(tables));
    if (options.contexts) {
      writer.u8(static_cast<uint8_t>(contexts - 1));
      if (tables > 1) writer.bytes(map.data(), contexts);
    }
    writer.uvarint(coded.size());
    writer.bytes(coded);
  }
  std::vector<RansEncodeTable> encode(contexts);
  for (size_t c = 0; c < contexts; ++c) encode[c].build(&freq[map[c] * alphabet], alphabet);
  out = std::move(writer.buffer());
  if (!rans_encode(symbols, options.contexts, n, encode.data(), lanes, out))
    return fail(error, STF_E_MEMORY, "no memory to code %zu symbols", n);
  return STF_OK;
}

stf_status rans_decode_stream(const stf_rans_options& options, const uint8_t* data, size_t size, uint8_t* symbols,
                              size_t n, stf_error* error) {
  STF_TRY(check_reserved(options.reserved, "rANS options", error));
  ByteReader reader(data, size);
  const uint64_t stored_n = reader.uvarint();
  const uint8_t flags = reader.u8();
  const unsigned lanes = reader.u8();
  if (!reader.ok() || flags > 3 || lanes == 0 || lanes > kMaxLanes) return corrupt(error, "its header");
  if (stored_n != n)
    return fail(error, STF_E_ARGUMENT, "the stream has %llu symbols, not %zu",
                static_cast<unsigned long long>(stored_n), n);
  if (((flags & kHasContexts) != 0) != (options.contexts != nullptr))
    return fail(error, STF_E_ARGUMENT, "the stream was coded %s contexts", flags & kHasContexts ? "with" : "without");
  if (((flags & kHasTables) != 0) != (options.tables == nullptr))
    return fail(error, STF_E_ARGUMENT, "the stream %s its own tables", flags & kHasTables ? "has" : "does not have");

  const size_t used = count_contexts(options.contexts, n);
  std::vector<uint16_t> freq;
  std::vector<uint8_t> map(256);
  size_t alphabet = options.alphabet ? options.alphabet : 256, tables = options.n_tables, contexts = tables;
  for (size_t c = 0; c < 256; ++c) map[c] = static_cast<uint8_t>(c);
  if (options.tables) {
    if (alphabet > 256) return fail(error, STF_E_ARGUMENT, "an alphabet has 1 to 256 symbols, not %zu", alphabet);
    STF_TRY(given_tables(options, freq, alphabet, error));
  } else {
    alphabet = size_t{reader.u8()} + 1;
    tables = reader.u8();
    contexts = flags & kHasContexts ? size_t{reader.u8()} + 1 : 1;
    if (!reader.ok() || tables == 0 || tables > kMaxTables || tables > contexts) return corrupt(error, "its header");
    const uint8_t* stored = tables > 1 ? reader.bytes(contexts) : nullptr;
    for (size_t c = 0; c < contexts; ++c) {
      map[c] = stored ? stored[c] : uint8_t{0};
      if (map[c] >= tables) return corrupt(error, "its map of contexts");
    }
    const size_t coded_size = reader.uvarint_in(0, reader.left());
    const uint8_t* coded = reader.bytes(coded_size);
    if (coded == nullptr) return corrupt(error, "it ends inside of its tables");
    freq.resize(tables * alphabet);
    if (!read_tables(coded, coded_size, freq.data(), tables, alphabet)) return corrupt(error, "its tables");
  }
  if (used > contexts)
    return fail(error, STF_E_ARGUMENT, "context %zu has no table: there are %zu contexts", used - 1, contexts);

  auto decode = std::make_unique_for_overwrite<RansDecodeTable[]>(tables);
  for (size_t t = 0; t < tables; ++t) decode[t].build(&freq[t * alphabet], alphabet);
  Buffer<uint8_t> mapped;
  const uint8_t* which = nullptr;
  if (options.contexts && tables > 1) {
    which = options.contexts;
    if (options.tables == nullptr) {
      if (!mapped.allocate(default_allocator(), n))
        return fail(error, STF_E_MEMORY, "no memory to decode %zu symbols", n);
      for (size_t i = 0; i < n; ++i) mapped[i] = map[options.contexts[i]];
      which = mapped.data();
    }
  }
  if (!rans_decode(reader.cursor(), reader.left(), decode.get(), which, lanes, symbols, n))
    return corrupt(error, "its symbols");
  return STF_OK;
}

// Symbols of one context, adaptively: directly up to 16 of them, else the upper half, then the lower given the upper.
template <unsigned N, bool Halves>
struct SymbolModel {
  AdaptiveModel<N> upper;
  AdaptiveModel<16> lower[Halves ? 16 : 1];

  void put(RangeEncoder& encoder, unsigned symbol) {
    encoder.put(upper, Halves ? symbol >> 4 : symbol);
    if constexpr (Halves) encoder.put(lower[symbol >> 4], symbol & 15);
  }
  unsigned get(RangeDecoder& decoder) {
    unsigned symbol = decoder.get(upper);
    if constexpr (Halves) symbol = symbol << 4 | decoder.get(lower[symbol]);
    return symbol;
  }
};

// visit(SymbolModel) with the model for an alphabet.
template <unsigned N = 2, typename Visit>
auto with_model(unsigned alphabet, Visit&& visit) {
  if constexpr (N == 16) {
    return alphabet > 16 ? visit.template operator()<SymbolModel<16, true>>()
                         : visit.template operator()<SymbolModel<16, false>>();
  } else {
    return alphabet <= N ? visit.template operator()<SymbolModel<N, false>>() : with_model<N + 1>(alphabet, visit);
  }
}

stf_status range_encode_stream(const uint8_t* symbols, const uint8_t* contexts, size_t n, uint32_t alphabet,
                               Array<uint8_t>& out, stf_error* error) {
  if (alphabet == 0 || alphabet > 256)
    return fail(error, STF_E_ARGUMENT, "an alphabet has 1 to 256 symbols, not %u", alphabet);
  for (size_t i = 0; i < n; ++i)
    if (symbols[i] >= alphabet)
      return fail(error, STF_E_ARGUMENT, "symbol %u at %zu is not in an alphabet of %u", symbols[i], i, alphabet);
  ByteWriter writer(out.allocator());
  writer.uvarint(n);
  writer.u8(contexts ? kHasContexts : 0);
  writer.u8(static_cast<uint8_t>(alphabet - 1));
  RangeEncoder encoder(out.allocator());
  with_model(alphabet, [&]<typename Model>() {
    std::vector<Model> models(count_contexts(contexts, n));
    for (size_t i = 0; i < n; ++i) models[contexts ? contexts[i] : 0].put(encoder, symbols[i]);
  });
  const Array<uint8_t>& coded = encoder.finish();
  if (!coded.ok()) return fail(error, STF_E_MEMORY, "no memory to code %zu symbols", n);
  writer.bytes(coded);
  out = std::move(writer.buffer());
  return STF_OK;
}

stf_status range_decode_stream(const uint8_t* data, size_t size, const uint8_t* contexts, uint8_t* symbols, size_t n,
                               stf_error* error) {
  ByteReader reader(data, size);
  const uint64_t stored_n = reader.uvarint();
  const uint8_t flags = reader.u8();
  const unsigned alphabet = reader.u8() + 1u;
  if (!reader.ok() || flags > kHasContexts) return corrupt(error, "its header");
  if (stored_n != n)
    return fail(error, STF_E_ARGUMENT, "the stream has %llu symbols, not %zu",
                static_cast<unsigned long long>(stored_n), n);
  if ((flags != 0) != (contexts != nullptr))
    return fail(error, STF_E_ARGUMENT, "the stream was coded %s contexts", flags ? "with" : "without");
  RangeDecoder decoder(reader.cursor(), reader.left());
  const bool sound = with_model(alphabet, [&]<typename Model>() {
    std::vector<Model> models(count_contexts(contexts, n));
    unsigned highest = 0;
    for (size_t i = 0; i < n; ++i) {
      const unsigned symbol = models[contexts ? contexts[i] : 0].get(decoder);
      highest = std::max(highest, symbol);
      symbols[i] = static_cast<uint8_t>(symbol);
      if (i % 4096 == 0 && decoder.overrun()) return false;
    }
    return highest < alphabet && decoder.finish();
  });
  return sound ? STF_OK : corrupt(error, "its symbols");
}

}  // namespace
}  // namespace stf

extern "C" {

void stf_histogram(const uint8_t* symbols, size_t n, uint64_t* counts) {
  // Four sets: equal symbols in a row would wait for each other's increment.
  uint64_t partial[3][256] = {};
  std::memset(counts, 0, 256 * sizeof *counts);
  size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    ++counts[symbols[i]];
    ++partial[0][symbols[i + 1]];
    ++partial[1][symbols[i + 2]];
    ++partial[2][symbols[i + 3]];
  }
  for (; i < n; ++i) ++counts[symbols[i]];
  for (size_t s = 0; s < 256; ++s) counts[s] += partial[0][s] + partial[1][s] + partial[2][s];
}

stf_status stf_normalize(const uint32_t* counts, size_t alphabet, uint16_t* freq, stf_error* error) {
  if (counts == nullptr || freq == nullptr || alphabet == 0 || alphabet > stf::kMaxAlphabet)
    return stf::fail(error, STF_E_ARGUMENT, "an alphabet has 1 to 256 symbols, not %zu", alphabet);
  stf::normalize(counts, alphabet, freq);
  return STF_OK;
}

// A word a symbol, the states, the header, and 18 bytes at most for a frequency in a table.
size_t stf_rans_bound(size_t n) {
  constexpr size_t kFixed = 512 + stf::kMaxTables * stf::kMaxAlphabet * 18;
  return n > (SIZE_MAX - kFixed) / 2 ? SIZE_MAX : 2 * n + kFixed;
}

// No symbol is less likely than 2^-12, and above 16 there are two in one; rounding is covered by n / 1024.
size_t stf_range_bound(size_t n) { return n > SIZE_MAX / 4 - 64 ? SIZE_MAX : 3 * n + n / 1024 + 64; }

stf_status stf_rans_encode(const stf_rans_options* options, const uint8_t* symbols, size_t n, void* out,
                           size_t capacity, size_t* written, stf_error* error) {
  return stf::at_border(error, [&] {
    if (written == nullptr || (out == nullptr && capacity != 0) || (symbols == nullptr && n != 0))
      return stf::fail(error, STF_E_ARGUMENT, "symbols, out and written are needed");
    if (n > UINT32_MAX) return stf::fail(error, STF_E_LIMIT, "more than 2^32 - 1 symbols in one stream");
    stf::Array<uint8_t> bytes(stf::default_allocator());
    STF_TRY(stf::rans_encode_stream(options ? *options : stf_rans_options{}, symbols, n, bytes, error));
    return stf::copy_out(bytes, out, capacity, written, error);
  });
}

stf_status stf_entropy_count(const void* data, size_t size, uint64_t* n, stf_error* error) {
  if (n == nullptr || (data == nullptr && size != 0)) return stf::fail(error, STF_E_ARGUMENT, "data and n are needed");
  stf::ByteReader reader(data, size);
  *n = reader.uvarint();
  return reader.ok() ? STF_OK : stf::corrupt(error, "its header");
}

stf_status stf_rans_decode(const stf_rans_options* options, const void* data, size_t size, uint8_t* symbols, size_t n,
                           stf_error* error) {
  return stf::at_border(error, [&] {
    if ((data == nullptr && size != 0) || (symbols == nullptr && n != 0))
      return stf::fail(error, STF_E_ARGUMENT, "data and symbols are needed");
    return stf::rans_decode_stream(options ? *options : stf_rans_options{}, static_cast<const uint8_t*>(data), size,
                                   symbols, n, error);
  });
}

// NOLINTNEXTLINE(readability-function-size): public, in C
stf_status stf_range_encode(const uint8_t* symbols, const uint8_t* contexts, size_t n, uint32_t alphabet, void* out,
                            size_t capacity, size_t* written, stf_error* error) {
  return stf::at_border(error, [&] {
    if (written == nullptr || (out == nullptr && capacity != 0) || (symbols == nullptr && n != 0))
      return stf::fail(error, STF_E_ARGUMENT, "symbols, out and written are needed");
    stf::Array<uint8_t> bytes(stf::default_allocator());
    STF_TRY(stf::range_encode_stream(symbols, contexts, n, alphabet, bytes, error));
    return stf::copy_out(bytes, out, capacity, written, error);
  });
}

stf_status stf_range_decode(const void* data, size_t size, const uint8_t* contexts, uint8_t* symbols, size_t n,
                            stf_error* error) {
  return stf::at_border(error, [&] {
    if ((data == nullptr && size != 0) || (symbols == nullptr && n != 0))
      return stf::fail(error, STF_E_ARGUMENT, "data and symbols are needed");
    return stf::range_decode_stream(static_cast<const uint8_t*>(data), size, contexts, symbols, n, error);
  });
}

}  // extern "C"
