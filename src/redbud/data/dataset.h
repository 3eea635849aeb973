#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "redbud/core/tensor.h"
#include "redbud/data/number_vector.h"
#include "redbud/data/schema.h"

namespace redbud {

/// The cells of a table by column: numbers (missing: NaN), or indices into the column's levels (missing: -1, a level
/// that training never met: -2). A target of classes has indices into Schema::classes; labels are numbers 0 and 1.
struct TableColumn {
  NumberVector numbers = {};
  std::vector<int32_t> codes = {};
};
struct Table {
  std::vector<TableColumn> columns = {};  // as in Schema::columns; those left out are empty
  int64_t rows = 0;
  std::vector<int64_t> lines = {};  // the line of the file on which each row began, for messages
};

/// Pictures or arrays, kept in the type of their file; a target a row.
struct ArrayData {
  Tensor inputs = {};                 // (rows, ...) U8 or F32
  std::vector<int32_t> classes = {};  // classification
  Tensor numbers = {};                // regression: (rows, targets) F32
};

/// Rows with a schema. Cheap to copy: the rows are shared, `selection` says which of them are meant and in which order.
class Dataset {
 public:
  Dataset() = default;
  Dataset(Schema schema, std::shared_ptr<const Table> table);
  Dataset(Schema schema, std::shared_ptr<const ArrayData> arrays);
  Dataset(std::shared_ptr<const Schema> schema, std::shared_ptr<const Table> table);

  const Schema& schema() const { return *schema_; }
  int64_t rows() const { return static_cast<int64_t>(selection_.size()); }
  std::span<const int64_t> selection() const { return selection_; }
  const Table* table() const { return table_.get(); }
  const ArrayData* arrays() const { return arrays_.get(); }

  /// Whether its rows have their targets: what prediction reads need not.
  bool has_targets() const;

  /// The given rows of this one.
  Dataset select(std::span<const int64_t> rows) const;

  /// Where it came from, for messages and fingerprints: path, size and checksum of the file.
  std::string source;
  uint64_t fingerprint = 0;

 private:
  std::shared_ptr<const Schema> schema_;
  std::shared_ptr<const Table> table_;
  std::shared_ptr<const ArrayData> arrays_;
  std::vector<int64_t> selection_;
};

}  // namespace redbud
