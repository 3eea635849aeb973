#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace redbud {

/// A file in a zip archive.
struct ZipEntry {
  std::string name = {};
  uint16_t method = 0;  // 0 stored, 8 deflated
  uint32_t crc = 0;
  int64_t packed_bytes = 0;
  int64_t bytes = 0;
  int64_t data = 0;  // where its packed bytes begin
};

/// The directory of a zip archive (PKWARE's APPNOTE), checked as a whole before anything is unpacked.
/// Throws  Error{Data} naming entry and byte: absolute names or names with "..", two entries of one name or over the
/// same bytes, encrypted
///         entries, methods other than stored and deflated, sizes that deflate can't reach, local headers that differ
///         from the directory, archives over several files or beyond 4 GB
std::vector<ZipEntry> list_zip(std::span<const std::byte> archive, const std::string& name);

/// Unpacks an entry and verifies its CRC.
std::vector<std::byte> read_zip_entry(std::span<const std::byte> archive, const ZipEntry& entry,
                                      const std::string& name);

}  // namespace redbud
