// Seeds for fuzz_stream: fragments of the toy codec of the tests, of several formats, with all that a stream may have.

#include <filesystem>
#include <fstream>
#include <string>

#include "../cpp/stream_fixture.hpp"

void make_stream_seeds(const std::string& folder) {
  std::filesystem::create_directories(folder);
  const stf_format formats[] = {{STF_UINT8, 8, 1, 0, 0, STF_LAYOUT_GRAY, {}},
                                {STF_UINT8, 8, 3, 1, 1, STF_LAYOUT_PLANES, {}},
                                {STF_INT16, 10, 2, 0, 0, STF_LAYOUT_INTERLEAVED, {}},
                                {STF_UINT16, 12, 4, 1, 0, STF_LAYOUT_PLANES, {}},
                                {STF_BOOL, 1, 1, 0, 0, STF_LAYOUT_GRAY, {}}};
  check::Random random;
  int number = 0;
  for (const stf_format& format : formats)
    for (const stf_size size : {stf_size{11, 3, 4}, stf_size{1, 1, 1}}) {
      fixture::ToyCodec toy;
      toy.padding = static_cast<uint32_t>(number % 3);
      toy.shift = static_cast<uint8_t>(format.bits <= 10 ? number % 4 : 0);
      toy.start_codes = number % 2 != 0;
      toy.hidden_packets = number % 3 == 1;
      if (format.components == 1) toy.extra_components = static_cast<uint8_t>(number % 3);
      const fixture::Picture picture(format, size, random, 0);
      const auto coded = fixture::toy_fragment(toy, picture);
      std::ofstream(folder + "/" + std::to_string(number++), std::ios::binary)
          .write(reinterpret_cast<const char*>(coded.data()), static_cast<std::streamsize>(coded.size()));
    }
}
