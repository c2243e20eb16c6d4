// Sources and sinks over file descriptors and memory. A descriptor is read with positioned reads only, so that any
// number of readers and forked processes can share it.

#include "container/io.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <string>
#include <system_error>

#include "common/status.hpp"

#if defined(_WIN32)
#include <io.h>
#include <sys/stat.h>
#else
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace stf::store {
namespace {

constexpr size_t kChunk = size_t{1} << 30;  // below what any system takes in one call

int descriptor(void* opaque) { return static_cast<int>(reinterpret_cast<intptr_t>(opaque)); }

#if defined(_WIN32)
using FileStat = struct _stat64;
int file_stat(int fd, FileStat* s) { return _fstat64(fd, s); }
ptrdiff_t write_some(int fd, const void* p, size_t n) {
  return _write(fd, p, static_cast<unsigned>(std::min(n, kChunk)));
}
ptrdiff_t read_some(int fd, void* p, size_t n, uint64_t offset) {
  static std::mutex mutex;  // no positioned read in the C runtime
  std::lock_guard lock(mutex);
  if (_lseeki64(fd, static_cast<int64_t>(offset), SEEK_SET) < 0) return -1;
  return _read(fd, p, static_cast<unsigned>(std::min(n, kChunk)));
}
bool regular(const FileStat& s) { return (s.st_mode & _S_IFREG) != 0; }
#else
using FileStat = struct stat;
int file_stat(int fd, FileStat* s) { return fstat(fd, s); }
ptrdiff_t write_some(int fd, const void* p, size_t n) { return write(fd, p, std::min(n, kChunk)); }
ptrdiff_t read_some(int fd, void* p, size_t n, uint64_t offset) {
  return pread(fd, p, std::min(n, kChunk), static_cast<off_t>(offset));
}
bool regular(const FileStat& s) { return S_ISREG(s.st_mode) || S_ISBLK(s.st_mode); }
#endif

stf_status fd_read(void* opaque, uint64_t offset, void* destination, size_t size) {
  auto* p = static_cast<uint8_t*>(destination);
  while (size != 0) {
    const ptrdiff_t n = read_some(descriptor(opaque), p, size, offset);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      if (n == 0) errno = 0;  // the file became shorter
      return STF_E_IO;
    }
    p += n;
    offset += static_cast<uint64_t>(n);
    size -= static_cast<size_t>(n);
  }
  return STF_OK;
}

stf_status fd_write(void* opaque, const void* data, size_t size) {
  const auto* p = static_cast<const uint8_t*>(data);
  while (size != 0) {
    const ptrdiff_t n = write_some(descriptor(opaque), p, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      if (n == 0) errno = ENOSPC;
      return STF_E_IO;
    }
    p += n;
    size -= static_cast<size_t>(n);
  }
  return STF_OK;
}

stf_status memory_read(void* opaque, uint64_t offset, void* destination, size_t size) {
  const auto* memory = static_cast<const stf_memory*>(opaque);
  if (offset > memory->size || size > memory->size - offset) return STF_E_IO;
  if (size != 0) std::memcpy(destination, static_cast<const uint8_t*>(memory->data) + offset, size);
  return STF_OK;
}

std::string reason(int code) {
  return code == ENOSPC ? "no space left on device" : std::generic_category().message(code);
}

}  // namespace

stf_status read_exactly(const stf_source& source, uint64_t offset, void* destination, size_t size, stf_error* error) {
  if (offset > source.size || size > source.size - offset)
    return fail(error, STF_E_IO, "%zu bytes at %llu lie outside of the file", size,
                static_cast<unsigned long long>(offset));
  if (size == 0) return STF_OK;
  const stf_status status = source.read_at(source.opaque, offset, destination, size);
  if (status == STF_OK) return STF_OK;
  const int code = source.read_at == fd_read ? errno : 0;
  const auto at = static_cast<unsigned long long>(offset);
  const stf_status given = status == STF_E_CANCELLED ? status : STF_E_IO;
  if (code != 0) return fail(error, given, "reading %zu bytes at %llu failed: %s", size, at, reason(code).c_str());
  return fail(error, given, "reading %zu bytes at %llu failed", size, at);
}

stf_status write_fully(const stf_sink& sink, const void* data, size_t size, uint64_t position, stf_error* error) {
  if (size == 0) return STF_OK;
  const stf_status status = sink.write(sink.opaque, data, size);
  if (status == STF_OK) return STF_OK;
  const int code = sink.write == fd_write ? errno : 0;
  const auto at = static_cast<unsigned long long>(position);
  const stf_status given = status == STF_E_CANCELLED ? status : STF_E_IO;
  if (code != 0) return fail(error, given, "writing %zu bytes at %llu failed: %s", size, at, reason(code).c_str());
  return fail(error, given, "writing %zu bytes at %llu failed", size, at);
}

}  // namespace stf::store

extern "C" {

stf_status stf_source_fd(int fd, stf_source* source, stf_error* error) {
  stf::store::FileStat state{};
  if (stf::store::file_stat(fd, &state) != 0)
    return stf::fail(error, STF_E_IO, "cannot use file descriptor %d: %s", fd, stf::store::reason(errno).c_str());
  if (!stf::store::regular(state)) return stf::fail(error, STF_E_IO, "not a regular file: cannot read it at random");
  *source = {reinterpret_cast<void*>(static_cast<intptr_t>(fd)), stf::store::fd_read,
             static_cast<uint64_t>(state.st_size)};
  return STF_OK;
}

stf_status stf_sink_fd(int fd, stf_sink* sink, stf_error* error) {
  stf::store::FileStat state{};
  if (stf::store::file_stat(fd, &state) != 0)
    return stf::fail(error, STF_E_IO, "cannot use file descriptor %d: %s", fd, stf::store::reason(errno).c_str());
  *sink = {reinterpret_cast<void*>(static_cast<intptr_t>(fd)), stf::store::fd_write};
  return STF_OK;
}

void stf_source_memory(const stf_memory* memory, stf_source* source) {
  *source = {const_cast<stf_memory*>(memory), stf::store::memory_read, memory->size};
}

}  // extern "C"
