#include "redbud/cli/prediction_writer.h"

#include <algorithm>
#include <cmath>

#include "redbud/cli/csv_writer.h"
#include "redbud/core/text.h"
#include "redbud/losses/registry.h"

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

PredictionWriter::PredictionWriter(const Model& model, Console& console, bool sampled)
    : recipe_(model.recipe),
      schema_(recipe_.schema),
      console_(console),
      sampled_(sampled),
      are_scores_(loss_from_config(model.loss)->link() == Link::Identity) {
  for (const std::string& name : schema_.classes) class_names_.push_back(csv_field(name));
}

const std::vector<std::string>& PredictionWriter::output_names() const {
  return schema_.task == Task::MultiLabel ? schema_.target_names : schema_.classes;
}

/// The labels that are more likely 1 than 0.
std::vector<std::string> PredictionWriter::labels_of(std::span<const float> outputs) const {
  std::vector<std::string> labels;
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i] > (are_scores_ ? 0.0F : 0.5F)) labels.push_back(schema_.target_names[i]);
  }
  return labels;
}

void PredictionWriter::write_header() {
  if (console_.json()) return;
  std::string line;
  if (schema_.task == Task::Regression) {
    const size_t targets = std::max<size_t>(1, schema_.target_names.size());
    for (size_t i = 0; i < targets; ++i) line += (i == 0 ? "" : ",") + csv_field(target(i));
    for (size_t i = 0; sampled_ && i < targets; ++i) line += "," + csv_field(target(i) + "_std");
    return console_.print(line + "\n");
  }
  const std::string prefix = are_scores_ ? "score_" : "p_";
  line = "prediction";
  for (const std::string& name : output_names()) line += "," + csv_field(prefix + name);
  if (sampled_ && schema_.task == Task::MultiLabel) {
    for (const std::string& name : output_names()) line += "," + csv_field(prefix + name + "_std");
  } else if (sampled_) {
    line += are_scores_ ? ",prediction_std" : ",prediction_std,prediction_entropy";
  }
  console_.print(line + "\n");
}

void PredictionWriter::write_row(const Prediction& prediction) {
  if (console_.json()) return console_.print_record(to_record(prediction));
  std::string line;
  if (schema_.task == Task::Regression) line = number_fields(prediction);
  if (schema_.task == Task::Classification) line = class_fields(prediction);
  if (schema_.task == Task::MultiLabel) line = label_fields(prediction);
  console_.print(line + "\n");
}

std::string PredictionWriter::class_fields(const Prediction& prediction) const {
  const size_t top = best(prediction.outputs);
  std::string line = class_names_[top];
  for (float p : prediction.outputs) line += "," + format_number(p);
  if (!sampled_) return line;
  line += "," + format_number(prediction.deviation[top]);
  return are_scores_ ? line : line + "," + format_number(entropy(prediction.outputs));
}

std::string PredictionWriter::label_fields(const Prediction& prediction) const {
  std::string labels;
  for (const std::string& label : labels_of(prediction.outputs)) labels += (labels.empty() ? "" : ";") + label;
  std::string line = csv_field(labels);
  for (float p : prediction.outputs) line += "," + format_number(p);
  for (float deviation : prediction.deviation) line += "," + format_number(deviation);
  return line;
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
  if (schema_.task == Task::Regression) {
    add_numbers(prediction, record);
    return record;
  }
  if (schema_.task == Task::Classification) {
    record.set("prediction", schema_.classes[best(outputs)]);
  } else {
    ConfigValue::List labels;
    for (const std::string& label : labels_of(outputs)) labels.emplace_back(label);
    record.set("prediction", std::move(labels));
  }
  ConfigValue shares{ConfigValue::Table{}};
  for (size_t i = 0; i < outputs.size(); ++i) shares.set(output_names()[i], shortest(outputs[i]));
  record.set(are_scores_ ? "score" : "p", std::move(shares));
  if (sampled_) add_deviation(prediction, record);
  return record;
}

void PredictionWriter::add_numbers(const Prediction& prediction, ConfigValue& record) const {
  for (size_t i = 0; i < prediction.outputs.size(); ++i) record.set(target(i), shortest(number(prediction.outputs, i)));
  for (size_t i = 0; i < prediction.deviation.size(); ++i)
    record.set(target(i) + "_std", shortest(spread(prediction, i)));
}

void PredictionWriter::add_deviation(const Prediction& prediction, ConfigValue& record) const {
  if (schema_.task == Task::Classification) {
    record.set("prediction_std", shortest(prediction.deviation[best(prediction.outputs)]));
    if (!are_scores_) record.set("prediction_entropy", shortest(entropy(prediction.outputs)));
    return;
  }
  ConfigValue deviations{ConfigValue::Table{}};
  for (size_t i = 0; i < prediction.deviation.size(); ++i) {
    deviations.set(output_names()[i], shortest(prediction.deviation[i]));
  }
  record.set("p_std", std::move(deviations));
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
