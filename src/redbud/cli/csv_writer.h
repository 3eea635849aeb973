#pragma once
#include <string>
#include <string_view>

namespace redbud::cli {

/// A field of a CSV line by RFC 4180: quoted where it holds a comma, a quote, a line end, or blanks at an end.
std::string csv_field(std::string_view text);

}  // namespace redbud::cli
