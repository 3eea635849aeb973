#include "redbud/data/sources/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "redbud/core/error.h"

namespace redbud {
namespace {

constexpr size_t kPackedBytes = 64 * 1024;
constexpr int kGzipWindow = 15 + 16;  // 15 bits, and only gzip's frame
constexpr int kRawWindow = -15;

uInt to_uint(size_t bytes) { return static_cast<uInt>(std::min<size_t>(bytes, std::numeric_limits<uInt>::max())); }

[[noreturn]] void refuse(const std::string& name, const char* fact, const char* found) {
  throw Error(ErrorKind::Data, {.where = name, .fact = fact, .found = found == nullptr ? "" : found});
}

}  // namespace

struct GzipSource::State {
  State(ByteSource& source, std::string file) : packed(source), name(std::move(file)), input(kPackedBytes) {
    if (inflateInit2(&stream, kGzipWindow) != Z_OK) throw std::bad_alloc();
  }
  ~State() { inflateEnd(&stream); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  /// Whether there is input at hand.
  bool refill() {
    if (stream.avail_in > 0) return true;
    const int64_t count = packed.read(input);
    stream.next_in = reinterpret_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(count);
    return count > 0;
  }

  /// At the end of a member: whether another begins.
  bool begin_next_member() {
    if (!refill()) return false;
    if (*stream.next_in != 0x1f) refuse(name, "bytes follow the end of the gzip data", nullptr);
    inflateReset(&stream);
    return true;
  }

  ByteSource& packed;
  std::string name;
  std::vector<std::byte> input;
  z_stream stream{};
  bool member_ended = false;
};

GzipSource::GzipSource(ByteSource& packed, std::string name)
    : state_(std::make_unique<State>(packed, std::move(name))) {}
GzipSource::~GzipSource() = default;

int64_t GzipSource::read(std::span<std::byte> bytes) {
  State& s = *state_;
  if (bytes.empty()) return 0;
  const uInt room = to_uint(bytes.size());
  s.stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
  s.stream.avail_out = room;
  while (s.stream.avail_out == room) {
    if (s.member_ended) {
      if (!s.begin_next_member()) return 0;
      s.member_ended = false;
    }
    if (!s.refill()) refuse(s.name, "the gzip data are cut off", nullptr);
    const int status = inflate(&s.stream, Z_NO_FLUSH);
    s.member_ended = status == Z_STREAM_END;
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) {
      refuse(s.name, "the gzip data are damaged", s.stream.msg);
    }
  }
  return static_cast<int64_t>(room - s.stream.avail_out);
}

void inflate_raw(std::span<const std::byte> packed, std::span<std::byte> out, const std::string& name) {
  z_stream stream{};
  if (inflateInit2(&stream, kRawWindow) != Z_OK) throw std::bad_alloc();
  int status = Z_OK;
  size_t in_done = 0;
  size_t out_done = 0;
  std::byte beyond{};
  while (status == Z_OK) {
    // A stream that holds more than it should gets one byte of room for it, and is found out by that.
    const bool full = out_done == out.size();
    const uInt room = full ? 1 : to_uint(out.size() - out_done);
    const uInt offered = to_uint(packed.size() - in_done);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.data() + in_done));
    stream.avail_in = offered;
    stream.next_out = reinterpret_cast<Bytef*>(full ? &beyond : out.data() + out_done);
    stream.avail_out = room;
    status = inflate(&stream, Z_NO_FLUSH);
    in_done += offered - stream.avail_in;
    out_done += room - stream.avail_out;
    if (out_done > out.size() || (status == Z_OK && offered == 0 && stream.avail_out == room)) break;
  }
  inflateEnd(&stream);
  if (out_done > out.size()) refuse(name, "holds more bytes than it declares", nullptr);
  if (status != Z_STREAM_END) refuse(name, "the deflated data are damaged or cut off", nullptr);
  if (out_done != out.size()) refuse(name, "holds fewer bytes than it declares", nullptr);
  if (in_done != packed.size()) refuse(name, "bytes follow the end of the deflated data", nullptr);
}

}  // namespace redbud
