#include "redbud/data/sources/zip.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <set>

#include "redbud/core/bytes.h"
#include "redbud/core/error.h"
#include "redbud/core/text.h"
#include "redbud/data/sources/gzip.h"

namespace redbud {
namespace {

constexpr uint32_t kLocalHeader = 0x04034b50;
constexpr uint32_t kDirectoryHeader = 0x02014b50;
constexpr uint32_t kEndOfDirectory = 0x06054b50;
constexpr int64_t kEndBytes = 22;
constexpr int64_t kMaxCommentBytes = 65535;
constexpr uint16_t kEncrypted = 1 << 0;
constexpr uint16_t kSizesFollow = 1 << 3;  // in a data descriptor after the data; the directory has them, too
constexpr uint16_t kStored = 0;
constexpr uint16_t kDeflated = 8;
constexpr uint16_t kZip64Extra = 1;
constexpr uint32_t kIn64 = 0xFFFFFFFF;    // the value is in the zip64 extra field
constexpr int64_t kMostInflation = 1032;  // deflate can't pack tighter

class Archive {
 public:
  Archive(std::span<const std::byte> bytes, const std::string& name) : bytes_(bytes), name_(name) {}

  std::vector<ZipEntry> list();

 private:
  struct Directory {
    int64_t begin = 0;
    int64_t end = 0;
    int64_t entries = 0;
  };

  [[noreturn]] void refuse(int64_t offset, std::string fact, std::string found = "") const {
    throw Error(
        ErrorKind::Data,
        {.where = fmt::format("{} (byte {})", name_, offset), .fact = std::move(fact), .found = std::move(found)});
  }
  /// A number of the archive at a place that was not checked before.
  template <class T>
  T at(int64_t offset) const {
    if (offset < 0 || offset + static_cast<int64_t>(sizeof(T)) > size()) refuse(offset, "the zip archive is cut off");
    T value;
    std::memcpy(&value, bytes_.data() + offset, sizeof(T));
    return value;
  }
  std::string_view text(int64_t offset, int64_t length) const {
    if (offset < 0 || offset + length > size()) refuse(offset, "the zip archive is cut off");
    return as_text(bytes_.subspan(static_cast<size_t>(offset), static_cast<size_t>(length)));
  }
  int64_t size() const { return static_cast<int64_t>(bytes_.size()); }

  Directory find_directory() const;
  ZipEntry read_entry(int64_t& offset) const;
  void read_zip64(std::string_view extra, int64_t offset, std::initializer_list<int64_t*> wanted) const;
  void check_name(const std::string& entry, int64_t offset) const;
  void check_sizes(const ZipEntry& entry, int64_t offset) const;
  void check_local_header(ZipEntry& entry, int64_t local, uint16_t flags) const;

