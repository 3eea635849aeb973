#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace redbud {

/// A number in text, whatever the locale. The grammar, after trimming blanks and tabs:
///   [+-] digits [. digits] [e [+-] digits]  |  [+-] . digits [e ...]  |  [+-] inf | infinity | nan  (any case)
/// No hexadecimal, no separators of thousands, no decimal comma. Overflow gives infinity (so 1e999 is a number),
/// underflow 0.
std::optional<double> parse_number(std::string_view text);
std::optional<int64_t> parse_integer(std::string_view text);

/// The shortest text that reads back as the same value; "nan", "inf", "-inf".
std::string format_number(float value);
std::string format_number(double value);

/// "1,234,567"
std::string with_thousands(int64_t value);
/// "1.5 MB", "312 KB" (powers of 1,000)
std::string format_bytes(int64_t bytes);

std::string_view trim(std::string_view text);  // blanks and tabs at both ends
std::vector<std::string> split(std::string_view text, char separator);
std::string to_lower(std::string_view text);  // ASCII only

/// The candidate closest to `word` by edits, if it is close enough to be meant; else "".
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

/// Where the first byte that is not valid UTF-8 stands, if any.
std::optional<size_t> find_invalid_utf8(std::string_view text);

/// A cell or name for an error message: quoted, non-printing bytes escaped, cut to 60 bytes.
std::string quote(std::string_view text);

}  // namespace redbud
