#pragma once
#include <string>

#include "redbud/data/column_types.h"

namespace redbud {

/// Makes a target of labels 0 and 1 (missing: NaN) of a column: numbers 0 and 1, or texts that are a pair of no and
/// yes, whose levels are then kept. Throws  Error{Data} with line and column: anything else; one value only
TypedColumn type_label(RawColumn& raw, const RawTable& table, const std::string& name, const std::string& file);

/// The labels of another file's column that has the type of this one. Throws  Error{Data} as above
NumberVector labels_like(const Column& type, RawColumn& raw, const RawTable& table, const std::string& file);

}  // namespace redbud
