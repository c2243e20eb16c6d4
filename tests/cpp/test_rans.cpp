// Static entropy coding: round trips over every lane count and shape of histogram, damage, optimality of
// the normalisation, tables, clustering.

#include <cmath>

#include "bytes_fixture.hpp"
#include "entropy/bits.hpp"
#include "entropy/rans.hpp"
#include "entropy/tables.hpp"
#include "entropy_fixture.hpp"

using namespace stf;

namespace {

struct Tables {
  std::vector<uint16_t> freq;
  std::vector<RansEncodeTable> encode;
  std::vector<RansDecodeTable> decode;
};

Tables make_tables(const Bytes& symbols, const Bytes& contexts, size_t n_contexts, size_t alphabet) {
  std::vector<uint32_t> counts(n_contexts * alphabet);
  for (size_t i = 0; i < symbols.size(); ++i) ++counts[(contexts.empty() ? 0 : contexts[i]) * alphabet + symbols[i]];
  Tables t{std::vector<uint16_t>(counts.size()), std::vector<RansEncodeTable>(n_contexts),
           std::vector<RansDecodeTable>(n_contexts)};
  for (size_t c = 0; c < n_contexts; ++c) {
    normalize(&counts[c * alphabet], alphabet, &t.freq[c * alphabet]);
    t.encode[c].build(&t.freq[c * alphabet], alphabet);
    CHECK(t.decode[c].build(&t.freq[c * alphabet], alphabet));
  }
  return t;
}

}  // namespace

TEST("log2 and entropy in integers") {
  for (uint32_t v = 1; v != 0 && v < 0xF0000000u; v = v < 20000 ? v + 1 : v + v / 3 + 1) {
    const double exact = std::log2(static_cast<double>(v)) * 65536;
    CHECK(std::fabs(log2_fixed(v) - exact) < (v < 8192 ? 1.0 : 2.5));
    CHECK(v == 1 || log2_fixed(v) >= log2_fixed(v - 1));
  }
  const uint32_t even[4] = {1000, 1000, 1000, 1000};
  CHECK(entropy_cost(even, 4) == 4000u * 2 * 256);
}

TEST("normalised counts are optimal") {
  Random random{1};
  for (int trial = 0; trial < 300; ++trial) {
    const size_t alphabet = 1 + random.below(256);
    std::vector<uint32_t> counts(alphabet);
    const uint32_t scale = 1u << random.below(31);
    for (auto& c : counts) c = random.below(4) ? 0 : 1 + random.below(1 + random.below(scale));
    std::vector<uint16_t> freq(alphabet);
    normalize(counts.data(), alphabet, freq.data());
    uint32_t sum = 0;
    bool any = false;
    for (size_t s = 0; s < alphabet; ++s) sum += freq[s], any |= counts[s] != 0;
    CHECK(sum == kProbScale);
    if (!any) continue;
    for (size_t s = 0; s < alphabet; ++s) CHECK((counts[s] == 0) == (freq[s] == 0));
    // No single unit can move to the better.
    for (int k = 0; k < 200; ++k) {
      const auto letters = static_cast<uint32_t>(alphabet);
      const size_t a = random.below(letters), b = random.below(letters);
      if (a == b || freq[a] == 0 || freq[b] < 2) continue;
      const double gain = counts[a] * std::log2((freq[a] + 1.0) / freq[a]);
      const double loss = counts[b] * std::log2(freq[b] / (freq[b] - 1.0));
      CHECK(gain <= loss * (1 + 1e-4));
    }
  }
}

TEST("rANS: every lane count, degenerate histograms, empty input") {
  Random random{2};
  for (unsigned lanes = 1; lanes <= kMaxLanes; ++lanes)
    for (const unsigned alphabet : {1u, 2u, 3u, 17u, 256u})
      for (const size_t n : {0u, 1u, lanes - 1, lanes, lanes + 1, 1999u}) {
        const size_t n_contexts = 1 + random.below(5);
        const Bytes symbols = make_symbols(random, n, alphabet, random.below(9));
        Bytes contexts;
        if (n_contexts > 1) contexts = make_symbols(random, n, static_cast<unsigned>(n_contexts), 0);
        const Tables t = make_tables(symbols, contexts, n_contexts, alphabet);
        Bytes decoded(n, 0xEE);
        Array<uint8_t> coded = fixture::no_bytes();
        const uint8_t* which = contexts.empty() ? nullptr : contexts.data();
        CHECK(rans_encode(symbols.data(), which, n, t.encode.data(), lanes, coded));
        CHECK(rans_decode(coded.data(), coded.size(), t.decode.data(), which, lanes, decoded.data(), n));
        CHECK(decoded == symbols);
        if (alphabet == 1) CHECK(coded.size() == 4 * lanes);
      }
}

TEST("rANS: size close to the entropy") {  // within 0.1 % and the flush of what the probabilities promise
  Random random{3};
  const Bytes symbols = make_symbols(random, 200000, 64, 5);
  const Tables t = make_tables(symbols, {}, 1, 64);
  std::vector<uint32_t> counts(64);
  for (uint8_t s : symbols) ++counts[s];
  Array<uint8_t> coded = fixture::no_bytes();
  CHECK(rans_encode(symbols.data(), nullptr, symbols.size(), t.encode.data(), 32, coded));
  const double ideal = static_cast<double>(entropy_cost(counts.data(), 64)) / 2048;
  CHECK(static_cast<double>(coded.size()) < ideal * 1.001 + 4 * 32);
  CHECK(static_cast<double>(coded.size()) > ideal * 0.999);
}

