#pragma once
#include <string>
#include <vector>

#include "redbud/data/column_types.h"
#include "redbud/data/read.h"

namespace redbud {

/// The column that a name or a 0-based number (negative: from the end) means.
/// Throws  Error{Data} listing the columns, the nearest name first
int find_column(const std::string& wanted, const std::vector<std::string>& names, bool header, const std::string& file,
                const std::string& what);

/// Decides the task of a target column and makes its cells class indices (missing: -1) or numbers (NaN); sets the
/// schema's task and classes. Throws  Error{Data}: texts where numbers are asked for, too many classes, a label that is
/// no integer among those that are
TypedColumn type_target(RawColumn& raw, const RawTable& table, const std::string& name, const std::string& file,
                        Schema& schema);

/// Several targets are numbers, all of them.
TypedColumn type_number_target(RawColumn& raw, const RawTable& table, const std::string& name, const std::string& file);

}  // namespace redbud
