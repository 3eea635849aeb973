#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "redbud/core/shape.h"

namespace redbud {

enum class ColumnType { Number, Category, Boolean, LeftOut };

/// One column of a table, and why it is taken for what it is.
struct Column {
  std::string name = {};
  ColumnType type = ColumnType::Number;
  std::string reason = {};               // "32 of 32 cells are numbers", "left out: unique in every row", ...
  std::vector<std::string> levels = {};  // categories and booleans: the distinct texts, sorted (booleans: false first)
  int64_t missing = 0;                   // cells without a value

  /// Numbers that an encoded cell has: one, one a level of a category, none if left out.
  int64_t features() const;
};

/// MultiLabel: classification where several targets are 0 or 1 each.
enum class Task { Auto, Classification, Regression, MultiLabel };

/// What rows look like before they become numbers: the columns of a table, or the shape of a picture.
struct Schema {
  std::vector<Column> columns =
      {};                         // a table's, in the order of the file, targets included; empty for pixels and arrays
  std::vector<int> targets = {};  // indices into columns
  bool positional = false;        // no header: columns are x0, x1, ... and matched by position
  Shape sample_shape = {};        // pixels: (28, 28) ...; a table: (features) after encoding
  Task task = Task::Classification;            // never Auto once read
  std::vector<std::string> target_names = {};  // multi-label: of the labels
  std::vector<std::string> classes = {};  // classification: the names of the classes, in the order of their indices

  std::vector<int> array_targets = {};  // of an .npy's columns, those that are targets; empty for all other files

  int weight = -1;  // index into columns of the rows' weights, which is left out of the inputs; -1: none

  bool is_target(int column) const;
  /// Numbers that one encoded row has: one a number or boolean, one a level of a category; the elements of a picture.
  int64_t features() const;
  /// Values that a network gives for a row: one a class, or one a target number or label.
  int64_t outputs() const;
};

}  // namespace redbud
