#include <algorithm>
#include <array>

#include "redbud/core/bytes.h"
#include "redbud/core/file_steps.h"

namespace redbud {
namespace {

using detail::until_not_interrupted;

/// The largest size <= `bytes` at which a line ends.
IoStatus find_line_end(FileHandle& file, int64_t& bytes) {
  std::array<std::byte, 4096> part{};
  while (bytes > 0) {
    const int64_t count = std::min(bytes, static_cast<int64_t>(part.size()));
    int64_t done = 0;
    const IoStatus status =
        detail::read_all_at(file, bytes - count, std::span(part).first(static_cast<size_t>(count)), done);
    if (!status.ok()) return status;
    if (done != count) return {EIO};
    const size_t newline = as_text(std::span(part).first(static_cast<size_t>(count))).rfind('\n');
    if (newline != std::string_view::npos) {
      bytes += static_cast<int64_t>(newline) + 1 - count;
      return {};
    }
    bytes -= count;
  }
  return {};
}

/// Gives the log a file of its own where it shares one with another name (a snapshot made by `cp -l`).
IoStatus open_unshared(const Path& path, std::unique_ptr<FileHandle>& file, FileInfo& info) {
  for (int attempt = 0; attempt < 2; ++attempt) {
    IoStatus status = detail::open(path, OpenMode::Append, file);
    if (status.ok()) status = until_not_interrupted([&] { return file->info(info); });
    if (!status.ok()) return status;
    if (info.type != FileType::Regular) return {EINVAL};
    if (info.links <= 1) return {};
    write_file(path, read_file(path, {.kind = ErrorKind::Environment}));
  }
  return {EMLINK};
}

}  // namespace

AppendLog::AppendLog(Path path, int64_t keep_bytes, Of what) : path_(std::move(path)) {
  FileInfo info;
  IoStatus status = open_unshared(path_, file_, info);
  bytes_ = std::min(info.size, keep_bytes);
  if (status.ok() && what == Of::Lines) status = find_line_end(*file_, bytes_);
  if (status.ok() && bytes_ != info.size) status = until_not_interrupted([&] { return file_->truncate(bytes_); });
  if (!status.ok()) detail::refuse_write(path_, status, 0);
}

void AppendLog::add_line(const std::string& line) { pending_ += line + '\n'; }

/// Opens the file anew after a failure, cut back to what is known to be good: a failed write may have left a part of a
/// line, and after a failed fsync the system may have dropped pages that it calls clean, so they are written again.
IoStatus AppendLog::reopen() {
  IoStatus status = detail::open(path_, OpenMode::Append, file_);
  if (status.ok()) status = until_not_interrupted([&] { return file_->truncate(bytes_); });
  if (!status.ok()) file_.reset();
  return status;
}

IoStatus AppendLog::flush() {
  if (pending_.empty()) return {};
  if (!file_) {
    const IoStatus status = reopen();
    if (!status.ok()) return status;
  }
  IoStatus status = detail::write_all(*file_, as_bytes(std::string_view(pending_)));
  if (status.ok()) status = file_->sync();
  if (!status.ok()) {
    file_.reset();
    return status;
  }
  bytes_ += static_cast<int64_t>(pending_.size());
  pending_.clear();
  return {};
}

}  // namespace redbud
