#include "redbud/data/sources/numpy_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "redbud/core/checksum.h"
#include "redbud/core/error.h"
#include "redbud/core/text.h"
#include "redbud/data/sources/npy.h"
#include "redbud/data/sources/zip.h"

namespace redbud {
namespace {

constexpr std::array<std::string_view, 6> kInputNames = {"x", "X", "features", "data", "x_train", "X_train"};
constexpr std::array<std::string_view, 7> kTargetNames = {"y",      "Y",       "target", "targets",
                                                          "labels", "y_train", "Y_train"};
constexpr std::string_view kSuffix = ".npy";

std::string_view key_of(const ZipEntry& entry) {
  std::string_view key = entry.name;
  if (key.ends_with(kSuffix)) key.remove_suffix(kSuffix.size());
  return key;
}

template <size_t N>
const ZipEntry* find_entry(const std::vector<ZipEntry>& entries, const std::array<std::string_view, N>& names) {
  for (std::string_view name : names) {
    const auto found =
        std::find_if(entries.begin(), entries.end(), [&](const ZipEntry& entry) { return key_of(entry) == name; });
    if (found != entries.end()) return &*found;
  }
  return nullptr;
}

Tensor inputs_of(const NpyArray& array, const std::string& name) {
  return array.is_bytes() ? to_u8(array) : to_floats(array, name);
}

std::vector<double> targets_of(const NpyArray& array, const std::string& name) {
  const Tensor values = to_floats(array, name);
  const auto span = values.values<float>();
  return {span.begin(), span.end()};
}

/// A model that is there already has said which targets it has.
void check_target_names(const NumpyWanted& wanted, std::string_view key, const std::string& name) {
  const bool by_default = wanted.targets == NumpyWanted().targets;
  if (wanted.features > 0 || by_default || wanted.targets == std::vector<std::string>{std::string(key)}) return;
  throw Error(ErrorKind::Data, {.where = name,
                                .fact = "an .npz has no columns to choose targets from",
                                .found = fmt::format("{}", fmt::join(wanted.targets, ", ")),
                                .expected = fmt::format("no target, or {}: all columns of that array", quote(key))});
}

NumpyRows read_npz(std::span<const std::byte> bytes, const NumpyWanted& wanted, const std::string& name) {
  const std::vector<ZipEntry> entries = list_zip(bytes, name);
  const ZipEntry* const x = find_entry(entries, kInputNames);
  const ZipEntry* const y = find_entry(entries, kTargetNames);
  if (x == nullptr) {
    std::string keys;
    for (size_t i = 0; i < entries.size() && i < 20; ++i) keys += (i > 0 ? ", " : "") + std::string(key_of(entries[i]));
    throw Error(ErrorKind::Data, {.where = name,
                                  .fact = "no array of inputs",
                                  .found = keys.empty() ? "no arrays" : "arrays " + keys,
                                  .expected = "one called x, X, features or data"});
  }
  NumpyRows rows;
  const std::string x_name = fmt::format("{}, array {}", name, key_of(*x));
  {
    const std::vector<std::byte> unpacked = read_zip_entry(bytes, *x, name);
    rows.inputs = inputs_of(parse_npy(unpacked, x_name), x_name);
  }
  if (y == nullptr) return rows;
  check_target_names(wanted, key_of(*y), name);
  const std::string y_name = fmt::format("{}, array {}", name, key_of(*y));
  const std::vector<std::byte> unpacked = read_zip_entry(bytes, *y, name);
  const NpyArray array = parse_npy(unpacked, y_name);
  if (array.shape[0] != rows.inputs.shape()[0] || array.shape.rank() > 2) {
    throw Error(ErrorKind::Data, {.where = y_name,
                                  .fact = fmt::format("the shape {} has not a target a row", to_string(array.shape)),
                                  .expected = fmt::format("({0}) or ({0}, targets), as {1} has {0} rows",
                                                          rows.inputs.shape()[0], key_of(*x))});
  }
  rows.target_count = array.shape.rank() == 2 ? array.shape[1] : 1;
  rows.targets = targets_of(array, y_name);
  return rows;
}

std::vector<int64_t> target_numbers(const std::vector<std::string>& wanted, int64_t columns, const std::string& name) {
  std::vector<int64_t> numbers;
  for (const std::string& text : wanted) {
    const auto number = parse_integer(text);
    const int64_t column = !number ? -1 : *number < 0 ? columns + *number : *number;
    if (column < 0 || column >= columns) {
      throw Error(ErrorKind::Data, {.where = name,
                                    .fact = "the array has no such column for the target",
                                    .found = quote(text),
                                    .expected = fmt::format("0 to {}, or -1 for the last", columns - 1)});
    }
    if (std::find(numbers.begin(), numbers.end(), column) == numbers.end()) numbers.push_back(column);
  }
  return numbers;
}

void check_columns(int64_t columns, const NumpyWanted& wanted, const std::string& name) {
  const auto targets = static_cast<int64_t>(wanted.targets.size());
  if (wanted.features == 0 || columns == wanted.features + targets) return;
  const std::string expected = fmt::format("{}: {} inputs and {} target{}", wanted.features + targets, wanted.features,
                                           targets, targets == 1 ? "" : "s");
  throw Error(ErrorKind::Data, {.where = name,
                                .fact = "rows of another width than in training",
                                .found = fmt::format("{} columns", columns),
                                .expected = expected + (wanted.targets_optional ? ", or the inputs alone" : "")});
}

NumpyRows read_npy(std::span<const std::byte> bytes, const NumpyWanted& wanted, const std::string& name) {
  const NpyArray array = parse_npy(bytes, name);
  NumpyRows rows;
  const int64_t columns = array.shape.rank() == 2 ? array.shape[1] : 0;
  if (wanted.targets_optional && (array.shape.rank() > 2 || columns == wanted.features)) {
    rows.inputs = inputs_of(array, name);
    return rows;
  }
  if (array.shape.rank() != 2 || columns < 2) {
    throw Error(ErrorKind::Data, {.where = name,
                                  .fact = "the array has no columns for inputs and targets",
                                  .found = to_string(array.shape),
                                  .expected = "(rows, columns)",
                                  .hint = "inputs of another shape go into an .npz, as x and y"});
  }
  check_columns(columns, wanted, name);
  const std::vector<int64_t> targets = target_numbers(wanted.targets, columns, name);
  rows.target_count = static_cast<int64_t>(targets.size());
  rows.columns = targets;
  if (rows.target_count == columns)
    throw Error(ErrorKind::Data, {.where = name, .fact = "every column is a target, none is left to learn from"});
  const Tensor all = to_floats(array, name);
  const auto values = all.values<float>();
  rows.inputs = Tensor(DType::F32, Shape{array.shape[0], columns - rows.target_count});
  const auto inputs = rows.inputs.values<float>();
  size_t next = 0;
  for (int64_t row = 0; row < array.shape[0]; ++row) {
    const auto line = values.subspan(static_cast<size_t>(row * columns), static_cast<size_t>(columns));
    for (int64_t target : targets) rows.targets.push_back(line[static_cast<size_t>(target)]);
    for (int64_t column = 0; column < columns; ++column) {
      if (std::find(targets.begin(), targets.end(), column) == targets.end())
        inputs[next++] = line[static_cast<size_t>(column)];
    }
  }
  return rows;
}

}  // namespace

NumpyRows read_numpy_rows(const Path& path, const NumpyWanted& wanted) {
  const std::vector<std::byte> bytes = read_file(path);
  const bool zip = bytes.size() >= 2 && bytes[0] == std::byte{'P'} && bytes[1] == std::byte{'K'};
  NumpyRows rows = zip ? read_npz(bytes, wanted, path.string()) : read_npy(bytes, wanted, path.string());
  if (rows.inputs.shape().rank() < 2) {
    throw Error(ErrorKind::Data, {.where = path.string(),
                                  .fact = "the inputs are no rows of features",
                                  .found = to_string(rows.inputs.shape()),
                                  .expected = "(rows, features) or (rows, height, width)"});
  }
  rows.fingerprint = checksum(bytes);
  return rows;
}

}  // namespace redbud
