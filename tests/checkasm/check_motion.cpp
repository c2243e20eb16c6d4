#include "checkasm.hpp"
#include "dsp/motion.hpp"

using namespace checkasm;

CHECKASM(stf::motion_tables(), "motion") {
  Guarded<uint8_t> p(16 * 40), q(16 * 40);
  Guarded<uint16_t> deep_p(16 * 40), deep_q(16 * 40);
  for (int round = 0; round < 40; ++round) {
    const auto height = static_cast<int>(rng.in(1, 16));
    const ptrdiff_t stride = rng.in(0, 1) ? 16 : 37;
    p.randomise(0, 255);
    q.randomise(0, 255);
    expect(scalar.sad_8(p.data(), stride, q.data(), 16, height) == simd.sad_8(p.data(), stride, q.data(), 16, height),
           "sad_8 of %d rows", height);
    deep_p.randomise(0, 65535);
    deep_q.randomise(0, 65535);
    expect(scalar.sad_16(deep_p.data(), 16, deep_q.data(), stride, height) ==
               simd.sad_16(deep_p.data(), 16, deep_q.data(), stride, height),
           "sad_16 of %d rows", height);
    const uint32_t range = rng.in(0, 2) == 0 ? 256 : rng.in(1, 256), deep = rng.in(0, 1) ? 65536 : 4096;
    p.randomise(0, range - 1);
    q.randomise(256 - range, 255);
    deep_p.randomise(0, deep - 1);
    deep_q.randomise(65536 - deep, 65535);
    expect(
        scalar.match_8(p.data(), stride, q.data(), 16, height) == simd.match_8(p.data(), stride, q.data(), 16, height),
        "match_8 of %d rows", height);
    expect(scalar.match_16(deep_p.data(), 16, deep_q.data(), stride, height) ==
               simd.match_16(deep_p.data(), 16, deep_q.data(), stride, height),
           "match_16 of %d rows", height);
  }
  volatile uint32_t sink = 0;
  bench("sad_8", 256, [&] { sink = simd.sad_8(p.data(), 16, q.data(), 16, 16); });
  bench("match_8", 256, [&] { sink = simd.match_8(p.data(), 16, q.data(), 16, 16); });
  bench("match_16", 256, [&] { sink = simd.match_16(deep_p.data(), 16, deep_q.data(), 16, 16); });
  bench("sad_16", 256, [&] { sink = simd.sad_16(deep_p.data(), 16, deep_q.data(), 16, 16); });
}
