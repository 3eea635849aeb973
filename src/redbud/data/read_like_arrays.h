#pragma once
#include "redbud/data/recipe.h"

namespace redbud {

/// read_like for recipes of pictures and arrays: a folder of IDX files (t10k-* if it has them, else train-*), .npy or
/// .npz.
Dataset read_arrays_like(const Path& path, const Recipe& recipe, bool with_target, const ReadOptions& options,
                         ReadNotes& notes);

}  // namespace redbud
