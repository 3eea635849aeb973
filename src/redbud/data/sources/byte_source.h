#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "redbud/core/checksum.h"
#include "redbud/core/file.h"

namespace redbud {

/// Bytes that come in order, in parts.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Fills at most bytes.size() bytes and says how many; 0 = the end.
  virtual int64_t read(std::span<std::byte> bytes) = 0;
};

/// Bytes that lie in memory already.
class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::span<const std::byte> bytes) : rest_(bytes) {}
  int64_t read(std::span<std::byte> bytes) override;

 private:
  std::span<const std::byte> rest_;
};

/// A regular file, with the checksum of what was read of it.
/// Throws  Error{Data} where it can't be read, or changes its size while it is read
class FileSource final : public ByteSource {
 public:
  explicit FileSource(const Path& path);
  int64_t read(std::span<std::byte> bytes) override;

  int64_t file_bytes() const { return file_bytes_; }
  /// XXH3 of the bytes read so far: of the file, once read() gave 0.
  uint64_t fingerprint() const { return checksum_.value(); }
  /// The first bytes, read apart from the rest.
  bool starts_with(std::span<const std::byte> magic) const;

 private:
  std::string name_;
  std::unique_ptr<FileHandle> file_;
  int64_t file_bytes_ = 0;
  int64_t done_ = 0;
  Checksum checksum_;
};

/// A file, unpacked while it is read where it starts as gzip files do.
class DataFile final : public ByteSource {
 public:
  explicit DataFile(const Path& path);
  ~DataFile() override;
  int64_t read(std::span<std::byte> bytes) override;

  int64_t file_bytes() const { return file_.file_bytes(); }
  bool is_packed() const { return unpacked_ != nullptr; }
  /// XXH3 of the file as it lies on the disk, once read() gave 0.
  uint64_t fingerprint() const { return file_.fingerprint(); }

 private:
  FileSource file_;
  std::unique_ptr<ByteSource> unpacked_;
};

}  // namespace redbud
