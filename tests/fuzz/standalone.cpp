// A driver with libFuzzer's entry point for compilers without libFuzzer: takes the same command line as far as the
// project uses it (-max_total_time=S, -runs=N, -seed=N, folders and files of seeds), mutates without coverage.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

using Bytes = std::vector<uint8_t>;

Bytes load(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(in), {});
}

void mutate(Bytes& bytes, const std::vector<Bytes>& seeds, std::mt19937_64& rng) {
  const auto below = [&](size_t n) { return n ? static_cast<size_t>(rng() % n) : 0; };
  for (size_t rounds = 1 + below(4); rounds != 0; --rounds) {
    const size_t at = below(bytes.size());
    switch (below(8)) {
      case 0:
        if (!bytes.empty()) bytes[at] ^= static_cast<uint8_t>(1u << below(8));
        break;
      case 1:
        if (!bytes.empty()) bytes[at] = static_cast<uint8_t>(rng());
        break;
      case 2: bytes.resize(below(bytes.size() + 1)); break;
      case 3:
        bytes.insert(bytes.begin() + static_cast<ptrdiff_t>(at), 1 + below(8), static_cast<uint8_t>(rng()));
        break;
      case 4:
        if (!bytes.empty()) {
          const size_t n = 1 + below(std::min<size_t>(16, bytes.size() - at));
          bytes.erase(bytes.begin() + static_cast<ptrdiff_t>(at),
                      bytes.begin() + static_cast<ptrdiff_t>(std::min(bytes.size(), at + n)));
          break;
        } else break;
      case 5: {  // extreme little numbers where lengths live
        static const uint8_t kExtreme[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
        for (size_t i = at; i < bytes.size() && i < at + 4; ++i) bytes[i] = kExtreme[below(5)];
        break;
      }
      case 6: {  // splice with another seed
        const Bytes& other = seeds[below(seeds.size())];
        const size_t from = below(other.size());
        bytes.resize(at);
        bytes.insert(bytes.end(), other.begin() + static_cast<ptrdiff_t>(from), other.end());
        break;
      }
      default:
        if (bytes.size() > 1) std::swap(bytes[at], bytes[below(bytes.size())]);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  double seconds = 10;
  uint64_t runs = ~uint64_t{0}, seed = 1;
  std::vector<Bytes> seeds;
  for (int i = 1; i < argc; ++i) {
    const std::string a = argv[i];
    if (a.rfind("-max_total_time=", 0) == 0) seconds = std::atof(a.c_str() + 16);
    else if (a.rfind("-runs=", 0) == 0) runs = std::strtoull(a.c_str() + 6, nullptr, 10);
    else if (a.rfind("-seed=", 0) == 0) seed = std::strtoull(a.c_str() + 6, nullptr, 10);
    else if (a[0] == '-') continue;
    else if (std::filesystem::is_directory(a)) {
      for (const auto& entry : std::filesystem::directory_iterator(a))
        if (entry.is_regular_file()) seeds.push_back(load(entry.path()));
    } else if (std::filesystem::is_regular_file(a)) {
      seeds.push_back(load(a));
    } else {
      std::fprintf(stderr, "there is no file or folder %s\n", a.c_str());
      return 1;
    }
  }
  if (seeds.empty()) seeds.emplace_back();
  for (const Bytes& s : seeds) LLVMFuzzerTestOneInput(s.data(), s.size());

  std::mt19937_64 rng(seed);
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  uint64_t done = 0;
  for (; done < runs && std::chrono::steady_clock::now() < end; ++done) {
    Bytes bytes = seeds[rng() % seeds.size()];
    mutate(bytes, seeds, rng);
    // A heap block of the exact size, so that reading one byte past the end is caught.
    uint8_t* exact = static_cast<uint8_t*>(std::malloc(bytes.size() ? bytes.size() : 1));
    if (!bytes.empty()) std::memcpy(exact, bytes.data(), bytes.size());
    LLVMFuzzerTestOneInput(exact, bytes.size());
    std::free(exact);
  }
  std::printf("%llu inputs from %zu seeds, no crash\n", static_cast<unsigned long long>(done), seeds.size());
  return 0;
}
