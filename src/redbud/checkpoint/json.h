#pragma once
#include <string>
#include <string_view>

#include "redbud/core/config_value.h"
#include "redbud/core/error.h"

namespace redbud {

/// A configuration as JSON on one line. Numbers read back as the same value and type (1.0 stays a real number); NaN and
/// infinities, which JSON lacks, become null; bytes that are not UTF-8 become U+FFFD.
std::string to_json(const ConfigValue& value);

/// What is allowed in JSON that comes from a file.
struct JsonLimits {
  std::string where;  // for messages
  ErrorKind kind = ErrorKind::Model;
  int depth = 64;  // of nested tables and lists
};

/// Throws  Error{limits.kind} with the byte offset: not JSON, a key twice in one object, too deep
ConfigValue parse_json(std::string_view text, const JsonLimits& limits);

}  // namespace redbud
