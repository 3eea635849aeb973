#include "redbud/data/dataset.h"

#include <numeric>
#include <utility>

#include "redbud/core/error.h"

namespace redbud {
namespace {

std::vector<int64_t> all_rows(int64_t rows) {
  std::vector<int64_t> selection(static_cast<size_t>(rows));
  std::iota(selection.begin(), selection.end(), int64_t{0});
  return selection;
}

}  // namespace

Dataset::Dataset(Schema schema, std::shared_ptr<const Table> table)
    : Dataset(std::make_shared<const Schema>(std::move(schema)), std::move(table)) {}

Dataset::Dataset(std::shared_ptr<const Schema> schema, std::shared_ptr<const Table> table)
    : schema_(std::move(schema)), table_(std::move(table)), selection_(all_rows(table_->rows)) {}

Dataset::Dataset(Schema schema, std::shared_ptr<const ArrayData> arrays)
    : schema_(std::make_shared<const Schema>(std::move(schema))),
      arrays_(std::move(arrays)),
      selection_(all_rows(arrays_->inputs.shape()[0])) {}

bool Dataset::has_targets() const {
  if (arrays_) return !arrays_->classes.empty() || arrays_->numbers.shape().rank() > 0;
  if (schema().targets.empty()) return false;
  const TableColumn& column = table_->columns[static_cast<size_t>(schema().targets[0])];
  return !column.codes.empty() || !column.numbers.empty();
}

Dataset Dataset::select(std::span<const int64_t> rows) const {
  Dataset part = *this;
  part.selection_.clear();
  part.selection_.reserve(rows.size());
  for (int64_t row : rows) {
    RB_ASSERT(row >= 0 && row < this->rows());
    part.selection_.push_back(selection_[static_cast<size_t>(row)]);
  }
  return part;
}

}  // namespace redbud
