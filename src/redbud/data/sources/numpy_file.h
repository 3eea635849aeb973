#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "redbud/core/file.h"
#include "redbud/core/tensor.h"

namespace redbud {

/// Inputs and targets as a .npy or .npz file holds them, a row a sample.
struct NumpyRows {
  Tensor inputs = {};                 // (rows, ...) U8 where the file holds unsigned bytes, else F32 (missing: NaN)
  std::vector<double> targets = {};   // rows x target_count, row-major; NaN where missing
  int64_t target_count = 0;           // 0: the file holds none
  std::vector<int64_t> columns = {};  // of a .npy: those that are targets
  uint64_t fingerprint = 0;
};

/// What is sought in such a file.
struct NumpyWanted {
  std::vector<std::string> targets = {"-1"};  // columns of a .npy (negative: from the end)
  int64_t features = 0;                       // those of a model that is there already; 0: any
  bool targets_optional = false;              // a .npy of `features` columns has none
};

/// Reads an .npz with arrays x (or X, features, data; also x_train) and y (or Y, target, targets, labels; also
/// y_train), or a .npy whose rows are inputs and targets. All columns of an .npz' y are targets, so that `targets` can
/// only name that array. Throws  Error{Data} naming file and array
NumpyRows read_numpy_rows(const Path& path, const NumpyWanted& wanted);

}  // namespace redbud
