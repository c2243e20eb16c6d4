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
  }
  volatile uint32_t sink = 0;
  bench("sad_8", 256, [&] { sink = simd.sad_8(p.data(), 16, q.data(), 16, 16); });
  bench("sad_16", 256, [&] { sink = simd.sad_16(deep_p.data(), 16, deep_q.data(), 16, 16); });
}
