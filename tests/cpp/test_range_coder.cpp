// The adaptive range coder: round trips, truncation, carries, hostile bytes, size.

#include "bytes_fixture.hpp"
#include "entropy/range_coder.hpp"
#include "entropy/statistics.hpp"
#include "entropy_fixture.hpp"

using namespace stf;

namespace {

template <unsigned N>
void test_range_alphabet(Random& random) {
  for (int trial = 0; trial < 60; ++trial) {
    const Bytes symbols = make_symbols(random, random.below(600), N, trial % 3 == 2 ? 40 : random.below(5));
    const bool extras = trial % 2;
    RangeEncoder encoder(stf::default_allocator());
    AdaptiveModel<N> model;
    AdaptiveExpGolomb<> number;
    std::vector<uint32_t> values;
    for (uint8_t s : symbols) {
      encoder.put(model, s);
      if (!extras) continue;
      const unsigned bits = random.below(33);
      const auto v = static_cast<uint32_t>(random.next() & ((uint64_t{1} << bits) - 1));
      const auto w = static_cast<uint32_t>(std::min<uint64_t>(random.next() >> (32 + random.below(32)), 0xFFFFFFFEu));
      encoder.literal(v, bits);
      number.put(encoder, w);
      values.insert(values.end(), {bits, v, w});
    }
    const Bytes coded = fixture::bytes_of(encoder.finish());
    RangeDecoder decoder(coded.data(), coded.size());
    AdaptiveModel<N> fresh;
    AdaptiveExpGolomb<> fresh_number;
    size_t at = 0;
    for (uint8_t s : symbols) {
      CHECK(decoder.get(fresh) == s);
      if (!extras) continue;
      CHECK(decoder.literal(values[at]) == values[at + 1]);
      CHECK(fresh_number.get(decoder) == values[at + 2]);
      at += 3;
    }
    CHECK(decoder.finish() && !decoder.overrun());
    for (unsigned i = 0; i < N; ++i) CHECK(model.high(i) >= model.low(i) + kCdfFloor);
    for (size_t size = 0; size < coded.size(); ++size) {  // a shorter stream never passes for the whole
      if (size % 7 > 1 && size + 9 < coded.size()) continue;
      const Bytes cut(coded.begin(), coded.begin() + static_cast<ptrdiff_t>(size));
      RangeDecoder short_decoder(cut.data(), cut.size());
      AdaptiveModel<N> m;
      AdaptiveExpGolomb<> g;
      bool same = true;
      for (size_t i = 0; i < symbols.size(); ++i) {
        const unsigned s = short_decoder.get(m);
        CHECK(s < N);
        same = same && s == symbols[i];
        if (!extras) continue;
        same = same && short_decoder.literal(values[3 * i]) == values[3 * i + 1];
        same = same && g.get(short_decoder) == values[3 * i + 2];
      }
      CHECK(!same || !short_decoder.finish());
    }
  }
}

}  // namespace

TEST("range coder: alphabets, literals, Exp-Golomb") {
  Random random{8};
  test_range_alphabet<2>(random);
  test_range_alphabet<3>(random);
  test_range_alphabet<5>(random);
  test_range_alphabet<16>(random);
}

TEST("range coder: carries and hostile bytes") {
  // Carries: runs of the unlikeliest and the likeliest symbol, and every byte string decodes to something.
  Random random{9};
  for (int trial = 0; trial < 50; ++trial) {
    Bytes symbols(3000);
    for (size_t i = 0; i < symbols.size(); ++i) symbols[i] = (i / (1 + random.below(900))) % 2 ? 15 : 0;
    RangeEncoder encoder(stf::default_allocator());
    AdaptiveModel<16> model, fresh;
    for (uint8_t s : symbols) encoder.put(model, s);
    const Bytes coded = fixture::bytes_of(encoder.finish());
    RangeDecoder decoder(coded.data(), coded.size());
    for (uint8_t s : symbols) CHECK(decoder.get(fresh) == s);
    CHECK(decoder.finish());
  }
  for (const uint8_t fill : {uint8_t{0}, uint8_t{0xFF}}) {
    const Bytes hostile(64, fill);
    RangeDecoder decoder(hostile.data(), hostile.size());
    AdaptiveModel<16> model;
    AdaptiveExpGolomb<4> number;
    for (int i = 0; i < 2000; ++i) {
      CHECK(decoder.get(model) < 16);
      CHECK(decoder.literal(9) < 512);
      number.get(decoder);
    }
    CHECK(decoder.overrun() && !decoder.finish());
  }
  RangeDecoder nothing(nullptr, 0);
  CHECK(nothing.overrun() && !nothing.finish());
}

TEST("range coder: size close to the entropy") {  // a stationary source costs at most 1.5 % over its entropy
  Random random{10};
  const Bytes symbols = make_symbols(random, 100000, 16, 3);
  std::vector<uint32_t> counts(16);
  RangeEncoder encoder(stf::default_allocator());
  AdaptiveModel<16> model;
  for (uint8_t s : symbols) ++counts[s], encoder.put(model, s);
  const double ideal = static_cast<double>(entropy_cost(counts.data(), 16)) / 2048;
  CHECK(static_cast<double>(encoder.finish().size()) < 1.015 * ideal);
}

CHECK_MAIN()
