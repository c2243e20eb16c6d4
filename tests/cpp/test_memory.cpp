// Where memory comes from, and what happens where it ends. What grows with samples or coded bytes comes from the
// environment's allocator (types.h); operator new serves bookkeeping alone, which more samples do not make larger.

#include <cstdlib>
#include <functional>
#include <memory>
#include <string>

#include "common/array.hpp"
#include "common/status.hpp"
#include "heap_fixture.hpp"
#include "lossy_fixture.hpp"
#include "store_fixture.hpp"

using namespace fixture;

namespace {

stf_encode_options lossless_options(uint8_t effort, int32_t max_error = 0) {
  stf_encode_options options;
  stf_encode_options_init(&options);
  options.effort = effort;
  options.max_error = max_error;
  return options;
}

struct Case {
  std::string name;
  stf_format format;
  stf_encode_options options;
  bool noise = false;  // for which a fragment is of the raw profile
};

std::vector<Case> raw_cases() {
  return {{"raw", lossy_gray(STF_UINT8, 8), lossless_options(1), true},
          {"raw, 12 bits", lossy_planes(12, 3, 1, 1), lossless_options(1), true}};
}
std::vector<Case> coded_cases() {
  std::vector<Case> cases;
  for (const uint8_t effort : {1, 3, 5, 7, 9}) {
    const std::string name = ", effort " + std::to_string(effort);
    cases.push_back({"lossless" + name, lossy_planes(8, 3, 1, 1), lossless_options(effort)});
    cases.push_back({"lossless, 12 bits" + name, lossy_gray(STF_UINT16, 12), lossless_options(effort)});
    cases.push_back({"lossless, R G B" + name, lossy_pixels(STF_UINT8, 8, 3), lossless_options(effort)});
    cases.push_back({"bounded" + name, lossy_gray(STF_UINT8, 8), lossless_options(effort, 2)});
    cases.push_back({"lossy" + name, lossy_planes(8, 3, 1, 1), lossy_options(80, effort)});
    cases.push_back({"lossy, R G B" + name, lossy_pixels(STF_UINT8, 8, 3), lossy_options(80, effort)});
  }
  cases.push_back({"lossy, aq", lossy_planes(8, 3, 1, 1), lossy_options(80)});
  cases.back().options.aq = 16;
  return cases;
}

Picture picture_of(const Case& c, const stf_size& size) {
  check::Random random;
  Picture picture(c.format, size, random, 0);
  if (!c.noise) fill_motion(picture, random);
  return picture;
}

// Bytes that a call takes through operator new.
template <typename Call>
size_t bookkeeping(Call&& call) {
  const size_t before = heap::operator_new.taken;
  call();
  return heap::operator_new.taken - before;
}

struct Taken {
  size_t encode, decode;
};
Taken taken_by(const Case& c, const stf_size& size) {
  heap::Counter counter;
  const stf_env env = heap::env_of(counter);
  const Picture picture = picture_of(c, size);
  check::Random random;
  Picture back(c.format, size, random, 0);
  stf_error error{};
  size_t bound = 0, written = 0;
  CHECK_STATUS(stf_fragment_bound(&c.format, size, &bound, nullptr), STF_OK);
  Bytes coded(bound);
  Taken taken{};
  taken.encode = bookkeeping(
      [&] { CHECK_OK(stf_fragment_encode(&env, &c.options, &picture.video, coded.data(), bound, &written, &error)); });
  CHECK(counter.allocations > 0);
  CHECK_EQ(info_of({coded.data(), coded.data() + written}).profile, c.noise ? 0 : c.options.max_error < 0 ? 3 : 1);
  taken.decode = bookkeeping(
      [&] { CHECK_OK(stf_fragment_decode(&env, coded.data(), written, nullptr, &back.video, nullptr, &error)); });
  CHECK_EQ(counter.live, 0l);
  return taken;
}

// What bookkeeping may grow by where there are four times the samples: nothing but chance (tables that are chosen, ...).
constexpr size_t kMostGrowth = 16384;

// Whether the encoder learns predictors and tables, of which a fragment has more the larger it is, up to a limit.
bool learns(const Case& c) { return c.options.max_error >= 0 && c.options.effort >= 5; }

void check_growth(const std::vector<Case>& cases) {
  const bool quick = std::getenv("STFRAG_TEST_STEP") != nullptr;  // under sanitizers, which slow learning down
  for (const Case& c : cases) {
    if (learns(c) && quick) continue;
    // Large enough for what is learned to be near its limit: then four times the samples bring a fifth more at most.
    const uint32_t scale = learns(c) ? 4 : 1;
    const Taken small = taken_by(c, {4, 96 * scale, 160 * scale}), large = taken_by(c, {4, 192 * scale, 320 * scale});
    const size_t most = kMostGrowth + (learns(c) ? small.encode / 5 : 0);
    if (large.encode > small.encode + most || large.decode > small.decode + kMostGrowth)
      check::failed(__FILE__, __LINE__,
                    c.name + ": operator new gave " + std::to_string(small.encode) + " and " +
                        std::to_string(small.decode) + " bytes, of four times the samples " +
                        std::to_string(large.encode) + " and " + std::to_string(large.decode));
  }
}

// Calls with memory that ends ever later, until it is enough: each one before that must fail for lack of memory, and
// leave nothing behind. Returns how many allocations there were.
long until_it_works(heap::Counter& counter, const std::function<stf_status(stf_error* error)>& call) {
  for (long allocations = 0;; allocations += 1 + allocations / 200) {
    const long before = counter.live, others = heap::operator_new.live;
    counter.left = allocations;
    stf_error error{};
    const stf_status status = call(&error);
    counter.left = -1;
    CHECK_EQ(counter.live, before);
    CHECK_EQ(heap::operator_new.live, others);
    if (status == STF_OK) return allocations;
    CHECK_STATUS(status, STF_E_MEMORY);
    CHECK(status != STF_E_MEMORY || (error.status == STF_E_MEMORY && error.message[0] != '\0'));
  }
}

// Both ways through the fragment calls, with memory of `env` or of operator new that ends.
void check_failures(const std::vector<Case>& cases, heap::Counter& counter, const stf_env* env) {
  for (const Case& c : cases) {
    const stf_size size{3, 25, 35};
    const Picture picture = picture_of(c, size);
    check::Random random;
    Picture whole(c.format, size, random, 0), back(c.format, size, random, 0);
    const Bytes expected = encode(picture.video, &c.options);
    CHECK_STATUS(
        stf_fragment_decode(nullptr, expected.data(), expected.size(), nullptr, &whole.video, nullptr, nullptr),
        STF_OK);
    size_t bound = 0, written = 0;
    CHECK_STATUS(stf_fragment_bound(&c.format, size, &bound, nullptr), STF_OK);
    Bytes coded(bound);
    CHECK(until_it_works(counter, [&](stf_error* error) {
            return stf_fragment_encode(env, &c.options, &picture.video, coded.data(), bound, &written, error);
          }) > 2);
    coded.resize(written);
    CHECK(coded == expected);
    CHECK(until_it_works(counter, [&](stf_error* error) {
            return stf_fragment_decode(env, coded.data(), coded.size(), nullptr, &back.video, nullptr, error);
          }) > 0);
    CHECK(back.same_samples(whole));
  }
}

// A store of 2 x 2 x 2 fragments, written and read again in every way that takes memory.
struct StoreCalls {
  explicit StoreCalls(uint32_t y, uint32_t x) : video(kYuv420, {6, y, x}), out(kYuv420, {6, y, x}) {
    video.fill(3);
    desc = desc_of(video, 3, y / 2, x / 2);
    desc.time_base_num = desc.time_base_den = 1;
  }

