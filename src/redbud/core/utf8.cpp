// find_invalid_utf8() and quote(): text of unknown origin.
#include <fmt/format.h>

#include <cstring>

#include "redbud/core/text.h"

namespace redbud {
namespace {

constexpr size_t kQuotedBytes = 60;

/// Length of the character that starts at `text`, 0 if it is not valid (RFC 3629: shortest form, no surrogates, <=
/// U+10FFFF).
size_t character_length(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const size_t length = first >= 0xC2 && first <= 0xDF   ? 2
                        : (first & 0xF0) == 0xE0         ? 3
                        : first >= 0xF0 && first <= 0xF4 ? 4
                                                         : 0;
  if (length == 0 || length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const bool overlong = (first == 0xE0 && byte(1) < 0xA0) || (first == 0xF0 && byte(1) < 0x90);
  const bool surrogate = first == 0xED && byte(1) > 0x9F;
  const bool too_large = first == 0xF4 && byte(1) > 0x8F;
  return overlong || surrogate || too_large ? 0 : length;
}

bool is_control(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return first < 0x20 || first == 0x7F;
  return first == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0;  // U+0080 to U+009F: terminals obey them
}

std::string escaped(std::string_view bytes) {
  std::string text;
  for (char c : bytes) {
    switch (c) {
      case '\n':
        text += "\\n";
        break;
      case '\r':
        text += "\\r";
        break;
      case '\t':
        text += "\\t";
        break;
      default:
        text += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  return text;
}

}  // namespace

std::optional<size_t> find_invalid_utf8(std::string_view text) {
  constexpr uint64_t kHighBits = 0x8080808080808080;
  for (size_t i = 0; i < text.size();) {
    uint64_t eight = 0;
    if (i + sizeof eight <= text.size()) {
      std::memcpy(&eight, text.data() + i, sizeof eight);
      if ((eight & kHighBits) == 0) {  // eight ASCII characters at once
        i += sizeof eight;
        continue;
      }
    }
    const size_t length = character_length(text.substr(i));
    if (length == 0) return i;
    i += length;
  }
  return std::nullopt;
}

std::string quote(std::string_view text) {
  std::string quoted = "\"";
  size_t i = 0;
  while (i < text.size()) {
    const size_t length = character_length(text.substr(i));
    const std::string_view character = text.substr(i, length == 0 ? 1 : length);
    if (i + character.size() > kQuotedBytes) break;
    if (length == 0 || is_control(character)) {
      quoted += escaped(character);
    } else {
      if (character == "\"" || character == "\\") quoted += '\\';
      quoted += character;
    }
    i += character.size();
  }
  return quoted + (i < text.size() ? "...\"" : "\"");
}

}  // namespace redbud
