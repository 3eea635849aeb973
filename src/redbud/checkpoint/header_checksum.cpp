#include "redbud/checkpoint/header_checksum.h"

#include "redbud/core/bytes.h"
#include "redbud/core/checksum.h"
#include "redbud/core/error.h"

namespace redbud {
namespace {

constexpr size_t kDigits = kNoChecksum.size();

/// Where the digits stand. Within a JSON string quotes are escaped, so this text can only be the key itself.
std::optional<size_t> find_digits(std::string_view head) {
  const std::string field = "\"" + std::string(kHeaderChecksum) + "\":\"";
  const size_t at = head.find(field);
  if (at == std::string_view::npos || head.size() - at - field.size() < kDigits) return std::nullopt;
  return at + field.size();
}

uint64_t checksum_without(std::string_view head, size_t digits) {
  Checksum sum;
  sum.update(as_bytes(head.substr(0, digits)));
  sum.update(as_bytes(kNoChecksum));
  sum.update(as_bytes(head.substr(digits + kDigits)));
  return sum.value();
}

}  // namespace

void set_header_checksum(std::string& head) {
  const auto digits = find_digits(head);
  RB_ASSERT(digits.has_value());
  head.replace(*digits, kDigits, to_hex(checksum_without(head, *digits)));
}

std::optional<bool> header_checksum_is_right(std::span<const std::byte> head) {
  const std::string_view text = as_text(head);
  const auto digits = find_digits(text);
  if (!digits) return std::nullopt;
  return text.substr(*digits, kDigits) == to_hex(checksum_without(text, *digits));
}

}  // namespace redbud
