#pragma once
#include <functional>
#include <string>
#include <vector>

#include "redbud/core/file.h"
#include "redbud/data/dataset.h"

namespace redbud {

enum class HeaderMode { Auto, Yes, No };
enum class MissingPolicy { Error, Mean, Drop };
enum class MissingTargetPolicy { Error, Drop, Unlabelled };

/// How data is read; the values are the defaults of the run file's [data].
struct ReadOptions {
  std::vector<std::string> target = {"-1"};  // names or 0-based numbers; "-1" = last
  Task task = Task::Auto;
  HeaderMode header = HeaderMode::Auto;
  MissingPolicy missing = MissingPolicy::Mean;
  MissingTargetPolicy missing_target = MissingTargetPolicy::Error;
  std::vector<std::string> ignore = {};
  std::string sample_weight = {};  // the column of the rows' weights in the loss; "" = none. Tables alone have one
  bool skip_bad_rows = false;
  Path rejects = {};  // where rows left out go, if skip_bad_rows; "" = nowhere
};

/// What reading has to say: what was guessed and why, warnings (leaks, constant columns), rows left out.
struct ReadNotes {
  std::vector<std::string> facts = {};     // "separator ',' · header: yes, because ...", one line a column, ...
  std::vector<std::string> warnings = {};  // "column alive: predicts survived perfectly; ..."
  std::vector<std::string> rejects = {};   // "line 62: 2 fields, expected 3", one a row that can't be read
  int64_t rows_left_out = 0;
};

/// Reads a CSV file (plain or .gz), a folder of IDX files (train-*), .npy or .npz, as their content says.
/// Throws  Error{Data} with file, line, column
Dataset read_data(const Path& path, const ReadOptions& options = {}, ReadNotes* notes = nullptr);

/// The t10k-* files of a folder of IDX files, where it has them (nullopt: it isn't such a folder).
bool has_idx_test_files(const Path& folder);
Dataset read_idx_test_files(const Path& folder, const ReadOptions& options = {}, ReadNotes* notes = nullptr);

/// The ten-line program's reader.
struct TableOptions {
  std::string target = "-1";
  ReadOptions more = {};
};
Dataset read_table(const Path& path, const TableOptions& options = {});

/// Rows from memory. `x` (rows, features) row-major; `y` class indices in [0, classes.size()) or numbers (rows,
/// targets).
Dataset from_arrays(std::span<const float> x, int64_t rows, std::span<const int32_t> y,
                    std::vector<std::string> classes);
Dataset from_arrays(std::span<const float> x, int64_t rows, std::span<const float> y);

}  // namespace redbud