  std::span<const std::byte> bytes_;
  const std::string& name_;
};

Archive::Directory Archive::find_directory() const {
  const int64_t first = std::max<int64_t>(0, size() - kEndBytes - kMaxCommentBytes);
  for (int64_t offset = size() - kEndBytes; offset >= first; --offset) {
    if (at<uint32_t>(offset) != kEndOfDirectory || offset + kEndBytes + at<uint16_t>(offset + 20) != size()) continue;
    const auto disk = at<uint16_t>(offset + 4);
    const auto directory_disk = at<uint16_t>(offset + 6);
    const auto entries = at<uint16_t>(offset + 10);
    const int64_t bytes = at<uint32_t>(offset + 12);
    const int64_t begin = at<uint32_t>(offset + 16);
    if (entries == 0xFFFF || begin == kIn64 || bytes == kIn64)
      refuse(offset, "a zip archive beyond 4 GB or 65,534 entries");
    if (disk != 0 || directory_disk != 0 || entries != at<uint16_t>(offset + 8))
      refuse(offset, "a zip archive over several files");
    if (begin + bytes > offset) refuse(offset, "the directory of the zip archive lies outside of it");
    return {.begin = begin, .end = begin + bytes, .entries = entries};
  }
  refuse(size(), "no zip archive: its end is missing");
}

/// Takes 64-bit values for those of `wanted` that are marked to be in the extra field, in this order.
void Archive::read_zip64(std::string_view extra, int64_t offset, std::initializer_list<int64_t*> wanted) const {
  const bool needed = std::any_of(wanted.begin(), wanted.end(), [](const int64_t* value) { return *value == kIn64; });
  if (!needed) return;
  ByteReader reader(as_bytes(extra));
  while (reader.remaining() >= 4) {
    const uint16_t kind = *reader.little_endian<uint16_t>();
    const auto field = reader.take(*reader.little_endian<uint16_t>());
    if (!field) break;
    if (kind != kZip64Extra) continue;
    ByteReader values(*field);
    for (int64_t* value : wanted) {
      if (*value != kIn64) continue;
      const auto wide = values.little_endian<uint64_t>();
      if (!wide || *wide > static_cast<uint64_t>(size()) * kMostInflation)
        refuse(offset, "a zip64 size that is not true");
      *value = static_cast<int64_t>(*wide);
    }
    return;
  }
  refuse(offset, "a zip64 size is missing");
}

void Archive::check_name(const std::string& entry, int64_t offset) const {
  const bool absolute = entry.starts_with('/') || entry.starts_with('\\') || (entry.size() > 1 && entry[1] == ':');
  const auto parts = split(entry, '/');
  const bool climbs =
      std::find(parts.begin(), parts.end(), "..") != parts.end() || entry.find('\\') != std::string::npos;
  if (entry.empty() || absolute || climbs || entry.find('\0') != std::string::npos) {
    refuse(offset, "an entry of the zip archive has a name that leads out of it", quote(entry));
  }
}

void Archive::check_sizes(const ZipEntry& entry, int64_t offset) const {
  if (entry.method == kStored && entry.bytes != entry.packed_bytes) {
    refuse(offset, fmt::format("entry {} is stored, but its sizes differ", quote(entry.name)),
           fmt::format("{} and {}", entry.packed_bytes, entry.bytes));
  }
  if (entry.method == kDeflated && entry.bytes / kMostInflation > entry.packed_bytes) {
    refuse(offset, fmt::format("entry {} declares more bytes than it can hold", quote(entry.name)),
           fmt::format("{} in {}", with_thousands(entry.bytes), with_thousands(entry.packed_bytes)));
  }
}

/// The header before the data must say the same as the directory; finds where the data begin.
void Archive::check_local_header(ZipEntry& entry, int64_t local, uint16_t flags) const {
  if (at<uint32_t>(local) != kLocalHeader) refuse(local, fmt::format("entry {} has no header here", quote(entry.name)));
  const int64_t name_bytes = at<uint16_t>(local + 26);
  const int64_t extra_bytes = at<uint16_t>(local + 28);
  int64_t packed = at<uint32_t>(local + 18);
  int64_t bytes = at<uint32_t>(local + 22);
  read_zip64(text(local + 30 + name_bytes, extra_bytes), local, {&bytes, &packed});
  const bool follows = (flags & kSizesFollow) != 0;
  const bool sizes_agree =
      packed == entry.packed_bytes && bytes == entry.bytes && at<uint32_t>(local + 14) == entry.crc;
  if (text(local + 30, name_bytes) != entry.name || at<uint16_t>(local + 8) != entry.method ||
      at<uint16_t>(local + 6) != flags || (!sizes_agree && !follows)) {
    refuse(local, fmt::format("the header of entry {} differs from the directory", quote(entry.name)));
  }
  entry.data = local + 30 + name_bytes + extra_bytes;
}

ZipEntry Archive::read_entry(int64_t& offset) const {
  if (at<uint32_t>(offset) != kDirectoryHeader) refuse(offset, "the directory of the zip archive is damaged");
  const auto flags = at<uint16_t>(offset + 8);
  const int64_t name_bytes = at<uint16_t>(offset + 28);
  const int64_t extra_bytes = at<uint16_t>(offset + 30);
  const int64_t comment_bytes = at<uint16_t>(offset + 32);
  int64_t local = at<uint32_t>(offset + 42);
  ZipEntry entry{.name = std::string(text(offset + 46, name_bytes)),
                 .method = at<uint16_t>(offset + 10),
                 .crc = at<uint32_t>(offset + 16),
                 .packed_bytes = at<uint32_t>(offset + 20),
                 .bytes = at<uint32_t>(offset + 24)};
  read_zip64(text(offset + 46 + name_bytes, extra_bytes), offset, {&entry.bytes, &entry.packed_bytes, &local});
  check_name(entry.name, offset);
  if ((flags & kEncrypted) != 0) refuse(offset, fmt::format("entry {} is encrypted", quote(entry.name)));
  if (entry.method != kStored && entry.method != kDeflated) {
    refuse(offset, fmt::format("entry {} is packed by a method that is not read", quote(entry.name)),
           std::to_string(entry.method));
  }
  check_sizes(entry, offset);
  check_local_header(entry, local, flags);
  offset += 46 + name_bytes + extra_bytes + comment_bytes;
  return entry;
}

std::vector<ZipEntry> Archive::list() {
  const Directory directory = find_directory();
  std::vector<ZipEntry> entries;
  std::set<std::string> names;
  int64_t offset = directory.begin;
  for (int64_t i = 0; i < directory.entries; ++i) {
    entries.push_back(read_entry(offset));
    if (!names.insert(entries.back().name).second)
      refuse(offset, "two entries of the zip archive have one name", quote(entries.back().name));
  }
  if (offset != directory.end) refuse(offset, "the directory of the zip archive is not as long as it says");
  std::vector<const ZipEntry*> sorted;
  for (const ZipEntry& entry : entries) sorted.push_back(&entry);
  std::sort(sorted.begin(), sorted.end(), [](const ZipEntry* a, const ZipEntry* b) { return a->data < b->data; });
  int64_t end = 0;
  for (const ZipEntry* entry : sorted) {
    if (entry->data < end)
      refuse(entry->data, "two entries of the zip archive lie over each other", quote(entry->name));
    end = entry->data + entry->packed_bytes;
  }
  if (end > directory.begin)
    refuse(directory.begin, "the zip archive is cut off, or an entry reaches into its directory");
  return entries;
}

}  // namespace

std::vector<ZipEntry> list_zip(std::span<const std::byte> archive, const std::string& name) {
  return Archive(archive, name).list();
}

std::vector<std::byte> read_zip_entry(std::span<const std::byte> archive, const ZipEntry& entry,
                                      const std::string& name) {
  const std::string where = fmt::format("{}, entry {}", name, quote(entry.name));
  const auto packed = archive.subspan(static_cast<size_t>(entry.data), static_cast<size_t>(entry.packed_bytes));
  std::vector<std::byte> bytes(static_cast<size_t>(entry.bytes));
  if (entry.method == kStored) {
    std::copy(packed.begin(), packed.end(), bytes.begin());
  } else {
    inflate_raw(packed, bytes, where);
  }
  const auto crc = static_cast<uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
  if (crc != entry.crc) {
    throw Error(ErrorKind::Data, {.where = where,
                                  .fact = "the checksum is wrong",
                                  .found = fmt::format("{:08x}", crc),
                                  .expected = fmt::format("{:08x}", entry.crc)});
  }
  return bytes;
}

}  // namespace redbud