  stf_status write(const stf_env* env, const stf_encode_options& options, Bytes& bytes, stf_error* error) const {
    bytes.clear();
    const stf_sink sink = sink_to(bytes);
    stf_writer* made = nullptr;
    stf_status status = stf_writer_create(env, &sink, &desc, &options, &made, error);
    const std::unique_ptr<stf_writer, void (*)(stf_writer*)> writer(made, stf_writer_free);
    const std::string packets(300, 'p'), metadata(20000, 'm');
    for (uint32_t t = 0; t < video.video.size.t && status == STF_OK; t += 2) {  // frames that wait for their slab
      const stf_video part = video.part(t, 2);
      const int64_t pts[] = {t, t + 1};
      status = stf_writer_append(writer.get(), &part, pts, nullptr, error);
      if (status == STF_OK && t == 2)
        status = stf_writer_put_packets(writer.get(), packets.data(), packets.size(), 0, 1, error);
    }
    if (status == STF_OK) status = stf_writer_finish(writer.get(), metadata.data(), metadata.size(), error);
    return status;
  }

  stf_status read(const stf_env* env, const Bytes& bytes, stf_output output, bool seams, stf_error* error) {
    const stf_memory memory{bytes.data(), bytes.size()};
    stf_source source;
    stf_source_memory(&memory, &source);
    stf_reader* made = nullptr;
    STF_TRY(stf_reader_open(env, &source, &made, error));
    const std::unique_ptr<stf_reader, void (*)(stf_reader*)> reader(made, stf_reader_free);
    stf_request request{};
    request.n_frames = video.video.size.t;
    request.y1 = desc.y;
    request.x1 = desc.x;
    request.output = static_cast<uint8_t>(output);
    request.seams = seams;
    request.colour.model = 1;
    request.colour.matrix = 1;
    request.colour.out_bits = 8;
    const size_t before = heap::operator_new.taken;
    for (uint32_t c = 0; c < 3; ++c)
      out.set_plane(c, video.video.size.t, output == STF_OUTPUT_RGB || c == 0 ? desc.y : desc.y / 2,
                    output == STF_OUTPUT_RGB || c == 0 ? desc.x : desc.x / 2, 1);
    out_bytes += heap::operator_new.taken - before;
    STF_TRY(stf_reader_read(reader.get(), &request, &out.video, nullptr, error));
    char packets[300];
    size_t size = 0;
    return stf_reader_packets(reader.get(), 0, nullptr, nullptr, packets, sizeof packets, &size, error);
  }

