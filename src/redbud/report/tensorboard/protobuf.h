#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace redbud {

/// A message of Protocol Buffers, built field by field.
/// Source  protobuf.dev/programming-guides/encoding
class ProtoWriter {
 public:
  ProtoWriter& integer(uint32_t field, int64_t value);
  ProtoWriter& number(uint32_t field, double value);
  ProtoWriter& number(uint32_t field, float value);
  ProtoWriter& text(uint32_t field, std::string_view value);
  ProtoWriter& message(uint32_t field, const ProtoWriter& value) { return text(field, value.bytes_); }
  /// A repeated number, packed.
  ProtoWriter& numbers(uint32_t field, std::span<const double> values);

  const std::string& bytes() const { return bytes_; }

 private:
  void varint(uint64_t value);
  void key(uint32_t field, uint32_t wire_type) { varint(uint64_t{field} << 3 | wire_type); }
  template <class T>
  void fixed(T value);

  std::string bytes_;
};

/// A field of a message as it stands in its bytes.
struct ProtoField {
  uint32_t number = 0;
  uint64_t value = 0;           // of an integer; the bits of a double or float
  std::string_view bytes = {};  // of a text, a message, packed numbers
};

/// The fields of a message, one after the other.
class ProtoReader {
 public:
  explicit ProtoReader(std::string_view bytes) : bytes_(bytes) {}
  /// Nothing at the end, and where the bytes are not such a message.
  std::optional<ProtoField> next();

 private:
  std::optional<uint64_t> varint();
  std::optional<std::string_view> take(uint64_t count);

  std::string_view bytes_;
};

/// The first field with this number.
std::optional<ProtoField> find_field(std::string_view message, uint32_t number);

}  // namespace redbud
