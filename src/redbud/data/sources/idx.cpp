#include "redbud/data/sources/idx.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "redbud/core/bytes.h"
#include "redbud/core/error.h"
#include "redbud/core/text.h"
#include "redbud/data/sources/byte_source.h"

namespace redbud {
namespace {

constexpr uint32_t kUnsignedByte = 0x08;

// Deflate can't pack tighter than 1 : 1032, so a gzip that declares more than that is refused before memory is taken.
constexpr int64_t kMostInflation = 1032;

[[noreturn]] void refuse(const Path& path, ErrorText text) {
  text.where = path.string() + text.where;
  throw Error(ErrorKind::Data, std::move(text));
}

int64_t read_fully(ByteSource& source, std::span<std::byte> bytes) {
  int64_t done = 0;
  while (done < static_cast<int64_t>(bytes.size())) {
    const int64_t count = source.read(bytes.subspan(static_cast<size_t>(done)));
    if (count == 0) break;
    done += count;
  }
  return done;
}

uint32_t read_big_endian(ByteSource& source, const Path& path, int64_t offset) {
  std::array<std::byte, 4> bytes{};
  if (read_fully(source, bytes) != 4)
    refuse(path, {.where = fmt::format(" (byte {})", offset), .fact = "the IDX header is cut off"});
  return *ByteReader(bytes).big_endian_u32();
}

Shape read_shape(ByteSource& source, const Path& path, int rank) {
  const uint32_t magic = read_big_endian(source, path, 0);
  const uint32_t wanted = kUnsignedByte << 8 | static_cast<uint32_t>(rank);
  if (magic != wanted) {
    const bool swapped = __builtin_bswap32(magic) == wanted;
    refuse(path, {.where = " (byte 0)",
                  .fact = swapped ? "an IDX file with its bytes in the wrong order" : "not an IDX file of this kind",
                  .found = fmt::format("0x{:08X}", magic),
                  .expected = fmt::format("0x{:08X} (bytes, {} dimension{})", wanted, rank, rank == 1 ? "" : "s")});
  }
  std::array<int64_t, 4> extents{};
  for (int i = 0; i < rank; ++i) {
    extents[static_cast<size_t>(i)] = read_big_endian(source, path, 4 + 4 * i);
    if (extents[static_cast<size_t>(i)] == 0) {
      refuse(path, {.where = fmt::format(" (byte {})", 4 + 4 * i),
                    .fact = fmt::format("dimension {} is 0", i + 1),
                    .expected = "rows"});
    }
  }
  return Shape(std::span(extents).first(static_cast<size_t>(rank)));
}

std::optional<int64_t> product(const Shape& shape) {
  std::optional<int64_t> elements = 1;
  for (int64_t extent : shape) {
    if (elements) elements = checked_mul(*elements, extent);
  }
  return elements;
}

void check_size(const DataFile& file, const Path& path, const Shape& shape, int64_t header_bytes) {
  const auto declared = product(shape);
  const int64_t held = file.file_bytes() - header_bytes;
  const bool fits =
      declared && (file.is_packed() ? *declared / kMostInflation <= file.file_bytes() : *declared == held);
  if (fits) return;
  refuse(path, {.fact = fmt::format("the dimensions {} don't go with the file's size", to_string(shape)),
                .found = file.is_packed() ? fmt::format("{} bytes packed", with_thousands(file.file_bytes()))
                                          : fmt::format("{} bytes after the header", with_thousands(held)),
                .expected = declared ? with_thousands(*declared) : "a product below 2^63"});
}

Path first_that_exists(const Path& folder, const std::array<std::string, 4>& names) {
  for (const std::string& name : names) {
    FileInfo info;
    if (file_system().info(folder / name, info).ok() && info.type != FileType::Missing) return folder / name;
  }
  return {};
}

}  // namespace

IdxPaths find_idx_files(const Path& folder, const std::string& part) {
  const auto names = [&](const std::string& what) { return std::array{part + "-" + what, part + "-" + what + ".gz"}; };
  const auto find = [&](const std::string& kind, const std::string& suffix) {
    const auto dash = names(kind + "-" + suffix);
    const auto dot = names(kind + "." + suffix);
    return first_that_exists(folder, {dash[0], dash[1], dot[0], dot[1]});
  };
  return {.images = find("images", "idx3-ubyte"), .labels = find("labels", "idx1-ubyte")};
}

Tensor read_idx(const Path& path, int rank, uint64_t& fingerprint) {
  DataFile file(path);
  const Shape shape = read_shape(file, path, rank);
  const int64_t header_bytes = 4 + 4 * rank;
  check_size(file, path, shape, header_bytes);
  Tensor tensor(DType::U8, shape);
  const auto bytes = tensor.bytes().first(static_cast<size_t>(shape.elements()));
  const int64_t done = read_fully(file, bytes);
  std::array<std::byte, 1> beyond{};
  if (done != shape.elements() || read_fully(file, beyond) != 0) {
    refuse(path, {.where = fmt::format(" (byte {})", header_bytes + done),
                  .fact = done != shape.elements() ? "the data are cut off" : "bytes follow the data",
                  .expected = fmt::format("{} bytes, by the dimensions {}", with_thousands(shape.elements()),
                                          to_string(shape))});
  }
  fingerprint = file.fingerprint();
  return tensor;
}

}  // namespace redbud
