// .npy and .npz files.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <utility>

#include "redbud/core/text.h"
#include "redbud/data/read_arrays.h"
#include "redbud/data/sources/byte_source.h"
#include "redbud/data/sources/numpy_file.h"

namespace redbud {
namespace {

constexpr size_t kMostIntegerClasses = 20;
constexpr size_t kMostClasses = 1000;
constexpr std::array kNpyMagic = {std::byte{0x93}, std::byte{'N'}, std::byte{'U'},
                                  std::byte{'M'},  std::byte{'P'}, std::byte{'Y'}};
constexpr std::array kZipMagic = {std::byte{'P'}, std::byte{'K'}};

Shape sample_shape(const Tensor& inputs) { return Shape(std::span(inputs.shape().begin() + 1, inputs.shape().end())); }

/// The distinct values, sorted; empty where there are more than `most`, or one that is no integer and only integers may
/// be classes.
std::vector<double> class_values(const std::vector<double>& targets, size_t most, bool integers_only) {
  std::map<double, int64_t> counts;
  for (double value : targets) {
    if (std::isnan(value)) continue;
    if (integers_only && value != std::floor(value)) return {};
    ++counts[value + 0.0];
    if (counts.size() > most) return {};
  }
  std::vector<double> values;
  for (const auto& [value, count] : counts) values.push_back(value);
  return values;
}

Task decide_task(Task wanted, int64_t target_count, const std::vector<double>& classes) {
  if (wanted == Task::Classification && target_count > 1) return Task::MultiLabel;
  if (wanted != Task::Auto) return wanted;
  return target_count == 1 && !classes.empty() ? Task::Classification : Task::Regression;
}

void set_targets(const NumpyRows& rows, const ReadOptions& options, const std::string& name, Schema& schema,
                 ArrayData& arrays) {
  const bool asked = options.task == Task::Classification;
  const std::vector<double> values =
      rows.target_count == 1 ? class_values(rows.targets, asked ? kMostClasses : kMostIntegerClasses, !asked)
                             : std::vector<double>();
  schema.task = decide_task(options.task, rows.target_count, values);
  for (int64_t i = 0; i < rows.target_count; ++i)
    schema.target_names.push_back(rows.target_count == 1 ? "y" : fmt::format("y{}", i));
  if (schema.task == Task::MultiLabel) check_labels(rows, name);
  if (schema.task != Task::Classification) {
    arrays.numbers = Tensor(DType::F32, Shape{rows.inputs.shape()[0], rows.target_count});
    std::transform(rows.targets.begin(), rows.targets.end(), arrays.numbers.values<float>().begin(),
                   [](double v) { return static_cast<float>(v); });
    return;
  }
  if (values.size() < 2) {
    throw Error(ErrorKind::Data,
                {.where = name,
                 .fact = values.size() == 1 ? "the targets are one class only" : "the targets are no classes",
                 .found = values.size() == 1 ? format_number(values[0])
                                             : fmt::format("{} targets a row, or more than {} values",
                                                           rows.target_count, kMostClasses),
                 .expected = "at least two classes in one column"});
  }
  for (double value : values) schema.classes.push_back(format_number(value));
  for (double target : rows.targets) {
    const auto found = std::lower_bound(values.begin(), values.end(), target);
    arrays.classes.push_back(std::isnan(target) ? -1 : static_cast<int32_t>(found - values.begin()));
  }
}

}  // namespace

void check_labels(const NumpyRows& rows, const std::string& name) {
  const auto is_odd = [](double v) { return !std::isnan(v) && v != 0.0 && v != 1.0; };
  const auto odd = std::find_if(rows.targets.begin(), rows.targets.end(), is_odd);
  if (odd == rows.targets.end()) return;
  const int64_t at = odd - rows.targets.begin();
  throw Error(ErrorKind::Data,
              {.where = fmt::format("{}, row {}, target {}", name, at / rows.target_count, at % rows.target_count),
               .fact = "not a label",
               .found = format_number(*odd),
               .expected = "0 or 1, as each of several targets has it",
               .hint = "a training with --task regression predicts numbers"});
}

std::vector<int64_t> rows_without_gaps(const NumpyRows& rows, const std::string& name, MissingPolicy missing,
                                       MissingTargetPolicy missing_target, ReadNotes& notes) {
  const int64_t count = rows.inputs.shape()[0];
  const int64_t width = rows.inputs.elements() / count;
  std::vector<int64_t> kept;
  for (int64_t row = 0; row < count; ++row) {
    bool keep = true;
    for (int64_t i = 0; i < width && rows.inputs.type() == DType::F32 && missing != MissingPolicy::Mean; ++i) {
      if (!std::isnan(rows.inputs.values<float>()[static_cast<size_t>(row * width + i)])) continue;
      if (missing == MissingPolicy::Error) {
        throw Error(ErrorKind::Data, {.where = fmt::format("{}, row {}, element {}", name, row, i),
                                      .fact = "a missing value",
                                      .found = "nan",
                                      .hint = "--missing mean fills it, --missing drop leaves its row out"});
      }
      keep = false;
    }
    for (int64_t i = 0; i < rows.target_count; ++i) {
      if (!std::isnan(rows.targets[static_cast<size_t>(row * rows.target_count + i)])) continue;
      if (missing_target == MissingTargetPolicy::Error) {
        throw Error(ErrorKind::Data, {.where = fmt::format("{}, row {}", name, row),
                                      .fact = "the target has no value",
                                      .found = "nan",
                                      .hint = "--missing-target drop leaves such rows out"});
      }
      keep = false;
    }
    if (keep) kept.push_back(row);
  }
  const int64_t dropped = count - static_cast<int64_t>(kept.size());
  notes.rows_left_out += dropped;
  if (dropped > 0) notes.facts.push_back(fmt::format("missing: {} rows left out", with_thousands(dropped)));
  return kept;
}

FileFormat format_of(const Path& path) {
  const FileSource file(path);
  if (file.starts_with(kNpyMagic)) return FileFormat::Npy;
  return file.starts_with(kZipMagic) ? FileFormat::Npz : FileFormat::Csv;
}

Dataset read_numpy(const Path& path, const ReadOptions& options, ReadNotes& notes) {
  NumpyRows rows = read_numpy_rows(path, {.targets = options.target});
  const std::string name = path.string();
  if (rows.target_count == 0) {
    throw Error(ErrorKind::Data, {.where = name,
                                  .fact = "the file has no targets",
                                  .expected = "an array called y, Y, target, targets or labels beside the inputs"});
  }
  Schema schema;
  schema.sample_shape = sample_shape(rows.inputs);
  for (const int64_t column : rows.columns) schema.array_targets.push_back(static_cast<int>(column));
  auto arrays = std::make_shared<ArrayData>();
  set_targets(rows, options, name, schema, *arrays);
  const std::vector<int64_t> kept = rows_without_gaps(rows, name, options.missing, options.missing_target, notes);
  if (kept.size() < 2)
    throw Error(ErrorKind::Data,
                {.where = name, .fact = "fewer than two rows can be used", .expected = "at least two"});
  notes.facts.push_back(fmt::format(
      "{} rows of shape {}, {}", with_thousands(rows.inputs.shape()[0]), to_string(schema.sample_shape),
      schema.task == Task::Classification
          ? fmt::format("{} classes", schema.classes.size())
          : fmt::format("{} target {}", rows.target_count, schema.task == Task::MultiLabel ? "labels" : "numbers")));
  arrays->inputs = std::move(rows.inputs);
  Dataset data(std::move(schema), std::move(arrays));
  data.source = name;
  data.fingerprint = rows.fingerprint;
  return data.select(kept);
}

}  // namespace redbud
