#pragma once
#include <string>

#include "redbud/core/file.h"
#include "redbud/core/tensor.h"

namespace redbud {

/// The files of one part of an MNIST-like folder: train-images-idx3-ubyte and train-labels-idx1-ubyte, also with '.'
/// for the '-' before "idx", each plain or .gz.
struct IdxPaths {
  Path images = {};
  Path labels = {};
};

/// Finds "train" or "t10k" in the folder; empty paths for files that are not there.
IdxPaths find_idx_files(const Path& folder, const std::string& part);

/// An IDX file of bytes (plain or gzip) of the given rank; `fingerprint` becomes the XXH3 of the file.
/// Throws  Error{Data} with the offset: wrong magic, dimensions that the file's size doesn't bear out
Tensor read_idx(const Path& path, int rank, uint64_t& fingerprint);

}  // namespace redbud
