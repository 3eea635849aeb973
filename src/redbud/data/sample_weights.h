#pragma once
#include <string>

#include "redbud/data/sources/csv_table.h"

namespace redbud {

/// Throws  Error{Data} with line and column: a weight that is no number, missing, negative; all of them 0
void check_weights(const RawColumn& raw, const RawTable& table, const std::string& name, const std::string& file);

}  // namespace redbud
