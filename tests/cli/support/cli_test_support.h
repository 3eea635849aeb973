#pragma once
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "process.h"
#include "redbud/core/config_value.h"
#include "redbud/testing/core/data_folder.h"
#include "redbud/testing/core/sanitizer.h"
#include "redbud/testing/core/temp_folder.h"

namespace redbud {

/// The digits of the repository: 1,797 rows of 64 pixels, target `digit`.
Path digits();

/// A table of some hundred rows that trains in a moment: numbers a and b, category c, classes yes and no.
std::string small_table(int rows = 200);

/// `redbud train` on a table that is written to `folder`; the run goes to folder/run.
std::vector<std::string> small_training(const TempFolder& folder, std::vector<std::string> more = {});

/// The contract of every failure: nothing on stdout, one line `redbud: error: ...` on stderr that holds all of `parts`,
/// this exit code.
::testing::AssertionResult fails(const Outcome& outcome, int exit_code, const std::vector<std::string>& parts);

/// Ended well: exit code 0.
::testing::AssertionResult succeeds(const Outcome& outcome);

/// The last line of stdout as JSON.
ConfigValue last_record(const Outcome& outcome);

/// The bytes of the tensors of a model file, without its metadata.
std::string weights_of(const Path& model_file);

/// Whether a program is installed; a test that needs it fails in CI and is skipped elsewhere.
bool has_program(const std::string& name);

}  // namespace redbud
