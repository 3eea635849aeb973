#include "redbud/data/sources/byte_source.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "redbud/core/error.h"
#include "redbud/core/text.h"
#include "redbud/data/sources/gzip.h"

namespace redbud {
namespace {

constexpr std::array kGzipMagic = {std::byte{0x1f}, std::byte{0x8b}};

[[noreturn]] void refuse(const std::string& name, IoStatus status) {
  throw Error(ErrorKind::Data, {.where = name, .fact = "cannot be read", .found = describe(status)});
}

/// A read that a signal interrupted is begun again.
template <class Read>
int64_t read_some(const std::string& name, Read read) {
  int64_t done = 0;
  IoStatus status;
  do {
    status = read(done);
  } while (status.code == EINTR);
  if (!status.ok()) refuse(name, status);
  return done;
}

}  // namespace

int64_t MemorySource::read(std::span<std::byte> bytes) {
  const size_t count = std::min(bytes.size(), rest_.size());
  if (count > 0) std::memcpy(bytes.data(), rest_.data(), count);
  rest_ = rest_.subspan(count);
  return static_cast<int64_t>(count);
}

FileSource::FileSource(const Path& path) : name_(path.string()), file_(open_for_reading(path)) {
  FileInfo info;
  const IoStatus status = file_->info(info);
  if (!status.ok()) refuse(name_, status);
  file_bytes_ = info.size;
}

int64_t FileSource::read(std::span<std::byte> bytes) {
  const int64_t count = read_some(name_, [&](int64_t& done) { return file_->read(bytes, done); });
  done_ += count;
  if (done_ > file_bytes_ || (count == 0 && !bytes.empty() && done_ != file_bytes_)) {
    throw Error(ErrorKind::Data, {.where = name_,
                                  .fact = "the file changed while it was read",
                                  .found = with_thousands(done_) + " bytes",
                                  .expected = with_thousands(file_bytes_) + " bytes",
                                  .hint = "try again when nothing writes to it"});
  }
  checksum_.update(bytes.first(static_cast<size_t>(count)));
  return count;
}

bool FileSource::starts_with(std::span<const std::byte> magic) const {
  std::array<std::byte, 16> first{};
  const auto part = std::span(first).first(magic.size());
  const int64_t count = read_some(name_, [&](int64_t& done) { return file_->read_at(0, part, done); });
  return count == static_cast<int64_t>(magic.size()) && std::equal(magic.begin(), magic.end(), part.begin());
}

DataFile::DataFile(const Path& path) : file_(path) {
  if (file_.starts_with(kGzipMagic)) unpacked_ = std::make_unique<GzipSource>(file_, path.string());
}

DataFile::~DataFile() = default;

int64_t DataFile::read(std::span<std::byte> bytes) { return unpacked_ ? unpacked_->read(bytes) : file_.read(bytes); }

}  // namespace redbud