  Video video, out;
  stf_store_desc desc;
  size_t out_bytes = 0;  // that operator new gave for `out`
};

}  // namespace

TEST("memory: raw fragments take the allocator's, whatever their size") { check_growth(raw_cases()); }

TEST("memory: coded fragments take the allocator's, whatever their size") { check_growth(coded_cases()); }

TEST("memory: stores take the allocator's, whatever the size of their fragments") {
  struct {
    size_t write, native, rgb, seams;
  } taken[2];
  for (const int large : {0, 1}) {
    heap::Counter counter;
    const stf_env env = heap::env_of(counter);
    StoreCalls calls(large ? 192 : 96, large ? 320 : 160);
    calls.video.fill(3);
    stf_error error{};
    Bytes bytes;
    bytes.reserve(size_t{8} << 20);  // the test's own
    taken[large].write = bookkeeping([&] { CHECK_OK(calls.write(&env, lossless_options(1), bytes, &error)); });
    const auto read = [&](stf_output output, bool seams) {
      const size_t before = calls.out_bytes;
      return bookkeeping([&] { CHECK_OK(calls.read(&env, bytes, output, seams, &error)); }) -
             (calls.out_bytes - before);
    };
    taken[large].native = read(STF_OUTPUT_NATIVE, false);
    taken[large].rgb = read(STF_OUTPUT_RGB, false);
    CHECK_OK(calls.write(&env, lossy_options(120), bytes, &error));
    taken[large].seams = read(STF_OUTPUT_NATIVE, true);
    CHECK_EQ(counter.live, 0l);
  }
  CHECK(taken[1].write <= taken[0].write + kMostGrowth);
  CHECK(taken[1].native <= taken[0].native + kMostGrowth);
  CHECK(taken[1].rgb <= taken[0].rgb + kMostGrowth);
  CHECK(taken[1].seams <= taken[0].seams + kMostGrowth);
}

