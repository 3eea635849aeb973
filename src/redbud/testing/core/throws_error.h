#pragma once
#include <gtest/gtest.h>

#include <exception>
#include <string>
#include <string_view>

#include "redbud/core/error.h"

namespace redbud {

namespace detail {
::testing::AssertionResult compare_error(const Error& error, ErrorKind kind, std::string_view text_part);
}

/// The name of the enumerator: "Data".
std::string_view to_string(ErrorKind kind);

/// Whether f() throws an Error of this kind whose one line contains `text_part`.
template <class F>
::testing::AssertionResult throws_error(F&& f, ErrorKind kind, std::string_view text_part) {
  try {
    f();
  } catch (const Error& error) {
    return detail::compare_error(error, kind, text_part);
  } catch (const std::exception& other) {
    return ::testing::AssertionFailure() << "it threw something else: " << other.what();
  }
  return ::testing::AssertionFailure() << "nothing was thrown";
}

}  // namespace redbud
