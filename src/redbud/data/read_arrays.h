#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "redbud/data/dataset.h"
#include "redbud/data/read.h"
#include "redbud/data/sources/numpy_file.h"

namespace redbud {

/// The pictures and labels of a part ("train" or "t10k") of a folder of IDX files.
struct IdxRows {
  std::string file = {};  // of the pictures
  Tensor images = {};     // (rows, height, width) U8
  std::vector<int32_t> labels = {};
  uint64_t fingerprint = 0;
};
IdxRows read_idx_rows(const Path& folder, const std::string& part, bool with_labels);

/// The part ("train" or "t10k") of a folder of IDX files: pictures as bytes, labels as classes "0", "1", ...
Dataset read_idx_folder(const Path& folder, const std::string& part, ReadNotes& notes);

/// Whether `folder` holds the images of that part.
bool has_idx_files(const Path& folder, const std::string& part);

/// A .npy or .npz file: rows of x, and targets by name or in the last columns.
Dataset read_numpy(const Path& path, const ReadOptions& options, ReadNotes& notes);

/// Throws  Error{Data} with the row of a target that is neither 0 nor 1
void check_labels(const NumpyRows& rows, const std::string& name);

/// The rows that the policies keep. Throws Error{Data} with the row of a gap that they refuse.
std::vector<int64_t> rows_without_gaps(const NumpyRows& rows, const std::string& name, MissingPolicy missing,
                                       MissingTargetPolicy missing_target, ReadNotes& notes);

/// How a file is told apart: by its content, not by its name.
enum class FileFormat { Csv, Npy, Npz };
FileFormat format_of(const Path& path);

}  // namespace redbud
