#pragma once
#include <gtest/gtest.h>

#include <optional>

#include "redbud/core/file.h"

namespace redbud {

/// Where the data sets lie that the repository does not carry: $REDBUD_DATA, or ../shared/data beside the sources. None
/// if it is not there.
std::optional<Path> data_folder();

/// The same for a test that can't do without. Where CI=true, a missing folder is a failure of the test, never a skip.
///
///   const auto data = require_data();
///   if (!data) GTEST_SKIP() << kNoData;
std::optional<Path> require_data();

inline constexpr const char* kNoData = "the data folder is missing: set REDBUD_DATA";

}  // namespace redbud
