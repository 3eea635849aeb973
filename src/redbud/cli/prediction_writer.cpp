#include "redbud/cli/prediction_writer.h"

#include <algorithm>
#include <cmath>

#include "redbud/cli/csv_writer.h"
#include "redbud/core/text.h"

namespace redbud::cli {
namespace {

size_t best(std::span<const float> p) { return static_cast<size_t>(std::max_element(p.begin(), p.end()) - p.begin()); }

/// In nats: 0 for a certain class, log(classes) for no idea at all.
float entropy(std::span<const float> p) {
  double sum = 0.0;
  for (float share : p) sum -= share > 0.0F ? static_cast<double>(share) * std::log(static_cast<double>(share)) : 0.0;
  return static_cast<float>(std::max(0.0, sum));
}

/// The number that the CSV has, not the float's longer neighbour in double.
double shortest(float value) { return *parse_number(format_number(value)); }

}  // namespace

PredictionWriter::PredictionWriter(const Recipe& recipe, Console& console, bool sampled)
    : recipe_(recipe), schema_(recipe.schema), console_(console), sampled_(sampled) {
  for (const std::string& name : schema_.classes) class_names_.push_back(csv_field(name));
}

void PredictionWriter::write_header() {
  if (console_.json()) return;
  std::string line;
  if (schema_.task == Task::Classification) {
    line = "prediction";
    for (const std::string& name : schema_.classes) line += "," + csv_field("p_" + name);
    if (sampled_) line += ",prediction_std,prediction_entropy";
  } else {
    const size_t targets = std::max<size_t>(1, schema_.target_names.size());
    for (size_t i = 0; i < targets; ++i) line += (i == 0 ? "" : ",") + csv_field(target(i));
    for (size_t i = 0; sampled_ && i < targets; ++i) line += "," + csv_field(target(i) + "_std");
  }
  console_.print(line + "\n");
}

void PredictionWriter::write_row(const Prediction& prediction) {
  if (console_.json()) return console_.print_record(to_record(prediction));
  const bool classes = schema_.task == Task::Classification;
  console_.print((classes ? class_fields(prediction) : number_fields(prediction)) + "\n");
}

std::string PredictionWriter::class_fields(const Prediction& prediction) const {
  const size_t top = best(prediction.outputs);
  std::string line = class_names_[top];
  for (float p : prediction.outputs) line += "," + format_number(p);
  if (!sampled_) return line;
  return line + "," + format_number(prediction.deviation[top]) + "," + format_number(entropy(prediction.outputs));
}

std::string PredictionWriter::number_fields(const Prediction& prediction) const {
  std::string line;
  for (size_t i = 0; i < prediction.outputs.size(); ++i)
    line += (i == 0 ? "" : ",") + format_number(number(prediction.outputs, i));
  for (size_t i = 0; i < prediction.deviation.size(); ++i) line += "," + format_number(spread(prediction, i));
  return line;
}

ConfigValue PredictionWriter::to_record(const Prediction& prediction) const {
  const std::span<const float> outputs = prediction.outputs;
  ConfigValue record;
  if (schema_.task != Task::Classification) {
    for (size_t i = 0; i < outputs.size(); ++i) record.set(target(i), shortest(number(outputs, i)));
    for (size_t i = 0; i < prediction.deviation.size(); ++i)
      record.set(target(i) + "_std", shortest(spread(prediction, i)));
    return record;
  }
  record.set("prediction", schema_.classes[best(outputs)]);
  ConfigValue shares{ConfigValue::Table{}};
  for (size_t i = 0; i < outputs.size(); ++i) shares.set(schema_.classes[i], shortest(outputs[i]));
  record.set("p", std::move(shares));
  if (!sampled_) return record;
  record.set("prediction_std", shortest(prediction.deviation[best(outputs)]));
  record.set("prediction_entropy", shortest(entropy(outputs)));
  return record;
}

/// In the target's own units.
float PredictionWriter::number(std::span<const float> outputs, size_t i) const {
  return static_cast<float>(recipe_.target_mean[i] + recipe_.target_scale[i] * static_cast<double>(outputs[i]));
}

float PredictionWriter::spread(const Prediction& prediction, size_t i) const {
  return static_cast<float>(recipe_.target_scale[i] * static_cast<double>(prediction.deviation[i]));
}

std::string PredictionWriter::target(size_t i) const {
  return schema_.target_names.size() < 2 ? "prediction" : schema_.target_names[i];
}

}  // namespace redbud::cli
