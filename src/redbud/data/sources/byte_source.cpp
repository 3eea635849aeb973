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

/// Repeats a step that a signal interrupted.
template <class Step>
void perform(const std::string& name, Step step) {
  IoStatus status;
  do {
    status = step();
  } while (status.code == EINTR);
  if (!status.ok()) refuse(name, status);
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
  perform(name_, [&] { return file_->info(info); });
  file_bytes_ = info.size;
}

int64_t FileSource::read(std::span<std::byte> bytes) {
  int64_t count = 0;
  perform(name_, [&] { return file_->read(bytes, count); });
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
  int64_t count = 0;
  perform(name_, [&] { return file_->read_at(0, part, count); });
  return count == static_cast<int64_t>(magic.size()) && std::equal(magic.begin(), magic.end(), part.begin());
}

DataFile::DataFile(const Path& path) : file_(path) {
  if (file_.starts_with(kGzipMagic)) unpacked_ = std::make_unique<GzipSource>(file_, path.string());
}

DataFile::~DataFile() = default;

int64_t DataFile::read(std::span<std::byte> bytes) { return unpacked_ ? unpacked_->read(bytes) : file_.read(bytes); }

}  // namespace redbud
