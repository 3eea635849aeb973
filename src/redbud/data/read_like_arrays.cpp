#include "redbud/data/read_like_arrays.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "redbud/core/text.h"
#include "redbud/data/read_arrays.h"
#include "redbud/data/sources/numpy_file.h"

namespace redbud {
namespace {

void check_inputs(const Tensor& inputs, const Recipe& recipe, const std::string& name) {
  const Shape found(std::span(inputs.shape().begin() + 1, inputs.shape().end()));
  const Shape& wanted = recipe.schema.sample_shape;
  if (!(found == wanted)) {
    throw Error(ErrorKind::Data, {.where = name,
                                  .fact = "rows of another shape than in training",
                                  .found = to_string(found),
                                  .expected = to_string(wanted)});
  }
}

/// A model of bytes takes numbers from 0 to 255, too; numbers from 0 to 1 are most likely scaled already.
void warn_of_scale(const Tensor& inputs, const Recipe& recipe, ReadNotes& notes) {
  const bool of_bytes = recipe.inputs.empty() && recipe.pixel_mean == 0.0 && recipe.pixel_scale == 1.0 / 255;
  if (!of_bytes || inputs.type() != DType::F32) return;
  const auto values = inputs.values<float>();
  if (std::any_of(values.begin(), values.end(), [](float v) { return v > 1; })) return;
  notes.warnings.push_back(
      "no input is above 1, but the model was trained on bytes from 0 to 255: are they scaled already?");
}

int32_t class_index(const Recipe& recipe, const std::string& label, int64_t row, const std::string& name) {
  const auto& classes = recipe.schema.classes;
  const auto known = std::find(classes.begin(), classes.end(), label);
  if (known != classes.end()) return static_cast<int32_t>(known - classes.begin());
  throw Error(ErrorKind::Data, {.where = fmt::format("{}, row {}", name, row),
                                .fact = "a label that training never met",
                                .found = label,
                                .expected = fmt::format("one of the {} classes {} to {}", classes.size(),
                                                        classes.front(), classes.back())});
}

Dataset finish(const Recipe& recipe, ArrayData arrays, const std::string& name, uint64_t fingerprint) {
  Schema schema = recipe.schema;
  Dataset data(std::move(schema), std::make_shared<const ArrayData>(std::move(arrays)));
  data.source = name;
  data.fingerprint = fingerprint;
  return data;
}

Dataset read_folder_like(const Path& path, const Recipe& recipe, bool with_target, ReadNotes& notes) {
  const bool has_test = has_idx_files(path, "t10k");
  IdxRows rows = read_idx_rows(path, has_test ? "t10k" : "train", with_target);
  const std::string name = path.string();
  check_inputs(rows.images, recipe, name);
  if (with_target && recipe.schema.classes.empty()) {
    throw Error(ErrorKind::Data, {.where = name, .fact = "labels of classes, but the model predicts numbers"});
  }
  notes.facts.push_back(fmt::format("{}: {} pictures", rows.file, with_thousands(rows.images.shape()[0])));
  ArrayData arrays;
  for (int32_t label : rows.labels) {
    const auto row = static_cast<int64_t>(arrays.classes.size());
    arrays.classes.push_back(class_index(recipe, std::to_string(label), row, name));
  }
  arrays.inputs = std::move(rows.images);
  return finish(recipe, std::move(arrays), name, rows.fingerprint);
}

void set_targets(const NumpyRows& rows, const Recipe& recipe, const std::string& name, ArrayData& arrays) {
  if (recipe.schema.task == Task::Classification) {
    for (double target : rows.targets) {
      const auto row = static_cast<int64_t>(arrays.classes.size());
      arrays.classes.push_back(std::isnan(target) ? -1 : class_index(recipe, format_number(target + 0.0), row, name));
    }
    return;
  }
  if (recipe.schema.task == Task::MultiLabel) check_labels(rows, name);
  arrays.numbers = Tensor(DType::F32, Shape{rows.inputs.shape()[0], rows.target_count});
  std::transform(rows.targets.begin(), rows.targets.end(), arrays.numbers.values<float>().begin(),
                 [](double v) { return static_cast<float>(v); });
}

/// Those of the .npy that was learned from; of another file the last ones.
std::vector<std::string> target_columns(const Schema& schema) {
  std::vector<std::string> columns;
  for (const int column : schema.array_targets) columns.push_back(std::to_string(column));
  if (!columns.empty()) return columns;
  const size_t count = std::max<size_t>(1, schema.target_names.size());
  for (size_t i = count; i > 0; --i) columns.push_back("-" + std::to_string(i));
  return columns;
}

Dataset read_numpy_like(const Path& path, const Recipe& recipe, bool with_target, const ReadOptions& options,
                        ReadNotes& notes) {
  NumpyRows rows = read_numpy_rows(path, {.targets = target_columns(recipe.schema),
                                          .features = recipe.schema.features(),
                                          .targets_optional = !with_target});
  const std::string name = path.string();
  check_inputs(rows.inputs, recipe, name);
  const auto wanted = static_cast<int64_t>(recipe.schema.target_names.size());
  if (with_target && rows.target_count != wanted) {
    throw Error(ErrorKind::Data, {.where = name,
                                  .fact = fmt::format("{} targets a row", rows.target_count),
                                  .expected = std::to_string(wanted)});
  }
  if (!with_target) {
    rows.targets.clear();
    rows.target_count = 0;
  }
  // Without a target every row gets its prediction: those with gaps as if they were filled.
  const MissingPolicy missing =
      !with_target && recipe.missing == MissingPolicy::Drop ? MissingPolicy::Mean : recipe.missing;
  const std::vector<int64_t> kept = rows_without_gaps(rows, name, missing, options.missing_target, notes);
  warn_of_scale(rows.inputs, recipe, notes);
  ArrayData arrays;
  if (with_target) set_targets(rows, recipe, name, arrays);
  const uint64_t fingerprint = rows.fingerprint;
  arrays.inputs = std::move(rows.inputs);
  return finish(recipe, std::move(arrays), name, fingerprint).select(kept);
}

}  // namespace

Dataset read_arrays_like(const Path& path, const Recipe& recipe, bool with_target, const ReadOptions& options,
                         ReadNotes& notes) {
  FileInfo info;
  if (file_system().info(path, info).ok() && info.type == FileType::Folder)
    return read_folder_like(path, recipe, with_target, notes);
  if (format_of(path) == FileFormat::Csv) {
    throw Error(ErrorKind::Data, {.where = path.string(),
                                  .fact = "a text file, but the model was trained on arrays",
                                  .found = to_string(recipe.schema.sample_shape),
                                  .expected = "a folder of IDX files, .npy or .npz"});
  }
  return read_numpy_like(path, recipe, with_target, options, notes);
}

}  // namespace redbud
