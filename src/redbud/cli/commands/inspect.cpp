// redbud inspect FILE: what a model file holds.
#include <fmt/format.h>

#include <cmath>

#include "redbud/checkpoint/json.h"
#include "redbud/checkpoint/model_file.h"
#include "redbud/cli/commands/commands.h"
#include "redbud/cli/config/toml.h"
#include "redbud/cli/run/run_folder.h"
#include "redbud/core/text.h"

namespace redbud::cli {
namespace {

constexpr size_t kMostShown = 20;  // columns and classes

struct Options {
  Path file;
  bool json = false;
};

/// What the values of one tensor look like.
struct Statistics {
  double mean = 0.0;
  double deviation = 0.0;
  double min = 0.0;
  double max = 0.0;
  int64_t not_finite = 0;
  int64_t zeros = 0;  // exactly
};

Statistics statistics_of(std::span<const float> values) {
  Statistics s;
  double sum = 0.0;
  int64_t count = 0;
  for (float v : values) {
    if (!std::isfinite(v)) {
      ++s.not_finite;
      continue;
    }
    if (count == 0) s.min = s.max = v;
    if (v == 0.0F) ++s.zeros;
    s.min = std::min(s.min, static_cast<double>(v));
    s.max = std::max(s.max, static_cast<double>(v));
    sum += v;
    ++count;
  }
  if (count == 0) return s;
  s.mean = sum / static_cast<double>(count);
  double squares = 0.0;
  for (float v : values) {
    if (std::isfinite(v)) squares += (v - s.mean) * (v - s.mean);
  }
  s.deviation = std::sqrt(squares / static_cast<double>(count));
  return s;
}

struct TensorLine {
  const Segment* segment;
  const char* role;
  Statistics statistics;
};

std::vector<TensorLine> tensors_of(const Model& model) {
  std::vector<TensorLine> lines;
  const auto& parameters = model.values.parameters().segments();
  for (size_t i = 0; i < parameters.size(); ++i) {
    lines.push_back({&parameters[i], "parameter", statistics_of(model.values.parameter(static_cast<int>(i)))});
  }
  const auto& buffers = model.values.buffers().segments();
  for (size_t i = 0; i < buffers.size(); ++i) {
    lines.push_back({&buffers[i], "buffer", statistics_of(model.values.buffer(static_cast<int>(i)))});
  }
  return lines;
}

ConfigValue shape_list(const Shape& shape) {
  ConfigValue::List list;
  for (int64_t extent : shape) list.emplace_back(extent);
  return list;
}

ConfigValue names_list(const std::vector<std::string>& names) {
  ConfigValue::List list;
  for (const std::string& name : names) list.emplace_back(name);
  return list;
}

ConfigValue to_record(const Model& model, const std::vector<TensorLine>& lines) {
  ConfigValue::List tensors;
  for (const TensorLine& line : lines) {
    ConfigValue tensor;
    tensor.set("name", line.segment->name);
    tensor.set("role", line.role);
    tensor.set("shape", shape_list(line.segment->shape));
    tensor.set("mean", line.statistics.mean);
    tensor.set("std", line.statistics.deviation);
    tensor.set("min", line.statistics.min);
    tensor.set("max", line.statistics.max);
    tensor.set("not_finite", line.statistics.not_finite);
    tensor.set("zeros", line.statistics.zeros);
    tensors.push_back(std::move(tensor));
  }
  const Schema& schema = model.recipe.schema;
  ConfigValue record;
  record.set("parameters", model.graph.parameter_count());
  record.set("layers", to_config(model.graph));
  record.set("tensors", std::move(tensors));
  record.set("loss", model.loss);
  record.set("features", names_list(model.recipe.feature_names));
  record.set("targets", names_list(schema.target_names));
  record.set("classes", names_list(schema.classes));
  record.set("training", model.training);
  return record;
}

std::string tensor_table(const std::vector<TensorLine>& lines) {
  std::string out = fmt::format("{:<32} {:<10} {:<14} {:>11} {:>11} {:>11} {:>11} {:>10} {:>10}\n", "tensor", "role",
                                "shape", "mean", "std", "min", "max", "not finite", "zeros");
  for (const TensorLine& line : lines) {
    const Statistics& s = line.statistics;
    out += fmt::format("{:<32} {:<10} {:<14} {:>11.4g} {:>11.4g} {:>11.4g} {:>11.4g} {:>10} {:>10}\n",
                       line.segment->name, line.role, to_string(line.segment->shape), s.mean, s.deviation, s.min, s.max,
                       s.not_finite, s.zeros);
  }
  return out;
}

std::string column_line(const Recipe& recipe, const ColumnEncoding& encoding) {
  const Column& column = recipe.schema.columns[static_cast<size_t>(encoding.column)];
  if (column.type == ColumnType::Number) {
    return fmt::format("  {}: number, ({} - {:.6g}) * {:.6g}\n", column.name, "value", encoding.mean, encoding.scale);
  }
  std::string levels;
  for (size_t i = 0; i < column.levels.size() && i < kMostShown; ++i) levels += (i == 0 ? "" : ", ") + column.levels[i];
  if (column.levels.size() > kMostShown) levels += fmt::format(", ... ({} in all)", column.levels.size());
  return fmt::format("  {}: {}, {}\n", column.name, column.type == ColumnType::Boolean ? "boolean" : "category",
                     levels);
}

/// Pictures are scaled alike, the columns of an array each by itself.
std::string array_lines(const Recipe& recipe) {
  const std::string shape = to_string(recipe.schema.sample_shape);
  if (recipe.inputs.empty())
    return fmt::format("  each row {}, (value - {:.6g}) * {:.6g}\n", shape, recipe.pixel_mean, recipe.pixel_scale);
  std::string out = fmt::format("  each row {}\n", shape);
  for (size_t i = 0; i < recipe.inputs.size() && i < kMostShown; ++i) {
    const ColumnEncoding& encoding = recipe.inputs[i];
    out += fmt::format("  x{}: (value - {:.6g}) * {:.6g}\n", encoding.column, encoding.mean, encoding.scale);
  }
  if (recipe.inputs.size() > kMostShown) out += fmt::format("  ... ({} in all)\n", recipe.inputs.size());
  return out;
}

std::string recipe_text(const Recipe& recipe) {
  const Schema& schema = recipe.schema;
  std::string out = fmt::format("inputs: {} features\n", with_thousands(schema.features()));
  if (schema.columns.empty()) out += array_lines(recipe);
  for (const ColumnEncoding& encoding : recipe.inputs) {
    if (!schema.columns.empty()) out += column_line(recipe, encoding);
  }
  std::string targets;
  for (const std::string& name : schema.target_names) targets += (targets.empty() ? "" : ", ") + name;
  if (schema.weight >= 0) {
    out += fmt::format("weight of each row: {}\n", schema.columns[static_cast<size_t>(schema.weight)].name);
  }
  if (schema.task == Task::Regression) return out + fmt::format("target: {} (number)\n", targets);
  if (schema.task == Task::MultiLabel) return out + fmt::format("target: {} (labels, 0 or 1)\n", targets);
  std::string classes;
  for (size_t i = 0; i < schema.classes.size() && i < kMostShown; ++i)
    classes += (i == 0 ? "" : ", ") + schema.classes[i];
  if (schema.classes.size() > kMostShown) classes += ", ...";
  return out + fmt::format("target: {}{}{} classes: {}\n", targets, targets.empty() ? "" : ", ", schema.classes.size(),
                           classes);
}

std::string training_text(const ConfigValue& training) {
  std::string out;
  if (!training.is_table()) return out;
  for (const ConfigEntry& section : training.as_table("training")) {
    if (!section.value.is_table()) continue;
    out += fmt::format("\n[{}]\n", section.key);
    for (const ConfigEntry& entry : section.value.as_table(section.key)) {
      if (!entry.value.is_null()) out += fmt::format("{} = {}\n", entry.key, to_toml_value(entry.value));
    }
  }
  return out;
}

int run(Options& options, Console& console) {
  const Model model = load_model(find_model_file(options.file));
  const std::vector<TensorLine> lines = tensors_of(model);
  for (const TensorLine& line : lines) {
    if (line.statistics.not_finite == 0) continue;
    console.warn(fmt::format("tensor {}: {} values are not finite", line.segment->name,
                             with_thousands(line.statistics.not_finite)));
  }
  if (console.json()) {
    console.print_record(to_record(model, lines));
    return kExitOk;
  }
  console.print(model.graph.summary() + "\n");
  console.print(tensor_table(lines) + "\n");
  console.print(
      fmt::format("loss: {}\n", model.loss.is_text() ? model.loss.as_text("loss") : to_toml_value(model.loss)));
  console.print(recipe_text(model.recipe));
  console.print(training_text(model.training));
  return kExitOk;
}

}  // namespace

Command inspect_command() {
  return CommandBuilder<Options>("inspect", "Show a model: layers, shapes, parameters, statistics, recipe, training",
                                 run)
      .argument("FILE", &Options::file, "model file, or the folder of a run, which stands for its best model")
      .flag("--json", &Options::json, "one JSON object on stdout")
      .example("  redbud inspect runs/adult\n")
      .build();
}

}  // namespace redbud::cli
