#include "redbud/report/tensorboard/protobuf.h"

#include <bit>
#include <cstring>

namespace redbud {
namespace {

static_assert(std::endian::native == std::endian::little, "fixed fields are copied as they lie in memory");

enum WireType : uint32_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

uint64_t bits_of(std::string_view bytes) {
  uint64_t bits = 0;
  std::memcpy(&bits, bytes.data(), bytes.size());
  return bits;
}

}  // namespace

void ProtoWriter::varint(uint64_t value) {
  for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>((value & 0x7FU) | 0x80U);
  bytes_ += static_cast<char>(value);
}

template <class T>
void ProtoWriter::fixed(T value) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  bytes_.append(bytes, sizeof(T));
}

ProtoWriter& ProtoWriter::integer(uint32_t field, int64_t value) {
  key(field, kVarint);
  varint(static_cast<uint64_t>(value));
  return *this;
}

ProtoWriter& ProtoWriter::number(uint32_t field, double value) {
  key(field, kFixed64);
  fixed(value);
  return *this;
}

ProtoWriter& ProtoWriter::number(uint32_t field, float value) {
  key(field, kFixed32);
  fixed(value);
  return *this;
}

ProtoWriter& ProtoWriter::text(uint32_t field, std::string_view value) {
  key(field, kBytes);
  varint(value.size());
  bytes_ += value;
  return *this;
}

ProtoWriter& ProtoWriter::numbers(uint32_t field, std::span<const double> values) {
  key(field, kBytes);
  varint(values.size_bytes());
  for (const double value : values) fixed(value);
  return *this;
}

std::optional<uint64_t> ProtoReader::varint() {
  uint64_t value = 0;
  for (uint32_t shift = 0; shift < 64 && !bytes_.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes_.front());
    bytes_.remove_prefix(1);
    value |= static_cast<uint64_t>(byte & 0x7FU) << shift;
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

std::optional<std::string_view> ProtoReader::take(uint64_t count) {
  if (count > bytes_.size()) return std::nullopt;
  const std::string_view part = bytes_.substr(0, count);
  bytes_.remove_prefix(count);
  return part;
}

std::optional<ProtoField> ProtoReader::next() {
  const std::optional<uint64_t> key = varint();
  if (!key) return std::nullopt;
  ProtoField field{.number = static_cast<uint32_t>(*key >> 3)};
  const auto wire_type = static_cast<uint32_t>(*key & 7U);
  if (wire_type == kVarint) {
    const std::optional<uint64_t> value = varint();
    if (!value) return std::nullopt;
    field.value = *value;
    return field;
  }
  std::optional<uint64_t> size;
  if (wire_type == kFixed64) size = 8;
  if (wire_type == kFixed32) size = 4;
  if (wire_type == kBytes) size = varint();
  const std::optional<std::string_view> bytes = size ? take(*size) : std::nullopt;
  if (!bytes) return std::nullopt;
  field.bytes = *bytes;
  if (wire_type != kBytes) field.value = bits_of(*bytes);
  return field;
}

std::optional<ProtoField> find_field(std::string_view message, uint32_t number) {
  ProtoReader reader(message);
  while (const std::optional<ProtoField> field = reader.next()) {
    if (field->number == number) return field;
  }
  return std::nullopt;
}

}  // namespace redbud
