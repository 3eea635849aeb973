#pragma once
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "redbud/core/dtype.h"
#include "redbud/core/error.h"
#include "redbud/core/file.h"
#include "redbud/core/shape.h"

namespace redbud {

/// A tensor of a safetensors container: a view of bytes that lie elsewhere.
struct NamedTensor {
  std::string name;
  DType type = DType::F32;
  Shape shape;
  std::span<const std::byte> bytes;
};

/// A whole container in memory. Tensors view `storage`.
struct SafetensorsFile {
  std::map<std::string, std::string> metadata;
  std::vector<NamedTensor> tensors;                    // in the order of their offsets
  std::map<std::string, size_t, std::less<>> by_name;  // into tensors
  std::vector<std::byte> storage;

  SafetensorsFile() = default;
  SafetensorsFile(SafetensorsFile&&) = default;  // no copy: its tensors would view the old storage
  SafetensorsFile& operator=(SafetensorsFile&&) = default;

  const NamedTensor* find(std::string_view name) const;
};

/// Whether a file must carry checksums, as all of ours do, or may do without, as those of other programs.
enum class Checksums { Required, WhereGiven };

/// What is read, for messages and exit codes. A checksum that differs is always Error{Verification}.
struct SafetensorsLimits {
  std::string where;
  ErrorKind kind = ErrorKind::Model;
  Checksums checksums = Checksums::WhereGiven;
};

/// A container that is ready to be written: its first bytes, and the tensors in the order in which they follow.
///
///   8 bytes: length of the header, little endian     header: JSON, filled up with blanks to a multiple of 8     data
///   without gaps
struct SafetensorsImage {
  std::string head;
  std::vector<std::span<const std::byte>> parts;  // head, then tensors; views `head`
  int64_t bytes = 0;

  SafetensorsImage() = default;
  SafetensorsImage(SafetensorsImage&&) = delete;  // `parts` would view the old head
};

/// Adds to the metadata "redbud.checksums" (JSON: name to XXH3 of the tensor's bytes) and "redbud.header_checksum" (of
/// the first bytes up to the data, with its own 16 digits taken as zeros).
void build_safetensors(SafetensorsImage& image, const std::map<std::string, std::string>& metadata,
                       std::span<const NamedTensor> tensors);

/// Writes a container, atomically (core/file). Throws  Error{Environment}
void write_safetensors(const Path& path, const std::map<std::string, std::string>& metadata,
                       std::span<const NamedTensor> tensors);

/// Parses and validates everything before it is touched: lengths, offsets without gap or overlap, shapes against bytes,
/// types, duplicate names, depth; then the checksums.
/// Throws  Error{limits.kind} with offset or tensor; Error{Verification}: a checksum differs or is missing, naming the
/// tensor
SafetensorsFile parse_safetensors(std::vector<std::byte> bytes, const SafetensorsLimits& limits);

/// The same, but tensors whose checksum differs are listed rather than thrown.
struct CheckedSafetensors {
  SafetensorsFile file;
  std::vector<ErrorText> damaged;  // all Error{Verification}
};
CheckedSafetensors check_safetensors(std::vector<std::byte> bytes, const SafetensorsLimits& limits);

}  // namespace redbud