TEST("rANS: truncated, longer and flipped sections") {
  Random random{4};
  for (const unsigned lanes : {1u, 3u, 8u, 32u}) {
    const Bytes symbols = make_symbols(random, 500, 40, 3);
    const Tables t = make_tables(symbols, {}, 1, 40);
    Bytes decoded(symbols.size());
    Array<uint8_t> section = fixture::no_bytes();
    CHECK(rans_encode(symbols.data(), nullptr, symbols.size(), t.encode.data(), lanes, section));
    const Bytes coded = fixture::bytes_of(section);
    for (size_t size = 0; size < coded.size(); ++size) {  // exact allocations, for the sanitizers
      const Bytes cut(coded.begin(), coded.begin() + static_cast<ptrdiff_t>(size));
      CHECK(!rans_decode(cut.data(), cut.size(), t.decode.data(), nullptr, lanes, decoded.data(), decoded.size()));
    }
    Bytes longer = coded;
    longer.insert(longer.end(), 2, 0);
    CHECK(!rans_decode(longer.data(), longer.size(), t.decode.data(), nullptr, lanes, decoded.data(), 500));
    size_t silent = 0;
    for (int k = 0; k < 2000; ++k) {
      Bytes bad = coded;
      bad[random.below(static_cast<uint32_t>(bad.size()))] ^= static_cast<uint8_t>(1u << random.below(8));
      if (rans_decode(bad.data(), bad.size(), t.decode.data(), nullptr, lanes, decoded.data(), decoded.size()))
        ++silent;
    }
    CHECK(silent < 20);  // the 16 spare bits of each state catch nearly all; CRCs are for the rest
  }
  RansDecodeTable table;
  const uint16_t low[2] = {4000, 95}, high[2] = {4000, 97};
  CHECK(!table.build(low, 2) && !table.build(high, 2));
}

TEST("plain bits") {
  Random random{5};
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<std::pair<uint32_t, unsigned>> values(random.below(100));
    BitWriter writer(resolve(nullptr));
    for (auto& [value, bits] : values) {
      bits = random.below(33);
      value = static_cast<uint32_t>(random.next() & ((uint64_t{1} << bits) - 1));
      writer.put(value, bits);
    }
    const Bytes coded = fixture::bytes_of(writer.finish());
    BitReader reader(coded.data(), coded.size());
    for (auto [value, bits] : values) CHECK(reader.get(bits) == value);
    CHECK(reader.finish());
    for (int k = 0; k < 9; ++k) reader.get(32);
    CHECK(reader.overrun() && !reader.finish());
    if (coded.empty()) continue;
    BitReader unread(coded.data(), coded.size());
    CHECK(coded.size() == 1 || !unread.finish());
  }
}

TEST("tables: round trip, truncation, mutation") {
  Random random{6};
  for (int trial = 0; trial < 200; ++trial) {
    const size_t alphabet = 1 + random.below(256), tables = 1 + random.below(6);
    std::vector<uint16_t> freq(alphabet * tables), back(freq.size(), 7);
    for (size_t i = 0; i < tables; ++i) {
      std::vector<uint32_t> counts(alphabet);
      const size_t n = 1 + random.below(3000);
      for (uint8_t s : make_symbols(random, n, static_cast<unsigned>(alphabet), random.below(30))) ++counts[s];
      normalize(counts.data(), alphabet, &freq[i * alphabet]);
    }
    RangeEncoder encoder(default_allocator());
    write_tables(encoder, freq.data(), tables, alphabet);
    const Bytes coded = fixture::bytes_of(encoder.finish());
    CHECK(read_tables(coded.data(), coded.size(), back.data(), tables, alphabet));
    CHECK(freq == back);
    for (size_t size = 0; size < coded.size(); ++size) {
      const Bytes cut(coded.begin(), coded.begin() + static_cast<ptrdiff_t>(size));
      CHECK(!read_tables(cut.data(), cut.size(), back.data(), tables, alphabet));
    }
    for (int k = 0; k < 50; ++k) {  // whatever is accepted is a valid table
      Bytes bad = coded;
      bad[random.below(static_cast<uint32_t>(bad.size()))] = static_cast<uint8_t>(random.next());
      if (!read_tables(bad.data(), bad.size(), back.data(), tables, alphabet)) continue;
      RansDecodeTable table;
      for (size_t i = 0; i < tables; ++i) CHECK(table.build(&back[i * alphabet], alphabet));
    }
  }
}

TEST("clustering of histograms") {
  Random random{7};
  // 30 histograms of two kinds: two tables are enough, and one is too few.
  const size_t n = 30, alphabet = 32;
  std::vector<uint32_t> counts(n * alphabet);
  for (size_t i = 0; i < n; ++i)
    for (int k = 0; k < 2000 && i != 11; ++k) {
      const uint32_t s = std::min(random.below(alphabet), random.below(alphabet));
      ++counts[i * alphabet + (i % 3 == 0 ? alphabet - 1 - s : s)];
    }
  uint8_t map[n];
  CHECK(cluster_histograms(counts.data(), n, alphabet, 256, map) == 2);
  for (size_t i = 0; i < n; ++i) CHECK(map[i] == (i == 11 || i % 3 == 0 ? 0 : 1));
  CHECK(cluster_histograms(counts.data(), n, alphabet, 1, map) == 1);
  std::fill(counts.begin(), counts.end(), 0u);
  CHECK(cluster_histograms(counts.data(), n, alphabet, 4, map) == 1 && map[n - 1] == 0);
  CHECK(cluster_histograms(counts.data(), 0, alphabet, 4, map) == 0);
}

CHECK_MAIN()
