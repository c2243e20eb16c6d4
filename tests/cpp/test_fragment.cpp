// Fragments as whole units through the public interface: round trips over formats, sizes and strides; partial decoding.

#include <cstdint>
#include <vector>

#include "check.hpp"
#include "fragment_fixture.hpp"

using namespace fixture;

TEST("round trip of every dtype, layout and odd size") {
  check::Random random;
  int encoded = 0;
  for (const stf_format& format : all_formats())
    for (const stf_size& size : {stf_size{1, 1, 1}, stf_size{3, 1, 5}, stf_size{2, 7, 1}, stf_size{5, 9, 13}}) {
      Picture picture(format, size, random, encoded++ % 5);
      const std::vector<uint8_t> coded = encode(picture.video);
      Picture decoded(format, size, random, encoded % 5);
      stf_work work{};
      stf_error error{};
      const stf_status status =
          stf_fragment_decode(nullptr, coded.data(), coded.size(), nullptr, &decoded.video, &work, &error);
      CHECK_STATUS(status, STF_OK);
      CHECK(picture.same_samples(decoded));
      CHECK(decoded.gaps_untouched());
      CHECK_EQ(work.fragments, 1u);
      CHECK_EQ(work.frames, size.t);
      CHECK_EQ(work.bytes, coded.size());
      CHECK_EQ(work.samples_out, picture.samples());
      if (check::failures) {
        std::fprintf(stderr, "dtype %u bits %u components %u sub %u,%u layout %u size %u,%u,%u: %s\n", format.dtype,
                     format.bits, format.components, format.sub_x, format.sub_y, format.layout, size.t, size.y, size.x,
                     error.message);
        return;
      }
    }
}

CHECK_MAIN()
