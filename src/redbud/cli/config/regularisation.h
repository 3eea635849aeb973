#pragma once
#include <string>
#include <vector>

#include "redbud/core/config_value.h"

namespace redbud::cli {

/// Looks at what a filled tree says of normalisation and dropout, before any data is read.
/// Appends one line for each pair that is legal but doubtful. Throws  Error{Usage} for one that is nonsense, naming the
/// key, its value and its place: both norms, batch norm with batches of one row, alpha dropout above an activation that
/// is never negative
void check_regularisation(const ConfigValue& tree, std::vector<std::string>& warnings);

}  // namespace redbud::cli
