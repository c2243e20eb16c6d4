// Mixed bits against a plain reading of docs/format.md 10.6, and through the range coder.

#include "bytes_fixture.hpp"
#include "entropy/mixing.hpp"
#include "entropy_fixture.hpp"

using namespace stf;

namespace {

constexpr int kS[33] = {22,    36,    60,    98,    162,   267,   439,   720,   1179,  1921,  3108,
                        4971,  7812,  11955, 17625, 24743, 32768, 40793, 47911, 53581, 57724, 60565,
                        62428, 63615, 64357, 64816, 65097, 65269, 65374, 65438, 65476, 65500, 65514};

int squash(int x) {
  const int i = (x + 2048) >> 7, f = (x + 2048) & 127;
  return std::min(65504, std::max(32, (kS[i] * (128 - f) + kS[i + 1] * f + 64) >> 7));
}
int stretch(int p) {
  for (int x = -2047; x < 2047; ++x)
    if (squash(x) >= 16 * p + 8) return x;
  return 2047;
}

// Everything in wide numbers, one after the other.
struct Plain {
  struct State {
    int64_t p = 32768, n = 0;
  };
  State state[6][4];
  int64_t weight[2][6] = {};

  Plain() {
    for (auto& set : weight) std::fill(set, set + 6, 1229);
  }
  int code(const size_t (&which)[6], int bit) {
    int64_t t[6], x[2];
    for (int i = 0; i < 6; ++i) t[i] = stretch(static_cast<int>(state[i][which[i]].p >> 4));
    for (int k = 0; k < 2; ++k) {
      x[k] = 0;
      for (int i = 0; i < 6; ++i) x[k] += weight[k][i] * t[i];
      x[k] = std::clamp<int64_t>(x[k] >> 12, -2047, 2047);
    }
    for (int k = 0; k < 2; ++k) {
      const int64_t e = (65536 * bit - squash(static_cast<int>(x[k]))) >> 1;
      for (int i = 0; i < 6; ++i)
        weight[k][i] = std::clamp<int64_t>(weight[k][i] + ((t[i] * e + (1 << 17)) >> 18), -32768, 32767);
    }
    for (int i = 0; i < 6; ++i) {
      State& s = state[i][which[i]];
      s.p += ((65535 * bit - s.p) * (327680 / (10 * s.n + 16))) >> 15;
      s.n = std::min<int64_t>(s.n + 1, 255);
    }
    return squash(static_cast<int>((x[0] + x[1]) >> 1));
  }
};

MixWeights new_weights() {
  MixWeights w{};
  std::fill(w.of, w.of + 6, int16_t{1229});
  return w;
}

}  // namespace

TEST("mixed bits are those of the format document") {
  Random random(7);
  for (const uint32_t skew : {1u, 2u, 3u, 20u, 1000u}) {
    Plain plain;
    BitState states[6][4];
    MixWeights first = new_weights(), second = new_weights();
    for (int i = 0; i < 20000; ++i) {
      size_t which[6];
      BitState* begin[6];
      for (int k = 0; k < 6; ++k) {
        which[k] = random.below(k < 4 ? 4 : 2);
        begin[k] = &states[k][which[k]];
      }
      // A bit that its contexts know something about; in the end always the same one, so that everything saturates.
      const unsigned bit = i > 15000 ? 1 : random.below(skew) == 0 ? which[0] & 1 : which[1] == 3;
      BitMixer<6> mixer(begin, 0, first, second, mix_tables());
      const auto one = static_cast<int>(mixer.one());
      mixer.learn(bit);
      CHECK(one == plain.code(which, static_cast<int>(bit)));
    }
    for (int k = 0; k < 6; ++k) {
      CHECK(first.of[k] == plain.weight[0][k] && second.of[k] == plain.weight[1][k]);
      for (int j = 0; j < 4; ++j) CHECK(states[k][j].one() == static_cast<unsigned>(plain.state[k][j].p));
    }
    CHECK(first.of[6] == 0 && first.of[7] == 0);
  }
}

TEST("bits of any probability through the range coder") {
  Random random(7);
  for (int trial = 0; trial < 200; ++trial) {
    RangeEncoder encoder(stf::default_allocator());
    std::vector<std::pair<uint32_t, unsigned>> bits(random.below(2000));
    for (auto& [one, bit] : bits) {
      const uint32_t kind = random.below(4);
      one = kind == 0 ? 1 : kind == 1 ? 65535 : 1 + random.below(65535);
      bit = random.below(2);
      encoder.put_bit(one, bit);
    }
    const Bytes coded = fixture::bytes_of(encoder.finish());
    RangeDecoder decoder(coded.data(), coded.size());
    for (const auto& [one, bit] : bits) CHECK(decoder.get_bit(one) == bit);
    CHECK(decoder.finish());
  }
}

CHECK_MAIN()
