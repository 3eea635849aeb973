#pragma once
#include <memory>
#include <string>
#include <vector>

#include "redbud/data/batch.h"
#include "redbud/data/dataset.h"
#include "redbud/data/sources/csv_table.h"

namespace redbud {

/// Throws  Error{Data} with line and column: a weight that is no number, missing, negative; all of them 0
void check_weights(const RawColumn& raw, const RawTable& table, const std::string& name, const std::string& file);

/// Weights by which all classes count alike, as scikit-learn has them: w[c] = rows / (classes * rows of class c), of
/// the classes that occur; 1 for the others.
std::vector<double> balanced_class_weights(const Dataset& train);

/// Rows whose weights are multiplied by that of their class.
std::unique_ptr<SampleSource> with_class_weights(std::unique_ptr<SampleSource> rows,
                                                 const std::vector<double>& weights);

}  // namespace redbud
