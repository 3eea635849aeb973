#include "redbud/data/read.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "redbud/core/text.h"
#include "redbud/data/read_arrays.h"
#include "redbud/data/read_csv.h"

namespace redbud {
namespace {

constexpr const char* kTrain = "train";
constexpr const char* kTest = "t10k";

std::shared_ptr<ArrayData> copy_inputs(std::span<const float> x, int64_t rows, Schema& schema) {
  if (rows < 1 || x.empty() || static_cast<int64_t>(x.size()) % rows != 0) {
    throw Error(ErrorKind::Data, {.where = "x", .fact = fmt::format("{} values are no {} rows", x.size(), rows)});
  }
  const int64_t width = static_cast<int64_t>(x.size()) / rows;
  for (size_t i = 0; i < x.size(); ++i) {
    if (std::isfinite(x[i])) continue;
    throw Error(ErrorKind::Data, {.where = fmt::format("x, row {}, feature {}", static_cast<int64_t>(i) / width,
                                                       static_cast<int64_t>(i) % width),
                                  .fact = "not a finite number",
                                  .found = format_number(x[i])});
  }
  auto arrays = std::make_shared<ArrayData>();
  arrays->inputs = Tensor(DType::F32, Shape{rows, width});
  std::copy(x.begin(), x.end(), arrays->inputs.values<float>().begin());
  schema.sample_shape = Shape{width};
  return arrays;
}

}  // namespace

Dataset read_data(const Path& path, const ReadOptions& options, ReadNotes* notes) {
  ReadNotes unread;
  ReadNotes& said = notes != nullptr ? *notes : unread;
  FileInfo info;
  const bool is_folder = file_system().info(path, info).ok() && info.type == FileType::Folder;
  if (!is_folder && format_of(path) == FileFormat::Csv) return read_csv(path, options, said);
  if (!options.sample_weight.empty()) {
    throw Error(ErrorKind::Data, {.where = path.string(),
                                  .fact = "arrays have no column of sample weights",
                                  .found = quote(options.sample_weight),
                                  .expected = "a CSV file"});
  }
  return is_folder ? read_idx_folder(path, kTrain, said) : read_numpy(path, options, said);
}

bool has_idx_test_files(const Path& folder) { return has_idx_files(folder, kTest); }

Dataset read_idx_test_files(const Path& folder, const ReadOptions&, ReadNotes* notes) {
  ReadNotes unread;
  return read_idx_folder(folder, kTest, notes != nullptr ? *notes : unread);
}

Dataset read_table(const Path& path, const TableOptions& options) {
  ReadOptions more = options.more;
  more.target = {options.target};
  return read_data(path, more);
}

Dataset from_arrays(std::span<const float> x, int64_t rows, std::span<const int32_t> y,
                    std::vector<std::string> classes) {
  Schema schema;
  auto arrays = copy_inputs(x, rows, schema);
  if (static_cast<int64_t>(y.size()) != rows) {
    throw Error(ErrorKind::Data, {.where = "y",
                                  .fact = "not as many targets as rows",
                                  .found = std::to_string(y.size()),
                                  .expected = std::to_string(rows)});
  }
  for (size_t i = 0; i < y.size(); ++i) {
    if (y[i] >= 0 && y[i] < static_cast<int64_t>(classes.size())) continue;
    throw Error(ErrorKind::Data, {.where = fmt::format("y, row {}", i),
                                  .fact = "not the index of a class",
                                  .found = std::to_string(y[i]),
                                  .expected = fmt::format("0 to {}", static_cast<int64_t>(classes.size()) - 1)});
  }
  arrays->classes.assign(y.begin(), y.end());
  schema.task = Task::Classification;
  schema.target_names = {"y"};
  schema.classes = std::move(classes);
  return {std::move(schema), std::move(arrays)};
}

Dataset from_arrays(std::span<const float> x, int64_t rows, std::span<const float> y) {
  Schema schema;
  auto arrays = copy_inputs(x, rows, schema);
  if (y.empty() || static_cast<int64_t>(y.size()) % rows != 0) {
    throw Error(ErrorKind::Data,
                {.where = "y", .fact = fmt::format("{} values are no targets of {} rows", y.size(), rows)});
  }
  const int64_t targets = static_cast<int64_t>(y.size()) / rows;
  for (size_t i = 0; i < y.size(); ++i) {
    if (std::isfinite(y[i])) continue;
    throw Error(ErrorKind::Data, {.where = fmt::format("y, row {}", static_cast<int64_t>(i) / targets),
                                  .fact = "not a finite number",
                                  .found = format_number(y[i])});
  }
  arrays->numbers = Tensor(DType::F32, Shape{rows, targets});
  std::copy(y.begin(), y.end(), arrays->numbers.values<float>().begin());
  schema.task = Task::Regression;
  for (int64_t i = 0; i < targets; ++i) schema.target_names.push_back(targets == 1 ? "y" : fmt::format("y{}", i));
  return {std::move(schema), std::move(arrays)};
}

}  // namespace redbud
