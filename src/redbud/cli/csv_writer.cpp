#include "redbud/cli/csv_writer.h"

#include "redbud/core/text.h"

namespace redbud::cli {

std::string csv_field(std::string_view text) {
  const bool has_blank_end = trim(text).size() != text.size();
  if (!text.empty() && !has_blank_end && text.find_first_of(",\"\r\n") == std::string_view::npos)
    return std::string(text);
  std::string out = "\"";
  for (char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

}  // namespace redbud::cli
