#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

namespace redbud {

inline std::optional<int64_t> checked_mul(int64_t a, int64_t b) {
  int64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) return std::nullopt;
  return product;
}
inline std::optional<int64_t> checked_add(int64_t a, int64_t b) {
  int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) return std::nullopt;
  return sum;
}

template <class T>
std::span<const std::byte> as_bytes(std::span<const T> values) {
  return std::as_bytes(values);
}
inline std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}
inline std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// A cursor over bytes that never reads past their end: each read says whether it was possible.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  int64_t offset() const { return offset_; }
  int64_t remaining() const { return static_cast<int64_t>(bytes_.size()) - offset_; }

  std::optional<std::span<const std::byte>> take(int64_t count) {
    if (count < 0 || count > remaining()) return std::nullopt;
    auto part = bytes_.subspan(static_cast<size_t>(offset_), static_cast<size_t>(count));
    offset_ += count;
    return part;
  }

  /// A number stored with its least significant byte first.
  template <class T>
  std::optional<T> little_endian() {
    static_assert(std::is_trivially_copyable_v<T>);
    const auto part = take(sizeof(T));
    if (!part) return std::nullopt;
    T value;
    std::memcpy(&value, part->data(), sizeof(T));
    return value;
  }

  /// An unsigned 32-bit number stored with its most significant byte first.
  std::optional<uint32_t> big_endian_u32() {
    const auto part = take(4);
    if (!part) return std::nullopt;
    uint32_t value = 0;
    for (std::byte b : *part) value = value << 8 | static_cast<uint32_t>(b);
    return value;
  }

 private:
  std::span<const std::byte> bytes_;
  int64_t offset_ = 0;
};

}  // namespace redbud