TEST("memory: an allocator that fails at any of its calls is STF_E_MEMORY, and nothing is left behind") {
  heap::Counter counter;
  const stf_env env = heap::env_of(counter);
  check_failures(raw_cases(), counter, &env);
  check_failures(coded_cases(), counter, &env);
}

TEST("memory: the same of stores: written, read, verified and repaired") {
  heap::Counter counter;
  const stf_env env = heap::env_of(counter);
  StoreCalls calls(32, 48);
  Bytes bytes, expected;
  bytes.reserve(size_t{1} << 20);  // not to be counted
  stf_error error{};
  for (const stf_encode_options& options : {lossless_options(1), lossy_options(120, 1)}) {
    CHECK_OK(calls.write(nullptr, options, expected, &error));
    CHECK(until_it_works(counter, [&](stf_error* e) { return calls.write(&env, options, bytes, e); }) > 20);
    CHECK(bytes == expected);
    for (const stf_output output : {STF_OUTPUT_NATIVE, STF_OUTPUT_RGB})
      for (const bool seams : {false, true})
        CHECK(until_it_works(counter, [&](stf_error* e) { return calls.read(&env, bytes, output, seams, e); }) > 4);
    Bytes torn = bytes;
    torn.insert(torn.end(), 300, 'x');  // an append that did not end
    Bytes cut(bytes.begin(), bytes.end() - 100);
    for (const Bytes* file : {&bytes, &torn, &cut}) {
      const stf_memory memory{file->data(), file->size()};
      stf_source source;
      stf_source_memory(&memory, &source);
      const stf_status whole = stf_verify(nullptr, &source, 1, nullptr, nullptr, nullptr, nullptr);
      CHECK(until_it_works(counter, [&](stf_error* e) {
              const stf_status status = stf_verify(&env, &source, 1, nullptr, nullptr, nullptr, e);
              return status == whole ? STF_OK : status;
            }) > 4);
      Bytes repaired, again;
      again.reserve(2 * file->size() + 4096);  // not to be counted
      stf_sink sink = sink_to(repaired);
      CHECK_OK(stf_repair(nullptr, &source, &sink, nullptr, &error));
      sink = sink_to(again);
      CHECK(until_it_works(counter, [&](stf_error* e) {
              again.clear();
              return stf_repair(&env, &source, &sink, nullptr, e);
            }) > 4);
      CHECK(again == repaired);
    }
  }
}

#if defined(__cpp_exceptions)
TEST("memory: operator new that fails at any of its calls is STF_E_MEMORY, and nothing is left behind") {
  check_failures(coded_cases(), heap::operator_new, nullptr);
}
#endif

TEST("memory: an array that gets no memory keeps what it has, and says so from then on") {
  heap::Counter counter;
  const stf_env env = heap::env_of(counter);
  stf::Array<uint32_t> array(env);
  for (uint32_t i = 0; i < 100; ++i) CHECK(array.push(i));
  counter.left = 0;
  CHECK(array.ok() && array.resize(100) && array.extend(0) != nullptr);
  CHECK(!array.reserve(100000) && !array.ok());
  counter.left = -1;
  CHECK(!array.reserve(100000) && array.extend(100000) == nullptr && !array.ok());
  CHECK_EQ(array.size(), 100u);
  for (uint32_t i = 0; i < 100; ++i) CHECK_EQ(array[i], i);
  stf::Array<uint32_t> moved = std::move(array);
  CHECK(!moved.ok() && moved.size() == 100 && array.empty());
  CHECK(!stf::Array<uint64_t>(env).reserve(SIZE_MAX / 4));
  CHECK(!stf::Array<uint8_t>().push(1));
  stf::Array<uint32_t> other(env);
  CHECK(other.push(1) && !other.append(moved) && !other.ok());
}

CHECK_MAIN()
