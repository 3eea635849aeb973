#include "redbud/data/schema.h"

#include <algorithm>

namespace redbud {

bool Schema::is_target(int column) const { return std::find(targets.begin(), targets.end(), column) != targets.end(); }

int64_t Schema::features() const {
  if (columns.empty()) return sample_shape.elements();
  int64_t count = 0;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (!is_target(static_cast<int>(i))) count += columns[i].features();
  }
  return count;
}

int64_t Schema::outputs() const {
  return static_cast<int64_t>(task == Task::Classification ? classes.size() : target_names.size());
}

int64_t Column::features() const {
  switch (type) {
    case ColumnType::Number:
    case ColumnType::Boolean:
      return 1;
    case ColumnType::Category:
      return static_cast<int64_t>(levels.size());
    case ColumnType::LeftOut:
      break;
  }
  return 0;
}

}  // namespace redbud
