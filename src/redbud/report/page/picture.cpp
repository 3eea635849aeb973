#include "redbud/report/page/picture.h"

namespace redbud::page {
namespace {

constexpr int64_t kMostExtent = 1024;
constexpr int64_t kHeaderBytes = 14 + 40 + 16 * 4;  // of the file, of the picture, of 16 colours

void append(std::string& out, int64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xFF);
}

/// Least significant byte first; a height above 0 means that rows come from the bottom.
std::string header(int64_t height, int64_t width, int64_t pixel_bytes) {
  std::string out = "BM";
  append(out, kHeaderBytes + pixel_bytes, 4);
  append(out, 0, 4);
  append(out, kHeaderBytes, 4);
  append(out, 40, 4);
  append(out, width, 4);
  append(out, height, 4);
  append(out, 1, 2);  // planes
  append(out, 4, 2);  // bits a pixel
  append(out, 0, 4);  // not compressed
  append(out, pixel_bytes, 4);
  append(out, 0, 8);  // pixels a metre
  append(out, 16, 4);
  append(out, 0, 4);
  for (int64_t level = 0; level < 16; ++level) append(out, level * 0x111111, 4);
  return out;
}

int level_of(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

}  // namespace

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    for (size_t k = 0; k < 3; ++k)
      group = group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (size_t k = 0; k < 4; ++k) out += i + k <= bytes.size() ? kDigits[group >> (18 - 6 * k) & 63U] : '=';
  }
  return out;
}

std::string picture_uri(int64_t height, int64_t width, std::string_view levels) {
  if (height < 1 || width < 1 || height > kMostExtent || width > kMostExtent) return "";
  if (static_cast<int64_t>(levels.size()) != height * width) return "";
  const int64_t row_bytes = (width + 7) / 8 * 4;  // whole groups of four bytes
  std::string file = header(height, width, row_bytes * height);
  for (int64_t row = height; row-- > 0;) {
    std::string line(static_cast<size_t>(row_bytes), '\0');
    for (int64_t column = 0; column < width; ++column) {
      const int level = level_of(levels[static_cast<size_t>(row * width + column)]);
      if (level < 0) return "";
      char& byte = line[static_cast<size_t>(column / 2)];
      byte = static_cast<char>(byte | (column % 2 == 0 ? level << 4 : level));
    }
    file += line;
  }
  return "data:image/bmp;base64," + base64(file);
}

}  // namespace redbud::page
