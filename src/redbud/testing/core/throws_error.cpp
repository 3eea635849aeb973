#include "redbud/testing/core/throws_error.h"

namespace redbud {

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::Usage:
      return "Usage";
    case ErrorKind::Data:
      return "Data";
    case ErrorKind::Model:
      return "Model";
    case ErrorKind::Diverged:
      return "Diverged";
    case ErrorKind::Environment:
      return "Environment";
    case ErrorKind::Verification:
      return "Verification";
    case ErrorKind::Internal:
      break;
  }
  return "Internal";
}

namespace detail {

::testing::AssertionResult compare_error(const Error& error, ErrorKind kind, std::string_view text_part) {
  const std::string line = error.what();
  if (error.kind() == kind && line.find(text_part) != std::string::npos) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "the error is " << to_string(error.kind()) << ": " << line << "\nexpected "
                                       << to_string(kind) << " with: " << text_part;
}

}  // namespace detail
}  // namespace redbud
