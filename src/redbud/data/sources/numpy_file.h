#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "redbud/core/file.h"
#include "redbud/core/tensor.h"

namespace redbud {

/// Inputs and targets as a .npy or .npz file holds them, a row a sample.
struct NumpyRows {
  Tensor inputs = {};                // (rows, ...) U8 where the file holds unsigned bytes, else F32 (missing: NaN)
  std::vector<double> targets = {};  // rows x target_count, row-major; NaN where missing
  int64_t target_count = 0;          // 0: the file holds none
  uint64_t fingerprint = 0;
};

/// Reads an .npz with arrays x (or X, features, data; also x_train) and y (or Y, target, targets, labels; also
/// y_train), or a .npy whose rows are inputs and targets. For a .npy, `target_columns` are the columns that are targets
/// (negative: from the end); with `targets_optional` a file of `features` columns has none. Throws  Error{Data} naming
/// file and array
NumpyRows read_numpy_rows(const Path& path, const std::vector<std::string>& target_columns, bool targets_optional,
                          int64_t features);

}  // namespace redbud
