#include "redbud/testing/core/numpy_bytes.h"

#include <zlib.h>

#include <cstdint>

namespace redbud {
namespace {

std::string little_endian(uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> 8 * i & 0xFF);
  return text;
}

}  // namespace

std::string npy_bytes(const std::string& shape, const std::vector<float>& values) {
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + ", }";
  header.resize(117, ' ');
  header += '\n';
  std::string bytes = std::string("\x93NUMPY\x01\x00", 8) + little_endian(header.size(), 2) + header;
  bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
  return bytes;
}

std::string npz_bytes(const std::vector<std::pair<std::string, std::string>>& arrays) {
  std::string archive, directory;
  for (const auto& [key, bytes] : arrays) {
    const std::string name = key + ".npy";
    const uint64_t sum = crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size()));
    // Version, flags, method (stored), time; then the checksum and both sizes.
    const std::string common = little_endian(20, 2) + little_endian(0, 8) + little_endian(sum, 4) +
                               little_endian(bytes.size(), 4) + little_endian(bytes.size(), 4) +
                               little_endian(name.size(), 2) + little_endian(0, 2);
    directory += "PK\1\2" + little_endian(20, 2) + common + little_endian(0, 8) + little_endian(0, 2) +
                 little_endian(archive.size(), 4) + name;
    archive += "PK\3\4" + common + name + bytes;
  }
  const uint64_t count = arrays.size();
  return archive + directory + "PK\5\6" + little_endian(0, 4) + little_endian(count, 2) + little_endian(count, 2) +
         little_endian(directory.size(), 4) + little_endian(archive.size(), 4) + little_endian(0, 2);
}

}  // namespace redbud
